"""Lowering: round trips of real and generated documents, and refusals."""

import io
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from lxml import etree

from europass_ld.documents import find_sources, read_document
from europass_ld.errors import LiftError, UnmappableValue, UnmappedElement
from europass_ld.lift import lower
from tests.shared import ROOT, corpus

from .lifting import GOLDEN, SETTINGS, lifted

REAL = [
    "loq/official_HEAD_v3.1.0_loq.xml",
    "loq/official_HEAD_v3.1.0_loq_withLearningAchievementSpecification.xml",
    "loq/official_hist_2024-01-18_ff8b05e_loq.xml",
    "loq/oph_fi_unit_test_records_ELM3.1.xml",
    "loq/oph_fi_unit_test_records_ELM3.3.xml",
    "ams/official_HEAD_v3.1.0_ams.xml",
]


def lowered(text: str, version: str) -> tuple[str, bytes]:
    """Lower N-Triples text; return the family and the XML."""
    out = io.BytesIO()
    family = lower(ox.parse(input=text, format=ox.RdfFormat.N_TRIPLES), out, version=version)
    return family, out.getvalue()


def elements(xml: bytes) -> Counter[tuple[str, str]]:
    """Count the elements by name and identity: id, reference, code, or language."""
    keys = ("id", "idref", "uri", "language")
    return Counter(
        (element.tag, next((element.get(key) for key in keys if element.get(key)), "").lower())
        for element in etree.fromstring(xml).iter(etree.Element)
    )


def round_trip(path: Path, tmp_path: Path, version: str) -> bytes:
    """Assert that XML → RDF → XML → RDF changes nothing; return the lowered XML."""
    text = lifted(path)
    _, xml = lowered(text, version)
    again = tmp_path / "again.xml"
    again.write_bytes(xml)
    assert lifted(again).splitlines() == text.splitlines()
    assert elements(xml) == elements(path.read_bytes())
    return xml


@pytest.mark.parametrize("name", ["loq", "ams"])
def test_golden_round_trip(name: str, tmp_path: Path) -> None:
    """Number and order of all elements and all triples survive the way there and back."""
    round_trip(GOLDEN / f"{name}.xml", tmp_path, "3.3" if name == "ams" else "3.1")


@pytest.mark.parametrize("name", REAL)
def test_real_documents_round_trip(name: str, tmp_path: Path) -> None:
    """Official and Finnish documents survive, and the lowered XML is officially valid."""
    path = corpus() / name
    version = "3.3" if "3.3" in name else "3.1"
    xml = round_trip(path, tmp_path, version)
    family = name.partition("/")[0]
    schema = corpus() / "official" / f"elm-{version}" / "xsd" / family / f"{family}.xsd"
    etree.XMLSchema(etree.parse(schema)).assertValid(etree.fromstring(xml))


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path in (ROOT / "data" / "samples").rglob("*.xml")
        if "broken" not in path.parts  # those are meant to be refused
    ),
    ids=lambda path: "-".join(path.parts[-3:]),
)
def test_samples_round_trip(path: Path, tmp_path: Path) -> None:
    """Our own samples survive, whatever namespace, prefix or encoding they came in."""
    (source,) = find_sources([path], SETTINGS)
    round_trip(path, tmp_path, read_document(source).version)


def test_order_survives_a_store(tmp_path: Path) -> None:
    """Nested nodes come back in their order even from a store, which keeps none."""
    path = GOLDEN / "loq.xml"
    store = ox.Store()
    store.load(input=lifted(path), format=ox.RdfFormat.N_TRIPLES)
    out = io.BytesIO()
    lower(store, out)
    again = tmp_path / "again.xml"
    again.write_bytes(out.getvalue())
    assert set(lifted(again).splitlines()) == set(lifted(path).splitlines())


def test_source_forms_are_restored() -> None:
    """With the lexical forms of the log, a literal comes back as its publisher wrote it."""
    subject, duration = "https://e.example/o", "http://data.europa.eu/snb/model/elm/duration"
    text = (
        f"<{subject}> a <http://data.europa.eu/snb/model/elm/LearningOpportunity> ;"
        f' <{duration}> "P1Y"^^<http://www.w3.org/2001/XMLSchema#duration> .'
    )
    out = io.BytesIO()
    lower(
        ox.parse(input=text, format=ox.RdfFormat.TURTLE),
        out,
        lexical={(subject, duration, "P1Y"): "P12M"},
    )
    assert b"<duration>P12M</duration>" in out.getvalue()


PREFIXES = "PREFIX elm: <http://data.europa.eu/snb/model/elm/> PREFIX : <https://e.example/> "


@pytest.mark.parametrize(
    ("turtle", "error", "words"),
    [
        (":a a :Thing .", LiftError, "no LOQ or AMS record"),
        (":a a elm:Agent ; :unknown 1 .", UnmappedElement, "no element for"),
        (":a a elm:Agent ; elm:modified 1 .", UnmappedElement, "elm:modified"),
        (':q a elm:Qualification ; elm:volumeOfLearning "P1Y" .', UnmappableValue, "duration"),
        (":a a elm:Agent . :note a elm:Note .", UnmappedElement, "no record"),
    ],
)
def test_nothing_is_left_out_in_silence(turtle: str, error: type[LiftError], words: str) -> None:
    """RDF that the table cannot write raises, and the message names it."""
    triples = ox.parse(input=PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
    with pytest.raises(error, match=words):
        lower(triples, io.BytesIO())
