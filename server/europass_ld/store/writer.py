"""The one writer of a store directory."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from .values import (
    Conflict,
    Dataset,
    Difference,
    Record,
    Verdict,
    Version,
    VersionFacts,
)

Clock = Callable[[], datetime]
"""Returns the present moment, aware of its time zone."""


class Delivery:
    """One delivery of a dataset on its way in: a transaction that ends with `publish` or nothing.

    Made by `Store.delivery`. Leaving the context without `publish` leaves no trace: that is how a
    dry run ends.
    """

    def __enter__(self) -> Self:
        """Begin the transaction."""
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Roll back what was not published."""
        raise NotImplementedError

    def add(self, record: Record) -> Conflict | None:
        """Stage a record.

        The same IRI with the same digest again is one record. With another digest the first
        stays staged, and the conflict is returned with both places.

        Raises:
            ValueError: `triples` are not lines that end in a space and a full stop.
            StoreUnavailable: the disk is full.
        """
        raise NotImplementedError

    def staged(self, batch_size: int = 1000) -> Iterator[list[Record]]:
        """Yield what is staged, in the order it was added; the delivery may change meanwhile."""
        raise NotImplementedError

    def set_verdicts(self, verdicts: Mapping[str, Verdict]) -> None:
        """Set the verdicts of staged records by IRI; the others keep what they came with."""
        raise NotImplementedError

    def drop(self, iris: Iterable[str]) -> None:
        """Leave records out as refused.

        A refused record is not a deletion: what the dataset held under its IRI stays.
        """
        raise NotImplementedError

    def difference(self) -> Difference:
        """Return what publishing now would do; a partial delivery deletes nothing.

        A record counts as changed when its digest or its verdict is another.
        """
        raise NotImplementedError

    def publish(self, *, facts: VersionFacts, report_json: str, report_triples: str) -> Version:
        """Commit the delivery as a new version, then bring the view and a generation up to it.

        `report_json` is kept as it is; `report_triples` (N-Triples lines, no blank nodes) become
        the graph `{base}id/graph/report/{sequence}`. A delivery that changes neither a record nor
        the description of the dataset makes no version: the latest is returned with `unchanged`.

        Raises:
            StoreUnavailable: the disk is full. Before the commit nothing has happened; after it
                (the message says so) the version is in the log and will be served as soon as the
                store is opened again with room. What was served goes on being served.
        """
        raise NotImplementedError


class Store:
    """A store directory, open for writing; a context manager.

    Attributes: `directory`, `base` (absolute IRI that ends in a slash), `sequence` (of the last
    event).
    """

    directory: Path
    base: str

    @classmethod
    def create(cls, directory: Path, base: str, *, clock: Clock | None = None) -> Self:
        """Make an empty store in `directory` (absent or empty) and open it.

        `base` is fixed for ever: the identifiers of nested nodes are made from it.

        Raises:
            ConfigurationError: `base` is not an absolute http(s) IRI that ends in a slash.
            StoreUnavailable: there is something in the directory already.
        """
        raise NotImplementedError

    @classmethod
    def open(
        cls, directory: Path, *, wait: float = 0.0, keep: int = 3, clock: Clock | None = None
    ) -> Self:
        """Open a store for writing, and bring its view up to its log if it was left behind.

        `wait` is how many seconds to wait for another writer, `keep` how many generations stay.

        Raises:
            StoreUnavailable: another process writes (the message names it and since when), or
                this is no store or of another format.
        """
        raise NotImplementedError

    @property
    def sequence(self) -> int:
        """The sequence number of the last event; 0 in a new store."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the directory; further calls do nothing."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def datasets(self) -> tuple[Dataset, ...]:
        """Return the datasets, withdrawn ones included, by IRI."""
        raise NotImplementedError

    def latest(self, dataset: str) -> Version | None:
        """Return the latest version of a dataset, None when it has none."""
        raise NotImplementedError

    def delivery(self, dataset: Dataset, *, partial: bool | None = None) -> Delivery:
        """Begin a delivery; use as a context manager, one at a time.

        `partial` says otherwise than `dataset.delivery`.
        """
        raise NotImplementedError

    def revert(self, dataset: str, number: int) -> Version:
        """Make the dataset what it was after version `number`, as a new version.

        Raises:
            UnknownDataset: no such dataset.
            StoreError: the dataset has no such version.
        """
        raise NotImplementedError

    def withdraw(self, dataset: str) -> Version:
        """Delete all records of a dataset, as a new version.

        Raises:
            UnknownDataset: no such dataset.
        """
        raise NotImplementedError

    def set_vocabulary(self, triples: Iterable[str], *, version: str) -> bool:
        """Replace the graph `{base}id/graph/vocabulary`; False when it is of this version already.

        `triples` are chunks of N-Triples lines without blank nodes.
        """
        raise NotImplementedError

    def rebuild(self) -> None:
        """Build the view anew from the log, beside the old one, and swap."""
        raise NotImplementedError

    def prune_generations(self, keep: int) -> None:
        """Remove all but the newest `keep` generations; the current one always stays."""
        raise NotImplementedError
