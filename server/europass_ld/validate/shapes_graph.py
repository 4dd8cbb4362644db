"""The shapes graphs of `shapes/`: read, checked for slips, and asked what a shape says.

SHACL engines ignore what they do not know: a misspelt `sh:nodekind` or a property shape without a
path is silently no constraint at all (two of the official shapes graphs have such slips). So a
graph is linted before any engine sees it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import pyoxigraph as ox

from .. import resources
from ..errors import ConfigurationError
from ..terms import PREFIXES, compact, expand

FILES = {
    "loq": ("common", "loq"),
    "ams": ("common", "ams"),
    "edc": ("edc",),
    "edc-full": ("edc", "edc-codes"),
    "edc-accredited": ("edc", "edc-codes", "edc-accredited"),
    "edc-diploma-supplement": (
        "edc",
        "edc-codes",
        "edc-accredited",
        "edc-diploma-supplement",
    ),
    "edc-issued-by-mandate": ("edc", "edc-codes", "edc-issued-by-mandate"),
    "edc-converted": ("edc", "edc-codes", "edc-converted"),
    "pid": ("pid",),
}
"""The files, without ending, that make up the shapes graph of a family or profile."""

BEST_PRACTICE = "https://europass-ld.github.io/shapes/best-practice#"

_SH = PREFIXES["sh"]
_CLASSES = ("sh:NodeShape", "sh:PropertyShape")
_TARGETS = ("sh:targetClass", "sh:targetNode", "sh:targetSubjectsOf", "sh:targetObjectsOf")
_LINKS = ("sh:property", "sh:node", "sh:not", "sh:qualifiedValueShape")
_LISTS = ("sh:or", "sh:and", "sh:xone")
_SHOWN = ("sh:minCount", "sh:maxCount", "sh:datatype", "sh:class", "sh:nodeKind")
_NEED_MESSAGE = ("sh:closed", "sh:not", "sh:node", "sh:pattern", *_LISTS)
_TERMS = frozenset(
    (
        *_TARGETS,
        *_LINKS,
        *_LISTS,
        *_SHOWN,
        *("sh:path", "sh:severity", "sh:message", "sh:name", "sh:description", "sh:order"),
        *("sh:deactivated", "sh:closed", "sh:ignoredProperties", "sh:hasValue", "sh:in"),
        *("sh:minLength", "sh:maxLength", "sh:pattern", "sh:flags"),
        *("sh:languageIn", "sh:uniqueLang"),
        *("sh:equals", "sh:disjoint", "sh:lessThan", "sh:lessThanOrEquals"),
        *("sh:minInclusive", "sh:maxInclusive", "sh:minExclusive", "sh:maxExclusive"),
        *("sh:qualifiedMinCount", "sh:qualifiedMaxCount", "sh:qualifiedValueShapesDisjoint"),
    )
)
"""What SHACL Core constrains and describes with: <https://www.w3.org/TR/shacl/#core-components>."""

_SEVERITIES = frozenset(f"<{_SH}{name}>" for name in ("Violation", "Warning", "Info"))
_NOT_PORTABLE = re.compile(r"\(\?|\\[^\\tnr.*+?()\[\]{}|^$-]|\[\[|&&|\[[^]]*\[")
"""Java's, Python's, Rust's and XPath's regular expressions agree on little more than the basics."""


@dataclass(frozen=True, slots=True)
class ShapeText:
    """What a shape says: its English name and message, and per component what it accepts."""

    name: str
    message: str
    accepted: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShapesGraph:
    """A shapes graph: as N-Triples for an engine, and its shapes' texts by IRI."""

    ntriples: str
    texts: Mapping[str, ShapeText]


@cache
def load_shapes_graph(family: str, *, best_practice: bool = True) -> ShapesGraph:
    """Return the shapes graph of a family or profile in `FILES`, with or without our own advice.

    Raises:
        ConfigurationError: no such family, or the lint found something; it is in the message.
    """
    if family not in FILES:
        raise ConfigurationError(f"no shapes for {family!r} (there are: {', '.join(FILES)})")
    names = (*FILES[family], *(("best-practice",) if best_practice else ()))
    folder = resources.find("shapes")
    return read_shapes_graph(
        *((folder / f"{name}.ttl").read_text(encoding="utf-8") for name in names)
    )


def read_shapes_graph(*turtle: str) -> ShapesGraph:
    """Read a shapes graph from one or several Turtle documents.

    Raises:
        ConfigurationError: the lint found something; it is in the message.
    """
    graph = _Graph(*turtle)
    problems = sorted(graph.problems())
    if problems:
        raise ConfigurationError(f"shapes graph: {'; '.join(problems)}", setting="shapes")
    return graph.value()


def lint(*turtle: str) -> list[str]:
    """Return what is wrong with a shapes graph, one line for each slip; see `shapes/README.md`."""
    return sorted(_Graph(*turtle).problems())


class _Graph:
    """A shapes graph while it is looked at.

    `facts` has, by subject and by `prefix:name` of the property, the values. Nodes are strings in
    N-Triples syntax, literals are literals.
    """

    def __init__(self, *turtle: str):
        # Parsed and not loaded: a store would rewrite literals.
        triples = [
            quad.triple
            for text in turtle
            for quad in ox.parse(text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        ]
        self.ntriples = (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
        self.facts: dict[str, dict[str, list[str | ox.Literal]]] = {}
        for subject, predicate, value in dict.fromkeys(triples):
            facts = self.facts.setdefault(str(subject), {})
            term = value if isinstance(value, ox.Literal) else str(value)
            facts.setdefault(compact(predicate.value), []).append(term)
        self.shapes = {
            subject: name
            for subject, facts in self.facts.items()
            for name in _CLASSES
            if f"<{expand(name)}>" in facts.get("rdf:type", ())
        }

    def value(self) -> ShapesGraph:
        """The shapes graph that was read."""
        texts = {shape[1:-1]: self._text(shape) for shape in self.shapes}
        return ShapesGraph(self.ntriples, MappingProxyType(texts))

    def problems(self) -> Iterator[str]:
        """Yield everything the lint finds."""
        if not any(self._has_target(shape) for shape in self.shapes):
            yield "no shape with a target"
        for subject, facts in self.facts.items():
            yield from self._class_problems(subject)
            for curie in facts:
                yield from self._term_problems(subject, curie)
        for shape, name in self.shapes.items():
            if shape.startswith("_:"):
                yield "a shape without an IRI"
            elif name == "sh:PropertyShape":
                yield from self._property_problems(shape)
            else:
                yield from self._node_problems(shape)

    def _class_problems(self, subject: str) -> Iterator[str]:
        for value in self._nodes(subject, "rdf:type"):
            name = compact(value[1:-1])
            if name.startswith("sh:") and name not in _CLASSES:
                yield f"{subject}: {name} is no class of shapes"

    def _term_problems(self, subject: str, curie: str) -> Iterator[str]:
        if curie.startswith("sh:") and curie not in _TERMS:
            yield f"{subject}: {curie} is no term of SHACL Core"
        for shape in self._members(subject, curie):
            if shape not in self.shapes:
                yield f"{subject}: {curie} names {shape}, which is no shape"
        for value in self.facts[subject][curie]:
            if curie == "sh:severity" and value not in _SEVERITIES:
                yield f"{subject}: {value} is no severity"
            if curie == "sh:pattern" and not _portable(str(getattr(value, "value", value))):
                yield f"{subject}: the pattern {value} is not portable"

    def _property_problems(self, shape: str) -> Iterator[str]:
        if len(self.facts[shape].get("sh:path", ())) != 1:
            yield f"{shape}: not exactly one sh:path"
        for curie in ("sh:name", "sh:description", "sh:message"):
            if not self._english(shape, curie):
                yield f"{shape}: no English {curie}"

    def _node_problems(self, shape: str) -> Iterator[str]:
        if "sh:path" in self.facts[shape]:
            yield f"{shape}: a node shape with a sh:path"
        if not self._has_target(shape):
            return
        if not self._english(shape, "rdfs:label"):
            yield f"{shape}: no English rdfs:label"
        speaks = any(curie in self.facts[shape] for curie in _NEED_MESSAGE)
        if speaks and not self._english(shape, "sh:message"):
            yield f"{shape}: no English sh:message"

    def _has_target(self, shape: str) -> bool:
        return any(curie in self.facts[shape] for curie in _TARGETS)

    def _nodes(self, subject: str, curie: str) -> list[str]:
        values = self.facts.get(subject, {}).get(curie, ())
        return [value for value in values if isinstance(value, str)]

    def _members(self, subject: str, curie: str) -> list[str]:
        """The shapes that a property names, one by one or in a list."""
        nodes = self._nodes(subject, curie)
        if curie in _LINKS:
            return nodes
        if curie not in _LISTS:
            return []
        return [member for head in nodes for member in self._listed(head)]

    def _listed(self, head: str) -> Iterator[str]:
        while self._nodes(head, "rdf:first"):
            yield from self._nodes(head, "rdf:first")
            head = self._nodes(head, "rdf:rest")[0]

    def _english(self, shape: str, curie: str) -> str:
        values = self.facts[shape].get(curie, ())
        english = (v.value for v in values if isinstance(v, ox.Literal) and v.language == "en")
        return next(english, "")

    def _text(self, shape: str) -> ShapeText:
        name = self._english(shape, "sh:name") or self._english(shape, "rdfs:label")
        accepted = MappingProxyType(dict(self._accepted(shape)))
        return ShapeText(name, self._english(shape, "sh:message"), accepted)

    def _accepted(self, shape: str) -> Iterator[tuple[str, str]]:
        for curie in _SHOWN:
            for value in self.facts[shape].get(curie, ()):
                text = compact(value[1:-1]) if isinstance(value, str) else value.value
                limit = {"sh:minCount": "at least ", "sh:maxCount": "at most "}.get(curie, "")
                local = curie.removeprefix("sh:")
                yield local[0].upper() + local[1:], f"{limit}{text}"
        members = self._members(shape, "sh:or")
        classes = [
            compact(one[1:-1]) for member in members for one in self._nodes(member, "sh:class")
        ]
        if classes:
            yield "Or", " or ".join(classes)


def _portable(pattern: str) -> bool:
    if _NOT_PORTABLE.search(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
