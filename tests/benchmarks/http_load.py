"""Servers to compare, and a client that keeps several connections busy: wrk, else threads."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from urllib.request import urlopen

CONNECTIONS = 8
SECONDS = 3
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


def requests_per_second(port: int, paths: Sequence[str], folder: Path) -> float:
    """Ask for the paths as Turtle for a few seconds; return how many answers came in a second.

    Raises:
        AssertionError: an answer was not a success.
    """
    wrk = shutil.which("wrk")
    return _with_wrk(wrk, port, paths, folder) if wrk else _with_threads(port, paths)


def _with_wrk(wrk: str, port: int, paths: Sequence[str], folder: Path) -> float:
    listed = folder / "paths.txt"
    listed.write_text("\n".join(paths), encoding="ascii")
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(_LUA)]
    done = subprocess.run(
        [wrk, *options, f"http://127.0.0.1:{port}/"],
        env=os.environ | {"BENCHMARK_PATHS": str(listed)},
        check=True,
        capture_output=True,
        text=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise AssertionError(done.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    return float(found[1]) if found else 0.0


def _with_threads(port: int, paths: Sequence[str]) -> float:
    last = time.monotonic() + SECONDS

    def ask(first: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        answers = 0
        for path in cycle(paths[first:]):
            connection.request("GET", path, headers={"Accept": "text/turtle"})
            response = connection.getresponse()
            response.read()
            if response.status != http.client.OK:
                raise AssertionError(path, response.status)
            answers += 1
            if time.monotonic() > last:
                connection.close()
                return answers
        return answers

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(ask, range(CONNECTIONS))) / SECONDS
