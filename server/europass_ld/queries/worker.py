"""A worker: the process that evaluates queries, one at a time, for as long as it is let."""

import json
import os
import re
import resource
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..errors import StoreUnavailable
from ..formats import by_name
from ..store import Reader
from .barriers import limit_memory, limit_processor_time
from .values import Outcome, outcome_of
from .wire import DATA, END, ERROR, HEAD, PART_SIZE, READY, SPENT, USABLE, Channel, facts, frame

_IDLE_SECONDS = 1.0
_OLDER_KEPT = 2
_OUTWORN_SHARE = 4
_ENDS = {True: frame(END, USABLE), False: frame(END, SPENT)}
_position = re.compile(r"at (\d+):(\d+)").search


def serve(channel: Channel, directory: Path, memory: int, barriers: Mapping[str, bool]) -> None:
    """Answer queries on the store in `directory`.

    `memory` is how many bytes a query may add; `barriers` are those that hold already.

    Raises:
        EOFError: the web process let go of this worker.
        OSError: it did so in the middle of an answer.
    """
    try:
        reader = Reader(directory)
    except StoreUnavailable as error:
        channel.send(facts(ERROR, error="unavailable", message=str(error)))
        return
    limited = limit_memory(memory)
    ready = {"pid": os.getpid(), "barriers": {**barriers, "memory limit": limited}}
    channel.send(facts(READY, **ready))
    worker = _Worker(channel, reader, _peak() + memory // _OUTWORN_SHARE)
    while worker.usable:
        while not channel.wait(_IDLE_SECONDS):
            reader.refresh()  # so that the first query after a load need not wait for it
        _, asked = channel.receive()
        worker.answer(json.loads(asked))


class _Worker:
    """What a worker keeps from one query to the next."""

    def __init__(self, channel: Channel, reader: Reader, outworn: int):
        self._channel = channel
        self._reader = reader
        self._outworn = outworn
        self._older: OrderedDict[str, ox.Store] = OrderedDict()
        self.usable = True

    def answer(self, asked: Mapping[str, Any]) -> None:
        """Send the answer to one query, or what went wrong."""
        limit_processor_time(asked["seconds"])
        sink = _Sink(self._channel, asked["most_lines"])
        try:
            self._write(asked, sink)
        except BaseException as error:  # noqa: BLE001 - a panic of the engine is a BaseException
            if not sink.full:
                self.usable = isinstance(error, Exception) and not isinstance(error, MemoryError)
                self._channel.send(_explained(error, usable=self.usable))
                return
        self.usable = _peak() < self._outworn
        sink.end(usable=self.usable)

    def _write(self, asked: Mapping[str, Any], sink: "_Sink") -> None:
        store, sequence = self._store(asked["generation"])
        results = store.query(
            asked["text"],
            base_iri=asked["base"],
            default_graph=_nodes(asked["default_graph"]),  # type: ignore[arg-type] # list is invariant
            named_graphs=_nodes(asked["named_graphs"]),  # type: ignore[arg-type]
        )
        outcome = outcome_of(results)
        name = asked["graph" if outcome == "graph" else "results"]
        if name is None:
            raise _Unwanted(outcome)
        format_ = by_name(name)
        assert format_ is not None  # noqa: S101 - names come from the table
        sink.begin(outcome, name, sequence)
        results.serialize(sink, format_.oxigraph)  # type: ignore[arg-type] # of its own kind

    def _store(self, generation: str | None) -> tuple[ox.Store, int | None]:
        if generation is None:
            self._reader.refresh()
            return self._reader.store, self._reader.sequence
        store = self._older.pop(generation, None) or ox.Store.read_only(generation)
        self._older[generation] = store
        if len(self._older) > _OLDER_KEPT:
            self._older.popitem(last=False)
        return store, None


class _Sink:
    """What the engine writes to: a binary file object that sends parts of some size."""

    def __init__(self, channel: Channel, most_lines: int | None):
        self._channel = channel
        self._lines = most_lines
        self._head = b""
        self._buffer = bytearray()
        self.full = False

    def begin(self, outcome: Outcome, format_: str, sequence: int | None) -> None:
        """Say what is going to be written."""
        self._head = _head(outcome, format_, sequence)

    def write(self, data: bytes) -> int:
        """Take some bytes.

        Raises:
            BrokenPipeError: there are as many lines as were wanted.
        """
        if self.full:  # the engine tries once more
            raise BrokenPipeError
        self._buffer += data if self._lines is None else self._within_lines(data)
        if len(self._buffer) >= PART_SIZE:
            self._channel.send(self._head + frame(DATA, self._buffer))
            self._head = b""
            self._buffer.clear()
        if self.full:
            raise BrokenPipeError
        return len(data)

    def flush(self) -> None:
        """Do nothing: a part is sent when it is full."""

    def end(self, *, usable: bool) -> None:
        """Send the rest."""
        rest = frame(DATA, self._buffer) if self._buffer else b""
        self._channel.send(self._head + rest + _ENDS[usable])

    def _within_lines(self, data: bytes) -> bytes:
        assert self._lines is not None  # noqa: S101 - for the type checker
        ends = data.count(b"\n")
        self.full = ends >= self._lines
        if self.full:
            data = b"".join(data.splitlines(keepends=True)[: self._lines])
        self._lines -= ends
        return data


class _Unwanted(Exception):
    """The result is of a kind that nobody asked for; its argument says which."""


@lru_cache(maxsize=64)
def _head(outcome: Outcome, format_: str, sequence: int | None) -> bytes:
    return facts(HEAD, outcome=outcome, format=format_, sequence=sequence)


def _nodes(iris: Sequence[str] | None) -> list[ox.NamedNode] | None:
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]


def _explained(error: BaseException, *, usable: bool) -> bytes:
    members: dict[str, Any] = {"message": str(error), "usable": usable}
    if isinstance(error, _Unwanted):
        members["error"] = "unwanted"
    elif isinstance(error, SyntaxError | ValueError):  # the latter: a graph's name is no IRI
        found = _position(str(error))
        members["error"] = "refused"
        members["line"], members["column"] = map(int, found.groups()) if found else (None, None)
    elif isinstance(error, MemoryError):
        members["error"] = "memory"
    elif isinstance(error, OSError | StoreUnavailable):
        members["error"] = "unavailable"
    else:
        members["error"] = "failed"
    return facts(ERROR, **members)


def _peak() -> int:
    """Return the most bytes this process ever had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
