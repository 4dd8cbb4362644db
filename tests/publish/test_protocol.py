"""The query operation of the SPARQL 1.1 Protocol, as a function of what came in."""

import pytest

from europass_ld.publish.problems import KINDS, Refusal
from europass_ld.publish.sparql.protocol import (
    FORM,
    QUERY,
    UPDATE,
    QueryRequest,
    by_format_name,
    offered,
    read_query,
)


def _read(
    method: str = "GET",
    query: bytes = b"",
    content_type: str | None = None,
    body: bytes = b"",
) -> QueryRequest | None:
    return read_query(method, query, content_type, body, 100)


def test_three_ways_to_ask() -> None:
    """GET, a form and a body lead to the same query."""
    wanted = QueryRequest("ASK {}")
    assert _read("GET", b"query=ASK+%7B%7D") == wanted
    assert _read("POST", content_type=f"{FORM}; charset=UTF-8", body=b"query=ASK%20{}") == wanted
    assert _read("POST", content_type=QUERY, body=b"ASK {}") == wanted


def test_the_dataset_is_named_in_the_address_or_the_form() -> None:
    """When a request names graphs, they are all there is; an empty part is empty."""
    graphs = b"default-graph-uri=http%3A%2F%2Fa%2F1&default-graph-uri=http://a/2"
    asked = _read("POST", graphs, QUERY, b"ASK {}")
    assert asked == QueryRequest("ASK {}", ("http://a/1", "http://a/2"), ())
    asked = _read("POST", b"", FORM, b"query=ASK {}&named-graph-uri=http://a/3&format=csv")
    assert asked == QueryRequest("ASK {}", (), ("http://a/3",), "csv")


def test_no_query_in_a_get() -> None:
    """A GET without a query is for the caller to decide."""
    assert _read("GET", b"format=csv") is None


@pytest.mark.parametrize(
    ("method", "query", "content_type", "body", "name", "detail"),
    [
        ("GET", b"query=ASK{}&query=ASK{}", None, b"", "malformed-request", "2 queries"),
        ("GET", b"query=%FF", None, b"", "malformed-request", "UTF-8"),
        ("GET", b"query=\xff", None, b"", "malformed-request", "UTF-8"),
        ("GET", b"query=++", None, b"", "no-query", "Send it"),
        ("GET", b"query=ASK{}&default-graph-uri=rel", None, b"", "malformed-request", "rel"),
        ("GET", b"update=CLEAR+ALL", None, b"", "update-refused", "deliver"),
        ("POST", b"", FORM, b"update=CLEAR ALL", "update-refused", "deliver"),
        ("POST", b"", UPDATE, b"CLEAR ALL", "update-refused", "deliver"),
        ("POST", b"", FORM, b"x=1", "no-query", "Send it"),
        ("POST", b"", QUERY, b"", "no-query", "Send it"),
        ("POST", b"", QUERY, b"\xff", "malformed-request", "byte 0"),
        ("POST", b"", "text/plain", b"ASK {}", "unsupported-media-type", "text/plain"),
        ("POST", b"", None, b"ASK {}", "unsupported-media-type", "no stated"),
        ("POST", b"", f"{QUERY}; charset=UTF-16", b"", "unsupported-media-type", "UTF-16"),
        ("GET", b"query=" + b"a" * 101, None, b"", "query-too-large", "101 bytes"),
        ("GET", b"a&" * 1001, None, b"", "malformed-request", "too many"),
    ],
)
def test_refusals(
    method: str, query: bytes, content_type: str | None, body: bytes, name: str, detail: str
) -> None:
    """Each thing that can be wrong has its own kind of problem and says what it is."""
    with pytest.raises(Refusal, match=detail) as caught:
        _read(method, query, content_type, body)
    assert caught.value.name == name
    assert name in KINDS


@pytest.mark.parametrize(
    ("name", "outcome", "media_type"),
    [
        ("json", "solutions", "application/sparql-results+json"),
        ("json", "graph", "application/ld+json"),
        ("xml", "boolean", "application/sparql-results+xml"),
        ("rdf+xml", "graph", "application/rdf+xml"),
        ("turtle", "graph", "text/turtle"),
        ("text/csv", "solutions", "text/csv"),
        ("html", "graph", "text/html"),
    ],
)
def test_format_names(name: str, outcome: str, media_type: str) -> None:
    """Our own names, media types, and what SPARQLWrapper sends are understood."""
    assert outcome in {"solutions", "boolean", "graph"}
    chosen = by_format_name(name, outcome)  # type: ignore[arg-type]
    assert chosen is not None
    assert chosen.media_types[0] == media_type


def test_unknown_format_names() -> None:
    """A format that does not suit the result is none."""
    assert by_format_name("csv", "graph") is None
    assert by_format_name("ttl", "solutions") is None
    assert by_format_name("docx", "solutions") is None
    assert offered("graph")[0].name == "ttl"
