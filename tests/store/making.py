"""Small datasets, records and deliveries for the tests of the store."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from europass_ld.store import (
    Dataset,
    Delivery,
    Reader,
    Record,
    SourceFile,
    Store,
    Version,
    VersionFacts,
)
from europass_ld.store.values import Verdict
from europass_ld.terms import GENID_PATH, RDF_TYPE, SKOS_CONCEPT, expand

BASE = "https://ld.example.org/"
GENID = f"{BASE}{GENID_PATH}"
QUALIFICATION = expand("elm:Qualification")
TITLE = expand("dct:title")
CONCEPT = f"<https://codes.example/5> <{RDF_TYPE}> <{SKOS_CONCEPT}> ."
FACTS = VersionFacts(
    sha256="ab" * 32,
    files=(SourceFile("courses.xml", "ab" * 32, 1234),),
    mapping_version="1",
    shapes_version="2",
    vocabulary_version="3",
    schema_version="3.1",
    software_version="0.1.0",
)
CATALOGUE = Dataset(
    iri="https://data.example.edu/catalogue",
    title={"en": "Catalogue"},
    family="loq",
)
OTHER = Dataset(iri="https://data.example.fi/kokoelma", title={"fi": "Kokoelma"}, family="loq")


def iri(name: str) -> str:
    """Return the IRI of the record called `name`."""
    return f"https://data.example.edu/{name}"


def record(
    name: str,
    title: str = "A title",
    *,
    more: Iterable[str] = (CONCEPT,),
    line: int = 7,
    verdict: Verdict = "conforms",
    lexical: str = "{}",
) -> Record:
    """Make a record with a title, a nested node and further lines of N-Triples."""
    node = f"<{GENID}{name}.1>"
    lines = [
        f"<{iri(name)}> <{RDF_TYPE}> <{QUALIFICATION}> .",
        f'<{iri(name)}> <{TITLE}> "{title}"@en .',
        f"<{iri(name)}> <{expand('adms:identifier')}> {node} .",
        f'{node} <{expand("skos:notation")}> "{name}" .',
        *more,
    ]
    triples = "".join(f"{one}\n" for one in lines)
    return Record(
        iri=iri(name),
        type=QUALIFICATION,
        digest=hashlib.sha256((triples + lexical).encode()).digest(),
        file="courses.xml",
        line=line,
        triples=triples,
        lexical=lexical,
        verdict=verdict,
    )


def publish(delivery: Delivery) -> Version:
    """Publish a delivery with facts and a report that do not matter."""
    return delivery.publish(facts=FACTS, report_json='{"findings": []}', report_triples="")


def load(store: Store, dataset: Dataset, *records: Record, partial: bool | None = None) -> Version:
    """Load records as a new version of a dataset."""
    with store.delivery(dataset, partial=partial) as delivery:
        for one in records:
            assert delivery.add(one) is None
        return publish(delivery)


def stated(records: Iterable[Record]) -> set[str]:
    """Return all lines that the records state."""
    return {line for one in records for line in one.triples.split("\n") if line}


def shown(directory: Path, dataset: Dataset | None = None) -> set[str]:
    """Return the lines of the graph of a dataset, or of the default graph, as they are served."""
    graph = ox.DefaultGraph() if dataset is None else ox.NamedNode(dataset.iri)
    with Reader(directory) as reader:
        return {
            f"{quad.triple} ." for quad in reader.store.quads_for_pattern(None, None, None, graph)
        }
