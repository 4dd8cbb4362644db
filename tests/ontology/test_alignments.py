"""Alignments join real terms, of one sort, and let nothing be inferred that is not so."""

from collections import Counter

import pytest
from rdflib import DCTERMS, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, Namespace, URIRef

from .graphs import ELM, described, load

MAPPINGS = (SKOS.closeMatch, SKOS.broadMatch, SKOS.relatedMatch)
INFERRING = (RDFS.subClassOf, RDFS.subPropertyOf)

ESCO = Namespace("http://data.europa.eu/esco/model#")
ESCO_TERMS = {
    ESCO[name]
    for name in (
        "AwardingBody",
        "NodeLiteral",
        "Qualification",
        "Skill",
        "hasAwardingBody",
        "hasEQFLevel",
        "skillReuseLevel",
    )
}
"""What is aligned with ESCO's own model, which rdflib does not know."""

NEWER_SCHEMA_TERMS = {SDO._NS + name for name in ("Certification", "hasCertification")}
"""Terms of schema.org that are younger than the list in rdflib."""

PAIRS = sorted(
    (str(subject), str(predicate), str(value))
    for predicate in (*MAPPINGS, *INFERRING)
    for subject, value in load("alignments.ttl").subject_objects(predicate)
)


def _exists(iri: str) -> bool:
    term = URIRef(iri)
    if term in ESCO_TERMS or iri in NEWER_SCHEMA_TERMS:
        return True
    return any(term in namespace for namespace in (SDO, ORG, PROV, SKOS))


def _is_class(iri: str) -> bool:
    for name in ("elm.ttl", "external.ttl"):
        kinds = set(load(name).objects(URIRef(iri), RDF.type))
        if kinds:
            return bool(kinds & {OWL.Class, RDFS.Class})
    return iri.rpartition("#")[2].rpartition("/")[2][0].isupper()


def test_there_is_something_to_check() -> None:
    """The file was read, and its statements are the ones tested below."""
    assert len(PAIRS) > 100


def test_only_these_predicates() -> None:
    """No equivalence, exact match or identity: nothing makes two terms one."""
    graph = load("alignments.ttl")
    aligned = set(graph.subjects()) - set(graph.subjects(RDF.type, OWL.Ontology))
    used = {predicate for subject, predicate, _ in graph if subject in aligned}
    assert used == {*MAPPINGS, *INFERRING, SKOS.note}
    header = {predicate for subject, predicate, _ in graph if subject not in aligned}
    assert header == {
        RDF.type,
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.license,
        OWL.versionInfo,
    }


@pytest.mark.parametrize(("subject", "predicate", "value"), PAIRS)
def test_both_ends_exist_and_are_of_one_sort(subject: str, predicate: str, value: str) -> None:
    """We describe the subject, the other vocabulary has the object, and class meets class."""
    assert URIRef(subject) in described("elm.ttl") | described("external.ttl")
    assert _exists(value), value
    assert _is_class(subject) == _is_class(value)
    if URIRef(predicate) in INFERRING:
        assert _is_class(subject) == (URIRef(predicate) == RDFS.subClassOf)


def test_only_elm_terms_imply_something() -> None:
    """We infer from ELM to others, never state an axiom about a term that is not ELM's."""
    assert all(subject.startswith(ELM) for subject, p, _ in PAIRS if URIRef(p) in INFERRING)


def test_nothing_becomes_a_concept() -> None:
    """No ELM class or property is put under SKOS, whose terms hold for concepts only."""
    assert not [pair for pair in PAIRS if URIRef(pair[1]) in INFERRING and URIRef(pair[2]) in SKOS]


def test_one_statement_for_each_pair() -> None:
    """Two terms are close, or one is broader, or they touch: never two of these at once."""
    counts = Counter((subject, value) for subject, _, value in PAIRS)
    assert [pair for pair, count in counts.items() if count > 1] == []


def test_what_only_touches_has_its_reason() -> None:
    """Each term with a related match carries a note in English that tells the difference."""
    graph = load("alignments.ttl")
    for subject in set(graph.subjects(SKOS.relatedMatch)):
        (note,) = graph.objects(subject, SKOS.note)
        assert str(note).endswith("."), subject
