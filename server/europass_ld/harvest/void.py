"""The datasets in VoID <https://www.w3.org/TR/void/>, as found at `/.well-known/void`.

Counts, classes and properties are those of the graph of quality; how the properties of each class
are used stands there too, and is not repeated.
"""

from collections.abc import Iterator

import pyoxigraph as ox

from ..derive.names import quality_graph
from ..store import Dataset, Reader
from ..terms import PREFIXES, expand
from .authorities import licence
from .forms import SUFFIXES
from .graphs import link, term, text, texts, value
from .names import dataset_name

_EXAMPLES = 3
_PARTITIONS = tuple(ox.NamedNode(expand(f"void:{kind}Partition")) for kind in ("class", "property"))
_RDF_DUMPS = tuple(suffix for suffix, (form, _) in SUFFIXES.items() if form.name != "xml")


def document_iri(base: str) -> str:
    """Return the IRI of the document."""
    return f"{base}.well-known/void"


def lines(reader: Reader) -> str:
    """Return the N-Triples lines of the description of all datasets."""
    return "".join(_lines(reader))


def _lines(reader: Reader) -> Iterator[str]:
    document, datasets = document_iri(reader.base), reader.datasets()
    whole = f"{document}#all"
    yield term(document, "rdf:type", "void:DatasetDescription")
    yield text(document, "dct:title", "The datasets of this server", "en")
    yield link(document, "foaf:primaryTopic", whole)
    yield term(whole, "rdf:type", "void:Dataset")
    yield text(whole, "dct:title", "All datasets, merged", "en")
    yield link(whole, "void:rootResource", f"{reader.base}catalogue")
    yield link(whole, "void:uriLookupEndpoint", f"{reader.base}resource?iri=")
    yield link(whole, "void:sparqlEndpoint", f"{reader.base}sparql")
    for dataset in datasets:
        yield link(whole, "void:subset", dataset.iri)
        yield link(document, "foaf:topic", dataset.iri)
        yield from _dataset(reader, dataset)


def _dataset(reader: Reader, dataset: Dataset) -> Iterator[str]:
    iri, latest = dataset.iri, reader.versions(dataset.iri)[-1]
    yield term(iri, "rdf:type", "void:Dataset")
    yield texts(iri, "dct:title", dataset.title)
    yield value(iri, "dct:modified", latest.time, "xsd:dateTime")
    if dataset.licence:
        yield link(iri, "dct:license", licence(dataset.licence))
    yield link(iri, "void:sparqlEndpoint", f"{reader.base}sparql")
    for suffix in _RDF_DUMPS:
        yield link(iri, "void:dataDump", f"{reader.base}dumps/{dataset_name(iri)}/latest.{suffix}")
    yield value(iri, "void:entities", str(latest.records), "xsd:integer")
    for class_iri in sorted(reader.count_by_type(iri))[:_EXAMPLES]:
        for entry in reader.records(iri, class_iri, limit=1):
            yield link(iri, "void:exampleResource", entry.iri)
    yield from _partitions(reader, iri)


def _partitions(reader: Reader, dataset: str) -> Iterator[str]:
    graph = ox.NamedNode(quality_graph(reader.base))
    used: set[str] = set()
    for quad in sorted(_about(reader, ox.NamedNode(dataset), graph), key=str):
        if quad.predicate.value.startswith(PREFIXES["void"]):
            yield f"{quad.triple} .\n"
        if quad.predicate in _PARTITIONS and isinstance(quad.object, ox.NamedNode):
            for one in sorted(_about(reader, quad.object, graph), key=str):
                if one.predicate not in _PARTITIONS:
                    yield f"{one.triple} .\n"
                used.update(
                    namespace
                    for namespace in PREFIXES.values()
                    if isinstance(one.object, ox.NamedNode)
                    and one.object.value.startswith(namespace)
                )
    for namespace in sorted(used - {PREFIXES["rdf"]}):
        yield link(dataset, "void:vocabulary", namespace)


def _about(reader: Reader, subject: ox.NamedNode, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    return reader.store.quads_for_pattern(subject, None, None, graph)
