"""Reading a store directory: any number of threads and processes, beside the writer."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from .values import Change, Dataset, Description, Entry, Event, Tombstone, Version


class Reader:
    """The state of a store at one sequence: the current generation, and the log up to it.

    Safe to share between threads. Everything it answers, from the log too, is of the sequence of
    the generation it has open; only `refresh` moves it on.

    Raises:
        StoreUnavailable: no store there, or of another format.
    """

    def __init__(self, directory: Path):
        raise NotImplementedError

    @property
    def base(self) -> str:
        """The base IRI of the store."""
        raise NotImplementedError

    @property
    def sequence(self) -> int:
        """The sequence that is read."""
        raise NotImplementedError

    @property
    def store(self) -> ox.Store:
        """The generation, read-only."""
        raise NotImplementedError

    def refresh(self) -> bool:
        """Move on to a newer generation if there is one, and say whether there was.

        Costs a `readlink` when there is none: meant to be called for every request.
        """
        raise NotImplementedError

    def datasets(self) -> tuple[Dataset, ...]:
        """Return the datasets, withdrawn ones included, by IRI."""
        raise NotImplementedError

    def dataset(self, iri: str) -> Dataset:
        """Return one dataset.

        Raises:
            UnknownDataset: no such dataset.
        """
        raise NotImplementedError

    def versions(self, iri: str) -> tuple[Version, ...]:
        """Return the versions of a dataset, oldest first.

        Raises:
            UnknownDataset: no such dataset.
        """
        raise NotImplementedError

    def events(self, since: int = 0) -> tuple[Event, ...]:
        """Return the events after sequence `since`, oldest first."""
        raise NotImplementedError

    def describe(self, iri: str) -> tuple[Description, ...]:
        """Return the live records of an IRI, one for each dataset that has it."""
        raise NotImplementedError

    def fragments(self, document_iri: str) -> tuple[str, ...]:
        """Return the IRIs of live records that are `document_iri` or it with a fragment."""
        raise NotImplementedError

    def tombstone(self, iri: str) -> Tombstone | None:
        """Return what is left of an IRI that no dataset describes any more; None if one does."""
        raise NotImplementedError

    def history(self, iri: str) -> tuple[Change, ...]:
        """Return what happened to an IRI in all datasets, oldest first."""
        raise NotImplementedError

    def records(
        self, dataset: str, type_iri: str | None = None, *, limit: int = 50, offset: int = 0
    ) -> tuple[Entry, ...]:
        """List live records by IRI, of one class if `type_iri` names it."""
        raise NotImplementedError

    def count_by_type(self, dataset: str | None = None) -> dict[str, int]:
        """Return the numbers of live records by class IRI, of one dataset or of all."""
        raise NotImplementedError

    def report(self, dataset: str, number: int) -> str | None:
        """Return the validation report of a version as JSON; None when there is none."""
        raise NotImplementedError

    def outgoing(self, iri: str) -> tuple[ox.Quad, ...]:
        """Return the quads of all named graphs with `iri` as their subject."""
        raise NotImplementedError

    def incoming(self, iri: str, *, limit: int = 50, offset: int = 0) -> list[tuple[str, str, str]]:
        """Return subject, predicate and graph of the quads with `iri` as their object."""
        raise NotImplementedError

    def query(
        self,
        text: str,
        *,
        default_graph: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Evaluate a SPARQL query; None means the merged default graph, and all named graphs.

        Raises:
            QueryRefused: the query is not well-formed.
        """
        raise NotImplementedError

    def dump(self, dataset: str | None = None) -> Iterator[bytes]:
        """Yield the live rows of the log as N-Quads, of one dataset or of all.

        No quad comes twice. The merged default graph is not in it: it follows from the others.
        """
        raise NotImplementedError
