"""No query reaches another machine, nor this one, even where nobody read its text before."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pyoxigraph as ox
import pytest

from europass_ld.errors import StoreError
from europass_ld.queries import Query, QueryPool

_NAMES = ("network namespace", "system call filter", "ends with the server", "memory limit")


class _Listener:
    """A port on both addresses of this machine that remembers who came."""

    def __init__(self) -> None:
        self.connections = 0
        self._sockets = []
        self.port = 0
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            try:
                one = socket.create_server((address, self.port), family=family)
            except OSError:  # a machine without IPv6
                continue
            self.port = one.getsockname()[1]
            self._sockets.append(one)
            threading.Thread(target=self._accept, args=(one,), daemon=True).start()

    def _accept(self, one: socket.socket) -> None:
        while True:
            try:
                connection, _ = one.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        """Listen no more."""
        for one in self._sockets:
            one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def listener() -> Iterator[_Listener]:
    """Return a listener on this machine."""
    listener = _Listener()
    yield listener
    listener.close()


def _calls(port: int) -> list[str]:
    addresses = ("127.0.0.1", "[::1]", "localhost", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]")  # noqa: S104 - what an attacker writes
    urls = [f"http://{address}:{port}/" for address in addresses]
    urls.append("http://169.254.169.254/latest/meta-data/")
    return [
        f"SELECT * {{ SERVICE {silent} <{url}> {{ ?s ?p ?o }} }}"
        for url in urls
        for silent in ("", "SILENT")
    ]


def test_no_call_leaves_a_worker(shared_pool: QueryPool, listener: _Listener) -> None:
    """SERVICE reaches this machine from here, and nothing from a worker."""
    with pytest.raises(OSError, match=r"."):
        list(ox.Store().query(_calls(listener.port)[0]))  # type: ignore[arg-type]
    assert listener.connections == 1
    for text in _calls(listener.port):
        try:
            shared_pool.run(Query(text=text)).read()
        except StoreError:
            assert "SILENT" not in text
    assert listener.connections == 1


def test_the_barriers_are_told(shared_pool: QueryPool) -> None:
    """Each barrier is named, and on Linux at least one of the two against the network holds."""
    barriers = shared_pool.barriers()
    assert set(barriers) == set(_NAMES)
    if sys.platform == "linux":
        assert barriers["network namespace"] or barriers["system call filter"]
        assert barriers["ends with the server"]
        assert barriers["memory limit"]


@pytest.mark.parametrize("name", ["leave_network", "refuse_sockets"])
def test_each_barrier_holds_alone(listener: _Listener, name: str) -> None:
    """Where a barrier says that it holds, it keeps connections from this machine by itself."""
    code = f"""
import socket
from europass_ld.queries import barriers
if not barriers.{name}():
    raise SystemExit(3)
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    try:
        socket.socket(family).connect((address, {listener.port}))
    except OSError:
        continue
    raise SystemExit(1)
"""
    status = _run(code)
    if status == 3:
        pytest.skip(f"this system does not allow {name}")
    assert status == 0
    assert listener.connections == 0


def test_the_filter_refuses_sockets_and_nothing_else() -> None:
    """Files, pipes and sockets that are open go on working behind the filter."""
    code = """
import os, socket, tempfile
from europass_ld.queries import barriers
ours, theirs = socket.socketpair()
if not barriers.refuse_sockets():
    raise SystemExit(3)
ours.sendall(b"x")
assert theirs.recv(1) == b"x"
with tempfile.TemporaryFile() as file:
    file.write(b"x")
for refused in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    try:
        socket.socket(refused)
    except PermissionError:
        continue
    raise SystemExit(1)
"""
    status = _run(code)
    if status == 3:
        pytest.skip("this system does not allow a filter")
    assert status == 0


def test_processor_time_is_limited() -> None:
    """A worker that nobody watches ends by itself soon after its deadline."""
    code = """
from europass_ld.queries import barriers
barriers.limit_processor_time(0.2)
while True:
    pass
"""
    assert _run(code) == -24


def test_nothing_is_printed_by_a_broken_worker(
    pool: QueryPool, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the engine says when it breaks could quote the query; it is said to nobody."""
    with pytest.raises(StoreError):
        pool.run(Query(text=f"SELECT ({'(' * 20_000}1{')' * 20_000} AS ?x) {{}}"))
    pool.close()
    assert capfd.readouterr() == ("", "")


def _run(
    code: str, run: Callable[..., "subprocess.CompletedProcess[bytes]"] = subprocess.run
) -> int:
    return run(
        [sys.executable, "-c", code], check=False, env=dict(os.environ), timeout=30
    ).returncode
