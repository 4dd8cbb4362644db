"""A client's connection that costs a thread few system calls.

Python lets other threads go on at each of them, and then waits for its turn: in a busy process that
costs more than the call. A timeout of Python's own makes two of each `recv` and `send`; gunicorn
sets one several times for each request, and sends head and body of an answer apart.
"""

import socket
import struct
import time
from typing import Any

from ... import quick

_TIMEVAL = struct.Struct("@ll")
_MICROSECONDS = 1_000_000


class Connection(socket.socket):
    """A socket that blocks, and no longer than `patience` seconds to send what it is given.

    It takes the place of `accepted`. What is to be received it awaits for as long as `receive_for`
    says, without end before.
    """

    def __init__(self, accepted: socket.socket, patience: float):
        family, kind, number = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, number, fileno=accepted.detach())
        super().settimeout(None)
        self._patience = patience
        self._keeps_next = False
        self._kept = b""
        self._limit(socket.SO_SNDTIMEO, patience)

    def settimeout(self, value: float | None) -> None:
        """Do nothing: how long it waits is settled."""

    def setblocking(self, flag: bool) -> None:
        """Do nothing: it always blocks."""

    def receive_for(self, seconds: float | None) -> None:
        """Let `recv` raise an error after so many seconds without anything, or never."""
        self._limit(socket.SO_RCVTIMEO, seconds or 0.0)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what came.

        Raises:
            TimeoutError: nothing did.
        """
        try:
            return super().recv(size, flags)
        except BlockingIOError as error:
            raise TimeoutError("the client sends nothing") from error

    def keep_next(self) -> None:
        """Send what comes next, the head of an answer, together with what comes after it."""
        self._keeps_next = True

    def send_kept(self) -> None:
        """Send what was kept, if anything was, and keep nothing any more."""
        self._keeps_next = False
        if self._kept:
            self.sendall(b"")

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send bytes.

        Raises:
            TimeoutError: the client does not take them.
        """
        if self._keeps_next:
            self._keeps_next, self._kept = False, data
            return
        data = self._kept + data if self._kept else data
        self._kept = b""
        sent = quick.send(self.fileno(), data)
        if sent < len(data):
            self._send_slowly(memoryview(data)[sent:], flags)

    def _send_slowly(self, left: memoryview, flags: int) -> None:
        ends = time.monotonic() + self._patience
        while left:
            try:
                left = left[self.send(left, flags) :]
            except BlockingIOError as error:
                raise TimeoutError("the client takes nothing") from error
            if left and time.monotonic() >= ends:
                raise TimeoutError("the client takes too little")

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a file; a client that takes nothing for too long is an error here too."""
        self.send_kept()
        super().settimeout(self._patience)
        try:
            return super().sendfile(file, offset, count)
        finally:
            super().settimeout(None)

    def shutdown(self, how: int) -> None:
        """Say that no more will come, when what was kept is sent."""
        self.send_kept()
        super().shutdown(how)

    def _limit(self, option: int, seconds: float) -> None:
        whole = int(seconds)
        part = int((seconds - whole) * _MICROSECONDS)
        self.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(whole, part))
