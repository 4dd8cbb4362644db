"""What goes into the store and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, NamedTuple

Verdict = Literal["conforms", "warnings", "refused", "redacted"]
DeliveryKind = Literal["complete", "partial"]
EventKind = Literal["load", "revert", "withdraw", "redact", "vocabulary"]
_DIGEST_BYTES = 16
ChangeKind = Literal["added", "changed", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a publisher maintains; its IRI is also the name of its graph.

    Texts are by language tag. `delivery` says whether a delivery is everything there is (what is
    missing is deleted) or only what is new. `country`, `frequency`, `themes` and `languages` are
    codes of the EU authority tables (`AUT`, `MONTHLY`, `EDUC`, `DEU`).
    """

    iri: str
    title: Mapping[str, str]
    family: str
    description: Mapping[str, str] = field(default_factory=dict)
    publisher: str | None = None
    publisher_name: Mapping[str, str] = field(default_factory=dict)
    country: str | None = None
    licence: str | None = None
    contact: str | None = None
    frequency: str | None = None
    delivery: DeliveryKind = "complete"
    themes: tuple[str, ...] = ()
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    landing_page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    r"""A top-level entry of a document with what is nested in it.

    `triples` are N-Triples lines in document order, each ending in `" .\n"`, with literals in
    canonical form and no blank nodes: statements about the record, about its nested nodes (below
    the base's genid path), and statements it shares with other records (a concept's or a
    mailbox's type). `lexical` is JSON: the source's lexical forms where the canonical ones differ.
    `digest` is that of everything the record says (triples and lexical forms): two records are the
    same exactly when their digests are. `type` is the IRI of its class; `line` counts from 1.
    """

    iri: str
    type: str
    digest: bytes
    file: str
    line: int
    triples: str
    lexical: str = "{}"
    verdict: Verdict = "conforms"


class Examined(NamedTuple):
    """What was noted when a record was checked, for the next delivery that brings the same source.

    `source` is a digest of what the checks read and of the rules they went by. `stated` and the
    texts in `findings` are the caller's own.
    """

    source: bytes
    stated: str
    findings: tuple[str, ...] = ()


def record_digest(triples: str, lexical: str) -> bytes:
    """Return 16 bytes that differ when anything that a record says differs."""
    digest = sha256(triples.encode())
    if lexical != "{}":
        digest.update(lexical.encode())
    return digest.digest()[:_DIGEST_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What is removed for good, or would be: so many `states` of `records`, in which datasets.

    `live` of the states are published now; the others are past ones.
    """

    datasets: tuple[str, ...]
    records: tuple[str, ...]
    states: int
    live: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two different records of one IRI in one delivery; the first is kept."""

    iri: str
    first_file: str
    first_line: int
    second_file: str
    second_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers of records; `refused` ones were delivered but left out."""

    added: int = 0
    changed: int = 0
    deleted: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Counts):
    """What a delivery would do to its dataset; the IRIs are sorted."""

    added_iris: tuple[str, ...] = ()
    changed_iris: tuple[str, ...] = ()
    deleted_iris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is other in a dataset than it was after an event.

    `gone` and `come` are the lines (N-Triples, without line ends) that no record states any more,
    and those that some state now; what was stated then already may be among the latter. `records`
    are the class IRIs and IRIs of all states that began or ended since.
    """

    gone: frozenset[str]
    come: frozenset[str]
    records: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A received file: its name without directories, SHA-256 in hexadecimal, size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """What only the caller knows about a delivery: its files, and which rules it went through.

    `sha256` (hexadecimal) identifies the delivery as a whole; of a single file it is the file's.
    """

    sha256: str
    files: tuple[SourceFile, ...]
    mapping_version: str
    shapes_version: str
    vocabulary_version: str
    schema_version: str
    software_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One delivery of a dataset, or a going back, or a withdrawal.

    `number` counts from 1 within the dataset, `sequence` over the whole store; `time` is UTC
    (`2026-01-31T12:00:00Z`); `records` and `triples` are what the dataset holds after it. A revert
    carries the facts of the version it went back to, named in `reverted_to`; a withdrawal those of
    the version withdrawn. `unchanged` is true when a delivery brought nothing new, and this is the
    version that it repeats.
    """

    dataset: str
    number: int
    sequence: int
    time: str
    kind: EventKind
    counts: Counts
    records: int
    triples: int
    facts: VersionFacts
    reverted_to: int | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """A record as one dataset describes it.

    `first_version` is the version of the dataset that first held the IRI, `version` the one that
    brought this state of it (file and line are those of that delivery).
    """

    dataset: str
    record: Record
    first_version: int
    version: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An IRI that was described once and is no longer; `time` and `sequence` of the last deletion.

    `datasets` are all that ever described it, `type` the class it had last.
    """

    iri: str
    datasets: tuple[str, ...]
    time: str
    sequence: int
    type: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one version did to one record; `record` is its new state, None when deleted."""

    kind: ChangeKind
    dataset: str
    version: int
    sequence: int
    time: str
    record: Record | None


@dataclass(frozen=True, slots=True)
class Activity:
    """What one event did to one record of one dataset, as feeds tell it.

    `state` is the number of the record's state that the event began or, of a deletion, ended;
    `digest` is that of the state. Together with `sequence` they say all that a feed tells of it:
    whoever rewrites what a state says gives it another digest.
    """

    kind: ChangeKind
    dataset: str
    iri: str
    type: str
    sequence: int
    time: str
    state: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the log. A change of the vocabulary has no dataset and no version."""

    sequence: int
    time: str
    kind: EventKind
    dataset: str | None
    version: int | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a listing: a record's IRI, its class, and its titles by language tag."""

    iri: str
    type: str
    titles: Mapping[str, str]
