"""What goes wrong, as HTTP says it: the one table from exception to status and problem type.

Problem documents are those of RFC 9457 <https://www.rfc-editor.org/rfc/rfc9457>, in English; pages
say the same in the reader's language where a text is a message of a catalogue. A detail is only
what an error of ours says or what stands in the table: of an unforeseen exception nothing gets out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil

from ..errors import (
    EndpointFailed,
    EuropassError,
    QueryBusy,
    QueryFailed,
    QueryRefused,
    QueryStopped,
    QueryTimeout,
    QueryTooLarge,
    StoreUnavailable,
    UnknownCredential,
    UnknownDataset,
)
from .language import Message

TYPES = "https://europass-ld.github.io/problems#"
"""Where problem types are named; `about:blank` is a plain HTTP status."""

Fact = str | int | float | None | list[str] | list[dict[str, str]]


class Refusal(Exception):
    """A request that is answered with a problem document; raised by the views.

    `name` is a row of `KINDS`, `facts` are members of the document, `headers` go with it.
    """

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **facts: Fact,
    ):
        super().__init__(detail)
        self.name = name
        self.detail = detail
        self.headers = dict(headers or {})
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document; `title` is short and the same each time, `detail` is about this one."""

    type: str
    status: int
    title: str
    detail: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def members(self) -> dict[str, Fact]:
        """Return the members of the JSON document."""
        present = {key: value for key, value in self.facts.items() if value is not None}
        return {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **present,
        }


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table: HTTP status and title of one kind of problem."""

    status: HTTPStatus
    title: str


KINDS: Mapping[str, Kind] = {
    "malformed-request": Kind(HTTPStatus.BAD_REQUEST, "The request cannot be understood"),
    "malformed-query": Kind(HTTPStatus.BAD_REQUEST, "The query is not SPARQL 1.1"),
    "no-query": Kind(HTTPStatus.BAD_REQUEST, "There is no query"),
    "call-refused": Kind(HTTPStatus.FORBIDDEN, "Queries here do not call other servers"),
    "update-refused": Kind(HTTPStatus.FORBIDDEN, "Documents are the only way in"),
    "not-found": Kind(HTTPStatus.NOT_FOUND, "Nothing is known by this name"),
    "gone": Kind(HTTPStatus.GONE, "This record was deleted by its publisher"),
    "redacted": Kind(HTTPStatus.GONE, "This was removed from the server for good"),
    "state-gone": Kind(HTTPStatus.GONE, "This state of the store cannot be had any more"),
    "not-acceptable": Kind(HTTPStatus.NOT_ACCEPTABLE, "Not available in an accepted format"),
    "record-too-large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The record, with all it refers to, is too large"
    ),
    "not-signed-in": Kind(HTTPStatus.UNAUTHORIZED, "This is for the owners of credentials"),
    "not-from-here": Kind(HTTPStatus.FORBIDDEN, "This form was not sent from a page of ours"),
    "not-administrator": Kind(HTTPStatus.FORBIDDEN, "This is for the administrator"),
    "query-too-large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The query or its answer is too large"
    ),
    "too-many-entries": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "More is asked for than is answered at once"
    ),
    "unsupported-media-type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is of a media type that is not read here"
    ),
    "too-many-requests": Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "You ask more often than one client may"
    ),
    "too-many-queries": Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "You have as many queries under way as one client may have"
    ),
    "too-many-verifications": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "Too many documents are being verified just now"
    ),
    "query-failed": Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "The engine broke on this query"),
    "endpoint-failed": Kind(
        HTTPStatus.BAD_GATEWAY, "Another endpoint that the query calls did not answer"
    ),
    "query-stopped": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "The query was stopped"),
    "query-busy": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "There are too many queries just now"),
    "query-timeout": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "The query took too long"),
    "range-not-satisfiable": Kind(
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "The range lies outside of what there is"
    ),
    "dump-in-preparation": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "This dump is being prepared"),
    "state-in-preparation": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "This state of the store is being prepared"
    ),
    "store-unavailable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "The store cannot be read just now"),
}
"""Problem types by name, and the status of each."""

_BY_EXCEPTION: tuple[tuple[type[EuropassError], str], ...] = (
    (QueryTimeout, "query-timeout"),
    (QueryTooLarge, "query-too-large"),
    (QueryStopped, "query-stopped"),
    (QueryFailed, "query-failed"),
    (EndpointFailed, "endpoint-failed"),
    (UnknownDataset, "not-found"),
    (UnknownCredential, "not-found"),
    (StoreUnavailable, "store-unavailable"),
)


def problem_for(error: BaseException) -> Problem:
    """Return the problem document of an exception; of one that nobody foresaw, a bare 500."""
    if isinstance(error, Refusal):
        return _problem(error.name, error.detail, error.facts, error.headers)
    if isinstance(error, QueryRefused):
        return _refused_query(error)
    if isinstance(error, QueryBusy):
        name = "too-many-queries" if error.limit == "per_client" else "query-busy"
        return _problem(name, _sentence(error), {"limit": error.limit}, _again(error.retry_after))
    for kind, name in _BY_EXCEPTION:
        if isinstance(error, kind):
            return _problem(name, _public_detail(error, name), *_facts(error))
    return problem_for_status(HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_for_status(
    status: HTTPStatus, detail: str = "", headers: Mapping[str, str] | None = None
) -> Problem:
    """Return a problem that is no more than its HTTP status."""
    text = detail or _DETAILS.get(status, status.description)
    return Problem("about:blank", status, status.phrase, text, headers=dict(headers or {}))


_ENGINE_MESSAGE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_CHARACTER_CLASS = re.compile(r"\[(?:'[^']*'|[^\]'])*\](?:, )?")
_TOKENS_SHOWN = 8
_SHORT_WAIT = 5
_LONGEST_WAIT = 60.0
PHRASES = (
    Message("Internal Server Error"),
    Message("Method Not Allowed"),
    Message("Not Found"),
)
"""What pages call a plain status; those that are not here stay as HTTP calls them."""

_DETAILS: Mapping[HTTPStatus, str] = {
    HTTPStatus.INTERNAL_SERVER_ERROR: Message("Something went wrong here. It has been logged."),
    HTTPStatus.NOT_FOUND: Message("There is no page at this address."),
    HTTPStatus.REQUEST_URI_TOO_LONG: (
        "The address is longer than 8,190 bytes. What is long is sent by POST, as to /sparql."
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        "There are more than 64 header fields, or one is longer than 8,190 bytes."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body of this request is longer than is read here.",
    HTTPStatus.METHOD_NOT_ALLOWED: Message(
        "This method is not for this address. What is published changes only when a publisher"
        " delivers a new version of its documents."
    ),
}


def syntax_error(message: str) -> tuple[str, int | None, int | None]:
    """Return what the engine says of a query, shortened, and the line and column it names.

    It lists every token that could have stood there, character classes and all; a sentence in
    that list is the real reason.
    """
    match = _ENGINE_MESSAGE.fullmatch(message)
    if match is None:
        return message, None, None
    line, column, expected = int(match[1]), int(match[2]), _CHARACTER_CLASS.sub("", match[3])
    tokens = [one for one in dict.fromkeys(expected.split(", ")) if one.strip()]
    sentences = [one for one in tokens if " " in one.strip()]
    reason = "; ".join(sentences) or (
        f"expected {' or '.join(tokens[:_TOKENS_SHOWN])}" if tokens else "this is not expected here"
    )
    return f"line {line}, column {column}: {reason}", line, column


def _refused_query(error: QueryRefused) -> Problem:
    detail, line, column = syntax_error(str(error))
    facts: dict[str, Fact] = {"line": error.line or line, "column": error.column or column}
    if error.forbidden is None:
        return _problem("malformed-query", detail, facts)
    name = "call-refused" if error.forbidden in {"SERVICE", "LOAD"} else "update-refused"
    return _problem(name, str(error), {**facts, "forbidden": error.forbidden})


def _facts(error: EuropassError) -> tuple[Mapping[str, Fact], Mapping[str, str]]:
    """Return the members and the headers that an error brings into its problem document."""
    if isinstance(error, QueryTimeout):
        facts: dict[str, Fact] = {"limit": "deadline", "deadline": error.deadline}
        return facts, _again(max(1, ceil(min(error.deadline, _LONGEST_WAIT))))
    if isinstance(error, QueryTooLarge):
        return {"limit": error.limit}, {}
    if isinstance(error, EndpointFailed):
        return {"endpoint": error.endpoint}, {}
    return {}, _again(_SHORT_WAIT) if isinstance(error, StoreUnavailable) else {}


def _again(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


def _public_detail(error: EuropassError, name: str) -> str:
    if name == "store-unavailable":  # it names directories of this machine
        return Message("Please try again in a moment.")
    if name == "query-failed":  # it is the engine's, which nobody has read before
        return Message("Another attempt would end in the same way. Please ask it in another form.")
    return _sentence(error)


def _sentence(error: EuropassError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _problem(
    name: str,
    detail: str,
    facts: Mapping[str, Fact] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Problem:
    kind = KINDS[name]
    return Problem(
        TYPES + name, kind.status, kind.title, detail, dict(facts or {}), dict(headers or {})
    )
