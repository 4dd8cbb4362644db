"""The SPARQL endpoint: queries by GET and POST, results in every format, a form for people."""

from flask import Blueprint, Response, g, request

from ...errors import StoreError, StoreUnavailable
from ..negotiation import HTML, RDF, RESULTS, choose
from ..problems import Problem, Refusal, problem_for
from ..responses import not_acceptable, page
from ..site import site
from .answers import ENCODING_GROWTH, Asker, admitted, data, prefers_page, query_of, run
from .direct import FAMILY, PATH, raise_failure
from .protocol import QueryRequest, by_format_name, offered
from .results import MOST_LINES, TRIPLES_SHOWN, VIEWS, Result, result
from .service_description import service_description

blueprint = Blueprint(FAMILY, __name__)

_DESCRIPTION = (*RDF, HTML)


@blueprint.route(PATH, methods=["GET", "POST"], strict_slashes=False)
def sparql() -> Response:
    """Answer a query; without one show the form to a browser, and others what this endpoint is."""
    raise_failure(request.environ)
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
    request.max_content_length = site().settings.max_query_bytes * ENCODING_GROWTH
    body = request.get_data(cache=False) if request.method == "POST" else b""
    return query_of(site(), request.environ, body)


def answered(asked: QueryRequest) -> Response:
    """Return the answer to a query, as data or as a page.

    A view that answers from an older state leaves in `flask.g` the directory of its generation
    (`generation`) and its sequence (`state`).

    Raises:
        Refusal, StoreError: the query was not answered.
    """
    if prefers_page(asked, request.environ.get("HTTP_ACCEPT")):
        return _results_page(asked)
    return data(_asker(), asked)


def _asker() -> Asker:
    return Asker(site(), request.environ, g.get("state", g.sequence), g.get("generation"))


def _results_page(asked: QueryRequest) -> Response:
    try:
        asker = _asker()
        answer = run(
            asker,
            asked,
            admitted(asker, asked),
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
