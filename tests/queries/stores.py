"""Stores with made-up courses: as many as a test needs."""

import hashlib
from pathlib import Path

from europass_ld.store import Dataset, Record, SourceFile, Store, VersionFacts

BASE = "https://data.example.org/"
COURSE = "https://data.example.org/course/"
TERM = "https://data.example.org/term/"
DATASET = Dataset(iri="https://data.example.org/dataset", title={"en": "Courses"}, family="loq")
LOOKUP = f"SELECT ?p ?o {{ <{COURSE}7> ?p ?o }} ORDER BY ?p"
"""What a point query looks like that takes a worker: four rows."""

FACTS = VersionFacts(
    sha256="0" * 64,
    files=(SourceFile("courses.xml", "0" * 64, 1),),
    mapping_version="1",
    shapes_version="1",
    vocabulary_version="1",
    schema_version="3.3",
    software_version="1",
)


def build(directory: Path, *, courses: int) -> Path:
    """Make a store with so many courses of four triples each; return its directory."""
    Store.create(directory, BASE).close()
    deliver(directory, courses=courses)
    return directory


def deliver(directory: Path, *, courses: int, edition: int = 1) -> int:
    """Deliver so many courses, all different in each edition; return the sequence."""
    with Store.open(directory, wait=10) as store, store.delivery(DATASET) as delivery:
        for number in range(courses):
            delivery.add(_course(number, courses, edition))
        version = delivery.publish(facts=FACTS, report_json="{}", report_triples="")
        return version.sequence


def _course(number: int, courses: int, edition: int) -> Record:
    iri = f"{COURSE}{number}"
    text = (
        f'<{iri}> <{TERM}title> "{"course " * 5}{number}"@en .\n'
        f'<{iri}> <{TERM}edition> "{edition}"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
        f"<{iri}> <{TERM}field> <{TERM}field/{number % 20}> .\n"
        f"<{iri}> <{TERM}next> <{COURSE}{(number * 7 + 1) % courses}> .\n"
    )
    digest = hashlib.sha256(text.encode()).digest()
    return Record(iri=iri, type=f"{TERM}Course", digest=digest, file="c.xml", line=1, triples=text)
