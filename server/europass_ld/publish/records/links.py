"""Link headers of resources: other forms, and Signposting <https://signposting.org/FAIR/>."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode

from ...terms import expand
from ..addresses import parameter
from ..negotiation import HTML, RESOURCE, Representation
from ..responses import extension_of
from ..site import Site
from .lookup import Found
from .profiles import ALTERNATES, ELM, Profile

_URI_SAFE = "/:?#[]@!$&'()*+,;=%-._~"
_LONGEST = 2_000
"""Characters up to which the other profiles are listed one by one; else only the list of them is.

Proxies take 4 to 8 kB of headers, and an IRI may be long.
"""
_SCHEMA_TYPES = {
    expand(f"elm:{elm}"): expand(f"schema:{term}")
    for elm, term in (
        ("LearningOpportunity", "Course"),
        ("LearningAchievementSpecification", "Course"),
        ("Qualification", "EducationalOccupationalCredential"),
        ("Organisation", "Organization"),
    )
}


def links(
    current: Site,
    found: Found,
    offered: tuple[Profile, ...],
    profile: Profile,
    representation: Representation,
) -> str:
    """Return the Link header of one representation of a resource (RFC 8288).

    A page has all there is to say. Data has less: its header costs as much time as its body.
    """
    of_page = representation is HTML
    others = list(_other_profiles(current, found.iri, offered, profile))
    if not of_page or sum(map(len, others)) > _LONGEST:
        others = list(_other_profiles(current, found.iri, (ALTERNATES,), profile))
    return ", ".join(
        [
            f'<{profile.iri}>; rel="profile"',
            *_other_forms(current, found.iri, profile, representation),
            *others,
            f'<{uri(found.iri)}>; rel="cite-as"',
            *(_signposts(current, found) if of_page else ()),
        ]
    )


def alternates(forms: Iterable[tuple[Profile, Representation, str]]) -> str:
    """Return a Link header that lists forms with their addresses."""
    return ", ".join(
        f'<{path}>; rel="alternate"; type="{one.media_types[0]}"; profile="{profile.iri}"'
        for profile, one, path in forms
    )


def history_path(iri: str) -> str:
    """Return the path at which the history of a record is told."""
    return f"/resource/history{parameter(iri)}"


def history_link(iri: str) -> str:
    """Return a link to the history of a record (RFC 5829)."""
    return f'<{history_path(iri)}>; rel="version-history"'


def profile_address(current: Site, iri: str, profile: Profile, media_type: str = "") -> str:
    """Return the path at which a resource is shown in one profile, and in one media type."""
    path, query = current.address_parts(iri)
    arguments = {"_profile": profile.token} | ({"_mediatype": media_type} if media_type else {})
    return f"{path}{query}{'&' if query else '?'}{urlencode(arguments)}"


def _other_forms(
    current: Site, iri: str, profile: Profile, representation: Representation
) -> Iterator[str]:
    """Yield the documents in the first profile; to a page they are its metadata."""
    path, query = current.address_parts(iri)
    relation = "alternate describedby" if representation is HTML else "alternate"
    for one in RESOURCE:
        if profile is not ELM or one is not representation:
            yield (
                f'<{path}.{extension_of(one)}{query}>; rel="{relation}";'
                f' type="{one.media_types[0]}"'
            )


def _other_profiles(
    current: Site, iri: str, offered: tuple[Profile, ...], profile: Profile
) -> Iterator[str]:
    for one in offered:
        if one not in (ELM, profile):
            media_type = one.representations[0].media_types[0]
            yield (
                f'<{profile_address(current, iri, one)}>; rel="alternate"; type="{media_type}";'
                f' profile="{one.iri}"'
            )


def _signposts(current: Site, found: Found) -> Iterator[str]:
    """Yield what a machine that lands here should know: kind, whole, licence, author."""
    for type_iri in dict.fromkeys(one.record.type for one in found.records):
        yield f'<{type_iri}>; rel="type"'
        if type_iri in _SCHEMA_TYPES:
            yield f'<{_SCHEMA_TYPES[type_iri]}>; rel="type"'
    if found.records:
        yield history_link(found.iri)
    names = {one.dataset for one in found.records} or {found.iri}
    datasets = [one for one in current.reader.datasets() if one.iri in names]
    collections = {current.address(one.iri) for one in datasets if found.records}
    licences = {one.licence for one in datasets}
    # a second collection or licence would say that a client may choose
    if len(collections) == 1:
        yield f'<{collections.pop()}>; rel="collection"'
    if len(licences) == 1 and (licence := licences.pop()):
        yield f'<{uri(licence)}>; rel="license"'
    for publisher in dict.fromkeys(one.publisher for one in datasets):
        if publisher:
            yield f'<{uri(publisher)}>; rel="author"'


def uri(iri: str) -> str:
    """Write an IRI as a URI: a header is ASCII."""
    return quote(iri, safe=_URI_SAFE)
