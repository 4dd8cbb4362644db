"""A pool of worker processes that answer queries, and end those that take too much.

Every query starts in a worker of the fast pool. When it outlives its budget the worker itself
changes over: it steps back behind all others (the highest niceness) and counts as one of the slow
pool, and an idle one takes its place. Nothing computed is lost. The price is that a worker which
stepped back cannot come forward again (that takes a privilege), so it ends with its query, and
another is forked. Starting the query anew in a slow worker would cost the same, for an engine that
cannot be told to stop leaves a worker to be killed, and 200 ms of work besides.
"""

import os
import threading
import time
import weakref
from collections import Counter
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..errors import QueryStopped, QueryTooLarge, StoreError, StoreUnavailable
from ..store import Reader
from .answer import Answer
from .crew import Crew, Worker
from .limits import Limits
from .lookups import is_lookup, look_up
from .run import Run, WorkerLost
from .schedule import PATIENCE, Schedule
from .values import Query, RunningQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

_TICK_SECONDS = 0.02
_AWAKE_SECONDS = 1.0
_HASTE = 4
"""How much sooner a query steps back when others wait for its place."""
_DEFAULTS = Limits()


class QueryPool:
    """Runs queries on the store in `directory`, within `limits`; for any number of threads.

    A process has its own: workers start with the first query, never at a fork, and end with the
    process, however that ends. After a fork the child begins anew.
    """

    _crew: Crew | None
    _reader: Reader | None
    _thread: threading.Thread | None

    def __init__(self, directory: Path, limits: Limits = _DEFAULTS):
        self._directory = directory
        self._limits = limits
        self._begin_anew()
        again = weakref.WeakMethod(self._after_fork)
        os.register_at_fork(after_in_child=lambda: (method := again()) and method())

    def __enter__(self) -> Self:
        """Return the pool itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the pool."""
        self.close()

    def run(self, query: Query, *, client: str = "", timeout: float | None = None) -> Answer:
        """Run a query and return its answer when the first part of it is there.

        `client` is whom `per_client` counts (an address, a key); `timeout` is in seconds, and no
        more than the deadline.

        Raises:
            QueryRefused: the query is not well-formed, or a graph's name is no IRI.
            UnwantedOutcome: the query names no format for what it results in.
            QueryTimeout: the deadline, or a shorter `timeout`, went by.
            QueryTooLarge: `limit` is `memory`, `memory_in_all`, `result_bytes`, or `nesting`
                (brackets in brackets).
            QueryBusy: too many queries, of this client or in all.
            QueryStopped: the administrator ended it.
            QueryFailed: the engine broke on it.
            StoreUnavailable: the store cannot be read, or the worker was ended by somebody else.
        """
        found = self._look_up(query)
        if found is not None:
            return found
        came = time.monotonic()
        seconds = self._limits.deadline if timeout is None else min(timeout, self._limits.deadline)
        is_again = False
        while True:
            run = Run(
                id=f"{self._pid}-{next(self._numbers)}",
                query=query,
                client=client,
                seconds=seconds,
                came=came,
                ends=came + seconds,
                expires=came + self._limits.transfer,
            )
            worker = self._admit(run)
            try:
                worker.channel.send(run.unsent)
            except OSError:
                self.finish(run, "begun_anew", usable=False)
                if run.error is not None:
                    raise run.error from None
                continue  # it ended while it was idle, which was not heard of yet
            try:
                return Answer(run, worker.channel, self._limits.result_bytes, self)
            except WorkerLost:
                if is_again:
                    raise
                # a worker that was gone so soon was gone before; otherwise it may be the query
                is_again = time.monotonic() - run.began >= self._limits.fast_budget

    def _look_up(self, query: Query) -> Answer | None:
        """Return the answer to a query that needs no worker."""
        if not is_lookup(query):
            return None
        with self._lock:
            if self._reader is None:
                self._reader = Reader(self._directory)
        found = look_up(self._reader, query)
        if found is not None:
            with self._lock:
                self._counters["answered"] += 1
        return found

    def running(self, *, with_text: bool = False) -> tuple[RunningQuery, ...]:
        """Return the queries of this process that run or wait, oldest first.

        Texts are only for an administrator who asks for them: they may hold what nobody else is to
        read.
        """
        with self._lock:
            return tuple(run.seen(with_text=with_text) for run in self._schedule)

    def stop(self, id_: str) -> bool:
        """End a query of this process, and say whether it was there."""
        with self._lock:
            run = self._schedule.get(id_)
            if run is not None:
                self._end(run, QueryStopped("the administrator stopped this query"))
            return run is not None

    def counters(self) -> dict[str, int]:
        """Return how many queries ended in each way so far, and how many workers were started.

        Ways are `answered`, `abandoned` (the client went away), `begun_anew` (the worker was gone
        before), and the names of the exceptions of `run`. `stepped_back` are those that used up
        their budget.
        """
        with self._lock:
            return dict(self._counters)

    def gauges(self) -> dict[str, int]:
        """Return how many queries are in each state, and how many workers are idle or starting."""
        with self._lock:
            return {
                "waiting": self._schedule.number_in("waiting"),
                "fast": self._schedule.number_in("fast"),
                "slow": self._schedule.number_in("slow"),
                "held": self._schedule.number_in("held"),
                "workers_prepared": self._crew.prepared if self._crew else 0,
            }

    def barriers(self) -> dict[str, bool]:
        """Return which barriers hold in the workers, by name.

        Raises:
            StoreError: no worker can be started.
        """
        self.run(Query(text="ASK {}")).close()
        with self._lock:
            return dict(self._crew.barriers) if self._crew else {}

    def start(self) -> None:
        """Start the workers if they are not; the first query does so too, and waits for them."""
        with self._lock:
            self._opened()

    def close(self) -> None:
        """End all queries and workers; another query would start them again."""
        with self._lock:
            for run in self._schedule:
                self._end(run, StoreUnavailable("the server is closing"))
            thread = self._thread
            if self._crew is not None:
                self._crew.wake()
            self._crew = self._thread = None
            if self._reader is not None:
                self._reader.close()
            self._reader = None
        if thread is not None:
            thread.join()

    def why_ended(self, run: Run) -> StoreError:
        """Return why the worker of a query is gone; for its answer."""
        assert run.worker is not None  # noqa: S101 - for the type checker
        if run.error is None:
            run.worker.ended.wait(_AWAKE_SECONDS)
        return run.error or run.error_of_status(run.worker.status)

    def finish(self, run: Run, how: str, *, usable: bool) -> None:
        """Take a worker back, and count how the query ended; for its answer."""
        with self._lock:
            worker = run.worker
            if self._schedule.get(run.id) is not run or worker is None:
                return
            usable = usable and run.state == "fast" and run.error is None
            self._counters[how] += 1
            self._leave(run)
            if self._crew is None or worker.ended.is_set():
                worker.channel.close()
            elif usable:
                self._crew.give_back(worker)
            else:
                self._crew.dismiss(worker)
                self._crew.wake()
            self._serve()

    def _begin_anew(self) -> None:
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._numbers = count(1)
        self._schedule = Schedule(self._limits)
        self._counters: Counter[str] = Counter()
        self._crew = self._thread = None
        self._reader = None
        self._is_asleep = False

    def _after_fork(self) -> None:
        for run in self._schedule:
            if run.worker is not None:
                run.worker.channel.close()
        if self._crew is not None:
            self._crew.let_go()
        self._inherited = self._reader  # to close it would wait for threads that are not there
        self._begin_anew()

    def _opened(self) -> Crew:
        if self._crew is None:
            self._crew = Crew(self._directory, self._limits.memory)
            self._thread = threading.Thread(
                target=self._supervise, args=(self._crew,), name="queries", daemon=True
            )
            self._thread.start()
        return self._crew

    def _admit(self, run: Run) -> Worker:
        """Wait until it is a query's turn, and return a worker for it."""
        with self._lock:
            crew = self._opened()
            try:
                self._schedule.enter(run)
            except StoreError as error:
                self._counters[type(error).__name__] += 1
                raise
            self._serve()
            if self._is_asleep:
                crew.wake()
            if run.worker is not None:
                return run.worker
            run.ready = SimpleQueue()
        longest = min(self._limits.queue_wait, run.ends - time.monotonic())
        if not run.wait(min(PATIENCE, longest)):
            with self._lock:
                self._serve()
            run.wait(longest - PATIENCE)
        with self._lock:
            if run.worker is not None:
                return run.worker
            if run.error is None:
                waited_out = time.monotonic() >= run.ends
                run.error = run.timeout() if waited_out else self._schedule.busy("queue_wait")
                self._leave(run)
            self._counters[type(run.error).__name__] += 1
            raise run.error

    def _serve(self) -> None:
        """Give idle workers to waiting queries."""
        crew = self._crew
        while crew and (run := self._schedule.first_in_line()) and (worker := crew.borrow()):
            self._schedule.begin(run)
            run.begin(worker)
            run.tell()

    def _leave(self, run: Run) -> None:
        next_ = self._schedule.leave(run)
        if next_ is not None and next_.worker is not None and self._crew is not None:
            self._crew.go_on(next_.worker)

    def _end(self, run: Run, error: StoreError) -> None:
        run.error = error
        if run.worker is None:
            self._leave(run)
            run.tell()
        elif self._crew is not None:
            self._crew.kill(run.worker)

    def _supervise(self, crew: Crew) -> None:
        heard: Sequence[object] = ()
        awake_until = 0.0
        try:
            while True:
                with self._lock:
                    if self._crew is not crew:
                        return
                    crew.hear(heard)
                    now = time.monotonic()
                    self._look_after(crew, now)
                    if len(self._schedule):
                        awake_until = now + _AWAKE_SECONDS
                    self._is_asleep = now > awake_until
                heard = crew.wait(None if self._is_asleep else _TICK_SECONDS)
        finally:
            with self._lock:
                crew.close()

    def _look_after(self, crew: Crew, now: float) -> None:
        """End what is over, let step back what takes long, and see that workers are there."""
        budget = self._limits.fast_budget
        if self._schedule.number_in("waiting") and self._schedule.is_full:
            budget /= _HASTE
        for run in self._schedule:
            if run.error is None and run.worker is not None:
                if run.is_over(now):
                    self._end(run, run.timeout())
                elif run.state == "fast" and now - run.began >= budget:
                    self._step_back(crew, run, run.worker)
            elif run.worker is None and crew.failure is not None:
                self._end(run, StoreUnavailable(crew.failure))
        self._limit_memory(now)
        wanted = self._limits.fast_workers - self._schedule.number_in("fast") + self._limits.spares
        self._counters["workers_started"] += crew.hire(wanted - crew.prepared)
        self._serve()

    def _limit_memory(self, now: float) -> None:
        """End the query that holds most when all together hold too much."""
        held = {
            run: run.worker.memory()
            for run in self._schedule
            if run.worker is not None and run.error is None and now - run.began > _TICK_SECONDS
        }
        if sum(held.values()) > self._limits.memory_in_all:
            text = "the queries at work need too much memory together, and this one has most of it"
            self._end(max(held, key=held.__getitem__), QueryTooLarge(text, limit="memory_in_all"))

    def _step_back(self, crew: Crew, run: Run, worker: Worker) -> None:
        self._counters["stepped_back"] += 1
        if not self._schedule.step_back(run):
            self._end(run, self._schedule.busy("slow_line"))
        elif run.state == "held":
            crew.hold(worker)
        else:
            crew.slow_down(worker)
