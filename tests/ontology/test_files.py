"""Each Turtle file stands on its own: it parses, it introduces itself, and the README knows it."""

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, OWL, RDF, Graph
from rdflib.compare import isomorphic

from .alias import render
from .graphs import ELM, FILES, ONTOLOGY, described, load


def test_the_folder_holds_what_these_tests_read() -> None:
    """No Turtle file escapes the tests below."""
    assert {path.name for path in ONTOLOGY.glob("*.ttl")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_two_parsers_read_the_same(name: str) -> None:
    """Oxigraph and rdflib, which share no code, get the same triples from the text."""
    triples = ox.parse(path=ONTOLOGY / name, format=ox.RdfFormat.TURTLE)
    ntriples = ox.serialize((quad.triple for quad in triples), format=ox.RdfFormat.N_TRIPLES)
    assert isomorphic(load(name), Graph().parse(data=ntriples, format="nt"))


@pytest.mark.parametrize("name", FILES)
def test_the_header_says_what_the_file_is(name: str) -> None:
    """A file that travels alone still tells its title, purpose, licence and version."""
    graph = load(name)
    (header,) = graph.subjects(RDF.type, OWL.Ontology)
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.license, OWL.versionInfo):
        assert len(list(graph.objects(header, predicate))) == 1, predicate


@pytest.mark.parametrize("name", FILES)
def test_readme_names_the_file(name: str) -> None:
    """The README has a line for every file."""
    assert f"`{name}`" in (ONTOLOGY / "README.md").read_text(encoding="utf-8")


def test_the_alias_is_complete_and_generated() -> None:
    """The alias has every term of elm.ttl, of the right kind, and no line by hand."""
    text = (ONTOLOGY / "alias-3.3.ttl").read_text(encoding="utf-8")
    assert text == render()
    assert len(described("alias-3.3.ttl")) == len(described("elm.ttl")) == 202


def test_the_alias_adds_nothing_else() -> None:
    """Every line equates one term with its namesake."""
    for alias, predicate, term in load("alias-3.3.ttl").triples((None, None, None)):
        if predicate in {OWL.equivalentClass, OWL.equivalentProperty}:
            assert str(term) == ELM + str(alias).rpartition("/")[2]
        else:
            assert (alias, RDF.type, OWL.Ontology) in load("alias-3.3.ttl")
