"""Every resource by its IRI: negotiated, or as a document with a suffix."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ..formats import RDF_FORMATS
from ..store import Dataset, Description
from ..terms import GENID_PATH
from ..turtle import Part
from .addresses import candidates, document_of, is_iri
from .dataset_lines import dataset_lines
from .figures import summary
from .labels import best
from .language import Message
from .negotiation import RESOURCE, Representation
from .problems import Refusal
from .resource_page import mentions, plain_sections, sections
from .responses import (
    REVALIDATE,
    VARY,
    chosen_of,
    entity_tag,
    extension_of,
    not_acceptable,
    not_modified,
    page,
)
from .serialization import parts_of, serialize
from .site import Site, kept, page_number, reader_languages, site
from .suggestions import suggestions

blueprint = Blueprint("resources", __name__)

_SUFFIXES = tuple(extension_of(one) for one in RESOURCE)
_SUFFIX = f"<any({', '.join(_SUFFIXES)}):suffix>"
_MOST_FRAGMENTS = 1000
_VERSIONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of an IRI: records, one of each dataset that has it, or other statements."""

    iri: str
    records: tuple[Description, ...] = ()
    others: tuple[Part, ...] = ()

    def parts(self) -> list[Part]:
        """Return the statements with the graphs that hold them."""
        return [(one.dataset, one.record.triples) for one in self.records] or list(self.others)


@blueprint.get("/resource")
@blueprint.get(f"/resource.{_SUFFIX}")
def resource(suffix: str | None = None) -> AnyResponse:
    """Describe the IRI that the parameter `iri` names."""
    iri = _asked_iri()
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
def document(name: str) -> AnyResponse:
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
def own_path() -> Response | None:
    """Answer the paths of publishers whose host names the operator has pointed at this server."""
    current = site()
    hosts = current.settings.authoritative_hosts
    if not hosts or request.method not in {"GET", "HEAD"}:
        return None
    path, _, query = str(request.environ.get("RAW_URI", request.path)).partition("?")
    for iri in candidates(current.origin(), hosts, path, query):
        response = _answer(current, iri, None)
        if response:
            return response
        if is_iri(iri) and current.reader.tombstone(iri):
            raise missing(current, iri)
    return None


def find(current: Site, iri: str) -> Found | None:
    """Return what is known of an IRI; of one without a fragment, its fragments too."""
    reader = current.reader
    iris = (iri,) if "#" in iri else reader.fragments(iri)
    records = tuple(one for each in iris for one in reader.describe(each))
    if records:
        return Found(iri, records)
    if not is_iri(iri):
        return None
    quads = reader.outgoing(iri)
    dataset = next((one for one in reader.datasets() if one.iri == iri), None)
    if dataset:
        lines = dataset_lines(dataset, reader.versions(iri), current.base)
        return Found(iri, others=((iri, lines), *parts_of(quads)))
    if quads:
        return Found(iri, others=tuple(parts_of((*quads, *_fragments(current, iri, quads)))))
    ours = next(_of_ours(current, iri), None)
    return Found(iri, others=(ours,)) if ours else None


def missing(current: Site, iri: str) -> Refusal:
    """Return the refusal for an IRI that nothing is known of, or no longer."""
    tombstone = current.reader.tombstone(iri)
    if tombstone:
        return Refusal(
            "gone",
            Message(
                "<%(iri)s> was described here until %(time)s. No dataset describes it any more.",
                iri=iri,
                time=tombstone.time,
            ),
            iri=iri,
            deleted=tombstone.time,
            datasets=list(tombstone.datasets),
            kind=tombstone.type,
        )
    return Refusal(
        "not-found",
        Message("Nothing here describes <%(iri)s>.", iri=iri),
        iri=iri,
        suggestions=suggestions(current, iri),
        mentioned_by=[subject for subject, _, _ in current.reader.incoming(iri, limit=5)],
    )


def _of_ours(current: Site, iri: str) -> Iterator[Part]:
    """Yield what the code lists, the ontology and the shapes say of an IRI, where they do."""
    for graph, triples in (
        (current.vocabulary_graph, current.code_lists.triples([iri])),
        (current.ontology, (f"{one} ." for one in current.terms.triples(iri))),
        (document_of(iri), (f"{one} ." for one in current.shapes.triples(iri))),
    ):
        lines = "".join(f"{line}\n" for line in triples)
        if lines:
            yield graph, lines


def _described(iri: str, suffix: str | None) -> Response:
    response = _answer(site(), iri, suffix)
    if response is None:
        raise missing(site(), iri)
    return response


def _answer(current: Site, iri: str, suffix: str | None) -> Response | None:
    """Return the representation that was asked for; None when nothing is known of the IRI."""
    chosen = chosen_of(RESOURCE, suffix)
    key = (g.sequence, iri, chosen.name if chosen else "")
    document = current.recent.get(key)
    found = find(current, iri) if document is None else None
    if document is None and found is None:
        return None
    if chosen is None:
        raise not_acceptable(RESOURCE)
    tag = entity_tag(chosen)
    unchanged = not_modified(tag)
    if unchanged:
        return unchanged
    # one list, added once: setting headers one by one costs as much as finding the record
    headers = [
        ("ETag", tag),
        ("Cache-Control", REVALIDATE),
        ("Vary", VARY),
        ("Link", _links(current, iri, chosen)),
    ]
    if found and chosen.format is None:
        response = _page(current, found)
        response.headers.update(headers)
        return response
    if found and chosen.format:
        document = serialize(found.parts(), chosen.format)
        current.recent.keep(key, document)
    return Response(document, headers=headers, content_type=chosen.content_type)


def _links(current: Site, iri: str, chosen: Representation) -> str:
    """Return a Link header: the other representations of this resource (RFC 8288)."""
    path, query = current.address_parts(iri)
    return ", ".join(
        [
            f'<{path}.{extension_of(one)}{query}>; rel="alternate"; type="{one.media_types[0]}"'
            for one in RESOURCE
            if one is not chosen
        ]
    )


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
    )


def _dataset_page(current: Site, dataset: Dataset, formats: list[tuple[str, str, str]]) -> Response:
    wanted = reader_languages()
    return page(
        "dataset.html",
        summary=summary(current, dataset, wanted),
        description=best(dataset.description, wanted),
        versions=current.reader.versions(dataset.iri)[: -_VERSIONS_SHOWN - 1 : -1],
        formats=formats,
    )


def _asked_iri() -> str:
    # a space is in no IRI, but a plus that nobody escaped arrives as one
    iri = request.args.get("iri", "").strip().replace(" ", "+")
    if not is_iri(iri):
        raise Refusal(
            "malformed-request",
            Message(
                "The parameter iri is an absolute IRI, percent-encoded:"
                " ?iri=https%%3A%%2F%%2F… with %%23 where it has a #."
            ),
        )
    return iri


def _owner_of(node: str) -> AnyResponse:
    owner = site().owner(node)
    if owner == node:
        raise missing(site(), node)
    return _see_other(site().address(owner))


def _see_other(address: str) -> AnyResponse:
    response = redirect(kept(address), 303)
    response.headers["Vary"] = VARY
    return response


def _fragments(current: Site, iri: str, quads: tuple[ox.Quad, ...]) -> list[ox.Quad]:
    """Return what is said of the fragments that a resource of ours points at."""
    found: list[ox.Quad] = []
    for quad in quads[:_MOST_FRAGMENTS]:
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(f"{iri}#"):
            found += current.reader.outgoing(quad.object.value)
    return found
