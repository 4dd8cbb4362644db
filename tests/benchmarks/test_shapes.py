"""Shapes on a document of about 500 triples, against pySHACL on the same text."""

import time

import pytest

from europass_ld.documents import RecordStream, find_sources, read_document
from europass_ld.lift import Lifter
from europass_ld.validate.batches import RecordText, check_records
from europass_ld.validate.report import ValidationReport
from europass_ld.validate.shapes import load_validator
from tests.shared import ROOT

from .conftest import Report
from .measure import Figure, best, duration
from .one_pass import SETTINGS

pytestmark = pytest.mark.benchmark

SAMPLE = ROOT / "data" / "samples" / "de-bildungsangebote" / "sachsen.xml"
MOST_SECONDS = 0.004
LEAST_TIMES = 40


def test_shapes(report: Report) -> None:
    """From N-Triples text to a report in less than 4 ms, and forty times as fast as pySHACL."""
    (source,) = find_sources([SAMPLE], SETTINGS)
    document = read_document(source)
    lifter = Lifter(document.table, document.namespace, SETTINGS.base)
    lifted = [lifter.record(record.element) for record in RecordStream(document)]
    records = [RecordText(one.iri, one.triples, source.name, one.line) for one in lifted]
    kinds = {one.iri: one.class_iri for one in lifted}
    text = "".join(one.triples for one in lifted)
    engine, peer = load_validator("loq", "shacl"), load_validator("loq", "pyshacl")

    def ours() -> ValidationReport:
        return ValidationReport.collect(check_records(records, kinds, engine), 1_000)

    assert len(ours().findings) == len(engine.validate(text)) == len(peer.validate(text))
    seconds = best(
        {"ours": ours, "pySHACL": lambda: peer.validate(text)}, 15, clock=time.perf_counter
    )
    ratio = seconds["pySHACL"] / seconds["ours"]
    report(
        Figure(
            f"shapes, {len(text.splitlines())} triples to a report",
            duration(seconds["ours"]),
            "pySHACL",
            duration(seconds["pySHACL"]),
            ratio,
            f"≥ {LEAST_TIMES} x, ≤ {duration(MOST_SECONDS)}",
        )
    )
    assert seconds["ours"] <= MOST_SECONDS
    assert ratio >= LEAST_TIMES
