"""What a record says of itself, read from its triples without parsing all of them.

No IO and no Flask here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from ...terms import expand
from ..labels import TITLES, texts

IDENTIFYING = tuple(
    expand(one)
    for one in (
        "adms:identifier",
        "rov:registration",
        "elm:eidasLegalIdentifier",
        "elm:vatIdentifier",
        "elm:taxIdentifier",
    )
)
"""The properties that lead from a record to a node with an identifier in it."""

_NOTATION = expand("skos:notation")
Values = Mapping[str, Sequence[ox.NamedNode | ox.Literal]]
"""The values of a subject by the IRI of the property, in the order they are stated."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One record: what is said of it and, by IRI, of the nodes that hang from it."""

    values: Values
    nodes: Mapping[str, Values]

    def titles(self) -> dict[str, str]:
        """Return the titles by language tag."""
        return texts((name, one) for name, values in self.values.items() for one in values)

    def names(self) -> tuple[str, ...]:
        """Return every title in every language, each once."""
        found = (one for name in TITLES for one in self.values.get(name.value, ()))
        return tuple(dict.fromkeys(one.value for one in found if isinstance(one, ox.Literal)))

    def identifiers(self) -> tuple[str, ...]:
        """Return the notations of the identifiers that the publisher gave, each once."""
        found = (
            notation.value.strip()
            for name in IDENTIFYING
            for node in self.values.get(name, ())
            for notation in self.nodes.get(node.value, {}).get(_NOTATION, ())
        )
        return tuple(dict.fromkeys(one for one in found if one))

    def iris(self, prefixed: str) -> tuple[str, ...]:
        """Return the IRIs that a property (`prefix:name`) leads to, each once."""
        found = self.values.get(expand(prefixed), ())
        return tuple(dict.fromkeys(one.value for one in found if isinstance(one, ox.NamedNode)))


def only(properties: Iterable[str]) -> re.Pattern[str]:
    """Return what finds the N-Triples lines with one of these properties, given by IRI."""
    return re.compile(rf"^<[^>]*> <(?:{'|'.join(map(re.escape, properties))})> .*$", re.MULTILINE)


def facts(iri: str, triples: str, wanted: re.Pattern[str] | None = None) -> Facts:
    """Return what N-Triples lines say about a record and its nodes.

    With `wanted` (see `only`) nothing else is read: most of a record is descriptions.
    """
    text = "\n".join(wanted.findall(triples)) if wanted else triples
    grouped: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = defaultdict(dict)
    for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES, lenient=True):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(
            quad.object, ox.NamedNode | ox.Literal
        ):
            said = grouped[quad.subject.value]
            said.setdefault(quad.predicate.value, []).append(quad.object)
    return Facts(grouped.pop(iri, {}), grouped)
