"""The graph of quality: how much there is of what, and how much of it is missing.

For each dataset, VoID partitions <https://www.w3.org/TR/void/#class-property-partitions> say which
classes and properties its graph uses, how often. For each class of records and each property that
the schemas give it, or that is derived for it, a `dqv:QualityMeasurement`
<https://www.w3.org/TR/vocab-dqv/> says which share of the records has a value: in the whole
dataset, and in each derived country if any record of the dataset has one:

==================  ===============================================================================
property            value
==================  ===============================================================================
dqv:computedOn      the dataset
dct:spatial         the country; none where the measurement is of the whole dataset
void:class          the class of the records
void:property       the property
void:entities       integer: how many such records there are
eld:withoutValue    integer: how many of them have no value
dqv:value           decimal: the share of those that have, from 0 to 1
==================  ===============================================================================

A record that has two countries is counted in both.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import NamedTuple

import pyoxigraph as ox

from ..mapping import FAMILIES, load_mapping
from ..terms import expand
from ..vocabularies import CodeLists
from .codes import codes_of
from .columns import Kind, select
from .countries import Countries, DescribedDataset
from .names import derived_graph, line, link, node, typed
from .values import decimal

_COMPLETENESS = "http://www.w3.org/2016/05/ldqd#completeness"
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
_METRIC = "".join(
    line(expand("eld:coverage"), name, link(value))
    for name, value in (
        ("rdf:type", expand("dqv:Metric")),
        ("dqv:expectedDataType", expand("xsd:decimal")),
        ("dqv:inDimension", _COMPLETENESS),
    )
)


class _Use(NamedTuple):
    """How often a property is used: in how many triples, by how many subjects."""

    triples: int
    subjects: int


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


def quality(
    store: ox.Store, code_lists: CodeLists, *, base: str, datasets: Iterable[DescribedDataset]
) -> Iterator[str]:
    """Yield the graph of quality as N-Triples text, in parts (see `derive`).

    Read are the graphs of `datasets` and the derived graph, which has to be in the store already.
    """
    yield _METRIC
    datasets = sorted(datasets, key=lambda one: one.iri)
    countries = Countries(store, codes_of(code_lists), datasets)
    for dataset in datasets:
        counts = _Counts(store, dataset.iri, derived_graph(base))
        yield _dataset_lines(base, counts, countries.of_dataset(dataset.iri))
        for one in counts.classes:
            yield _class_lines(base, counts, one)
            yield from _measurements(base, counts, one)


class _Counts:
    """Counts what a dataset's graph holds. `classes`: the number of entities by class, in order."""

    def __init__(self, store: ox.Store, dataset: str, derived: str):
        self._store = store
        self.dataset = dataset
        self._graph, self._derived = link(dataset), link(derived)
        counted = self._select("?class (COUNT(*) AS ?n)", "?entity a ?class", "?class")
        self.classes = {one: int(number) for one, number in sorted(counted)}

    def properties(self, class_iri: str | None = None) -> Iterator[tuple[str, _Use]]:
        """Yield the properties that are used, of all subjects or those of a class, in order."""
        of_class = f"?entity a <{class_iri}> . " if class_iri else ""
        counted = self._select(
            "?property (COUNT(*) AS ?triples) (COUNT(DISTINCT ?entity) AS ?subjects)",
            f"{of_class}?entity ?property ?value",
            "?property",
        )
        for one, triples, subjects in sorted(counted):
            yield one, _Use(int(triples), int(subjects))

    def by_country(self, class_iri: str) -> dict[str, int]:
        """Return how many entities of a class are in each country."""
        counted = self._select(
            "?country (COUNT(DISTINCT ?entity) AS ?n)",
            f"?entity a <{class_iri}>",
            "?country",
            "?entity eld:derivedCountry ?country",
        )
        return {country: int(number) for country, number in sorted(counted)}

    def with_value(self, class_iri: str) -> Iterator[tuple[str, str, int]]:
        """Yield country (`""`: all), property, and how many entities of a class have a value."""
        of_class = f"?entity a <{class_iri}>"
        own, derived = f"{of_class} ; ?property ?value", "?entity ?property ?value"
        country = "?entity eld:derivedCountry ?country"
        number = "(COUNT(DISTINCT ?entity) AS ?n)"
        for inside, beside, by in (
            (own, "", ""),
            (of_class, derived, ""),
            (own, country, "?country "),
            (of_class, f"{derived} . {country}", "?country "),
        ):
            counted = self._select(f"{by}?property {number}", inside, f"{by}?property", beside)
            for *where, one, count in counted:
                yield "".join(where), one, int(count)

    def _select(
        self, what: str, inside: str, by: str, beside: str = ""
    ) -> Iterator[tuple[str, ...]]:
        """Count in the dataset's graph, and beside it in the derived graph."""
        derived = f"GRAPH {self._derived} {{ {beside} }} " if beside else ""
        return select(
            self._store,
            f"SELECT {what} {{ {derived}GRAPH {self._graph} {{ {inside} }} }} GROUP BY {by}",
        )


def _dataset_lines(base: str, counts: _Counts, countries: Iterable[str]) -> str:
    iri = counts.dataset
    used = dict(counts.properties())
    lines = [
        line(iri, "rdf:type", link(expand("void:Dataset"))),
        line(iri, "void:triples", _integer(sum(use.triples for use in used.values()))),
        *(line(iri, "dct:spatial", link(country)) for country in sorted(countries)),
        *(line(iri, "void:classPartition", link(node(base, iri, one))) for one in counts.classes),
        *_property_lines(base, (iri,), iri, used),
    ]
    return "".join(lines)


def _class_lines(base: str, counts: _Counts, class_iri: str) -> str:
    path = (counts.dataset, class_iri)
    iri = node(base, *path)
    lines = [
        line(iri, "void:class", link(class_iri)),
        line(iri, "void:entities", _integer(counts.classes[class_iri])),
        *_property_lines(base, path, iri, dict(counts.properties(class_iri))),
    ]
    return "".join(lines)


def _property_lines(
    base: str, path: tuple[str, ...], partition: str, used: Mapping[str, _Use]
) -> Iterator[str]:
    for one, use in used.items():
        iri = node(base, *path, "property", one)
        yield line(partition, "void:propertyPartition", link(iri))
        yield line(iri, "void:property", link(one))
        yield line(iri, "void:triples", _integer(use.triples))
        yield line(iri, "void:distinctSubjects", _integer(use.subjects))


def _measurements(base: str, counts: _Counts, class_iri: str) -> Iterator[str]:
    expected = expected_properties().get(class_iri, ())
    if not expected:
        return
    found: dict[tuple[str, str], int] = {}
    for country, one, number in counts.with_value(class_iri):
        found[country, one] = number
    totals = {"": counts.classes[class_iri], **counts.by_country(class_iri)}
    for country, total in totals.items():
        yield "".join(
            chain.from_iterable(
                _measurement(base, (counts.dataset, class_iri, one, country), total, found)
                for one in expected
                if not country or ("", one) in found
            )
        )


def _measurement(
    base: str,
    what: tuple[str, str, str, str],
    total: int,
    found: Mapping[tuple[str, str], int],
) -> Iterator[str]:
    dataset, class_iri, one, country = what
    number = found.get((country, one), 0)
    iri = node(base, "coverage", *what)
    yield line(iri, "rdf:type", link(expand("dqv:QualityMeasurement")))
    yield line(iri, "dqv:isMeasurementOf", link(expand("eld:coverage")))
    yield line(iri, "dqv:computedOn", link(dataset))
    yield line(iri, "void:class", link(class_iri))
    yield line(iri, "void:property", link(one))
    yield line(iri, "void:entities", _integer(total))
    yield line(iri, "eld:withoutValue", _integer(total - number))
    yield line(iri, "dqv:value", typed(decimal(Decimal(number) / total), "decimal"))
    if country:
        yield line(iri, "dct:spatial", link(country))


def _integer(number: int) -> str:
    return typed(str(number), "integer")
