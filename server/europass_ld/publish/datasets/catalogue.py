"""What aggregators find the rest by: the catalogue, VoID, sitemaps and robots.txt."""

from hashlib import blake2b

from flask import Blueprint, Response, g

from ...harvest import void
from ...harvest.sitemaps import robots, sitemap, sitemap_index
from ..negotiation import HTML, RDF, RESOURCE, Representation
from ..problems import Refusal
from ..responses import (
    REVALIDATE,
    chosen_of,
    conditional,
    entity_tag,
    extension_of,
    not_acceptable,
    not_modified,
    page,
)
from ..serialization import serialize
from ..site import reader_languages, site
from .offers import offers

blueprint = Blueprint("catalogue", __name__)

_SUFFIX = f"<any({', '.join(extension_of(one) for one in RDF)}):suffix>"
_XML = "application/xml"


@blueprint.get("/catalogue")
@blueprint.get(f"/catalogue.{_SUFFIX}")
def catalogue(suffix: str | None = None) -> Response:
    """List datasets, their versions and distributions, and services, in DCAT-AP."""
    chosen = chosen_of(RESOURCE, suffix)
    if chosen is None:
        raise not_acceptable(RESOURCE)
    if chosen is HTML:
        tag = site().with_dumps(entity_tag(HTML))
        listed = offers(site(), reader_languages())
        return not_modified(tag) or page("catalogue.html", tag=tag, offers=listed)
    current = site().catalogue()
    return _rdf(current.iri, "".join(one.lines for one in current.entities()), chosen)


@blueprint.get("/.well-known/void")
def void_description() -> Response:
    """Describe the datasets in VoID."""
    chosen = chosen_of(RDF, None)
    if chosen is None:
        raise not_acceptable(RDF)
    reader = site().reader
    return _rdf(void.document_iri(reader.base), void.lines(reader), chosen)


@blueprint.get("/sitemap.xml")
def sitemaps() -> Response:
    """List the sitemaps."""
    return conditional(
        lambda: sitemap_index(site().reader).encode(),
        tag=f'"{g.sequence}-sitemaps"',
        modified=site().modified(),
        cache_control=REVALIDATE,
        content_type=_XML,
    )


@blueprint.get("/sitemaps/<name>/<int:number>.xml")
def one_sitemap(name: str, number: int) -> Response:
    """List pages for search engines, as they are made."""
    parts = sitemap(site().reader, name, number, site().address)
    if parts is None:
        raise Refusal("not-found", "There is no such sitemap; /sitemap.xml lists them.")
    tag = f'"{g.sequence}-sitemap"'
    unchanged = not_modified(tag)
    if unchanged:
        return unchanged
    headers = {"ETag": tag, "Cache-Control": REVALIDATE}
    return Response((part.encode() for part in parts), headers=headers, content_type=_XML)


@blueprint.get("/robots.txt")
def robots_text() -> Response:
    """Keep robots away from what costs much and says nothing new, and name the sitemap."""
    return Response(robots(site().reader.base), content_type="text/plain; charset=utf-8")


def _rdf(graph: str, lines: str, chosen: Representation) -> Response:
    """Send a description; its entity tag is of its content, for dumps come after the version."""
    assert chosen.format is not None  # noqa: S101 - only HTML has none
    format_ = chosen.format
    digest = blake2b(lines.encode(), digest_size=12).hexdigest()
    return conditional(
        lambda: serialize([(graph, lines)], format_),
        tag=f'"{digest}-{chosen.name}"',
        modified=site().modified(),
        cache_control=REVALIDATE,
        content_type=chosen.content_type,
    )
