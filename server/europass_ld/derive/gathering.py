"""All statements of all datasets, read once: for a store whose consequences are worked out anew.

To split every line here and keep what deriving asks for costs less than to ask the store for the
same before it is compacted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pyoxigraph as ox

from ..terms import RDF_TYPE
from .counts import Counts, expected_properties
from .records import Statement
from .statements import KINDS, LEADS_TO, TEXTS, VALUES, Kind, first_kind


class Description(NamedTuple):
    """What a dataset says of a node: its classes, and how many triples of each property."""

    classes: tuple[str, ...]
    uses: Mapping[str, int]


_Pattern = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]
"""A description that many nodes share: they are counted together."""


class Gathering:
    """The statements (see `Statements`) of datasets whose records were all added, and counts.

    After the last record `settle` must be called, before anything is asked.
    """

    def __init__(self) -> None:
        self.counts: dict[str, Counts] = defaultdict(Counts)
        self._alike: dict[str, Counter[_Pattern]] = defaultdict(Counter)
        self._classes: dict[str, set[str]] = defaultdict(set)
        self._records: dict[str, dict[str, Description]] = defaultdict(dict)
        self._shared: dict[str, dict[str, set[tuple[str, str]]]] = defaultdict(dict)
        self._values: dict[str, dict[str, list[str]]] = {name: {} for name in VALUES}
        self._languages: dict[str, dict[str, set[str]]] = {name: {} for name in TEXTS}
        self._leading: dict[str, list[str]] = {}

    def add(self, dataset: str, record: str, own: Iterable[str], shared: Iterable[str]) -> None:
        """Add a record of a dataset: distinct lines of N-Triples without line ends.

        What is about it and its nested nodes is `own`; no other record of the dataset may state
        anything about the latter. What is `shared` may come again with other records.
        """
        self._records[dataset][record] = Description((), {})
        described: dict[str, list[tuple[str, str]]] = {}
        for line in own:
            subject, predicate, value = _parts(line)
            described.setdefault(subject, []).append((predicate, value))
        for subject, statements in described.items():
            self._note(subject, statements)
            self._count(dataset, subject, _description(statements))
        known = self._shared[dataset]
        for subject, predicate, value in map(_parts, shared):
            said = known.setdefault(subject, set())
            if (predicate, value) not in said:
                said.add((predicate, value))
                self._note(subject, [(predicate, value)])

    def settle(self, store: ox.Store) -> None:
        """Count what is shared, and find what leads where.

        Of a record about which others state something too, the store is asked: it holds all once.
        """
        for dataset, shared in self._shared.items():
            for subject, statements in shared.items():
                before = self._records[dataset].get(subject)
                if before is None:
                    self._count(dataset, subject, _description(statements))
                else:
                    self.counts[dataset].count_stated(before.classes, before.uses, by=-1)
                    self._count(dataset, subject, describe(store, dataset, subject))
        for dataset, descriptions in self._alike.items():
            for (classes, uses), number in descriptions.items():
                self.counts[dataset].count_stated(classes, dict(uses), by=number)
        self._shared.clear()
        self._alike.clear()
        for node, values in self._values[LEADS_TO].items():
            for value in values:
                self._leading.setdefault(value[1:-1], []).append(node)

    def records(self) -> list[str]:
        """Return the IRIs of all records, in order."""
        return sorted({one for records in self._records.values() for one in records})

    def kind(self, node: str) -> Kind | None:
        """See `Statements`."""
        return first_kind(self._classes.get(node, ()))

    def graphs(self, node: str) -> Iterator[str]:
        """See `Statements`."""
        return (dataset for dataset, records in self._records.items() if node in records)

    def values(self, node: str, predicate: str) -> Sequence[str]:
        """See `Statements`."""
        return self._values[predicate].get(node, ())

    def languages(self, node: str, predicate: str) -> Iterable[str]:
        """See `Statements`."""
        return self._languages[predicate].get(node, ())

    def leading_to(self, node: str) -> Iterable[str]:
        """See `Statements`."""
        return self._leading.get(node, ())

    def count_coverage(self, record: str, derived: Collection[Statement]) -> None:
        """Count what a record has in each dataset that describes it, with what is derived of it."""
        for dataset in self.graphs(record):
            classes, uses = self._records[dataset][record]
            self.counts[dataset].count_coverage(classes, uses.keys(), derived)

    def _note(self, subject: str, statements: Iterable[tuple[str, str]]) -> None:
        for predicate, value in statements:
            if predicate in self._values:
                self._values[predicate].setdefault(subject, []).append(value)
            elif predicate == RDF_TYPE:
                if value[1:-1] in KINDS:
                    self._classes[subject].add(value[1:-1])
            elif predicate in self._languages:
                tag = value[value.rindex('"') + 2 :]
                self._languages[predicate].setdefault(subject, set()).add(tag)

    def _count(self, dataset: str, subject: str, description: Description) -> None:
        self._alike[dataset][description.classes, tuple(description.uses.items())] += 1
        records = self._records[dataset]
        if subject in records or not expected_properties().keys().isdisjoint(description.classes):
            records[subject] = description


def describe(store: ox.Store, dataset: str, node: str) -> Description:
    """Return what the graph of a dataset says of a node."""
    graph = ox.NamedNode(dataset)
    found = store.quads_for_pattern(ox.NamedNode(node), None, None, graph)
    return _description([(quad.predicate.value, str(quad.object)) for quad in found])


def _description(statements: Collection[tuple[str, str]]) -> Description:
    classes = tuple(value[1:-1] for name, value in statements if name == RDF_TYPE)
    uses: dict[str, int] = {}
    for name, _ in statements:
        uses[name] = uses.get(name, 0) + 1
    return Description(classes, uses)


def _parts(line: str) -> tuple[str, str, str]:
    subject, predicate, value = line.split(" ", 2)
    return subject[1:-1], predicate[1:-1], value[:-2]
