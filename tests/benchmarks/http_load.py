"""Servers to compare, and a client that keeps several connections busy: wrk, else threads."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from .measure import Figure, processor_seconds

TURTLE = "text/turtle"
CONNECTIONS = 8
SECONDS = 2
_START_SECONDS = 30
_LUA = Path(__file__).parent / "lookup.lua"


def free_port() -> int:
    """Return a port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    command: Sequence[object], port: int, path: str, log: Path, *, seconds: float = _START_SECONDS
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the body ends; the body begins when `path` is answered.

    Raises:
        OSError: it does not answer in time; `log` has what it said.
    """
    with (
        log.open("wb") as output,
        subprocess.Popen([str(one) for one in command], stdout=output, stderr=output) as server,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}{path}", seconds)
            yield server
        finally:
            server.terminate()


def _wait(url: str, seconds: float) -> None:
    last = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > last:
                raise
            time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many answers a server gave in a second, and in a second of its processes' CPU time."""

    wall: float
    cpu: float

    def share_of(self, other: "Rate") -> float:
        """Return how many times as often it answers as another, by the clock that says more."""
        return max(self.wall / other.wall, self.cpu / other.cpu)

    def at_best(self, other: "Rate") -> "Rate":
        """Return the better of two, each by its own clock."""
        return Rate(max(self.wall, other.wall), max(self.cpu, other.cpu))


def figures(what: str, ours: Rate, other: str, theirs: Rate, target: str = "") -> list[Figure]:
    """Return two lines of the table, one for each clock."""
    return [
        Figure(f"{what}, {clock}", f"{mine:,.0f} /s", other, f"{its:,.0f} /s", mine / its, target)
        for clock, mine, its in (
            ("wall", ours.wall, theirs.wall),
            ("cpu", ours.cpu, theirs.cpu),
        )
    ]


NO_RATE = Rate(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its address (what a query is appended to), and its first process."""

    address: str
    pid: int

    @property
    def port(self) -> int:
        """Its port on this machine."""
        return urlsplit(self.address).port or 80

    @property
    def path(self) -> str:
        """The path of its address."""
        return urlsplit(self.address).path


def rate(
    server: Server, paths: Sequence[str], folder: Path, *, accept: str = TURTLE, tag: str = ""
) -> Rate:
    """Ask for the paths for a few seconds, with an entity tag if there is one.

    Raises:
        AssertionError: an answer was not a success.
    """
    headers = {"Accept": accept} | ({"If-None-Match": tag} if tag else {})
    ask = _with_wrk if shutil.which("wrk") else _with_threads
    cpu, started = processor_seconds(server.pid), time.monotonic()
    answers = ask(server.port, paths, folder, headers)
    seconds = time.monotonic() - started
    return Rate(answers / seconds, answers / max(0.01, processor_seconds(server.pid) - cpu))


def _with_wrk(port: int, paths: Sequence[str], folder: Path, headers: Mapping[str, str]) -> int:
    listed = folder / "paths.txt"
    listed.write_text("\n".join(paths), encoding="ascii")
    told = {"BENCHMARK_PATHS": str(listed), "BENCHMARK_ACCEPT": headers["Accept"]}
    if "If-None-Match" in headers:
        told["BENCHMARK_TAG"] = headers["If-None-Match"]
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(_LUA)]
    done = subprocess.run(
        ["wrk", *options, f"http://127.0.0.1:{port}/"],
        env=os.environ | told,
        check=True,
        capture_output=True,
        text=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise AssertionError(done.stdout)
    found = re.search(r"(\d+) requests in", done.stdout)
    return int(found[1]) if found else 0


def _with_threads(port: int, paths: Sequence[str], folder: Path, headers: Mapping[str, str]) -> int:
    del folder
    last = time.monotonic() + SECONDS

    def ask(first: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        answers = 0
        for path in cycle([*paths[first:], *paths[:first]]):
            connection.request("GET", path, headers=dict(headers))
            response = connection.getresponse()
            response.read()
            if response.status not in {http.client.OK, http.client.NOT_MODIFIED}:
                raise AssertionError(path, response.status)
            answers += 1
            if time.monotonic() > last:
                connection.close()
                return answers
        return answers

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(ask, range(CONNECTIONS)))
