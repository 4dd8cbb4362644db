"""Lifting compared with an XSLT of the same mapping, which knows nothing of `mappings/`."""

import gzip
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from lxml import etree

from europass_ld.lift.literals import canonical
from europass_ld.terms import GENID_PATH, PREFIXES
from tests.shared import ROOT, corpus
from tests.tools.generate_loq import generate

from .lifting import GOLDEN, SETTINGS, lifted

STYLESHEET = Path(__file__).parent / "xslt" / "lift.xsl"
SAMPLES = sorted(
    path for path in ROOT.glob("data/samples/**/*.xml*") if path.parent.name != "broken"
)
OLD = "official_hist_2023-04-28_8592218_ams.xml"
"""Written for 3.0.0, with an element (mailbox) that no later version has: neither way lifts it."""

NESTED = re.compile(rf"<{re.escape(SETTINGS.base + GENID_PATH)}([0-9a-f]+)(?:\.(\d+))?>")


@pytest.fixture(scope="module")
def oracle() -> etree.XSLT:
    """Return the stylesheet, with no way to files or the network."""
    return etree.XSLT(etree.parse(STYLESHEET), access_control=etree.XSLTAccessControl.DENY_ALL)


def canonical_quad(quad: ox.Quad) -> ox.Quad:
    """Give a typed literal the form that lifting gives it; everything else stays."""
    value = quad.object
    if not isinstance(value, ox.Literal) or not value.datatype.value.startswith(PREFIXES["xsd"]):
        return quad
    text = canonical(value.value, value.datatype.value.removeprefix(PREFIXES["xsd"]))
    return ox.Quad(quad.subject, quad.predicate, ox.Literal(text, datatype=value.datatype))


def canonical_lines(text: str) -> set[str]:
    """Return the triples of N-Triples text, blank nodes named by RDFC-1.0."""
    quads = ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
    graph = ox.Dataset(canonical_quad(quad) for quad in quads)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in graph}


def compare(path: Path, oracle: etree.XSLT) -> None:
    """Assert that both ways of lifting give the same graph, and that there is one."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        document = etree.parse(stream, etree.XMLParser(remove_comments=True, remove_pis=True))
    expected = canonical_lines(str(oracle(document)))
    actual = canonical_lines(NESTED.sub(r"_:n\1n\2", lifted(path)))
    assert expected
    assert sorted(actual - expected) == sorted(expected - actual) == []


@pytest.mark.parametrize("name", ["loq.xml", "ams.xml"])
def test_golden_documents(name: str, oracle: etree.XSLT) -> None:
    """The documents with every kind of value become the same graph both ways."""
    compare(GOLDEN / name, oracle)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_samples(path: Path, oracle: etree.XSLT) -> None:
    """Our samples become the same graph both ways."""
    compare(path, oracle)


@pytest.mark.parametrize("version", ["3.1", "3.3"])
def test_generated_document(version: str, oracle: etree.XSLT, tmp_path: Path) -> None:
    """A document with every element of every class becomes the same graph both ways."""
    generate(tmp_path / "courses.xml", 200_000, version=version)
    compare(tmp_path / "courses.xml", oracle)


def test_real_documents(oracle: etree.XSLT) -> None:
    """Real documents of both families become the same graph both ways."""
    found = [path for family in ("loq", "ams") for path in (corpus() / family).glob("*.xml")]
    documents = [path for path in found if path.name != OLD]
    assert len(documents) == len(found) - 1 == 6
    for path in documents:
        compare(path, oracle)


def test_the_oracle_can_disagree(tmp_path: Path) -> None:
    """A stylesheet with one wrong property is caught, so agreement means something."""
    wrong = STYLESHEET.read_text(encoding="utf-8").replace(" homepage member ", " member ")
    (tmp_path / "wrong.xsl").write_text(wrong, encoding="utf-8")
    with pytest.raises(AssertionError):
        compare(GOLDEN / "loq.xml", etree.XSLT(etree.parse(tmp_path / "wrong.xsl")))
