"""The facts agree with the official ontology and application profiles; the sentences do not."""

import re
from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.shared import corpus

from .graphs import (
    ELM,
    FILES,
    SCHEMA,
    described,
    kind,
    load,
    official,
)

ONTOLOGY_FILE = "ontology/ELM.ttl"
PROFILES = "shapes/*.ttl"

MISSPELT = {URIRef("http://www.w3.org/ns/person#patronimycName")}
"""IRIs in official shapes that no vocabulary has: one letter wrong in PID-constraints.ttl."""

AXIOMS = (RDFS.subClassOf, RDFS.subPropertyOf, OWL.disjointWith, OWL.inverseOf, RDFS.domain)


def _elm_terms(graph: Graph) -> set[URIRef]:
    return {
        term
        for term in graph.subjects(RDF.type)
        if isinstance(term, URIRef)
        and term.startswith(ELM)
        and {RDF.Property, OWL.Class} & set(graph.objects(term, RDF.type))
    }


def _facts(graph: Graph, term: URIRef) -> dict[URIRef, frozenset[Node | None]]:
    """Return what a graph states of a term, apart from its range and its words."""
    facts = {one: frozenset[Node | None](graph.objects(term, one)) for one in AXIOMS}
    facts[OWL.SymmetricProperty] = frozenset(graph.objects(term, RDF.type)) & {
        OWL.SymmetricProperty
    }
    facts[RDF.type] = frozenset({kind(graph, term)})
    return facts


def _differs(term: URIRef) -> bool:
    """Whether we state another fact than the official ontology, or another range than its range."""
    theirs = set(official(ONTOLOGY_FILE).objects(term, RDFS.range))
    ours = set(load("elm.ttl").objects(term, RDFS.range))
    return _facts(official(ONTOLOGY_FILE), term) != _facts(load("elm.ttl"), term) or (
        bool(theirs) and theirs != ours
    )


def test_the_same_terms() -> None:
    """Not one class or property more or less than the official ontology declares."""
    assert described("elm.ttl") == _elm_terms(official(ONTOLOGY_FILE))
    assert len(described("elm.ttl")) == 202


def test_facts_differ_only_where_a_note_says_why() -> None:
    """Each departure from an official axiom carries a note, and each note is about a departure."""
    differing = {term for term in described("elm.ttl") if _differs(term)}
    assert differing == set(load("elm.ttl").subjects(SKOS.editorialNote))
    assert len(differing) == 20


def _superclasses(term: Node) -> set[Node | None]:
    return set(load("elm.ttl").transitive_objects(term, RDFS.subClassOf))


def _alternatives(graph: Graph, shape: Node) -> Iterator[Node]:
    yield shape
    for branches in graph.objects(shape, SH["or"]):
        yield from Collection(graph, branches)


def _values(graph: Graph, shape: Node) -> set[Node]:
    """Return the classes and datatypes that a property shape allows as values."""
    return {
        value
        for one in _alternatives(graph, shape)
        for predicate in (SH["class"], SH.datatype)
        for value in graph.objects(one, predicate)
    }


def _uses() -> Iterator[tuple[URIRef, Node, set[Node]]]:
    """Yield each property of each shape with the class it stands on and the values it allows."""
    graph = official(PROFILES)
    for node_shape, target in graph.subject_objects(SH.targetClass):
        for shape in graph.objects(node_shape, SH.property):
            for path in graph.objects(shape, SH.path):
                if isinstance(path, URIRef):
                    yield path, target, _values(graph, shape)


def test_no_false_inference_on_conforming_data() -> None:
    """What the profiles allow fits the domains and ranges stated here, so no type comes out wrong.

    `elm:noteLiteral` and the like have several ranges in the profiles, hence rangeIncludes.
    """
    graph, seen = load("elm.ttl"), 0
    for term, target, values in _uses():
        seen += 1
        for domain in graph.objects(term, RDFS.domain):
            assert domain in _superclasses(target), (term, target)
        for range_ in set(graph.objects(term, RDFS.range)) - {RDFS.Literal}:
            assert all(range_ in _superclasses(value) for value in values), (term, values)
    assert seen > 900


def test_ranges_that_the_official_ontology_lacks_are_those_of_the_profiles() -> None:
    """Where we state a range of our own accord, the profiles allow exactly such values."""
    graph = load("elm.ttl")
    allowed: dict[URIRef, set[Node]] = {}
    for term, _, values in _uses():
        allowed.setdefault(term, set()).update(values)
    for term in described("elm.ttl"):
        if (term, RDFS.range, None) in official(ONTOLOGY_FILE):
            continue
        stated = set(graph.objects(term, RDFS.range)) | set(
            graph.objects(term, SCHEMA.rangeIncludes)
        )
        assert stated <= allowed.get(term, set()), term
        assert not stated or all(_superclasses(one) & stated for one in allowed[term]), term


def test_every_class_and_property_of_the_profiles_is_described() -> None:
    """Data of any official profile, credentials too, use no term without a label."""
    graph = official(PROFILES)
    used = {path for path in graph.objects(None, SH.path) if isinstance(path, URIRef)}
    for predicate in (SH.targetClass, SH["class"]):
        used |= {one for one in graph.objects(None, predicate) if isinstance(one, URIRef)}
    assert used - described("elm.ttl") - described("external.ttl") == MISSPELT


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def _official_texts() -> Iterator[str]:
    for pattern in ("ontology/*.ttl", PROFILES):
        for value in official(pattern).objects():
            if isinstance(value, Literal):
                yield str(value)
    documentation = re.compile(r"<xs:documentation[^>]*>(.*?)</xs:documentation>", re.DOTALL)
    for version in ("elm-3.1", "elm-3.3"):
        for path in (corpus() / "official" / version / "xsd").glob("*/*.xsd"):
            yield from documentation.findall(path.read_text(encoding="utf-8"))


def test_no_sentence_is_official() -> None:
    """Our English shares no run of seven words with any official text, so nothing was copied."""
    theirs = {run for text in _official_texts() for run in _runs(text, 7)}
    assert len(theirs) > 2000
    for name in FILES:
        for term, _, value in load(name):
            if isinstance(value, Literal) and value.language == "en":
                assert not _runs(value, 7) & theirs, (term, value)


def test_no_short_definition_is_official() -> None:
    """Nor is a whole definition the same as an official text, however short."""
    theirs = {" ".join(_words(text)) for text in _official_texts()}
    for name in FILES:
        for term, value in load(name).subject_objects(RDFS.comment):
            assert " ".join(_words(str(value))) not in theirs, (term, value)
