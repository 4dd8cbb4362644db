"""The one pass over a document: read, structure, lift, codes, references; record by record."""

import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import NamedTuple

from ..config import Settings
from ..documents import Document, RecordElement, RecordStream, element_path, refuse_too_deep
from ..errors import DocumentError, LimitExceeded, MalformedDocument
from ..lift import LiftedRecord, Lifter, LiftProblem
from ..mapping import Use
from ..store import EarlierChecks, Examined, Record, record_digest
from ..validate.codes import CodeValidator
from ..validate.references import ReferenceValidator
from ..validate.report import Finding, Severity
from ..validate.structure import StructureProblem, StructureValidator
from ..vocabularies import CodeLists
from .recall import Recall

_AUTHORED = {"3.1.0", "3.3.1"}


class CheckedRecord(NamedTuple):
    """A record after the one pass: its IRI and line, how many triples it has, and what was found.

    References are looked at when all records are in. `lifted` is what can go on (see
    `CheckedRecord.record`), and `examined` what to remember of its checks; neither is there where
    `findings` say why it cannot. A record that was checked before comes without `lifted`, and
    `examined` is what was remembered.
    """

    iri: str
    line: int
    triples: int
    findings: list[Finding]
    lifted: tuple[str, str, str] | None = None
    examined: Examined | None = None

    def record(self, file: str) -> Record | None:
        """Return what can go on, as a record of `file`, if there is anything."""
        if self.lifted is None:
            return None
        class_iri, triples, lexical = self.lifted
        return Record(
            iri=self.iri,
            type=class_iri,
            digest=record_digest(triples, lexical),
            file=file,
            line=self.line,
            triples=triples,
            lexical=lexical,
        )


class DocumentCheck:
    """Runs the pass over one document; iterate it once, then ask for `remaining_findings`.

    With `earlier`, records that were checked before are recognised, and what to remember of the
    others is noted. `size` is the number of bytes read.
    """

    def __init__(
        self,
        document: Document,
        settings: Settings,
        code_lists: CodeLists,
        *,
        base: str,
        strict: bool = False,
        earlier: EarlierChecks | None = None,
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
        self._earlier = earlier
        self._recall = earlier and Recall(
            document, settings, code_lists, earlier, base=base, strict=strict
        )
        self._broken: Finding | None = None

    @property
    def size(self) -> int:
        """The number of bytes read."""
        return self._stream.size

    def classes(self) -> Iterator[tuple[str, str]]:
        """Yield IRI and class of every record, the unusable ones included."""
        records = self._document.table.records
        for iri, kind in self._references.kinds():
            yield iri, records[kind].class_iri

    def __iter__(self) -> Iterator[CheckedRecord]:
        """Yield the records; a document that breaks off ends here, with a finding that says so."""
        try:
            with self._earlier or nullcontext():
                for record in self._stream:
                    recall = self._recall
                    yield self._recalled(record, recall) if recall else self._check(record)
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
            return self._check(record, recall, source)
        self._note_references(known.lifted)
        return CheckedRecord(
            known.lifted.iri,
            record.line,
            known.triples,
            known.findings,
            examined=known.examined,
        )

    def _check(
        self, record: RecordElement, recall: Recall | None = None, source: bytes = b""
    ) -> CheckedRecord:
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
        triples = lifted.triples.count("\n")
        checked = CheckedRecord(lifted.iri, lifted.line, triples, findings)
        if problems or not lifted.usable:
            return checked
        lexical = json.dumps(lifted.lexical) if lifted.lexical else "{}"
        return checked._replace(
            lifted=(lifted.class_iri, lifted.triples, lexical),
            examined=recall.note(lifted, triples, source) if recall else None,
        )

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
