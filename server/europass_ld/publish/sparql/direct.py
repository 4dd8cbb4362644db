"""Queries that want data, answered before Flask: most of them cost the engine less than Flask.

What is no such query goes on to Flask, and so does what went wrong, for one place explains that.
The answer is made by the functions that the view uses, so it is the same.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.wsgi import get_content_length

from ..addresses import authority
from ..serving.coding import encode
from ..serving.front_door import is_granted, note_route
from ..site import Site
from .answers import ENCODING_GROWTH, Asker, data, prefers_page, query_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/sparql"
FAMILY = "sparql"

_FAILED = "europass_ld.query_failed"


class DirectAnswers:
    """A WSGI application that answers queries at `/sparql`, and has `application` do the rest.

    It stands behind `RecentAnswers`, which has looked for a newer state already.
    """

    def __init__(self, application: "WSGIApplication", current: Site):
        self._application = application
        self._current = current

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        response = self._response(environ) if self._is_concerned(environ) else None
        if response is None:
            return self._application(environ, start_response)
        note_route(environ, FAMILY, PATH)
        return response(environ, start_response)

    def _is_concerned(self, environ: "WSGIEnvironment") -> bool:
        hosts = self._current.settings.authoritative_hosts
        return (
            environ["PATH_INFO"] == PATH
            and environ["REQUEST_METHOD"] in {"GET", "POST"}
            and is_granted(environ)
            # a publisher's own host may have a record of this name
            and not (hosts and authority(self._current.origin_of(environ), hosts))
        )

    def _response(self, environ: "WSGIEnvironment") -> Response | None:
        try:
            return self._answered(environ)
        except Exception as error:  # noqa: BLE001 - whatever it is, the application explains it
            environ[_FAILED] = error
            return None

    def _answered(self, environ: "WSGIEnvironment") -> Response | None:
        current = self._current
        body = _body(environ, current.settings.max_query_bytes * ENCODING_GROWTH)
        asked = None if body is None else query_of(current, environ, body)
        if asked is None or prefers_page(asked, environ.get("HTTP_ACCEPT")):
            return None
        response = data(Asker(current, environ, current.reader.sequence), asked)
        encode(response, environ.get("HTTP_ACCEPT_ENCODING"))
        return response


def raise_failure(environ: Mapping[str, Any]) -> None:
    """Raise what kept the query of a request from being answered before Flask, if anything did."""
    error: Exception | None = environ.get(_FAILED)
    if error is not None:
        raise error


def _body(environ: "WSGIEnvironment", most: int) -> bytes | None:
    """Return the body of a request, and leave it to be read again; None if it must not be read."""
    if environ["REQUEST_METHOD"] == "GET":
        return b""
    length = get_content_length(environ)
    if length is None or length > most:
        return None
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = BytesIO(body)
    return body if len(body) == length else None
