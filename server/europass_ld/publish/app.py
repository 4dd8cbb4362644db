"""The Flask application: blueprints, error documents, headers."""

import logging
import time
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, request
from flask.templating import Environment
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
from . import (
    admin,
    cite,
    datasets,
    downloads,
    feeds,
    graph_store,
    guide,
    oai,
    pages,
    resolve,
    resources,
    sparql,
    states,
)
from .coding import encode
from .labels import Label
from .language import LANGUAGES, language
from .literals import safe_address
from .negotiation import HTML
from .problems import problem_for, problem_for_status
from .reports import file_name
from .responses import EVERY_HEADER, problem_response
from .site import EXTENSION, Site, chosen_language, interface, kept, reader_languages, site

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
    for module in (
        resources,
        feeds,
        oai,
        sparql,
        graph_store,
        datasets,
        pages,
        admin,
        states,
        cite,
        guide,
        resolve,
        downloads,
    ):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Exception, _problem)
    app.after_request(_finish)
    app.jinja_env.filters.update(
        address=lambda iri: kept(site().address(iri)),
        kept=kept,
        in_language=_in_language,
        compact=compact,
        safe_address=safe_address,
        told=lambda text: Label(*interface().told(text)),
        number=lambda value: interface().number(value),
        percent=lambda value: interface().percent(value),
        day=lambda time: interface().day(time),
        moment=lambda time: interface().moment(time),
        language_name=lambda tag: interface().language_name(tag),
        file_name=file_name,
    )
    _speak(app.jinja_env)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_common)
    app.url_defaults(_keep_language)
    return app


def _speak(templates: Environment) -> None:
    """Let templates say things in the language of the request."""
    templates.add_extension("jinja2.ext.i18n")
    templates.policies["ext.i18n.trimmed"] = True
    templates.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        lambda text: interface().gettext(text),
        lambda one, several, count: interface().ngettext(one, several, count),
        newstyle=True,
    )


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Let links between pages keep the language that the reader chose; data have none."""
    is_data = "suffix" in values or values.get("format", HTML.name) != HTML.name
    if endpoint != "static" and not is_data:
        values.setdefault("lang", chosen_language())  # None adds nothing


def _in_language(tag: str) -> str:
    """Return the address of this page in another language."""
    return (
        f"{request.path}?{urlencode({**request.args.to_dict(flat=False), 'lang': tag}, doseq=True)}"
    )


def _refresh() -> None:
    reader = site().reader
    reader.refresh()
    g.sequence, g.came = reader.sequence, time.monotonic()


def _common() -> dict[str, Any]:
    wanted = reader_languages()
    return {
        "language": interface(),
        "languages": [language(tag) for tag in LANGUAGES],
        "chosen_language": chosen_language(),
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
