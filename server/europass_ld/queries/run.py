"""One query on its way: what the pool and the answer both know of it."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

from ..errors import QueryTimeout, QueryTooLarge, StoreError, StoreUnavailable
from .crew import Worker
from .values import Query, RunningQuery, State
from .wire import QUERY, facts


class WorkerLost(StoreUnavailable):
    """The worker of a query was ended by somebody else."""


@dataclass(slots=True, eq=False)
class Run:
    """A query that waits or runs; times are those of `time.monotonic`.

    `ends` is when its deadline is over, which moves on while the client reads (`away` since when,
    or None); `expires` is when its answer must have been fetched at the latest. `error` is why it
    was ended from outside, to be raised to whoever waits for it; `ready` is told when that, or a
    worker, is there (None as long as nobody waits for it). `unsent` is what of it the worker has
    not been sent.
    """

    id: str
    query: Query
    client: str
    seconds: float
    came: float
    ends: float
    expires: float
    state: State = "waiting"
    worker: Worker | None = None
    began: float = 0.0
    away: float | None = None
    error: StoreError | None = None
    ready: "SimpleQueue[None] | None" = None
    unsent: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Write the query as a worker reads it."""
        query = self.query
        self.unsent = facts(
            QUERY,
            text=query.text,
            base=query.base,
            default_graph=query.default_graph,
            named_graphs=query.named_graphs,
            results=query.results,
            graph=query.graph,
            most_lines=query.most_lines,
            generation=query.generation and str(query.generation),
            seconds=self.seconds,
        )

    def begin(self, worker: Worker) -> None:
        """Take a worker, and send it at once what it takes: whoever waits wakes up later."""
        self.worker, self.began = worker, time.monotonic()
        with suppress(OSError):  # the worker is gone, as whoever sends the rest will find
            self.unsent = worker.channel.send_now(self.unsent)

    def tell(self) -> None:
        """Wake the thread that waits, if one does."""
        if self.ready is not None:
            self.ready.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait to be told, and say whether that was so; `ready` must be there."""
        assert self.ready is not None  # noqa: S101 - for the type checker
        try:
            self.ready.get(timeout=max(0.0, seconds))
        except Empty:
            return False
        return True

    def leave(self) -> None:
        """Take note that the client reads a part, and the server works no longer for it."""
        self.away = time.monotonic()

    def return_(self) -> None:
        """Take note that the client wants the next part."""
        if self.away is not None:
            self.ends += time.monotonic() - self.away
            self.away = None

    def is_over(self, now: float) -> bool:
        """Tell whether the query has had all the time it may have."""
        return now >= self.expires or (self.away is None and now >= self.ends)

    def seen(self, *, with_text: bool) -> RunningQuery:
        """Return what the administrator sees of it."""
        seconds = time.monotonic() - self.came
        return RunningQuery(
            id=self.id,
            since=datetime.fromtimestamp(time.time() - seconds, UTC),
            seconds=seconds,
            client=self.client,
            state=self.state,
            text=self.query.text if with_text else None,
        )

    def timeout(self) -> QueryTimeout:
        """Return the error of a query that had all its time."""
        now = time.monotonic()
        if now >= self.expires:
            most, text = self.expires - self.came, "to be fetched"
        else:
            most, text = self.seconds, "to be answered"
        return QueryTimeout(
            f"the query was ended after {now - self.came:.1f} s; it may take {most:g} s {text}",
            deadline=most,
        )

    def error_of_status(self, status: int) -> StoreError:
        """Return the error of a query whose worker ended with a wait status of its own accord."""
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if number == signal.SIGABRT:  # so ends a process that is refused memory
            return QueryTooLarge("the query needs more memory than it may have", limit="memory")
        if number == signal.SIGSEGV:  # so ends a parser that calls itself too often
            return QueryTooLarge("the query is nested too deeply", limit="nesting")
        if number == signal.SIGXCPU:
            return self.timeout()
        return WorkerLost("the process that answered the query was ended by somebody else")
