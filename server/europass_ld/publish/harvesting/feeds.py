"""The event streams: roots, pages and single activities."""

from hashlib import blake2b

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ...harvest.catalogue_stream import CatalogueStream
from ...harvest.graphs import Document, write
from ...harvest.names import activity_record, dataset_name
from ...harvest.record_stream import RecordStream
from ..negotiation import RDF, Representation, choose
from ..problems import Refusal
from ..responses import REVALIDATE, conditional, not_acceptable
from ..site import site

blueprint = Blueprint("feeds", __name__)

_VARY = "Accept, Accept-Encoding"
_BY_NAME = {one.name: one for one in RDF}
_OFFERED = tuple(_BY_NAME[name] for name in ("trig", "jsonld", "nq"))
"""The formats that have named graphs; who takes anything gets TriG."""


@blueprint.get("/feeds/records")
@blueprint.get("/feeds/records/<name>")
def records(name: str | None = None) -> Response:
    """Send the root of the stream of all records, or of those of one dataset."""
    chosen, stream = _chosen(), _stream(name)
    return conditional(
        lambda: _written(stream.root_document(), chosen),
        tag=f'"{g.sequence}-{site().settings.feed_page_size}-{chosen.name}"',
        modified=stream.time,
        cache_control=REVALIDATE,
        content_type=chosen.content_type,
        vary=_VARY,
    )


@blueprint.get("/feeds/records/pages/<int:number>")
@blueprint.get("/feeds/records/<name>/pages/<int:number>")
def records_page(number: int, name: str | None = None) -> Response:
    """Send a page of one of these streams."""
    chosen, stream = _chosen(), _stream(name)
    page = stream.page(number)
    if page is None:
        raise Refusal("not-found", f"There are {stream.pages} pages.")
    closed = page.next_time is not None
    return conditional(
        lambda: _written(stream.page_document(page), chosen),
        tag=f'"{page.tag}-{chosen.name}"',
        modified=page.time,
        cache_control=f"public, max-age={site().settings.feed_max_age}" if closed else REVALIDATE,
        content_type=chosen.content_type,
        vary=_VARY,
    )


@blueprint.get("/feeds/catalogue")
def catalogue() -> Response:
    """Send the root of the DCAT-AP Feed."""
    return _told(_catalogue().root_document())


@blueprint.get("/feeds/catalogue/pages/<int:number>")
def catalogue_page(number: int) -> Response:
    """Send a page of it; an entity that is told again leaves the page that it was on."""
    stream = _catalogue()
    if not stream.page(number):
        raise Refusal("not-found", f"There are {stream.pages} pages.")
    return _told(stream.page_document(number))


@blueprint.get("/id/catalogue-activity/<int:sequence>/<name>")
def catalogue_activity(sequence: int, name: str) -> AnyResponse:
    """Send on from an activity of the DCAT-AP Feed to the document about it."""
    return redirect(url_for(".catalogue_activity_document", sequence=sequence, name=name), 303)


@blueprint.get("/doc/catalogue-activity/<int:sequence>/<name>")
def catalogue_activity_document(sequence: int, name: str) -> Response:
    """Send one of its activities, while it is the last one of an entity."""
    iri = f"{site().base}id/catalogue-activity/{sequence}/{name}"
    document = _catalogue().activity_document(iri)
    if document is None:
        raise Refusal("not-found", "There is no such activity, or another came after it.")
    return _told(document)


@blueprint.get("/id/activity/<int:sequence>/<name>")
def activity(sequence: int, name: str) -> AnyResponse:
    """Send on from an activity to the document about it."""
    return redirect(url_for(".activity_document", sequence=sequence, name=name), 303)


@blueprint.get("/doc/activity/<int:sequence>/<name>")
def activity_document(sequence: int, name: str) -> Response:
    """Send one activity, with what its record says."""
    chosen, iri = _chosen(), activity_record(name)
    found = site().reader.activity(iri, sequence) if iri else None
    if found is None:
        raise Refusal("not-found", "There is no such activity.")
    stream = _stream(None)
    return conditional(
        lambda: _written(stream.activity_document(found), chosen),
        tag=f'"{found.sequence}-{found.digest.hex()}-{chosen.name}"',
        modified=found.time,
        cache_control=REVALIDATE,
        content_type=chosen.content_type,
        vary=_VARY,
    )


def _catalogue() -> CatalogueStream:
    return CatalogueStream(site().reader, site().catalogue(), site().settings.feed_page_size)


def _told(document: Document) -> Response:
    """Send a document of the DCAT-AP Feed; its tag is of its content, which dumps change too."""
    chosen = _chosen()
    written = _written(document, chosen)
    return conditional(
        lambda: written,
        tag=f'"{blake2b(written, digest_size=12).hexdigest()}"',
        modified=site().modified(),
        cache_control=REVALIDATE,
        content_type=chosen.content_type,
        vary=_VARY,
    )


def _stream(name: str | None) -> RecordStream:
    reader, size = site().reader, site().settings.feed_page_size
    if name is None:
        return RecordStream(reader, size)
    for one in reader.datasets():
        if dataset_name(one.iri) == name:
            return RecordStream(reader, size, one.iri)
    raise Refusal("not-found", f"No dataset is called {name}.")


def _chosen() -> Representation:
    name = request.args.get("format")
    chosen = choose(request.headers.get("Accept"), _OFFERED) if name is None else _BY_NAME.get(name)
    if chosen not in _OFFERED:
        raise not_acceptable(_OFFERED)
    return chosen


def _written(document: Document, chosen: Representation) -> bytes:
    assert chosen.format is not None  # noqa: S101 - for the type checker
    return write(document, chosen.format)
