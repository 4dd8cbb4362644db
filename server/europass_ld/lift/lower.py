"""From ELM RDF back to LOQ or AMS XML, by the same mapping table.

Elements come in the schema's order. Repeated values keep the order in which the RDF gives them;
nested nodes that lifting named carry their number in the IRI, so theirs survives any store.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

import pyoxigraph as ox
from lxml import etree

from ..errors import LiftError, UnmappableValue, UnmappedElement
from ..mapping import DATATYPES, FAMILIES, Child, MappedClass, MappingTable, load_mapping
from ..terms import GENID_PATH, PREFIXES, RDF_TYPE, SKOS_CONCEPT, XSD_STRING, compact, expand

_XSD_VERSIONS = {"3.1": "3.1.0", "3.3": "3.3.1"}
_TYPES_OF_VALUES = frozenset({SKOS_CONCEPT, expand("skos:ConceptScheme"), expand("elm:Mailbox")})
_ORDINAL = re.compile(rf"{re.escape(GENID_PATH)}[0-9a-f]+\.(\d+)$")

_Objects = dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]
LexicalForms = Mapping[tuple[str, str, str], str]
"""Source forms of canonicalised literals, by subject IRI, property IRI and canonical form."""


def lower(
    triples: Iterable[ox.Quad | ox.Triple],
    out: BinaryIO,
    *,
    version: str = "3.1",
    lexical: LexicalForms | None = None,
) -> str:
    """Write the records in `triples` to `out` as XML of `version`; return the family written.

    The family is LOQ if there is any record that only LOQ has, else AMS. Graph names do not
    matter. `lexical` restores the forms in which a source wrote its literals.

    Raises:
        UnmappedElement: a property that the table has no row for, or a node no record refers to.
        UnmappableValue: a value of the wrong kind, such as a string where a dateTime must stand.
        LiftError: there is no record at all.
    """
    graph = _Graph(triples)
    table = _family(graph)
    writer = _Writer(graph, table, table.namespace(version), lexical or {})
    parts = list(_document(table, version, writer.records))
    writer.refuse_leftovers()
    out.writelines(parts)
    return table.family


def lower_record(
    triples: Iterable[ox.Triple],
    table: MappingTable,
    class_iri: str,
    *,
    version: str,
    lexical: LexicalForms | None = None,
) -> etree._Element:
    """Return the one record in `triples`, of the class `class_iri`, as an element of `version`.

    `triples` are all that the record states, with its nested nodes, and nothing else.

    Raises:
        UnmappedElement, UnmappableValue: as `lower` does.
        LiftError: there is no record of that class in the triples, or the family has none.
    """
    graph = _Graph(triples)
    writer = _Writer(graph, table, table.namespace(version), lexical or {})
    mapped = next((one for one in table.records.values() if one.class_iri == class_iri), None)
    subjects = graph.records.get(class_iri)
    if mapped is None or not subjects:
        raise LiftError(
            f"no record of the class {compact(class_iri)} that {table.family.upper()} could hold",
            path="",
            line=None,
        )
    element = writer.record(mapped, subjects[0])
    writer.refuse_leftovers()
    return element


def lowered_document(
    table: MappingTable, version: str, records: Callable[[MappedClass], Iterable[etree._Element]]
) -> Iterator[bytes]:
    """Yield an XML document of `version` in parts: for each class in turn, what `records` yields.

    No more than one record is held at a time.
    """
    yield from _document(
        table,
        version,
        lambda container: (
            element
            for mapped in table.records.values()
            if mapped.container == container
            for element in records(mapped)
        ),
    )


class _Graph:
    """Triples by subject and property, in the order they came, and what was not used yet."""

    def __init__(self, triples: Iterable[ox.Quad | ox.Triple]):
        self.types: dict[str, list[str]] = defaultdict(list)
        self.objects: dict[str, _Objects] = defaultdict(dict)
        self.records: dict[str, list[str]] = defaultdict(list)
        self.order: dict[str, int] = {}
        for triple in triples:
            self._add(str(triple.subject), triple.predicate.value, triple.object)
        self.unused = set(self.order)

    def _add(self, subject: str, predicate: str, value: object) -> None:
        self.order.setdefault(subject, len(self.order))
        if predicate == RDF_TYPE and isinstance(value, ox.NamedNode):
            if value.value not in self.types[subject]:
                self.types[subject].append(value.value)
                self.records[value.value].append(subject)
        elif isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal):
            self.objects[subject].setdefault(predicate, []).append(value)


def _family(graph: _Graph) -> MappingTable:
    tables = [load_mapping(family) for family in FAMILIES]
    classes = [{record.class_iri for record in table.records.values()} for table in tables]
    present = set(graph.records)
    if present & (classes[0] - classes[1]):
        return tables[0]
    if present & classes[1]:
        return tables[1]
    raise LiftError("no LOQ or AMS record in the RDF", path="", line=None)


class Frame:
    """What a document of `version` consists of beside its elements, and how these stand in it.

    `start` comes before the first container, `end` after the last; containers without a record are
    left out.
    """

    def __init__(self, table: MappingTable, version: str):
        namespace = table.namespace(version)
        self._declarations = _declarations(namespace)
        self.start = (
            f"<?xml version='1.0' encoding='UTF-8'?>\n"
            f'<{table.root}{self._declarations} xsdVersion="{_XSD_VERSIONS[version]}">\n'
        ).encode()
        self.end = f"</{table.root}>\n".encode()

    def opening(self, container: str) -> bytes:
        """Return what begins a container."""
        return f"  <{container}>\n".encode()

    def closing(self, container: str) -> bytes:
        """Return what ends a container."""
        return f"  </{container}>\n".encode()

    def record(self, element: etree._Element) -> bytes:
        """Return a record as it stands in its container: its start tag alone begins in column 5."""
        etree.indent(element, level=2)
        text = etree.tostring(element, encoding="unicode")
        # the root has declared them already
        return f"    {text.replace(self._declarations, '', 1)}\n".encode()


def _document(
    table: MappingTable, version: str, records: Callable[[str], Iterable[etree._Element]]
) -> Iterator[bytes]:
    """Yield a document of `version`; `records` gives the elements of a container."""
    frame = Frame(table, version)
    yield frame.start
    for container in table.containers:
        empty = True
        for element in records(container):
            if empty:
                yield frame.opening(container)
            empty = False
            yield frame.record(element)
        if not empty:
            yield frame.closing(container)
    yield frame.end


def _prefixes(namespace: str) -> dict[str | None, str]:
    return {
        None: namespace,
        "skos": PREFIXES["skos"],
        "dc": PREFIXES["dct"],
        "locn": PREFIXES["locn"],
        "clv": PREFIXES["clv"],
    }


def _declarations(namespace: str) -> str:
    """Return the namespace declarations as they stand in the start tag of every lone element."""
    element = etree.Element(f"{{{namespace}}}x", nsmap=_prefixes(namespace))
    text: str = etree.tostring(element, encoding="unicode")
    return text.removeprefix("<x").removesuffix("/>")


class _Writer:
    """Makes the elements of the records in a graph."""

    def __init__(self, graph: _Graph, table: MappingTable, namespace: str, lexical: LexicalForms):
        self._graph = graph
        self._table = table
        self._lexical = lexical
        self._namespace = namespace

    def records(self, container: str) -> Iterator[etree._Element]:
        """Yield the records of a container."""
        found = list(self._found(container))
        if container not in self._table.by_kind:
            found.sort(key=lambda one: self._graph.order[one[1]])
        for mapped, subject in found:
            yield self.record(mapped, subject)

    def record(self, mapped: MappedClass, subject: str) -> etree._Element:
        """Return one record."""
        iri = _iri(subject)
        element = etree.Element(
            f"{{{self._namespace}}}{mapped.name}", nsmap=_prefixes(self._namespace), id=iri
        )
        self._fill(element, iri, mapped)
        return element

    def refuse_leftovers(self) -> None:
        """Raise if a described node was not written: nothing is left out in silence."""
        for subject in sorted(self._graph.unused):
            if not _TYPES_OF_VALUES.issuperset(self._graph.types.get(subject, ["none"])):
                raise UnmappedElement(
                    f"{subject} is described, but no record of {self._table.family} refers to it",
                    path=subject,
                    line=None,
                )

    def _found(self, container: str) -> Iterator[tuple[MappedClass, str]]:
        for mapped in self._table.records.values():
            if mapped.container == container:
                for subject in self._graph.records[mapped.class_iri]:
                    yield mapped, subject

    def _fill(self, element: etree._Element, subject: str, mapped: MappedClass) -> None:
        key = f"<{subject}>" if not subject.startswith("_:") else subject
        statements = self._graph.objects.get(key, {})
        self._graph.unused.discard(key)
        known = {child.property for child in mapped.children}
        for predicate in statements:
            if predicate not in known:
                raise UnmappedElement(
                    f"<{subject}>: a {mapped.name} has no element for {compact(predicate)}",
                    path=f"{mapped.name}/{compact(predicate)}",
                    line=None,
                )
        for child in mapped.children:
            values = statements.get(child.property, [])
            for value in dict.fromkeys(values) if mapped.name == "Concept" else _in_order(values):
                self._add(element, subject, child, value)

    def _add(
        self,
        parent: etree._Element,
        subject: str,
        child: Child,
        value: ox.NamedNode | ox.BlankNode | ox.Literal,
    ) -> None:
        element = etree.SubElement(parent, child.tag(self._namespace))
        if isinstance(value, ox.Literal):
            self._add_literal(element, subject, child, value)
            return
        iri = value.value if isinstance(value, ox.NamedNode) else str(value)
        if child.kind == "node":
            self._fill(element, iri, self._table.nodes[str(child.node)])
        elif child.kind == "code":
            element.set("uri", iri)
            self._describe(element, iri, child)
        elif child.kind in {"reference", "mention"}:
            element.set("idref", iri)
        elif child.kind in {"iri", "scheme", "mailbox"}:
            element.text = iri
        else:
            raise self._wrong(subject, child, str(value))

    def _describe(self, element: etree._Element, iri: str, child: Child) -> None:
        self._graph.unused.discard(f"<{iri}>")
        if not child.codes:
            self._fill(element, iri, self._table.nodes["Concept"])

    def _add_literal(
        self, element: etree._Element, subject: str, child: Child, value: ox.Literal
    ) -> None:
        datatype = value.datatype.value
        element.text = self._lexical.get((subject, child.property, value.value), value.value)
        if child.kind == "text" and value.language:
            element.set("language", value.language)
        elif child.kind == "notation":
            if datatype != XSD_STRING:
                element.set("type", datatype)
        elif child.kind not in DATATYPES or datatype != expand(f"xsd:{child.kind}"):
            raise self._wrong(subject, child, str(value))

    def _wrong(self, subject: str, child: Child, value: str) -> UnmappableValue:
        return UnmappableValue(
            f"<{subject}>: {value} cannot be the value of {child.name} (expected: {child.kind})",
            path=child.name,
            line=None,
            value=value,
        )


def _iri(subject: str) -> str:
    return subject[1:-1] if subject.startswith("<") else subject


def _in_order(
    values: list[ox.NamedNode | ox.BlankNode | ox.Literal],
) -> list[ox.NamedNode | ox.BlankNode | ox.Literal]:
    """Return nested nodes by the number in their IRI; anything else as it came."""
    numbers = [_ORDINAL.search(str(getattr(value, "value", ""))) for value in values]
    if not all(numbers):
        return values
    keyed = zip(numbers, values, strict=True)
    return [value for _, value in sorted(keyed, key=lambda pair: int(pair[0][1]))]  # type: ignore[index]
