"""Send what an engine writes while it is being written, in flat memory.

A result of pyoxigraph belongs to the thread that asked for it, and it pushes: it writes to a file
object. So a thread of its own evaluates, and hands over parts of some size; no more than a few
wait at a time. Whoever stops reading closes the iterator, and the next write ends the evaluation.
"""

import queue
import threading
import traceback
from collections.abc import Callable, Generator

PART_SIZE = 64 * 1024
"""Bytes of one part; an error before the first is full reaches the caller as an exception."""

_PARTS_WAITING = 8


class Sink:
    """What the engine writes to: a binary file object that only writes."""

    def __init__(self, parts: "queue.Queue[bytes | BaseException | None]"):
        self._parts = parts
        self._buffer = bytearray()
        self.closed = False

    def write(self, data: bytes) -> int:
        """Take some bytes.

        Raises:
            BrokenPipeError: nobody reads any more.
        """
        if self.closed:
            raise BrokenPipeError("the reader went away")
        self._buffer += data
        if len(self._buffer) >= PART_SIZE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Hand over what has gathered; wait while enough is on its way already."""
        if self._buffer:
            self._parts.put(bytes(self._buffer))
            self._buffer.clear()


def stream(produce: Callable[[Sink], None]) -> Generator[bytes]:
    """Run `produce` in a thread and yield what it writes, in parts.

    Raises:
        BaseException: whatever `produce` raised, after the parts that were full before.
    """
    parts: queue.Queue[bytes | BaseException | None] = queue.Queue(_PARTS_WAITING)
    sink = Sink(parts)
    threading.Thread(target=_run, args=(produce, sink, parts), daemon=True).start()
    try:
        while (part := parts.get()) is not None:
            if isinstance(part, BaseException):
                raise part
            yield part
    finally:
        sink.closed = True
        while not parts.empty():  # wakes a write that waits for room
            parts.get_nowait()


def _run(
    produce: Callable[[Sink], None],
    sink: Sink,
    parts: "queue.Queue[bytes | BaseException | None]",
) -> None:
    end: BaseException | None = None
    try:
        produce(sink)
        sink.flush()
    except BaseException as error:  # noqa: BLE001 - a panic of the engine is a BaseException
        # the frames hold results, and these may not be let go by another thread
        traceback.clear_frames(error.__traceback__)
        end = error
    parts.put(end)
