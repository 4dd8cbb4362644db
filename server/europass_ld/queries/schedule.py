"""Who runs, who waits, and who comes next: bookkeeping only, without processes or locks."""

import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator

from ..errors import QueryBusy
from .limits import Limits
from .run import Run
from .values import State

_LONGEST_WAIT = 30
PATIENCE = 0.005
"""Seconds that a query waits for the end of another although there is a place beside it.

Most take less. One after the other, in a process that is warm, they cost a quarter less than side
by side.
"""


class Schedule:
    """The queries of one pool, each in a state, within the numbers that `limits` allow.

    A query is at work when it has a worker: in the fast pool, in the slow one, or held.
    """

    def __init__(self, limits: Limits):
        self._limits = limits
        self._runs: dict[str, Run] = {}
        self._line: list[Run] = []
        self._held: deque[Run] = deque()
        self._in_state: Counter[State] = Counter()
        self._of_client: defaultdict[str, int] = defaultdict(int)
        self._at_work: defaultdict[str, int] = defaultdict(int)

    def __iter__(self) -> Iterator[Run]:
        """Return all queries, in the order in which they came."""
        return iter(tuple(self._runs.values()))

    def __len__(self) -> int:
        """Return how many queries there are."""
        return len(self._runs)

    def number_in(self, state: State) -> int:
        """Return how many queries are in a state."""
        return self._in_state[state]

    def get(self, id_: str) -> Run | None:
        """Return a query."""
        return self._runs.get(id_)

    def enter(self, run: Run) -> None:
        """Take in a query, which waits until `first_in_line` returns it.

        Raises:
            QueryBusy: the client has as many as it may have, or the queue is full.
        """
        if self._of_client.get(run.client, 0) >= self._limits.per_client:
            raise self.busy("per_client")
        most = self._limits.queue_length + self._limits.fast_workers
        if len(self._line) + self._in_state["fast"] >= most:
            raise self.busy("queue_length")
        self._of_client[run.client] += 1
        self._in_state["waiting"] += 1
        self._runs[run.id] = run
        self._line.append(run)

    def first_in_line(self) -> Run | None:
        """Return the query that may begin now: of the client that has the fewest at work."""
        if not self._line or self.is_full:
            return None
        line = self._line
        if self._in_state["fast"]:
            before = time.monotonic() - PATIENCE
            line = [run for run in line if run.came <= before]
        return min(line, key=lambda run: self._at_work.get(run.client, 0), default=None)

    @property
    def is_full(self) -> bool:
        """Tell whether as many queries run in the fast pool as may."""
        return self._in_state["fast"] >= self._limits.fast_workers

    def begin(self, run: Run) -> None:
        """Take note that a query has got a worker."""
        self._line.remove(run)
        self._at_work[run.client] += 1
        self._move(run, "fast")

    def step_back(self, run: Run) -> bool:
        """Move a query from the fast pool to the slow one, or let it be held; False: no room."""
        if self._in_state["slow"] < self._limits.slow_workers:
            self._move(run, "slow")
        elif len(self._held) < self._limits.slow_line:
            self._held.append(run)
            self._move(run, "held")
        else:
            return False
        return True

    def leave(self, run: Run) -> Run | None:
        """Forget a query; return one that was held and now goes on."""
        del self._runs[run.id]
        self._in_state[run.state] -= 1
        _decrease(self._of_client, run.client)
        if run.state == "waiting":
            self._line.remove(run)
        else:
            _decrease(self._at_work, run.client)
        if run.state == "held":
            self._held.remove(run)
        if self._held and self._in_state["slow"] < self._limits.slow_workers:
            next_ = self._held.popleft()
            self._move(next_, "slow")
            return next_
        return None

    def busy(self, limit: str) -> QueryBusy:
        """Return the error of a limit that was met, with a guess when to come again."""
        if limit in {"queue_length", "queue_wait"}:
            seconds = self._limits.queue_length * self._limits.fast_budget
            seconds /= self._limits.fast_workers
        else:
            now = time.monotonic()
            seconds = min((run.ends - now for run in self._runs.values()), default=0.0)
        after = min(max(1, math.ceil(seconds)), _LONGEST_WAIT)
        return QueryBusy(_BUSY[limit], limit=limit, retry_after=after)

    def _move(self, run: Run, state: State) -> None:
        self._in_state[run.state] -= 1
        self._in_state[state] += 1
        run.state = state


_BUSY = {
    "per_client": "you have as many queries running and waiting as one client may have",
    "queue_length": "too many queries are waiting already",
    "queue_wait": "the query waited for its turn for as long as one may",
    "slow_line": "the query takes long, and there are as many of those as there may be",
}


def _decrease(numbers: dict[str, int], key: str) -> None:
    numbers[key] -= 1
    if not numbers[key]:
        del numbers[key]
