"""Content negotiation as a function: a header and what there is, to what is sent.

No IO and no Flask here. RFC 9110, sections 12.5.1 and 12.5.4
<https://www.rfc-editor.org/rfc/rfc9110#section-12.5>; languages by lookup, RFC 4647, section 3.4
<https://www.rfc-editor.org/rfc/rfc4647#section-3.4>.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..formats import RDF_FORMATS, RESULT_FORMATS, Format

_ELEMENT = re.compile(r'(?:<[^<>]*>|[^",]|"(?:[^"\\]|\\.)*"?)+')
_PARAMETER = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")
_RANGE = re.compile(r"\*/\*|[^\s/*;,]+/(?:\*|[^\s/*;,]+)")
_LANGUAGE_RANGE = re.compile(r"\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


_LONGEST_TAG = 35
"""Characters: what RFC 5646, section 4.4.1, tells software to have room for."""


@dataclass(frozen=True, slots=True, eq=False)  # each is itself only, and so a key at no cost
class Representation:
    """Something that can be sent: `name` is what `?format=` and suffixes say.

    `media_types` are all names that ask for it, the one it is sent as first. `by_name_only` keeps
    it from those who take anything: pages are for people, and browsers ask for HTML by name.
    """

    name: str
    media_types: tuple[str, ...]
    content_type: str
    format: Format | None = None
    by_name_only: bool = False


def _represented(one: Format) -> Representation:
    return Representation(one.name, (one.media_type, *one.aliases), one.content_type, one)


HTML = Representation(
    "html",
    ("text/html",),
    "text/html; charset=utf-8",
    by_name_only=True,
)
PROBLEM = Representation(
    "problem",
    ("application/problem+json", "application/json"),
    "application/problem+json",
)
JSON = Representation("json", ("application/json",), "application/json")
RDF = tuple(_represented(one) for one in RDF_FORMATS)
RESULTS = tuple(_represented(one) for one in RESULT_FORMATS)
RESOURCE = (*RDF, HTML)
"""What a resource is offered as, in the order of preference."""
ERROR = (PROBLEM, HTML)


@lru_cache(maxsize=2048)
def choose(accept: str | None, offered: tuple[Representation, ...]) -> Representation | None:
    """Return what of `offered` suits an Accept header best; None when nothing is acceptable.

    The most specific range that matches a media type decides its quality; parameters other than
    `q` do not narrow a range. Of equals the first offered wins. An element that is not well-formed
    is passed over; no header, an empty one or one without a single good element accepts anything.
    """
    ranges = _media_ranges(accept or "")
    best, best_quality = None, 0.0
    for one in offered:
        quality = _quality(one, ranges)
        if quality > best_quality:
            best, best_quality = one, quality
    return best


def _quality(offer: Representation, ranges: Mapping[str, float]) -> float:
    if not ranges:
        return 0.0 if offer.by_name_only else 1.0
    name, *aliases = offer.media_types
    if name in ranges:
        return ranges[name]
    by_alias = [ranges[alias] for alias in aliases if alias in ranges]
    if by_alias:
        return max(by_alias)
    by_type = ranges.get(f"{name.partition('/')[0]}/*")
    if by_type is not None:
        return by_type
    return 0.0 if offer.by_name_only else ranges.get("*/*", 0.0)


def _media_ranges(header: str) -> dict[str, float]:
    ranges: dict[str, float] = {}
    for name, quality in elements(header):
        if _RANGE.fullmatch(name):
            key = name.lower()
            ranges[key] = max(quality, ranges.get(key, 0.0))
    return ranges


def elements(header: str) -> Iterable[tuple[str, float]]:
    """Yield the elements of a header that states preferences, each with its quality."""
    for element in _ELEMENT.findall(header):
        name, *parameters = (part.strip() for part in _PARAMETER.split(element))
        quality = _q(parameters)
        if quality is not None:
            yield name, quality


def _q(parameters: Iterable[str]) -> float | None:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            text = value.strip()
            return float(text) if _QUALITY.fullmatch(text) else None
    return 1.0


CODINGS = ("zstd", "br", "gzip")
"""Content codings in the order of preference: by time for the same size."""


@lru_cache(maxsize=1024)
def choose_coding(accept_encoding: str | None) -> str | None:
    """Return the content coding that suits an Accept-Encoding header best; None for none at all."""
    asked = {name.lower(): quality for name, quality in elements(accept_encoding or "")}
    others = asked.get("*", 0.0)
    if "x-gzip" in asked:
        asked.setdefault("gzip", asked["x-gzip"])
    best = max(CODINGS, key=lambda one: asked.get(one, others))
    quality = asked.get(best, others)
    return best if quality > 0 and quality >= asked.get("identity", 0.0) else None


@lru_cache(maxsize=1024)
def languages(accept_language: str | None, asked: str | None = None) -> tuple[str, ...]:
    """Return the languages a reader wants, best first, in lower case; English stands at the end.

    `asked` is what the address says (`?lang=`) and comes before the header. A range such as
    `de-AT` is followed by what it is a case of (`de`); `*` says nothing and is left out.
    """
    wanted = [
        (-quality, position, name.lower())
        for position, (name, quality) in enumerate(elements(accept_language or ""))
        if quality > 0 and name != "*" and _LANGUAGE_RANGE.fullmatch(name)
    ]
    ordered = [name for _, _, name in sorted(wanted)]
    if asked and is_language(asked):
        ordered.insert(0, asked.lower())
    return tuple(dict.fromkeys(tag for name in [*ordered, "en"] for tag in _truncations(name)))


def is_language(text: str) -> bool:
    """Tell whether a text is a language range, no longer than any that is in use."""
    return len(text) <= _LONGEST_TAG and bool(_LANGUAGE_RANGE.fullmatch(text))


def _truncations(tag: str) -> Iterable[str]:
    parts = tag.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()


def best_language(available: Iterable[str], wanted: Sequence[str]) -> str | None:
    """Return the tag of `available` that suits a reader best; None when there is none at all.

    A tag suits a wanted one when it is equal or begins with it (`en-GB` for `en`). When none
    suits, the first in alphabetical order is taken, so that a page is the same each time.
    """
    tags = sorted(available)
    for want in wanted:
        for tag in tags:
            lowered = tag.lower()
            if lowered == want or lowered.startswith(f"{want}-"):
                return tag
    return tags[0] if tags else None
