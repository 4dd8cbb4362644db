"""JSON as credentials may use it: one meaning for every reader, and bounded in every direction.

Stricter than RFC 8259, in the spirit of I-JSON <https://www.rfc-editor.org/rfc/rfc7493>: no
repeated member, no byte order mark, UTF-8 only, no half of a surrogate pair, no NaN. Two programs
that read a repeated member differently are how a signed statement gets two meanings.
"""

import json
import math
from typing import Any, NoReturn

from ..errors import LimitExceeded, MalformedDocument
from .limits import CredentialLimits

_SEPARATORS = (b",", b"[", b"{")


def read_json(data: bytes, name: str, limits: CredentialLimits) -> Any:
    """Return the value of a JSON text; `name` is for messages, which hold nothing of the content.

    Raises:
        MalformedDocument: no JSON, or JSON that two programs could understand differently.
        LimitExceeded: too large, too deep, or too many values.
    """
    limits.check_size(len(data), name)
    limits.check_values(sum(data.count(one) for one in _SEPARATORS), name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedDocument(
            f"{name}: byte {error.start:,} is not UTF-8, as JSON must be",
            file=name,
            offset=error.start,
        ) from error
    if text.startswith("\ufeff"):
        raise MalformedDocument(f"{name}: JSON must not start with a byte order mark", file=name)
    value = _loads(text, name, limits)
    _check(value, name, limits)
    return value


def _loads(text: str, name: str, limits: CredentialLimits) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise MalformedDocument(f"{name}: a JSON object has the same member twice", file=name)
        return found

    def constant(_: str) -> NoReturn:
        raise MalformedDocument(f"{name}: NaN and Infinity are no JSON", file=name)

    def number(digits: str) -> float:
        value = float(digits)
        return value if math.isfinite(value) else constant(digits)

    try:
        return json.loads(
            text, object_pairs_hook=members, parse_constant=constant, parse_float=number
        )
    except json.JSONDecodeError as error:
        raise MalformedDocument(
            f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}",
            file=name,
            line=error.lineno,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise limits.too_deep(name) from error
    except ValueError as error:  # a whole number with thousands of digits
        raise LimitExceeded(
            f"{name}: a number has more digits than can be read",
            limit="digits",
            allowed=4_300,
            file=name,
        ) from error


def _check(value: Any, name: str, limits: CredentialLimits) -> None:
    """Walk through without recursion: depth, and text that has no UTF-8 form."""
    waiting = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, str):
            _check_text(one, name, limits)
        elif isinstance(one, dict | list):
            if depth > limits.max_depth:
                raise limits.too_deep(name)
            if isinstance(one, dict):
                for member in one:
                    _check_text(member, name, limits)
            inside = one.values() if isinstance(one, dict) else one
            waiting.extend((inner, depth + 1) for inner in inside)


def _check_text(text: str, name: str, limits: CredentialLimits) -> None:
    limits.check_text(len(text), name)
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedDocument(
            f"{name}: a text holds half of a surrogate pair", file=name
        ) from error
