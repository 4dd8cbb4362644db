"""What a harvester asks: verbs with their arguments, checked as section 4 of the protocol says.

<https://www.openarchives.org/OAI/openarchivesprotocol.html#ProtocolMessages>
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

_LIST = ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"})
_VERBS: Mapping[str, tuple[set[str], set[str]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), {"resumptionToken"}),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}
"""The arguments that a verb needs, and those that it may have; a token stands alone."""

_SYNTAX = {
    "identifier": re.compile(r"(?:[A-Za-z0-9:/?#@!$&'()*+,;=._~\[\]-]|%[0-9A-Fa-f]{2})+"),
    "metadataPrefix": re.compile(r"[A-Za-z0-9_.!~*'()-]+"),
    "set": re.compile(r"[A-Za-z0-9_.!~*'()-]+(?::[A-Za-z0-9_.!~*'()-]+)*"),
}
_FORMS = {"%Y-%m-%d": len("2026-01-31"), "%Y-%m-%dT%H:%M:%SZ": len("2026-01-31T12:00:00Z")}
_DIGEST_BYTES = 6


class ProtocolError(Exception):
    """A request that is answered with an error of the protocol; `code` is its name there."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the repository a list is of; dates as they were given, "" where none was."""

    prefix: str
    since: str = ""
    until: str = ""
    set_spec: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a list goes on: after which sequence and state, and how many items came before."""

    sequence: int = 0
    state: int = 0
    cursor: int = 0


def read_arguments(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the arguments of a request, the verb among them.

    Raises:
        ProtocolError: badVerb or badArgument.
    """
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in _VERBS:
        raise ProtocolError("badVerb", f"say one verb, once: {', '.join(_VERBS)}")
    verb = verbs[0]
    arguments = dict(pairs)
    if len(arguments) != len(pairs):
        raise ProtocolError("badArgument", "an argument is repeated")
    needed, allowed = _VERBS[verb]
    given = arguments.keys() - {"verb"}
    unknown = given - needed - allowed
    if unknown:
        known = ", ".join(sorted(needed | allowed)) or "none"
        raise ProtocolError("badArgument", f"the arguments of {verb} are: {known}")
    if "resumptionToken" in given:
        if len(given) > 1:
            raise ProtocolError("badArgument", "resumptionToken stands without other arguments")
        return arguments
    if needed - given:
        missing = ", ".join(sorted(needed - given))
        raise ProtocolError("badArgument", f"{verb} needs {missing}")
    for name in given & _SYNTAX.keys():
        if not _SYNTAX[name].fullmatch(arguments[name]):
            raise ProtocolError("badArgument", f"{name} has a character that it must not have")
    return arguments


def selection(arguments: Mapping[str, str]) -> Selection:
    """Return what a list is of.

    Raises:
        ProtocolError: badArgument: a date that is none, of two kinds, or the wrong way round.
    """
    since, until = arguments.get("from", ""), arguments.get("until", "")
    for text in filter(None, (since, until)):
        if not _is_date(text):
            raise ProtocolError(
                "badArgument", "dates are written YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"
            )
    if since and until and len(since) != len(until):
        raise ProtocolError("badArgument", "from and until must have the same granularity")
    if since and until and since > until:
        raise ProtocolError("badArgument", "from is later than until")
    return Selection(arguments["metadataPrefix"], since, until, arguments.get("set", ""))


def write_token(what: Selection, position: Position, base: str) -> str:
    """Return a resumption token: all that is needed to go on, on any machine with the same log."""
    text = json.dumps(
        [
            *(what.prefix, what.since, what.until, what.set_spec),
            *(position.sequence, position.state, position.cursor),
        ],
        separators=(",", ":"),
    ).encode()
    return urlsafe_b64encode(_digest(text, base) + text).decode().rstrip("=")


def read_token(token: str, base: str) -> tuple[Selection, Position]:
    """Undo `write_token`.

    Raises:
        ProtocolError: badResumptionToken: this repository never wrote it.
    """
    try:
        packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        packed = b""
    digest, text = packed[:_DIGEST_BYTES], packed[_DIGEST_BYTES:]
    if digest != _digest(text, base):
        raise ProtocolError("badResumptionToken", "this is no token of this repository")
    prefix, since, until, set_spec, *position = json.loads(text)
    return Selection(prefix, since, until, set_spec), Position(*position)


def _digest(text: bytes, base: str) -> bytes:
    """Tell our tokens from what only looks like one; there is nothing secret in them."""
    return blake2b(text, digest_size=_DIGEST_BYTES, key=blake2b(base.encode()).digest()).digest()


def _is_date(text: str) -> bool:
    for form, length in _FORMS.items():
        if len(text) == length and text.isascii():
            try:
                datetime.strptime(text, form)  # noqa: DTZ007 - only whether it is one
            except ValueError:
                continue
            return True
    return False
