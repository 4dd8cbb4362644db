"""JSON as I-JSON has it, and base64 that says a thing in one way only.

RFC 7493 <https://www.rfc-editor.org/rfc/rfc7493>: UTF-8, no duplicate members, no NaN, no lone
surrogates. Two readers that differ on such a document would see two different documents.
"""

import base64
import binascii
import json
import re
from typing import Any

from .outcome import malformed, over_limit
from .policy import Policy

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def loads(data: bytes, policy: Policy) -> Any:
    """Return the value of a JSON text.

    Raises:
        Rejection: not I-JSON, or past a limit.
    """
    if sum(data.count(mark) for mark in (b"[", b"{", b",")) > policy.max_nodes:
        raise over_limit("too many JSON values", policy.max_nodes)
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_members, parse_constant=_constant
        )
    except UnicodeDecodeError as error:
        raise malformed("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise malformed(f"not JSON (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise over_limit("JSON is nested too deeply", policy.max_depth) from error
    except ValueError as error:
        raise malformed("a number with too many digits") from error
    _check_depth(value, policy.max_depth)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise malformed("a JSON object with a duplicate member")
    if any(not _is_unicode(name) for name in found):
        raise malformed("a lone surrogate in a member's name")
    return found


def _constant(name: str) -> Any:
    raise malformed(f"{name} is not JSON")


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_depth(value: Any, limit: int) -> None:
    """Walk the value level by level, so that depth is no matter of recursion."""
    level = [value]
    for _ in range(limit + 1):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and not one.isascii() and not _is_unicode(one):
                raise malformed("a lone surrogate in a string")
        if not below:
            return
        level = below
    raise over_limit("JSON is nested too deeply", limit)


def decode_base64url(text: object, what: str) -> bytes:
    """Return the octets of unpadded base64url in its one canonical form.

    Raises:
        Rejection: `what` is something else.
    """
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise malformed(f"{what} is not base64url")
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(octets).rstrip(b"=").decode() != text:
        raise malformed(f"{what} is not in canonical base64url")
    return octets


def decode_base64(text: object, what: str) -> bytes:
    """Return the octets of padded base64 in its one canonical form.

    Raises:
        Rejection: `what` is something else.
    """
    if not isinstance(text, str):
        raise malformed(f"{what} is not base64")
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed(f"{what} is not base64") from error
    if base64.b64encode(octets).decode() != text:
        raise malformed(f"{what} is not in canonical base64")
    return octets


def expect_object(value: object, what: str) -> dict[str, Any]:
    """Return `value` if it is a JSON object.

    Raises:
        Rejection: it is not.
    """
    if not isinstance(value, dict):
        raise malformed(f"{what} is not an object")
    return value


def expect_list(value: object, what: str) -> list[Any]:
    """Return `value` if it is a JSON array with something in it.

    Raises:
        Rejection: it is not.
    """
    if not isinstance(value, list) or not value:
        raise malformed(f"{what} is not an array with something in it")
    return value
