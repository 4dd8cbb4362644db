"""Stores as the server keeps them, made in memory: each dataset in its graph, all in the default.

A TriG file for such a store says in its default graph what the datasets are
(`<dataset> a dcat:Dataset ; dct:spatial <country>`), and its other graphs are the datasets' and,
under their names below `BASE`, the server's own.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from europass_ld import derive, resources
from europass_ld.config import Settings
from europass_ld.documents import find_sources
from europass_ld.ingest import lift_document
from europass_ld.terms import PREFIXES, RDF_TYPE, expand
from europass_ld.vocabularies import load_code_lists

BASE = "https://ld.example.org/"
CODE_LISTS = load_code_lists()
SAMPLES = resources.find("data") / "samples"
VOCABULARY, PROVENANCE = f"{BASE}id/graph/vocabulary", f"{BASE}id/graph/provenance"

_SHORT = {
    "": "https://data.example.org/",
    "node": f"{BASE}.well-known/genid/",
    "version": f"{BASE}id/version/",
    "country": "http://publications.europa.eu/resource/authority/country/",
    "currency": "http://publications.europa.eu/resource/authority/currency/",
    "language": "http://publications.europa.eu/resource/authority/language/",
    "eqf": "http://data.europa.eu/snb/eqf/",
    "nqf": "http://data.europa.eu/snb/qdr/",
    "isced": "http://data.europa.eu/snb/isced-f/",
    "mode": "http://data.europa.eu/snb/learning-assessment/",
    "nuts": "http://data.europa.eu/nuts/code/",
    "atu": "http://publications.europa.eu/resource/authority/atu/",
    "skill": "http://data.europa.eu/esco/skill/",
    **PREFIXES,
}
PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in _SHORT.items())


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset as deriving sees it."""

    iri: str
    country: str | None = None
    publisher: str | None = None


def short(term: object) -> str:
    """Write a term of an answer: IRIs with a prefix, literals as their text, nothing as `-`."""
    if isinstance(term, ox.NamedNode):
        for prefix, namespace in _SHORT.items():
            if term.value.startswith(namespace):
                return f"{prefix}:{term.value.removeprefix(namespace)}"
    return "-" if term is None else str(getattr(term, "value", term))


def rows(store: ox.Store, query: str) -> list[list[str]]:
    """Return the rows of a SELECT query, each term as `short` writes it."""
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    return [[short(term) for term in row] for row in solutions]


def turtle(text: str) -> Iterable[ox.Quad]:
    """Read Turtle or TriG that uses the prefixes of these tests."""
    return ox.parse(PROLOGUE + text, ox.RdfFormat.TRIG)


def store_of(text: str) -> tuple[ox.Store, list[Dataset]]:
    """Make the store of a TriG text, with its derived graph and its graph of quality."""
    store, datasets = ox.Store(), []
    for quad in turtle(text):
        if quad.graph_name != ox.DefaultGraph():
            store.add(quad)
        elif quad.predicate.value == RDF_TYPE:
            datasets.append(_described(quad.subject, text))
    merge(store, datasets)
    add_derived(store, datasets)
    return store, datasets


def _described(dataset: object, text: str) -> Dataset:
    said = {
        quad.predicate.value: quad.object.value  # type: ignore[union-attr]
        for quad in turtle(text)
        if quad.subject == dataset and quad.graph_name == ox.DefaultGraph()
    }
    iri = dataset.value  # type: ignore[attr-defined]
    return Dataset(iri, said.get(expand("dct:spatial")), said.get(expand("dct:publisher")))


def merge(store: ox.Store, datasets: Iterable[Dataset]) -> None:
    """Fill the default graph with what the datasets state."""
    for dataset in datasets:
        for quad in list(store.quads_for_pattern(None, None, None, ox.NamedNode(dataset.iri))):
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object))


def gathered(store: ox.Store, datasets: Iterable[Dataset]) -> derive.Gathering:
    """Return the statements of datasets, each node as a record of its own."""
    gathering = derive.Gathering(lambda _record, _lines: set())
    for dataset in datasets:
        nodes: dict[str, list[str]] = {}
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(dataset.iri)):
            assert isinstance(quad.subject, ox.NamedNode)
            nodes.setdefault(quad.subject.value, []).append(f"{quad.triple} .")
        for node, lines in nodes.items():
            gathering.add(dataset.iri, node, lines)
    gathering.settle(store)
    return gathering


def derived(store: ox.Store, datasets: Iterable[Dataset]) -> list[str]:
    """Return the derived graph, as the statements of the store give it, in parts."""
    statements, codes = derive.Stored(store), derive.codes_of(CODE_LISTS)
    derivation = derive.Derivation(statements, codes, derive.Countries(statements, codes, datasets))
    typed = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None, ox.DefaultGraph())
    records = {quad.subject.value for quad in typed if isinstance(quad.subject, ox.NamedNode)}
    about = (derive.lines_about(one, derivation.about(one)) for one in sorted(records))
    return [derive.lines_about_levels(CODE_LISTS), *about]


def add_derived(store: ox.Store, datasets: Iterable[Dataset]) -> None:
    """Add what is derived, as the writer of a store does after each version.

    Raises:
        AssertionError: the statements read at once lead to other ones than the store's.
    """
    datasets = list(datasets)
    gathering, codes = gathered(store, datasets), derive.codes_of(CODE_LISTS)
    countries = derive.Countries(gathering, codes, datasets)
    derivation = derive.Derivation(gathering, codes, countries)
    parts = [derive.lines_about_levels(CODE_LISTS)]
    for record in gathering.records():
        statements = derivation.about(record)
        gathering.count_coverage(record, statements)
        parts.append(derive.lines_about(record, statements))
    assert sorted(filter(None, parts)) == sorted(filter(None, derived(store, datasets)))
    _replace(store, derive.derived_graph(BASE), parts)
    parts = [derive.METRIC]
    for dataset, found in countries.of_datasets.items():
        parts += map(str, derive.quality(BASE, dataset, gathering.counts[dataset], found))
    _replace(store, derive.quality_graph(BASE), parts)


def _replace(store: ox.Store, graph: str, parts: Iterable[str]) -> None:
    for removed, added in derive.difference(store, graph, parts):
        for quad in ox.parse(removed, ox.RdfFormat.N_TRIPLES):
            store.remove(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(graph)))
        store.load(added.encode(), ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(graph))


def sample_folders() -> list[Path]:
    """Return the folders of the sample datasets, the latest version of each."""
    folders = {path.parent for path in SAMPLES.rglob("dataset.toml")}
    return sorted(folder for folder in folders if folder.name != "v1")


def described_folder(folder: Path) -> Dataset:
    """Return what `dataset.toml` says."""
    given = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))
    publisher: Mapping[str, str] = given.get("publisher", {})
    return Dataset(given["iri"], given.get("country"), publisher.get("iri"))


def lifted(folder: Path) -> bytes:
    """Return the RDF of the documents in a folder, as N-Triples."""
    settings = Settings(base=BASE)
    documents = sorted(folder.glob("*.xml")) + sorted(folder.glob("*.xml.gz"))
    sources = find_sources(documents, settings)
    return "".join(text for one in sources for text in lift_document(one, settings)).encode()


def sample_store() -> ox.Store:
    """Make the store of all samples."""
    store, datasets = ox.Store(), []
    for folder in sample_folders():
        datasets.append(described_folder(folder))
        graph = ox.NamedNode(datasets[-1].iri)
        store.load(lifted(folder), ox.RdfFormat.N_TRIPLES, to_graph=graph)
    text = "\n".join(CODE_LISTS.all_triples())
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(VOCABULARY))
    merge(store, datasets)
    add_derived(store, datasets)
    return store
