"""The graphs that several of these tests read: ours, and the official ones beside the project."""

from functools import cache
from pathlib import Path

from rdflib import OWL, RDF, Graph, Namespace, URIRef
from rdflib.term import Node

from europass_ld import resources
from europass_ld.terms import PREFIXES
from tests.shared import corpus

ONTOLOGY = resources.find("ontology")
OWN = ("europass-ld.ttl", "derived.ttl", "verification.ttl")
FILES = ("elm.ttl", "external.ttl", *OWN, "alignments.ttl", "alias-3.3.ttl")
LANGUAGES = ("en", "fr", "de", "es", "it", "pl")

ELM = Namespace(PREFIXES["elm"])
ELD = Namespace(PREFIXES["eld"])
SCHEMA = Namespace(PREFIXES["schema"])

_KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)


@cache
def load(name: str) -> Graph:
    """Return the graph of `ontology/{name}`; treat it as read only."""
    return Graph().parse(ONTOLOGY / name)


@cache
def official(pattern: str) -> Graph:
    """Return the merged graph of the official ELM 3.1 files that match; skip without the corpus."""
    graph = Graph()
    for path in official_files(pattern):
        graph.parse(path)
    return graph


def official_files(pattern: str) -> list[Path]:
    """Return the official ELM 3.1 files that match `pattern`, of which there is at least one."""
    files = sorted((corpus() / "official" / "elm-3.1").glob(pattern))
    assert files, pattern
    return files


def described(name: str) -> set[URIRef]:
    """Return the terms that `ontology/{name}` describes: all its subjects except its header."""
    graph = load(name)
    subjects = {one for one in graph.subjects() if isinstance(one, URIRef)}
    return subjects - set(graph.subjects(RDF.type, OWL.Ontology))


def kind(graph: Graph, term: Node) -> URIRef | None:
    """Return which of owl:Class, owl:ObjectProperty and owl:DatatypeProperty a term is."""
    return next((one for one in _KINDS if (term, RDF.type, one) in graph), None)
