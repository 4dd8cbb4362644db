"""Identifiers, references and notations of a whole document: what no single record can tell.

The rules are those of the keys and references in the official schemas: an identifier names one
record; a reference points at a record of the right kind in the same document; a notation of an
`identifier` occurs once. Three properties are not keyed there (publisher, isPartOf,
generalisationOf): for these a missing target is a Warning.
"""

from array import array
from collections.abc import Iterable, Iterator

from ..mapping import Child, MappingTable, Use
from .report import Finding, Severity

_LINE_BITS = 32


class ReferenceValidator:
    """Collects what the records of one document state, and says at the end what does not fit.

    Memory grows with the number of records and references, at some 150 bytes each.
    """

    def __init__(self, table: MappingTable, file: str):
        self._table = table
        self._file = file
        self._iris: list[str] = []
        self._lines = array("L")
        self._kinds: list[str] = []
        self._ordinals: dict[str, int] = {}
        self._targets: list[str] = []
        self._children: list[Child] = []
        self._places = array("Q")
        self._notations: dict[str, int] = {}
        self._duplicates: list[Finding] = []

    def add(
        self,
        iri: str,
        kind: str,
        line: int,
        references: Iterable[Use] = (),
        notations: Iterable[Use] = (),
    ) -> None:
        """Take note of a record: its IRI, kind and line, and what it states."""
        number = len(self._iris)
        first = self._ordinals.setdefault(iri, number)
        self._iris.append(iri)
        self._lines.append(line)
        self._kinds.append(kind)
        if first != number:
            self._duplicates.append(self._duplicate_identifier(number, first))
        for use in references:
            self._targets.append(use.value)
            self._children.append(use.child)
            self._places.append(number << _LINE_BITS | use.line)
        for use in notations:
            self._add_notation(use, number)

    def kinds(self) -> Iterator[tuple[str, str]]:
        """Yield the IRI and the kind of every record."""
        yield from zip(self._iris, self._kinds, strict=True)

    def findings(self) -> Iterator[Finding]:
        """Yield what does not fit; call when all records are in."""
        yield from self._duplicates
        for target, child, place in zip(self._targets, self._children, self._places, strict=True):
            number = self._ordinals.get(target)
            if number is None or self._kinds[number] not in child.targets:
                found = None if number is None else self._kinds[number]
                yield self._unresolved(target, child, place, found)

    def _add_notation(self, use: Use, number: int) -> None:
        place = number << _LINE_BITS | use.line
        first = self._notations.setdefault(use.value, place)
        if first != place:
            self._duplicates.append(
                Finding(
                    rule="notation/duplicate",
                    severity=Severity.ERROR,
                    message=f"the notation stands already on line {_line(first)}",
                    file=self._file,
                    line=use.line,
                    path="identifier/skos:notation",
                    record=self._iris[number],
                    value=use.value,
                    accepted="a notation that no other identifier of the document has",
                    source="ELM: notations of identifiers are unique in a document",
                )
            )

    def _duplicate_identifier(self, number: int, first: int) -> Finding:
        return Finding(
            rule="identifier/duplicate",
            severity=Severity.ERROR,
            message=f"the {self._kinds[first]} on line {self._lines[first]} has this id already",
            file=self._file,
            line=self._lines[number],
            path="@id",
            record=self._iris[number],
            value=self._iris[number],
            accepted="an id that no other record of the document has",
            source="ELM: identifiers are unique in a document",
        )

    def _unresolved(self, target: str, child: Child, place: int, found: str | None) -> Finding:
        number = place >> _LINE_BITS
        message = (
            f"{child.name} points at nothing in this document"
            if found is None
            else f"{child.name} points at a {found}"
        )
        mentioned = child.kind == "mention"
        return Finding(
            rule="reference/dangling" if found is None else "reference/wrong-kind",
            severity=Severity.WARNING if mentioned else Severity.ERROR,
            message=message,
            file=self._file,
            line=_line(place),
            path=f"{child.name}/@idref",
            record=self._iris[number],
            value=target,
            accepted=f"the id of a record of this document: {' or '.join(child.targets)}",
            source=f"mappings/{self._table.family}.yaml {child.name}",
        )


def _line(place: int) -> int:
    return place & ((1 << _LINE_BITS) - 1)
