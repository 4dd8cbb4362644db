"""The graph of quality: how much there is of what, and how much of it is missing.

For each dataset, VoID partitions <https://www.w3.org/TR/void/#class-property-partitions> say which
classes and properties its graph uses, how often. For each class of records and each property that
the schemas give it, or that is derived for it, a `dqv:QualityMeasurement`
<https://www.w3.org/TR/vocab-dqv/> says which share of the records has a value: in the whole
dataset, and, for the classes whose country is derived, in each country of theirs, if any record of
the dataset has one:

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

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

import pyoxigraph as ox

from ..terms import PREFIXES, expand
from .counts import ANY_CLASS, ANYWHERE, Counts, expected_properties
from .names import line, link, node, quality_graph, typed
from .values import decimal

_COMPLETENESS = "http://www.w3.org/2016/05/ldqd#completeness"
METRIC = "".join(
    line(expand("eld:coverage"), name, link(value))
    for name, value in (
        ("rdf:type", expand("dqv:Metric")),
        ("dqv:expectedDataType", expand("xsd:decimal")),
        ("dqv:inDimension", _COMPLETENESS),
    )
)
"""What a share of records with a value is, as N-Triples."""
_PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


class Measurement(NamedTuple):
    """How many records of a class have a property, in a country or `ANYWHERE`; as text, N-Triples.

    After a small change most are what they were: they are compared as they are, and few written.
    """

    base: str
    dataset: str
    class_iri: str
    property: str
    country: str
    entities: int
    with_value: int

    def __str__(self) -> str:
        """Write it."""
        total, number = self.entities, self.with_value
        what = self.dataset, self.class_iri, self.property, self.country
        iri = node(self.base, "coverage", *what)
        lines = [
            line(iri, "rdf:type", link(expand("dqv:QualityMeasurement"))),
            line(iri, "dqv:isMeasurementOf", link(expand("eld:coverage"))),
            line(iri, "dqv:computedOn", link(self.dataset)),
            line(iri, "void:class", link(self.class_iri)),
            line(iri, "void:property", link(self.property)),
            line(iri, "void:entities", _integer(total)),
            line(iri, "eld:withoutValue", _integer(total - number)),
            line(iri, "dqv:value", typed(decimal(Decimal(number) / total), "decimal")),
        ]
        if self.country:
            lines.append(line(iri, "dct:spatial", link(self.country)))
        return "".join(lines)


def quality(
    base: str, dataset: str, counts: Counts, countries: Iterable[str]
) -> Iterator[str | Measurement]:
    """Yield what the graph of quality says of a dataset in parts, each N-Triples as a text.

    A part has all that is said of its subjects. `countries` are the dataset's own.
    """
    classes = sorted(one for (one, where), n in counts.entities.items() if n and where == ANYWHERE)
    yield "".join(_dataset_lines(base, dataset, counts, classes, countries))
    for one in classes:
        yield "".join(_class_lines(base, dataset, counts, one))
        yield from _measurements(base, dataset, counts, one)


def read_counts(store: ox.Store, base: str, dataset: str) -> Counts:
    """Return the counts that the graph of quality tells of a dataset; see `quality`."""
    counts = Counts()
    whole, parts = f"<{dataset}>", f"<{dataset}> void:classPartition ?part . ?part"
    for one, number in _select(store, base, f"{parts} void:class ?a ; void:entities ?b"):
        counts.entities[one, ANYWHERE] = int(number)
    used = "?c void:property ?a ; void:triples ?b ; void:distinctSubjects ?d"
    for name, triples, _, subjects in _select(
        store, base, f"{whole} void:propertyPartition ?c . {used}"
    ):
        counts.triples[ANY_CLASS, name] = int(triples)
        counts.subjects[ANY_CLASS, name] = int(subjects)
    for name, triples, _, subjects, one in _select(
        store, base, f"{parts} void:class ?e ; void:propertyPartition ?c . {used}"
    ):
        counts.triples[one, name] = int(triples)
        counts.subjects[one, name] = int(subjects)
    measured = (
        f"?c dqv:computedOn {whole} ; void:class ?a ; void:property ?b ; void:entities ?d ; "
        "eld:withoutValue ?e OPTIONAL { ?c dct:spatial ?f }"
    )
    for one, name, _, entities, missing, where in _select(store, base, measured):
        counts.entities[one, where] = int(entities)
        counts.with_value[one, where, name] = int(entities) - int(missing)
    return counts


def _select(store: ox.Store, base: str, pattern: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a pattern in the graph of quality: its variables `?a` to `?f`, in order."""
    names = [name for name in "abcdef" if f"?{name}" in pattern]
    query = (
        f"{_PROLOGUE} SELECT {' '.join(f'?{name}' for name in names)} "
        f"{{ GRAPH <{quality_graph(base)}> {{ {pattern} }} }}"
    )
    rows = store.query(query)
    if isinstance(rows, ox.QuerySolutions):
        for row in rows:
            yield tuple("" if one is None else getattr(one, "value", "") for one in row)


def _dataset_lines(
    base: str, iri: str, counts: Counts, classes: Iterable[str], countries: Iterable[str]
) -> Iterator[str]:
    total = sum(number for (one, _), number in counts.triples.items() if one == ANY_CLASS)
    yield line(iri, "rdf:type", link(expand("void:Dataset")))
    yield line(iri, "void:triples", _integer(total))
    for country in sorted(countries):
        yield line(iri, "dct:spatial", link(country))
    for one in classes:
        yield line(iri, "void:classPartition", link(node(base, iri, one)))
    yield from _property_lines(base, (iri,), iri, counts, ANY_CLASS)


def _class_lines(base: str, dataset: str, counts: Counts, class_iri: str) -> Iterator[str]:
    path = (dataset, class_iri)
    iri = node(base, *path)
    yield line(iri, "void:class", link(class_iri))
    yield line(iri, "void:entities", _integer(counts.entities[class_iri, ANYWHERE]))
    yield from _property_lines(base, path, iri, counts, class_iri)


def _property_lines(
    base: str, path: tuple[str, ...], partition: str, counts: Counts, class_iri: str
) -> Iterator[str]:
    used = sorted(name for (one, name), n in counts.subjects.items() if n and one == class_iri)
    for name in used:
        iri = node(base, *path, "property", name)
        yield line(partition, "void:propertyPartition", link(iri))
        yield line(iri, "void:property", link(name))
        yield line(iri, "void:triples", _integer(counts.triples[class_iri, name]))
        yield line(iri, "void:distinctSubjects", _integer(counts.subjects[class_iri, name]))


def _measurements(base: str, dataset: str, counts: Counts, class_iri: str) -> Iterator[Measurement]:
    expected = expected_properties().get(class_iri, ())
    if not expected:
        return
    places = sorted(where for (one, where), n in counts.entities.items() if n and one == class_iri)
    for where in places:
        total = counts.entities[class_iri, where]
        for name in expected:
            if where == ANYWHERE or counts.with_value[class_iri, ANYWHERE, name]:
                number = counts.with_value[class_iri, where, name]
                yield Measurement(base, dataset, class_iri, name, where, total, number)


def _integer(number: int) -> str:
    return typed(str(number), "integer")
