"""The store of all samples, made once."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.derive import FormerState, history, history_graph
from europass_ld.terms import expand

from .stores import BASE, PROVENANCE, SAMPLES, lifted, sample_store, turtle

OPPORTUNITY = expand("elm:LearningOpportunity")


@pytest.fixture(scope="session")
def samples() -> ox.Store:
    """All samples; of the Finnish one, what is known of both versions. Not to be changed."""
    store = sample_store()
    folder = SAMPLES / "fi-koulutustarjonta"
    before, after = opportunities(folder / "v1"), opportunities(folder / "v2")
    dataset = "https://data.koulutustarjonta.example/dataset/learning-opportunities"
    provenance = [
        f"version:1 dct:isVersionOf <{dataset}> ; eld:sequence 1 .",
        f"version:2 dct:isVersionOf <{dataset}> ; eld:sequence 2 ; prov:wasRevisionOf version:1 .",
    ]
    for iri, text in after.items():
        version = 1 if before.get(iri) == text else 2
        provenance.append(
            f"<{iri}> prov:wasDerivedFrom version:{version} ; eld:verdict eld:conforms ."
        )
    for quad in turtle(f"<{PROVENANCE}> {{ {' '.join(provenance)} }}"):
        store.add(quad)
    former = (
        FormerState(
            iri, OPPORTUNITY, f"{BASE}id/version/1", f"{BASE}id/version/2", expand("eld:conforms")
        )
        for iri, text in before.items()
        if after.get(iri) != text
    )
    text = "".join(history(former, base=BASE))
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(history_graph(BASE)))
    return store


def opportunities(folder: Path) -> dict[str, str]:
    """Return what is said of each opportunity in the documents of a folder, by IRI."""
    lines = lifted(folder).decode().splitlines()
    start = f"> <{expand('rdf:type')}> <{OPPORTUNITY}> ."
    said: dict[str, str] = {}
    iri = ""
    for line in lines:
        if line.endswith(start):
            iri = line.removesuffix(start)[1:]
        elif f"<{expand('rdf:type')}> <{expand('elm:')}" in line and "genid" not in line:
            iri = ""
        said[iri] = said.get(iri, "") + line
    del said[""]
    return said
