"""What is filled in and what is missing in a dataset, as the graph of quality measured it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from ...terms import expand
from ..labels import Label
from ..site import Site

_NAMES = ("dqv:computedOn", "void:class", "void:property", "dqv:value", "eld:withoutValue")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many records of a class have a value of a property: whole percent, and the rest."""

    iri: str
    label: Label
    percent: int
    without: int


def coverage(
    current: Site, dataset: str, class_iri: str, wanted: Sequence[str]
) -> tuple[Coverage, ...]:
    """Return how much of each property the records of a class have, what is often missing last.

    Properties that no record has stand at the end; none at all where nothing was measured.
    """
    found = current.reader.query(_query(current.base, dataset, class_iri))
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
    rows = [
        Coverage(
            row["property"].value,
            current.terms.label(row["property"].value, wanted),
            int(float(row["share"].value) * 100),
            int(row["without"].value),
        )
        for row in found
    ]
    return tuple(sorted(rows, key=lambda one: (one.without, one.label.text.casefold())))


def _query(base: str, dataset: str, class_iri: str) -> str:
    on, of_class, of_property, value, without = (ox.NamedNode(expand(one)) for one in _NAMES)
    return (
        f"SELECT ?property ?share ?without {{ GRAPH <{base}id/graph/quality> {{"
        f" ?one {on} {ox.NamedNode(dataset)} ; {of_class} {ox.NamedNode(class_iri)} ;"
        f" {of_property} ?property ; {value} ?share ; {without} ?without ."
        f" FILTER NOT EXISTS {{ ?one <{expand('dct:spatial')}> ?country }} }} }}"
    )
