"""A resource as Turtle over HTTP, against the server of the engine itself."""

import shutil
import sys
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from europass_ld.store import Reader, Store
from europass_ld.terms import expand
from europass_ld.vocabularies import load_code_lists

from .conftest import Documents, Report
from .http_load import NO_RATE, Server, figures, free_port, rate, served
from .load import DATASET, load
from .measure import SIZES

pytestmark = pytest.mark.benchmark

LEAST_SHARE = 0.25
RESOURCES = 500
REPETITIONS = 3
QUERIES = {
    "DESCRIBE": "DESCRIBE <{0}>",
    "CONSTRUCT, nested nodes too": (
        "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ BIND(<{0}> AS ?s) ?s ?p ?o }} UNION "
        "{{ <{0}> ?link ?s . FILTER(CONTAINS(STR(?s), '/.well-known/genid/')) ?s ?p ?o }} }}"
    ),
}


def answer(port: int, path: str) -> set[str]:
    """Return the triples that a server answers with."""
    request = Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": "text/turtle"})
    with urlopen(request) as response:
        return {str(one.triple) for one in ox.parse(response.read(), format=ox.RdfFormat.TURTLE)}


def test_resource(documents: Documents, report: Report, tmp_path: Path) -> None:
    """With two processes, at least a quarter of the requests of `oxigraph serve-read-only`."""
    oxigraph = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    if oxigraph is None:
        pytest.skip("needs the package oxigraph (extra: benchmarks)")
    ours, theirs = free_port(), free_port()
    base = f"http://127.0.0.1:{ours}/"
    with Store.create(tmp_path / "store", base) as store:
        load(store, documents(min(10, SIZES[-1])), load_code_lists())
    with Reader(tmp_path / "store") as reader:
        entries = reader.records(DATASET, expand("elm:Qualification"), limit=RESOURCES)
    iris = [entry.iri for entry in entries]
    resources = [f"/resource.ttl?iri={quote(iri, safe='')}" for iri in iris]
    lookups = {
        name: [f"/query?query={quote(query.format(iri))}" for iri in iris]
        for name, query in QUERIES.items()
    }
    serve = [sys.executable, "-m", "europass_ld", "serve", "--store", tmp_path / "store"]
    peer = [oxigraph, "serve-read-only", "--location", (tmp_path / "store" / "current").resolve()]
    best = dict.fromkeys(("ours", *QUERIES), NO_RATE)
    with (
        served(
            [*serve, "--port", ours, "--workers", 2], ours, resources[0], tmp_path / "ours"
        ) as our_process,
        served(
            [*peer, "--bind", f"127.0.0.1:{theirs}"],
            theirs,
            lookups["DESCRIBE"][0],
            tmp_path / "theirs",
        ) as their_process,
    ):
        described = answer(theirs, lookups["DESCRIBE"][0])
        assert described
        assert described <= answer(ours, resources[0])
        here = Server(base, our_process.pid)
        there = Server(f"http://127.0.0.1:{theirs}/", their_process.pid)
        for _ in range(REPETITIONS):
            best["ours"] = best["ours"].at_best(rate(here, resources, tmp_path))
            for name, paths in lookups.items():
                best[name] = best[name].at_best(rate(there, paths, tmp_path))
    for name in QUERIES:
        compared, target = f"oxigraph, {name}", f"≥ {LEAST_SHARE:g} x"
        for one in figures("a resource as Turtle", best["ours"], compared, best[name], target):
            report(one)
    assert best["ours"].share_of(best["DESCRIBE"]) >= LEAST_SHARE
