"""Reading a store directory: any number of threads and processes, beside the writer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ..errors import QueryRefused, StoreUnavailable
from ..quick import read_link
from .generations import applied_sequence, link_of
from .log_reader import LogReader
from .schema import OXIGRAPH_ERRORS

_ATTEMPTS = 10
_position = re.compile(r"at (\d+):(\d+)").search


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A generation that is open, where the link to it leads, and the sequence it shows."""

    name: str
    store: ox.Store
    sequence: int


class Reader(LogReader):
    """The state of a store at one sequence: the current generation, and the log up to it.

    Safe to share between threads, but not across a fork. Everything it answers, from the log too,
    is of the sequence of the generation it has open; only `refresh` moves it on.

    Raises:
        StoreUnavailable: no store there, or of another format.
    """

    def __init__(self, directory: Path):
        super().__init__(directory)
        self._link = link_of(directory)
        self._snapshot = self._open()

    @property
    def sequence(self) -> int:
        """The sequence of the generation."""
        return self._snapshot.sequence

    @property
    def store(self) -> ox.Store:
        """The generation, read-only."""
        return self._snapshot.store

    def refresh(self) -> bool:
        """Move on to a newer generation if there is one, and say whether there was.

        Costs a `readlink` when there is none: meant to be called for every request.
        """
        if read_link(self._link) == self._snapshot.name:
            return False
        self._snapshot = self._open()
        return True

    def unserved_since(self) -> str | None:
        """Return when the first event happened that is committed and not yet read; or None."""
        with self._log() as log:
            (time,) = log.execute(
                "SELECT min(time) FROM event WHERE sequence > ?", (self.sequence,)
            ).fetchone()
        return None if time is None else str(time)

    def outgoing(self, iri: str) -> tuple[ox.Quad, ...]:
        """Return the quads of all named graphs with `iri` as their subject."""
        found = self.store.quads_for_pattern(ox.NamedNode(iri), None, None, None)
        return tuple(quad for quad in found if isinstance(quad.graph_name, ox.NamedNode))

    def incoming(self, iri: str, *, limit: int = 50, offset: int = 0) -> list[tuple[str, str]]:
        """Return subject and predicate of what datasets state with `iri` as its object.

        The time it takes grows with `limit` and `offset`, not with how much there is.
        """
        found = self.store.quads_for_pattern(None, None, ox.NamedNode(iri), ox.DefaultGraph())
        return [
            (_name(quad.subject), quad.predicate.value)
            for quad in islice(found, offset, offset + limit)
        ]

    def subjects(self, predicate: str, iri: str, dataset: str, *, limit: int) -> list[str]:
        """Return, in order, subjects that a dataset links to `iri` by one property."""
        found = self.store.quads_for_pattern(
            None, ox.NamedNode(predicate), ox.NamedNode(iri), ox.NamedNode(dataset)
        )
        return sorted(_name(quad.subject) for quad in islice(found, limit))

    def query(
        self,
        text: str,
        *,
        default_graph: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Evaluate a SPARQL query; None means the merged default graph, and all named graphs.

        Raises:
            QueryRefused: the query is not well-formed.
        """
        try:
            return self.store.query(
                text, default_graph=_nodes(default_graph), named_graphs=_nodes(named_graphs)
            )
        except SyntaxError as error:
            found = _position(str(error))
            line, column = (int(found[1]), int(found[2])) if found else (None, None)
            raise QueryRefused(str(error), line=line, column=column) from error

    def _open(self) -> _Snapshot:
        for _ in range(_ATTEMPTS):  # the writer may remove what `current` pointed to just now
            name = read_link(self._link)
            if name is None:
                break
            try:
                store = ox.Store.read_only(str(self._directory / name))
                return _Snapshot(name, store, applied_sequence(store, self._base))
            except OXIGRAPH_ERRORS:
                if read_link(self._link) == name:
                    break
        raise StoreUnavailable(
            f"the store in {self._directory} has no generation that can be read; open it for "
            "writing, or rebuild it"
        )


def _name(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""


def _nodes(iris: Sequence[str] | None) -> list[Any] | None:  # invariant, and asked for in two types
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]
