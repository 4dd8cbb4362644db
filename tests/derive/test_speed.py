"""How long deriving and the example queries take; prints figures (-m benchmark)."""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.examples import load_queries
from tests.tools.generate_loq import generate

from .stores import Dataset, add_derived, gathered, lifted, merge, rows

pytestmark = pytest.mark.benchmark


def took(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def test_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each query takes less than a second over 10 MB of documents, deriving less than ten."""
    generate(tmp_path / "generated.xml", 10_000_000)
    datasets = [Dataset("https://data.example.org/dataset", "FIN")]
    store = ox.Store(tmp_path / "store")
    graph = ox.NamedNode(datasets[0].iri)
    store.bulk_load(lifted(tmp_path), ox.RdfFormat.N_TRIPLES, to_graph=graph)
    merge(store, datasets)
    figures = {
        "read once": took(lambda: gathered(store, datasets)),
        "derive, measure, compare and add": took(lambda: add_derived(store, datasets)),
        "the same again, nothing changed": took(lambda: add_derived(store, datasets)),
    }
    store.optimize()
    for query in load_queries():
        figures[query.id] = took(partial(rows, store, query.text))
    lines = [f"{seconds * 1000:8.0f} ms  {name}" for name, seconds in figures.items()]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", f"{len(store):,} quads", *lines, ""]))
    assert max(figures[query.id] for query in load_queries()) < 1
    assert max(figures.values()) < 10
