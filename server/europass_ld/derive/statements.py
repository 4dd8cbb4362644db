"""What the datasets state, as deriving asks for it: node by node, values in N-Triples form.

Nodes and predicates are IRIs without brackets, values are terms as N-Triples writes them.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from ..terms import RDF_TYPE, expand

LEADS_TO = expand("elm:learningAchievementSpecification")
TEXTS = frozenset(map(expand, ("dct:title", "dct:description")))
"""Properties of which only the languages matter."""
LINKS = frozenset(
    map(
        expand,
        (
            "elm:learningAchievementSpecification",
            "dct:temporal",
            "elm:priceDetail",
            "elm:amount",
            "elm:creditPoint",
            "elm:location",
            "elm:address",
            "elm:providedBy",
            "elm:organisation",
            "elm:awardingOpportunity",
            "elm:awardingBody",
            "rov:registration",
            "elm:eidasLegalIdentifier",
            "elm:vatIdentifier",
            "elm:taxIdentifier",
        ),
    )
)
"""Properties that deriving follows: what is derived of a node depends on what they lead to."""
VALUES = LINKS.union(
    map(
        expand,
        (
            "elm:ISCEDFCode",
            "elm:EQFLevel",
            "elm:NQFLevel",
            "elm:duration",
            "elm:startDate",
            "elm:endDate",
            "elm:applicationDeadline",
            "rdf:value",
            "elm:unit",
            "elm:framework",
            "elm:point",
            "dct:valid",
            "dct:issued",
            "elm:expiryDate",
            "elm:countryCode",
            "elm:spatialCode",
            "dct:spatial",
            "elm:limitJurisdiction",
        ),
    )
)
"""All properties whose values deriving asks for."""


class Kind(Enum):
    """A kind of record about which something is derived, by its classes."""

    OPPORTUNITY = ("elm:LearningOpportunity",)
    SPECIFICATION = ("elm:Qualification", "elm:LearningAchievementSpecification")
    ORGANISATION = ("elm:Organisation",)
    ACCREDITATION = ("elm:Accreditation",)


KINDS = {expand(one): kind for kind in Kind for one in kind.value}
"""The kind of record that a class is."""


class Statements(Protocol):
    """What all datasets state together."""

    def kind(self, node: str) -> Kind | None:
        """Return the kind of record that a node is; of a node of two kinds the first."""
        ...

    def graphs(self, node: str) -> Iterable[str]:
        """Return the datasets (IRIs) in which a node has a class."""
        ...

    def values(self, node: str, predicate: str) -> Sequence[str]:
        """Return the values of one of `VALUES`; a value that was stated twice may come twice."""
        ...

    def languages(self, node: str, predicate: str) -> Iterable[str]:
        """Return the language tags of the values of one of `TEXTS`."""
        ...

    def leading_to(self, node: str) -> Iterable[str]:
        """Return the nodes that lead to an achievement specification."""
        ...


_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class Stored:
    """The statements of a store."""

    def __init__(self, store: ox.Store):
        self._store = store

    def kind(self, node: str) -> Kind | None:
        """See `Statements`."""
        classes = self._objects(node, RDF_TYPE)
        return first_kind(one.value for one in classes if isinstance(one, ox.NamedNode))

    def graphs(self, node: str) -> Iterable[str]:
        """See `Statements`; the names of all graphs of the store that give the node a class."""
        typed = self._store.quads_for_pattern(ox.NamedNode(node), ox.NamedNode(RDF_TYPE), None)
        return {one.graph_name.value for one in typed if isinstance(one.graph_name, ox.NamedNode)}

    def values(self, node: str, predicate: str) -> Sequence[str]:
        """See `Statements`."""
        return [str(value) for value in self._objects(node, predicate)]

    def languages(self, node: str, predicate: str) -> Iterable[str]:
        """See `Statements`."""
        texts = self._objects(node, predicate)
        return {one.language for one in texts if isinstance(one, ox.Literal) and one.language}

    def leading_to(self, node: str) -> Iterable[str]:
        """See `Statements`."""
        return self.linking(node, (LEADS_TO,))

    def linking(self, node: str, predicates: Iterable[str]) -> Iterator[str]:
        """Yield the nodes from which one of the predicates leads to a node."""
        target, default = ox.NamedNode(node), ox.DefaultGraph()
        for predicate in map(ox.NamedNode, predicates):
            for quad in self._store.quads_for_pattern(None, predicate, target, default):
                if isinstance(quad.subject, ox.NamedNode):
                    yield quad.subject.value

    def _objects(self, node: str, predicate: str) -> Iterator[_Term]:
        for quad in self._store.quads_for_pattern(
            ox.NamedNode(node), ox.NamedNode(predicate), None, ox.DefaultGraph()
        ):
            yield quad.object


class Step(NamedTuple):
    """A step from a node to others: along a property, or against it."""

    predicate: str
    inverse: bool


def path(text: str) -> tuple[Step, ...]:
    """Read a path of `prefix:name` steps, `^` before one that is gone backwards."""
    return tuple(Step(expand(one.removeprefix("^")), one[0] == "^") for one in text.split("/"))


def walk(statements: Statements, node: str, steps: tuple[Step, ...]) -> list[str]:
    """Return what a path leads to from a node: terms, or without steps the node alone."""
    terms = [f"<{node}>"]
    for step in steps:
        nodes = [iri for term in terms if (iri := iri_of(term))]
        if step.inverse:
            terms = [f"<{one}>" for iri in nodes for one in statements.leading_to(iri)]
        else:
            terms = [value for iri in nodes for value in statements.values(iri, step.predicate)]
    return terms


def iri_of(term: str) -> str:
    """Return the IRI that a term is; nothing (`""`) of a literal."""
    return term[1:-1] if term[:1] == "<" else ""


def text_of(term: str) -> str:
    """Return the text of a literal or the IRI."""
    if term[:1] == "<":
        return term[1:-1]
    text = term[1 : term.rindex('"')]
    return _unescaped(term) if "\\" in text else text


def first_kind(classes: Iterable[str]) -> Kind | None:
    """Return the first kind of record that classes stand for."""
    found = {KINDS[one] for one in classes if one in KINDS}
    return next((kind for kind in Kind if kind in found), None)


def _unescaped(literal: str) -> str:
    (quad,) = ox.parse(f"<a:s> <a:p> {literal} .", ox.RdfFormat.N_TRIPLES)
    return getattr(quad.object, "value", "")
