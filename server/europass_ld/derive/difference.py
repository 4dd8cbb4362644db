"""What is to be changed in a graph so that it holds what was derived, and nothing else."""

from collections.abc import Iterable, Iterator
from typing import cast

import pyoxigraph as ox

_BATCH = 1000


def difference(store: ox.Store, graph: str, parts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield N-Triples text to be removed from a graph of the store, and to be added to it.

    Each of `parts` has all that is wanted of its subjects, and is compared with what the graph says
    of them, so memory stays flat and an unchanged graph yields nothing. The
    store may be changed between two answers.
    """
    name = ox.NamedNode(graph)
    query = f"SELECT DISTINCT ?subject {{ GRAPH {name} {{ ?subject ?p ?o }} }}"
    gone = {str(row[0]) for row in cast("ox.QuerySolutions", store.query(query))}
    for part in parts:
        wanted = _lines(part)
        subjects = {line.partition(" ")[0] for line in wanted}
        known = subjects & gone
        if known:
            yield from _changes(_present(store, name, known), wanted)
            gone -= known
        elif wanted:
            yield "", part
    stale = sorted(gone)
    for start in range(0, len(stale), _BATCH):
        yield from _changes(_present(store, name, stale[start : start + _BATCH]), set())


def _changes(present: set[str], wanted: set[str]) -> Iterator[tuple[str, str]]:
    removed, added = (
        "".join(f"{line}\n" for line in sorted(lines))
        for lines in (present - wanted, wanted - present)
    )
    if removed or added:
        yield removed, added


def _present(store: ox.Store, graph: ox.NamedNode, subjects: Iterable[str]) -> set[str]:
    listed = " ".join(subjects)
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ VALUES ?s {{ {listed} }} GRAPH {graph} {{ ?s ?p ?o }} }}"
    text = cast("ox.QueryTriples", store.query(query)).serialize(format=ox.RdfFormat.N_TRIPLES)
    return _lines(cast("bytes", text).decode())


def _lines(text: str) -> set[str]:
    # not splitlines: to it, some characters of a literal end a line too
    return {line for line in text.split("\n") if line}
