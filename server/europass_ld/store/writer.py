"""The one writer of a store directory.

::

    log.sqlite      the record log: the truth (see `schema`)
    generations/    views of it: Oxigraph stores, each as of one sequence (see `generations`)
    current         symbolic link to the generation that is served
    past/           generations made again for readers of older states (see `past`)
    dumps/          what aggregators download (see `harvest.dumps`)
    lock            held while somebody writes

The commit of the log is what makes a version. Then the next generation is made out of sight: a
copy of the current one by hard links, brought up to the log (see `view`), and only then named and
made current. Whatever ends the writer in between, the last generation is still served, and the
next writer finds it behind the log and makes up for it. What needs the log only can be done beside
that: the writer is told of a version as soon as it is committed. And when the writer is done, a
generation in many files gives way to one in fewer that shows the same (see `compacting`).
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import pyoxigraph as ox

from ..errors import ConfigurationError, StoreError, StoreUnavailable
from . import rows
from .bodies import pack_text
from .compacting import compact, is_worth_compacting
from .consequences import rules
from .delivery import Delivery
from .generations import Generations, applied_rules, applied_sequence
from .lock import WriterLock
from .past import forget_past
from .redaction import (
    find_record,
    find_text,
    purge,
    redact_record,
    redact_text,
    redactions_since,
)
from .schema import LOG_FILE, OXIGRAPH_ERRORS, create_log, open_log, storage_errors
from .staging import check_triples
from .values import Dataset, Redaction, Version
from .view import bring_up

Clock = Callable[[], datetime]
"""Returns the present moment, aware of its time zone."""
Committed = Callable[[Version], None]
"""Is told of each new version when it is in the log for good and not served yet.

What it raises comes out of what made the version, which is then served when the store is next
opened.
"""

_KEPT = 3
_BEHIND = (
    "what was published is safe in the log and will be served when the store is next opened for "
    "writing with room; until then the state before goes on being served"
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """A store directory, open for writing by one thread; a context manager.

    Made by `create` and `open`. Attributes: `directory`, `base` (absolute IRI that ends in a
    slash).
    """

    def __init__(
        self,
        directory: Path,
        *,
        wait: float,
        keep: int,
        clock: Clock,
        committed: Committed | None,
    ):
        self.directory = directory
        self._keep = keep
        self._clock = clock
        self._committed = committed
        self._generations = Generations(directory)
        with storage_errors(directory, "it cannot be opened"):
            self._lock = WriterLock(directory, wait=wait, now=self._now())
        try:
            self._log = open_log(directory, write=True)
        except BaseException:
            self._lock.release()
            raise
        self._is_open = True
        try:
            self.base: str = rows.base(self._log)
            self._catch_up()
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(
        cls,
        directory: Path,
        base: str,
        *,
        clock: Clock = _utc_now,
        committed: Committed | None = None,
    ) -> Self:
        """Make an empty store in `directory` (absent or empty) and open it.

        `base` is fixed for ever: the identifiers of nested nodes are made from it. `committed` is
        told of each version before it is served.

        Raises:
            ConfigurationError: `base` is not an absolute http(s) IRI that ends in a slash.
            StoreUnavailable: there is something in the directory already.
        """
        _check_base(base)
        with storage_errors(directory, "no store was made"):
            directory.mkdir(parents=True, exist_ok=True)
            if any(directory.iterdir()):
                raise StoreUnavailable(f"no store was made in {directory}: it is not empty")
            create_log(directory, base, _stamp(clock))
        return cls(directory, wait=0, keep=_KEPT, clock=clock, committed=committed)

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        wait: float = 0.0,
        keep: int = _KEPT,
        clock: Clock = _utc_now,
        committed: Committed | None = None,
    ) -> Self:
        """Open a store for writing, and bring its view up to its log if it was left behind.

        `wait` is how many seconds to wait for another writer, `keep` how many generations stay;
        `committed` is told of each version before it is served.

        Raises:
            StoreUnavailable: another process writes (the message names it and since when), or
                this is no store or of another format.
        """
        if not (directory / LOG_FILE).is_file():
            raise StoreUnavailable(f"no store in {directory}: there is no {LOG_FILE}")
        return cls(directory, wait=wait, keep=keep, clock=clock, committed=committed)

    @property
    def sequence(self) -> int:
        """The sequence number of the last event; 0 in a new store."""
        return rows.last_sequence(self._log)

    def close(self) -> None:
        """Let go of the directory; further calls do nothing."""
        if self._is_open:
            self._is_open = False
            self._log.close()
            self._lock.release()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the store; after an error, without looking at its files (see `compact`)."""
        try:
            if kind is None:
                self.compact()
        finally:
            self.close()

    def datasets(self) -> tuple[Dataset, ...]:
        """Return the datasets, withdrawn ones included, by IRI."""
        return rows.datasets(self._log)

    def latest(self, dataset: str) -> Version | None:
        """Return the latest version of a dataset, None when it has none."""
        return rows.latest(self._log, dataset)

    def delivery(self, dataset: Dataset, *, partial: bool | None = None) -> Delivery:
        """Begin a delivery; use as a context manager, one at a time.

        `partial` says otherwise than `dataset.delivery`.
        """
        return Delivery(
            self._log,
            self.directory,
            self.base,
            dataset,
            partial=dataset.delivery == "partial" if partial is None else partial,
            now=self._event_time,
            committed=self._serve,
        )

    def revert(self, dataset: str, number: int) -> Version:
        """Make the dataset what it was after version `number`, as a new version.

        Raises:
            UnknownDataset: no such dataset.
            StoreError: the dataset has no such version.
        """
        rows.dataset_number(self._log, dataset)
        target = rows.version(self._log, dataset, number)
        if target is None:
            raise StoreError(f"the dataset <{dataset}> has no version {number}")
        report = self._log.execute(
            "SELECT report, report_triples FROM event WHERE sequence = ?", (target.sequence,)
        ).fetchone()
        with self.delivery(self._described_in(target), partial=False) as delivery:
            delivery.stage_version(target.sequence)
            return delivery.commit("revert", target.facts, report=report, reverted_to=number)

    def withdraw(self, dataset: str) -> Version:
        """Delete all records of a dataset, as a new version.

        Raises:
            UnknownDataset: no such dataset.
        """
        number = rows.dataset_number(self._log, dataset)
        (last,) = rows.versions(
            self._log,
            "sequence = (SELECT max(sequence) FROM event WHERE event.dataset = ?)",
            (number,),
        )
        with self.delivery(self._described_in(last), partial=False) as delivery:
            return delivery.commit("withdraw", last.facts, report=(None, None))

    def find_redaction(self, *, iri: str | None = None, text: str | None = None) -> Redaction:
        """Return what a redaction of a record, or of a text, would remove.

        Raises:
            StoreError: there is nothing to remove.
        """
        if iri is not None:
            return find_record(self._log, iri)
        return find_text(self._log, text or "")

    def redact(self, *, iri: str | None = None, text: str | None = None, reason: str) -> Redaction:
        """Remove a record, or every statement that holds a text, for good (see `redaction`).

        Afterwards no file of the store holds it: the log is made compact, generations are made
        anew, and those before, and past states made again, are gone. Dumps are the caller's.

        Raises:
            StoreError: there is nothing to remove.
            StoreUnavailable: the disk is full. Before the commit nothing has happened; after it
                the next who opens the store for writing finishes the work.
        """
        with storage_errors(self.directory, "nothing was removed"):
            self._log.execute("BEGIN IMMEDIATE")
            try:
                time = self._event_time()
                if iri is not None:
                    found = redact_record(self._log, self.base, iri, time, reason)
                else:
                    found = redact_text(self._log, self.base, text or "", time, reason)
                self._log.execute("COMMIT")
            finally:
                if self._log.in_transaction:
                    self._log.execute("ROLLBACK")
        self._catch_up()
        return found

    def set_vocabulary(self, triples: Iterable[str], *, version: str) -> bool:
        """Replace the graph `{base}id/graph/vocabulary`; False when it is of this version already.

        `triples` are chunks of N-Triples lines without blank nodes.

        Raises:
            ValueError: the triples are not such.
            StoreUnavailable: the disk is full.
        """
        row = self._log.execute("SELECT version FROM vocabulary").fetchone()
        if row == (version,):
            return False
        text = "".join(triples)
        check_triples(text)
        sequence = self.sequence + 1
        with storage_errors(self.directory, "the code lists are what they were"):
            try:
                self._log.execute("BEGIN IMMEDIATE")
                self._log.execute(
                    "INSERT INTO event (sequence, time, kind) VALUES (?, ?, 'vocabulary')",
                    (sequence, self._event_time()),
                )
                self._log.execute(
                    "INSERT OR REPLACE INTO vocabulary VALUES (1, ?, ?, ?)",
                    (sequence, version, pack_text(text)),
                )
                self._log.execute("COMMIT")
            except sqlite3.Error:
                if self._log.in_transaction:
                    self._log.execute("ROLLBACK")
                raise
        self._catch_up()
        return True

    def rebuild(self) -> None:
        """Make a generation from the log alone; those before keep on being served until then.

        Strings that RocksDB still holds of what was deleted are not in the new one.
        """
        self._make_generation(None)

    def compact(self) -> None:
        """Put the files of the current generation together, if look-ups are faster then.

        What it shows is served already, by the generation as it is, and goes on being served so
        when there is no room now.
        """
        current = self._generations.current()
        if current is None or not is_worth_compacting(current):
            return
        unfinished = self._generations.unfinished()
        try:
            source = ox.Store.read_only(str(current))
            source.backup(unfinished)
            compact(unfinished)
            self._generations.publish(unfinished, applied_sequence(source, self.base))
        except OXIGRAPH_ERRORS:
            return
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        self._generations.prune(self._keep)

    def prune_generations(self, keep: int) -> None:
        """Remove all but the newest `keep` generations; the current one always stays."""
        self._generations.prune(keep)

    def _described_in(self, version: Version) -> Dataset:
        (description,) = self._log.execute(
            "SELECT description FROM event WHERE sequence = ?", (version.sequence,)
        ).fetchone()
        return rows.dataset(description)

    def _serve(self, version: Version) -> None:
        """Serve a version that was committed just now."""
        if self._committed is not None:
            self._committed(version)
        self._catch_up()

    def _catch_up(self) -> None:
        """Make a generation of the last event unless the current one is."""
        with storage_errors(self.directory, _BEHIND):
            self._generations.prepare()
        source, shown = self._current()
        if shown == self.sequence:
            return
        if redactions_since(self._log, shown):
            self._forget()
            return
        if not self._make_generation(source if shown < self.sequence else None):
            self._make_generation(None)

    def _forget(self) -> None:
        """Leave no file behind that holds what a redaction removed."""
        with storage_errors(self.directory, _BEHIND):
            purge(self._log)
            self._make_generation(None)
            self._generations.prune(1)
            forget_past(self.directory)

    def _current(self) -> tuple[ox.Store | None, int]:
        """Return the current generation and what it shows; None and -1 if none can be read.

        None too when its derived graphs were made by other rules: the next is then made anew.
        """
        path = self._generations.current()
        if path is None:
            return None, -1
        try:
            source = ox.Store.read_only(str(path))
            shown = applied_sequence(source, self.base)
            same_rules = applied_rules(source, self.base) == rules()
        except OXIGRAPH_ERRORS:
            return None, -1
        return source if same_rules else None, shown

    def _make_generation(self, source: ox.Store | None) -> bool:
        """Make the next generation from a copy of `source`; False if that is not worth it."""
        with storage_errors(self.directory, _BEHIND):
            unfinished = self._generations.unfinished()
            try:
                if source is not None:
                    source.backup(unfinished)
                if not bring_up(self._log, self.base, unfinished, before=source):
                    return False
                self._generations.publish(unfinished, self.sequence)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        self._generations.prune(self._keep)
        return True

    def _now(self) -> str:
        return _stamp(self._clock)

    def _event_time(self) -> str:
        """Return the time of the next event: never before the last one's, if the clock goes back.

        Harvesters ask for what happened since a time.
        """
        (last,) = self._log.execute(
            "SELECT coalesce(max(time), (SELECT created FROM store)) FROM event"
        ).fetchone()
        return max(self._now(), str(last))


def _stamp(clock: Clock) -> str:
    return clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_base(base: str) -> None:
    try:
        parts = urlsplit(base)
        ox.NamedNode(base)
    except ValueError:
        parts = urlsplit("")
    proper = parts.scheme in {"http", "https"} and parts.hostname and base.endswith("/")
    if not proper or parts.query or parts.fragment:
        raise ConfigurationError(
            f"the base is {base!r}; it must be an absolute http or https IRI that ends in a slash",
            setting="base",
        )
