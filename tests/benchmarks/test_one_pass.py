"""One pass over a document, against reading the same XML and doing nothing."""

from pathlib import Path

import pytest
from lxml import etree

from europass_ld.mapping import load_mapping
from europass_ld.vocabularies import load_code_lists

from .conftest import Documents, Report
from .measure import SIZES, Figure, best, duration, in_child
from .one_pass import one_pass

pytestmark = pytest.mark.benchmark

LOQ = load_mapping("loq")
RECORDS = [f"{{{LOQ.namespace('3.1')}}}{name}" for name in LOQ.records]
MOST_TIMES = 5.0
MOST_MEGABYTES = 120
MOST_GROWTH = 30
"""Megabytes: the identifiers of a document stay in memory, to check references with."""


def iterate(path: Path) -> None:
    """Read every element and forget it."""
    for _, element in etree.iterparse(path):
        element.clear()


def iterate_records(path: Path) -> None:
    """Read every record and forget it."""
    for _, element in etree.iterparse(path, tag=RECORDS):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def test_cpu(documents: Documents, report: Report) -> None:
    """Everything that is done for a record costs at most five times what reading it costs."""
    size = min(10, SIZES[-1])
    path, code_lists = documents(size), load_code_lists()
    seconds = best(
        {
            "ours": lambda: one_pass(path, code_lists),
            "iterparse, every element": lambda: iterate(path),
            "iterparse, records only": lambda: iterate_records(path),
        },
        repetitions=9,
    )
    ours = seconds.pop("ours")
    targets = {"iterparse, every element": f"≤ {MOST_TIMES:g} x (goal 4 x)"}
    for name, theirs in seconds.items():
        what = f"one pass, {size:g} MB, CPU"
        ratio, target = ours / theirs, targets.get(name, "")
        report(Figure(what, duration(ours), name, duration(theirs), ratio, target))
    assert ours <= MOST_TIMES * seconds["iterparse, every element"]


def test_memory(documents: Documents, report: Report) -> None:
    """Memory hardly depends on the size of the document."""
    peaks = {size: in_child("one_pass", documents(size))["megabytes"] for size in SIZES}
    for size, peak in peaks.items():
        target = f"≤ {MOST_MEGABYTES} MB"
        report(Figure(f"one pass, {size:g} MB, peak memory", f"{peak:.0f} MB", target=target))
    assert max(peaks.values()) <= MOST_MEGABYTES
    assert peaks[SIZES[-1]] - peaks[SIZES[0]] <= MOST_GROWTH
