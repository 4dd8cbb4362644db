"""How much there is of what in the graph of one dataset: numbers that can be added and taken away.

Everything is a sum over the nodes that the graph describes, so a change of a few is counted by
taking away what they were and adding what they are.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from ..mapping import FAMILIES, load_mapping
from ..terms import expand
from .records import Statement
from .statements import KINDS, Kind

_ISCED = ("eld:iscedBroad", "eld:iscedNarrow", "eld:iscedDetailed")
_DERIVED: Mapping[Kind, tuple[str, ...]] = {
    Kind.OPPORTUNITY: (
        "eld:derivedCountry",
        *_ISCED,
        "eld:reachedEQFLevel",
        "eld:durationDays",
        "eld:openFrom",
        "eld:openUntil",
        "eld:applyUntil",
        "eld:lowestPrice",
    ),
    Kind.SPECIFICATION: ("eld:derivedCountry", *_ISCED, "eld:ects"),
    Kind.ORGANISATION: ("eld:derivedCountry",),
    Kind.ACCREDITATION: ("eld:derivedCountry", "eld:validFrom", "eld:validUntil"),
}
_COUNTRY = "eld:derivedCountry"

ANYWHERE = ""
"""Stands for no country in particular."""
ANY_CLASS = ""
"""Stands for all nodes, with a class or without."""


@cache
def expected_properties() -> Mapping[str, tuple[str, ...]]:
    """Return, for each class of records, the properties that its records may have, by IRI."""
    expected: dict[str, set[str]] = defaultdict(set)
    for family in FAMILIES:
        for record in load_mapping(family).records.values():
            expected[record.class_iri].update(child.property for child in record.children)
    for kind, names in _DERIVED.items():
        for one in kind.value:
            expected[expand(one)].update(map(expand, names))
    return {one: tuple(sorted(properties)) for one, properties in sorted(expected.items())}


@cache
def _expected(class_iri: str) -> frozenset[str]:
    return frozenset(expected_properties().get(class_iri, ()))


class Counts:
    """The counts of one dataset; a key whose count is zero stands for nothing.

    `triples` and `subjects` by class (or `ANY_CLASS`) and property; `entities` by class and country
    (or `ANYWHERE`), `with_value` by class, country and property of `expected_properties`.
    Countries are only counted for classes for which they are derived.
    """

    def __init__(self) -> None:
        self.triples: Counter[tuple[str, str]] = Counter()
        self.subjects: Counter[tuple[str, str]] = Counter()
        self.entities: Counter[tuple[str, str]] = Counter()
        self.with_value: Counter[tuple[str, str, str]] = Counter()

    def add(self, other: "Counts") -> None:
        """Count what others are, too; they may be less than nothing."""
        self.triples.update(other.triples)
        self.subjects.update(other.subjects)
        self.entities.update(other.entities)
        self.with_value.update(other.with_value)

    def count_stated(self, classes: Iterable[str], uses: Mapping[str, int], by: int = 1) -> None:
        """Count a node of some classes that uses properties in so many triples each."""
        for one in classes:
            self.entities[one, ANYWHERE] += by
        for one in (ANY_CLASS, *classes):
            for name, number in uses.items():
                key = one, name
                self.triples[key] += number * by
                self.subjects[key] += by

    def count_coverage(
        self,
        classes: Iterable[str],
        properties: Collection[str],
        derived: Iterable[Statement],
        by: int = 1,
    ) -> None:
        """Count which properties a record of some classes has: its own, and the derived ones."""
        countries = [value[1:-1] for name, value in derived if name == _COUNTRY]
        names = {expand(name) for name, _ in derived}.union(properties)
        for one in classes:
            places = countries if one in KINDS else ()
            for country in places:
                self.entities[one, country] += by
            for name in names & _expected(one):
                for where in (ANYWHERE, *places):
                    self.with_value[one, where, name] += by
