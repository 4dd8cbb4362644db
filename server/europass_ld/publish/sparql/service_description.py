"""What the endpoint says about itself, in the terms of SPARQL 1.1 Service Description.

<https://www.w3.org/TR/sparql11-service-description/>. It stays small: the graphs of datasets are
listed one by one, those of reports and the like are named by what they are.
"""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from flask import Response, g

from ...formats import RDF_FORMATS, RESULT_FORMATS
from ...terms import RDF_TYPE, expand
from ..negotiation import Representation
from ..responses import REVALIDATE, VARY, not_modified
from ..serialization import serialize
from ..site import site

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_ENTAILMENT = "http://www.w3.org/ns/entailment/Simple"
_NAMES = {
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "nt": "N-Triples",
    "rdfxml": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
}
"""What the formats are called in the W3C's list <https://www.w3.org/ns/formats/>."""
_DEFAULT_GRAPH = (
    "What the datasets say, merged: a statement of several datasets is there once. Reports,"
    " provenance, vocabularies and what is derived are not in it; each is a named graph."
)
_KINDS = {
    "vocabulary": "Labels and hierarchies of the code lists",
    "provenance": "Where each record and version came from (PROV-O)",
    "derived": "What follows from the data by rules: countries, levels, fields, durations",
    "quality": "Coverage and missing values by dataset, country and property (DQV)",
    "history": "What each version added, changed and withdrew",
}
"""The graphs of our own by the last part of their names."""


def service_description(chosen: Representation) -> Response:
    """Return the description of the endpoint at the address that it was asked for."""
    current = site()
    endpoint = f"{current.root()}/sparql"
    tag = f'W/"{g.sequence}-service-{chosen.name}"'
    unchanged = not_modified(tag)
    if unchanged:
        return unchanged
    assert chosen.format is not None  # noqa: S101 - only HTML has none
    graphs = [(one.iri, one.title.get("en", one.iri)) for one in current.reader.datasets()]
    prefix = f"{current.base}id/graph/"
    graphs += [
        (f"{prefix}{name}", text)
        for name, text in _KINDS.items()
        if current.reader.store.contains_named_graph(ox.NamedNode(f"{prefix}{name}"))
    ]
    lines = description_lines(endpoint, graphs, federated=bool(current.gateway.endpoints))
    return Response(
        serialize([(endpoint, lines)], chosen.format),
        headers={"Vary": VARY, "Cache-Control": REVALIDATE, "ETag": tag},
        content_type=chosen.content_type,
    )


def description_lines(
    endpoint: str, graphs: Iterable[tuple[str, str]], *, federated: bool = False
) -> str:
    """Return N-Triples lines that describe an endpoint.

    `graphs` are names with what they hold; `federated` says whether queries may call others.
    """
    feature = ((endpoint, f"{_SD}feature", f"<{_SD}BasicFederatedQuery>"),) if federated else ()
    return "".join(
        f"<{subject}> <{predicate}> {value} .\n"
        for subject, predicate, value in (*_statements(endpoint, graphs), *feature)
    )


def _statements(endpoint: str, graphs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    dataset, default = f"{endpoint}#dataset", f"{endpoint}#default-graph"
    yield endpoint, RDF_TYPE, f"<{_SD}Service>"
    yield endpoint, f"{_SD}endpoint", f"<{endpoint}>"
    yield endpoint, f"{_SD}supportedLanguage", f"<{_SD}SPARQL11Query>"
    yield endpoint, f"{_SD}defaultEntailmentRegime", f"<{_ENTAILMENT}>"
    for format_ in (*RESULT_FORMATS, *RDF_FORMATS):
        yield endpoint, f"{_SD}resultFormat", f"<{_FORMATS}{_NAMES[format_.name]}>"
    yield endpoint, f"{_SD}defaultDataset", f"<{dataset}>"
    yield dataset, RDF_TYPE, f"<{_SD}Dataset>"
    yield dataset, f"{_SD}defaultGraph", f"<{default}>"
    yield default, RDF_TYPE, f"<{_SD}Graph>"
    yield default, expand("dct:description"), str(ox.Literal(_DEFAULT_GRAPH, language="en"))
    for number, (name, title) in enumerate(graphs, 1):
        node = f"{endpoint}#graph-{number}"
        yield dataset, f"{_SD}namedGraph", f"<{node}>"
        yield node, RDF_TYPE, f"<{_SD}NamedGraph>"
        yield node, f"{_SD}name", f"<{name}>"
        yield node, expand("dct:title"), str(ox.Literal(title, language="en"))
