"""Platforms: what other people's libraries find behind the IRI of a qualification."""

import csv
import json
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
import rdflib

from .conftest import FINNISH, Npm

pytestmark = pytest.mark.clients

QUALIFICATION = f"{FINNISH}koulutus/1001"
TITLE = "Vocational Qualification in Forestry, Forest Machine Operation"
ELM = "http://data.europa.eu/snb/model/elm/"
SUFFIXES = ("ttl", "jsonld", "nt", "rdf", "trig", "nq")


def _address(server: str) -> str:
    return f"{server}resource?iri={quote(QUALIFICATION, safe='')}"


def test_rdf_dereference(server: str, npm: Npm) -> None:
    """The library that most JavaScript clients use reads a qualification from its address."""
    quads = json.loads(npm("rdf-dereference", _address(server)))
    titles = [one["object"] for one in quads if one["predicate"] == str(rdflib.DCTERMS.title)]
    assert f'"{TITLE}"@en' in titles
    assert len(quads) > 20


def test_comunica_on_the_endpoint(server: str, npm: Npm) -> None:
    """Comunica counts as our endpoint does."""
    query = f"SELECT (COUNT(DISTINCT ?q) AS ?n) {{ ?q a <{ELM}Qualification> }}"
    (row,) = json.loads(npm("comunica-sparql", f"sparql@{server}sparql", query))
    with urlopen(
        Request(f"{server}sparql?query={quote(query)}", headers={"Accept": "text/csv"})
    ) as response:
        assert response.read().split() == [b"n", row["n"].split('"')[1].encode()]


def test_comunica_follows_links(own_host: str, npm: Npm) -> None:
    """From a qualification's own IRI, links alone lead to what its holders have learned."""
    qualification = f"{own_host}koulutus/1001"
    query = f"""SELECT DISTINCT ?title {{
    <{qualification}> <{ELM}learningOutcome> ?outcome .
    ?outcome <{rdflib.DCTERMS.title}> ?title FILTER(lang(?title) = "fi") }} ORDER BY ?title"""
    found = npm("comunica-sparql-link-traversal", "--lenient", qualification, query)
    titles = [row["title"] for row in json.loads(found)]
    with urlopen(f"{own_host}sparql?format=csv&query={quote(query)}") as response:
        _, *rows = csv.reader(response.read().decode().splitlines())
    assert titles == [f'"{title}"@fi' for (title,) in rows]
    assert titles


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rdflib_reads_every_negotiated_document(server: str, suffix: str) -> None:
    """The same statements in each format, by Accept as by suffix, as rdflib parses them."""
    path = f"{server}resource.{suffix}?iri={quote(QUALIFICATION, safe='')}"
    by_suffix, plain = rdflib.Dataset(), rdflib.Dataset()
    by_suffix.parse(path)
    plain.parse(data=urlopen(_address(server)).read(), format="turtle")
    subject, title = rdflib.URIRef(QUALIFICATION), rdflib.Literal(TITLE, lang="en")
    predicate = rdflib.DCTERMS.title
    assert any(by_suffix.quads((subject, predicate, title, None)))
    assert len({triple[:3] for triple in by_suffix.quads()}) == len(
        {triple[:3] for triple in plain.quads()}
    )
