"""Every resource by its IRI: negotiated, or as a document with a suffix."""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ...formats import RDF_FORMATS
from ...store import Dataset
from ...terms import GENID_PATH
from ..addresses import candidates, is_iri, is_private
from ..datasets.figures import summary
from ..datasets.offers import offer
from ..labels import best
from ..language import Message
from ..negotiation import ERROR, HTML, RDF, RESOURCE, Representation
from ..problems import Refusal
from ..responses import (
    REVALIDATE,
    VARY,
    VARY_BY_PROFILE,
    chosen_of,
    entity_tag,
    extension_of,
    not_acceptable,
    not_modified,
    page,
)
from ..serialization import serialize
from ..serving.recent import note_lasting
from ..site import Site, kept, page_number, reader_languages, site
from .links import alternates, history_link, history_path, links, profile_address
from .lookup import Found, asked_iri, find, missing, tombstone_lines
from .profile_documents import (
    document,
    in_html,
    is_one_record,
    offered,
    representations,
    schema_json,
)
from .profiles import ALTERNATES, ELM, FRAMED, SCHEMA, Profile, Wanted, negotiate
from .resource_page import mentions, plain_sections, sections

blueprint = Blueprint("resources", __name__)

_SUFFIXES = tuple(extension_of(one) for one in RESOURCE)
_SUFFIX = f"<any({', '.join(_SUFFIXES)}):suffix>"
_VERSIONS_SHOWN = 5
_OF_PROFILES = ("_profile", "_mediatype")


@blueprint.get("/resource")
@blueprint.get(f"/resource.{_SUFFIX}")
def resource(suffix: str | None = None) -> AnyResponse:
    """Describe the IRI that the parameter `iri` names."""
    iri = asked_iri(request.args.get("iri", ""))
    if iri.startswith(site().genid):
        return _owner_of(iri)
    return _described(iri, suffix)


@blueprint.get("/id/<path:name>")
def identifier(name: str) -> AnyResponse:
    """Send on from what has an identifier here to the document about it."""
    iri = f"{site().base}id/{name}"
    if find(site(), iri) is None:
        raise missing(site(), iri)
    return _see_other(site().address(iri))


@blueprint.get("/doc/<path:name>")
def our_document(name: str) -> AnyResponse:
    """Describe what this server named; a suffix asks for a format."""
    base = f"{site().base}id/"
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix in _SUFFIXES and find(site(), base + name) is None:
        return _described(base + stem, suffix)
    return _described(base + name, None)


@blueprint.get(f"/{GENID_PATH}<path:name>")
def nested_node(name: str) -> AnyResponse:
    """Send on from a nested node to the page of the record that owns it."""
    return _owner_of(site().genid + name)


@blueprint.before_app_request
def own_path() -> AnyResponse | None:
    """Answer the paths of publishers whose host names the operator has pointed at this server.

    What a record is about is no document: 303 to the one about it. The document of hash IRIs is
    one, and describes all of them.
    """
    current = site()
    hosts = current.settings.authoritative_hosts
    if not hosts or request.method not in {"GET", "HEAD"} or is_private(request.path):
        return None
    path, _, query = str(request.environ.get("RAW_URI", request.path)).partition("?")
    for iri in candidates(current.origin(), hosts, path, query):
        if current.reader.describe(iri):
            return _see_other(current.address(iri))
        response = _answer(current, iri, None)
        if response:
            return response
        if is_iri(iri) and current.reader.tombstone(iri):
            gone = _tombstone(current, iri, None)
            if gone is None:
                raise missing(current, iri)
            return gone
    return None


def _described(iri: str, suffix: str | None) -> Response:
    response = _answer(site(), iri, suffix) or _tombstone(site(), iri, suffix)
    if response is None:
        raise missing(site(), iri)
    return response


def _tombstone(current: Site, iri: str, suffix: str | None) -> Response | None:
    """Return what is left of a deleted record as RDF, if that was asked for; else None."""
    chosen = chosen_of(RESOURCE, suffix) if suffix else chosen_of((*ERROR, *RDF), None)
    if chosen is None or chosen.format is None:
        return None
    lines = tombstone_lines(current, iri)
    if not lines:
        return None
    headers = {"Cache-Control": "no-store", "Vary": VARY, "Link": history_link(iri)}
    body = serialize([(iri, lines)], chosen.format)
    return Response(body, HTTPStatus.GONE, headers, content_type=chosen.content_type)


def _answer(current: Site, iri: str, suffix: str | None) -> Response | None:
    """Return the representation that was asked for; None when nothing is known of the IRI."""
    if _names_profile():
        return _profiled(current, iri, suffix)
    chosen = chosen_of(RESOURCE, suffix)
    found = find(current, iri)
    if found is None:
        return None
    if chosen is None:
        raise not_acceptable(RESOURCE, VARY_BY_PROFILE)
    return _sent(current, iri, found, ELM, chosen)


def _names_profile() -> bool:
    environ = request.environ
    query = environ["QUERY_STRING"]
    return (
        "HTTP_ACCEPT_PROFILE" in environ
        or "_profile=" in query
        or "_mediatype=" in query
        or FRAMED.iri in environ.get("HTTP_ACCEPT", "")
    )


def _profiled(current: Site, iri: str, suffix: str | None) -> Response | None:
    """Return the resource in the profile that was asked for; None when nothing is known of it."""
    found = find(current, iri)
    if found is None:
        return None
    profiles = offered(current, found)
    accept = request.environ.get("HTTP_ACCEPT")
    wanted = Wanted(
        request.args.get("_profile", ""),
        # a plus that nobody escaped arrives as a space
        _media_type(suffix) or request.args.get("_mediatype", "").replace(" ", "+"),
        request.environ.get("HTTP_ACCEPT_PROFILE", _profile_of(accept)),
        accept,
    )
    chosen = negotiate(profiles, wanted)
    if chosen is None:
        raise _no_such_profile(current, found)
    return _sent(current, iri, found, *chosen)


def _profile_of(accept: str | None) -> str | None:
    """Return the profile that an Accept header names, as JSON-LD 1.1, appendix C, has it."""
    return f"<{FRAMED.iri}>" if accept and FRAMED.iri in accept else None


def _media_type(suffix: str | None) -> str:
    return next((one.media_types[0] for one in RESOURCE if extension_of(one) == suffix), "")


def _no_such_profile(current: Site, found: Found) -> Refusal:
    profiles = offered(current, found)
    listed = list(representations(current, found.iri, profiles))
    return Refusal(
        "not-acceptable",
        Message(
            "This is available in the profiles %(profiles)s.",
            profiles=", ".join(f"{one.token} <{one.iri}>" for one in profiles),
        ),
        headers={"Vary": VARY_BY_PROFILE, "Link": alternates(listed)},
        available=[f"{profile.token}: {one.media_types[0]}" for profile, one, _ in listed],
    )


def _sent(
    current: Site, iri: str, found: Found, profile: Profile, chosen: Representation
) -> Response:
    """Return a response with a resource."""
    mark = "" if profile is ELM else f"{profile.token}-"
    tag = entity_tag(chosen, mark)
    if current.is_dataset(iri):
        tag = current.with_dumps(tag)
    else:  # what a dataset tells depends on its dumps, which come and go in one state
        note_lasting(request.environ, g.sequence)
    unchanged = not_modified(tag, vary=VARY_BY_PROFILE)
    if unchanged:
        return unchanged
    if chosen is HTML:
        response = _page(current, found) if profile is ELM else _alternates(current, found)
    else:
        body = document(current, found, profile, chosen)
        response = Response(body, content_type=chosen.content_type)
    link = links(current, found, offered(current, found), profile, chosen)
    response.headers.update(_headers(tag, current.since(), profile, link))
    return response


def _headers(tag: str, since: str, profile: Profile, link: str) -> list[tuple[str, str]]:
    # one list, added once: setting headers one by one costs as much as finding the record
    return [
        ("ETag", tag),
        ("Last-Modified", since),
        ("Cache-Control", REVALIDATE),
        ("Vary", VARY_BY_PROFILE),
        ("Content-Profile", f"<{profile.iri}>"),
        ("Link", link),
    ]


def _alternates(current: Site, found: Found) -> Response:
    forms: dict[Profile, list[tuple[Representation, str]]] = {}
    for profile, one, path in representations(current, found.iri, offered(current, found)):
        forms.setdefault(profile, []).append((one, path))
    return page("alternates.html", iri=found.iri, forms=forms)


def _page(current: Site, found: Found) -> Response:
    wanted = reader_languages()
    formats = [
        (one.title, one.media_type, current.address(found.iri, f".{one.extension}"))
        for one in RDF_FORMATS
    ]
    dataset = next((one for one in current.reader.datasets() if one.iri == found.iri), None)
    if dataset:
        return _dataset_page(current, dataset, formats)
    number = page_number()
    described = (
        sections(current, found.records, wanted)
        if found.records
        else plain_sections(current, found.iri, found.others, wanted)
    )
    told = is_one_record(found) and SCHEMA in offered(current, found)
    listed, more = mentions(current, found.iri, wanted, page=number)
    return page(
        "resource.html",
        iri=found.iri,
        sections=described,
        mentions=listed,
        more=more,
        page_number=number,
        address=current.address(found.iri),
        formats=formats,
        history=history_path(found.iri) if is_one_record(found) else None,
        all_forms=profile_address(current, found.iri, ALTERNATES),
        schema=in_html(schema_json(current, found)) if told else None,
    )


def _dataset_page(current: Site, dataset: Dataset, formats: list[tuple[str, str, str]]) -> Response:
    wanted = reader_languages()
    return page(
        "dataset.html",
        summary=summary(current, dataset, wanted),
        description=best(dataset.description, wanted),
        offer=offer(current, dataset, wanted),
        versions=current.reader.versions(dataset.iri)[: -_VERSIONS_SHOWN - 1 : -1],
        formats=formats,
    )


def _owner_of(node: str) -> AnyResponse:
    owner = site().owner(node)
    if owner == node:
        raise missing(site(), node)
    return _see_other(site().address(owner))


def _see_other(address: str) -> AnyResponse:
    asked = {name: request.args[name] for name in _OF_PROFILES if name in request.args}
    address += f"{'&' if '?' in address else '?'}{urlencode(asked)}" if asked else ""
    response = redirect(kept(address), 303)
    response.headers["Vary"] = VARY
    return response
