"""Queries answered before Flask: as the view would, and only those."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from europass_ld.queries.wire import PART_SIZE

from . import sample

_OWN = "# other tests do not ask for this, so it is in no memory"
SELECT = f"SELECT ?p {{ <{sample.OUTCOME}> ?p ?o }} ORDER BY ?p {_OWN}"
GRAPH = f"DESCRIBE <{sample.OUTCOME}> {_OWN}"
LONG = f'SELECT (CONCAT("{"x" * 900}", STR(?s)) AS ?text) {{ ?s ?p ?o . ?a ?b ?c }} LIMIT 200'
QUERY = "application/sparql-query"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ID = "the-same-each-time"
_GRAPHS = {"default-graph-uri": "https://x.example/none"}
_DIRECT: tuple[dict[str, Any], ...] = (
    {"query_string": {"query": SELECT}},
    {"query_string": {"query": GRAPH}},
    {"query_string": {"query": f"ASK {{}} {_OWN}"}},
    {"query_string": {"query": LONG}},
    {"query_string": {"query": "SELECT (1 + 1 AS ?two) (BNODE() AS ?node) {}"}},
    {"query_string": {"query": SELECT, **_GRAPHS}},
    {"query_string": {"query": SELECT, "timeout": "5"}},
    {"query_string": {"query": SELECT, "format": "csv"}, "headers": {"Accept": BROWSER}},
    {"query_string": {"query": GRAPH, "format": "turtle"}, "headers": {"Accept": "image/png"}},
    {"query_string": {"query": GRAPH}, "headers": {"Accept": "application/ld+json"}},
    {"query_string": {"query": GRAPH}, "headers": {"Accept-Encoding": "gzip"}},
    {"query_string": {"query": LONG}, "headers": {"Accept-Encoding": "zstd, br"}},
    {"query_string": {"query": GRAPH}, "headers": {"If-None-Match": "*"}},
    {"query_string": {"query": GRAPH}, "headers": {"If-None-Match": '"another"'}},
    {"query_string": {"query": "ASK { ?s a ?o }"}, "headers": {"Origin": "https://x.example"}},
    {"method": "POST", "data": {"query": SELECT}},
    {"method": "POST", "data": GRAPH, "content_type": QUERY},
    {"method": "POST", "data": GRAPH, "content_type": QUERY, "query_string": _GRAPHS},
    {"method": "POST", "data": GRAPH, "content_type": QUERY, "headers": {"If-None-Match": "*"}},
)
_NOT_DIRECT: tuple[dict[str, Any], ...] = (
    {},
    {"headers": {"Accept": BROWSER}},
    {"query_string": {"query": SELECT}, "headers": {"Accept": BROWSER}},
    {"query_string": {"query": SELECT, "format": "html"}},
    {"query_string": {"query": SELECT}, "method": "HEAD"},
    {"query_string": {"query": SELECT}, "method": "OPTIONS"},
    {"query_string": {"query": SELECT}, "method": "PUT"},
    {"query_string": {"query": SELECT}, "headers": {"Accept": "image/png"}},
    {"query_string": {"query": "SELECT * { <x"}},
    {"query_string": {"query": "SELECT * { <x"}, "headers": {"Accept": BROWSER}},
    {"query_string": {"query": "SELECT * { SERVICE <http://x.example/> {} }"}},
    {"query_string": {"query": [SELECT, GRAPH]}},
    {"query_string": {"query": SELECT, "timeout": "soon"}},
    {"query_string": {"query": "#" * 5_001}},
    {"query_string": "query=%FF"},
    {"query_string": {"update": "CLEAR ALL"}},
    {"method": "POST"},
    {"method": "POST", "data": "CLEAR ALL", "content_type": "application/sparql-update"},
    {"method": "POST", "data": b"\xff", "content_type": QUERY},
    {"method": "POST", "data": "#" * 5_001, "content_type": QUERY},
    {"method": "POST", "data": "#" * 20_001, "content_type": QUERY},
    {"method": "POST", "data": {"query": SELECT}, "headers": {"Accept": BROWSER}},
)


@pytest.fixture
def seen(app: Flask) -> Iterator[list[str]]:
    """Note the paths that come as far as Flask."""
    paths: list[str] = []
    dispatch = app.full_dispatch_request

    def counted() -> Any:
        from flask import request  # noqa: PLC0415 - as a view has it

        paths.append(request.path)
        return dispatch()

    app.full_dispatch_request = counted  # type: ignore[method-assign]
    yield paths
    app.full_dispatch_request = dispatch  # type: ignore[method-assign]


def _told(response: TestResponse) -> tuple[object, ...]:
    headers = [one for one in response.headers if one[0] != "Date"]
    return response.status, headers, response.data


def _both(client: FlaskClient, asked: dict[str, Any]) -> tuple[TestResponse, TestResponse]:
    """Ask at the address of the endpoint, and where only the view answers."""
    headers = {"X-Request-Id": _ID, **asked.get("headers", {})}
    first, second = (
        client.open(path, **{"method": "GET", **asked, "headers": headers})
        for path in ("/sparql", "/sparql/")
    )
    return first, second


@pytest.mark.parametrize("asked", _DIRECT, ids=str)
def test_data_come_from_before_flask_and_are_the_same(
    client: FlaskClient, seen: list[str], asked: dict[str, Any]
) -> None:
    """Status, headers in their order, and bytes are those of the view."""
    direct, viewed = _both(client, asked)
    assert seen == ["/sparql/"]
    assert direct.status_code in {200, 304}
    assert "bnode" in str(asked).lower() or _told(direct) == _told(viewed)
    assert direct.headers.to_wsgi_list()[:4] == viewed.headers.to_wsgi_list()[:4]


@pytest.mark.parametrize("asked", _NOT_DIRECT, ids=lambda one: str(one)[:100])
def test_all_else_is_left_to_flask(
    client: FlaskClient, seen: list[str], asked: dict[str, Any]
) -> None:
    """Pages, other methods, and whatever goes wrong, before the query runs or after it."""
    direct, viewed = _both(client, asked)
    assert seen == ["/sparql", "/sparql/"]
    assert direct.status_code == viewed.status_code
    assert direct.content_type == viewed.content_type
    if "html" not in direct.content_type:  # a page links to itself
        assert _told(direct) == _told(viewed)


def test_a_query_that_fails_runs_once(client: FlaskClient, app: Flask) -> None:
    """What is left to Flask is the error, not the work."""
    before = site_of(app).queries.counters().get("QueryRefused", 0)
    client.get("/sparql", query_string={"query": "SELECT * { <x"})
    assert site_of(app).queries.counters()["QueryRefused"] == before + 1


def test_a_long_answer_that_is_not_wanted_frees_its_worker(client: FlaskClient, app: Flask) -> None:
    """Who goes away in the middle lets the query be ended."""
    queries = site_of(app).queries
    before = queries.counters().get("abandoned", 0)
    response = client.get("/sparql", query_string={"query": f"{LONG}0"}, buffered=False)
    assert len(next(iter(response.response))) >= PART_SIZE
    assert len(queries.running()) == 1
    response.close()
    assert queries.running() == ()
    assert queries.counters()["abandoned"] == before + 1


def test_the_hosts_of_publishers_are_left_to_flask(directory: Path, settings: Settings) -> None:
    """There `/sparql` may be the IRI of a record, which is looked for first."""
    app = create_app(directory, replace(settings, authoritative_hosts=("localhost",)))
    views: list[str] = []
    app.before_request(lambda: views.append("view"))
    response = app.test_client().get("/sparql", query_string={"query": "ASK {}"})
    site_of(app).close()
    assert response.status_code == 200
    assert views == ["view"]
