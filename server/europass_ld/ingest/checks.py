"""The one pass over a document: read, structure, lift, codes, references; record by record."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..config import Settings
from ..documents import Document, RecordElement, RecordStream, element_path, refuse_too_deep
from ..errors import DocumentError, LimitExceeded, MalformedDocument
from ..lift import LiftedRecord, Lifter, LiftProblem
from ..mapping import Use
from ..store import Examined, record_digest
from ..validate.codes import CodeValidator
from ..validate.references import ReferenceValidator
from ..validate.report import Finding, Severity
from ..validate.structure import StructureProblem, StructureValidator
from ..vocabularies import CodeLists
from .recall import Recall, Repeat

_AUTHORED = {"3.1.0", "3.3.1"}


@dataclass(slots=True)
class CheckedRecord:
    """A record after the one pass: its RDF, and what was found in it so far.

    `usable` says whether its triples can go on; references are looked at when all records are in.
    A `repeated` record was checked before, and is staged; it comes without its triples, and
    `triples` is how many they are. `examined` is what to remember of any other.
    """

    lifted: LiftedRecord
    usable: bool
    findings: list[Finding]
    triples: int
    repeated: bool = False
    examined: Examined | None = None

    @property
    def digest(self) -> bytes:
        """16 bytes that differ when anything that the record says differs."""
        return record_digest(self.lifted.triples, self.lexical)

    @property
    def lexical(self) -> str:
        """The source's forms of canonicalised literals, as JSON by line number of `triples`."""
        return json.dumps(self.lifted.lexical) if self.lifted.lexical else "{}"


class DocumentCheck:
    """Runs the pass over one document; iterate it once, then ask for `remaining_findings`.

    `size` is the number of bytes read; `malformed` becomes true when reading broke off.
    """

    def __init__(
        self,
        document: Document,
        settings: Settings,
        code_lists: CodeLists,
        *,
        base: str,
        strict: bool = False,
        repeat: Repeat | None = None,
    ):
        family, version = document.table.family, document.version
        self._document = document
        self._max_depth = settings.max_depth
        self._stream = RecordStream(document)
        self._structure = StructureValidator(family, version, document.namespace)
        self._lifter = Lifter(
            document.table, document.namespace, base, max_text_length=settings.max_text_length
        )
        self._codes = CodeValidator(code_lists, family, version, strict=strict)
        self._references = ReferenceValidator(document.table, document.name)
        self._recall = repeat and Recall(
            document, settings, code_lists, repeat, base=base, strict=strict
        )
        self._broken: Finding | None = None

    @property
    def size(self) -> int:
        """The number of bytes read."""
        return self._stream.size

    @property
    def malformed(self) -> bool:
        """Whether the document could not be read to its end."""
        return self._broken is not None

    def classes(self) -> Iterator[tuple[str, str]]:
        """Yield IRI and class of every record, the unusable ones included."""
        records = self._document.table.records
        for iri, kind in self._references.kinds():
            yield iri, records[kind].class_iri

    def __iter__(self) -> Iterator[CheckedRecord]:
        """Yield the records; a document that breaks off ends here, with a finding that says so."""
        try:
            for record in self._stream:
                yield self._recalled(record, self._recall) if self._recall else self._check(record)
        except (MalformedDocument, LimitExceeded) as error:
            self._broken = replace(document_finding(error), file=self._document.name)

    def remaining_findings(self) -> Iterator[Finding]:
        """Yield what only the whole document shows; its order is that of the checks."""
        if self._broken is not None:
            yield self._broken
            return
        for problem in self._structure.skeleton(self._stream.skeleton):
            yield self._structure_finding(problem, None)
        yield from self._references.findings()
        yield from self._version_finding()

    def _recalled(self, record: RecordElement, recall: Recall) -> CheckedRecord:
        """Return a record as it is remembered, or check it, with what to remember of it."""
        source = recall.source(record.element)
        known = recall.recall(record, source)
        if known is None:
            checked = self._check(record)
            checked.examined = recall.note(checked.lifted, checked.triples, source)
            return checked
        self._note_references(known.lifted)
        return CheckedRecord(
            known.lifted, usable=True, findings=known.findings, triples=known.triples, repeated=True
        )

    def _check(self, record: RecordElement) -> CheckedRecord:
        problems = self._structure.record(record.element)
        if problems:
            refuse_too_deep(record, self._document.name, self._max_depth)
        lifted = self._lifter.record(record.element)
        findings = [self._structure_finding(one, lifted.iri) for one in problems]
        if not problems:
            findings += [self._lift_finding(one, lifted.iri) for one in lifted.problems]
        for use in self._codes.unknown(lifted.codes):
            path = _path_of(record, use)
            findings.append(
                self._codes.finding(use, file=self._document.name, path=path, record=lifted.iri)
            )
        self._note_references(lifted)
        usable = not problems and lifted.usable
        return CheckedRecord(lifted, usable, findings, lifted.triples.count("\n"))

    def _note_references(self, lifted: LiftedRecord) -> None:
        self._references.add(
            lifted.iri, lifted.kind, lifted.line, lifted.references, lifted.notations
        )

    def _structure_finding(self, problem: StructureProblem, record: str | None) -> Finding:
        return Finding(
            rule="structure",
            severity=Severity.ERROR,
            message=problem.message,
            file=self._document.name,
            line=problem.line,
            path=problem.path or None,
            record=record,
            value=problem.value,
            accepted=problem.accepted,
            source=problem.source,
        )

    def _lift_finding(self, problem: LiftProblem, record: str) -> Finding:
        return Finding(
            rule="value/unmappable" if problem.fatal else "value/mended",
            severity=Severity.ERROR if problem.fatal else Severity.WARNING,
            message=problem.message,
            file=self._document.name,
            line=problem.line,
            path=problem.path or None,
            record=record,
            value=problem.value,
            accepted=problem.accepted,
            source=f"mappings/{self._document.table.family}.yaml",
        )

    def _version_finding(self) -> Iterator[Finding]:
        declared, version = self._document.declared, self._document.version
        draft = self._document.namespace != self._document.table.namespace(version)
        if draft or (declared is not None and declared not in _AUTHORED):
            yield Finding(
                rule="document/version",
                severity=Severity.INFO,
                message=f"checked as version {version}",
                file=self._document.name,
                line=1,
                value=declared or self._document.namespace,
                accepted=", ".join(sorted(_AUTHORED)),
                source="schemas/README.md",
            )


def document_finding(error: MalformedDocument | LimitExceeded) -> Finding:
    """Return the finding for a document that cannot be read."""
    kind = "limit" if isinstance(error, LimitExceeded) else "malformed"
    limited = isinstance(error, LimitExceeded)
    return Finding(
        rule=f"document/{kind}",
        severity=Severity.ERROR,
        message=message_without_place(error),
        file=error.file,
        line=error.line,
        accepted="a document within the limits" if limited else "a well-formed XML document",
        source="europass-ld settings" if limited else "XML 1.0",
    )


def message_without_place(error: DocumentError) -> str:
    """Return the message without the file and line that a finding gives apart."""
    return re.sub(r"^(?::\d+)*: ", "", str(error).removeprefix(error.file or ""))


def _path_of(record: RecordElement, use: Use) -> str:
    """Return the path of the element that names an unknown code: only looked for when needed."""
    name = use.child.name.rpartition(":")[2]
    for element in record.element.iter(f"{{*}}{name}"):
        if element.get("uri") == use.value:
            return element_path(element, record.element)
    return use.child.name
