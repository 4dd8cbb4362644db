"""From rows of the log to values and back."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from ..errors import UnknownDataset
from .bodies import Bodies
from .provenance import version_lines
from .values import Counts, Dataset, Event, Record, SourceFile, Version, VersionFacts

_VERSION_COLUMNS = (
    "dataset.iri, number, sequence, time, kind, added, changed, deleted, unchanged, refused, "
    "records, triples, reverted_to, facts"
)
LATEST = 2**62
"""A sequence that comes after every event: the log as it is now."""


def base(log: sqlite3.Connection) -> str:
    """Return the base IRI of the store."""
    (iri,) = log.execute("SELECT base FROM store").fetchone()
    return str(iri)


def created(log: sqlite3.Connection) -> str:
    """Return when the store was made."""
    (time,) = log.execute("SELECT created FROM store").fetchone()
    return str(time)


def dataset_json(dataset: Dataset) -> str:
    """Write a dataset's description; equal descriptions give equal texts."""
    return json.dumps(asdict(dataset), ensure_ascii=False, sort_keys=True)


def dataset(description: str) -> Dataset:
    """Undo `dataset_json`; what there was no key for when it was written is as if never said."""
    return Dataset(**{key: _unchangeable(value) for key, value in json.loads(description).items()})


def _unchangeable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unchangeable(one) for key, one in value.items()}
    return tuple(value) if isinstance(value, list) else value


def facts_json(facts: VersionFacts) -> str:
    """Write the facts of a version."""
    return json.dumps(asdict(facts), ensure_ascii=False)


def _facts(text: str) -> VersionFacts:
    facts = json.loads(text)
    return VersionFacts(**{**facts, "files": tuple(SourceFile(**file) for file in facts["files"])})


def datasets(log: sqlite3.Connection, until: int = LATEST) -> tuple[Dataset, ...]:
    """Return the datasets by IRI, as their last event up to `until` describes them."""
    rows = log.execute(
        "SELECT description, max(sequence) FROM event JOIN dataset ON dataset.id = event.dataset "
        "WHERE sequence <= ? GROUP BY dataset.id ORDER BY dataset.iri",
        (until,),
    )
    return tuple(dataset(description) for description, _ in rows)


def dataset_number(log: sqlite3.Connection, iri: str, until: int = LATEST) -> int:
    """Return the number that stands for a dataset in the tables.

    Raises:
        UnknownDataset: no event up to `until` is of that dataset.
    """
    row = log.execute(
        "SELECT id FROM dataset WHERE iri = ? AND EXISTS "
        "(SELECT 1 FROM event WHERE event.dataset = dataset.id AND sequence <= ?)",
        (iri, until),
    ).fetchone()
    if row is None:
        raise UnknownDataset(iri, [one.iri for one in datasets(log, until)])
    return int(row[0])


def changed_datasets(log: sqlite3.Connection, since: int) -> list[tuple[int, str]]:
    """Return the numbers and IRIs of the datasets that have events after `since`."""
    return log.execute(
        "SELECT DISTINCT dataset.id, dataset.iri FROM event JOIN dataset "
        "ON dataset.id = event.dataset WHERE sequence > ? ORDER BY dataset.id",
        (since,),
    ).fetchall()


def versions(
    log: sqlite3.Connection, condition: str, parameters: Iterable[str | int]
) -> Iterator[Version]:
    """Yield the versions whose `event` row meets an SQL condition, by sequence."""
    query = (
        f"SELECT {_VERSION_COLUMNS} FROM event JOIN dataset "  # noqa: S608 - no outside text
        f"ON dataset.id = event.dataset WHERE {condition} ORDER BY sequence"
    )
    for row in log.execute(query, tuple(parameters)):
        iri, number, sequence, time, kind, *numbers, reverted_to, facts = row
        *counts, records, triples = numbers
        yield Version(
            dataset=iri,
            number=number,
            sequence=sequence,
            time=time,
            kind=kind,
            counts=_counts(counts),
            records=records,
            triples=triples,
            facts=_facts(facts),
            reverted_to=reverted_to,
        )


def events(log: sqlite3.Connection, since: int, until: int) -> Iterator[Event]:
    """Yield the events after `since` up to `until`, oldest first."""
    for sequence, time, kind, iri, number, *counts in log.execute(
        "SELECT sequence, time, kind, dataset.iri, number, added, changed, deleted, unchanged, "
        "refused FROM event LEFT JOIN dataset ON dataset.id = event.dataset "
        "WHERE sequence > ? AND sequence <= ? ORDER BY sequence",
        (since, until),
    ):
        yield Event(sequence, time, kind, iri, number, _counts(counts))


def _counts(numbers: Iterable[int]) -> Counts:
    added, changed, deleted, unchanged, refused = numbers
    return Counts(
        added=added, changed=changed, deleted=deleted, unchanged=unchanged, refused=refused
    )


RECORD_COLUMNS = (
    "state.iri, type.text, state.digest, file.text, state.line, state.verdict, "
    "body.dictionary, body.content"
)
RECORD_NAMES = "JOIN name AS type ON type.id = state.type JOIN name AS file ON file.id = state.file"
RECORD_JOINS = f"{RECORD_NAMES} JOIN body ON body.id = state.body"
"""What to join a table or alias `state` with, so that `RECORD_COLUMNS` can be selected."""


def record(row: tuple[str, str, bytes, str, int, str, int | None, bytes], bodies: Bodies) -> Record:
    """Make a record of `RECORD_COLUMNS`."""
    iri, type_iri, digest, file, line, verdict, dictionary, content = row
    lexical, triples = bodies.unpack(dictionary, content)
    return Record(
        iri=iri,
        type=type_iri,
        digest=digest,
        file=file,
        line=line,
        triples=triples,
        lexical=lexical,
        verdict=verdict,  # type: ignore[arg-type] # the table has a CHECK
    )


def has_records(log: sqlite3.Connection, *, until: int) -> bool:
    """Tell whether any dataset had a record after the event `until`, or before."""
    query = "SELECT EXISTS (SELECT 1 FROM record WHERE seq_from <= ?)"
    return bool(log.execute(query, (until,)).fetchone()[0])


def last_sequence(log: sqlite3.Connection) -> int:
    """Return the sequence of the last event, 0 when there is none."""
    (last,) = log.execute("SELECT coalesce(max(sequence), 0) FROM event").fetchone()
    return int(last)


def triples(log: sqlite3.Connection) -> int:
    """Return how many triples the graphs of all datasets hold together."""
    (count,) = log.execute(
        "SELECT coalesce(sum(triples), 0) FROM event WHERE sequence IN "
        "(SELECT max(sequence) FROM event WHERE dataset IS NOT NULL GROUP BY dataset)"
    ).fetchone()
    return int(count)


def version(log: sqlite3.Connection, dataset_iri: str, number: int) -> Version | None:
    """Return a version by its number, None when the dataset has no such."""
    condition = "dataset.iri = ? AND number = ?"
    return next(versions(log, condition, (dataset_iri, number)), None)


def latest(log: sqlite3.Connection, dataset_iri: str) -> Version | None:
    """Return the latest version of a dataset, None when it has none."""
    condition = (
        "sequence = (SELECT max(sequence) FROM event JOIN dataset "
        "ON dataset.id = event.dataset WHERE dataset.iri = ?)"
    )
    return next(versions(log, condition, (dataset_iri,)), None)


def version_triples(log: sqlite3.Connection, base_iri: str, one: Version) -> str:
    """Return what the graph of provenance says of a version, as N-Triples."""
    previous = version(log, one.dataset, one.number - 1)
    origin = version(log, one.dataset, one.reverted_to) if one.reverted_to else None
    return version_lines(
        base_iri,
        one,
        previous=previous.sequence if previous else None,
        origin=origin.sequence if origin else None,
    )
