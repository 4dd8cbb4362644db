"""Content Negotiation by Profile: headers, arguments, lists of alternates, and the documents."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from rdflib import Graph
from rdflib.compare import isomorphic
from werkzeug.test import TestResponse

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.addresses import parameter
from europass_ld.publish.records.profiles import (
    ALTERNATES,
    ELM,
    FRAMED,
    LABELS,
    PROFILES,
    SCHEMA,
    Profile,
    Wanted,
    negotiate,
)
from europass_ld.publish.site import site_of
from tests.profiles import stores
from tests.shared import ROOT

FRENCH = "https://donnees.formations.example/"
OFFER = f"{FRENCH}offre/1104"
PLACE = f"{FRENCH}lieu/lyon"
TURTLE = {"Accept": "text/turtle"}
ALTR = "http://www.w3.org/ns/dx/connegp/altr#"


@pytest.fixture(scope="module")
def french(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Publish a sample that uses every class of LOQ."""
    directory = tmp_path_factory.mktemp("french") / "store"
    stores.load(directory, ROOT / "data" / "samples" / "fr-formations")
    app = create_app(directory, Settings(vocabularies=directory / "none"))
    yield app
    site_of(app).close()


@pytest.fixture
def client(french: Flask) -> FlaskClient:
    """Return a client without cookies."""
    return french.test_client(use_cookies=False)


def get(client: FlaskClient, iri: str = OFFER, query: str = "", **headers: str) -> TestResponse:
    """Ask for a resource; headers are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/resource{parameter(iri)}{query}", headers=named)


def json_of(response: TestResponse) -> dict[str, Any]:
    """Return the JSON object of a response."""
    return dict(response.json or {})


def links(response: TestResponse, relation: str) -> list[str]:
    """Return the targets of the links of a relation."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', response.headers["Link"])
    return [target for target, relations in found if relation in relations.split()]


def test_tokens_and_iris_name_one_profile_each() -> None:
    """The table is unambiguous."""
    assert len({one.token for one in PROFILES}) == len({one.iri for one in PROFILES}) == 9


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted("", "", None, None), (ELM, "ttl")),
        (Wanted("", "", "<https://schema.org/>", None), (SCHEMA, "jsonld")),
        (Wanted("", "", "schema", "text/turtle"), (SCHEMA, "ttl")),
        (Wanted("", "", '"https://schema.org/";q=0.2, labels', None), (LABELS, "ttl")),
        (Wanted("", "", "<https://e.example/a,b>, *;q=0.1", "*/*"), (ELM, "ttl")),
        (Wanted("", "", "<https://e.example/a>", "*/*"), None),
        (Wanted("", "", "elm;q=0", "*/*"), None),
        (Wanted("", "", "elm;q=0, *", "*/*"), (SCHEMA, "jsonld")),
        (Wanted("schema", "", "labels", None), (SCHEMA, "jsonld")),
        (Wanted("https://schema.org/", "text/turtle", None, "text/html"), (SCHEMA, "ttl")),
        (Wanted("schema", "text/html", None, None), None),
        (Wanted("alt", "", None, "text/html"), (ALTERNATES, "html")),
        (Wanted("nothing", "", None, None), None),
        (Wanted("", "nothing", None, None), None),
        (Wanted("", "", "framed, schema;q=0.5", "text/turtle"), (SCHEMA, "ttl")),
        (Wanted("", "", ",;q=x,<>,", "*/*"), None),
    ],
)
def test_negotiation(wanted: Wanted, expected: tuple[Profile, str] | None) -> None:
    """Arguments come before headers, profiles before media types, qualities decide."""
    found = negotiate((ELM, SCHEMA, FRAMED, LABELS, ALTERNATES), wanted)
    assert (found and (found[0], found[1].name)) == expected


@pytest.mark.parametrize("profile", PROFILES[:4] + PROFILES[6:], ids=lambda one: one.token)
def test_every_profile_says_which_it_is(client: FlaskClient, profile: Profile) -> None:
    """By header and by argument the same document comes, with its profile and what it varies by."""
    by_header = get(client, Accept_Profile=f"<{profile.iri}>")
    by_argument = get(client, query=f"&_profile={profile.token}")
    for response in (by_header, by_argument):
        assert response.status_code == 200
        assert response.content_type == profile.representations[0].content_type
        assert response.headers["Content-Profile"] == f"<{profile.iri}>"
        assert links(response, "profile") == [profile.iri]
        assert "Accept-Profile" in response.headers["Vary"]
    assert by_header.data == by_argument.data
    tag = by_header.headers["ETag"]
    again = get(client, Accept_Profile=f"<{profile.iri}>", If_None_Match=tag)
    assert (again.status_code, again.headers["Vary"]) == (304, by_header.headers["Vary"])


def test_a_framed_object_by_its_media_type(client: FlaskClient) -> None:
    """JSON-LD's own way to ask: the parameter `profile` of its media type."""
    asked = get(client, Accept=f'application/ld+json; profile="{FRAMED.iri}"')
    assert asked.content_type == f'application/ld+json; profile="{FRAMED.iri}"'
    assert json_of(asked)["id"] == OFFER


def test_each_form_has_an_entity_tag_of_its_own(client: FlaskClient) -> None:
    """No cache takes one profile for another."""
    tags = [
        get(client, query=f"&_profile={one.token}&_mediatype={form.media_types[0]}").headers["ETag"]
        for one in PROFILES
        if not one.token.startswith("ams")
        for form in one.representations
    ]
    assert len(set(tags)) == len(tags) == 7 + 4 + 2 + 1 + 4 + 5


def test_the_list_of_alternates_is_true(client: FlaskClient) -> None:
    """Each listed address answers in the listed profile and media type."""
    listed = get(client, query="&_profile=alt", Accept="application/n-triples")
    graph = ox.Store()
    graph.load(listed.data, format=ox.RdfFormat.N_TRIPLES)
    rows = graph.query(
        f"SELECT ?form ?type ?profile {{ <{OFFER}> <{ALTR}hasRepresentation> ?form ."
        f" ?form a <{ALTR}Representation> ; <http://purl.org/dc/terms/format> ?type ;"
        " <http://purl.org/dc/terms/conformsTo> ?profile }"
    )
    assert isinstance(rows, ox.QuerySolutions)
    checked = 0
    for form, type_, profile in rows:
        response = client.get(str(getattr(form, "value", "")).removeprefix("http://localhost"))
        assert response.mimetype == getattr(type_, "value", "")
        assert response.headers["Content-Profile"] == str(profile)
        checked += 1
    assert checked == 7 + 4 + 2 + 1 + 4 + 5


def test_the_page_of_alternates_leads_everywhere(client: FlaskClient) -> None:
    """People get the list as links, which work in a browser."""
    page = get(client, query="&_profile=alt", Accept="text/html").text
    addresses = [unescape(one) for one in re.findall(r'<a href="(/resource[^"]*)" type=', page)]
    assert len(addresses) == 7 + 4 + 2 + 1 + 4 + 5
    for address in addresses:
        assert client.get(address, headers={"Accept": "text/html,*/*;q=0.8"}).status_code == 200


def test_what_is_not_offered_is_refused_with_the_list(client: FlaskClient) -> None:
    """406 names what there is: no place in schema.org, no accreditation format in LOQ data."""
    for iri, profile in ((PLACE, SCHEMA.iri), (OFFER, PROFILES[4].iri)):
        response = get(client, iri, Accept_Profile=f"<{profile}>")
        assert response.status_code == 406
        assert "Accept-Profile" in response.headers["Vary"]
        assert any(one.startswith("labels: ") for one in json_of(response)["available"])
        assert links(response, "alternate")


def test_xml_is_one_valid_record_with_what_it_needs(client: FlaskClient) -> None:
    """The closure document comes as application/xml."""
    response = get(client, query="&_profile=loq-3.1")
    root = etree.fromstring(response.data)
    assert OFFER in root.xpath("//@id")
    assert set(root.xpath("//@idref")) - set(
        root.xpath("//*[local-name()='publisher']/@idref")
    ) <= (set(root.xpath("//@id")))


def test_too_large_a_closure_names_the_limit(tmp_path: Path, french: Flask) -> None:
    """413, with the limit and the setting."""
    directory = site_of(french).reader._directory
    app = create_app(directory, Settings(max_closure_bytes=1_000, vocabularies=tmp_path))
    try:
        response = get(app.test_client(), query="&_profile=loq-3.3")
    finally:
        site_of(app).close()
    assert response.status_code == 413
    assert json_of(response)["limit"] == 1_000
    assert "max_closure_bytes" in json_of(response)["detail"]


def test_schema_org_in_every_format_is_one_graph(client: FlaskClient) -> None:
    """All formats of the profile say the same, and the same bytes each time."""
    graphs = [
        Graph().parse(
            data=get(client, query=f"&_profile=schema&_mediatype={form.media_types[0]}").text,
            format={"rdfxml": "xml", "jsonld": "json-ld", "ttl": "turtle"}.get(form.name, "nt"),
        )
        for form in SCHEMA.representations
    ]
    assert len(graphs) == 4
    assert all(isomorphic(one, graphs[0]) for one in graphs)


def test_a_page_embeds_the_same(client: FlaskClient) -> None:
    """The script element holds the document of the profile; nothing in it can end the element."""
    page = get(client, Accept="text/html").text
    (embedded,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert json.loads(embedded) == json.loads(get(client, query="&_profile=schema").data)
    assert not set("<>&") & set(embedded)
    assert "<script" not in get(client, PLACE, Accept="text/html").text


def test_a_page_is_signposted(client: FlaskClient) -> None:
    """Machines that land on it find the name, the kind, the data, the whole, licence and author."""
    response = get(client, Accept="text/html")
    assert links(response, "cite-as") == [OFFER]
    assert "https://schema.org/Course" in links(response, "type")
    assert len(links(response, "describedby")) == 6
    assert links(response, "license") == ["https://creativecommons.org/licenses/by/4.0/"]
    assert links(response, "author") == [f"{FRENCH}organisme/agence"]
    (collection,) = links(response, "collection")
    assert client.get(collection, headers=TURTLE).status_code == 200
    for address in links(response, "alternate"):
        assert client.get(address).status_code == 200
    assert len(response.headers["Link"]) < 4_000


def test_many_or_long_links_are_left_to_the_list(client: FlaskClient) -> None:
    """A header stays within what proxies take, however long an IRI is."""
    data = get(client, **TURTLE).headers["Link"]
    assert len(data) < 1_000
    assert "_profile=alt" in data


@pytest.mark.parametrize("iri", ["http://data.europa.eu/snb/eqf/5", f"{FRENCH}jeu/formations"])
def test_what_is_no_record_has_profiles_too(client: FlaskClient, iri: str) -> None:
    """A code and a dataset are offered as plain objects and by their labels."""
    plain = json_of(get(client, iri, query="&_profile=framed"))
    assert plain["id"] == iri
    assert get(client, iri, query="&_profile=labels").status_code == 200
    assert get(client, iri, query="&_profile=loq-3.3").status_code == 406
