"""All checks of a delivery in their order, over documents of any size in flat memory."""

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self

from ..config import Settings
from ..documents import Source, last_name, read_document
from ..errors import LimitExceeded, MalformedDocument, UnsupportedDocument
from ..store import Conflict, Delivery, Examined, Record
from ..validate.batches import RecordText, check_records
from ..validate.report import Finding, Severity
from ..validate.shapes import load_validator
from ..vocabularies import CodeLists
from .apart import LARGE, CheckApart
from .checks import CheckedRecord, DocumentCheck, document_finding, message_without_place
from .recall import is_of_shapes, read_note, write_note

_BATCH = 1_000


class Keeper(Protocol):
    """Keeps the records of a delivery between the two passes: a store's delivery, or a `Spool`."""

    def add(self, record: Record, examined: Examined | None = None) -> Conflict | None:
        """Take a record; a different one of the same IRI is a conflict."""
        ...

    def staged(self, batch_size: int = ...) -> Iterator[list[Record]]:
        """Yield the records in batches, in the order in which they came."""
        ...


class Spool:
    """Keeps records in a temporary file: for checks that load nothing."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._first: dict[str, tuple[bytes, str, int]] = {}

    def __enter__(self) -> Self:
        """Return the spool itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the temporary file."""
        self._file.close()

    def add(self, record: Record, examined: Examined | None = None) -> Conflict | None:  # noqa: ARG002 - there is no next time
        """Take a record; a different one of the same IRI is a conflict."""
        digest, file, line = self._first.setdefault(
            record.iri, (record.digest, record.file, record.line)
        )
        if digest != record.digest:
            return Conflict(record.iri, file, line, record.file, record.line)
        if (file, line) == (record.file, record.line):
            pickle.dump(record, self._file)
        return None

    def staged(self, batch_size: int = _BATCH) -> Iterator[list[Record]]:
        """Yield the records in batches, in the order in which they came."""
        self._file.seek(0)
        batch: list[Record] = []
        while True:
            try:
                batch.append(pickle.load(self._file))  # noqa: S301 - written by this process
            except EOFError:
                break
            if len(batch) == batch_size:
                yield batch
                batch = []
        if batch:
            yield batch


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an examination is: records, triples and bytes so far, and which file."""

    records: int
    triples: int
    size: int
    file: str


class Examination:
    """Runs every check over the documents of one delivery.

    Iterate `findings` once. Afterwards `worst` gives the worst severity found in each record that
    has findings, `broken` whether there are errors that no single record is to blame for, and
    `records` and `triples` how much there was.

    A store's delivery as the keeper tells which records were checked before: those are not checked
    again, and what was found in them is found again.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        keeper: Keeper,
        settings: Settings,
        code_lists: CodeLists,
        *,
        base: str,
        strict: bool = False,
        family: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ):
        self._sources = sources
        self._keeper = keeper
        self._settings = settings
        self._code_lists = code_lists
        self._base = base
        self._strict = strict
        self._family = family
        self._progress = progress
        self._earlier = keeper if isinstance(keeper, Delivery) else None
        self._classes: dict[str, str] = {}
        self._unresolved: set[tuple[str | None, str | None]] = set()
        self.worst: dict[str, Severity] = {}
        self.broken = False
        self.records = 0
        self.triples = 0
        self.size = 0

    def findings(self) -> Iterator[Finding]:
        """Yield what all checks find: first document by document, then what the shapes say."""
        for finding in self._all_findings():
            if finding.rule.startswith("reference/"):
                self._unresolved.add((finding.record, finding.value))
            if finding.record is not None:
                known = self.worst.get(finding.record, finding.severity)
                self.worst[finding.record] = max(known, finding.severity)
            elif finding.severity is Severity.ERROR:
                self.broken = True
            yield finding

    def _all_findings(self) -> Iterator[Finding]:
        for source in self._sources:
            yield from self._document_findings(source)
        if not self.broken:
            yield from self._shape_findings()

    def _document_findings(self, source: Source) -> Iterator[Finding]:
        try:
            document = read_document(source)
        except UnsupportedDocument as error:
            yield _unsupported(error)
            return
        except (MalformedDocument, LimitExceeded) as error:
            yield document_finding(error)
            return
        self._family = self._family or document.table.family
        if document.table.family != self._family:
            yield self._other_family(source, document.table.family)
            return
        check_document = CheckApart if source.stored >= LARGE else DocumentCheck
        check = check_document(
            document,
            self._settings,
            self._code_lists,
            base=self._base,
            strict=self._strict,
            earlier=self._earlier.earlier if self._earlier else None,
        )
        size_before = self.size
        for checked in check:
            for finding in checked.findings:
                self._note(finding, checked.line)
                yield finding
            yield from self._keep(checked, source.name)
            self.size = size_before + check.size
            self._tell(source.name)
        self.size = size_before + check.size
        yield from check.remaining_findings()
        self._classes.update(check.classes())

    def _keep(self, checked: CheckedRecord, file: str) -> Iterator[Finding]:
        name = last_name(file)
        record = checked.record(name)
        if record is not None:
            conflict = self._keeper.add(record, checked.examined)
        elif checked.examined is not None and self._earlier is not None:
            source = checked.examined.source
            conflict = self._earlier.repeat(checked.iri, source, name, checked.line)
        else:
            return
        self.records += 1
        self.triples += checked.triples
        if conflict is not None and conflict.first_file != name:
            yield _conflict(conflict, file)

    def _shape_findings(self) -> Iterator[Finding]:
        """Yield what the shapes said of the records that are repeated, and say of the others."""
        names = {last_name(source.name): source.name for source in self._sources}
        validator = load_validator(str(self._family), self._settings.shapes_engine)
        for finding in self._remembered(names):
            if not self._is_explained(finding):
                yield finding
        earlier = self._earlier
        unchecked = _Unchecked(earlier) if earlier and earlier.repeats_any else None
        records = _texts(self._keeper.staged(_BATCH))
        for finding in check_records(records, self._classes, validator, unchecked):
            if not self._is_explained(finding):
                self._note(finding, finding.line)
                yield replace(finding, file=names.get(finding.file or ""))

    def _remembered(self, names: Mapping[str, str]) -> Iterator[Finding]:
        """Yield what the shapes said before of the records that are repeated."""
        for iri, file, line, notes in self._earlier.repeated_findings() if self._earlier else ():
            for note in notes:
                finding = read_note(note, iri, names.get(file), line)
                if is_of_shapes(finding):
                    yield finding

    def _is_explained(self, finding: Finding) -> bool:
        """Tell whether a reference that leads nowhere is the cause, which was told before."""
        return (finding.record, (finding.value or "").strip("<>")) in self._unresolved

    def _note(self, finding: Finding, line: int | None) -> None:
        if self._earlier is not None and finding.record is not None:
            self._earlier.note(finding.record, write_note(finding, line or 0, self._base))

    def _tell(self, file: str) -> None:
        if self._progress is not None:
            self._progress(Progress(self.records, self.triples, self.size, file))

    def _other_family(self, source: Source, family: str) -> Finding:
        return Finding(
            rule="document/family",
            severity=Severity.ERROR,
            message=f"a document of {family} in a delivery of {self._family}",
            file=source.name,
            value=family,
            accepted=self._family,
            source="dataset.toml",
        )


class _Unchecked:
    """The records that a delivery repeats, as the check of the others asks for them."""

    def __init__(self, delivery: Delivery):
        self.ended = delivery.ended
        self.said_of = delivery.said_of
        self._delivery = delivery

    def records(self) -> Iterator[RecordText]:
        return _texts(self._delivery.staged(_BATCH, repeated=True))


def _texts(batches: Iterable[list[Record]]) -> Iterator[RecordText]:
    return (
        RecordText(one.iri, one.triples, one.file, one.line) for batch in batches for one in batch
    )


def _unsupported(error: UnsupportedDocument) -> Finding:
    return Finding(
        rule="document/unsupported",
        severity=Severity.ERROR,
        message=message_without_place(error),
        file=error.file,
        accepted="LOQ and AMS in XML, credentials in XML or JSON-LD",
        source="mappings/README.md",
    )


def _conflict(conflict: Conflict, file: str) -> Finding:
    return Finding(
        rule="identifier/conflict",
        severity=Severity.ERROR,
        message=(
            f"{conflict.first_file}:{conflict.first_line} describes the same record differently"
        ),
        file=file,
        line=conflict.second_line,
        path="@id",
        record=conflict.iri,
        value=conflict.iri,
        accepted="the same description of a record in every file of a delivery",
        source="one IRI names one record",
    )
