"""What the data are written in and checked by: ontology, shapes, code lists, contexts, mappings.

They change with the software and with imported code lists, not with the data: entity tags are of
their versions, or of their bytes.
"""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ... import __version__, resources
from ...harvest.graphs import link, term, text, value
from ...mapping import FAMILIES
from ...terms import PREFIXES
from ...vocabularies import CodeList
from ..language import Message
from ..negotiation import HTML, RDF, RESOURCE, Representation
from ..problems import Refusal
from ..responses import (
    REVALIDATE,
    VARY,
    chosen_of,
    extension_of,
    live_page,
    not_acceptable,
    not_modified,
)
from ..serialization import serialize
from ..site import page_of, reader_languages, site

blueprint = Blueprint("definitions", __name__)

_SUFFIX = f"<any({', '.join(extension_of(one) for one in RDF)}):suffix>"
_TERMS = ("classes", "properties", "further")
_ONE_DAY = "public, max-age=86400"


@blueprint.get("/ontology")
@blueprint.get(f"/ontology.{_SUFFIX}")
def ontology(suffix: str | None = None) -> Response:
    """Send the terms in use, with labels and definitions, or show them."""
    chosen = _chosen(RESOURCE, suffix)
    if chosen is HTML:
        return _terms_page()
    version = resources.version("ontology")
    return _rdf(site().ontology, site().terms.lines, version, chosen)


@blueprint.get("/about/shapes")
def shapes() -> Response:
    """List the shapes graphs that documents are checked against."""
    return live_page("shapes.html", names=sorted(_shapes()))


@blueprint.get("/about/shapes/<name>")
@blueprint.get(f"/about/shapes/<name>.{_SUFFIX}")
def shapes_graph(name: str, suffix: str | None = None) -> Response:
    """Send one shapes graph, as Turtle just as it was written."""
    path = _shapes().get(name)
    if path is None:
        raise Refusal("not-found", Message("There is no shapes graph %(name)s.", name=name))
    chosen = _chosen(RDF, suffix)
    if chosen.name == "ttl":
        return _file(path, chosen.content_type, REVALIDATE)
    address = f"{site().base}about/shapes/{name}.ttl"
    return _rdf(address, lambda: _lines(path, address), resources.version("shapes"), chosen)


@blueprint.get(f"/about/mapping/<any({', '.join(FAMILIES)}):family>.yaml")
def mapping_table(family: str) -> Response:
    """Send a mapping table as it was written."""
    return _file(resources.find("mappings") / f"{family}.yaml", "application/yaml", REVALIDATE)


@blueprint.get("/contexts/<name>.jsonld")
def context(name: str) -> Response:
    """Send a JSON-LD context; it may be kept for a day, for every reading of a document asks."""
    path = _files("ontology", "context/*.jsonld").get(name)
    if path is None:
        raise Refusal("not-found", Message("There is no context %(name)s.", name=name))
    return _file(path, "application/ld+json", _ONE_DAY)


@blueprint.get("/vocabularies")
@blueprint.get(f"/vocabularies.{_SUFFIX}")
def vocabularies(suffix: str | None = None) -> Response:
    """List the code lists, each with its scheme."""
    chosen = _chosen(RESOURCE, suffix)
    lists = site().code_lists.lists()
    if chosen is HTML:
        return live_page("vocabularies.html", lists=lists)
    return _rdf(
        f"{site().base}vocabularies",
        lambda: "".join(map(_listed, lists)),
        site().code_lists.version,
        chosen,
    )


@blueprint.get("/vocabularies/<name>")
@blueprint.get(f"/vocabularies/<name>.{_SUFFIX}")
def vocabulary(name: str, suffix: str | None = None) -> AnyResponse:
    """Send a code list whole as a SKOS concept scheme; its page is that of the scheme."""
    lists = {one.name: one for one in site().code_lists.lists()}
    if name not in lists:
        raise Refusal("not-found", Message("There is no code list %(name)s.", name=name))
    chosen = _chosen(RESOURCE, suffix)
    if chosen is HTML:
        response = redirect(site().address(lists[name].scheme), 303)
        response.headers["Vary"] = VARY
        return response
    return _rdf(
        lists[name].scheme,
        lambda: "".join(f"{line}\n" for line in site().code_lists.list_triples(name)),
        site().code_lists.version,
        chosen,
    )


def _terms_page() -> Response:
    kind = request.args.get("kind", _TERMS[0])
    listed = site().terms.listed(kind == "classes", reader_languages())
    if kind in _TERMS[1:]:
        elm = kind == "properties"
        listed = [one for one in listed if one[0].startswith(PREFIXES["elm"]) == elm]
    return live_page("ontology.html", kind=kind, **page_of(listed))


def _listed(one: CodeList) -> str:
    address = f"{site().base}vocabularies/{one.name}"
    return (
        term(one.scheme, "rdf:type", "skos:ConceptScheme")
        + text(one.scheme, "dct:title", one.title, "en")
        + text(one.scheme, "owl:versionInfo", one.version)
        + value(one.scheme, "void:entities", str(one.size), "xsd:integer")
        + link(one.scheme, "rdfs:seeAlso", address)
    )


def _lines(path: Path, address: str) -> str:
    """Return a Turtle file as N-Triples lines; blank nodes have the same names each time."""
    names: dict[ox.BlankNode, str] = {}

    def named(node: object) -> str:
        if isinstance(node, ox.BlankNode):
            return names.setdefault(node, f"_:b{len(names)}")
        return str(node)

    quads = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=address)
    return "".join(f"{named(one.subject)} {one.predicate} {named(one.object)} .\n" for one in quads)


def _shapes() -> dict[str, Path]:
    return _files("shapes", "*.ttl")


def _files(kind: resources.Kind, pattern: str) -> dict[str, Path]:
    return {path.stem: path for path in resources.find(kind).glob(pattern)}


def _chosen(offered: tuple[Representation, ...], suffix: str | None) -> Representation:
    chosen = chosen_of(offered, suffix)
    if chosen is None:
        raise not_acceptable(offered)
    return chosen


def _rdf(graph: str, make: Callable[[], str], version: str, chosen: Representation) -> Response:
    """Send N-Triples lines that are the same as long as `version` and the software are."""
    assert chosen.format is not None  # noqa: S101 - only HTML has none
    tag = f'"{version}-{__version__}-{chosen.name}"'
    return not_modified(tag) or Response(
        serialize([(graph, make())], chosen.format),
        headers={"ETag": tag, "Cache-Control": REVALIDATE, "Vary": VARY},
        content_type=chosen.content_type,
    )


def _file(path: Path, content_type: str, cache_control: str) -> Response:
    """Send a file of ours just as it is."""
    data = path.read_bytes()
    tag = f'"{blake2b(data, digest_size=12).hexdigest()}"'
    response = not_modified(tag, cache_control) or Response(data, content_type=content_type)
    response.headers.update({"ETag": response.headers.get("ETag", tag), "Vary": VARY})
    response.headers["Cache-Control"] = cache_control
    return response
