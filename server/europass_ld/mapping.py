"""The mapping tables of `mappings/`: which XML element is which RDF property, and the reverse.

One table serves lifting, lowering, the coverage tests, the order of HTML pages and the page that
documents the mapping. This module only reads and checks a table; `lift` compiles it to code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import yaml

from . import resources, terms
from .errors import ConfigurationError

DATATYPES = frozenset(
    {"string", "dateTime", "duration", "decimal", "integer", "boolean", "anyURI"},
)
VALUE_KINDS = frozenset(
    {"text", "notation", "iri", "scheme", "mailbox", "code", "reference", "mention", "node"},
)


@dataclass(frozen=True, slots=True)
class Child:
    """One element in one class: its RDF property and what its value is.

    `kind` is one of `DATATYPES` or `VALUE_KINDS`. `codes` names the code lists of a `code` (none:
    any concept), `targets` the records a `reference` or `mention` may point at, `node` the nested
    class of a `node`.
    """

    name: str
    property: str
    kind: str
    codes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    node: str | None = None

    def tag(self, namespace: str) -> str:
        """Return the element's name as lxml writes it, for a family's `namespace`."""
        prefix, colon, local = self.name.partition(":")
        return f"{{{terms.PREFIXES[prefix]}}}{local}" if colon else f"{{{namespace}}}{self.name}"


class Use(NamedTuple):
    """A code, reference or notation that a record states: as which child, its value, the line."""

    child: Child
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class MappedClass:
    """A record or a nested node: its RDF class and its children in the schema's order.

    `container` is the element that holds a record; it is None for a nested node.
    """

    name: str
    class_iri: str
    children: tuple[Child, ...]
    container: str | None = None


@dataclass(frozen=True, slots=True)
class MappingTable:
    """One family's table.

    `namespaces` gives, for each XML namespace that publishers write, the schema version it means;
    the first of a version is the one that lowering writes. `records` stand in container order.
    """

    family: str
    title: str
    root: str
    namespaces: Mapping[str, str]
    records: Mapping[str, MappedClass]
    nodes: Mapping[str, MappedClass]
    by_kind: frozenset[str] = frozenset()
    """Containers in which all records of one kind stand before those of the next."""

    def namespace(self, version: str) -> str:
        """Return the namespace in which a document of `version` is written."""
        return next(iri for iri, known in self.namespaces.items() if known == version)

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers in document order."""
        return tuple(dict.fromkeys(str(one.container) for one in self.records.values()))


FAMILIES = ("loq", "ams")


@cache
def load_mapping(family: str) -> MappingTable:
    """Return the table of `family` ("loq" or "ams").

    Raises:
        ConfigurationError: the table contradicts itself; the message names the row.
    """
    raw = _read(family)
    elements = {name: _child(family, name, row) for name, row in raw["elements"].items()}
    records = {
        name: _mapped_class(family, name, body, elements) for name, body in raw["records"].items()
    }
    nodes = {
        name: _mapped_class(family, name, body, elements) for name, body in raw["nodes"].items()
    }
    table = MappingTable(
        family,
        raw["title"],
        raw["root"],
        dict(raw["namespaces"]),
        records,
        {name: node for name, node in nodes.items() if name in _reachable(records, nodes)},
        frozenset(raw.get("by_kind", ())),
    )
    _check_names(table)
    return table


def _load(family: str) -> dict[str, Any]:
    path = resources.find("mappings") / f"{family}.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return dict(raw)


def _read(family: str) -> dict[str, Any]:
    raw = _load(family)
    if "extends" not in raw:
        return raw
    base = _load(raw["extends"])
    return {
        **raw,
        "elements": base["elements"] | raw.get("elements", {}),
        "records": {name: body or base["records"][name] for name, body in raw["records"].items()},
        "nodes": base["nodes"] | raw.get("nodes", {}),
    }


def _child(family: str, name: str, row: str) -> Child:
    curie, _, rest = row.partition(" ")
    try:
        return _with_kind(family, Child(name, terms.expand(curie), ""), rest)
    except KeyError as error:
        raise _wrong(family, name, f"unknown prefix in {curie!r}") from error


def _with_kind(family: str, child: Child, words: str) -> Child:
    kind, *arguments = words.split()
    if kind not in DATATYPES | VALUE_KINDS:
        accepted = ", ".join(sorted(DATATYPES | VALUE_KINDS))
        raise _wrong(family, child.name, f"unknown kind {kind!r} (accepted: {accepted})")
    return Child(
        child.name,
        child.property,
        kind,
        codes=tuple(arguments) if kind == "code" else (),
        targets=tuple(arguments) if kind in {"reference", "mention"} else (),
        node=arguments[0] if kind == "node" else None,
    )


def _mapped_class(
    family: str, name: str, body: dict[str, Any], elements: Mapping[str, Child]
) -> MappedClass:
    children = []
    for row in body["children"]:
        child, words = next(iter(row.items())) if isinstance(row, dict) else (row, None)
        if child not in elements:
            raise _wrong(family, f"{name}/{child}", "no row in `elements`")
        known = elements[child]
        children.append(_with_kind(family, known, words) if words else known)
    return MappedClass(name, terms.expand(body["class"]), tuple(children), body.get("container"))


def _reachable(
    records: Mapping[str, MappedClass], nodes: Mapping[str, MappedClass]
) -> frozenset[str]:
    """Return the names of the nodes that records hold; any `code` may be described as a Concept."""
    found = {"Concept"}
    waiting = [*records.values(), nodes["Concept"]]
    while waiting:
        for child in waiting.pop().children:
            if child.node is not None and child.node in nodes and child.node not in found:
                found.add(child.node)
                waiting.append(nodes[child.node])
    return frozenset(found)


def _check_names(table: MappingTable) -> None:
    for mapped in (*table.records.values(), *table.nodes.values()):
        for child in mapped.children:
            where = f"{mapped.name}/{child.name}"
            if child.node is not None and child.node not in table.nodes:
                raise _wrong(table.family, where, f"no node {child.node!r}")
            unknown = set(child.targets) - set(table.records)
            if unknown:
                raise _wrong(table.family, where, f"no record {', '.join(sorted(unknown))}")


def _wrong(family: str, row: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"mappings/{family}.yaml, row {row}: {what}", setting="mappings")
