"""Every term can be shown to people and understood by researchers."""

import re
from itertools import chain

import pytest
from rdflib import OWL, RDF, RDFS, SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from europass_ld import mapping
from europass_ld.terms import PREFIXES, RDF_TYPE, expand
from tests.shared import ROOT

from .graphs import ELD, ELM, LANGUAGES, OWN, SCHEMA, described, kind, load

DESCRIBING = ("elm.ttl", "external.ttl", "europass-ld.ttl")
TERMS = sorted((name, term) for name in DESCRIBING for term in described(name))
NAMES_THAT_BEGIN_SMALL = ("eIDAS",)


def _literals(graph: Graph, term: URIRef, predicate: URIRef) -> list[Literal]:
    return [one for one in graph.objects(term, predicate) if isinstance(one, Literal)]


def _is_datatype(value: Node) -> bool:
    return value in {RDF.langString, RDF.HTML, RDFS.Literal} or str(value).startswith(str(XSD))


@pytest.mark.parametrize("name", DESCRIBING)
def test_labels_in_six_languages(name: str) -> None:
    """Pages find exactly one label for each term in each of the six languages."""
    for term in described(name):
        labels = _literals(load(name), term, RDFS.label)
        assert sorted(str(one.language) for one in labels) == sorted(LANGUAGES), term


@pytest.mark.parametrize("name", DESCRIBING)
def test_labels_read_like_titles(name: str) -> None:
    """A label is short, begins with a capital, and has no full stop or stray space."""
    for term in described(name):
        for label in map(str, _literals(load(name), term, RDFS.label)):
            assert label == label.strip(" ."), (term, label)
            assert label[0].isupper() or label.startswith(NAMES_THAT_BEGIN_SMALL), (term, label)
            assert len(label) <= 52, (term, label)


@pytest.mark.parametrize("name", DESCRIBING)
def test_one_english_definition(name: str) -> None:
    """Each term has one English definition of one or two whole sentences."""
    for term in described(name):
        (definition,) = _literals(load(name), term, RDFS.comment)
        assert definition.language == "en", term
        assert definition.endswith("."), (term, definition)
        assert 1 <= len(re.findall(r"\.(?= |$)", definition)) <= 2, (term, definition)


def test_definitions_are_not_shared() -> None:
    """No two terms have the same definition: each says what sets its term apart."""
    seen: dict[str, URIRef] = {}
    for name, term in TERMS:
        (definition,) = _literals(load(name), term, RDFS.comment)
        assert seen.setdefault(str(definition), term) == term, (term, definition)


def test_each_vocabulary_is_described_in_its_own_file() -> None:
    """ELM, our own and foreign terms do not mix, so each file can be read alone."""
    assert all(term.startswith(ELM) for term in described("elm.ttl"))
    assert all(term.startswith(ELD) for term in described("europass-ld.ttl"))
    assert not any(str(term).startswith((ELM, ELD)) for term in described("external.ttl"))


def test_every_elm_and_own_term_has_one_kind() -> None:
    """Each is a class, a property of one kind, a value of a class of our own, or a metric."""
    others = {SH.ConstraintComponent, URIRef(expand("dqv:Metric"))}
    for name in ("elm.ttl", "europass-ld.ttl"):
        for term in described(name):
            (found,) = load(name).objects(term, RDF.type)
            assert kind(load(name), term) or found in described(name) | others


def test_what_axioms_mention_is_described() -> None:
    """Superclasses, domains, ranges and inverses are terms that have a label, or datatypes."""
    known = {term for _, term in TERMS}
    axioms = (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.inverseOf)
    includes = (OWL.disjointWith, SCHEMA.domainIncludes, SCHEMA.rangeIncludes)
    for name in DESCRIBING:
        for predicate in (*axioms, *includes):
            for term in load(name).objects(None, predicate):
                assert term in known or _is_datatype(term), term


def test_ranges_fit_the_kind() -> None:
    """An object property has no datatype as range, a datatype property no class."""
    for name in ("elm.ttl", "europass-ld.ttl"):
        graph = load(name)
        for predicate in (RDFS.range, SCHEMA.rangeIncludes):
            for term, value in graph.subject_objects(predicate):
                assert _is_datatype(value) == (kind(graph, term) == OWL.DatatypeProperty), term


@pytest.mark.parametrize("family", mapping.FAMILIES)
def test_every_mapped_class_and_property_has_a_label(family: str) -> None:
    """Whatever lifting writes, a page can name."""
    table = mapping.load_mapping(family)
    mapped = list(chain(table.records.values(), table.nodes.values()))
    assert mapped
    used = {one.class_iri for one in mapped} | {
        child.property for one in mapped for child in one.children
    }
    used |= {RDF_TYPE, expand("elm:Mailbox"), expand("skos:Concept"), expand("skos:ConceptScheme")}
    assert used - {str(term) for _, term in TERMS} == set()


def test_own_terms_in_use_are_declared() -> None:
    """Code and data use no eld: term that our own vocabularies do not describe."""
    pattern = re.compile(rf"(?:\beld:|{re.escape(PREFIXES['eld'])})([A-Za-z_]+)")
    declared = {term.removeprefix(ELD) for name in OWN for term in described(name)}
    for folder in ("server", "ontology", "shapes", "mappings", "data"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".ttl", ".html", ".rq", ".jsonld", ".yaml"}:
                used = set(pattern.findall(path.read_text(encoding="utf-8")))
                assert used <= declared, f"{path}: {sorted(used - declared)}"
