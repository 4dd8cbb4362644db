"""Lifting: golden files, and what becomes of values that do not fit."""

import pyoxigraph as ox
import pytest
from lxml import etree

from europass_ld.errors import LimitExceeded
from europass_ld.lift import LiftedRecord, Lifter
from europass_ld.mapping import load_mapping
from europass_ld.terms import RDF_TYPE, expand

from .lifting import GOLDEN, lifted

NAMESPACE = load_mapping("loq").namespace("3.1")


def lift_record(xml: str, *, max_text_length: int = 1000) -> LiftedRecord:
    """Lift one record given as XML without namespace declarations."""
    declared = xml.replace(
        ">", f' xmlns="{NAMESPACE}" xmlns:skos="http://www.w3.org/2004/02/skos/core#">', 1
    )
    lifter = Lifter(
        load_mapping("loq"), NAMESPACE, "https://x.example/", max_text_length=max_text_length
    )
    return lifter.record(etree.fromstring(declared))


@pytest.mark.parametrize("name", ["loq", "ams"])
def test_golden_files(name: str) -> None:
    """Every kind of value becomes exactly the triples in the golden file, line by line."""
    expected = (GOLDEN / f"{name}.nt").read_text(encoding="utf-8")
    assert lifted(GOLDEN / f"{name}.xml").splitlines() == expected.splitlines()


@pytest.mark.parametrize("name", ["loq", "ams"])
def test_golden_triples_are_stored_as_written(name: str) -> None:
    """A store gives back every lifted triple unchanged, so log, store and dumps agree."""
    text = lifted(GOLDEN / f"{name}.xml")
    store = ox.Store()
    store.load(input=text, format=ox.RdfFormat.N_TRIPLES)
    assert {f"{quad.triple} ." for quad in store} == set(text.splitlines())


def test_nested_nodes_are_named_by_place() -> None:
    """Equal siblings stay two nodes, and the same record gets the same names again."""
    xml = '<qualification id="https://e.example/q"><homepage/><homepage/></qualification>'
    first, again = lift_record(xml), lift_record(xml)
    nodes = {line.split()[0] for line in first.triples.splitlines() if "WebResource" in line}
    assert len(nodes) == 2
    assert all(node.startswith("<https://x.example/.well-known/genid/") for node in nodes)
    assert first.triples == again.triples


def test_source_forms_are_kept() -> None:
    """Where the canonical literal differs, the value says how the source wrote it."""
    record = lift_record(
        '<learningOpportunity id="https://e.example/o"><duration>\n P12M\t</duration>'
        "</learningOpportunity>"
    )
    (number, source), *rest = record.lexical.items()
    assert not rest
    assert source == "P12M"
    assert '"P1Y"' in record.triples.splitlines()[number]


def test_codes_references_and_notations_are_listed() -> None:
    """What others must check comes with the element it stood in."""
    record = lift_record(
        '<qualification id="https://e.example/q"><identifier><skos:notation>7</skos:notation>'
        '</identifier><EQFLevel uri="http://data.europa.eu/snb/eqf/4"/>'
        '<learningOutcome idref="https://e.example/o"/></qualification>'
    )
    assert [(use.child.codes, use.value) for use in record.codes] == [
        (("eqf",), "http://data.europa.eu/snb/eqf/4")
    ]
    assert [(use.child.targets, use.value) for use in record.references] == [
        (("learningOutcome",), "https://e.example/o")
    ]
    assert [use.value for use in record.notations] == ["7"]


@pytest.mark.parametrize(
    ("xml", "path", "value"),
    [
        ('<agent id="not an iri"/>', "", "not an iri"),
        ('<agent id="relative/path"/>', "", "relative/path"),
        ('<agent id="https://e.example/%zz"/>', "", "https://e.example/%zz"),
        (
            '<agent id="https://e.example/a"><location idref="place"/></agent>',
            "location",
            "place",
        ),
        (
            '<agent id="https://e.example/a"><skos:prefLabel language="english!"/></agent>',
            "skos:prefLabel",
            "english!",
        ),
        ('<agent id="https://e.example/a"><unheard/></agent>', "unheard", None),
    ],
)
def test_what_has_no_place_in_rdf_is_a_problem(xml: str, path: str, value: str | None) -> None:
    """Values that no IRI or tag can be made of are told with their path, and make it unusable."""
    xml = xml.replace("/>", "></agent>") if xml.count("<") == 1 else xml
    record = lift_record(xml)
    assert not record.usable
    assert (record.problems[0].path, record.problems[0].value) == (path, value)


def test_what_can_be_mended_is_mended_and_told() -> None:
    """A space in an IRI is percent-encoded, a bare address becomes a mailbox; both are told."""
    record = lift_record(
        '<organisation id="https://e.example/an org"><contactPoint>'
        "<emailAddress>info@e.example</emailAddress></contactPoint></organisation>"
    )
    assert record.usable
    assert record.iri == "https://e.example/an%20org"
    assert "<mailto:info@e.example>" in record.triples
    assert [problem.accepted for problem in record.problems] == [
        "https://e.example/an%20org",
        "a mailbox IRI such as mailto:info@example.org",
    ]


def test_a_text_past_the_limit_is_refused() -> None:
    """The refusal names the limit and its value."""
    with pytest.raises(LimitExceeded, match="max_text_length is 10") as caught:
        lift_record(
            '<agent id="https://e.example/a"><skos:prefLabel language="en">eleven chars'
            "</skos:prefLabel></agent>",
            max_text_length=10,
        )
    assert caught.value.limit == "max_text_length"


def test_every_record_has_its_class() -> None:
    """Each record kind of the table lifts to its own class, with nothing but an id."""
    for name, mapped in load_mapping("loq").records.items():
        record = lift_record(f'<{name} id="https://e.example/1"></{name}>')
        assert record.triples == f"<https://e.example/1> <{RDF_TYPE}> <{mapped.class_iri}> .\n"
    assert load_mapping("loq").records["location"].class_iri == expand("dct:Location")
