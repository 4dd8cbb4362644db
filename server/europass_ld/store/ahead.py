"""The first generation of a store, begun while its first delivery is still being checked.

To load what the records state takes longer than all else, and can go on beside the checks, which
leave a core idle. Nothing of it is seen before the delivery is committed, and of one that is
refused nothing is kept.
"""

import shutil
from pathlib import Path

import pyoxigraph as ox

from .loads import CHUNK, Lines, Loads
from .statements import lines_of


class Ahead:
    """The graph of a dataset and the default graph of a generation that has nothing else yet.

    `directory` is absent until there is so much that it is worth while (`begun`); `dataset` is
    the IRI of the dataset and its graph.
    """

    def __init__(self, directory: Path, dataset: str):
        self.directory = directory
        self.dataset = dataset
        self._loads: Loads | None = None
        self._lines = Lines(CHUNK, self._load)

    @property
    def begun(self) -> bool:
        """Whether there is a store already."""
        return self._loads is not None

    def add(self, triples: str) -> None:
        """Add what a record states: N-Triples as the log keeps them.

        Raises:
            OSError: the disk is full or broken.
        """
        self._lines.extend(lines_of(triples))

    def hand_over(self) -> Loads:
        """Give away the loads, with all that was added on its way into their store.

        Raises:
            OSError: the disk is full or broken.
        """
        self._lines.flush()
        loads, self._loads = self._begin(), None
        return loads

    def discard(self) -> None:
        """Leave nothing behind; after `hand_over` there is nothing that could be."""
        if self._loads is not None:
            self._loads.stop()
            self._loads = None
            shutil.rmtree(self.directory, ignore_errors=True)

    def _load(self, lines: list[str]) -> None:
        self._begin().add(lines, ox.NamedNode(self.dataset), ox.DefaultGraph())

    def _begin(self) -> Loads:
        if self._loads is None:
            self._loads = Loads(ox.Store(self.directory))
        return self._loads
