"""The answers that were given last: the same question again costs no work in the same state.

A WSGI application between the front door and Flask, for routing, views and content codings cost
more than a look into a table. A view says of an answer that it lasts (`note_lasting`); everything
that such an answer may depend on is part of the question.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import StoreUnavailable
from ...store import Reader
from ..addresses import Origin
from .front_door import is_granted, note_route, noted_route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Question = tuple[str | None, ...]

_MOST_BYTES = 32 * 2**20
_LARGEST = 64 * 2**10
_HEADERS = 2_000
"""Bytes that the headers of an answer take, about."""
_LASTS = "europass_ld.lasts"
_ASKED_IN = (
    "REQUEST_METHOD",
    "PATH_INFO",
    "QUERY_STRING",
    "RAW_URI",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_ACCEPT_PROFILE",
    "HTTP_IF_NONE_MATCH",
)
"""What of an environ the views of resources read, beside the origin."""


class Kept(NamedTuple):
    """An answer without what the front door adds, the route that gave it, and its size in bytes."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    route: tuple[str, str | None]
    size: int


class RecentAnswers:
    """Gives answers of `application` again, as long as `reader` finds no newer state.

    `origin` tells of an environ what its client asked for. At most 32 MB are kept; what is older
    than the newest state goes with the first request after it, for it may have been redacted.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        reader: Reader,
        origin: Callable[["WSGIEnvironment"], Origin],
    ):
        self._application = application
        self._reader = reader
        self._origin = origin
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._size = 0
        self._newest = 0
        self._lock = threading.Lock()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request: as before, or by the application."""
        if not is_granted(environ) or not self._is_fresh():
            return self._application(environ, start_response)
        origin = self._origin(environ)
        asked = (origin.scheme, origin.host, *map(environ.get, _ASKED_IN))
        known = self._get(self._reader.sequence, asked)
        if known is None:
            return self._answer(asked, environ, start_response)
        note_route(environ, *known.route)
        start_response(known.status, list(known.headers))
        return (known.body,)

    def _is_fresh(self) -> bool:
        try:
            self._reader.refresh()
        except StoreUnavailable:  # the application meets it too, and can explain it
            return False
        return True

    def _answer(
        self, asked: Question, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        begun: list[tuple[str, tuple[tuple[str, str], ...]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            begun.append((status, tuple(headers)))
            return start_response(status, headers, exc_info)

        parts = self._application(environ, start)
        state: int | None = environ.get(_LASTS)
        if state is None:
            return parts
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        if len(body) <= _LARGEST:
            size = len(body) + sum(map(_length, asked)) + _HEADERS
            self._keep(state, asked, Kept(*begun[-1], body, noted_route(environ), size))
        return (body,)

    def _get(self, state: int, asked: Question) -> Kept | None:
        with self._lock:
            self._forget_before(state)
            known = self._kept.get(asked) if state == self._newest else None
            if known is not None:
                self._kept.move_to_end(asked)
            return known

    def _keep(self, state: int, asked: Question, answer: Kept) -> None:
        with self._lock:
            self._forget_before(state)
            if state < self._newest or asked in self._kept:
                return
            self._kept[asked] = answer
            self._size += answer.size
            while self._size > _MOST_BYTES:
                self._size -= self._kept.popitem(last=False)[1].size

    def _forget_before(self, state: int) -> None:
        if state > self._newest:
            self._newest = state
            self._kept.clear()
            self._size = 0


def note_lasting(environ: "WSGIEnvironment", state: int) -> None:
    """Take note that the answer to the request of an environ is the same in all of a state."""
    environ[_LASTS] = state


def _length(text: str | None) -> int:
    return len(text) if text else 0
