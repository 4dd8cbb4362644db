"""What records state, as values to walk through: from a record into its nested nodes."""

from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox

from ..terms import RDF_TYPE, expand

Statements = Mapping[str, Mapping[str, Sequence[ox.NamedNode | ox.Literal]]]
"""Objects by the IRI of a subject and that of a predicate, in document order, each once."""
TITLES = ("dct:title", "skos:prefLabel", "rov:legalName", "elm:geographicName")
"""The properties that hold what a record is called, in the order of preference."""


def statements(lines: str) -> Statements:
    """Read N-Triples lines."""
    found: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
    for quad in ox.parse(lines, ox.RdfFormat.N_TRIPLES, lenient=True):
        value = quad.object
        if isinstance(quad.subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            values = found.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, [])
            if value not in values:
                values.append(value)
    return found


class Thing:
    """A record or a node in it: its IRI, and what is stated of it.

    Paths are properties as `prefix:name`, each followed from the nodes that the last one led to.
    """

    def __init__(self, iri: str, stated: Statements):
        self.iri = iri
        self._stated = stated

    @property
    def types(self) -> frozenset[str]:
        """The IRIs of its classes."""
        return frozenset(_iris(self._stated.get(self.iri, {}).get(RDF_TYPE, ())))

    def values(self, *path: str) -> list[ox.NamedNode | ox.Literal]:
        """Return what a path leads to."""
        *way, last = path
        nodes = [self.iri]
        for step in way:
            nodes = [iri for node in nodes for iri in _iris(self._objects(node, step))]
        return [value for node in nodes for value in self._objects(node, last)]

    def iris(self, *path: str) -> list[str]:
        """Return the IRIs that a path leads to."""
        return list(_iris(self.values(*path)))

    def things(self, *path: str) -> list["Thing"]:
        """Return the nodes that a path leads to."""
        return [Thing(iri, self._stated) for iri in self.iris(*path)]

    def literals(self, *path: str) -> list[str]:
        """Return the texts that a path leads to, whatever their language."""
        return [one.value for one in self.values(*path) if isinstance(one, ox.Literal)]

    def texts(self, *path: str) -> dict[str, list[str]]:
        """Return the texts that a path leads to by language tag; an empty tag where none is."""
        found: dict[str, list[str]] = {}
        for one in self.values(*path):
            if isinstance(one, ox.Literal):
                found.setdefault(one.language or "", []).append(one.value)
        return found

    def title(self) -> dict[str, list[str]]:
        """Return what it is called, by language tag."""
        return next(filter(None, map(self.texts, TITLES)), {})

    def _objects(self, iri: str, curie: str) -> Sequence[ox.NamedNode | ox.Literal]:
        return self._stated.get(iri, {}).get(expand(curie), ())


def _iris(values: Sequence[ox.NamedNode | ox.Literal]) -> Iterator[str]:
    return (one.value for one in values if isinstance(one, ox.NamedNode))
