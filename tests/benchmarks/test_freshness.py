"""How soon a small change of a large dataset is seen by those who ask."""

import os

import pytest

from .conftest import Documents, Report
from .measure import Figure, duration, in_child

pytestmark = pytest.mark.benchmark

MEGABYTES = float(os.environ.get("BENCHMARK_FRESHNESS_MEGABYTES", "500"))
"""500 MB are some 235,000 records."""
MOST_SECONDS = 60.0
CHANGED = 0.01
ASSERTED = 500


def test_freshness(documents: Documents, report: Report) -> None:
    """A version with 1 % changed is seen everywhere in the time to read the file and a minute."""
    first, second = documents(MEGABYTES), documents(MEGABYTES, changed_share=CHANGED)
    found = in_child("freshness", first, second)
    records, read = found.pop("records"), found.pop("read")
    for kind, seconds in found.items():
        target = f"≤ {duration(read)} + {MOST_SECONDS:g} s" if kind != "command" else ""
        what = f"1 % changed, {MEGABYTES:g} MB, {records:,} records, seen by {kind}"
        report(Figure(what, duration(seconds), "reading the file", duration(read), target=target))
    del found["command"]
    assert MEGABYTES < ASSERTED or max(found.values()) <= read + MOST_SECONDS
