"""`/about/sparql`: how to query, and what the pages of the endpoint show beside an answer."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from ...examples import load_queries
from ..language import Message
from ..problems import Refusal
from ..responses import CONTENT_SECURITY_POLICY, live_page
from ..site import reader_languages, site
from .cite import permalink
from .protocol import Outcome, QueryRequest
from .snippets import DEMONSTRATION, Snippet, for_documentation, to_copy

blueprint = Blueprint("guide", __name__)

EDITOR_FILES = ("yasgui.min.js", "yasgui.min.css")
"""What the step that builds the editor puts into `static/editor/`."""

_EDITOR = Path(__file__).parents[1] / "static" / "editor"
_WITH_EDITOR = frozenset({"sparql.sparql", "states.sparql_at"})
_POLICY = CONTENT_SECURITY_POLICY.replace("style-src", "script-src 'self'; style-src")
"""No more than scripts of this server: the editor sets styles by script, which needs no leave."""


@blueprint.get("/about/sparql")
def about() -> Response:
    """Say how to query from the tools that people use, and what to know before."""
    endpoint = f"{site().base}sparql"
    return live_page(
        "about_sparql.html",
        endpoint=endpoint,
        snippets=for_documentation(endpoint),
        queries=load_queries(),
    )


@blueprint.get("/about/sparql/<name>")
def example(name: str) -> Response:
    """Show one of the example queries, ready to run."""
    found = next((one for one in load_queries() if one.id == name), None)
    if found is None:
        raise Refusal("not-found", Message("There is no example query %(name)s.", name=name))
    return live_page("example_query.html", query=found)


def has_editor() -> bool:
    """Tell whether the editor was built into this installation."""
    return all((_EDITOR / name).is_file() for name in EDITOR_FILES)


@blueprint.app_context_processor
def _beside_an_answer() -> dict[str, Any]:
    """Give templates the example queries and the functions that they call."""
    return {
        "example_queries": load_queries,
        "has_editor": has_editor,
        "terms_in_use": lambda: site().terms_in_use.offered(reader_languages()),
        "state_link": _state_link,
        "snippets_for": _snippets_for,
        "graphs_of": _graphs_of,
        "asked_state": g.get("state"),
        "demonstration": DEMONSTRATION,
    }


@blueprint.after_app_request
def _let_the_editor_run(response: Response) -> Response:
    if request.endpoint in _WITH_EDITOR and response.mimetype == "text/html" and has_editor():
        response.headers["Content-Security-Policy"] = _POLICY
    return response


def _state_link(asked: QueryRequest, state: int) -> str:
    return permalink(asked.text, state, asked.default_graph or (), asked.named_graphs or ())


def _snippets_for(asked: QueryRequest, state: int, outcome: Outcome) -> tuple[Snippet, ...]:
    endpoint, graphs = f"{site().base}sparql/at/{state}", urlencode(_graphs_of(asked), doseq=True)
    return to_copy(f"{endpoint}?{graphs}" if graphs else endpoint, asked.text, outcome)


def _graphs_of(asked: QueryRequest) -> dict[str, tuple[str, ...]]:
    named = {"default-graph-uri": asked.default_graph, "named-graph-uri": asked.named_graphs}
    return {name: iris for name, iris in named.items() if iris}
