"""Add N-Triples to the graphs of a store in the background, while more are prepared.

Measured on two cores with 1.2 million triples, each in two graphs: `bulk_load` in chunks of some
100,000 statements takes three quarters of the time of one `bulk_load` of all N-Quads. Four times as
large ones take as long, and more memory. Below some 10,000 statements `load` is faster.

To load the records already while they are checked was tried, and was no sooner done, with a tenth
more processor time: checking and keeping a large document takes both cores.
"""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import pyoxigraph as ox

_CHUNK = 100_000
_BULK_FROM = 10_000
_AT_ONCE = 2

Graph = ox.NamedNode | ox.DefaultGraph


class Lines:
    """Lines on their way to a function that takes many at once."""

    def __init__(self, size: int, take: Callable[[list[str]], None]):
        self._size = size
        self._take = take
        self._waiting: list[str] = []

    def extend(self, lines: Iterable[str]) -> None:
        """Add lines, without line ends; they may wait until `flush`."""
        self._waiting.extend(lines)
        if len(self._waiting) >= self._size:
            self.flush()

    def flush(self) -> None:
        """Send all lines on their way."""
        if self._waiting:
            self._take(self._waiting)
        self._waiting = []


class Loads:
    """What is on its way into a store; a context manager that ends when all of it is there.

    `store` is what they go into.
    """

    def __init__(self, store: ox.Store):
        self.store = store
        self._pool = ThreadPoolExecutor(_AT_ONCE, "bulk_load")
        self._running: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        """Return the loads themselves."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for what is on its way; after an error, leave out what has not begun."""
        try:
            if kind is None:
                self.wait()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def into(self, *graphs: Graph) -> Lines:
        """Return where to put lines that each of these graphs is to have."""
        return Lines(_CHUNK, lambda lines: self.add(lines, *graphs))

    def add(self, lines: Iterable[str], *graphs: Graph) -> None:
        """Add lines to each of the graphs: at once where they are few, else in the background.

        Few chunks wait at any time: where the store is slower than the caller, the caller waits.

        Raises:
            OSError: the disk is full or broken, maybe since an earlier call.
        """
        distinct = dict.fromkeys(lines)
        text = "\n".join(distinct).encode()
        if len(distinct) < _BULK_FROM:
            self.wait()
            for graph in graphs:
                _add(self.store.load, text, graph)
            return
        while len(self._running) > _AT_ONCE:
            self._running.popleft().result()
        for graph in graphs:
            self._running.append(self._pool.submit(_add, self.store.bulk_load, text, graph))

    def wait(self) -> None:
        """Wait until everything that was added can be found in the store.

        Raises:
            OSError: the disk is full or broken.
        """
        while self._running:
            self._running.popleft().result()


def _add(load: Callable[..., None], text: bytes, graph: Graph) -> None:
    # lenient: the lines are our own, or were parsed strictly before they came into the log
    load(text, ox.RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
