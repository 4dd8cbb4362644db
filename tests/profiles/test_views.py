"""Records as schema.org, as a plain nested object, and by their labels only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from europass_ld.profiles import framed, labels, schema_org
from europass_ld.store import Reader
from europass_ld.terms import RDF_TYPE, expand
from europass_ld.vocabularies import load_code_lists

from .stores import live

GOLDEN = Path(__file__).parent / "golden"
CODE_LISTS = load_code_lists()
FRENCH = "https://donnees.formations.example/"
SHOWN = {
    "opportunity": f"{FRENCH}offre/1104",
    "opportunity-of-a-qualification": f"{FRENCH}offre/1101",
    "programme": f"{FRENCH}certification/micro-python",
    "specification": f"{FRENCH}certification/laisse-de-mer",
    "organisation": f"{FRENCH}organisme/fromagerie",
    "accreditation": f"{FRENCH}accreditation/ecole-2019",
}
Document = dict[str, Any]
View = Callable[[Reader, str], Document | None]


def as_schema_org(reader: Reader, iri: str) -> Document | None:
    """Return a record as schema.org."""
    return schema_org(reader, CODE_LISTS, iri)


def as_framed(reader: Reader, iri: str) -> Document:
    """Return a record as a plain object."""
    return framed(reader.describe(iri)[0].record.triples, [iri])


VIEWS: dict[str, View] = {"schema": as_schema_org, "framed": as_framed}


def written(document: Document | None) -> str:
    """Write a document as the golden files have it."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("view", VIEWS)
def test_golden(reader: Reader, name: str, view: str) -> None:
    """Each kind of record looks as it was read and approved."""
    golden = GOLDEN / f"{name}.{view}.json"
    assert written(VIEWS[view](reader, SHOWN[name])) == golden.read_text("utf-8")


def test_framed_says_what_the_record_says(reader: Reader) -> None:
    """From every object any JSON-LD processor gets the very triples of the record."""
    for _, record in live(reader):
        document = json.dumps(framed(record.triples, [record.iri]))
        assert set(ox.parse(document, format=ox.RdfFormat.JSON_LD)) == set(
            ox.parse(record.triples, format=ox.RdfFormat.N_TRIPLES)
        )


def test_framed_for_another_processor(reader: Reader) -> None:
    """So does a processor of other people: rdflib."""
    iri = SHOWN["opportunity"]
    record = reader.describe(iri)[0].record
    graph = Graph().parse(data=json.dumps(framed(record.triples, [iri])), format="json-ld")
    stated = Graph().parse(data=record.triples, format="nt")
    assert isomorphic(graph, stated)


def test_framed_nodes_that_refer_to_each_other() -> None:
    """A cycle is closed by an IRI, and texts without a language or of two kinds are kept."""
    a, b, title = "https://e.example/a", "https://e.example/b", expand("dct:title")
    lines = (
        f"<{a}> <{expand('elm:hasPart')}> <{b}> .\n"
        f"<{b}> <{expand('elm:isPartOf')}> <{a}> .\n"
        f'<{a}> <{title}> "x"@en .\n<{a}> <{title}> "y" .\n'
        f'<{a}> <https://e.example/other> "1"^^<{expand("xsd:integer")}> .\n'
        f'<{a}> <{expand("elm:duration")}> "long" .\n'
    )
    document = framed(lines, [a])
    assert document["hasPart"] == {"id": b, "isPartOf": a}
    assert set(ox.parse(json.dumps(document), format=ox.RdfFormat.JSON_LD)) == set(
        ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)
    )


def test_framed_several(reader: Reader) -> None:
    """Several things stand side by side."""
    iris = [SHOWN["opportunity"], SHOWN["programme"]]
    lines = "".join(reader.describe(iri)[0].record.triples for iri in iris)
    graph = framed(lines, iris)["@graph"]
    assert isinstance(graph, list)
    assert [one["id"] for one in graph] == iris


def test_every_course_has_what_its_publisher_said(reader: Reader) -> None:
    """Name, description, provider and instance, which search engines ask for, get there."""
    courses = 0
    for dataset, record in live(reader):
        if record.type != expand("elm:LearningOpportunity"):
            continue
        course = schema_org(reader, CODE_LISTS, record.iri, dataset=dataset)
        assert course is not None
        assert course["@type"] == "Course"
        assert course["name"]
        assert course["provider"]
        assert ("description" in course) == (expand("dct:description") in record.triples)
        instance = course["hasCourseInstance"]
        assert isinstance(instance, dict)
        assert instance["@id"] == record.iri
        courses += 1
    assert courses == 12


def test_only_known_classes_have_a_view(reader: Reader) -> None:
    """Places, outcomes and groups are no things that schema.org has a word of ours for."""
    kinds = {
        record.type.rpartition("/")[2]
        for dataset, record in live(reader)
        if schema_org(reader, CODE_LISTS, record.iri, dataset=dataset)
    }
    assert kinds == {
        "Accreditation",
        "LearningAchievementSpecification",
        "LearningOpportunity",
        "Organisation",
        "Qualification",
    }


def test_a_decision_that_nobody_can_read_is_no_certification(reader: Reader) -> None:
    """An accreditation whose decision may be a refusal is not told to search engines."""
    with_decision = [
        (dataset, record)
        for dataset, record in live(reader)
        if record.type == expand("elm:Accreditation") and expand("elm:decision") in record.triples
    ]
    assert with_decision
    for dataset, record in with_decision:
        assert schema_org(reader, CODE_LISTS, record.iri, dataset=dataset) is None


def test_labels_name_everything_and_say_nothing_else(reader: Reader) -> None:
    """The record, its codes and the records it refers to have their names and classes."""
    record = reader.describe(SHOWN["opportunity"])[0].record
    quads = list(
        ox.parse(labels(reader, CODE_LISTS, record.triples), format=ox.RdfFormat.N_TRIPLES)
    )
    assert {quad.predicate.value for quad in quads} <= {
        RDF_TYPE,
        *map(expand, ("rdfs:label", "skos:prefLabel", "skos:altLabel")),
    }
    named = {str(quad.subject) for quad in quads if quad.predicate.value != RDF_TYPE}
    assert f"<{record.iri}>" in named
    assert f"<{SHOWN['specification']}>" not in named
    assert f"<{FRENCH}certification/soudage-robot>" in named
    assert "<http://data.europa.eu/snb/learning-assessment/9191af2ed9>" in named
    assert "genid" not in str(quads)
