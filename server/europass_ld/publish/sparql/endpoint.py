"""The SPARQL endpoint: queries by GET and POST, results in every format, a form for people."""

import re
from dataclasses import replace
from hashlib import blake2b
from itertools import chain

from flask import Blueprint, Response, g, request

from ...errors import QueryRefused, StoreError, StoreUnavailable
from ...queries import Answer, Query, UnwantedOutcome
from ...queries.federation import answer_services
from ...queries.guard import check_query
from ..negotiation import HTML, RDF, RESULTS, Representation, choose
from ..problems import Problem, Refusal, problem_for
from ..responses import REVALIDATE, VARY, not_acceptable, not_modified, page
from ..serving.recent import note_lasting
from ..site import site
from .protocol import Outcome, QueryRequest, by_format_name, offered, read_query
from .results import MOST_LINES, TRIPLES_SHOWN, VIEWS, Result, result
from .service_description import service_description

blueprint = Blueprint("sparql", __name__)

_ENCODING_GROWTH = 4
"""How much longer a form may be than the query in it: every byte as %XX, and the other fields."""
_DESCRIPTION = (*RDF, HTML)
_VOLATILE = re.compile(r"(?:now|rand|uuid|bnode)(?:\s|#[^\r\n]*)*\(|\\u|service", re.IGNORECASE)
"""What may give another answer each time; an escape may hide it."""
_MOST_CALLS = 4
"""How many times one query may call other endpoints."""
_LINE = re.compile(r"(?<=\bat )(\d+)(?=:\d+)")


@blueprint.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
def sparql() -> Response:
    """Answer a query; without one show the form to a browser, and others what this endpoint is."""
    asked = read_request()
    if asked is not None:
        return answered(asked)
    chosen = choose(request.headers.get("Accept"), _DESCRIPTION)
    if chosen is None:
        raise not_acceptable(_DESCRIPTION)
    return _form() if chosen is HTML else service_description(chosen)


def read_request() -> QueryRequest | None:
    """Return the query of this request; None when it is a GET without one.

    Raises:
        Refusal: it cannot be understood.
    """
    largest = site().settings.max_query_bytes
    request.max_content_length = largest * _ENCODING_GROWTH
    return read_query(
        request.method,
        request.query_string,
        request.headers.get("Content-Type"),
        request.get_data(cache=False) if request.method == "POST" else b"",
        largest,
    )


def answered(asked: QueryRequest) -> Response:
    """Return the answer to a query, as data or as a page.

    A view that answers from an older state leaves in `flask.g` the directory of its generation
    (`generation`) and its sequence (`state`).

    Raises:
        Refusal, StoreError: the query was not answered.
    """
    page_wanted = _prefers_page() if asked.format is None else asked.format == HTML.name
    if page_wanted:
        return _results_page(asked)
    text = _admitted(asked)
    results, graph = _representation(asked, "solutions"), _representation(asked, "graph")
    state: int = g.get("state", g.sequence)
    redacted = site().reader.last_redaction() if "generation" in g else 0
    tag = _entity_tag(asked, state, results, graph, redacted)
    unchanged = not_modified(tag) if tag and request.method != "POST" else None
    if unchanged:
        return unchanged
    answer = run(asked, text, results=results, graph=graph)
    if answer.sequence not in {state, None}:  # a newer state came meanwhile
        tag = _entity_tag(asked, answer.sequence, results, graph)
    response = sent(answer, tag)
    if tag and not response.is_streamed and answer.sequence is not None and _may_be_given_again():
        note_lasting(request.environ, answer.sequence)
    return response


def _may_be_given_again() -> bool:
    """Tell whether the address says all that was asked, and nobody notes each query."""
    return request.method != "POST" and not site().query_log


def run(
    asked: QueryRequest,
    text: str,
    *,
    results: Representation | None = None,
    graph: Representation | None = None,
    most_lines: int | None = None,
) -> Answer:
    """Have the pool run a query for the client of this request.

    `text` is the query with its calls of other endpoints answered.

    Raises:
        Refusal: there is no accepted format for what it results in.
        StoreError: as `QueryPool.run`.
    """
    current = site()
    query = Query(
        # relative IRIs are meant relative to the endpoint, RFC 3986, section 5.1.3
        text=f"BASE <{current.base}sparql>\n{text}",
        default_graph=asked.default_graph,
        named_graphs=asked.named_graphs,
        results=results.name if results else None,
        graph=graph.name if graph else None,
        most_lines=most_lines,
        generation=g.get("generation"),
    )
    how = "answered"
    try:
        return current.queries.run(query, client=current.client(), timeout=asked.timeout)
    except UnwantedOutcome as error:
        how = "not acceptable"
        raise not_acceptable(_data_formats(error.outcome)) from error
    except StoreError as error:
        how = type(error).__name__
        raise _without_base(error) if isinstance(error, QueryRefused) else error from None
    finally:
        current.query_log.write(asked, how)


def _admitted(asked: QueryRequest) -> str:
    """Return the text that may run: calls of listed endpoints answered, all others refused.

    A past state is asked as it was, and other endpoints do not keep theirs: there is no calling
    from it.
    """
    text, gateway = asked.text, site().gateway
    if gateway.endpoints and "generation" not in g:
        if asked.timeout is not None:
            gateway = replace(gateway, seconds=min(gateway.seconds, asked.timeout))
        text = answer_services(text, gateway.endpoints, gateway.ask, most=_MOST_CALLS)
    check_query(text)
    return text


def sent(answer: Answer, tag: str | None = None) -> Response:
    """Return an answer as a response that is sent while it comes.

    After the first part an error leaves the iterator, and the server aborts the connection.
    """
    headers = {"Vary": VARY, "Cache-Control": REVALIDATE}
    if tag:
        headers["ETag"] = tag
    if answer.sequence is not None:
        headers["Europass-State"] = str(answer.sequence)
    first = next(answer, b"")
    whole = answer.complete
    response = Response(
        first if whole else chain((first,), answer),
        headers=headers,
        content_type=answer.format.content_type,
    )
    if not whole:
        response.call_on_close(answer.close)
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


def _prefers_page() -> bool:
    return choose(request.headers.get("Accept"), (*RDF, *RESULTS, HTML)) is HTML


def _data_formats(outcome: str) -> tuple[Representation, ...]:
    return RDF if outcome == "graph" else RESULTS


def _representation(asked: QueryRequest, outcome: Outcome) -> Representation | None:
    if asked.format is not None:
        return by_format_name(asked.format, outcome)
    return choose(request.headers.get("Accept"), _data_formats(outcome))


def _results_page(asked: QueryRequest) -> Response:
    try:
        answer = run(
            asked,
            _admitted(asked),
            results=by_format_name("tsv", "solutions"),
            graph=by_format_name("nt", "graph"),
            most_lines=MOST_LINES,
        )
        g.setdefault("state", answer.sequence)  # for the page, which names it
        with answer:
            shown = result(answer, _view())
    except StoreUnavailable:
        raise
    except (StoreError, Refusal) as error:
        return _form(asked, problem=problem_for(error))
    return _form(asked, shown=shown)


def _form(
    asked: QueryRequest | None = None,
    *,
    shown: Result | None = None,
    problem: Problem | None = None,
) -> Response:
    response = page(
        "sparql.html",
        status=problem.status if problem else 200,
        asked=asked,
        shown=shown,
        problem=problem,
        formats=offered("graph" if shown and shown.turtle else "solutions"),
        all_formats=(*RESULTS, *RDF),
        view=_view(),
        views=VIEWS,
        triples_shown=TRIPLES_SHOWN,
    )
    response.headers.update(problem.headers if problem else {})
    return response


def _view() -> str:
    """Return the way to look at rows that is asked for; anything odd is the first."""
    asked = request.args.get("view", "")
    return asked if asked in VIEWS else next(iter(VIEWS))
