"""What depends on the records that changed, and how the graphs that follow change with it.

Deriving follows some links from a record to others. So what is derived of a record can only be
another when something changed in a node that such links lead to from it: those links are followed
backwards here. An achievement specification depends, beside that, on the opportunities that lead
to it, and a record on the countries of its datasets.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ..derive import (
    LEADS_TO,
    LINKS,
    OF_LEVELS,
    Codes,
    Countries,
    Counts,
    Derivation,
    Statement,
    Stored,
    derived_graph,
    describe,
    describe_in,
    expected_properties,
    iri_of,
    lines_about,
    quality,
    read_counts,
)
from ..terms import GENID_PATH, RDF_TYPE, compact
from . import rows
from .bodies import Bodies
from .changes import transitions
from .statements import lines_of, shared_among

_LEADS_TO = f"<{LEADS_TO}>"
_Statements = set[Statement]


class Dependants:
    """Finds the changes of the derived graph and the graph of quality since an event.

    `store` has the datasets as they are now and those two graphs as they were, `before` all as it
    was. Changes are pairs of N-Triples texts, to be removed and to be added: first `derived`, then
    `quality`.
    """

    def __init__(
        self,
        store: ox.Store,
        before: ox.Store,
        log: sqlite3.Connection,
        base: str,
        since: int,
        codes: Codes,
    ):
        self._store, self._before = store, before
        self._log = log
        self._base = base
        self._since = since
        self._graph = ox.NamedNode(derived_graph(base))
        self._now = Stored(store)
        self._countries = Countries(self._now, codes, rows.datasets(log))
        then = Countries(Stored(before), codes, rows.datasets(log, since))
        self._countries_then = then.of_datasets
        self._derivation = Derivation(self._now, codes, self._countries)
        self._genid = f"<{base}{GENID_PATH}"
        self._shared_of = shared_among(base)
        self._touched: dict[str, set[str]] = defaultdict(set)
        self._nested: dict[str, Counts] = defaultdict(Counts)
        self._counted: dict[str, set[str]] = defaultdict(set)
        self._changed: dict[str, tuple[_Statements, _Statements]] = {}

    def derived(self) -> Iterator[tuple[str, str]]:
        """Yield the changes of the derived graph."""
        for record in sorted(self._records()):
            old, new = self._derived_then(record), self._derivation.about(record)
            if old != new:
                self._changed[record] = old, new
                yield lines_about(record, old - new), lines_about(record, new - old)

    def quality(self) -> Iterator[tuple[str, str]]:
        """Yield the changes of the graph of quality."""
        nodes: dict[str, set[str]] = defaultdict(set, self._touched)
        for record in self._changed:
            for graph in self._now.graphs(record):
                nodes[graph].add(record)
        for dataset, countries in self._countries.of_datasets.items():
            then = self._countries_then.get(dataset)
            if nodes[dataset] or then != countries:
                yield self._recount(dataset, nodes[dataset] - self._counted[dataset])

    def _recount(self, dataset: str, nodes: set[str]) -> tuple[str, str]:
        """Return the changes of what is said of the quality of a dataset."""
        counts = read_counts(self._before, self._base, dataset)
        then = self._countries_then.get(dataset)
        old = set() if then is None else set(quality(self._base, dataset, counts, then))
        counts.add(self._nested[dataset])
        for node in nodes:
            for store, side, by in ((self._before, 0, -1), (self._store, 1, 1)):
                classes, uses = describe(store, dataset, node)
                counts.count_stated(classes, uses, by)
                if not expected_properties().keys().isdisjoint(classes):
                    derived = self._derived(node)[side]
                    counts.count_coverage(classes, uses.keys(), derived, by)
        countries = self._countries.of_datasets[dataset]
        new = set(quality(self._base, dataset, counts, countries))
        was, is_now = _lines(old - new), _lines(new - old)
        return _text(was - is_now), _text(is_now - was)

    def _records(self) -> set[str]:
        """Return the nodes of which something else may be derived than before."""
        found, led_to = self._touch()
        frontier = set(found)
        while frontier:
            linking = {one for node in frontier for one in self._now.linking(node, LINKS)}
            frontier = linking - found
            found |= frontier
        for node in found:
            led_to.update(map(iri_of, self._now.values(node, LEADS_TO)))
        led_to.discard("")  # what is no IRI leads nowhere
        return found.union(led_to, self._of_moved_datasets())

    def _touch(self) -> tuple[set[str], set[str]]:
        """Note the nodes about which datasets state something else than before.

        Returns all of them, and the specifications that opportunities led to or lead to now.
        """
        bodies = Bodies(self._log)
        led_to = set()
        for number, dataset in rows.changed_datasets(self._log, self._since):
            for change in transitions(self._log, number, self._since):
                old, new = map(lines_of, change.texts(self._log, bodies))
                self._count_nested(dataset, change.iri, old, by=-1)
                self._count_nested(dataset, change.iri, new, by=1)
                for line in set(old).symmetric_difference(new):
                    subject, predicate, value = line.split(" ", 2)
                    self._touched[dataset].add(subject[1:-1])
                    if predicate == _LEADS_TO:
                        led_to.add(iri_of(value[:-2]))
        return {node for nodes in self._touched.values() for node in nodes}, led_to

    def _count_nested(self, dataset: str, record: str, lines: list[str], by: int) -> None:
        """Count the nodes nested in a record: no other record says anything of them."""
        shared = self._shared_of(record, lines)
        nested = (one for one in dict.fromkeys(lines) if one.startswith(self._genid))
        for node, (classes, uses) in describe_in(one for one in nested if one not in shared):
            if expected_properties().keys().isdisjoint(classes):
                self._nested[dataset].count_stated(classes, uses, by)
                self._counted[dataset].add(node)

    def _of_moved_datasets(self) -> Iterator[str]:
        """Yield the records of datasets whose country is another than before.

        What makes them records of a kind may be said of them in another dataset.
        """
        for dataset, countries in self._countries.of_datasets.items():
            if self._countries_then.get(dataset, frozenset()) != countries:
                for quad in self._store.quads_for_pattern(
                    None, ox.NamedNode(RDF_TYPE), None, ox.NamedNode(dataset)
                ):
                    node = getattr(quad.subject, "value", "")
                    if self._now.kind(node) is not None:
                        yield node

    def _derived(self, node: str) -> tuple[_Statements, _Statements]:
        """Return what was derived of a node, and what is now."""
        if node in self._changed:
            return self._changed[node]
        then = self._derived_then(node)
        return then, then

    def _derived_then(self, record: str) -> _Statements:
        found = self._before.quads_for_pattern(ox.NamedNode(record), None, None, self._graph)
        statements = ((compact(quad.predicate.value), str(quad.object)) for quad in found)
        return {(name, value) for name, value in statements if name != OF_LEVELS}


def _lines(parts: Iterable[object]) -> set[str]:
    return {line for part in parts for line in lines_of(str(part))}


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in sorted(lines))
