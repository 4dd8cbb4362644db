"""Answers to queries as data: from a query and a request's environ to a response.

Nothing here looks for Flask's current request: views use it, and what stands before Flask
(`direct`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Response

from ...errors import QueryRefused, StoreError
from ...queries import Answer, Query, UnwantedOutcome
from ...queries.federation import answer_services
from ...queries.guard import check_query
from ..negotiation import HTML, RDF, RESULTS, Representation, choose
from ..responses import REVALIDATE, VARY, not_acceptable, unchanged
from ..serving.recent import note_lasting
from ..site import Site
from .protocol import Outcome, QueryRequest, by_format_name, read_query

ENCODING_GROWTH = 4
"""How much longer a form may be than the query in it: every byte as %XX, and the other fields."""

_VOLATILE = re.compile(r"(?:now|rand|uuid|bnode)(?:\s|#[^\r\n]*)*\(|\\u|service", re.IGNORECASE)
"""What may give another answer each time; an escape may hide it."""
_MOST_CALLS = 4
"""How many times one query may call other endpoints."""
_LINE = re.compile(r"(?<=\bat )(\d+)(?=:\d+)")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and which state of the store.

    `environ` is that of the request, `state` the sequence of the log that is current at its start.
    A request that names an older state has that here, and in `generation` where it is.
    """

    current: Site
    environ: dict[str, Any]
    state: int
    generation: Path | None = None

    @property
    def accept(self) -> str | None:
        """The header Accept of the request."""
        return self.environ.get("HTTP_ACCEPT")

    @property
    def is_post(self) -> bool:
        """Tell whether it is sent by POST."""
        return bool(self.environ["REQUEST_METHOD"] == "POST")


def query_of(current: Site, environ: Mapping[str, Any], body: bytes) -> QueryRequest | None:
    """Return the query of a GET or POST request with this body; None when it is a GET without one.

    Raises:
        Refusal: it cannot be understood.
    """
    return read_query(
        environ["REQUEST_METHOD"],
        environ.get("QUERY_STRING", "").encode("latin-1"),
        environ.get("CONTENT_TYPE"),
        body,
        current.settings.max_query_bytes,
    )


def prefers_page(asked: QueryRequest, accept: str | None) -> bool:
    """Tell whether an answer is wanted as a page."""
    if asked.format is not None:
        return asked.format == HTML.name
    return choose(accept, (*RDF, *RESULTS, HTML)) is HTML


def data(asker: Asker, asked: QueryRequest) -> Response:
    """Return the answer to a query in the format that is asked for, or a 304.

    Raises:
        Refusal, StoreError: the query was not answered.
    """
    text = admitted(asker, asked)
    results = _representation(asker, asked, "solutions")
    graph = _representation(asker, asked, "graph")
    redacted = asker.current.reader.last_redaction() if asker.generation else 0
    tag = _entity_tag(asked, asker.state, results, graph, redacted)
    if tag and not asker.is_post:
        known = unchanged(asker.environ.get("HTTP_IF_NONE_MATCH"), tag)
        if known:
            return known
    answer = run(asker, asked, text, results=results, graph=graph)
    if answer.sequence not in {asker.state, None}:  # a newer state came meanwhile
        tag = _entity_tag(asked, answer.sequence, results, graph)
    response = _sent(answer, tag)
    if tag and not response.is_streamed and answer.sequence is not None and _is_all_said(asker):
        note_lasting(asker.environ, answer.sequence)
    return response


def run(
    asker: Asker,
    asked: QueryRequest,
    text: str,
    *,
    results: Representation | None = None,
    graph: Representation | None = None,
    most_lines: int | None = None,
) -> Answer:
    """Have the pool run a query for a client.

    `text` is the query with its calls of other endpoints answered.

    Raises:
        Refusal: there is no accepted format for what it results in.
        StoreError: as `QueryPool.run`.
    """
    current = asker.current
    query = Query(
        # relative IRIs are meant relative to the endpoint, RFC 3986, section 5.1.3
        text=f"BASE <{current.base}sparql>\n{text}",
        default_graph=asked.default_graph,
        named_graphs=asked.named_graphs,
        results=results.name if results else None,
        graph=graph.name if graph else None,
        most_lines=most_lines,
        generation=asker.generation,
    )
    how = "answered"
    client = current.client_of(asker.environ)
    try:
        return current.queries.run(query, client=client, timeout=asked.timeout)
    except UnwantedOutcome as error:
        how = "not acceptable"
        raise not_acceptable(_data_formats(error.outcome)) from error
    except StoreError as error:
        how = type(error).__name__
        raise _without_base(error) if isinstance(error, QueryRefused) else error from None
    finally:
        current.query_log.write(asked, how)


def admitted(asker: Asker, asked: QueryRequest) -> str:
    """Return the text that may run: calls of listed endpoints answered, all others refused.

    A past state is asked as it was, and other endpoints do not keep theirs: there is no calling
    from it.
    """
    text, gateway = asked.text, asker.current.gateway
    if gateway.endpoints and asker.generation is None:
        if asked.timeout is not None:
            gateway = replace(gateway, seconds=min(gateway.seconds, asked.timeout))
        text = answer_services(text, gateway.endpoints, gateway.ask, most=_MOST_CALLS)
    check_query(text)
    return text


def _is_all_said(asker: Asker) -> bool:
    """Tell whether the address says all that was asked, and nobody notes each query."""
    return not asker.is_post and not asker.current.query_log


def _sent(answer: Answer, tag: str | None) -> Response:
    """Return an answer as a response that is sent while it comes.

    After the first part an error leaves the iterator, and the server aborts the connection.
    """
    headers = {"Vary": VARY, "Cache-Control": REVALIDATE}
    if tag:
        headers["ETag"] = tag
    if answer.sequence is not None:
        headers["Europass-State"] = str(answer.sequence)
    body = answer.read() if answer.complete else answer
    response = Response(body, headers=headers, content_type=answer.format.content_type)
    if not answer.complete:
        response.call_on_close(answer.close)  # also where its parts are encoded
    return response


def _entity_tag(
    asked: QueryRequest,
    sequence: int | None,
    results: Representation | None,
    graph: Representation | None,
    redacted: int = 0,
) -> str | None:
    """Return the entity tag of an answer: the state, the query and the formats it may come in.

    A redaction changes past states: `redacted` is the last one's sequence.

    It is weak: the engine promises no order of rows, and no names for blank nodes.
    """
    if _VOLATILE.search(asked.text):
        return None
    parts = (
        asked.text,
        asked.default_graph,
        asked.named_graphs,
        results and results.name,
        graph and graph.name,
        redacted,
    )
    return f'W/"{sequence}-{blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'


def _without_base(error: QueryRefused) -> QueryRefused:
    """Return an error with the position in the text that the client sent: a line was put before."""
    message = _LINE.sub(lambda found: str(int(found[0]) - 1), str(error))
    line = None if error.line is None else error.line - 1
    return QueryRefused(message, line=line, column=error.column)


def _data_formats(outcome: str) -> tuple[Representation, ...]:
    return RDF if outcome == "graph" else RESULTS


def _representation(asker: Asker, asked: QueryRequest, outcome: Outcome) -> Representation | None:
    if asked.format is not None:
        return by_format_name(asked.format, outcome)
    return choose(asker.accept, _data_formats(outcome))
