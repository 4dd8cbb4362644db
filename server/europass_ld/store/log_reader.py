"""Reading the record log as it was after an event: all that needs no generation."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

import pyoxigraph as ox

from ..errors import UnknownDataset
from ..terms import expand
from . import activities, rows
from .bodies import Bodies, unpack_text
from .changes import changes
from .live import live_statements
from .schema import open_log, storage_errors
from .statements import lines_of
from .values import (
    Activity,
    Change,
    Changes,
    Dataset,
    Description,
    Entry,
    Event,
    Record,
    Tombstone,
    Version,
)

_ATTEMPTS = 10
_MOST_CHANGED = 2**25
_TITLES = tuple(
    expand(curie)
    for curie in ("dct:title", "skos:prefLabel", "rov:legalName", "foaf:name", "rdfs:label")
)
_position = re.compile(r"at (\d+):(\d+)").search

# ruff: noqa: S608 - all queries are put together from constants
_LIVE = (
    "state.seq_from <= :now AND (state.seq_to IS NULL OR state.seq_to > :now) "
    "AND state.verdict != 'redacted'"
)
_DESCRIPTIONS = f"""
SELECT dataset.iri, first.number, event.number, {rows.RECORD_COLUMNS} FROM record AS state
JOIN dataset ON dataset.id = state.dataset JOIN event ON event.sequence = state.seq_from
JOIN event AS first ON first.sequence = (
    SELECT min(seq_from) FROM record WHERE iri = :iri AND record.dataset = state.dataset)
{rows.RECORD_JOINS} WHERE state.iri = :iri AND {_LIVE} ORDER BY dataset.iri
"""
_HISTORY = f"""
SELECT CASE WHEN EXISTS (
    SELECT 1 FROM record AS before WHERE before.iri = state.iri
    AND before.dataset = state.dataset AND before.seq_to = state.seq_from
) THEN 'changed' ELSE 'added' END AS kind,
dataset.iri, event.number, event.sequence AS moment, event.time, {rows.RECORD_COLUMNS}
FROM record AS state JOIN dataset ON dataset.id = state.dataset
JOIN event ON event.sequence = state.seq_from {rows.RECORD_JOINS}
WHERE state.iri = :iri AND state.seq_from <= :now
UNION ALL
SELECT 'deleted', dataset.iri, event.number, event.sequence, event.time, {rows.RECORD_COLUMNS}
FROM record AS state JOIN dataset ON dataset.id = state.dataset
JOIN event ON event.sequence = state.seq_to {rows.RECORD_JOINS}
WHERE state.iri = :iri AND state.seq_to <= :now AND NOT EXISTS (
    SELECT 1 FROM record AS after WHERE after.iri = state.iri
    AND after.dataset = state.dataset AND after.seq_from = state.seq_to)
ORDER BY moment
"""
_REASON = """
SELECT reason FROM redaction WHERE record = :iri AND sequence <= :now LIMIT 1
"""
_IN_DATASET = f"state.dataset = :dataset AND {_LIVE}"
_OF_TYPE = "state.type = (SELECT id FROM name WHERE text = :type)"
_PAGE = "ORDER BY state.type, state.iri LIMIT :limit OFFSET :offset"
_ENTRIES = """
SELECT record.iri, name.text, body.dictionary, body.content FROM (
    SELECT state.id FROM record AS state WHERE {condition}
) AS page JOIN record ON record.id = page.id
JOIN name ON name.id = record.type JOIN body ON body.id = record.body
ORDER BY record.type, record.iri
"""
_ALL_ENTRIES = _ENTRIES.format(condition=f"{_IN_DATASET} {_PAGE}")
_ENTRIES_OF_TYPE = _ENTRIES.format(condition=f"{_IN_DATASET} AND {_OF_TYPE} {_PAGE}")
_LIVE_RECORDS = f"""
SELECT {rows.RECORD_COLUMNS} FROM record AS state {rows.RECORD_JOINS}
WHERE {_IN_DATASET} AND {_OF_TYPE} AND state.iri > :after ORDER BY state.iri LIMIT :limit
"""
_DATED = f"""
SELECT state.iri, event.time FROM record AS state JOIN event ON event.sequence = state.seq_from
WHERE {_IN_DATASET} {_PAGE}
"""
_TYPE_COUNTS = f"""
SELECT name.text, count(*) FROM record AS state JOIN name ON name.id = state.type
WHERE (:dataset IS NULL OR state.dataset = :dataset) AND {_LIVE} GROUP BY name.text ORDER BY 1
"""
_TOUCHED = f"""
SELECT touched.iri, type.text, body.dictionary, body.content FROM (
    SELECT iri FROM record WHERE seq_from > :since AND seq_from <= :now
    UNION SELECT iri FROM record WHERE seq_to > :since AND seq_to <= :now
) AS touched LEFT JOIN record AS state ON state.iri = touched.iri AND {_LIVE}
LEFT JOIN name AS type ON type.id = state.type LEFT JOIN body ON body.id = state.body
ORDER BY touched.iri, state.dataset
"""


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was read of the log at a sequence, to be told again."""

    sequence: int
    datasets: dict[str, Dataset] = field(default_factory=dict)
    counts: dict[str | None, dict[str, int]] = field(default_factory=dict)
    timelines: dict[str | None, activities.Timeline] = field(default_factory=dict)


class LogReader:
    """The record log up to the last event there is when it is opened, served or not yet.

    Safe to share between threads, but not across a fork.

    Raises:
        StoreUnavailable: no store there, or of another format.
    """

    def __init__(self, directory: Path):
        self._directory = directory
        self._connections: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        with self._log() as log:
            self._base = rows.base(log)
            self._created = rows.created(log)
            self._sequence = rows.last_sequence(log)
        self._memory = _Memory(self._sequence)

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections to the log."""
        self.close()

    def close(self) -> None:
        """Close the connections to the log."""
        while not self._connections.empty():
            self._connections.get().close()

    @property
    def base(self) -> str:
        """The base IRI of the store."""
        return self._base

    @property
    def created(self) -> str:
        """When the store was made: UTC, as `Version.time`."""
        return self._created

    @property
    def changed(self) -> str:
        """When the last event happened; before the first one, when the store was made."""
        with self._log() as log:
            row = log.execute(
                "SELECT time FROM event WHERE sequence = ?", (self.sequence,)
            ).fetchone()
        return str(row[0]) if row else self._created

    @property
    def sequence(self) -> int:
        """The sequence that is read."""
        return self._sequence

    def datasets(self) -> tuple[Dataset, ...]:
        """Return the datasets, withdrawn ones included, by IRI."""
        return tuple(self._known().values())

    def dataset(self, iri: str) -> Dataset:
        """Return one dataset.

        Raises:
            UnknownDataset: no such dataset.
        """
        known = self._known()
        if iri not in known:
            raise UnknownDataset(iri, list(known))
        return known[iri]

    def versions(self, iri: str) -> tuple[Version, ...]:
        """Return the versions of a dataset, oldest first.

        Raises:
            UnknownDataset: no such dataset.
        """
        now = self.sequence
        with self._log() as log:
            number = rows.dataset_number(log, iri, now)
            return tuple(rows.versions(log, "event.dataset = ? AND sequence <= ?", (number, now)))

    def events(self, since: int = 0) -> tuple[Event, ...]:
        """Return the events after sequence `since`, oldest first."""
        with self._log() as log:
            return tuple(rows.events(log, since, self.sequence))

    def describe(self, iri: str) -> tuple[Description, ...]:
        """Return the live records of an IRI, one for each dataset that has it."""
        with self._log() as log:
            return _descriptions(log, Bodies(log), iri, self.sequence)

    def describe_all(self, iris: Iterable[str]) -> dict[str, tuple[Description, ...]]:
        """Return the live records of many IRIs, in half the time that one by one would take."""
        now = self.sequence
        with self._log() as log:
            bodies = Bodies(log)
            return {iri: _descriptions(log, bodies, iri, now) for iri in iris}

    def touched(self, since: int) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        """Yield the IRIs of which an event after `since` made or ended a record, each once.

        With each come class IRI and triples of its live records, nothing when there is none now.
        """
        with self._log() as log:
            bodies = Bodies(log)
            found = log.execute(_TOUCHED, {"since": since, "now": self.sequence})
            for iri, rows_of_iri in groupby(found, key=itemgetter(0)):
                yield (
                    iri,
                    tuple(
                        (type_iri, bodies.unpack(dictionary, content)[1])
                        for _, type_iri, dictionary, content in rows_of_iri
                        if type_iri is not None
                    ),
                )

    def fragments(self, document_iri: str) -> tuple[str, ...]:
        """Return the IRIs of live records that are `document_iri` or it with a fragment."""
        with self._log() as log:
            found = log.execute(
                "SELECT DISTINCT iri FROM record AS state WHERE "
                f"(iri = :iri OR iri >= :iri || '#' AND iri < :iri || '$') AND {_LIVE} "
                "ORDER BY iri",
                {"iri": document_iri, "now": self.sequence},
            )
            return tuple(iri for (iri,) in found)

    def tombstone(self, iri: str) -> Tombstone | None:
        """Return what is left of an IRI that no dataset describes any more; None if one does."""
        changes = self.history(iri)
        last: dict[str, Change] = {change.dataset: change for change in changes}
        if not changes or any(change.kind != "deleted" for change in last.values()):
            return None
        deletion = changes[-1]
        types = [change.record.type for change in changes if change.record]
        return Tombstone(iri, tuple(sorted(last)), deletion.time, deletion.sequence, types[-1])

    def redaction(self, iri: str) -> str | None:
        """Return why a record was removed for good; None when it was not."""
        with self._log() as log:
            row = log.execute(_REASON, {"iri": iri, "now": self.sequence}).fetchone()
            return row[0] if row else None

    def last_redaction(self) -> int:
        """Return the sequence of the last redaction, 0 when there is none.

        What is read of states before it is not all that they were.
        """
        with self._log() as log:
            (last,) = log.execute(
                "SELECT coalesce(max(sequence), 0) FROM redaction WHERE sequence <= ?",
                (self.sequence,),
            ).fetchone()
            return int(last)

    @property
    def redacted(self) -> str:
        """When something was last removed for good; empty when nothing was."""
        with self._log() as log:
            (time,) = log.execute(
                "SELECT coalesce(max(time), '') FROM redaction JOIN event USING (sequence) "
                "WHERE sequence <= ?",
                (self.sequence,),
            ).fetchone()
            return str(time)

    def history(self, iri: str) -> tuple[Change, ...]:
        """Return what happened to an IRI in all datasets, oldest first."""
        with self._log() as log:
            bodies = Bodies(log)
            found = log.execute(_HISTORY, {"iri": iri, "now": self.sequence}).fetchall()
            return tuple(
                Change(kind, dataset, number, sequence, time, record)
                for kind, dataset, number, sequence, time, *row in found
                for record in (None if kind == "deleted" else rows.record(tuple(row), bodies),)
            )

    def timeline(self, dataset: str | None = None) -> activities.Timeline:
        """Return the order of the activities of one dataset, or of all.

        Raises:
            UnknownDataset: no such dataset.
        """
        memory = self._remembered()
        if dataset not in memory.timelines:
            with self._log() as log:
                if dataset is not None:
                    rows.dataset_number(log, dataset, memory.sequence)
                found = activities.read_timeline(log, dataset, memory.sequence)
            memory.timelines[dataset] = found
        return memory.timelines[dataset]

    def activities(
        self, timeline: activities.Timeline, *, start: int, limit: int
    ) -> tuple[Activity, ...]:
        """Return at most `limit` activities of a timeline, from that at `start` (from 0) on."""
        with self._log() as log:
            return tuple(activities.read_activities(log, timeline, start, limit))

    def activity(self, iri: str, sequence: int) -> Activity | None:
        """Return what an event did to the record of an IRI; None when it did nothing."""
        if sequence > self.sequence:
            return None
        with self._log() as log:
            return activities.read_activity(log, iri, sequence)

    def last_activity(self, dataset: str, iri: str) -> Activity | None:
        """Return the last activity of a record of a dataset; None when it never had it."""
        with self._log() as log:
            return activities.read_last_activity(log, dataset, iri, self.sequence)

    def span(self, since: str, until: str) -> tuple[int, int]:
        """Return the first and the last sequence between two times, both included.

        Times are written as `Version.time`; "" is no limit. Where nothing happened, the first
        comes after the last.
        """
        with self._log() as log:
            return activities.read_span(log, since, until)

    def latest(
        self,
        datasets: Sequence[str],
        type_iri: str | None = None,
        *,
        span: tuple[int, int],
        after: tuple[int, int] = (0, 0),
        limit: int,
    ) -> tuple[Activity, ...]:
        """Return the last activity of each record of some datasets, of one class if it is named.

        They come by sequence and state; `span` are the first and the last sequence that is wanted,
        `after` is the sequence and the state of the last activity that came before.

        Raises:
            UnknownDataset: no such dataset.
        """
        now = self.sequence
        with self._log() as log:
            numbers = json.dumps([rows.dataset_number(log, iri, now) for iri in datasets])
            return tuple(
                activities.read_latest(
                    log,
                    now,
                    datasets=numbers,
                    type_iri=type_iri,
                    span=span,
                    after=after,
                    limit=limit,
                )
            )

    def triples(self, of: Sequence[Activity]) -> tuple[str, ...]:
        """Return what each activity brought, as N-Triples lines; "" for a deletion."""
        with self._log() as log:
            return tuple(activities.read_triples(log, of))

    def records(
        self, dataset: str, type_iri: str | None = None, *, limit: int = 50, offset: int = 0
    ) -> tuple[Entry, ...]:
        """List live records by IRI, of one class if `type_iri` names it.

        Raises:
            UnknownDataset: no such dataset.
        """
        now = self.sequence
        with self._log() as log:
            number = rows.dataset_number(log, dataset, now)
            bodies = Bodies(log)
            found = log.execute(
                _ALL_ENTRIES if type_iri is None else _ENTRIES_OF_TYPE,
                {
                    "dataset": number,
                    "type": type_iri,
                    "now": now,
                    "limit": limit,
                    "offset": offset,
                },
            ).fetchall()
            return tuple(
                Entry(iri, type_text, _titles(iri, bodies.unpack(dictionary, content)[1]))
                for iri, type_text, dictionary, content in found
            )

    def live_records(
        self,
        dataset: str,
        type_iri: str,
        *,
        sequence: int | None = None,
        after: str = "",
        limit: int = 500,
    ) -> tuple[Record, ...]:
        """Return live records of one class whole, by IRI, from the one that follows `after`.

        They are as they were after the event `sequence`; without it, as they are.

        Raises:
            UnknownDataset: no such dataset.
        """
        now = self._moment(sequence)
        with self._log() as log:
            bodies = Bodies(log)
            parameters = {
                "dataset": rows.dataset_number(log, dataset, now),
                "type": type_iri,
                "now": now,
                "after": after,
                "limit": limit,
            }
            found = log.execute(_LIVE_RECORDS, parameters).fetchall()
            return tuple(rows.record(tuple(row), bodies) for row in found)

    def dated_records(
        self, dataset: str, *, limit: int, offset: int
    ) -> tuple[tuple[str, str], ...]:
        """Return the IRIs of live records, by class and IRI, and since when each is as it is.

        Raises:
            UnknownDataset: no such dataset.
        """
        now = self.sequence
        with self._log() as log:
            number = rows.dataset_number(log, dataset, now)
            parameters = {"dataset": number, "now": now, "limit": limit, "offset": offset}
            return tuple(log.execute(_DATED, parameters))

    def count_by_type(self, dataset: str | None = None) -> dict[str, int]:
        """Return the numbers of live records by class IRI, of one dataset or of all.

        Raises:
            UnknownDataset: no such dataset.
        """
        memory = self._remembered()
        if dataset not in memory.counts:
            memory.counts[dataset] = self._count_by_type(dataset, memory.sequence)
        return dict(memory.counts[dataset])

    def report(self, dataset: str, number: int) -> str | None:
        """Return the validation report of a version as JSON; None when there is none.

        Raises:
            UnknownDataset: no such dataset.
        """
        now = self.sequence
        with self._log() as log:
            row = log.execute(
                "SELECT report FROM event WHERE dataset = ? AND number = ? AND sequence <= ?",
                (rows.dataset_number(log, dataset, now), number, now),
            ).fetchone()
        return unpack_text(row[0]) if row and row[0] else None

    def statements(self, dataset: str, *, sequence: int | None = None) -> Iterator[list[str]]:
        """Yield what the records of a dataset state, after the event `sequence` or now.

        Lines of N-Triples without line ends, each once, in code point order, in parts that do not
        divide a subject. Memory stays flat, and the same records give the same parts.

        Raises:
            UnknownDataset: no such dataset.
        """
        now = self._moment(sequence)
        with self._log() as log:
            yield from live_statements(log, rows.dataset_number(log, dataset, now), now)

    def changes(self, dataset: str, since: int) -> Changes | None:
        """Return what is other in a dataset now than after the event `since`.

        None when that is too much for memory (32 million characters), or when the log cannot tell
        any more, because it has a later event of the dataset, or a redaction after `since`.

        Raises:
            UnknownDataset: no such dataset.
        """
        with self._log() as log, _one_snapshot(log):
            number = rows.dataset_number(log, dataset, self.sequence)
            latest = rows.latest(log, dataset)
            if latest is None or latest.sequence > self.sequence or self.last_redaction() > since:
                return None
            return changes(log, number, since, most_characters=_MOST_CHANGED)

    def dump(self, dataset: str | None = None) -> Iterator[bytes]:
        """Yield the live rows of the log as N-Quads, of one dataset or of all.

        No quad comes twice, and those of a dataset are in the canonical order: their SHA-256 is
        its `content_hash`. The merged default graph is not in it: it follows from the others.

        Raises:
            UnknownDataset: no such dataset.
        """
        wanted = self.datasets() if dataset is None else (self.dataset(dataset),)
        for one in wanted:
            yield from n_quads(self.statements(one.iri), one.iri)

    def _moment(self, sequence: int | None) -> int:
        return self.sequence if sequence is None else min(sequence, self.sequence)

    @contextmanager
    def _log(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; there are as many as threads ever read at once."""
        try:
            connection = self._connections.get_nowait()
        except Empty:
            connection = open_log(self._directory, write=False)
        try:
            with storage_errors(self._directory, "its log cannot be read"):
                yield connection
        finally:
            self._connections.put(connection)

    def _remembered(self) -> _Memory:
        """Return what is remembered of the sequence that is read now."""
        memory = self._memory
        if memory.sequence != self.sequence:
            memory = self._memory = _Memory(self.sequence)
        return memory

    def _known(self) -> dict[str, Dataset]:
        """Return the datasets by IRI, read once: every page names some."""
        memory = self._remembered()
        if not memory.datasets:
            with self._log() as log:
                found = rows.datasets(log, memory.sequence)
            memory.datasets.update((one.iri, one) for one in found)
        return memory.datasets

    def _count_by_type(self, dataset: str | None, now: int) -> dict[str, int]:
        with self._log() as log:
            number = None if dataset is None else rows.dataset_number(log, dataset, now)
            return dict(log.execute(_TYPE_COUNTS, {"dataset": number, "now": now}))


@contextmanager
def _one_snapshot(log: sqlite3.Connection) -> Iterator[None]:
    """Let all queries of the body see the log as it is at the first."""
    log.execute("BEGIN")
    try:
        yield
    finally:
        log.execute("ROLLBACK")


def n_quads(parts: Iterable[Iterable[str]], graph: str) -> Iterator[bytes]:
    """Yield N-Triples lines without line ends as N-Quads of a named graph."""
    end = f" <{graph}> .\n"
    for lines in parts:
        yield "".join(line[:-2] + end for line in lines).encode()


def _descriptions(
    log: sqlite3.Connection, bodies: Bodies, iri: str, now: int
) -> tuple[Description, ...]:
    found = log.execute(_DESCRIPTIONS, {"iri": iri, "now": now}).fetchall()
    return tuple(
        Description(dataset, rows.record(tuple(row), bodies), first, version)
        for dataset, first, version, *row in found
    )


def _titles(iri: str, triples: str) -> dict[str, str]:
    """Return a record's names by language tag (empty when it has none), the first of each."""
    found: dict[str, str] = {}
    starts = tuple(f"<{iri}> <{predicate}> " for predicate in _TITLES)
    named = "\n".join(line for line in lines_of(triples) if line.startswith(starts))
    for quad in ox.parse(named, ox.RdfFormat.N_TRIPLES, lenient=True):
        if isinstance(quad.object, ox.Literal):
            found.setdefault(quad.object.language or "", quad.object.value)
    return found
