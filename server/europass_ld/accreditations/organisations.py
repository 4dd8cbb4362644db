"""Organisations as datasets describe them, and which of them an identifier names."""

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from ..store import Reader
from ..terms import expand
from ..verify import Identifier, Organisation
from ..verify.organisations import identifiers, read_identifier
from .graphs import Graph, value_of

_SCHEMES = {
    "elm:eidasLegalIdentifier": "",
    "rov:registration": "NTR",
    "elm:vatIdentifier": "VAT",
    "elm:taxIdentifier": "VAT",
    "adms:identifier": "",
}
"""Properties that identify an organisation, and whose numbers they hold if nothing else is said."""
_ACCREDITED = f"""
SELECT DISTINCT ?organisation WHERE {{
  {{ ?accreditation <{expand("elm:organisation")}> ?organisation }} UNION
  {{ ?organisation <{expand("elm:accreditation")}> ?accreditation }}
}}"""

Held = Mapping[Identifier, frozenset[str]]
"""The IRIs of organisations by identifiers as `Identifier.comparable` gives them."""


def describe(iri: str, graph: Graph) -> Organisation:
    """Return an organisation by its IRI, with the identifiers and names that are stated."""
    names = tuple(graph.texts(iri, "rov:legalName"))
    return Organisation(iri, identifiers(_identifiers(iri, graph)), names)


def accredited(reader: Reader) -> Held:
    """Return what has accreditations in a store, by identifier."""
    graph = Graph(reader.store)
    held: dict[Identifier, frozenset[str]] = {}
    found = reader.query(_ACCREDITED)
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - for the type checker
    for (organisation,) in found:
        iri = value_of(organisation)
        for one in identifiers(_identifiers(iri, graph)):
            key = one.comparable
            if key is not None:
                held[key] = held.get(key, frozenset()) | {iri}
    return held


def _identifiers(iri: str, graph: Graph) -> Iterator[Identifier]:
    for name, scheme in _SCHEMES.items():
        for node in graph.values(iri, name):
            country = next(iter(graph.values(node, "dct:spatial")), "")
            for notation in graph.values(node, "skos:notation"):
                yield read_identifier(notation, scheme or _scheme(node, graph), country)


def _scheme(node: str, graph: Graph) -> str:
    named = (*graph.values(node, "elm:schemeName"), *graph.values(node, "elm:schemeId"))
    return next(iter(named), "")
