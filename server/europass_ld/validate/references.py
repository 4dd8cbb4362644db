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

    An IRI is kept once, however often it is referred to: memory grows by some 250 bytes with each
    record, 150 with each notation and 24 with each reference.
    """

    def __init__(self, table: MappingTable, file: str):
        self._table = table
        self._file = file
        self._numbers: dict[str, int] = {}
        self._iris: list[str] = []
        self._kinds: list[str | None] = []
        self._lines = array("L")
        self._targets = array("L")
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
        number = self._number(iri)
        if self._kinds[number] is None:
            self._kinds[number] = kind
            self._lines[number] = line
        else:
            self._duplicates.append(self._duplicate_identifier(number, line))
        for use in references:
            self._targets.append(self._number(use.value))
            self._children.append(use.child)
            self._places.append(number << _LINE_BITS | use.line)
        for use in notations:
            self._add_notation(use, number)

    def kinds(self) -> Iterator[tuple[str, str]]:
        """Yield the IRI and the kind of every record."""
        for iri, kind in zip(self._iris, self._kinds, strict=True):
            if kind is not None:
                yield iri, kind

    def findings(self) -> Iterator[Finding]:
        """Yield what does not fit; call when all records are in."""
        yield from self._duplicates
        for target, child, place in zip(self._targets, self._children, self._places, strict=True):
            kind = self._kinds[target]
            if kind not in child.targets:
                yield self._unresolved(self._iris[target], child, place, kind)

    def _number(self, iri: str) -> int:
        """Return the number of an IRI, which is a record's, or will be, or is wrong."""
        number = self._numbers.setdefault(iri, len(self._iris))
        if number == len(self._iris):
            self._iris.append(iri)
            self._kinds.append(None)
            self._lines.append(0)
        return number

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

    def _duplicate_identifier(self, number: int, line: int) -> Finding:
        return Finding(
            rule="identifier/duplicate",
            severity=Severity.ERROR,
            message=f"the {self._kinds[number]} on line {self._lines[number]} has this id already",
            file=self._file,
            line=line,
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
        forgiven = child.kind == "mention" and found is None
        return Finding(
            rule="reference/dangling" if found is None else "reference/wrong-kind",
            severity=Severity.WARNING if forgiven else Severity.ERROR,
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
