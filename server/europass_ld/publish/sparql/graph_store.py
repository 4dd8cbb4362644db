"""The reading side of the SPARQL 1.1 Graph Store Protocol.

<https://www.w3.org/TR/sparql11-http-rdf-update/#http-get>. What writes is answered with 405.
"""

from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ..addresses import is_iri
from ..language import Message
from ..negotiation import RDF, choose
from ..problems import Refusal
from ..responses import not_acceptable
from ..site import site
from .endpoint import answered
from .protocol import QueryRequest, by_format_name

blueprint = Blueprint("graph_store", __name__)

_ALL = "CONSTRUCT WHERE { ?s ?p ?o }"


@blueprint.get("/rdf-graphs")
def indirect() -> Response:
    """Send the graph that `?graph=` names, or the default graph for `?default`."""
    names = request.args.getlist("graph")
    if len(names) + len(request.args.getlist("default")) != 1:
        raise Refusal(
            "malformed-request", "Say which graph: ?graph= and its IRI, or ?default, and only one."
        )
    return _graph(names[0] if names else None)


@blueprint.get("/rdf-graphs/<path:name>")
def direct(name: str) -> Response:
    """Send the graph whose name is this address."""
    return _graph(f"{site().base}rdf-graphs/{name}")


@blueprint.get("/id/graph/<path:name>")
def named(name: str) -> AnyResponse:
    """Send on from the name of a graph of this server to what is in it."""
    iri = f"{site().base}id/graph/{name}"
    _see_that_it_is_there(iri)
    return redirect(f"{site().base}rdf-graphs?{urlencode({'graph': iri})}", 303)


def _graph(iri: str | None) -> Response:
    if iri is not None:
        _see_that_it_is_there(iri)
    name = request.args.get("format")
    accepted = request.headers.get("Accept")
    chosen = choose(accepted, RDF) if name is None else by_format_name(name, "graph")
    if chosen is None or chosen.format is None:
        raise not_acceptable(RDF)
    graphs = None if iri is None else (iri,)
    return answered(QueryRequest(_ALL, graphs, () if graphs else None, chosen.name))


def _see_that_it_is_there(iri: str) -> None:
    if not is_iri(iri):
        raise Refusal(
            "malformed-request", Message("The name of a graph is no absolute IRI: %(iri)s", iri=iri)
        )
    if not site().reader.store.contains_named_graph(ox.NamedNode(iri)):
        raise Refusal("not-found", Message("There is no graph <%(iri)s>.", iri=iri), iri=iri)
