"""A connection to a client: what goes out together, and how long it waits."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from europass_ld.publish.serving.connection import Connection

PATIENCE = 0.3
_LARGE = b"x" * 2**24


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    """Return the end of the server and that of a client."""
    accepted, client = socket.socketpair()
    accepted.setblocking(False)  # as gunicorn leaves it
    connection = Connection(accepted, PATIENCE)
    with connection, client:
        yield connection, client


def _has_come(client: socket.socket) -> bytes:
    try:
        return client.recv(100, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


def test_head_and_body_go_out_together(ends: tuple[Connection, socket.socket]) -> None:
    """The head waits for what follows it; later parts wait for nothing."""
    connection, client = ends
    connection.keep_next()
    connection.sendall(b"head")
    assert _has_come(client) == b""
    connection.sendall(b"body")
    assert _has_come(client) == b"headbody"
    connection.sendall(b"more")
    assert _has_come(client) == b"more"


def test_a_head_without_a_body(ends: tuple[Connection, socket.socket], tmp_path: Path) -> None:
    """It is sent when the answer is over, before a file, and before the end is said."""
    connection, client = ends
    (tmp_path / "file").write_bytes(b"file")
    connection.keep_next()
    connection.send_kept()
    for head in (b"1", b"2", b"3"):
        connection.keep_next()
        connection.sendall(head)
        match head:
            case b"1":
                connection.send_kept()
                assert _has_come(client) == b"1"
            case b"2":
                with (tmp_path / "file").open("rb") as file:
                    connection.sendfile(file)
                assert _has_come(client) == b"2file"
            case _:
                connection.shutdown(socket.SHUT_WR)
                assert client.recv(100) == b"3"
                assert client.recv(100) == b""


def test_who_sends_nothing(ends: tuple[Connection, socket.socket]) -> None:
    """It is waited for as long as was said, and no longer."""
    connection, client = ends
    connection.receive_for(PATIENCE)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        connection.recv(10)
    assert PATIENCE / 2 < time.monotonic() - begun < 10 * PATIENCE
    connection.receive_for(None)
    threading.Timer(2 * PATIENCE, client.sendall, (b"late",)).start()
    assert connection.recv(10) == b"late"


@pytest.mark.parametrize("taken", [0, 1000], ids=["nothing", "little"])
def test_who_does_not_take_it(ends: tuple[Connection, socket.socket], taken: int) -> None:
    """Taking nothing, or now and then a little, ends in an error."""
    connection, client = ends
    ended = threading.Event()

    def take() -> None:
        while not ended.wait(PATIENCE / 10):
            client.recv(taken)

    taker = threading.Thread(target=take)
    taker.start()
    try:
        with pytest.raises(TimeoutError):
            connection.sendall(_LARGE)
    finally:
        ended.set()
        taker.join()
