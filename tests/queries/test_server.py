"""Pools under the server that is really used: gunicorn with threads, two processes."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from . import hostile
from .processes import comes_true, descendants, is_there
from .stores import LOOKUP

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class _Server:
    pid: int
    port: int

    def get(self, text: str) -> tuple[int, bytes]:
        """Return status and body of a query; raises what an unfinished body raises."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", f"/?query={quote(text)}")
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def is_up(self) -> bool:
        """Tell whether it answers."""
        try:
            return self.get("ASK {}")[0] == 200
        except OSError:
            return False


@pytest.fixture
def server(store: Path) -> Iterator[_Server]:
    """Return a running server that ends with the test."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "12")
    process = subprocess.Popen(
        [*command, "--workers", "2", "--bind", f"127.0.0.1:{port}", "tests.queries.wsgi:app"],
        cwd=_ROOT,
        env={**os.environ, "TEST_STORE": str(store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = _Server(process.pid, port)
    try:
        assert comes_true(server.is_up, 20)
        yield server
    finally:
        process.kill()
        process.wait()


def test_a_late_error_is_an_aborted_connection(server: _Server) -> None:
    """An early error is a status; one that comes after the first part never looks like an end."""
    status, body = server.get(hostile.LONG["cross product"])
    assert (status, body) == (503, b"QueryTimeout")
    with pytest.raises(http.client.IncompleteRead) as raised:
        server.get("SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert len(raised.value.partial) > 60_000


def test_a_client_that_hangs_up_ends_its_query(server: _Server) -> None:
    """A connection that is closed while an answer is sent frees the worker soon."""
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            text = quote("SELECT * { ?a ?b ?c . ?d ?e ?f }")
            client.sendall(f"GET /?query={text} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert client.recv(1000)
    time.sleep(0.2)
    assert server.get(LOOKUP)[0] == 200
    assert comes_true(lambda: _busy(server.pid) == 0)


def test_others_are_answered_through_the_server(server: _Server) -> None:
    """While eight hostile requests run, look-ups of others come back in time."""
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(server.get, text) for text in hostile.LONG.values() for _ in "ab"]
        time.sleep(0.3)
        times = []
        for _ in range(150):
            began = time.perf_counter()
            status, _ = server.get(LOOKUP)
            times.append(time.perf_counter() - began)
            assert status == 200
        assert {one.result()[0] for one in asked} == {503}
    sys.stdout.write(
        f"\nover HTTP beside 8 hostile requests: p99 {sorted(times)[148] * 1000:.0f} ms\n"
    )
    assert sorted(times)[148] < 0.5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_server(server: _Server, number: signal.Signals) -> None:
    """Whoever of the server is ended, and how: no process of it is left, no request waits."""
    web = [one for one in descendants(server.pid) if _command(one).count("gunicorn")]
    os.kill(web[0], signal.SIGKILL)
    assert comes_true(server.is_up)
    with ThreadPoolExecutor(4) as clients:
        for _ in range(4):
            clients.submit(_ignoring_errors, server)
        time.sleep(0.5)
        below = descendants(server.pid)
        assert len(below) > 8
        os.kill(server.pid, number)
        if number == signal.SIGKILL:  # its web processes notice by themselves
            time.sleep(0.1)
        assert comes_true(lambda: not any(map(is_there, below)), 15)


def _ignoring_errors(server: _Server) -> None:
    try:
        server.get(hostile.LONG["cross product"])
    except (OSError, http.client.HTTPException):
        return


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _busy(pid: int) -> int:
    states = descendants(pid)
    return sum(
        1 for one, state in states.items() if state == "R" and "fork_server" in _command(one)
    )
