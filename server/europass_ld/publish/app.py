"""The Flask application: blueprints, error documents, headers."""

import logging
import time
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from .. import __version__
from ..config import Settings
from ..errors import (
    EndpointFailed,
    QueryBusy,
    QueryFailed,
    QueryStopped,
    QueryTimeout,
    QueryTooLarge,
)
from ..terms import compact
from . import admin, cite, datasets, graph_store, guide, pages, resources, sparql, states
from .coding import encode
from .literals import language_name, safe_address
from .problems import problem_for, problem_for_status
from .reports import file_name
from .responses import EVERY_HEADER, problem_response
from .site import EXTENSION, Site, reader_languages, site

_log = logging.getLogger(__name__)

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_ONE_DAY = 86_400
_EXPECTED = (EndpointFailed, QueryBusy, QueryFailed, QueryStopped, QueryTimeout, QueryTooLarge)
"""How a query may end that is nobody's fault here: not logged, for a message may quote it."""


def create_app(directory: Path, settings: Settings, *, peers: Path | None = None) -> Flask:
    """Return the WSGI application that publishes the store in `directory`.

    Call it in the process that serves: what it opens is not carried over a fork. `peers` is the
    folder in which the processes of one server meet, None where there is one only.

    Raises:
        StoreUnavailable: no store there, or of another format.
        ConfigurationError: a setting cannot be used.
    """
    app = Flask(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _ONE_DAY
    app.extensions[EXTENSION] = Site(directory, settings, peers)
    app.before_request(_refresh)
    for module in (resources, sparql, graph_store, datasets, pages, admin, states, cite, guide):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Exception, _problem)
    app.after_request(_finish)
    app.jinja_env.filters.update(
        address=lambda iri, suffix="": site().address(iri, suffix),
        compact=compact,
        safe_address=safe_address,
        number=lambda value: f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
        language_name=language_name,
        file_name=file_name,
        day=lambda time: time.partition("T")[0],
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_common)
    return app


def _refresh() -> None:
    reader = site().reader
    reader.refresh()
    g.sequence, g.came = reader.sequence, time.monotonic()


def _common() -> dict[str, Any]:
    wanted = reader_languages()
    return {
        "version": __version__,
        "sequence": site().reader.sequence,
        "term_label": lambda iri: site().terms.label(iri, wanted),
    }


def _problem(error: Exception) -> AnyResponse:
    if isinstance(error, HTTPException):
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:  # a redirect of the router
            return error.get_response()
        headers = {
            name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
        }
        return problem_response(problem_for_status(HTTPStatus(error.code), headers=headers))
    problem = problem_for(error)
    if isinstance(error, _EXPECTED):
        facts = {**problem.facts, "elapsed": round(time.monotonic() - g.came, 3)}
        problem = replace(problem, facts=facts)
    elif problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem_response(problem)


def _finish(response: Response) -> Response:
    encode(response)
    if request.blueprint == admin.blueprint.name:  # not for scripts of other sites
        return response
    response.headers.extend(EVERY_HEADER)
    if request.method == "OPTIONS":
        response.headers.update(_PREFLIGHT)
    return response
