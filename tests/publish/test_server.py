"""The real server: several processes, honest ends of broken answers, clients nobody here wrote."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import httpx
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, RDFXML, TURTLE, XML, SPARQLWrapper

from europass_ld.publish.addresses import parameter
from europass_ld.store import Dataset, Store

from . import sample

_START = """
from pathlib import Path
from europass_ld.config import Settings
from europass_ld.publish import serve
{before}
serve(Path({directory!r}), Settings(vocabularies=Path({none!r})), "127.0.0.1", 0, 2)
"""
_LIMIT = """
import functools
Settings = functools.partial(Settings, query_result_bytes=500_000, query_deadline=2.0)
"""
_NUMBERS = "".join(f"VALUES ?v{one} {{ 0 1 2 3 4 5 6 7 8 9 }}" for one in range(5))
_LARGE = f"SELECT * {{ {_NUMBERS} }}"


@dataclass
class Running:
    """A server that listens."""

    process: subprocess.Popen[str]
    port: int

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


def _command(directory: Path, before: str = "") -> list[str]:
    code = _START.format(directory=str(directory), none=str(directory / "none"), before=before)
    return [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]


def start(directory: Path, before: str = "") -> Running:
    """Start a server on a free port and wait until it answers."""
    process = subprocess.Popen(
        _command(directory, before), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr
    for line in process.stderr:
        if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", line):
            running = Running(process, int(found[1]))
            _wait_for(running)
            return running
    raise AssertionError("the server did not begin to listen")


def _wait_for(running: Running) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{running.base}/health", timeout=5) as response:
                assert json.load(response)["status"] == "ok"
                return
        except (ConnectionError, OSError):
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


def stop(running: Running) -> tuple[int, str, str]:
    """End a server as an operator does, and return its status and what it wrote."""
    running.process.send_signal(signal.SIGTERM)
    out, error = running.process.communicate(timeout=30)
    return running.process.returncode, out, error


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[Running]:
    """Serve the sample store."""
    running = start(directory)
    yield running
    status, out, error = stop(running)
    assert status == 0
    assert out == ""
    assert "Traceback" not in error


@pytest.mark.parametrize("format_", ["text/turtle", "application/rdf+xml", "application/ld+json"])
def test_rdflib_reads_what_is_negotiated(server: Running, format_: str) -> None:
    """An RDF library follows an IRI's address and finds the record."""
    address = f"{server.base}/resource{parameter(sample.OUTCOME)}"
    graph = rdflib.Graph()
    with urlopen(Request(address, headers={"Accept": format_})) as response:
        graph.parse(data=response.read(), format=response.headers.get_content_type())
    title = rdflib.URIRef("http://purl.org/dc/terms/title")
    assert list(graph.objects(rdflib.URIRef(sample.OUTCOME), title)) == [
        rdflib.Literal("Drives a harvester", lang="en")
    ]


def test_rdflib_dereferences_by_itself(server: Running) -> None:
    """With the library's own Accept header, through a redirect."""
    graph = rdflib.Graph().parse(f"{server.base}/id/dataset/first")
    assert (rdflib.URIRef(sample.FIRST), rdflib.RDF.type, None) in graph


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # SPARQLWrapper's own
def test_sparqlwrapper(server: Running) -> None:
    """Results and graphs in the formats that the client knows, by GET and POST."""
    client = SPARQLWrapper(f"{server.base}/sparql")
    client.setQuery(f"SELECT ?class {{ <{sample.OUTCOME}> a ?class }}")
    for method in ("GET", "POST"):
        client.setMethod(method)
        client.setReturnFormat(JSON)
        answer = client.query().convert()
        assert isinstance(answer, dict)
        assert len(answer["results"]["bindings"]) == 1
    for format_ in (XML, CSV):
        client.setReturnFormat(format_)
        assert client.query().convert()
    client.setQuery(f"DESCRIBE <{sample.OUTCOME}>")
    for format_ in (TURTLE, RDFXML):
        client.setReturnFormat(format_)
        assert client.query().convert()


def test_rdflib_as_a_client_of_the_endpoint(server: Running) -> None:
    """A graph whose store is the endpoint."""
    graph = rdflib.Graph(SPARQLStore(f"{server.base}/sparql"))
    assert len(list(graph.triples((rdflib.URIRef(sample.OUTCOME), None, None)))) == 2
    found = graph.query(f"ASK {{ <{sample.OUTCOME}> a ?class }}")
    assert found.askAnswer is True


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_processes_share_connections(server: Running) -> None:
    """Of those that clients keep, no process takes nearly all, once each has begun."""
    deadline = time.monotonic() + 20
    taken = _taken(server)
    while min(taken) < 4 and time.monotonic() < deadline:
        time.sleep(0.5)
        taken = _taken(server)
    assert len(taken) == 2
    assert min(taken) >= 4


def _taken(server: Running) -> list[int]:
    """Return how many of twenty connections each process has taken."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    with ExitStack() as kept:
        for _ in range(20):
            client = kept.enter_context(closing(HTTPConnection("127.0.0.1", server.port)))
            client.request("GET", "/health/live")
            assert client.getresponse().read()
        links = _connections(server.port)
        return [
            sum(str(one.readlink()) in links for one in Path(f"/proc/{process}/fd").iterdir())
            for process in children.read_text().split()
        ]


def _connections(port: int) -> set[str]:
    """Return the established connections to a port of this machine, as links of /proc name them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]
    return {f"socket:[{row[9]}]" for row in established}


def test_a_broken_answer_is_not_taken_for_whole(directory: Path) -> None:
    """After the first part an error aborts the connection, for any client and in any coding."""
    running = start(directory, _LIMIT)
    try:
        address = f"{running.base}/sparql"
        kind = {"Content-Type": "application/sparql-query"}
        with (
            urlopen(Request(address, data=_LARGE.encode(), headers=kind)) as response,
            pytest.raises(http.client.IncompleteRead),
        ):
            response.read()
        for coding in ("identity", "gzip", "br", "zstd"):
            headers = {**kind, "Accept-Encoding": coding}
            with httpx.stream("POST", address, content=_LARGE, headers=headers) as answer:
                assert answer.status_code == 200
                with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
                    list(answer.iter_raw())
            given = ["-H", f"Accept-Encoding: {coding}", "--data-urlencode", f"query={_LARGE}"]
            ended = subprocess.run(
                ["curl", "-sS", "-o", "/dev/null", *given, address],
                capture_output=True,
                check=False,
                timeout=60,
            )
            assert ended.returncode == 18, ended.stderr
    finally:
        status, _, error = stop(running)
        assert status == 0
        assert "VALUES" not in error


def test_a_new_version_is_seen_without_a_restart(tmp_path: Path) -> None:
    """A load beside the running server shows in its next answer, in every process."""
    directory = tmp_path / "store"
    sample.make(directory)
    running = start(directory)
    try:
        address = f"{running.base}/resource.nt{parameter('https://new.example/1')}"
        for _ in range(8):
            with pytest.raises(HTTPError, match="404"):
                urlopen(address)
        new = sample.record(
            "https://new.example/1",
            "elm:Qualification",
            sample.lines("https://new.example/1", ("dct:title", sample.text("New", "en"))),
        )
        with Store.open(directory) as store:
            dataset = Dataset(iri="https://new.example/", title={"en": "New"}, family="loq")
            sample.publish(store, dataset, [new])
        for _ in range(8):
            with urlopen(address) as response:
                assert b'"New"@en' in response.read()
    finally:
        assert stop(running)[0] == 0


def test_an_answer_under_way_is_finished(directory: Path) -> None:
    """SIGTERM lets a request that has begun end well."""
    running = start(directory)
    with socket.create_connection(("127.0.0.1", running.port)) as connection:
        query = _LARGE.encode()
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: text/csv\r\n"
            b"Content-Type: application/sparql-query\r\nContent-Length: %d\r\n\r\n%s"
            % (len(query), query)
        )
        received = connection.recv(1000)
        running.process.send_signal(signal.SIGTERM)
        while data := connection.recv(65_536):
            received += data
    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"0\r\n\r\n")
    assert received.count(b"\r\n0,") + received.count(b"\n0,") > 9_000
    assert stop(running)[0] == 0


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    """The reason is said in a line, and the status is not 0."""
    ended = subprocess.run(
        _command(tmp_path / "none"), capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert str(tmp_path / "none") in ended.stderr
    assert "Traceback" not in ended.stderr
