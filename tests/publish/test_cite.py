"""Citations of versions and queries: CITATION.cff, DataCite JSON, a page."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.publish.sparql.citation import Citation, cff, datacite, spdx

from . import sample

QUERY = "SELECT ?s { ?s a ?class } ORDER BY ?s"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def _cite(client: FlaskClient, **parameters: str) -> Any:
    response = client.get("/cite", query_string=parameters)
    assert response.status_code == 200, response.text
    if parameters["format"] == "cff":
        assert response.content_type == "application/yaml; charset=utf-8"
        return yaml.safe_load(response.text)
    assert response.content_type == "application/vnd.datacite.datacite+json"
    return response.json


def test_a_version_as_cff(client: FlaskClient) -> None:
    """What CITATION.cff requires is there, and what identifies the version."""
    found = _cite(client, dataset=sample.FIRST, version="1", format="cff")
    assert (found["cff-version"], found["type"]) == ("1.2.0", "dataset")
    assert found["message"]
    assert found["title"] == "First register"
    assert found["authors"] == [{"name": "Metsäkoulu"}]
    assert found["version"] == "version 1"
    assert found["license"] == "CC0-1.0"
    assert found["url"].startswith(f"{sample.BASE}datasets/version?dataset=https%3A%2F%2F")
    assert found["identifiers"][0]["value"] == f"{sample.BASE}id/version/1"
    assert len(str(found["date-released"])) == len("2026-01-31")


def test_a_version_as_datacite(client: FlaskClient) -> None:
    """The mandatory properties of DataCite 4 are there; without a number it is the latest."""
    found = _cite(client, dataset=sample.FIRST, format="datacite")
    assert found["types"]["resourceTypeGeneral"] == "Dataset"
    assert found["identifiers"] == [
        {"identifier": f"{sample.BASE}id/version/2", "identifierType": "URL"}
    ]
    assert found["creators"] == [{"name": "Metsäkoulu", "nameType": "Organizational"}]
    assert found["titles"] == [{"title": "First register", "lang": "en"}]
    assert found["publisher"] == {"name": "Metsäkoulu"}
    assert found["publicationYear"] == found["dates"][0]["date"][:4]
    assert found["version"] == "version 2"
    assert found["rightsList"][0]["rightsUri"] == CC0
    assert found["rightsList"][0]["rightsIdentifier"] == "CC0-1.0"
    assert found["relatedIdentifiers"][0]["relatedIdentifier"] == sample.FIRST
    assert found["descriptions"][0]["description"].startswith("Courses of one school. ")


def test_a_query_on_a_state(client: FlaskClient) -> None:
    """A query is cited with the datasets that the state had, and an address that answers it."""
    for state, datasets in ((1, [sample.FIRST]), (3, [sample.FIRST, sample.SECOND])):
        found = _cite(client, query=QUERY, state=str(state), format="datacite")
        assert found["version"] == f"state {state}"
        related = found["relatedIdentifiers"]
        assert sorted(one["relatedIdentifier"] for one in related) == sorted(datasets)
        assert len(found["rightsList"]) == (state == 1)  # the second dataset has no licence
        assert found["url"].startswith(f"{sample.BASE}sparql/at/{state}?query=")
        address = found["url"].removeprefix(sample.BASE.rstrip("/"))
        answer = client.get(f"{address}&format=csv")
        assert answer.status_code == 200
        assert sample.COURSE in answer.text
        assert answer.headers["Europass-State"] == str(state)


def test_the_graphs_of_a_query_are_cited(client: FlaskClient) -> None:
    """Only the datasets that a query names are cited, and its address names them too."""
    parameters = {"query": QUERY, "default-graph-uri": sample.SECOND, "format": "cff"}
    found = _cite(client, **parameters)
    assert [one["value"] for one in found["identifiers"][1:]] == [sample.SECOND]
    assert "default-graph-uri=" in found["url"]
    assert found["authors"] == [{"name": "Unknown publisher"}]
    assert found["version"] == "state 3"


def test_pages_lead_to_citations(get: Callable[..., str]) -> None:
    """A dataset, a version and an answer link to their citation, and that is a page too."""
    version = get(f"/datasets/version?dataset={sample.FIRST}&number=1")
    assert "/cite?" in version
    assert 'href="/sparql/at/1"' in version
    assert "/cite?" in get(f"/doc/{sample.FIRST.removeprefix(sample.BASE + 'id/')}")
    assert "/cite?" in get(f"/sparql?query={QUERY}")
    page = get(f"/cite?dataset={sample.FIRST}&version=1")
    assert "Metsäkoulu (" in page
    assert "First register. Version 1, " in page
    assert "format=datacite" in page
    assert "cff-version: 1.2.0" in page
    assert "state=3" in get(f"/cite?query={QUERY}")


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"dataset": "https://nobody.example/"}, 404),
        ({}, 400),
        ({"dataset": sample.FIRST, "version": "9"}, 404),
        ({"dataset": sample.FIRST, "version": "x"}, 400),
        ({"dataset": sample.FIRST, "version": "9" * 30}, 400),
        ({"dataset": sample.FIRST, "format": "bibtex"}, 406),
        ({"query": QUERY, "state": "4"}, 404),
        ({"query": QUERY, "state": "0"}, 404),
        ({"query": "x" * 5_001}, 413),
        ({"query": QUERY, "named-graph-uri": "no iri"}, 400),
    ],
)
def test_nothing_to_cite(client: FlaskClient, parameters: dict[str, str], status: int) -> None:
    """What there is not is a problem document."""
    response = client.get("/cite", query_string=parameters)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"


def test_a_citation_is_asked_for_once(client: FlaskClient) -> None:
    """An entity tag saves sending it again."""
    parameters = {"dataset": sample.FIRST, "format": "cff"}
    tag = client.get("/cite", query_string=parameters).headers["ETag"]
    again = client.get("/cite", query_string=parameters, headers={"If-None-Match": tag})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        (CC0, "CC0-1.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0", "CC-BY-NC-SA-3.0"),
        ("https://licence.example/", None),
    ],
)
def test_names_of_licences(licence: str, name: str | None) -> None:
    """Creative Commons licences are known by their addresses."""
    assert spdx(licence) == name


_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(_TEXT, st.lists(_TEXT.filter(bool), max_size=2), _TEXT)
def test_any_text_survives(title: str, authors: list[str], abstract: str) -> None:
    """Whatever a publisher writes, YAML reads it back, and nothing becomes a key of its own."""
    citation = Citation(
        kind="query",
        title=title,
        language="en",
        url="https://a.example/",
        identifier="https://a.example/1",
        version="state 1",
        time="2026-01-31T12:00:00Z",
        authors=tuple(authors),
        abstract=abstract,
        parts_of=("urn:x",),
        licences=("https://licence.example/",),
    )
    found = yaml.safe_load(cff(citation))
    assert found["title"] == title
    assert found["abstract"] == abstract
    assert [one["name"] for one in found["authors"]] == (authors or ["Unknown publisher"])
    assert found["license-url"] == "https://licence.example/"
    assert found["identifiers"][1]["type"] == "other"
    assert datacite(citation)["titles"][0]["title"] == title
