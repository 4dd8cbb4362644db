"""How a literal is shown to people; in RDF it stays as it was received."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from types import MappingProxyType

import nh3
import pyoxigraph as ox
from markupsafe import Markup, escape

from ..terms import expand

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_TAGS = {"a", "b", "br", "em", "i", "strong", "sub", "sup", "u", "p", "div", "ul", "ol", "li"}
_TAGS |= {"dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"}
_ADDRESS_SCHEMES = {"http", "https", "mailto", "tel"}
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_LONGEST = 4_000
"""Characters of a text that a page shows; the data formats have all of it."""
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_DATES = frozenset(expand(one) for one in ("xsd:dateTime", "xsd:date", "xsd:dateTimeStamp"))
_XSD_DURATION = expand("xsd:duration")
_XSD_BOOLEAN = expand("xsd:boolean")


_LANGUAGES = MappingProxyType(
    {
        "bg": "Bulgarian",
        "ca": "Catalan",
        "cs": "Czech",
        "da": "Danish",
        "de": "German",
        "el": "Greek",
        "en": "English",
        "es": "Spanish",
        "et": "Estonian",
        "eu": "Basque",
        "fi": "Finnish",
        "fr": "French",
        "ga": "Irish",
        "gl": "Galician",
        "hr": "Croatian",
        "hu": "Hungarian",
        "is": "Icelandic",
        "it": "Italian",
        "lt": "Lithuanian",
        "lv": "Latvian",
        "mk": "Macedonian",
        "mt": "Maltese",
        "nb": "Norwegian Bokmål",
        "nl": "Dutch",
        "no": "Norwegian",
        "pl": "Polish",
        "pt": "Portuguese",
        "ro": "Romanian",
        "se": "Northern Sami",
        "sk": "Slovak",
        "sl": "Slovenian",
        "sq": "Albanian",
        "sr": "Serbian",
        "sv": "Swedish",
        "tr": "Turkish",
        "uk": "Ukrainian",
    }
)


def language_name(tag: str) -> str:
    """Return the English name of a language, for the languages that are common in the data."""
    return _LANGUAGES.get(tag.lower(), tag)


@dataclass(frozen=True, slots=True)
class Passage:
    """A literal as HTML, with its language tag (empty when it has none).

    `machine` is the value for programs where the text is a rewriting of it, `is_time` says that it
    is a moment or a duration, `is_block` that it holds block elements.
    """

    html: Markup
    language: str = ""
    machine: str = ""
    is_time: bool = False
    is_block: bool = False


def passage(literal: ox.Literal) -> Passage:
    """Return how a literal is shown."""
    value, datatype = literal.value, literal.datatype.value
    if datatype in _DATES:
        return Passage(escape(_date(value)), machine=value, is_time=True)
    if datatype == _XSD_DURATION:
        return Passage(escape(_duration(value)), machine=value, is_time=True)
    if datatype == _XSD_BOOLEAN:
        return Passage(escape({"true": "Yes", "false": "No"}.get(value, value)), machine=value)
    value = value if len(value) <= _LONGEST else f"{value[:_LONGEST]} …"
    if _MARKUP.search(value):
        return Passage(sanitised(value), literal.language or "", is_block=True)
    return Passage(escape(value), literal.language or "")


def sanitised(html: str) -> Markup:
    """Return what is harmless in a piece of HTML: text, paragraphs, lists, tables and links."""
    return Markup(  # noqa: S704 - this is what makes it safe
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes=_ADDRESS_SCHEMES,
            link_rel="nofollow noopener noreferrer",
        )
    )


def plain_text(text: str) -> str:
    """Return the text of a title: markup, where a publisher put some, is left out."""
    return unescape(nh3.clean(text, tags=set())).strip() if _MARKUP.search(text) else text


def safe_address(iri: str) -> str | None:
    """Return an IRI that may stand in an `href`; None for `javascript:` and its like."""
    return iri if iri.partition(":")[0].lower() in _ADDRESS_SCHEMES else None


def _date(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    day = f"{moment.day} {moment:%B} {moment.year}"
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return day
    zone = f" {moment:%Z}" if moment.tzinfo else ""
    return f"{day}, {moment:%H:%M}{zone}"


def _duration(value: str) -> str:
    match = _DURATION.fullmatch(value)
    if match is None:
        return value
    parts = [
        f"{number} {unit}{'' if number == '1' else 's'}"
        for number, unit in zip(match.groups()[1:], _UNITS, strict=True)
        if number and float(number)
    ]
    return f"{'minus ' if match[1] else ''}{' '.join(parts)}" if parts else "none"
