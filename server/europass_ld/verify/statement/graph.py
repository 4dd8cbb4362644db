"""The nodes of a canonical graph, under the names that EDC and W3C contexts give its properties."""

from typing import Any

import pyoxigraph as ox

from ...terms import RDF_TYPE, expand

_NAMES = {
    expand("elm:eidasLegalIdentifier"): "eIDASIdentifier",
    expand("dct:type"): "dcType",
}


def read_graph(n_quads: bytes) -> dict[str, Any]:
    """Return the credential or presentation in a dataset as a document of named nodes.

    A presentation holds its credentials in named graphs; the node to start from is the
    presentation if there is one, else the one node that has an issuer. Nodes refer to each other
    by `id`, blank nodes by their canonical label.
    """
    nodes: dict[str, dict[str, Any]] = {}
    for quad in ox.parse(n_quads, format=ox.RdfFormat.N_QUADS):
        node = nodes.setdefault(_label(quad.subject), {"id": _label(quad.subject)})
        name, value = _name(quad.predicate.value), _value(quad.object)
        if quad.predicate.value == RDF_TYPE:
            name, value = "type", _local(_label(quad.object))
        node.setdefault(name, []).append(value)
    start = _start(nodes)
    return {**start, "@nodes": [one for one in nodes.values() if one is not start]}


def _start(nodes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    presentations = [
        one for one in nodes.values() if "VerifiablePresentation" in one.get("type", ())
    ]
    issued = [one for one in nodes.values() if "issuer" in one and "credentialSubject" in one]
    return next(iter(presentations or issued), {})


def _name(predicate: str) -> str:
    return _NAMES.get(predicate, _local(predicate))


def _local(iri: str) -> str:
    return iri[max(iri.rfind("/"), iri.rfind("#")) + 1 :]


def _label(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _value(term: object) -> Any:
    if not isinstance(term, ox.Literal):
        return _label(term)
    return {term.language: term.value} if term.language else term.value
