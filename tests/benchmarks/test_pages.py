"""Resource pages, against a bare answer of the same web server, Trifid and rdflib-endpoint.

What was asked for before is answered from memory; what nobody asked for yet is only shown, for
peers keep nothing either.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from europass_ld.publish.addresses import parameter
from europass_ld.store import Reader, Store
from europass_ld.terms import expand
from europass_ld.vocabularies import load_code_lists

from . import peers
from .conftest import Documents, Report
from .http_load import NO_RATE, TURTLE, Rate, Server, figures, free_port, rate, served
from .load import DATASET, load
from .measure import SIZES

pytestmark = pytest.mark.benchmark

RESOURCES = 500
REPETITIONS = 3
HTML = "text/html"
NAMESPACE = "https://data.example.org/"
LEAST_OF_FLOOR = {"Turtle": 0.6, "HTML": 0.25, "304": 0.8}


@dataclass(frozen=True, slots=True)
class Servers:
    """Ours, the floor, and the peers that are installed, with the same records in all of them."""

    ours: Server
    floor: Server
    trifid: Server | None
    rdflib_endpoint: Server | None
    iris: tuple[str, ...]
    folder: Path

    def pages(self, extra: str = "") -> list[str]:
        """Return the addresses of the records on our server."""
        return [f"/resource{parameter(iri)}{extra}" for iri in self.iris]

    def best(self, server: Server, paths: list[str], accept: str, tag: str = "") -> Rate:
        """Return the best rate of several repetitions; the first answers are not counted."""
        found = NO_RATE
        for _ in range(REPETITIONS):
            found = found.at_best(rate(server, paths, self.folder, accept=accept, tag=tag))
        return found


@pytest.fixture(scope="module")
def servers(documents: Documents, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Load a document, and serve it by ours and by every peer that is installed."""
    folder = tmp_path_factory.mktemp("pages")
    store, port, floor_port = folder / "store", free_port(), free_port()
    with Store.create(store, f"http://127.0.0.1:{port}/") as made:
        load(made, documents(min(10, SIZES[-1])), load_code_lists())
    with Reader(store) as reader:
        entries = reader.records(DATASET, expand("elm:Qualification"), limit=RESOURCES)
        iris = tuple(entry.iri for entry in entries)
        _write_triples(reader.store, folder / "data.nt")
    serve = [sys.executable, "-m", "europass_ld", "serve", "--store", store, "--workers", 2]
    floor = [sys.executable, "-m", "tests.benchmarks.floor", floor_port]
    name = iris[0].removeprefix(NAMESPACE)
    with ExitStack() as running:
        start = running.enter_context
        ours = start(served([*serve, "--port", port], port, "/health", folder / "ours"))
        bare = start(served(floor, floor_port, "/", folder / "floor"))
        yield Servers(
            Server(f"http://127.0.0.1:{port}/", ours.pid),
            Server(f"http://127.0.0.1:{floor_port}/", bare.pid),
            start(peers.trifid(folder / "data.nt", NAMESPACE, name, folder / "trifid")),
            start(peers.rdflib_endpoint(folder / "data.nt", folder / "rdflib.log")),
            iris,
            folder,
        )


@pytest.fixture(scope="module")
def floor(servers: Servers) -> Rate:
    """Measure the bare answer."""
    return servers.best(servers.floor, ["/"], TURTLE)


@pytest.mark.parametrize(("name", "accept"), [("Turtle", TURTLE), ("HTML", HTML)])
def test_a_page_that_was_asked_for(
    name: str, accept: str, servers: Servers, floor: Rate, report: Report
) -> None:
    """A page in memory is sent at least 0.6 (Turtle) or 0.25 (HTML) times as often as nothing."""
    body, _ = _fetched(servers.ours, servers.pages()[0], accept)
    assert body.count(servers.iris[0].encode()) > 1
    found = servers.best(servers.ours, servers.pages(), accept)
    _report_floor(report, f"a page as {name}", found, floor, LEAST_OF_FLOOR[name])
    assert found.share_of(floor) >= LEAST_OF_FLOOR[name]


@pytest.mark.parametrize(("name", "accept"), [("Turtle", TURTLE), ("HTML", HTML)])
def test_a_page_that_is_new(
    name: str, accept: str, servers: Servers, floor: Rate, report: Report
) -> None:
    """A page that has to be made is sent more often than by Trifid and rdflib-endpoint."""
    found = NO_RATE
    for number in range(REPETITIONS):  # a parameter that nobody reads makes every address new
        new = [path for one in range(40) for path in servers.pages(f"&new={number}-{one}")]
        found = found.at_best(rate(servers.ours, new, servers.folder, accept=accept))
    for line in figures(f"a new page as {name}", found, "bare answer", floor):
        report(line)
    for other, theirs in _peer_rates(servers, name, accept).items():
        for line in figures(f"a new page as {name}", found, other, theirs, "> 1 x"):
            report(line)
        assert found.share_of(theirs) > 1


def test_not_modified(servers: Servers, floor: Rate, report: Report) -> None:
    """Who has a page already is told so at least 0.8 times as often as nothing is said."""
    _, tag = _fetched(servers.ours, servers.pages()[0], TURTLE)
    found = servers.best(servers.ours, servers.pages(), TURTLE, tag)
    _report_floor(report, "304", found, floor, LEAST_OF_FLOOR["304"])
    assert found.share_of(floor) >= LEAST_OF_FLOOR["304"]


def _report_floor(report: Report, what: str, found: Rate, floor: Rate, least: float) -> None:
    for line in figures(what, found, "bare answer", floor, f"≥ {least:g} x"):
        report(line)


def _peer_rates(servers: Servers, name: str, accept: str) -> dict[str, Rate]:
    found = {}
    if servers.trifid:
        paths = [f"/{iri.removeprefix(NAMESPACE)}" for iri in servers.iris]
        found["Trifid"] = servers.best(servers.trifid, paths, accept)
    if servers.rdflib_endpoint and name == "Turtle":  # it has no pages
        paths = [f"/?query={quote(f'DESCRIBE <{iri}>')}" for iri in servers.iris]
        found["rdflib-endpoint"] = servers.best(servers.rdflib_endpoint, paths, accept)
    if not found:
        pytest.skip("needs npm and the registry, or the package rdflib-endpoint")
    return found


def _fetched(server: Server, path: str, accept: str) -> tuple[bytes, str]:
    request = Request(f"http://127.0.0.1:{server.port}{path}", headers={"Accept": accept})
    with urlopen(request) as response:
        return response.read(), response.headers["ETag"]


def _write_triples(store: ox.Store, path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        quads = store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        out.writelines(f"{quad.triple} .\n" for quad in quads)
