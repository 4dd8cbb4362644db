"""What the endpoint promises beyond the protocol: limits, codings, entity tags, what it tells."""

import gzip
import json
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
import rdflib
import zstandard
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.config import Settings, load_settings
from europass_ld.errors import ConfigurationError
from europass_ld.publish import create_app
from europass_ld.publish.addresses import effective_client, networks
from europass_ld.publish.negotiation import CODINGS, choose_coding
from europass_ld.publish.serving.coding import encoded
from europass_ld.publish.site import site_of

from . import sample

SELECT = f"SELECT ?p {{ <{sample.OUTCOME}> ?p ?o }}"
LONG = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r }"
)
_DECODERS = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
_TOKEN = "an administrator's token"  # noqa: S105 - of no server but the test's
_LOCAL = "http://localhost/"


@pytest.fixture
def narrow(directory: Path, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """Make an application with tight limits, a token and a log."""
    limits = replace(
        settings,
        max_query_bytes=100_000,
        query_deadline=1.5,
        query_result_bytes=200_000,
        query_workers=2,
        queries_per_client=1,
        query_log=tmp_path / "queries.log",
        admin_token=_TOKEN,
    )
    app = create_app(directory, limits)
    yield app
    site_of(app).close()


def test_a_query_past_its_deadline(narrow: Flask) -> None:
    """503 with when to come again, the limit and the time; `timeout` lowers it, and raises none."""
    client = narrow.test_client()
    client.get("/sparql", query_string={"query": "ASK {}"})
    for given_, seconds in (({"timeout": "0.3"}, 0.3), ({"timeout": "600"}, 1.5)):
        response = client.get("/sparql", query_string={"query": LONG, **given_})
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) >= 1
        assert response.content_type == "application/problem+json"
        assert response.json
        assert response.json["type"].endswith("#query-timeout")
        assert response.json["limit"] == "deadline"
        assert response.json["deadline"] == seconds
        assert seconds <= response.json["elapsed"] < seconds + 1


def test_a_query_past_its_deadline_on_a_page(narrow: Flask) -> None:
    """A browser gets the form again with the reason."""
    response = narrow.test_client().get(
        "/sparql", query_string={"query": LONG, "timeout": "0.5"}, headers={"Accept": "text/html"}
    )
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert 'role="alert"' in response.text


def test_too_many_queries_of_one_client(narrow: Flask) -> None:
    """429 for the client that has its share under way, and an answer for another."""
    first = threading.Thread(
        target=narrow.test_client().get, args=("/sparql",), kwargs={"query_string": {"query": LONG}}
    )
    first.start()
    while not site_of(narrow).queries.running():
        time.sleep(0.01)
    client = narrow.test_client()
    refused = client.get("/sparql", query_string={"query": "ASK {}"})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    assert refused.json
    assert refused.json["limit"] == "per_client"
    assert refused.json["elapsed"] < 1
    other = {"REMOTE_ADDR": "192.0.2.7"}
    answer = client.get("/sparql", query_string={"query": "ASK {}"}, environ_overrides=other)
    assert answer.status_code == 200
    first.join()


def test_an_answer_that_is_too_long_begins_and_breaks(narrow: Flask) -> None:
    """Past the limit the body raises, which is what makes a server abort the connection."""
    numbers = "".join(f"VALUES ?v{one} {{ 0 1 2 3 4 5 6 7 8 9 }}" for one in range(4))
    response = narrow.test_client().get(
        "/sparql", query_string={"query": f"SELECT * {{ {numbers} }}"}, buffered=False
    )
    assert response.status_code == 200
    with pytest.raises(Exception, match="200000 bytes"):
        response.get_data()


def test_a_nested_query_is_too_large(narrow: Flask) -> None:
    """What ends a worker is a 413 with the limit's name, and the next query is answered."""
    client = narrow.test_client()
    query = f"SELECT ({'(' * 20_000}1{')' * 20_000} AS ?x) {{}}"
    response = client.post("/sparql", data=query, content_type="application/sparql-query")
    assert response.status_code == 413
    assert response.json
    assert response.json["limit"] == "nesting"
    assert client.get("/sparql", query_string={"query": "ASK {}"}).status_code == 200


def test_the_log_of_queries(narrow: Flask, tmp_path: Path) -> None:
    """Where it is asked for: text and outcome, nothing of who asked, for the operator's eyes."""
    client = narrow.test_client()
    client.get("/sparql", query_string={"query": SELECT, "format": "csv"})
    client.get("/sparql", query_string={"query": "SELECT nothing"})
    path = tmp_path / "queries.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    answered, refused = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (answered["query"], answered["outcome"]) == (SELECT, "answered")
    assert (refused["query"], refused["outcome"]) == ("SELECT nothing", "QueryRefused")
    assert "127.0.0.1" not in path.read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_told_at_the_start(
    directory: Path, settings: Settings, tmp_path: Path
) -> None:
    """An operator hears of it before the first query does."""
    with pytest.raises(ConfigurationError) as raised:
        create_app(directory, replace(settings, query_log=tmp_path / "none" / "log"))
    assert raised.value.setting == "query_log"


def test_no_text_is_kept_by_default(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Neither a refused query nor one that is answered leaves its text anywhere."""
    for query in ("ASK { <urn:secret> ?p ?o }", "SELECT secret"):
        client.get("/sparql", query_string={"query": query})
    assert "secret" not in caplog.text
    assert "secret" not in client.get("/metrics").text
    assert not list(tmp_path.iterdir())


def test_the_administrator_lists_and_stops(narrow: Flask) -> None:
    """With the token: a query is listed, with its text when asked, and ends when told to."""
    client, headers = narrow.test_client(), {"Authorization": f"Bearer {_TOKEN}"}
    found: list[int] = []

    def ask() -> None:
        found.append(narrow.test_client().get("/sparql", query_string={"query": LONG}).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    listed: list[dict[str, object]] = []
    while not listed:
        answer = client.get("/admin/queries", headers=headers)
        assert answer.json
        listed = answer.json["queries"]
    assert listed[0]["text"] is None
    assert "Access-Control-Allow-Origin" not in answer.headers
    with_text = client.get("/admin/queries?text", headers=headers).json
    assert with_text
    assert LONG in with_text["queries"][0]["text"]
    address = f"/admin/queries/{listed[0]['id']}"
    assert client.delete(address).status_code == 403
    assert client.delete(address, headers=headers).status_code == 204
    thread.join()
    assert found == [503]
    assert client.delete(address, headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("peer", "host", "headers", "status"),
    [
        ("127.0.0.1", _LOCAL, {}, 200),
        ("::1", "http://[::1]:8000/", {}, 200),
        ("::ffff:127.0.0.1", _LOCAL, {}, 200),
        ("192.0.2.1", _LOCAL, {}, 403),
        ("127.0.0.1", "http://rebound.example/", {}, 403),
        ("127.0.0.1", _LOCAL, {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", _LOCAL, {"Forwarded": "for=192.0.2.1"}, 403),
        ("127.0.0.1", _LOCAL, {"Origin": "https://evil.example"}, 403),
        ("10.1.0.1", _LOCAL, {"X-Forwarded-For": "127.0.0.1"}, 403),
    ],
)
def test_without_a_token_only_this_machine_is_let_in(
    client: FlaskClient, peer: str, host: str, headers: dict[str, str], status: int
) -> None:
    """Straight from a loopback address, under a name of this machine, for no page of others."""
    answer = client.get(
        "/admin/queries",
        headers=headers,
        base_url=host,
        environ_overrides={"REMOTE_ADDR": peer},
    )
    assert answer.status_code == status


@pytest.mark.parametrize("given_", ["", "Bearer", "Bearer wrong", f"Basic {_TOKEN}", _TOKEN])
def test_with_a_token_nothing_else_counts(narrow: Flask, given_: str) -> None:
    """Not even this machine is let in without it."""
    headers = {"Authorization": given_}
    assert narrow.test_client().get("/admin/queries", headers=headers).status_code == 403


def test_a_token_is_not_shown() -> None:
    """Neither in the list of settings, nor in the settings' own words, nor in an error."""
    configured, origins = load_settings({"admin_token": _TOKEN}, environment={})
    assert configured.admin_token == _TOKEN
    assert _TOKEN not in repr(configured)
    assert _TOKEN not in repr(origins)
    with pytest.raises(ConfigurationError) as raised:
        load_settings({"admin_token": "short"}, environment={})
    assert "short" not in str(raised.value)


def test_metrics(client: FlaskClient) -> None:
    """Counts grow with queries; every line is one that Prometheus reads."""

    def count() -> int:
        lines = client.get("/metrics").text.splitlines()
        found = [one for one in lines if one.startswith("europass_ld_queries_total")]
        values = dict(one.rsplit(" ", 1) for one in found)
        return int(values['europass_ld_queries_total{end="answered"}'])

    before = count()
    assert client.get("/sparql", query_string={"query": "ASK {}"}).status_code == 200
    assert count() == before + 1
    response = client.get("/metrics")
    assert response.content_type.startswith("text/plain; version=0.0.4")
    for line in response.text.splitlines():
        assert line.startswith(("# HELP europass_ld_", "# TYPE europass_ld_", "europass_ld_"))
        if line[0] != "#":
            float(line.rpartition(" ")[2])


@pytest.mark.parametrize("address", ["/health", "/health/live", "/health/ready"])
def test_health(client: FlaskClient, address: str) -> None:
    """The process answers, and so do its queries."""
    response = client.get(address)
    assert response.status_code == 200
    assert response.json
    assert response.json["status"] == "ok"


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    "address",
    [
        f"/resource.ttl?iri={sample.COURSE}",
        f"/resource.html?iri={sample.COURSE}",
        "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D",
        "/sparql?format=csv&query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20.%20%3Fa%20%3Fb%20%3Fc%7D",
        "/rdf-graphs?default",
    ],
)
def test_codings(client: FlaskClient, address: str, coding: str) -> None:
    """Text comes in the coding that is accepted, says so, and is the same text."""
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": coding})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert len(packed.data) < len(plain.data)
    assert _DECODERS[coding](packed.data) == plain.data
    tag = packed.headers["ETag"]
    assert (tag == plain.headers["ETag"]) is tag.startswith("W/")
    headers = {"Accept-Encoding": coding, "If-None-Match": tag}
    again = client.get(address, headers=headers)
    assert again.status_code == 304
    assert again.headers["ETag"] == tag


def test_small_and_binary_bodies_stay(client: FlaskClient) -> None:
    """Nothing is gained for a few bytes."""
    headers = {"Accept-Encoding": "gzip"}
    response = client.get("/sparql", query_string={"query": "ASK {}"}, headers=headers)
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("*", "zstd"),
        ("zstd;q=0, *", "br"),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("x-gzip", "gzip"),
        ("deflate", None),
    ],
)
def test_the_choice_of_a_coding(header: str | None, coding: str | None) -> None:
    """What the client likes best, of equals what costs least; nothing that it did not accept."""
    assert choose_coding(header) == coding


@given(st.lists(st.binary(max_size=3000)), st.sampled_from(CODINGS))
def test_any_parts_in_a_coding_are_the_same_bytes(parts: list[bytes], coding: str) -> None:
    """Whatever the parts are, also none or empty ones."""
    assert _DECODERS[coding](b"".join(encoded(parts, coding))) == b"".join(parts)


def test_entity_tags_of_answers(client: FlaskClient) -> None:
    """The same for the same state, query, graphs and format; none for what changes by itself."""

    def tag(**parameters: str) -> str | None:
        response = client.get("/sparql", query_string={"query": SELECT, **parameters})
        assert response.status_code == 200
        return response.headers.get("ETag")

    first = tag()
    assert first
    assert first.startswith('W/"')
    assert tag() == first
    others = [
        tag(format="csv"),
        tag(query=f"{SELECT} "),
        tag(**{"default-graph-uri": sample.FIRST}),
        tag(**{"named-graph-uri": sample.FIRST}),
    ]
    assert len({first, *others}) == 5
    for call in ("NOW()", "rand ( )", "UUID()", "struuid()", "BNODE()", "NOW #\n ()"):
        assert tag(query=f"SELECT ({call} AS ?x) {{}}") is None
    for method in (client.get, client.head):
        response = method(
            "/sparql", query_string={"query": SELECT}, headers={"If-None-Match": first}
        )
        assert response.status_code == 304
        assert response.data == b""
    posted = client.post("/sparql", data={"query": SELECT}, headers={"If-None-Match": first})
    assert posted.status_code == 200


def test_an_answer_names_its_state(client: FlaskClient) -> None:
    """By a header that scripts may read."""
    response = client.get("/sparql", query_string={"query": SELECT})
    assert int(response.headers["Europass-State"]) >= 3
    assert "Europass-State" in response.headers["Access-Control-Expose-Headers"]


def test_positions_are_those_of_the_clients_text(client: FlaskClient) -> None:
    """Relative IRIs are relative to the endpoint, and errors know nothing of how that is done."""
    query = "SELECT (STR(<x>) AS ?iri) {}"
    response = client.get("/sparql", query_string={"query": query, "output": "csv"})
    assert response.text.split() == ["iri", f"{sample.BASE}x"]
    response = client.get("/sparql", query_string={"query": "SELECT ?x {\n ?x ?y }"})
    assert response.json
    assert (response.json["line"], response.json["column"]) == (2, 9)
    assert response.json["detail"].startswith("line 2, column 9")


def test_graphs(client: FlaskClient) -> None:
    """By name, the default graph, negotiated; what is not there and what is not said."""
    answer = client.get("/rdf-graphs", query_string={"graph": sample.SECOND})
    assert answer.content_type == "text/turtle; charset=utf-8"
    graph = rdflib.Graph().parse(data=answer.data, format="turtle")
    assert (rdflib.URIRef(sample.COURSE), None, None) in graph
    default = client.get("/rdf-graphs?default", headers={"Accept": "application/n-triples"})
    assert sample.OUTCOME in default.text
    head = client.head("/rdf-graphs", query_string={"graph": sample.SECOND})
    assert (head.status_code, head.content_type) == (200, answer.content_type)
    for address, status in (
        ("/rdf-graphs?graph=https%3A%2F%2Fnothing.example%2F", 404),
        ("/rdf-graphs/nothing", 404),
        ("/id/graph/nothing", 404),
        ("/rdf-graphs?graph=relative", 400),
        ("/rdf-graphs", 400),
        (f"/rdf-graphs?default&graph={sample.FIRST}", 400),
        ("/rdf-graphs?default&format=csv", 406),
    ):
        assert client.get(address).status_code == status, address
    named = client.get("/id/graph/provenance")
    assert named.status_code == 303
    assert client.get(named.location).status_code == 200
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        refused = client.open("/rdf-graphs?default", method=method, data="x")
        assert refused.status_code == 405
        assert refused.json
        assert "publisher" in refused.json["detail"]


def test_the_description_of_the_service(client: FlaskClient) -> None:
    """Small, negotiated, and about the address that was asked, with the graphs of datasets."""
    for kind in ("text/turtle", "application/ld+json", "application/rdf+xml", "*/*"):
        response = client.get("/sparql", headers={"Accept": kind}, base_url="https://x.example/")
        assert len(response.data) < 16_000
        graph = rdflib.Graph().parse(data=response.data, format=response.mimetype)
        terms = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
        endpoint = rdflib.URIRef("https://x.example/sparql")
        assert (endpoint, terms.endpoint, endpoint) in graph
        assert {rdflib.URIRef(sample.FIRST), rdflib.URIRef(sample.SECOND)} <= set(
            graph.objects(None, terms.name)
        )
        assert len(list(graph.objects(endpoint, terms.resultFormat))) == 10
        again = client.get(
            "/sparql",
            headers={"Accept": kind, "If-None-Match": response.headers["ETag"]},
            base_url="https://x.example/",
        )
        assert again.status_code == 304


@pytest.mark.parametrize(
    ("peer", "forwarded", "client_"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("2001:db8::1", "", "2001:db8::/64"),
        ("2001:db8::ffff:2", "", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        (None, "203.0.113.9", ""),
    ],
)
def test_who_asks(peer: str | None, forwarded: str, client_: str) -> None:
    """The last address that no trusted proxy wrote of itself; networks for IPv6."""
    assert (
        effective_client(peer, forwarded, networks(["10.0.0.0/8"], setting="trusted_proxies"))
        == client_
    )
