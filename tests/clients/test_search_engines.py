"""What search engines and machines that land on a page read from it, with tools of other people."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import extruct
import httpx
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic
from signposting import find_signposting_http

pytestmark = pytest.mark.clients

FRENCH = "https://donnees.formations.example/"
FINNISH = "https://data.koulutustarjonta.example/"
SHOWN = (
    f"{FRENCH}offre/1104",
    f"{FRENCH}certification/micro-python",
    f"{FRENCH}organisme/fromagerie",
    f"{FINNISH}koulutus/1001",
    f"{FINNISH}toteutus/2001",
)


def page(server: str, iri: str) -> httpx.Response:
    """Get the page of a resource."""
    return httpx.get(f"{server}resource?{urlencode({'iri': iri})}", headers={"Accept": "text/html"})


def embedded(html: str) -> Mapping[str, Any]:
    """Return the JSON-LD that a page holds, as extruct finds it."""
    (found,) = extruct.extract(html, syntaxes=["json-ld"])["json-ld"]
    return dict(found)


@pytest.mark.parametrize("iri", SHOWN)
def test_pages_hold_the_graph_of_the_profile(server: str, iri: str) -> None:
    """What extruct and rdflib get from a page is the graph of the profile, in every format."""
    found = Graph().parse(data=json.dumps(embedded(page(server, iri).text)), format="json-ld")
    assert len(found) > 5
    for media_type, name in (("application/ld+json", "json-ld"), ("text/turtle", "turtle")):
        address = f"{server}resource?{urlencode({'iri': iri, '_profile': 'schema'})}"
        profile = httpx.get(address, headers={"Accept": media_type})
        assert isomorphic(found, Graph().parse(data=profile.text, format=name))


def test_a_course_has_what_google_requires(server: str) -> None:
    """Name, description, provider, offers, and an instance with its mode and workload."""
    course = embedded(page(server, SHOWN[0]).text)
    assert {"name", "description", "provider", "offers", "hasCourseInstance"} <= set(course)
    assert course["provider"]["name"]
    assert course["offers"]["category"] in {"Free", "Paid"}
    assert {"courseMode", "courseWorkload"} <= set(course["hasCourseInstance"])


@pytest.mark.parametrize("iri", SHOWN)
def test_signposts_are_found(server: str, iri: str) -> None:
    """The reference parser finds the name, the licence, the kind and data that can be fetched."""
    found = find_signposting_http(f"{server}resource.html?{urlencode({'iri': iri})}")
    assert found.citeAs is not None
    assert found.citeAs.target == iri
    assert found.license is not None
    assert found.license.target.startswith("https://creativecommons.org/")
    assert "https://schema.org/" in "".join(one.target for one in found.types)
    assert found.authors
    assert len(found.describedBy) == 6
    for one in found.describedBy:
        assert httpx.get(one.target).headers["content-type"].startswith(str(one.type))
