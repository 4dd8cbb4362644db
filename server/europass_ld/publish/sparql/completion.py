"""The classes and properties that occur in the data, which the editor offers while one types."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from ...derive.names import quality_graph
from ...store import Reader
from ...terms import PREFIXES, compact, expand
from ..labels import Terms

_CLASSES = "?dataset void:classPartition/void:class ?term"
_PROPERTIES = "?dataset a void:Dataset ; void:propertyPartition/void:property ?term"


class TermsInUse:
    """The terms of the present state, read once for each from the VoID partitions of quality."""

    def __init__(self, reader: Reader, terms: Terms):
        self._reader = reader
        self._terms = terms
        self._known: tuple[int, tuple[str, ...], tuple[str, ...]] = -1, (), ()

    def offered(self, wanted: Sequence[str]) -> Mapping[str, Any]:
        """Return what the editor is told, as JSON, for a reader of these languages.

        `classes` and `properties` are pairs of a name, `prefix:name` or an IRI, and what it is
        called; `prefixes` are the namespaces.
        """
        sequence, classes, properties = self._known
        if sequence != self._reader.sequence:
            sequence = self._reader.sequence
            classes, properties = self._iris(_CLASSES), self._iris(_PROPERTIES)
            self._known = sequence, classes, properties
        return {
            "prefixes": dict(PREFIXES),
            "classes": [self._named(one, wanted) for one in classes],
            "properties": [self._named(one, wanted) for one in properties],
        }

    def _iris(self, pattern: str) -> tuple[str, ...]:
        found = self._reader.query(
            f"PREFIX void: <{expand('void:')}> SELECT DISTINCT ?term"
            f" {{ GRAPH <{quality_graph(self._reader.base)}> {{ {pattern} }} }}"
        )
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
        return tuple(sorted((row["term"].value for row in found), key=compact))

    def _named(self, iri: str, wanted: Sequence[str]) -> tuple[str, str]:
        return compact(iri), self._terms.label(iri, wanted).text
