"""SPARQL 1.1 Protocol, query operation: from what came in to a query and its dataset.

No IO and no Flask here. <https://www.w3.org/TR/sparql11-protocol/#query-operation>
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from ..addresses import is_iri
from ..language import Message
from ..negotiation import HTML, RDF, RESULTS, Representation
from ..problems import Refusal

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
Outcome = Literal["solutions", "boolean", "graph"]

_MANY_PARAMETERS = 1000
_OTHER_NAMES = {
    "turtle": "ttl",
    "n3": "ttl",  # every Turtle document is one of N3
    "ntriples": "nt",
    "n-triples": "nt",
    "nquads": "nq",
    "n-quads": "nq",
    "rdf": "rdfxml",
    "rdf+xml": "rdfxml",
    "rdf/xml": "rdfxml",
    "xml": "rdfxml",
    "json-ld": "jsonld",
    "json": "jsonld",
}
"""What clients call the formats of graphs in `?format=` (SPARQLWrapper sends these)."""


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query as it was asked; None for the graphs where the request names none.

    When it names any, they are the whole dataset: what is not named is empty. `timeout` is in
    seconds.
    """

    text: str
    default_graph: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    format: str | None = None
    timeout: float | None = None


def read_query(
    method: str,
    query_string: bytes,
    content_type: str | None,
    body: bytes,
    max_bytes: int,
) -> QueryRequest | None:
    """Return the query of a GET or POST request; None when a GET carries none.

    Raises:
        Refusal: an update, several queries, no query in a POST, another media type or encoding,
            or a query of more than `max_bytes` bytes in UTF-8.
    """
    parameters = _parameters(_decoded(query_string))
    text = None
    if method == "POST":
        media_type = _media_type(content_type)
        if media_type == FORM:
            parameters += _parameters(_decoded(body))
        elif media_type == QUERY:
            text = _decoded(body)
        else:
            raise _wrong_media_type(media_type)
    _refuse_update(parameters)
    queries = _values(parameters, "query") + ([] if text is None else [text])
    if len(queries) > 1:
        raise Refusal(
            "malformed-request",
            Message("There are %(count)s queries; one is answered.", count=len(queries)),
        )
    if not queries:
        if method == "POST":
            raise no_query()
        return None
    return _request(queries[0], parameters, max_bytes)


def no_query() -> Refusal:
    """Return the refusal of a request without a query."""
    return Refusal(
        "no-query",
        "Send it as ?query=…, as a form field named query, or as the body of a POST with"
        f" Content-Type {QUERY}.",
    )


def offered(outcome: Outcome) -> tuple[Representation, ...]:
    """Return what a result can be sent as, in the order of preference."""
    return (*(RDF if outcome == "graph" else RESULTS), HTML)


def by_format_name(name: str, outcome: Outcome) -> Representation | None:
    """Return what `?format=name` asks for, for a result of this kind; None when there is none."""
    wanted = name.strip().lower().replace(" ", "+")  # a plus that nobody escaped
    if outcome == "graph":
        wanted = _OTHER_NAMES.get(wanted, wanted)
    return next((one for one in offered(outcome) if wanted in (one.name, *one.media_types)), None)


def _request(text: str, parameters: Iterable[tuple[str, str]], max_bytes: int) -> QueryRequest:
    size = len(text.encode())
    if size > max_bytes:
        raise Refusal(
            "query-too-large",
            Message(
                "The query has %(size)s bytes; %(most)s are allowed.", size=size, most=max_bytes
            ),
            limit=max_bytes,
        )
    if not text.strip():
        raise no_query()
    default_graph = tuple(_values(parameters, "default-graph-uri"))
    named_graphs = tuple(_values(parameters, "named-graph-uri"))
    for iri in (*default_graph, *named_graphs):
        if not is_iri(iri):
            raise Refusal(
                "malformed-request",
                Message("The name of a graph is no absolute IRI: %(iri)s", iri=iri),
            )
    given = bool(default_graph or named_graphs)
    formats = [one for name in ("format", "output") for one in _values(parameters, name) if one]
    return QueryRequest(
        text,
        default_graph if given else None,
        named_graphs if given else None,
        formats[0] if formats else None,
        _timeout(parameters),
    )


def _timeout(parameters: Iterable[tuple[str, str]]) -> float | None:
    given = [one for one in _values(parameters, "timeout") if one]
    if not given:
        return None
    try:
        seconds = float(given[0])
    except ValueError:
        seconds = 0.0
    if not seconds > 0:  # nan is not either
        raise Refusal(
            "malformed-request", Message("The parameter timeout is a number of seconds above 0.")
        )
    return seconds


def _parameters(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=_MANY_PARAMETERS
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise Refusal(
            "malformed-request",
            Message("The parameters are not UTF-8 in percent-encoding, or too many."),
        ) from error


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(
            "malformed-request", f"This is not UTF-8: byte {error.start} is wrong."
        ) from error


def _media_type(content_type: str | None) -> str:
    media_type, _, parameters = (content_type or "").partition(";")
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset" and value.strip(" \"'").lower() not in {
            "utf-8",
            "utf8",
            "us-ascii",
        }:
            raise Refusal(
                "unsupported-media-type",
                f"The body is said to be in {value.strip()}; queries are read in UTF-8.",
            )
    return media_type.strip().lower()


def _wrong_media_type(media_type: str) -> Refusal:
    if media_type == UPDATE:
        return _update()
    return Refusal(
        "unsupported-media-type",
        f"The body is {media_type or 'of no stated media type'}; a query is sent as {FORM} or"
        f" {QUERY}.",
        headers={"Accept-Post": f"{FORM}, {QUERY}"},
    )


def _refuse_update(parameters: Sequence[tuple[str, str]]) -> None:
    if _values(parameters, "update"):
        raise _update()


def _update() -> Refusal:
    return Refusal(
        "update-refused",
        "This endpoint answers queries. What it holds changes only when a publisher delivers a"
        " new version of its documents.",
    )


def _values(parameters: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in parameters if key == name]
