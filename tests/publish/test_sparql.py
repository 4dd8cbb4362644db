"""The SPARQL endpoint over HTTP."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from lxml import html

from europass_ld.formats import RDF_FORMATS, RESULT_FORMATS, Format
from europass_ld.queries.wire import PART_SIZE
from europass_ld.terms import expand

from . import sample

SELECT = f"SELECT ?p {{ <{sample.OUTCOME}> ?p ?o }} ORDER BY ?p"
GRAPH = f"CONSTRUCT WHERE {{ <{sample.OUTCOME}> ?p ?o }}"
_TITLE, _TYPE = expand("dct:title"), expand("rdf:type")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("by", ["accept", "format"])
@pytest.mark.parametrize("format_", RESULT_FORMATS, ids=lambda one: str(one.name))
def test_results_in_every_format(client: FlaskClient, format_: Format, by: str) -> None:
    """Solutions and truth values, asked for by header or by name."""
    for query in (SELECT, "ASK {}"):
        parameters = {"query": query} | ({"format": format_.name} if by == "format" else {})
        headers = {"Accept": format_.media_type if by == "accept" else "image/png"}
        response = client.get("/sparql", query_string=parameters, headers=headers)
        assert response.status_code == 200
        assert response.content_type == format_.content_type
        assert response.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language"
        assert isinstance(format_.oxigraph, ox.QueryResultsFormat)
        if format_.name == "csv":  # the engine reads no CSV: it does not say what is an IRI
            assert response.text.split() == (["p", _TITLE, _TYPE] if query == SELECT else ["true"])
            continue
        parsed = ox.parse_query_results(response.data, format=format_.oxigraph)
        assert isinstance(parsed, ox.QuerySolutions) == (query == SELECT)


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda one: str(one.name))
def test_graphs_in_every_format(client: FlaskClient, format_: Format) -> None:
    """CONSTRUCT and DESCRIBE in all six formats."""
    for query in (GRAPH, f"DESCRIBE <{sample.OUTCOME}>"):
        response = client.get(
            "/sparql", query_string={"query": query}, headers={"Accept": format_.media_type}
        )
        assert response.content_type == format_.content_type
        assert isinstance(format_.oxigraph, ox.RdfFormat)
        assert len(list(ox.parse(response.data, format=format_.oxigraph))) == 2


def test_defaults(client: FlaskClient) -> None:
    """Who takes anything gets JSON for results and Turtle for graphs."""
    for query, content_type in (
        (SELECT, "application/sparql-results+json"),
        (GRAPH, "text/turtle; charset=utf-8"),
    ):
        assert client.get("/sparql", query_string={"query": query}).content_type == content_type


def test_three_ways_to_ask_and_a_slash(client: FlaskClient) -> None:
    """GET, a form and a body; the address may end in a slash."""
    answers = [
        client.get("/sparql", query_string={"query": SELECT}),
        client.get("/sparql/", query_string={"query": SELECT}),
        client.post("/sparql", data={"query": SELECT}),
        client.post("/sparql", data=SELECT, content_type="application/sparql-query"),
    ]
    assert len({one.data for one in answers}) == 1
    assert all(one.status_code == 200 for one in answers)


def test_the_dataset_of_the_protocol(client: FlaskClient) -> None:
    """Named graphs make the default graph; what is not named is not there."""
    price = f"SELECT ?text {{ <{sample.NODE}> <http://purl.org/dc/terms/description> ?text }}"
    for graphs, count in (
        ({}, 2),
        ({"default-graph-uri": sample.FIRST}, 1),
        ({"default-graph-uri": [sample.FIRST, sample.SECOND]}, 2),
        ({"named-graph-uri": sample.FIRST}, 0),
        ({"default-graph-uri": "https://nothing.example/"}, 0),
    ):
        response = client.get("/sparql", query_string={"query": price, **graphs})
        assert response.json
        assert len(response.json["results"]["bindings"]) == count


def test_the_default_graph_says_each_thing_once(client: FlaskClient) -> None:
    """Two datasets state the course's type; it counts once."""
    query = f"SELECT (COUNT(*) AS ?n) {{ <{sample.COURSE}> a ?class }}"
    response = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert response.text.split() == ["n", "1"]


@pytest.mark.parametrize(
    ("query", "status", "kind", "facts"),
    [
        ("SELECT * {\n ?s ?p }", 400, "malformed-query", {"line": 2, "column": 9}),
        ("ASK { SERVICE <http://x/> {} }", 403, "call-refused", {"line": 1, "column": 7}),
        ("ASK {\n\\u0053ERVICE <http://x/> {} }", 403, "call-refused", {"line": 2, "column": 1}),
        ("LOAD <http://x/>", 403, "call-refused", {"forbidden": "LOAD"}),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", 400, "malformed-query", {"line": 1}),
        ("ASK {}" + " " * 5000, 413, "query-too-large", {"limit": 5000}),
        ("", 400, "no-query", {}),
    ],
)
def test_refused_queries(
    client: FlaskClient, query: str, status: int, kind: str, facts: dict[str, object]
) -> None:
    """Each is a problem document with its type and, for a query, the position."""
    response = client.get("/sparql", query_string={"query": query})
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json
    assert response.json["type"].endswith(f"#{kind}")
    assert facts.items() <= response.json.items()


@pytest.mark.parametrize(
    ("method", "arguments", "status"),
    [
        ("POST", {"data": {"update": "CLEAR ALL"}}, 403),
        ("POST", {"data": "CLEAR ALL", "content_type": "application/sparql-update"}, 403),
        ("POST", {"data": "ASK {}", "content_type": "text/plain"}, 415),
        ("POST", {"data": b"x" * 30_000, "content_type": "application/sparql-query"}, 413),
        ("PUT", {"query_string": {"query": "ASK {}"}}, 405),
        ("GET", {"query_string": {"query": SELECT}, "headers": {"Accept": "image/png"}}, 406),
        ("GET", {"query_string": {"query": SELECT}, "headers": {"Accept": "text/turtle"}}, 406),
        ("GET", {"query_string": {"query": GRAPH, "format": "csv"}}, 406),
        ("GET", {"headers": {"Accept": "image/png"}}, 406),
        ("GET", {"query_string": {"query": "ASK {}", "timeout": "soon"}}, 400),
        ("GET", {"query_string": {"query": "ASK {}", "timeout": "0"}}, 400),
    ],
)
def test_refused_requests(
    client: FlaskClient, method: str, arguments: dict[str, object], status: int
) -> None:
    """Documents are the only way in, and what there is is listed."""
    response = client.open("/sparql", method=method, **arguments)  # type: ignore[arg-type]
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json
    assert response.json["status"] == status
    if status == 406:
        assert response.json["available"]
    if status == 405:
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_a_large_result_is_streamed(client: FlaskClient) -> None:
    """More than a part has no length in advance, and is whole."""
    variables = " ".join(f"?v{number}" for number in range(4))
    values = "".join(f"VALUES {one} {{ 0 1 2 3 4 5 6 7 8 9 }}" for one in variables.split())
    query = f"SELECT * {{ {values} }}"
    response = client.get("/sparql", query_string={"query": query}, buffered=False)
    assert "Content-Length" not in response.headers
    assert len(response.data) > 5 * PART_SIZE
    assert len(json.loads(response.data)["results"]["bindings"]) == 10_000


def test_head(client: FlaskClient) -> None:
    """HEAD answers as GET does, without the result."""
    response = client.head("/sparql", query_string={"query": SELECT})
    assert response.status_code == 200
    assert response.content_type == "application/sparql-results+json"
    assert response.data == b""


def test_scripts_of_other_sites_may_ask(client: FlaskClient) -> None:
    """CORS: any origin, with a preflight that allows the headers that matter."""
    response = client.options("/sparql", headers={"Origin": "https://app.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


def test_the_form(get: Callable[..., str]) -> None:
    """A browser without a query gets a form that works without scripts."""
    page = get("/sparql", Accept=BROWSER)
    assert '<form class="query" method="get" action="/sparql">' in page
    assert '<textarea id="query" name="query"' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (SELECT, ">dct:title</a>"),
        ("ASK {}", '<p class="lead">Yes</p>'),
        (GRAPH, "@prefix dct:"),
        ("SELECT ?x { VALUES ?x { 'a<b' UNDEF } }", "a&lt;b"),
        (
            "SELECT ?x { VALUES ?x { 'moi'@fi } }",
            '<span class="text" lang="fi" dir="auto">moi</span>',
        ),
    ],
)
def test_results_on_a_page(get: Callable[..., str], query: str, shown: str) -> None:
    """A browser sees results as a table, text or a word."""
    for page in (
        get(f"/sparql?query={quote(query)}", Accept=BROWSER),
        get(f"/sparql?format=html&query={quote(query)}", Accept="*/*"),
    ):
        assert shown in page


_TABLE = "SELECT ?what ?n { VALUES (?what ?n) { ('a<b'@en 2) ('c' 1) } }"


def _view(name: str, query: str = _TABLE) -> str:
    return f"/sparql?view={name}&query={quote(query)}"


def test_the_views_of_an_answer(get: Callable[..., str]) -> None:
    """Table, raw and chart are links that keep the query; an odd view is the table."""
    for view, shown in (
        ("table", '<table class="answer">'),
        ("raw", '<pre class="scroll" tabindex="0">what,n\na&lt;b,2\nc,1\n</pre>'),
        ("chart", '<desc id="chart-description">a&lt;b: 2; c: 1</desc>'),
    ):
        page = html.document_fromstring(get(_view(view), Accept=BROWSER))
        text = html.tostring(page, encoding="unicode").replace("\r", "").replace("&#13;", "")
        assert shown in text
        links = page.xpath("//nav[@class='views']//a")
        assert [one.text_content() for one in links] == ["Table", "Raw", "Chart"]
        assert [one.text_content() for one in links if one.get("aria-current")] == [view.title()]
        for one in links:
            assert parse_qs(urlsplit(one.get("href")).query)["query"] == [_TABLE]
    assert '<table class="answer">' in get(_view("pie"), Accept=BROWSER)


def test_a_chart_has_no_styles_of_its_own(get: Callable[..., str]) -> None:
    """The policy of pages forbids them: lengths are attributes, colours are in the style sheet."""
    page = html.document_fromstring(get(_view("chart"), Accept=BROWSER))
    (drawn,) = page.xpath("//*[@role='img'][@class='chart']")
    assert not drawn.xpath(".//@style | .//style | .//@fill | .//@onload")
    assert [one.get("width") for one in drawn.iter("rect")] == ["100.0%", "50.0%"]
    assert drawn.xpath("string(title)") == "n by what"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("SELECT ?x { VALUES ?x { 1 } }", "no column says"),
        ("SELECT ?x ?y { VALUES (?x ?y) { ('a' 'b') } }", "holds numbers, and only numbers"),
        ("SELECT * {}", "holds numbers, and only numbers"),
        ("ASK {}", '<p class="lead">Yes</p>'),
        (GRAPH, "@prefix dct:"),
    ],
)
def test_no_chart(get: Callable[..., str], query: str, shown: str) -> None:
    """Why there is none is said in words; a word or a graph is shown as ever."""
    page = get(_view("chart", query), Accept=BROWSER)
    assert shown in page
    assert 'class="chart"' not in page


def test_errors_on_a_page(get: Callable[..., str]) -> None:
    """A wrong query comes back in the form, with what is wrong."""
    page = get(f"/sparql?query={quote('SELECT * { <x')}", 400, Accept=BROWSER)
    assert 'role="alert"' in page
    assert "line 1, column" in page
    assert "SELECT * { &lt;x</textarea>" in page


def test_an_early_failure_is_a_problem_document(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks while a query begins is a 500 without a word about why."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("europass_ld.publish.sparql.answers.run", fail)
    response = client.get("/sparql", query_string={"query": f"{SELECT} # once only"})
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert "secret" not in response.text
