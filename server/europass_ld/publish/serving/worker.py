"""gunicorn's threaded worker, with an end for clients that keep a thread waiting.

gunicorn waits for the rest of a request or for room in a client's window as long as that takes. A
few dozen clients who send a byte now and then would so take all threads. And it waits up to two
seconds, in the one thread that takes connections, for a client to close its end as well.

It also hands a connection back to that thread after each answer, which costs more than a short
answer does; here the thread that gave it waits a moment for the next request.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from secrets import token_hex
from select import POLLIN, poll
from selectors import EVENT_READ
from socket import MSG_DONTWAIT, SHUT_RDWR, SHUT_WR
from typing import Any

from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from ..negotiation import PROBLEM
from ..problems import problem_for_status
from .connection import Connection
from .cores import keep_to_share

_CLOSING_SECONDS = 2.0
_HEAD_START_SECONDS = 0.003
_NEXT_MILLISECONDS = 5
"""How long a thread waits for the next request of a client: programs send it at once."""
_READ_BYTES = 65_536
_STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}
"""What is wrong with a request that is no HTTP; everything else is a 400."""


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """A worker whose clients have `header_deadline` s for a head and no pause over `idle_deadline`.

    Both are attributes of the class, set before the server starts. Its threads keep to its share of
    the cores.
    """

    header_deadline: float
    idle_deadline: float
    number = 0
    """Which of the processes of the server it is, from 0."""
    counts: "memoryview[int]"
    """How many connections each process has, by its number; in memory that they share."""

    def __init__(self, *arguments: Any, **options: Any):
        self._connections, self._is_process = 0, False
        super().__init__(*arguments, **options)
        self._reading: dict[Any, float] = {}
        self._closing: dict[Any, float] = {}
        self._in_threads: set[Any] = set()

    @property
    def nr_conns(self) -> int:
        """How many connections this process has; gunicorn counts, the others see it."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, value: int) -> None:
        self._connections = value
        if self._is_process:
            self.counts[self.number] = value

    def init_process(self) -> None:
        """Begin, in the process that was forked for it."""
        self._is_process, self.nr_conns = True, 0
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take a connection, but where this process has more than another, let that go before."""
        if self._connections > min(self.counts[: self.cfg.workers]) + 1:
            time.sleep(_HEAD_START_SECONDS)
        super().accept(listener)

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Return the threads that answer requests."""
        return ThreadPoolExecutor(
            self.cfg.threads, initializer=keep_to_share, initargs=(self.number, self.cfg.workers)
        )

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread, a new one only when something has come from it."""
        if conn.initialized or conn.data_ready:
            self._in_threads.add(conn)
            super().enqueue_req(conn)
            return
        conn.sock = Connection(conn.sock, self.idle_deadline)
        conn.timeout = time.monotonic() + self.header_deadline
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: Any) -> Any:
        """Answer the requests that come from a connection without a pause."""
        try:
            is_kept = self._handle_one(conn)
            while is_kept is True and self._has_next(conn):
                is_kept = self._handle_one(conn)
            return is_kept
        finally:
            self._in_threads.discard(conn)

    def _handle_one(self, conn: Any) -> Any:
        """Read a request and answer it; the time for reading its head begins now."""
        self._reading[conn] = time.monotonic() + self.header_deadline
        conn.sock.receive_for(None)
        try:
            return super().handle(conn)
        finally:
            self._reading.pop(conn, None)

    def _has_next(self, conn: Any) -> bool:
        """Wait a moment for the next request, unless others may need the thread."""
        if not self.alive or len(self._in_threads) > self.cfg.threads // 2:
            return False
        if conn.parser.unreader.buf.getvalue():  # read together with the body of the last one
            return True
        more = poll()
        more.register(conn.sock, POLLIN)
        return bool(more.poll(_NEXT_MILLISECONDS))

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head has come."""
        self._reading.pop(conn, None)
        conn.sock.receive_for(self.idle_deadline)
        conn.sock.keep_next()
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock.send_kept()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or stop taking connections; a worker that ends takes those that wait already.

        What the system has accepted for a socket would be reset when the socket is closed.
        """
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            taken = None
            while taken != self.nr_conns:
                taken = self.nr_conns
                self.accept(listener)
            listener.close()

    def _cap_keepalive(self, deadline: float) -> None:
        """Let a worker that ends wait no longer for those who send nothing either."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Keep a connection whose request was answered, or begin to close it."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._begin_to_close(conn)

    def _begin_to_close(self, conn: Any) -> None:
        """Say that no more will come, and read what does until the client closes its end.

        Closed at once, what it has not read of the answer could be lost: RFC 9112, section 9.6
        <https://www.rfc-editor.org/rfc/rfc9112#section-9.6>.
        """
        try:
            conn.sock.shutdown(SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._read_on, conn))
        except (OSError, ValueError):
            self.nr_conns -= 1
            conn.close()
        else:
            self._closing[conn] = time.monotonic() + _CLOSING_SECONDS

    def _read_on(self, conn: Any, sock: Any) -> None:
        try:
            more = sock.recv(_READ_BYTES, MSG_DONTWAIT)
        except OSError:
            more = b""
        if not more:
            self._close(conn)

    def _close(self, conn: Any) -> None:
        del self._closing[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close the connections that wait for nothing; the main loop calls this every second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._reading.items()):
            if deadline < now:
                self._reading.pop(conn, None)
                _shut(conn.sock)
        for conn in [one for one, deadline in self._closing.items() if deadline < now]:
            self._close(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what is no HTTP request, or goes beyond its limits, with a problem document."""
        if not isinstance(exc, errors.ParseException):
            super().handle_error(req, client, addr, exc)
            return
        status = _STATUSES.get(type(exc), HTTPStatus.BAD_REQUEST)
        identifier = token_hex(8)
        self.log.warning("refused before it was read: %s, %s", type(exc).__name__, identifier)
        _send(client, _answer(status, identifier))


def _answer(status: HTTPStatus, identifier: str) -> bytes:
    members = {**problem_for_status(status).members(), "request_id": identifier}
    body = json.dumps(members).encode()
    head = "\r\n".join(
        (
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Connection: close",
            f"Content-Type: {PROBLEM.content_type}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Access-Control-Allow-Origin: *",
            f"X-Request-Id: {identifier}",
        )
    )
    return f"{head}\r\n\r\n".encode() + body


def _send(client: Any, answer: bytes) -> None:
    try:
        client.sendall(answer)
    except OSError:
        return  # whoever sent this did not wait


def _shut(sock: Any) -> None:
    try:
        sock.shutdown(SHUT_RDWR)
    except OSError:
        return  # it has gone by itself
