"""The JSON-LD context turns plain JSON with the XML's names into the triples that lifting makes."""

import json
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld
from rdflib import Graph

from europass_ld import mapping
from europass_ld.terms import PREFIXES, expand

from .graphs import ONTOLOGY

CONTEXT: dict[str, Any] = json.loads(
    (ONTOLOGY / "context" / "loq-ams.jsonld").read_text(encoding="utf-8"),
)
TERMS: dict[str, Any] = CONTEXT["@context"]

ID = "https://example.org/"
DOCUMENT: dict[str, Any] = {
    **CONTEXT,
    "@graph": [
        {
            "id": f"{ID}opportunity",
            "@type": "LearningOpportunity",
            "title": {"en": "Welding for beginners", "fi": "Hitsauksen alkeet"},
            "homepage": {"id": f"{ID}page", "contentUrl": "https://example.org/welding"},
            "duration": "P3M",
            "applicationDeadline": ["2025-01-31T23:59:00Z", "2025-08-31T23:59:00Z"],
            "priceDetail": {
                "id": f"{ID}price",
                "amount": {
                    "id": f"{ID}amount",
                    "unit": "http://publications.europa.eu/resource/authority/currency/EUR",
                    "value": "120.5",
                },
            },
            "providedBy": f"{ID}school",
            "learningAchievementSpecification": f"{ID}certificate",
        },
        {
            "id": f"{ID}certificate",
            "@type": "Qualification",
            "EQFLevel": {
                "id": "http://data.europa.eu/snb/eqf/4",
                "@type": "Concept",
                "prefLabel": {"en": "Level 4"},
            },
            "isPartialQualification": True,
            "identifier": {
                "id": f"{ID}identifier",
                "notation": {"@value": "W-1", "@type": f"{ID}register"},
            },
        },
        {
            "id": f"{ID}school",
            "@type": "Organisation",
            "legalName": {"en": "Harbour School"},
            "status": "active",
            "contactPoint": {
                "id": f"{ID}contact",
                "emailAddress": {"id": "mailto:info@example.org", "@type": "Mailbox"},
            },
        },
    ],
}
TRIPLES = f"""
@prefix elm: <{PREFIXES["elm"]}> .
@prefix dct: <{PREFIXES["dct"]}> .
@prefix skos: <{PREFIXES["skos"]}> .
@prefix foaf: <{PREFIXES["foaf"]}> .
@prefix rov: <{PREFIXES["rov"]}> .
@prefix adms: <{PREFIXES["adms"]}> .
@prefix rdf: <{PREFIXES["rdf"]}> .
@prefix xsd: <{PREFIXES["xsd"]}> .
@prefix : <{ID}> .

:opportunity a elm:LearningOpportunity ;
    dct:title "Welding for beginners"@en, "Hitsauksen alkeet"@fi ;
    foaf:homepage :page ;
    elm:duration "P3M"^^xsd:duration ;
    elm:applicationDeadline "2025-01-31T23:59:00Z"^^xsd:dateTime,
        "2025-08-31T23:59:00Z"^^xsd:dateTime ;
    elm:priceDetail :price ;
    elm:providedBy :school ;
    elm:learningAchievementSpecification :certificate .
:page elm:contentUrl "https://example.org/welding"^^xsd:anyURI .
:price elm:amount :amount .
:amount elm:unit <http://publications.europa.eu/resource/authority/currency/EUR> ;
    rdf:value "120.5"^^xsd:decimal .
:certificate a elm:Qualification ;
    elm:EQFLevel <http://data.europa.eu/snb/eqf/4> ;
    elm:isPartialQualification true ;
    adms:identifier :identifier .
<http://data.europa.eu/snb/eqf/4> a skos:Concept ; skos:prefLabel "Level 4"@en .
:identifier skos:notation "W-1"^^:register .
:school a elm:Organisation ;
    rov:legalName "Harbour School"@en ;
    elm:status "active" ;
    elm:contactPoint :contact .
:contact elm:emailAddress <mailto:info@example.org> .
<mailto:info@example.org> a elm:Mailbox .
"""


def _canonical(text: str, syntax: ox.RdfFormat) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(text, format=syntax)}


EXPECTED = _canonical(TRIPLES, ox.RdfFormat.TURTLE)


def test_pyld_expands_to_the_expected_triples() -> None:
    """The reference processor of JSON-LD 1.1 gets the triples, no more and no less."""
    nquads = jsonld.to_rdf(DOCUMENT, {"format": "application/n-quads"})
    assert _canonical(nquads, ox.RdfFormat.N_QUADS) == EXPECTED


def test_oxigraph_expands_to_the_same() -> None:
    """The server's own engine agrees: the context has no type-scoped part, where it would fail."""
    assert _canonical(json.dumps(DOCUMENT), ox.RdfFormat.JSON_LD) == EXPECTED


def test_rdflib_expands_to_the_same() -> None:
    """So does the library that most researchers use (both sides in its normal form of dates)."""
    graph = Graph().parse(data=json.dumps(DOCUMENT), format="json-ld")
    assert set(graph) == set(Graph().parse(data=TRIPLES, format="turtle"))


def test_compaction_gives_the_plain_keys_back() -> None:
    """From RDF, the same context leads to the same JSON: no prefixed key, no value object left."""
    nquads = jsonld.to_rdf(DOCUMENT, {"format": "application/n-quads"})
    expanded = jsonld.from_rdf(nquads, {"useNativeTypes": False})
    compacted = jsonld.compact(expanded, CONTEXT)
    keys = {key for node in compacted["@graph"] for key in node}
    assert keys <= {"id", "@type", *TERMS}
    assert not [key for key in keys if ":" in key]
    by_id = {node["id"]: node for node in compacted["@graph"]}
    opportunity, school = by_id[f"{ID}opportunity"], by_id[f"{ID}school"]
    assert opportunity["title"] == DOCUMENT["@graph"][0]["title"]
    assert opportunity["duration"] == "P3M"
    assert opportunity["providedBy"] == f"{ID}school"
    assert school["status"] == "active"


def _expected_term(child: mapping.Child) -> object:
    """Return how the context must define a child of the mapping, by the kind of its value."""
    if child.kind in {"string", "notation"}:
        return child.property
    if child.kind == "text":
        return {"@id": child.property, "@container": "@language"}
    if child.kind in mapping.DATATYPES:
        return {"@id": child.property, "@type": expand(f"xsd:{child.kind}")}
    return {"@id": child.property, "@type": "@id"}


def _absolute(definition: object) -> object:
    """Return a term definition with its compact IRIs written out."""
    if isinstance(definition, dict):
        return {key: _absolute(value) for key, value in definition.items()}
    return expand(str(definition)) if ":" in str(definition) else definition


@pytest.mark.parametrize("family", mapping.FAMILIES)
def test_every_element_and_class_has_its_key(family: str) -> None:
    """Each XML element is a key of the same name, coerced as lifting types it; classes too."""
    table = mapping.load_mapping(family)
    for mapped in (*table.records.values(), *table.nodes.values()):
        name = mapped.class_iri.rpartition("#")[2].rpartition("/")[2]
        assert _absolute(TERMS[name]) == mapped.class_iri
        for child in mapped.children:
            key = child.name.rpartition(":")[2]
            assert _absolute(TERMS[key]) == _expected_term(child), key


def test_no_key_without_an_element() -> None:
    """The context has no term that LOQ and AMS do not know, apart from two implied classes."""
    known = {"@version", "id", "Mailbox", "ConceptScheme"}
    for family in mapping.FAMILIES:
        table = mapping.load_mapping(family)
        for mapped in (*table.records.values(), *table.nodes.values()):
            known.add(mapped.class_iri.rpartition("#")[2].rpartition("/")[2])
            known |= {child.name.rpartition(":")[2] for child in mapped.children}
    assert {key for key in TERMS if key not in PREFIXES} == known


def test_prefixes_are_those_of_the_package() -> None:
    """A prefix means the same in the context as everywhere else."""
    declared = {key: value for key, value in TERMS.items() if key in PREFIXES}
    assert declared
    assert all(PREFIXES[key] == value for key, value in declared.items())
