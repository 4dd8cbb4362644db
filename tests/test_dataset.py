"""A store opened for rdflib, without a server."""

from pathlib import Path

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import RDF

import europass_ld
from europass_ld.config import Settings
from europass_ld.errors import StoreUnavailable
from europass_ld.ingest import LoadOptions, load_delivery, plan_deliveries
from europass_ld.store import Store
from europass_ld.terms import expand
from europass_ld.vocabularies import load_code_lists
from tests.shared import ROOT

GOLDEN = ROOT / "tests" / "lift" / "golden"
SETTINGS = Settings(base="https://ld.example.org/")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the two golden documents, which describe one organisation both."""
    path = tmp_path_factory.mktemp("dataset") / "store"
    with Store.create(path, SETTINGS.base) as store:
        for plan in plan_deliveries([GOLDEN], SETTINGS, base=store.base):
            result = load_delivery(store, plan, SETTINGS, load_code_lists(), LoadOptions())
            assert result.outcome == "published", result.report.to_text()
    return path


def test_the_default_graph_is_a_merge(directory: Path) -> None:
    """An organisation that stands in two datasets is counted once, and found in both graphs."""
    data = europass_ld.dataset(directory)
    shared = URIRef("https://data.example.org/org/1")
    kind = (shared, RDF.type, URIRef(expand("elm:Organisation")))
    assert len(list(data.default_graph.triples(kind))) == 1
    for name in ("ams", "loq"):
        assert kind in data.get_context(URIRef(f"{SETTINGS.base}id/dataset/{name}"))


def test_it_answers_sparql_through_rdflib(directory: Path) -> None:
    """The query interface of rdflib interface works on it."""
    rows = europass_ld.dataset(directory).query(
        "SELECT ?title WHERE { ?q a <http://data.europa.eu/snb/model/elm/Qualification> ; "
        "<http://purl.org/dc/terms/title> ?title }"
    )
    assert [row[0] for row in rows] == [Literal("Baker", lang="en")]  # type: ignore[index]


def test_it_cannot_be_written(directory: Path) -> None:
    """Documents are the only way in."""
    data = europass_ld.dataset(directory)
    with pytest.raises((OSError, NotImplementedError, RuntimeError)):
        data.default_graph.add((URIRef("a:b"), RDF.type, URIRef("a:c")))


def test_there_must_be_a_store(tmp_path: Path) -> None:
    """A directory without a store is told, and nothing is made there."""
    with pytest.raises(StoreUnavailable):
        europass_ld.dataset(tmp_path / "none")
    assert not (tmp_path / "none").exists()
