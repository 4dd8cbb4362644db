"""The real server: slow clients, what is no HTTP, and those who are there when it ends."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from europass_ld.publish.addresses import parameter

from . import sample
from .test_server import Running, start, stop

_IMPATIENT = """
import functools
Settings = functools.partial(Settings, header_deadline=1.5, idle_deadline=1.5, query_workers=1)
"""
_SLOW = 50
_COURSE = f"/resource.ttl{parameter(sample.COURSE)}"
_POST = b"POST /resolve HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def impatient(directory: Path) -> Iterator[Running]:
    """Start a server that does not wait long."""
    running = start(directory, _IMPATIENT)
    yield running
    status, _, error = stop(running)
    assert status == 0
    assert "Traceback" not in error


def _connect(running: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=20)


def _told(connection: socket.socket) -> bytes:
    received = b""
    while data := connection.recv(65_536):
        received += data
    return received


@pytest.mark.parametrize(
    ("number", "begun"),
    [
        (400, b""),
        (_SLOW, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        (_SLOW, _POST + b'Content-Length: 900\r\n\r\n{"iris": ['),
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_slow_clients_stop_nobody(impatient: Running, number: int, begun: bytes) -> None:
    """With all of them half-way through a request, others are answered; then they are let go."""
    with ExitStack() as open_connections:
        slow = [open_connections.enter_context(_connect(impatient)) for _ in range(number)]
        for connection in slow:
            connection.sendall(begun)
        time.sleep(0.2)
        with httpx.Client(base_url=impatient.base, timeout=10) as client:
            answers = [client.get(_COURSE).status_code for _ in range(20)]
        assert answers == [200] * 20
        for connection in slow:
            assert b"200 OK" not in _told(connection)


def test_who_does_not_close_delays_nobody(impatient: Running) -> None:
    """Clients who have their answer and keep their end of the connection open cost no time."""
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    begun = time.monotonic()
    with ExitStack() as open_connections:
        for _ in range(20):
            connection = open_connections.enter_context(_connect(impatient))
            connection.sendall(request)
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
    assert time.monotonic() < begun + 8  # one after the other they took twenty


def test_a_trickle_is_no_progress(impatient: Running) -> None:
    """Who sends a byte of the head now and then is let go all the same."""
    with _connect(impatient) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        begun = time.monotonic()
        while _takes_more(connection):
            assert time.monotonic() < begun + 10
            time.sleep(0.1)


def _takes_more(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"a")
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /?q=%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 9_000), 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\n%s\r\n" % (b"X-A: b\r\n" * 100), 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: %s\r\n\r\n" % (b"a" * 9_000), 431),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: unheard-of\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_here(impatient: Running, sent: bytes, status: int) -> None:
    """It is told why with a problem document, before the application sees it."""
    with _connect(impatient) as connection:
        connection.sendall(sent)
        head, _, body = _told(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == status
    assert json.loads(body)["request_id"].encode() in head


def test_requests_that_come_at_once(impatient: Running) -> None:
    """Several in one go are answered in turn, on one connection."""
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with _connect(impatient) as connection:
        connection.sendall(request * 3 + last)
        received = _told(connection)
    assert received.count(b"HTTP/1.1 200 OK") == 4


def test_a_body_beyond_the_limit_is_not_read(impatient: Running) -> None:
    """The refusal comes although the body never does."""
    with _connect(impatient) as connection:
        connection.sendall(_POST + b"Content-Length: 99999999\r\nConnection: close\r\n\r\n")
        received = _told(connection)
    assert received.startswith(b"HTTP/1.1 413")
    assert b"problem+json" in received


def test_no_request_is_lost_at_the_end(directory: Path) -> None:
    """Under load, SIGTERM lets each request that was taken be answered whole.

    A client may find the door closed, or a kept connection that ends without an answer having
    begun; RFC 9112, section 9.6, has it ask again elsewhere. Half an answer is never sent.
    """
    running = start(directory)
    answered, broken, ended = [0] * 8, [], threading.Event()

    def ask(number: int) -> None:
        while not ended.is_set():
            connection = HTTPConnection("127.0.0.1", running.port, timeout=20)
            try:
                connection.connect()
            except OSError:
                return
            try:
                connection.request("GET", _COURSE, headers={"Connection": "close"})
                response = connection.getresponse()
                body = response.read()
                if response.status != 200 or not body.endswith(b".\n"):
                    broken.append(f"{response.status}, {len(body)} bytes")
                answered[number] += 1
            except OSError as error:
                broken.append(repr(error))
            finally:
                connection.close()

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for one in askers:
        one.start()
    time.sleep(1.0)
    running.process.send_signal(signal.SIGTERM)
    _, error = running.process.communicate(timeout=30)
    ended.set()
    for one in askers:
        one.join(30)
    assert running.process.returncode == 0
    assert "Traceback" not in error
    assert sum(answered) > 50
    assert broken == []
