"""A store directory whose generation holds just what a test puts there."""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from europass_ld.store import Store
from europass_ld.store.generations import Generations


class PlainStore:
    """A store with an empty log; `show` makes its next generation, and servers follow."""

    def __init__(self, directory: Path, base: str):
        self.directory = directory
        Store.create(directory, base).close()
        self._generations = Generations(directory)
        self._number = 0

    def show(self, quads: Iterable[ox.Quad], graphs: Iterable[ox.NamedNode] = ()) -> None:
        """Publish a generation with these quads, and these named graphs even if they are empty."""
        path = self._generations.unfinished()
        store = ox.Store(str(path))
        store.bulk_extend(quads)
        for graph in graphs:
            store.add_graph(graph)
        store.flush()
        del store
        self._number += 1
        self._generations.publish(path, self._number)
        self._generations.prune(2)
