"""The Flask application: blueprints, error documents, headers."""

import logging
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from traceback import format_tb
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request
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
from .about import admin, definitions, openapi, pages
from .addresses import is_private, near
from .credentials import allowed, verification
from .credentials import credential_views as credentials
from .credentials.owners import PRIVATE_HEADERS
from .datasets import catalogue
from .datasets import dataset_pages as datasets
from .datasets.reports import file_name, rule_source
from .finding import reconcile, resolve
from .harvesting import downloads, feeds, oai
from .labels import Label
from .language import LANGUAGES, language
from .literals import safe_address
from .negotiation import HTML
from .problems import Fact, Problem, problem_for, problem_for_status
from .records import record_history, resources
from .responses import problem_response
from .serving.coding import encode
from .serving.front_door import FrontDoor, check_allowance, elapsed, note_route, request_id
from .serving.recent import RecentAnswers
from .site import EXTENSION, Site, chosen_language, interface, kept, reader_languages, site, site_of
from .sparql import cite, graph_store, guide, states
from .sparql import endpoint as sparql
from .sparql.citation import spdx
from .sparql.direct import DirectAnswers

_log = logging.getLogger(__name__)

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
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    app.wsgi_app = _front_door(app)  # type: ignore[method-assign]  # as Flask's documentation says
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
        credentials,
        guide,
        resolve,
        reconcile,
        openapi,
        downloads,
        catalogue,
        verification,
        allowed,
        record_history,
        definitions,
    ):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Exception, _problem)
    app.after_request(_finish)
    app.jinja_env.filters.update(
        address=lambda iri: kept(site().address(iri)),
        document_address=lambda iri, suffix="": site().address(iri, suffix),
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
        mapping_address=pages.mapping_address,
        rule_source=rule_source,
        spdx=spdx,
        awarding_body=allowed.awarding_body,
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


def _front_door(app: Flask) -> FrontDoor:
    current = site_of(app)
    return FrontDoor(
        RecentAnswers(DirectAnswers(app.wsgi_app, current), current.reader, current.origin_of),
        client=current.client_of,
        scheme=lambda environ: current.origin_of(environ).scheme,
        rate_limit=current.rate_limit,
        latencies=current.latencies,
        access_log=current.access_log,
    )


def _refresh() -> None:
    check_allowance(request.environ)
    reader = site().reader
    reader.refresh()
    g.sequence = reader.sequence


def _common() -> dict[str, Any]:
    wanted = reader_languages()
    return {
        "language": interface(),
        "languages": [language(tag) for tag in LANGUAGES],
        "chosen_language": chosen_language(),
        "software": __version__,
        "sequence": site().reader.sequence,
        "term_label": lambda iri: site().terms.label(iri, wanted),
    }


def _problem(error: Exception) -> AnyResponse:
    if isinstance(error, HTTPException):
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:  # a redirect of the router
            return error.get_response()
        return problem_response(_problem_of_http(error, HTTPStatus(error.code)))
    problem = problem_for(error)
    if isinstance(error, _EXPECTED):
        facts = {**problem.facts, "elapsed": round(elapsed(request.environ), 3)}
        problem = replace(problem, facts=facts)
    elif problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log_failure(error)
    return problem_response(problem)


def _log_failure(error: Exception) -> None:
    """Log what nobody foresaw; of what is private, where it happened and nothing that was said."""
    if is_private(request.path):
        where = "".join(format_tb(error.__traceback__))
        name = type(error).__name__
        _log.error(
            "%s: a private request failed (%s)\n%s", request_id(request.environ), name, where
        )
        return
    _log.error(
        "%s %s failed: %s",
        request.method,
        request.path,
        request_id(request.environ),
        exc_info=error,
    )


def _problem_of_http(error: HTTPException, status: HTTPStatus) -> Problem:
    """Return the problem of a plain HTTP status, with what the client might have meant."""
    headers = {
        name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
    }
    facts: dict[str, Fact] = {}
    if "Allow" in headers:
        facts["allowed"] = headers["Allow"].split(", ")
    if status is HTTPStatus.NOT_FOUND:
        facts["addresses"] = near(request.path, _plain_addresses(current_app))
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        facts["limit"] = request.max_content_length
    return replace(problem_for_status(status, headers=headers), facts=facts)


def _plain_addresses(app: Flask) -> list[str]:
    return [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments]


def _finish(response: Response) -> Response:
    if is_private(request.path):  # not for caches, and the size of what is packed tells of secrets
        response.headers.update(PRIVATE_HEADERS)
    else:
        encode(response, request.environ.get("HTTP_ACCEPT_ENCODING"))
    rule = request.url_rule
    note_route(request.environ, request.blueprint, rule.rule if rule else None)
    return response
