"""What every request passes: it gets an id, counts against its client's limit, and is measured.

It stands around the application, as WSGI: there it costs a third of what the same costs in Flask's
hooks. The log of requests says nothing of who asked, and of the address only the route: neither a
parameter nor a name in a path is in it.
"""

import re
import time
from collections.abc import Callable, Iterable
from random import getrandbits
from typing import TYPE_CHECKING, Any

from ..addresses import is_private
from ..problems import Refusal
from .append_log import AppendLog
from .latencies import Latencies
from .rate_limit import Allowance, RateLimit, field

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADMINISTRATION = "admin"
"""The family of routes that scripts of other sites may not read."""

_ID = "europass_ld.request_id"
_CAME = "europass_ld.came"
_ROUTE = "europass_ld.route"
_ALLOWANCE = "europass_ld.allowance"
_GIVEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{7,99}")
_LOCAL = ("127.", "::/64")
_POLICY = "Content-Security-Policy"
_DATA_POLICY = (_POLICY, "default-src 'none'; frame-ancestors 'none'")
_SECURITY = ("X-Content-Type-Options", "nosniff")
_FOR_ALL_SITES = ("Cross-Origin-Resource-Policy", "cross-origin")
_FOR_NO_OTHER_SITE = ("Cross-Origin-Resource-Policy", "same-origin")
_HTTPS = ("Strict-Transport-Security", "max-age=31536000")
_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        (
            "ETag, Link, Content-Profile, Content-Range, Memento-Datetime, Repr-Digest,"
            " Retry-After, Europass-State, Europass-Redacted, RateLimit, RateLimit-Policy,"
            " X-Request-Id"
        ),
    ),
)
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Accept, Accept-Language, Accept-Profile, Content-Type, If-None-Match, X-Request-Id",
    ),
    ("Access-Control-Max-Age", "86400"),
)


class FrontDoor:
    """A WSGI application around another.

    Of the environ of a request `client` tells who sent it, and `scheme` whether by http or https:
    both know which proxies are trusted.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        client: Callable[["WSGIEnvironment"], str],
        scheme: Callable[["WSGIEnvironment"], str],
        rate_limit: RateLimit,
        latencies: Latencies,
        access_log: AppendLog,
    ):
        self._application = application
        self._client = client
        self._scheme = scheme
        self._rate_limit = rate_limit
        self._latencies = latencies
        self._access_log = access_log

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        environ[_CAME] = time.monotonic()
        environ[_ID] = identifier(
            environ.get("HTTP_X_REQUEST_ID") or environ.get("HTTP_REQUEST_ID")
        )
        client = self._client(environ)
        if not client.startswith(_LOCAL):  # programs of this machine, or a proxy that is not named
            environ[_ALLOWANCE] = self._rate_limit.take(client, environ[_CAME])

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self._finish(environ, status, headers)
            return start_response(status, headers, exc_info)

        return self._application(environ, start)

    def _finish(
        self, environ: "WSGIEnvironment", status: str, headers: list[tuple[str, str]]
    ) -> None:
        family, route = noted_route(environ)
        self._add_headers(environ, family, status, headers)
        seconds = time.monotonic() - environ[_CAME]
        self._latencies.observe(family, int(status[:3]), seconds)
        if self._access_log:
            self._access_log.write(
                {
                    "id": environ[_ID],
                    "method": environ["REQUEST_METHOD"],
                    "route": route,
                    "status": int(status[:3]),
                    "milliseconds": round(seconds * 1000, 1),
                }
            )

    def _add_headers(
        self,
        environ: "WSGIEnvironment",
        family: str,
        status: str,
        headers: list[tuple[str, str]],
    ) -> None:
        headers.append(("X-Request-Id", environ[_ID]))
        headers.append(_SECURITY)
        closed = family == ADMINISTRATION or is_private(environ.get("PATH_INFO", ""))
        headers.append(_FOR_NO_OTHER_SITE if closed else _FOR_ALL_SITES)
        # headers of a 304 take the place of those that a client has kept: of a page, its policy
        if not status.startswith("304") and not any(name == _POLICY for name, _ in headers):
            headers.append(_DATA_POLICY)
        if self._scheme(environ) == "https":
            headers.append(_HTTPS)
        if not closed:
            headers += _CORS
            if environ["REQUEST_METHOD"] == "OPTIONS":
                headers += _PREFLIGHT
        if _ALLOWANCE in environ:
            headers.append(("RateLimit-Policy", self._rate_limit.policy))
            headers.append(("RateLimit", field(environ[_ALLOWANCE])))


def identifier(given: str | None) -> str:
    """Return the id of a request: the one that came with it if it is fit to be logged."""
    if given is not None and _GIVEN_ID.fullmatch(given):
        return given
    return f"{getrandbits(64):016x}"  # no secret, and the system need not be asked


def request_id(environ: "WSGIEnvironment") -> str:
    """Return the id of the request of an environ."""
    return str(environ[_ID])


def elapsed(environ: "WSGIEnvironment") -> float:
    """Return for how many seconds the request of an environ has been here."""
    return time.monotonic() - float(environ[_CAME])


def is_granted(environ: "WSGIEnvironment") -> bool:
    """Tell whether the client of the request of an environ has not sent too many."""
    allowance: Allowance | None = environ.get(_ALLOWANCE)
    return allowance is None or allowance.granted


def check_allowance(environ: "WSGIEnvironment") -> None:
    """Refuse the request of an environ if its client has sent too many.

    Raises:
        Refusal: it has.
    """
    if is_granted(environ):
        return
    allowance: Allowance = environ[_ALLOWANCE]
    raise Refusal(
        "too-many-requests",
        f"Please go on in {allowance.retry_after} s, and then more slowly.",
        headers={"Retry-After": str(allowance.retry_after)},
        limit="requests_per_minute",
        **{"violated-policies": ["client"]},
    )


def note_route(environ: "WSGIEnvironment", family: str | None, route: str | None) -> None:
    """Take note of which family of routes answers, and which route; never of what a client says."""
    environ[_ROUTE] = family or "other", route


def noted_route(environ: "WSGIEnvironment") -> tuple[str, str | None]:
    """Return the family of routes that answered, and the route, as far as they are known."""
    family, route = environ.get(_ROUTE, ("other", None))
    return family, route
