"""The SPARQL endpoint: queries by GET and POST, results in every format, a form for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any, cast

import pyoxigraph as ox
from flask import Blueprint, Response, request
from markupsafe import escape

from ..errors import QueryRefused
from ..formats import RDF_FORMATS
from ..queries.guard import check_query
from ..terms import compact
from .description import Link
from .examples import EXAMPLES
from .labels import Label
from .literals import Passage
from .negotiation import HTML, RDF, RESULTS, Representation, choose
from .problems import Problem, problem_for
from .protocol import Outcome, QueryRequest, by_format_name, no_query, offered, read_query
from .responses import VARY, not_acceptable, page
from .serialization import serialize
from .site import Site, site
from .streaming import Sink, stream

blueprint = Blueprint("sparql", __name__)

_ENCODING_GROWTH = 4
"""How much longer a form may be than the query in it: every byte as %XX, and the other fields."""
_ROWS_SHOWN = 200
_TRIPLES_SHOWN = 400

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Cell = Link | Passage | None


@dataclass(frozen=True, slots=True)
class Table:
    """A result as a page shows it; `more` when there are rows beyond those shown."""

    variables: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    truth: bool | None = None
    turtle: str = ""
    more: bool = False


@blueprint.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
def sparql() -> Response:
    """Answer a query; without one show the form to a browser."""
    asked = _read()
    if asked is None:
        if choose(request.headers.get("Accept"), (HTML,)) is None:
            raise no_query()
        return _form()
    page_wanted = _prefers_page() if asked.format is None else asked.format == HTML.name
    if page_wanted:
        return _results_page(asked)
    check_query(asked.text)
    return _results(asked)


def _read() -> QueryRequest | None:
    largest = site().settings.max_query_bytes
    request.max_content_length = largest * _ENCODING_GROWTH
    return read_query(
        request.method,
        request.query_string,
        request.headers.get("Content-Type"),
        request.get_data(cache=False) if request.method == "POST" else b"",
        largest,
    )


def _prefers_page() -> bool:
    return choose(request.headers.get("Accept"), (*RDF, *RESULTS, HTML)) is HTML


def _results(asked: QueryRequest) -> Response:
    """Send a result while it is computed; what fails at once is a problem document."""
    current = site()
    accept = request.headers.get("Accept")
    chosen: list[Representation] = []

    def produce(sink: Sink) -> None:
        results = _evaluate(current, asked)
        chosen.append(_representation(asked.format, accept, _outcome(results)))
        _write(results, sink, chosen[0])

    parts = stream(produce)
    first, second = next(parts, b""), next(parts, None)
    response = Response(
        first if second is None else chain((first, second), parts),
        headers={"Vary": VARY, "Cache-Control": "no-cache"},
        content_type=chosen[0].content_type,
    )
    if second is not None:
        response.call_on_close(parts.close)
    return response


def _evaluate(current: Site, asked: QueryRequest) -> Results:
    # not Reader.query: relative IRIs are meant relative to the endpoint, RFC 3986, section 5.1.3
    try:
        return current.reader.store.query(
            asked.text,
            base_iri=f"{current.base}sparql",
            default_graph=_nodes(asked.default_graph),
            named_graphs=_nodes(asked.named_graphs),
        )
    except SyntaxError as error:
        raise QueryRefused(str(error)) from error


def _nodes(iris: Sequence[str] | None) -> list[Any] | None:
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]


def _outcome(results: Results) -> Outcome:
    if isinstance(results, ox.QueryTriples):
        return "graph"
    return "solutions" if isinstance(results, ox.QuerySolutions) else "boolean"


def _representation(name: str | None, accept: str | None, outcome: Outcome) -> Representation:
    there_is = tuple(one for one in offered(outcome) if one is not HTML)
    chosen = choose(accept, there_is) if name is None else by_format_name(name, outcome)
    if chosen is None:
        raise not_acceptable(there_is)
    return chosen


def _write(results: Results, sink: Sink, chosen: Representation) -> None:
    format_ = chosen.format.oxigraph if chosen.format else None
    if isinstance(results, ox.QueryTriples):
        assert isinstance(format_, ox.RdfFormat)  # noqa: S101 - for the type checker
        results.serialize(cast("IO[bytes]", sink), format_)
    else:
        assert isinstance(format_, ox.QueryResultsFormat)  # noqa: S101 - for the type checker
        results.serialize(cast("IO[bytes]", sink), format_)


def _results_page(asked: QueryRequest) -> Response:
    try:
        check_query(asked.text)
        table = _table(_evaluate(site(), asked))
    except QueryRefused as error:
        return _form(asked, problem=problem_for(error))
    return _form(asked, table=table)


def _form(
    asked: QueryRequest | None = None,
    *,
    table: Table | None = None,
    problem: Problem | None = None,
) -> Response:
    return page(
        "sparql.html",
        status=problem.status if problem else 200,
        asked=asked,
        table=table,
        problem=problem,
        formats=offered("graph" if table and table.turtle else "solutions"),
        all_formats=(*RESULTS, *RDF),
        triples_shown=_TRIPLES_SHOWN,
        examples=EXAMPLES,
    )


def _table(results: Results) -> Table:
    if isinstance(results, ox.QueryBoolean):
        return Table(truth=bool(results))
    if isinstance(results, ox.QueryTriples):
        triples = list(islice(results, _TRIPLES_SHOWN + 1))
        lines = "".join(f"{one} .\n" for one in triples[:_TRIPLES_SHOWN])
        turtle = serialize([("", lines)], RDF_FORMATS[0]).decode()
        return Table(turtle=turtle, more=len(triples) > _TRIPLES_SHOWN)
    rows = list(islice(results, _ROWS_SHOWN + 1))
    return Table(
        variables=tuple(one.value for one in results.variables),
        rows=tuple(tuple(_cell(term) for term in row) for row in rows[:_ROWS_SHOWN]),
        more=len(rows) > _ROWS_SHOWN,
    )


def _cell(term: object) -> Cell:
    if isinstance(term, ox.NamedNode):
        return Link(term.value, Label(compact(term.value)), site().address(term.value))
    if isinstance(term, ox.Literal):
        return Passage(escape(term.value), term.language or "")
    return None if term is None else Passage(escape(str(term)))
