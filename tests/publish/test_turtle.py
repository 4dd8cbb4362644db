"""Documents in all formats: equal triples, used prefixes, the same bytes each time."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.formats import RDF_FORMATS, Format, by_name
from europass_ld.publish.serialization import parts_of, serialize
from europass_ld.terms import PREFIXES

_SPACES = sorted(PREFIXES.values())
_names = st.sampled_from(
    ["title", "a-b", "a.b", "1x", "", "ä", "x%20y", "a(b)", "_", "true", "x/y"]
)
_iris = st.builds(
    lambda space, name: ox.NamedNode(space + name),
    st.sampled_from([*_SPACES, "https://x.example/p#", "urn:x:"]),
    _names,
)
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
_literals = st.one_of(
    _texts.map(ox.Literal),
    st.builds(lambda text: ox.Literal(text, language="fi"), _texts),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), _texts, _iris),
)
_triples = st.lists(st.builds(ox.Triple, _iris, _iris, _literals | _iris), max_size=12)
_ORDINARY = {"ttl", "trig", "nt", "nq", "jsonld"}


def _lines(triples: list[ox.Triple]) -> str:
    return "".join(f"{one} .\n" for one in triples)


@pytest.mark.parametrize("format_", [one for one in RDF_FORMATS if one.name in _ORDINARY])
@given(_triples)
@settings(max_examples=60)
def test_any_triples_come_back(format_: Format, triples: list[ox.Triple]) -> None:
    """Whatever stands in literals and IRIs: what is written says what was given."""
    written = serialize([("https://g.example/", _lines(triples))], format_)
    assert isinstance(format_.oxigraph, ox.RdfFormat)
    assert {one.triple for one in ox.parse(written, format=format_.oxigraph)} == set(triples)


def test_rdf_xml() -> None:
    """RDF/XML says the same, with the prefixes in use and no others."""
    line = '<https://x/1> <http://purl.org/dc/terms/title> "a & <b> xmlns:c=\\"d\\""@en .\n'
    written = serialize([("https://g/", line)], _format("rdfxml"))
    (quad,) = ox.parse(written, format=ox.RdfFormat.RDF_XML)
    assert str(quad.triple) + " .\n" == line
    assert b"xmlns:dct=" in written
    assert b"xmlns:elm=" not in written


def test_turtle_is_grouped_and_prefixed() -> None:
    """One block for each subject, `a` for types, only prefixes in use, in the table's order."""
    lines = (
        '<https://x/1> <http://purl.org/dc/terms/title> "a"@en .\n'
        '<https://x/2> <http://purl.org/dc/terms/title> "b" .\n'
        f"<https://x/1> <{PREFIXES['rdf']}type> <{PREFIXES['elm']}Qualification> .\n"
        f'<https://x/1> <{PREFIXES["dct"]}modified> "2025"^^<{PREFIXES["xsd"]}gYear> .\n'
        '<https://x/1> <http://purl.org/dc/terms/title> "c"@fi .\n'
        '<https://x/1> <http://purl.org/dc/terms/title> "c"@fi .\n'
    )
    assert serialize([("https://g/", lines)], _format("ttl")).decode() == (
        "@prefix elm: <http://data.europa.eu/snb/model/elm/> .\n"
        "@prefix dct: <http://purl.org/dc/terms/> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"
        '<https://x/1> dct:title "a"@en , "c"@fi ;\n'
        "\ta elm:Qualification ;\n"
        '\tdct:modified "2025"^^xsd:gYear .\n'
        '<https://x/2> dct:title "b" .\n'
    )


def test_named_graphs_are_kept_or_merged() -> None:
    """TriG and N-Quads say who states what; the others say each thing once."""
    line = '<https://x/1> <https://x/p> "a" .\n'
    parts = [("https://g/1", line), ("https://g/2", line)]
    for format_ in RDF_FORMATS:
        assert isinstance(format_.oxigraph, ox.RdfFormat)
        quads = list(ox.parse(serialize(parts, format_), format=format_.oxigraph))
        assert len(quads) == (2 if format_.name in {"trig", "nq"} else 1)
        assert {str(quad.triple) for quad in quads} == {line.removesuffix(" .\n")}


def test_the_same_bytes_each_time() -> None:
    """A strong entity tag promises it."""
    lines = "".join(f'<https://x/1> <{space}p> "v"^^<{space}D> .\n' for space in PREFIXES.values())
    for format_ in RDF_FORMATS:
        assert len({serialize([("https://g/", lines)], format_) for _ in range(5)}) == 1


def test_parts_of_quads() -> None:
    """Quads are put together by their graphs; the default graph is a copy and left out."""
    one, two = ox.NamedNode("https://x/1"), ox.NamedNode("https://x/2")
    quads = [ox.Quad(one, two, ox.Literal("a"), two), ox.Quad(one, two, ox.Literal("b"))]
    assert parts_of(quads) == [("https://x/2", '<https://x/1> <https://x/2> "a" .\n')]


def _format(name: str) -> Format:
    found = by_name(name)
    assert found is not None
    return found
