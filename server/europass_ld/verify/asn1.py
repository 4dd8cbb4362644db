"""A strict reader of DER (ITU-T X.690 <https://www.itu.int/rec/T-REC-X.690>).

Only what certificates, time-stamps and their attributes need: values are cut out, never built.
Definite lengths, shortest form, nothing left over; whatever else is met is a `ValueError`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31

_LONG_FORM = 0x80
_HIGH_TAG = 0x1F
_MOST_LENGTH_OCTETS = 4
_CENTURY_PIVOT = 50
_STRINGS = {0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x16: "ascii", 0x1E: "utf-16-be"}
_LATIN = {0x14: "latin-1"}


class Value(NamedTuple):
    """One encoded value: its tag octet, its content octets, and all its octets."""

    tag: int
    content: bytes
    octets: bytes


def context(number: int, *, constructed: bool = True) -> int:
    """Return the tag octet of a context-specific tag [number]."""
    return (0xA0 if constructed else 0x80) | number


def values(data: bytes) -> Iterator[Value]:
    """Yield the values that stand one after the other in `data`.

    Raises:
        ValueError: not DER.
    """
    at = 0
    while at < len(data):
        value = _value(data, at)
        at += len(value.octets)
        yield value


def _value(data: bytes, at: int) -> Value:
    if len(data) - at < 2 or data[at] & _HIGH_TAG == _HIGH_TAG:  # noqa: PLR2004 - tag, length
        raise ValueError("not DER: truncated, or a tag of several octets")
    length, start = data[at + 1], at + 2
    if length >= _LONG_FORM:
        count = length - _LONG_FORM
        length = int.from_bytes(data[start : start + count], "big")
        shortest = max(1, (length.bit_length() + 7) // 8)
        if count != shortest or count > _MOST_LENGTH_OCTETS or length < _LONG_FORM:
            raise ValueError("not DER: a length that is indefinite or not in its shortest form")
        start += count
    end = start + length
    if end > len(data):
        raise ValueError("not DER: truncated")
    return Value(data[at], data[start:end], data[at:end])


def only(data: bytes, tag: int) -> Value:
    """Return the one value that `data` is, which must have the tag octet `tag`.

    Raises:
        ValueError: not DER, another tag, or something behind it.
    """
    found = _value(data, 0)
    if len(found.octets) != len(data):
        raise ValueError("not DER: something stands behind the value")
    return expect(found, tag)


def expect(value: Value, tag: int) -> Value:
    """Return `value` if it has the tag octet `tag`.

    Raises:
        ValueError: it has not.
    """
    if value.tag != tag:
        raise ValueError(f"tag {value.tag:#04x} where {tag:#04x} was expected")
    return value


def members(value: Value) -> list[Value]:
    """Return the values inside a SEQUENCE, a SET or a constructed tag.

    Raises:
        ValueError: not DER.
    """
    return list(values(value.content))


class Fields:
    """Reads the members of a SEQUENCE in their order, optional ones by their tag."""

    __slots__ = ("_at", "_members")

    def __init__(self, value: Value):
        self._members = members(value)
        self._at = 0

    def next(self, tag: int | None = None) -> Value:
        """Return the next member, which must have the tag octet `tag` if one is given.

        Raises:
            ValueError: no further member, or another tag.
        """
        if self._at == len(self._members):
            raise ValueError("a member is missing")
        value = self._members[self._at]
        self._at += 1
        return value if tag is None else expect(value, tag)

    def optional(self, *tags: int) -> Value | None:
        """Return the next member if it has one of the tag octets `tags`, else None."""
        if self._at < len(self._members) and self._members[self._at].tag in tags:
            return self.next()
        return None

    def end(self) -> None:
        """Make sure that every member was read.

        Raises:
            ValueError: one was not.
        """
        if self._at != len(self._members):
            raise ValueError("a member that is not expected")


def integer(value: Value) -> int:
    """Return the number in an INTEGER.

    Raises:
        ValueError: no INTEGER in its shortest form.
    """
    content = expect(value, INTEGER).content
    if not content or (len(content) > 1 and content[0] in (0, 0xFF) and _padded(content)):
        raise ValueError("not DER: an INTEGER not in its shortest form")
    return int.from_bytes(content, "big", signed=True)


def _padded(content: bytes) -> bool:
    return (content[0] == 0) == (content[1] < _LONG_FORM)


def boolean(value: Value) -> bool:
    """Return the truth of a BOOLEAN.

    Raises:
        ValueError: no BOOLEAN in DER.
    """
    content = expect(value, BOOLEAN).content
    if content not in (b"\x00", b"\xff"):
        raise ValueError("not DER: a BOOLEAN that is neither true nor false")
    return content == b"\xff"


def bit_string(value: Value) -> bytes:
    """Return the octets of a BIT STRING; unused bits at the end are 0.

    Raises:
        ValueError: no BIT STRING.
    """
    content = expect(value, BIT_STRING).content
    if not content or content[0] > 7 or (len(content) == 1 and content[0]):  # noqa: PLR2004 - bits
        raise ValueError("not DER: a BIT STRING without a right count of unused bits")
    if content[0] and content[-1] & ((1 << content[0]) - 1):
        raise ValueError("not DER: a BIT STRING with unused bits that are set")
    return content[1:]


def object_identifier(value: Value) -> str:
    """Return an OBJECT IDENTIFIER in dotted form.

    Raises:
        ValueError: no OBJECT IDENTIFIER.
    """
    return _dotted(expect(value, OBJECT_IDENTIFIER).content)


@lru_cache(maxsize=512)
def _dotted(content: bytes) -> str:
    if not content or content[-1] & _LONG_FORM:
        raise ValueError("not DER: a truncated OBJECT IDENTIFIER")
    arcs, arc, fresh = [], 0, True
    for octet in content:
        if fresh and octet == _LONG_FORM:
            raise ValueError("not DER: an arc not in its shortest form")
        arc = arc << 7 | octet & 0x7F
        fresh = octet < _LONG_FORM
        if fresh:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(one) for one in (first, arcs[0] - 40 * first, *arcs[1:]))


def time(value: Value) -> datetime:
    """Return the time in a UTCTime or GeneralizedTime that ends in Z; fractions are kept.

    Raises:
        ValueError: no such time.
    """
    text = value.content.decode("ascii")
    if value.tag == UTC_TIME and len(text) == len("yymmddhhmmssZ"):
        text = ("19" if int(text[:2]) >= _CENTURY_PIVOT else "20") + text
    elif value.tag != GENERALIZED_TIME:
        raise ValueError("no time")
    whole, _, fraction = text.removesuffix("Z").partition(".")
    digits = whole + fraction
    if not text.endswith("Z") or not digits.isdigit() or len(whole) != len("yyyymmddhhmmss"):
        raise ValueError("a time of another form")
    moment = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else moment


def text(value: Value) -> str:
    """Return a character string; undecodable octets are shown as replacement characters.

    Raises:
        ValueError: no character string.
    """
    encoding = _STRINGS.get(value.tag) or _LATIN.get(value.tag)
    if encoding is None:
        raise ValueError(f"tag {value.tag:#04x} is no character string")
    return value.content.decode(encoding, "replace")
