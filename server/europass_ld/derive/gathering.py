"""All statements of all datasets, read once: for a store whose consequences are worked out anew.

To split every line here and keep what deriving asks for costs less than to ask the store for the
same before it is compacted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import pyoxigraph as ox

from ..terms import RDF_TYPE
from .counts import Counts, expected_properties
from .names import link
from .records import Statement
from .statements import KINDS, LEADS_TO, TEXTS, VALUES, Kind, first_kind

_TYPE = link(RDF_TYPE)


class Description(NamedTuple):
    """What a dataset says of a node: its classes, and how many triples of each property."""

    classes: tuple[str, ...]
    uses: Mapping[str, int]


_Pattern = tuple[tuple[str, int], ...]
"""How a node is described, in a form that is quickly made: `<predicate>`, or of a class
`<predicate> <class> .`, and in how many lines. Many nodes share one."""
_Taker = Callable[[str, str], None]
"""Keeps a value of a node that deriving will ask for."""


class Gathering:
    """The statements (see `Statements`) of datasets whose records were all added, and counts.

    `shared_of` gives, of the distinct lines of a record, those that may come again with other
    records. The rest is about it and its nested nodes; no other record of the dataset may state
    anything about the latter. After the last record `settle` must be called, before anything is
    asked.
    """

    def __init__(self, shared_of: Callable[[str, list[str]], set[str]]) -> None:
        self._shared_of = shared_of
        self.counts: dict[str, Counts] = defaultdict(Counts)
        self._descriptions: dict[_Pattern, Description] = {}
        self._alike: dict[str, Counter[_Pattern]] = defaultdict(Counter)
        self._classes: dict[str, set[str]] = defaultdict(set)
        self._records: dict[str, dict[str, Description]] = defaultdict(dict)
        self._shared: dict[str, set[str]] = defaultdict(set)
        self._values: dict[str, dict[str, list[str]]] = {name: {} for name in VALUES}
        self._languages: dict[str, dict[str, set[str]]] = {name: {} for name in TEXTS}
        self._leading: dict[str, list[str]] = {}
        self._takers = dict(self._make_takers())

    def add(self, dataset: str, record: str, lines: Iterable[str]) -> None:
        """Add a record of a dataset: lines of N-Triples without line ends."""
        distinct = list(dict.fromkeys(lines))
        shared = self._shared_of(record, distinct)
        self._records[dataset][record] = Description((), {})
        own = (line for line in distinct if line not in shared)
        for subject, pattern in _patterns(own, self._takers):
            self._count(dataset, subject, pattern)
        known = self._shared[dataset]
        for _ in _patterns(shared - known, self._takers):
            pass  # counted when all of it is there
        known |= shared

    def settle(self, store: ox.Store) -> None:
        """Count what is shared, and find what leads where.

        Of a record about which others state something too, the store is asked: it holds all once.
        """
        for dataset, shared in self._shared.items():
            for subject, pattern in _patterns(shared, {}):
                before = self._records[dataset].get(subject)
                if before is None:
                    self._count(dataset, subject, pattern)
                else:
                    self._count_again(dataset, subject, before, describe(store, dataset, subject))
        for dataset, patterns in self._alike.items():
            for pattern, number in patterns.items():
                classes, uses = self._descriptions[pattern]
                self.counts[dataset].count_stated(classes, uses, by=number)
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

    def _make_takers(self) -> Iterator[tuple[str, _Taker]]:
        """Yield what takes the values of each predicate that deriving asks for."""
        yield _TYPE, self._take_class
        for name, values in self._values.items():
            yield link(name), partial(_take_value, values)
        for name, languages in self._languages.items():
            yield link(name), partial(_take_language, languages)

    def _take_class(self, node: str, value: str) -> None:
        if value[1:-1] in KINDS:
            self._classes[node].add(value[1:-1])

    def _count(self, dataset: str, node: str, pattern: _Pattern) -> None:
        self._alike[dataset][pattern] += 1
        description = self._descriptions.get(pattern)
        if description is None:
            description = self._descriptions[pattern] = _description(pattern)
        records = self._records[dataset]
        if node in records or not expected_properties().keys().isdisjoint(description.classes):
            records[node] = description

    def _count_again(self, dataset: str, node: str, before: Description, now: Description) -> None:
        self.counts[dataset].count_stated(before.classes, before.uses, by=-1)
        self.counts[dataset].count_stated(now.classes, now.uses)
        self._records[dataset][node] = now


def describe_in(lines: Iterable[str]) -> Iterator[tuple[str, Description]]:
    """Yield the nodes that distinct lines of N-Triples are about, with what they say of them."""
    return ((node, _description(pattern)) for node, pattern in _patterns(lines, {}))


def describe(store: ox.Store, dataset: str, node: str) -> Description:
    """Return what the graph of a dataset says of a node."""
    classes, uses = [], Counter[str]()
    for quad in store.quads_for_pattern(ox.NamedNode(node), None, None, ox.NamedNode(dataset)):
        predicate = quad.predicate.value
        uses[predicate] += 1
        if predicate == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            classes.append(quad.object.value)
    return Description(tuple(classes), uses)


def _patterns(lines: Iterable[str], takers: Mapping[str, _Taker]) -> Iterator[tuple[str, _Pattern]]:
    """Yield the nodes that lines are about, each with its pattern, once `takers` have had all."""
    described: dict[str, dict[str, int]] = {}
    for line in lines:
        subject, predicate, value = line.split(" ", 2)
        uses = described.get(subject)
        if uses is None:
            uses = described[subject] = {}
        use = f"{predicate} {value}" if predicate == _TYPE else predicate
        uses[use] = uses.get(use, 0) + 1
        taker = takers.get(predicate)
        if taker is not None:
            taker(subject[1:-1], value[:-2])
    for subject, uses in described.items():
        yield subject[1:-1], tuple(uses.items())


def _description(pattern: _Pattern) -> Description:
    classes, uses = [], Counter[str]()
    for use, number in pattern:
        predicate, _, value = use.partition(" ")
        uses[predicate[1:-1]] += number
        if value:
            classes.append(value[1:-3])
    return Description(tuple(classes), uses)


def _take_value(values: dict[str, list[str]], node: str, value: str) -> None:
    values.setdefault(node, []).append(value)


def _take_language(languages: dict[str, set[str]], node: str, value: str) -> None:
    languages.setdefault(node, set()).add(value[value.rindex('"') + 2 :])
