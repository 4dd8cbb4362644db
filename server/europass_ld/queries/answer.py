"""The answer to a query while it comes from the worker."""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, Protocol, Self

from ..errors import QueryFailed, QueryRefused, QueryTooLarge, StoreError, StoreUnavailable
from ..formats import Format, by_name
from .errors import UnwantedOutcome
from .run import Run
from .values import Outcome
from .wire import DATA, END, ERROR, HEAD, PART_SIZE, USABLE, Channel, Frame


class Keeper(Protocol):
    """Who lent the worker."""

    def why_ended(self, run: Run) -> StoreError:
        """Return why the worker is gone."""

    def finish(self, run: Run, how: str, *, usable: bool) -> None:
        """Take the worker back; `usable` says whether it can take another query."""


class Answer:
    """An answer: an iterator of its bytes in parts of about 64 KiB, and what it is.

    The first part has come when this is made. Close it when no more is wanted; reading to the end
    does that too. For one thread at a time.

    Attributes: `outcome`, `format`, `sequence` (the state of the store that was asked; None for a
    generation that the query named), `complete` (there is no more than the first part).

    Raises:
        StoreError: as `QueryPool.run`; from `next` too, which is the moment to abort a
            connection: what was sent before is no whole answer.
    """

    outcome: Outcome
    format: Format
    sequence: int | None
    complete = False

    def __init__(self, run: Run, channel: Channel, most_bytes: int, keeper: Keeper):
        self._run = run
        self._channel = channel
        self._left = most_bytes
        self._most_bytes = most_bytes
        self._keeper = keeper
        self._next = self._begin()
        run.leave()

    def __enter__(self) -> Self:
        """Return the answer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __iter__(self) -> Self:
        """Return the answer itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next part."""
        part, self._next = self._next, b""
        if not part and not self.complete:
            self._run.return_()
            part = self._read()
            self._run.leave()
        if not part:
            raise StopIteration
        return part

    def __del__(self) -> None:
        """Close it."""
        if hasattr(self, "_next"):
            self.close()

    def read(self) -> bytes:
        """Return all that is left."""
        return b"".join(self)

    def close(self) -> None:
        """Want no more: a worker that is not done is killed, for it cannot be told to stop."""
        self._next = b""
        if not self.complete:
            self._finish("abandoned", usable=False)

    def _begin(self) -> bytes:
        kind, payload = self._receive()
        try:
            self.outcome, self.format, self.sequence = _head(payload if kind == HEAD else b"")
        except (KeyError, TypeError, ValueError):
            raise self._nonsense() from None
        return self._read()

    def _read(self) -> bytes:
        """Return the next part, or nothing at the end."""
        kind, payload = self._receive()
        if kind == END:
            self._finish("answered", usable=payload == USABLE)
            return b""
        if kind != DATA:
            raise self._nonsense()
        self._left -= len(payload)
        if self._left < 0:
            raise self._ended(_too_long(self._most_bytes), usable=False)
        if len(payload) < PART_SIZE:  # the last one, sent together with the end
            self._read()
        return payload

    def _receive(self) -> Frame:
        try:
            kind, payload = self._channel.receive()
        except EOFError:
            raise self._ended(self._keeper.why_ended(self._run), usable=False) from None
        if kind != ERROR:
            return kind, payload
        try:
            said = json.loads(payload)
            error, usable = _error(said), bool(said["usable"])
        except (KeyError, TypeError, ValueError):
            raise self._nonsense() from None
        raise self._ended(error, usable=usable)

    def _nonsense(self) -> StoreError:
        return self._ended(StoreUnavailable("a worker said what was not expected"), usable=False)

    def _ended(self, error: StoreError, *, usable: bool) -> StoreError:
        self._finish(type(error).__name__, usable=usable)
        return error

    def _finish(self, how: str, *, usable: bool) -> None:
        self.complete = True
        self._keeper.finish(self._run, how, usable=usable)


class WholeAnswer(Answer):
    """An answer that is there as a whole, and took no worker."""

    complete = True

    def __init__(self, outcome: Outcome, format_: Format, sequence: int, body: bytes):
        self.outcome = outcome
        self.format = format_
        self.sequence = sequence
        self._next = body


@lru_cache(maxsize=64)
def _head(payload: bytes) -> tuple[Outcome, Format, int | None]:
    said = json.loads(payload)
    format_ = by_name(said["format"])
    if format_ is None:
        raise ValueError
    return said["outcome"], format_, said["sequence"]


def _too_long(most: int) -> QueryTooLarge:
    return QueryTooLarge(f"the answer has more than {most} bytes", limit="result_bytes")


def _error(said: Mapping[str, Any]) -> StoreError:
    message = said["message"]
    match said["error"]:
        case "refused":
            return QueryRefused(message, line=said["line"], column=said["column"])
        case "unwanted":
            return UnwantedOutcome(message)
        case "memory":
            return QueryTooLarge("the query needs more memory than it may have", limit="memory")
        case "unavailable":
            return StoreUnavailable(message)
        case _:
            return QueryFailed(message)
