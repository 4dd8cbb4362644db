"""How a literal is shown to people; in RDF it stays as it was received."""

from dataclasses import dataclass

import nh3
import pyoxigraph as ox
from markupsafe import Markup, escape

from ..plain import has_markup
from ..terms import expand
from .language import Language

_TAGS = {"a", "b", "br", "em", "i", "strong", "sub", "sup", "u", "p", "div", "ul", "ol", "li"}
_TAGS |= {"dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"}
_ADDRESS_SCHEMES = {"http", "https", "mailto", "tel"}
_LONGEST = 4_000
"""Characters of a text that a page shows; the data formats have all of it."""
_DATES = frozenset(expand(one) for one in ("xsd:dateTime", "xsd:date", "xsd:dateTimeStamp"))
_XSD_DURATION = expand("xsd:duration")
_XSD_BOOLEAN = expand("xsd:boolean")


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


def passage(literal: ox.Literal, language: Language) -> Passage:
    """Return how a literal is shown on a page in `language`."""
    value, datatype = literal.value, literal.datatype.value
    if datatype in _DATES:
        return Passage(escape(language.moment(value)), machine=value, is_time=True)
    if datatype == _XSD_DURATION:
        return Passage(escape(language.duration(value)), machine=value, is_time=True)
    if datatype == _XSD_BOOLEAN:
        names = {"true": language.gettext("Yes"), "false": language.gettext("No")}
        return Passage(escape(names.get(value, value)), machine=value)
    value = value if len(value) <= _LONGEST else f"{value[:_LONGEST]} …"
    if has_markup(value):
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


def safe_address(iri: str) -> str | None:
    """Return an IRI that may stand in an `href`; None for `javascript:` and its like."""
    return iri if iri.partition(":")[0].lower() in _ADDRESS_SCHEMES else None
