"""Bring up the graphs that follow from the records: what is derived, its quality, its history.

They are made anew from the rest of the store after every event, and only what differs is written.
Nothing of them is in the log: from the log comes the rest, and from the rest come these.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache

import pyoxigraph as ox

from ..derive import (
    FormerState,
    derive,
    derived_graph,
    difference,
    history,
    history_graph,
    quality,
    quality_graph,
)
from ..terms import expand
from ..vocabularies import CodeLists, load_code_lists
from . import rows
from .provenance import version_iri

_BULK_CHARACTERS = 10_000_000
_VERDICTS = {
    "conforms": expand("eld:conforms"),
    "warnings": expand("eld:conformsWithWarnings"),
}


def draw_consequences(store: ox.Store, log: sqlite3.Connection, base: str) -> None:
    """Bring the graphs `{base}id/graph/derived`, `…/quality` and `…/history` up.

    Raises:
        OSError: the disk is full or broken; the store is in no defined state then.
    """
    datasets = rows.datasets(log)
    code_lists = _code_lists()
    graphs = (
        (derived_graph(base), derive(store, code_lists, datasets=datasets)),
        (quality_graph(base), quality(store, code_lists, base=base, datasets=datasets)),
        (history_graph(base), history(_former_states(log, base), base=base)),
    )
    for graph, parts in graphs:
        _change(store, ox.NamedNode(graph), difference(store, graph, parts))


def _change(store: ox.Store, graph: ox.NamedNode, changes: Iterable[tuple[str, str]]) -> None:
    """Remove and add N-Triples; what is added gathers, for one large load costs least."""
    waiting: list[str] = []
    for removed, added in changes:
        for quad in ox.parse(input=removed, format=ox.RdfFormat.N_TRIPLES):
            store.remove(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
        waiting.append(added)
        if sum(map(len, waiting)) > _BULK_CHARACTERS:
            store.bulk_load(input="".join(waiting), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
            waiting.clear()
    store.load(input="".join(waiting), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)


@cache
def _code_lists() -> CodeLists:
    """The shipped code lists: what follows must not depend on the machine it is worked out on."""
    return load_code_lists()


def _former_states(log: sqlite3.Connection, base: str) -> Iterator[FormerState]:
    states = log.execute(
        "SELECT iri, name.text, seq_from, seq_to, verdict FROM record "
        "JOIN name ON name.id = record.type WHERE seq_to IS NOT NULL ORDER BY record.id"
    )
    for iri, type_iri, since, until, verdict in states:
        yield FormerState(
            iri, type_iri, version_iri(base, since), version_iri(base, until), _VERDICTS[verdict]
        )
