"""Deliveries: from staged records to a new version in the log."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from . import rows
from .bodies import pack_text
from .redaction import Unwanted
from .repeats import EarlierChecks
from .schema import storage_errors
from .staging import Staging, check_triples
from .statements import count_statements
from .values import (
    Conflict,
    Dataset,
    Difference,
    EventKind,
    Examined,
    Record,
    Verdict,
    Version,
    VersionFacts,
)

_UNTOUCHED = "nothing of the delivery was kept, and what was served goes on being served"


class Delivery:
    """One delivery of a dataset on its way in: a transaction that ends with `publish` or nothing.

    `left_out` are the records of which something, or all, was removed for good once, and was not
    taken again.

    Made by `Store.delivery`. Leaving the context without `publish` leaves no trace: that is how a
    dry run ends.
    """

    def __init__(
        self,
        log: sqlite3.Connection,
        directory: Path,
        base: str,
        dataset: Dataset,
        *,
        partial: bool,
        now: Callable[[], str],
        committed: Callable[[Version], None],
    ):
        self._log = log
        self._directory = directory
        self._base = base
        self._dataset = dataset
        self._partial = partial
        self._now = now
        self._committed = committed
        self._number = 0
        self._staging: Staging
        self._unwanted: Unwanted
        self.left_out: list[Record] = []

    def __enter__(self) -> Self:
        """Begin the transaction."""
        with storage_errors(self._directory, _UNTOUCHED):
            self._log.execute("BEGIN IMMEDIATE")
            self._log.execute(
                "INSERT INTO dataset (iri) VALUES (?) ON CONFLICT DO NOTHING", (self._dataset.iri,)
            )
            (self._number,) = self._log.execute(
                "SELECT id FROM dataset WHERE iri = ?", (self._dataset.iri,)
            ).fetchone()
            self._staging = Staging(self._log, self._base, self._number)
            self._unwanted = Unwanted(self._log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Roll back what was not published."""
        if self._log.in_transaction:
            with suppress(sqlite3.Error):  # then the disk fails, and nothing will be committed
                self._log.execute("ROLLBACK")

    def add(self, record: Record, examined: Examined | None = None) -> Conflict | None:
        """Stage a record, and remember of its checks what is `examined`.

        The same IRI with the same digest again is one record. With another digest the first
        stays staged, and the conflict is returned with both places.

        Raises:
            ValueError: `triples` are not as `Record` describes them.
            StoreUnavailable: the disk is full.
        """
        with storage_errors(self._directory, _UNTOUCHED):
            if self._unwanted:
                allowed = self._allowed(record)
                if allowed is None:
                    return None
                record, examined = allowed, examined if allowed is record else None
            return self._staging.add(record, examined)

    def repeat(self, iri: str, source: bytes, file: str, line: int) -> Conflict | None:
        """Stage the live record as it is, because it comes again from this source: see `earlier`.

        A conflict is returned as by `add`.
        """
        with storage_errors(self._directory, _UNTOUCHED):
            return self._staging.repeat(iri, source, file, line)

    @property
    def earlier(self) -> EarlierChecks:
        """What was noted of the live records, each of which `repeat` may be told of.

        Of none in a partial delivery: what its records refer to may be in none of its files.
        """
        return EarlierChecks(self._directory, None if self._partial else self._dataset.iri)

    def _allowed(self, record: Record) -> Record | None:
        """Return a record as it may come in: without what was removed for good."""
        allowed = None
        if not self._unwanted.has_record(record.iri):
            allowed = self._unwanted.without(record)
        if allowed is not record:
            self.left_out.append(record)
        return allowed

    def staged(self, batch_size: int = 1000, *, repeated: bool = False) -> Iterator[list[Record]]:
        """Yield what was added, or what is `repeated`, in the order in which it came.

        The delivery may change meanwhile.
        """
        with storage_errors(self._directory, _UNTOUCHED):
            yield from self._staging.records(batch_size, repeated=repeated)

    def note(self, iri: str, finding: str | None) -> None:
        """Note a finding of a record, for `repeat` to return: see `Repeats.note`."""
        with storage_errors(self._directory, _UNTOUCHED):
            self._staging.repeats.note(iri, finding)

    def repeated_findings(self) -> Iterator[tuple[str, str, int, tuple[str, ...]]]:
        """Yield IRI, file, line and noted findings of the repeated records that have any.

        When a record ends whose findings might now be those of a repeated one, nothing is repeated
        from here on, and nothing is yielded: all records are to be checked.
        """
        with storage_errors(self._directory, _UNTOUCHED):
            repeats = self._staging.repeats
            if repeats.any() and repeats.may_hide_findings():
                repeats.drop()
            yield from repeats.findings()

    @property
    def repeats_any(self) -> bool:
        """Whether a record is staged as repeated."""
        with storage_errors(self._directory, _UNTOUCHED):
            return self._staging.repeats.any()

    def ended(self) -> Iterable[str]:
        """Return the lines that records which end with this delivery shared with others."""
        with storage_errors(self._directory, _UNTOUCHED):
            return self._staging.repeats.ended()

    def said_of(self, nodes: Iterable[str]) -> Iterator[str]:
        """Yield the lines that staged records, repeated or not, share about nodes (IRIs)."""
        with storage_errors(self._directory, _UNTOUCHED):
            yield from self._staging.repeats.said_of(nodes)

    def set_verdicts(self, verdicts: Mapping[str, Verdict]) -> None:
        """Set the verdicts of staged records by IRI; the others keep what they came with."""
        with storage_errors(self._directory, _UNTOUCHED):
            self._staging.set_verdicts(verdicts)

    def drop(self, iris: Iterable[str]) -> None:
        """Leave records out as refused, staged or not.

        A refused record is not a deletion: what the dataset held under its IRI stays.
        """
        with storage_errors(self._directory, _UNTOUCHED):
            self._staging.refuse(iris)

    def difference(self) -> Difference:
        """Return what publishing now would do; a partial delivery deletes nothing.

        A record counts as changed when its digest or its verdict is another.
        """
        with storage_errors(self._directory, _UNTOUCHED):
            return self._staging.difference(partial=self._partial)

    def publish(self, *, facts: VersionFacts, report_json: str, report_triples: str) -> Version:
        """Commit the delivery as a new version, then bring a new generation up to it.

        `report_json` is kept as it is; `report_triples` (N-Triples lines, no blank nodes) become
        the graph `{base}id/graph/report/{sequence}`. A delivery that changes neither a record nor
        the description of the dataset makes no version: the latest is returned with `unchanged`.

        Raises:
            ValueError: facts or report that cannot be written as RDF.
            StoreUnavailable: the disk is full. Before the commit nothing has happened; after it
                (the message says so) the version is in the log and will be served as soon as the
                store is opened again with room. What was served goes on being served.
        """
        check_triples(report_triples)
        return self.commit(
            "load", facts, report=(pack_text(report_json), pack_text(report_triples))
        )

    def stage_version(self, sequence: int) -> None:
        """Stage the records of this dataset as they were after an event."""
        self._staging.stage_version(sequence)

    def commit(
        self,
        kind: EventKind,
        facts: VersionFacts,
        *,
        report: tuple[bytes | None, bytes | None],
        reverted_to: int | None = None,
    ) -> Version:
        """Commit what is staged as a version; `report` is JSON and N-Triples, packed."""
        with storage_errors(self._directory, _UNTOUCHED):
            difference = self._staging.difference(partial=self._partial)
            latest = rows.latest(self._log, self._dataset.iri)
            description = rows.dataset_json(self._dataset)
            if latest and not self._changes_anything(difference, description):
                return replace(latest, unchanged=True)
            sequence = rows.last_sequence(self._log) + 1
            self._log.execute(
                "INSERT INTO event (sequence, time, kind, dataset, number, description, added, "
                "changed, deleted, unchanged, refused, reverted_to, facts, report, report_triples) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    sequence,
                    "",  # set last of all: who harvests until then must not miss it
                    kind,
                    self._number,
                    latest.number + 1 if latest else 1,
                    description,
                    difference.added,
                    difference.changed,
                    difference.deleted,
                    difference.unchanged,
                    difference.refused,
                    reverted_to,
                    rows.facts_json(facts),
                    *report,
                ),
            )
            self._staging.settle(sequence, partial=self._partial)
            self._count(sequence)
            version = next(rows.versions(self._log, "sequence = ?", (sequence,)))
            # what cannot be written as RDF must not get into the log
            check_triples(rows.version_triples(self._log, self._base, version))
            self._log.execute("COMMIT")
        self._committed(version)
        return version

    def _changes_anything(self, difference: Difference, description: str) -> bool:
        (before,) = self._log.execute(
            "SELECT description FROM event WHERE dataset = ? ORDER BY sequence DESC LIMIT 1",
            (self._number,),
        ).fetchone()
        changes = difference.added + difference.changed + difference.deleted
        # as it would be written today: keys may have come since
        return bool(changes) or description != rows.dataset_json(rows.dataset(before))

    def _count(self, sequence: int) -> None:
        self._log.execute(
            "UPDATE event SET triples = ?, records = "
            "(SELECT count(*) FROM record WHERE dataset = ? AND seq_to IS NULL), "
            "time = ? WHERE sequence = ?",
            (count_statements(self._log, self._number), self._number, self._now(), sequence),
        )
