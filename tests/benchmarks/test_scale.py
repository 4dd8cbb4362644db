"""For scale: what else could do parts of the work. Nothing is asserted but that it was done."""

import os
import subprocess
import time
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from europass_ld import resources
from europass_ld.documents import RecordStream, find_sources, read_document
from europass_ld.ingest import lift_document
from europass_ld.validate.structure import StructureValidator
from tests.lift.test_xslt_oracle import STYLESHEET

from .conftest import Documents, Report
from .measure import SIZES, Figure, best, duration
from .one_pass import SETTINGS
from .rml import rml_mapping

pytestmark = pytest.mark.benchmark

MORPH_KGC = "MORPH_KGC_PYTHON"


def lift(path: Path) -> int:
    """Lift a document and return how many triples it makes."""
    (source,) = find_sources([path], SETTINGS)
    return sum(text.count("\n") for text in lift_document(source, SETTINGS))


def validate(path: Path) -> None:
    """Check the structure of every record."""
    (source,) = find_sources([path], SETTINGS)
    document = read_document(source)
    structure = StructureValidator("loq", document.version, document.namespace)
    stream = RecordStream(document)
    assert not any(structure.record(record.element) for record in stream)
    assert stream.skeleton is not None
    assert not structure.skeleton(stream.skeleton)


def test_xslt(documents: Documents, report: Report) -> None:
    """The same mapping as XSLT 1.0, applied to each record."""
    size = min(10, SIZES[-1])
    path = documents(size)
    oracle = etree.XSLT(etree.parse(STYLESHEET), access_control=etree.XSLTAccessControl.DENY_ALL)
    (source,) = find_sources([path], SETTINGS)

    def transform() -> int:
        stream = RecordStream(read_document(source))
        return sum(str(oracle(record.element)).count("\n") for record in stream)

    assert transform() >= lift(path) > 0  # XSLT says more than once what type a concept has
    seconds = best({"ours": lambda: lift(path), "theirs": transform}, 5)
    compare(report, f"structure and lifting, {size:g} MB, CPU", "XSLT per record", seconds)


def test_xmlschema(documents: Documents, report: Report) -> None:
    """The same structural schema in xmlschema, which is pure Python."""
    path = documents(1)
    schema = xmlschema.XMLSchema(str(resources.find("schemas") / "loq-3.1.xsd"))
    assert schema.is_valid(str(path))
    seconds = best(
        {"ours": lambda: validate(path), "theirs": lambda: schema.is_valid(str(path))}, 3
    )
    compare(report, "structure, 1 MB, CPU", "xmlschema", seconds)


def test_morph_kgc(documents: Documents, report: Report, tmp_path: Path) -> None:
    """Morph-KGC with an RML mapping of what it can map: no nested nodes, no language tags."""
    python = os.environ.get(MORPH_KGC)
    if python is None:
        pytest.skip(f"{MORPH_KGC} names no Python that has morph-kgc (it needs an old pyoxigraph)")
    path = documents(1)
    (tmp_path / "loq.rml.ttl").write_text(rml_mapping(path), encoding="utf-8")
    output = tmp_path / "morph-kgc.nt"
    (tmp_path / "config.ini").write_text(
        f"[CONFIGURATION]\noutput_file={output}\nnumber_of_processes=1\n"
        f"[LOQ]\nmappings={tmp_path / 'loq.rml.ttl'}\n",
        encoding="utf-8",
    )

    def materialise() -> None:
        command = [python, "-m", "morph_kgc", str(tmp_path / "config.ini")]
        subprocess.run(command, check=True, capture_output=True)

    functions = {"ours": lambda: lift(path), "theirs": materialise}
    seconds = best(functions, 1, clock=time.perf_counter)
    triples = output.read_text(encoding="utf-8").count("\n")
    assert triples > 0
    share = f"Morph-KGC, {triples / lift(path):.0%} of the triples"
    compare(report, "structure and lifting, 1 MB, wall", share, seconds)


def compare(report: Report, what: str, other: str, seconds: dict[str, float]) -> None:
    """Report how many times as long theirs takes."""
    ours, theirs = seconds["ours"], seconds["theirs"]
    report(Figure(what, duration(ours), other, duration(theirs), theirs / ours))
