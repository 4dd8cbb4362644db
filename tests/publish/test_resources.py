"""Resources over HTTP: every address, every format, and what is not there."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from europass_ld.formats import RDF_FORMATS, Format
from europass_ld.publish.addresses import parameter
from europass_ld.terms import expand

from . import sample

TURTLE = {"Accept": "text/turtle"}
Get = Callable[..., str]


def _triples(data: bytes, format_: ox.RdfFormat = ox.RdfFormat.TURTLE) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(data, format=format_)}


def _record(name: str) -> set[str]:
    return {
        line.removesuffix(" .")
        for one in sample.records()
        if one.iri == name
        for line in one.triples.split("\n")
        if line
    }


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda one: str(one.name))
def test_every_format_by_accept_and_by_suffix(client: FlaskClient, format_: Format) -> None:
    """Both ways lead to the same document, with a record's own triples in it."""
    negotiated = client.get(
        f"/resource{parameter(sample.SCHOOL)}", headers={"Accept": format_.media_type}
    )
    document = client.get(f"/resource.{format_.extension}{parameter(sample.SCHOOL)}")
    for response in (negotiated, document):
        assert response.status_code == 200
        assert response.content_type == format_.content_type
        assert (
            response.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language, Accept-Profile"
        )
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert negotiated.data == document.data
    assert isinstance(format_.oxigraph, ox.RdfFormat)
    assert _triples(document.data, format_.oxigraph) == _record(sample.SCHOOL)


def test_links_to_the_other_formats(client: FlaskClient) -> None:
    """A Link header names each other representation, and each of them is there."""
    response = client.get(f"/resource{parameter(sample.OUTCOME)}", headers=TURTLE)
    links = [
        one
        for one in response.headers["Link"].split(", ")
        if 'rel="alternate"' in one and "_profile" not in one
    ]
    assert len(links) == len(RDF_FORMATS)
    for link in links:
        address, media_type = (
            link.removeprefix("<").removesuffix('"').split('>; rel="alternate"; type="')
        )
        found = client.get(address)
        assert found.status_code == 200
        assert found.content_type.startswith(media_type)


def test_a_hash_iri_is_one_of_its_document(client: FlaskClient) -> None:
    """With its fragment an IRI is that alone; the document describes all its fragments."""
    alone = client.get("/resource", query_string={"iri": sample.OUTCOME}, headers=TURTLE)
    assert _triples(alone.data) == _record(sample.OUTCOME)
    both = client.get("/resource", query_string={"iri": sample.OUTCOMES}, headers=TURTLE)
    assert _triples(both.data) == _record(sample.OUTCOME) | _record(f"{sample.OUTCOMES}#3")


def test_two_datasets_are_merged_or_told_apart(client: FlaskClient) -> None:
    """Turtle holds what both say; TriG has that as its default graph, and says who says what."""
    turtle = client.get(f"/resource.ttl{parameter(sample.COURSE)}").data
    assert b'"ten euros"@en' in turtle
    assert b'"twenty euros"@en' in turtle
    trig = client.get(f"/resource.trig{parameter(sample.COURSE)}").data
    quads = list(ox.parse(trig, format=ox.RdfFormat.TRIG))
    graphs: dict[str, set[str]] = {}
    for quad in quads:
        graphs.setdefault(str(quad.graph_name), set()).add(str(quad.triple))
    assert set(graphs) == {"DEFAULT", f"<{sample.FIRST}>", f"<{sample.SECOND}>"}
    merged = {str(one.triple) for one in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
    assert graphs["DEFAULT"] == merged
    assert set().union(*graphs.values()) == merged


def test_since_when(client: FlaskClient) -> None:
    """Data and pages say since when the state is served; who asks by time alone gets the whole."""
    for accept in ("text/turtle", "text/html"):
        response = client.get(f"/resource{parameter(sample.COURSE)}", headers={"Accept": accept})
        assert response.last_modified is not None
        assert response.last_modified <= datetime.now(UTC)
        asked = {"Accept": accept, "If-Modified-Since": response.headers["Last-Modified"]}
        again = client.get(f"/resource{parameter(sample.COURSE)}", headers=asked)
        assert again.status_code == 200


def test_entity_tags(client: FlaskClient) -> None:
    """Each representation has its own; the same one again is not sent."""
    address = f"/resource{parameter(sample.COURSE)}"
    tags = set()
    for accept, language in (
        ("text/turtle", "fi"),
        ("application/n-triples", "fi"),
        ("text/html", "fi"),
        ("text/html", "sv"),
    ):
        headers = {"Accept": accept, "Accept-Language": language}
        tag = client.get(address, headers=headers).headers["ETag"]
        tags.add(tag)
        again = client.get(address, headers={**headers, "If-None-Match": f'"other", {tag}'})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["ETag"] == tag
        assert again.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language, Accept-Profile"
    assert len(tags) == 4


def test_head_and_options(client: FlaskClient) -> None:
    """HEAD says what GET says, without a body; OPTIONS lets scripts of other sites ask."""
    address = f"/resource{parameter(sample.COURSE)}"
    asked = {**TURTLE, "X-Request-Id": "the-same-each-time"}
    head = client.head(address, headers=asked)
    got = client.get(address, headers=asked)
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)
    options = client.options(address)
    assert "GET" in options.headers["Allow"]
    assert "Accept" in options.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("host", "path", "scheme", "peer", "status"),
    [
        (sample.HOST, "/course/1", "https", "10.1.0.9", 303),
        (f"{sample.HOST}:8000", "/course/1", "", "192.0.2.1", 303),
        (sample.HOST, "/outcome/9", "https", "10.1.0.9", 200),
        (sample.HOST, "/ort/K%C3%B6ln", "https", "10.1.0.9", 303),
        (sample.HOST, "/course/1?lang=fi", "https", "10.1.0.9", 303),
        (sample.HOST, "/course/1?_profile=labels", "https", "10.1.0.9", 303),
        (sample.HOST, "/course/gone", "https", "10.1.0.9", 410),
        (sample.HOST, "/course/2", "https", "10.1.0.9", 404),
        ("other.example", "/course/1", "https", "10.1.0.9", 404),
    ],
)
def test_own_paths(
    client: FlaskClient, host: str, path: str, scheme: str, peer: str, status: int
) -> None:
    """On a publisher's own host its paths are answered, behind a proxy and without.

    A thing by 303 to its document, which keeps what was asked; a document of hash IRIs at once.
    """
    headers = {"Host": host, "X-Forwarded-Proto": scheme, **TURTLE}
    response = client.get(path, headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert response.status_code == status
    if status == 303:
        asked = path.partition("?")[2]
        assert response.headers["Location"].endswith(asked)
        response = client.get(response.headers["Location"], headers=headers)
    if status in {200, 303}:
        assert response.content_type == "text/turtle; charset=utf-8"


def test_a_forwarded_host_counts_from_a_trusted_proxy_only(client: FlaskClient) -> None:
    """Anybody can send the header; only a proxy of ours is believed."""
    headers = {"X-Forwarded-Host": sample.HOST, **TURTLE}
    for peer, status in (("10.1.0.9", 303), ("192.0.2.1", 404)):
        found = client.get("/course/1", headers=headers, environ_base={"REMOTE_ADDR": peer})
        assert found.status_code == status


def test_our_own_pages_are_there_on_a_publishers_host(client: FlaskClient) -> None:
    """What is no IRI of the publisher is a page of ours."""
    headers = {"Host": sample.HOST}
    assert client.get("/health", headers=headers).status_code == 200
    with client.get("/static/style.css", headers=headers) as style:
        assert style.status_code == 200


def test_identifiers_lead_to_documents(client: FlaskClient) -> None:
    """303 from what has an identifier to the document about it, which has formats and suffixes."""
    for name in ("dataset/first", "version/1", "report/1"):
        response = client.get(f"/id/{name}")
        assert response.status_code == 303
        assert response.headers["Location"] == f"/doc/{name}"
        iri = f"{sample.BASE}id/{name}"
        for address in (f"/doc/{name}.ttl", f"/doc/{name}"):
            document = client.get(address, headers=TURTLE)
            assert document.content_type == "text/turtle; charset=utf-8"
            assert any(one.startswith(f"<{iri}> ") for one in _triples(document.data))
    assert client.get("/id/dataset/none").status_code == 404
    assert client.get("/doc/dataset/none.ttl").status_code == 404


def test_a_dataset_is_described(client: FlaskClient) -> None:
    """Its description and its versions, also where its IRI is not ours."""
    triples = _triples(client.get("/doc/dataset/first.ttl").data)
    dataset = f"<{sample.FIRST}>"
    assert f'{dataset} <{expand("dct:title")}> "First register"@en' in triples
    assert f"{dataset} <{expand('dct:publisher')}> <{sample.SCHOOL}>" in triples
    assert f"{dataset} <{expand('dcat:hasVersion')}> <{sample.BASE}id/version/2>" in triples
    other = _triples(client.get(f"/resource.ttl{parameter(sample.SECOND)}").data)
    assert f'<{sample.SECOND}> <{expand("dct:title")}> "Second register"@en' in other


@pytest.mark.parametrize("node", [sample.NODE, sample.ADDRESS_NODE, sample.FULL_ADDRESS])
def test_nested_nodes_lead_to_their_record(client: FlaskClient, node: str) -> None:
    """However deep a node is, its address sends on to the record that owns it."""
    owner = sample.COURSE if node == sample.NODE else sample.PLACE
    for address in (node.removeprefix(sample.BASE[:-1]), f"/resource{parameter(node)}"):
        response = client.get(address)
        assert response.status_code == 303
        assert response.headers["Location"] == f"/resource{parameter(owner)}"
    assert client.get("/.well-known/genid/none.1").status_code == 404


def test_codes_and_terms_are_resources_too(client: FlaskClient) -> None:
    """A code of a list and a property of the ontology are described, in data and on a page."""
    code = client.get(f"/resource{parameter(sample.EQF_5)}", headers=TURTLE)
    assert f"<{sample.EQF_5}>" in code.text
    assert "skos:prefLabel" in code.text
    term = client.get(f"/resource{parameter(expand('elm:EQFLevel'))}", headers=TURTLE)
    assert "rdfs:label" in term.text


def test_what_is_gone(client: FlaskClient, get: Get) -> None:
    """410 with when and from where, as a document and as a page."""
    address = f"/resource{parameter(sample.GONE)}"
    response = client.get(address)
    assert response.status_code == 410
    assert response.content_type == "application/problem+json"
    assert response.json
    assert response.json["datasets"] == [sample.FIRST]
    assert response.json["kind"] == expand("elm:LearningOpportunity")
    assert response.json["deleted"].endswith("Z")
    assert "Gone" not in response.text
    page = get(address, 410)
    assert "deleted by its publisher" in page


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        (sample.COURSE.replace("https:", "http:"), sample.COURSE),
        (f"{sample.COURSE}/", sample.COURSE),
        (quote(sample.UMLAUT, safe="/:"), sample.UMLAUT),
        (f"{sample.OUTCOMES}#4", sample.OUTCOME),
        (f"{sample.COURSE}/details", sample.COURSE),
        (f"https://{sample.HOST}/course/2", sample.COURSE),
    ],
)
def test_what_is_not_there_has_neighbours(
    client: FlaskClient, get: Get, asked: str, near: str
) -> None:
    """404 says what was probably meant."""
    address = f"/resource{parameter(asked)}"
    response = client.get(address)
    assert response.status_code == 404
    assert response.json
    assert near in response.json["suggestions"]
    assert "Did you mean" in get(address, 404)


def test_what_is_only_mentioned(client: FlaskClient) -> None:
    """An IRI that nobody describes is not found, but who mentions it is."""
    response = client.get(f"/resource{parameter(f'https://{sample.HOST}/')}")
    assert response.status_code == 404
    assert response.json
    assert response.json["mentioned_by"] == [sample.SCHOOL]


def test_not_acceptable(client: FlaskClient) -> None:
    """406 lists what there is; an IRI that is not there is 404 all the same."""
    headers = {"Accept": "image/png"}
    response = client.get(f"/resource{parameter(sample.COURSE)}", headers=headers)
    assert response.status_code == 406
    assert response.content_type == "application/problem+json"
    assert response.json
    assert response.json["available"][0] == "text/turtle"
    assert "text/html" in response.json["available"]
    assert response.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language, Accept-Profile"
    assert client.get(f"/resource{parameter('https://x/')}", headers=headers).status_code == 404


@pytest.mark.parametrize("iri", ["", "course", "<x>", "https://x.example/a b<"])
def test_what_is_no_iri(client: FlaskClient, iri: str) -> None:
    """400 says how an IRI is written."""
    response = client.get("/resource", query_string={"iri": iri})
    assert response.status_code == 400
    assert response.json
    assert "%23" in response.json["detail"]


def test_a_plus_that_nobody_escaped(client: FlaskClient) -> None:
    """It arrives as a space, which no IRI has, so a plus was meant."""
    response = client.get("/resource?iri=https://x.example/a+b")
    assert response.json
    assert response.json["iri"] == "https://x.example/a+b"


def test_a_kept_page_is_the_page_that_was_asked_for(client: FlaskClient) -> None:
    """What is kept is told apart by language, address and page, and has the headers of a page."""
    address = f"/resource{parameter(sample.COUNTRY)}"
    asked = [
        (address, "en"),
        (address, "de"),
        (f"{address}&lang=fr", "de"),
        (f"{address}&page=2", "en"),
    ]
    first, second = (
        [
            client.get(one, headers={"Accept": "text/html", "Accept-Language": to})
            for one, to in asked
        ]
        for _ in range(2)
    )
    assert len({one.text for one in first}) == len(asked)
    for before, after in zip(first, second, strict=True):
        assert after.text == before.text
        assert dict(after.headers, **{"X-Request-Id": ""}) == dict(
            before.headers, **{"X-Request-Id": ""}
        )
