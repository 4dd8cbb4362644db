"""Which profiles a resource is offered in, and which of them a request asks for.

No IO and no Flask here. Content Negotiation by Profile, W3C <https://www.w3.org/TR/dx-prof-conneg/>:
by the header Accept-Profile, or by the arguments `_profile` and `_mediatype`, which come before
the headers. The argument and the header name a profile by its IRI or by its token.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...mapping import FAMILIES, load_mapping
from ...profiles import VERSIONS
from ...terms import PREFIXES, expand
from ..negotiation import HTML, RDF, RESOURCE, Representation, choose, elements

_HEADER_ELEMENT = re.compile(r"<([^<>\s]*)>|\"([^\"]*)\"|([^\s;,<>\"]+)")


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to say what is known of a resource: IRI, short name, and the forms it is sent in."""

    token: str
    iri: str
    title: str
    representations: tuple[Representation, ...]


_XML = Representation("xml", ("application/xml", "text/xml"), "application/xml")
_FRAMED = "http://www.w3.org/ns/json-ld#framed"
_OBJECT = Representation(
    "jsonld",
    ("application/ld+json", "application/json"),
    f'application/ld+json; profile="{_FRAMED}"',
)
_TRIPLES = tuple(one for one in RDF if one.name not in {"trig", "nq"})
_JSON_LD = next(one for one in RDF if one.name == "jsonld")
_NAMES = {"loq": "Learning opportunities and qualifications", "ams": "Accreditations"}

ELM = Profile("elm", PREFIXES["elm"], "European Learning Model", RESOURCE)
SCHEMA = Profile(
    "schema",
    PREFIXES["schema"],
    "schema.org",
    (_JSON_LD, *(one for one in _TRIPLES if one is not _JSON_LD)),
)
EUROPASS_XML = {
    (family, version): Profile(
        f"{family}-{version}",
        load_mapping(family).namespace(version),
        f"{_NAMES[family]} {version} (Europass XML)",
        (_XML,),
    )
    for family in FAMILIES
    for version in VERSIONS
}
FRAMED = Profile("framed", _FRAMED, "JSON-LD, framed and compacted", (_OBJECT,))
LABELS = Profile("labels", expand("eld:Labels"), "Labels", _TRIPLES)
ALTERNATES = Profile(
    "alt", "http://www.w3.org/ns/dx/connegp/altr", "Alternate representations", (*_TRIPLES, HTML)
)
PROFILES = (ELM, SCHEMA, *EUROPASS_XML.values(), FRAMED, LABELS, ALTERNATES)
"""All profiles: the one table of their IRIs and tokens."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request says: its arguments, empty where there is none, and its headers."""

    profile: str
    media_type: str
    accept_profile: str | None
    accept: str | None


def negotiate(
    offered: tuple[Profile, ...], wanted: Wanted
) -> tuple[Profile, Representation] | None:
    """Return the profile and the representation that suit a request best; None when none does.

    Profile goes before media type. Without a word about profiles, the first offered one is meant.
    """
    if wanted.media_type and "/" not in wanted.media_type:
        return None
    accept = wanted.media_type or wanted.accept
    for profile in _preferred(offered, wanted):
        chosen = choose(accept, profile.representations)
        if chosen:
            return profile, chosen
    return None


def _preferred(offered: tuple[Profile, ...], wanted: Wanted) -> Iterator[Profile]:
    if wanted.profile:
        yield from (one for one in offered if wanted.profile in {one.token, one.iri})
        return
    if wanted.accept_profile is None:
        yield offered[0]
        return
    asked = dict(_accepted(wanted.accept_profile))
    qualities = [
        (asked.get(one.iri, asked.get(one.token, asked.get("*", 0.0))), -place, one)
        for place, one in enumerate(offered)
    ]
    ranked = sorted(qualities, key=lambda rank: rank[:2], reverse=True)
    yield from (one for quality, _, one in ranked if quality > 0)


def _accepted(header: str) -> Iterator[tuple[str, float]]:
    """Yield the profiles that an Accept-Profile header names, with their qualities."""
    for name, quality in elements(header):
        match = _HEADER_ELEMENT.fullmatch(name)
        if match:
            yield match[1] or match[2] or match[3] or "", quality
