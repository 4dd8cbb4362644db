"""What datasets say, one graph at a time or all together."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from ..terms import expand


@dataclass(frozen=True, slots=True)
class Graph:
    """What one dataset says (`name`: its IRI), or all of them together (None)."""

    store: ox.Store
    name: str | None = None

    def values(self, subject: str, property_: str) -> list[str]:
        """Return the values of a property, a `prefix:name`: IRIs, labels of blank nodes, texts."""
        return [value_of(one.object) for one in self._quads(subject, property_, None)]

    def subjects(self, property_: str, value: str) -> list[str]:
        """Return what has a resource for a value of a property."""
        return [value_of(one.subject) for one in self._quads(None, property_, value)]

    def texts(self, subject: str, property_: str) -> list[str]:
        """Return the texts of a property, English ones first."""
        found = [one.object for one in self._quads(subject, property_, None)]
        literals = [one for one in found if isinstance(one, ox.Literal)]
        return [one.value for one in sorted(literals, key=lambda one: one.language != "en")]

    def _quads(self, subject: str | None, property_: str, value: str | None) -> Iterator[ox.Quad]:
        try:
            start, end = _node(subject), _node(value)
        except ValueError:  # what is no IRI has no statements
            return iter(())
        graph = ox.NamedNode(self.name) if self.name else ox.DefaultGraph()
        return self.store.quads_for_pattern(start, ox.NamedNode(expand(property_)), end, graph)


def value_of(term: object) -> str:
    """Return an IRI, the text of a literal, or the label of a blank node; nothing for None."""
    return str(getattr(term, "value", "") or "")


def _node(label: str | None) -> ox.NamedNode | None:
    return ox.NamedNode(label) if label is not None else None
