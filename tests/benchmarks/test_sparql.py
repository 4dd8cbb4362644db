"""The endpoint against other SPARQL servers on the same quads.

What is asked: look-ups, the example queries, and a table of a million rows. Every query is new to
our server each time (a comment makes it so), because peers have no cache to answer from.
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from europass_ld.examples import load_queries
from europass_ld.store import Reader, Store
from europass_ld.terms import expand
from europass_ld.vocabularies import load_code_lists

from . import peers
from .conftest import Documents, Report
from .http_load import free_port, requests_per_second, served
from .load import DATASET, load
from .measure import Figure, duration, resident

pytestmark = pytest.mark.benchmark

LEAST_LOOKUPS = 0.3
LEAST_EXAMPLES = 0.8
MOST_FOR_A_TABLE = 1.3
REPETITIONS = 3
RESOURCES = 500
PATIENCE = 60
_ROWS = 1_000_000
_CSV = "text/csv"
_JSON = "application/sparql-results+json"
_TABLE = f"""SELECT ?a ?b {{ ?a a <{expand("elm:LearningOpportunity")}> . ?b a ?type }}
LIMIT {_ROWS}"""
_GROWTH = [float(one) for one in os.environ.get("BENCHMARK_GROWTH", "").split(",") if one]
"""Megabytes of documents to show growth with: 83 and 830 hold one and ten million triples."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of queries by the name of the server, and what was loaded into all of them."""

    addresses: Mapping[str, str]
    iris: tuple[str, ...]
    folder: Path


@pytest.fixture(scope="module")
def servers(documents: Documents, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Load a document, and serve it by ours and by every peer that is installed."""
    folder = tmp_path_factory.mktemp("sparql")
    store, quads = folder / "store", folder / "quads.nq"
    ours = free_port()
    with Store.create(store, f"http://127.0.0.1:{ours}/") as made:
        load(made, documents(10), load_code_lists())
    with Reader(store) as reader:
        iris = [
            one.iri for one in reader.records(DATASET, expand("elm:Qualification"), limit=RESOURCES)
        ]
        _dump_named(reader.store, quads)
    found = {"ours": f"http://127.0.0.1:{ours}/sparql"}
    with ExitStack() as running:
        running.enter_context(served(_serve(store, ours), ours, "/health/ready", folder / "ours"))
        started = {
            "oxigraph": peers.oxigraph(store / "current", folder / "oxigraph.log"),
            "Virtuoso": peers.virtuoso(quads, folder / "virtuoso"),
            "rdflib-endpoint": peers.rdflib_endpoint(quads, folder / "rdflib.log"),
        }
        for name, one in started.items():
            address = running.enter_context(one)
            if address is not None:
                found[name] = address
        yield Servers(found, tuple(iris), folder)


def test_lookups(servers: Servers, report: Report) -> None:
    """A look-up through the pool is at least 0.3 times as often answered as by the engine's own."""
    if "oxigraph" not in servers.addresses:
        pytest.skip("needs the package oxigraph (extra: benchmarks)")
    rates = dict.fromkeys(("ours", "oxigraph"), 0.0)
    for _ in range(REPETITIONS):
        for name in rates:
            _, _, place = servers.addresses[name].partition("//127.0.0.1:")
            port, _, path = place.partition("/")
            paths = [f"/{path}?query={quote(f'DESCRIBE <{one}>')}" for one in servers.iris]
            rate = requests_per_second(int(port), paths, servers.folder)
            rates[name] = max(rates[name], rate)
    share = rates["ours"] / rates["oxigraph"]
    figures = f"{rates['ours']:,.0f} /s", "oxigraph", f"{rates['oxigraph']:,.0f} /s"
    report(Figure("SPARQL look-up, 2 workers", *figures, share, f"≥ {LEAST_LOOKUPS:g} x"))
    assert share >= LEAST_LOOKUPS


@pytest.mark.parametrize("name", ["oxigraph", "Virtuoso", "rdflib-endpoint"])
def test_examples(name: str, servers: Servers, report: Report) -> None:
    """All examples together take no longer than 1.25 times what a peer takes that answers them."""
    if name not in servers.addresses:
        pytest.skip(f"needs {name}")
    ours_in_all = theirs_in_all = 0.0
    for query in load_queries():
        repetitions = REPETITIONS if name == "oxigraph" else 1
        ours = _least(servers.addresses["ours"], query.text, repetitions)
        theirs = _least(servers.addresses[name], query.text, repetitions)
        assert isinstance(ours, float), (query.id, ours)
        if isinstance(theirs, str):
            report(Figure(f"example {query.id}", duration(ours), name, theirs))
            continue
        ours_in_all, theirs_in_all = ours_in_all + ours, theirs_in_all + theirs
        ratio = theirs / ours
        report(Figure(f"example {query.id}", duration(ours), name, duration(theirs), ratio))
    ratio = theirs_in_all / ours_in_all
    figures = duration(ours_in_all), name, duration(theirs_in_all), ratio
    report(Figure("examples answered by both", *figures, f"≥ {LEAST_EXAMPLES:g} x"))
    assert ratio >= LEAST_EXAMPLES


def test_a_large_table(servers: Servers, report: Report) -> None:
    """A million rows as CSV take at most 1.3 times as long as from the engine's own server."""
    if "oxigraph" not in servers.addresses:
        pytest.skip("needs the package oxigraph (extra: benchmarks)")
    seconds = dict.fromkeys(("ours", "oxigraph"), float("inf"))
    for _ in range(REPETITIONS):
        for name in seconds:
            took = _seconds(servers.addresses[name], _TABLE, _CSV, lines=_ROWS + 1)
            assert isinstance(took, float), (name, took)
            seconds[name] = min(seconds[name], took)
    ratio = seconds["ours"] / seconds["oxigraph"]
    figures = duration(seconds["ours"]), "oxigraph", duration(seconds["oxigraph"]), ratio
    report(Figure("a million rows as CSV", *figures, f"≤ {MOST_FOR_A_TABLE:g} x"))
    assert ratio <= MOST_FOR_A_TABLE


@pytest.mark.parametrize("megabytes", _GROWTH)
def test_growth(megabytes: float, documents: Documents, report: Report, tmp_path: Path) -> None:
    """Start, first query, examples and memory with ever more triples; only shown."""
    port = free_port()
    with Store.create(tmp_path / "store", f"http://127.0.0.1:{port}/") as store:
        load(store, documents(megabytes), load_code_lists())
    with Reader(tmp_path / "store") as reader:
        triples = sum(
            1 for _ in reader.store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        )
    started = time.perf_counter()
    with served(
        _serve(tmp_path / "store", port), port, "/health/live", tmp_path / "log"
    ) as process:
        answers = time.perf_counter() - started
        address = f"http://127.0.0.1:{port}/sparql"
        first = _seconds(address, "ASK {}", _JSON)
        what = f"{triples / 1e6:.1f} million triples"
        report(Figure(f"{what}: until it answers", duration(answers)))
        report(Figure(f"{what}: first query", _shown(first)))
        for query in load_queries():
            took = _seconds(address, query.text, _JSON)
            report(Figure(f"{what}: {query.id}", _shown(took)))
        report(Figure(f"{what}: memory of all processes", f"{resident(process.pid):,.0f} MB"))


def _serve(store: Path, port: int) -> list[object]:
    # all of a benchmark's requests come from one address
    command = ["env", "EUROPASS_LD_QUERIES_PER_CLIENT=64", sys.executable, "-m", "europass_ld"]
    return [*command, "serve", "--store", store, "--port", port, "--workers", 2]


def _dump_named(store: ox.Store, path: Path) -> None:
    """Write the named graphs as N-Quads: peers merge them in ways of their own."""
    with path.open("wb") as out:
        for graph in store.named_graphs():
            quads = store.quads_for_pattern(None, None, None, graph)
            out.write(b"".join(f"{quad} .\n".encode() for quad in quads))


def _least(address: str, text: str, repetitions: int) -> float | str:
    found = [_seconds(address, f"{text}\n# {number}", _JSON) for number in range(repetitions)]
    failed = [one for one in found if isinstance(one, str)]
    return failed[0] if failed else min(one for one in found if isinstance(one, float))


def _shown(took: float | str) -> str:
    return took if isinstance(took, str) else duration(took)


def _seconds(address: str, text: str, accept: str, *, lines: int | None = None) -> float | str:
    """Return how long a server takes to answer in full, or in words why it does not."""
    request = Request(f"{address}?query={quote(text)}", headers={"Accept": accept})
    started = time.perf_counter()
    try:
        with urlopen(request, timeout=PATIENCE) as response:
            size = sum(part.count(b"\n") for part in iter(lambda: response.read(2**20), b""))
    except HTTPError as error:
        with error:
            return f"error {error.code}"
    except (URLError, TimeoutError):
        return f"not in {PATIENCE} s"
    if lines is not None and size != lines:
        raise AssertionError(size, lines)
    return time.perf_counter() - started
