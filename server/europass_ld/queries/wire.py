"""What the processes say to each other: frames to and from workers, commands to the fork server.

A frame is one byte that says what it is, the length of the payload as four bytes, and the payload:
bytes of the answer, JSON, or at the end whether the worker can take another query. Nothing is ever
unpickled, so a worker that a query took over could send this side nothing but data.
"""

import json
import select
import socket
import struct
from typing import Any

from .. import quick

PART_SIZE = 64 * 1024
"""Bytes of an answer in one frame; an error before the first is full is not half an answer."""

READY = b"r"
QUERY = b"q"
HEAD = b"h"
DATA = b"d"
END = b"e"
ERROR = b"x"

START = b"s"
KILL = b"k"
SLOW = b"n"
HOLD = b"h"
CONTINUE = b"c"

COMMAND = struct.Struct("!cQ")
"""To the fork server: what to do, and with which worker."""
ENDED = struct.Struct("!Qi")
"""From the fork server: which worker is gone, and its wait status."""

USABLE = b"1"
SPENT = b"0"

_HEADER = struct.Struct("!cI")
_AT_ONCE = 2 * PART_SIZE
_LONGEST = 2**24

Frame = tuple[bytes, bytes]


def frame(kind: bytes, payload: bytes | bytearray) -> bytes:
    """Return a frame as it is sent."""
    return _HEADER.pack(kind, len(payload)) + payload


def facts(kind: bytes, **members: Any) -> bytes:
    """Return a frame whose payload is a JSON object."""
    return frame(kind, json.dumps(members).encode())


class Channel:
    """One end of the connection between the web process and a worker."""

    def __init__(self, end: socket.socket):
        self._socket = end
        self._received = bytearray()

    def send(self, frames: bytes) -> None:
        """Send frames; wait while the other end has enough to read.

        Raises:
            OSError: the other end is gone.
        """
        left = self.send_now(frames)
        if left:
            self._socket.sendall(left)

    def send_now(self, frames: bytes) -> bytes:
        """Send what the other end has room for, and return the rest; never wait.

        Raises:
            OSError: the other end is gone.
        """
        if not frames:
            return frames
        return frames[quick.send(self._socket.fileno(), frames) :]

    def receive(self) -> Frame:
        """Return the next frame: what it is, and its payload.

        Raises:
            EOFError: the other end is gone, or says what is no frame.
        """
        received = self._received
        while len(received) < _HEADER.size:
            self._read()
        kind, length = _HEADER.unpack_from(received)
        if length > _LONGEST:
            raise EOFError
        end = _HEADER.size + length
        while len(received) < end:
            self._read()
        payload = bytes(received[_HEADER.size : end])
        del received[:end]
        return kind, payload

    def wait(self, seconds: float) -> bool:
        """Wait for something to receive, and say whether it came."""
        return bool(self._received or select.select((self._socket,), (), (), seconds)[0])

    def fileno(self) -> int:
        """Return the file descriptor, for a selector."""
        return self._socket.fileno()

    def cut(self) -> None:
        """End the conversation for both ends, and wake a thread that reads."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # the other end was faster
            return

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _read(self) -> None:
        try:
            data = self._socket.recv(_AT_ONCE)
        except ConnectionError as error:
            raise EOFError from error
        if not data:
            raise EOFError
        self._received += data
