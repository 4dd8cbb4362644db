"""Numbered checkpoints of the RDF store; one of them is current.

A generation is made beside the others under a name that starts with a dot, and never touched once
it has its own name. Readers follow the symbolic link `current`, which moves in one step. RocksDB
keeps its files open, and generations share them by hard links: removing a generation that somebody
still reads takes nothing from that reader.
"""

import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

import pyoxigraph as ox

from ..quick import read_link
from ..terms import expand

_serial = count(1)
_LINK = "current"
_UNFINISHED = "."
_APPLIED = ox.NamedNode(expand("eld:appliedSequence"))
_RULES = ox.NamedNode(expand("schema:softwareVersion"))


def state_graph(base: str) -> str:
    """Return the IRI of the graph that says how far a generation has come."""
    return f"{base}id/graph/state"


def applied_sequence(store: ox.Store, base: str) -> int:
    """Return the sequence of the log that a generation shows; 0 for an empty one."""
    return int(_stated(store, base, _APPLIED) or 0)


def applied_rules(store: ox.Store, base: str) -> str | None:
    """Return the rules by which the derived graphs of a generation were made; None if unknown."""
    return _stated(store, base, _RULES)


def set_applied_sequence(store: ox.Store, base: str, sequence: int, rules: str) -> None:
    """Write down the sequence that a generation shows from now on, and by which rules."""
    graph = ox.NamedNode(state_graph(base))
    for quad in list(store.quads_for_pattern(None, None, None, graph)):
        store.remove(quad)
    store.add(ox.Quad(graph, _APPLIED, ox.Literal(sequence), graph))
    store.add(ox.Quad(graph, _RULES, ox.Literal(rules), graph))


def _stated(store: ox.Store, base: str, predicate: ox.NamedNode) -> str | None:
    found = store.quads_for_pattern(None, predicate, None, ox.NamedNode(state_graph(base)))
    return next((one.object.value for one in found if isinstance(one.object, ox.Literal)), None)


def current_generation(directory: Path) -> Path | None:
    """Return the path of the current generation of a store directory, None without one."""
    name = read_link(link_of(directory))
    return None if name is None else directory / name


def served_sequence(directory: Path) -> int:
    """Return the sequence that the current generation of a store directory shows; 0 without one."""
    current = current_generation(directory)
    return 0 if current is None else _order(current)[0]


def link_of(directory: Path) -> str:
    """Return the path of the link to the current generation of a store directory."""
    return str(directory / _LINK)


def find_generation(directory: Path, sequence: int) -> Path | None:
    """Return a generation that shows `sequence`, the one made last; None without one."""
    folder = directory / "generations"
    found = [*folder.glob(str(sequence)), *folder.glob(f"{sequence}-*")]
    return max(found, key=_order, default=None)


class Generations:
    """The generations of a store directory, as its writer sees them."""

    def __init__(self, directory: Path):
        self._folder = directory / "generations"
        self._link = directory / _LINK

    def prepare(self) -> None:
        """Make the folder if need be, and remove what a writer left unfinished."""
        self._folder.mkdir(exist_ok=True)
        for leftover in self._folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover)

    def current(self) -> Path | None:
        """Return the directory of the current generation, None when there is none yet."""
        return current_generation(self._link.parent)

    def unfinished(self) -> Path:
        """Return the path under which the next generation is made, absent."""
        # RocksDB knows its open stores by path, and one that failed may be open for a while yet
        return self._folder / f"{_UNFINISHED}new-{next(_serial)}"

    def publish(self, unfinished: Path, sequence: int) -> None:
        """Give a generation its name and make it the current one."""
        before = [again for shown, again in map(_order, self._finished()) if shown == sequence]
        name = f"{sequence}-{max(before) + 1}" if before else str(sequence)
        unfinished.rename(self._folder / name)
        sync(self._folder)
        link = self._link.with_name(f"{_LINK}.next")
        link.unlink(missing_ok=True)
        link.symlink_to(f"generations/{name}")
        link.replace(self._link)
        sync(self._link.parent)

    def prune(self, keep: int) -> None:
        """Remove all but the newest `keep` generations; the current one always stays.

        One that shows the same sequence as a newer one goes.
        """
        current = self.current()
        newest_first = sorted(self._finished(), key=_order, reverse=True)
        newest = {_order(path)[0]: path for path in reversed(newest_first)}
        kept = sorted(newest.values(), key=_order, reverse=True)[:keep]
        for path in newest_first:
            if path not in kept and path != current:
                with suppress(OSError):  # the next time will do
                    gone = self._folder / f"{_UNFINISHED}old-{path.name}"
                    path.rename(gone)
                    shutil.rmtree(gone)

    def _finished(self) -> list[Path]:
        return [one for one in self._folder.iterdir() if one.name[0] != _UNFINISHED]


def _order(generation: Path) -> tuple[int, int]:
    sequence, _, again = generation.name.partition("-")
    return int(sequence), int(again or 1)


def sync(directory: Path) -> None:
    """Have the disk keep what was named, renamed or removed in a directory."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
