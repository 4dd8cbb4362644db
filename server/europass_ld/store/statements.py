"""Which of a record's statements are its own, and which it shares with others.

Its own are about the record and about the nested nodes that hang from it: no other live record of
the dataset makes them. Everything else (that a concept is a concept, that a mailbox is a mailbox)
may stand in many records, and leaves the dataset's graph only with the last of them: the log
counts those.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..terms import GENID_PATH
from .bodies import Bodies

_BUFFERED_STATEMENTS = 50_000


@dataclass(frozen=True, slots=True)
class Statements:
    """The lines (without line ends) of a record's N-Triples, each once, in document order."""

    own: dict[str, None]
    shared: dict[str, None]


def statements_of(base: str) -> Callable[[str, str], Statements]:
    """Return the function from a record's IRI and N-Triples to its `Statements`."""
    genid = f"<{base}{GENID_PATH}"

    def split(iri: str, triples: str) -> Statements:
        mine = {f"<{iri}>"}
        own: dict[str, None] = {}
        shared: dict[str, None] = {}
        lines = triples.split("\n")
        lines.pop()
        for line in lines:
            subject, _, rest = line.split(" ", 2)
            if subject in mine:
                own[line] = None
                if rest.startswith(genid):
                    mine.add(rest[:-2])
            else:
                shared[line] = None
        return Statements(own, shared)

    return split


class SharedStatements:
    """The counts of shared statements in the log, to be kept exact by the writer.

    Changes wait in memory until `flush`; look-ups are only right after it.
    """

    def __init__(self, log: sqlite3.Connection):
        self._log = log
        self._waiting: Counter[tuple[int, str]] = Counter()

    def change(self, dataset: int, lines: Iterable[str], by: int) -> None:
        """Count the lines once more (1) or once less (-1)."""
        for line in lines:
            self._waiting[dataset, line] += by
        if len(self._waiting) > _BUFFERED_STATEMENTS:
            self.flush()

    def flush(self) -> None:
        """Write the changes to the log."""
        self._log.executemany(
            "INSERT INTO shared VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            (
                (dataset, *_halves(line), by)
                for (dataset, line), by in sorted(self._waiting.items())
                if by
            ),
        )
        # a count may be below zero for a while: flushed in the midst of a delivery
        self._waiting.clear()

    def forget_unused(self) -> None:
        """Remove the statements that no record makes any more."""
        self.flush()
        self._log.execute("DELETE FROM shared WHERE count = 0")


def count_statements(log: sqlite3.Connection, dataset: int, base: str) -> int:
    """Return how many different triples the live records of a dataset state together."""
    (own,) = log.execute(
        "SELECT coalesce(sum(body.own), 0) FROM record JOIN body ON body.id = record.body "
        "WHERE record.dataset = ? AND record.seq_to IS NULL",
        (dataset,),
    ).fetchone()
    (shared,) = log.execute("SELECT count(*) FROM shared WHERE dataset = ?", (dataset,)).fetchone()
    twice = sum(1 for _ in _shared_and_own(log, dataset, base))
    return int(own) + int(shared) - twice


def _shared_and_own(log: sqlite3.Connection, dataset: int, base: str) -> Iterator[str]:
    """Yield the shared statements that the record they are about makes as well."""
    rows = log.execute(
        "SELECT DISTINCT shared.subject FROM shared JOIN record "
        "ON record.iri = substr(shared.subject, 2, length(shared.subject) - 2) "
        "AND record.dataset = shared.dataset AND record.seq_to IS NULL WHERE shared.dataset = ?",
        (dataset,),
    )
    for (subject,) in rows:
        own = own_statements(log, dataset, subject, base)
        rests = log.execute(
            "SELECT rest FROM shared WHERE dataset = ? AND subject = ?", (dataset, subject)
        )
        yield from (line for (rest,) in rests if (line := f"{subject} {rest}") in own)


def own_statements(
    log: sqlite3.Connection, dataset: int, subject: str, base: str
) -> dict[str, None]:
    """Return what the live record named `subject` (in N-Triples form) says of its own, if any."""
    iri = subject[1:-1]
    row = log.execute(
        "SELECT body.dictionary, body.content FROM record JOIN body ON body.id = record.body "
        "WHERE record.iri = ? AND record.dataset = ? AND record.seq_to IS NULL",
        (iri, dataset),
    ).fetchone()
    if row is None:
        return {}
    _, triples = Bodies(log).unpack(*row)
    return statements_of(base)(iri, triples).own


def still_stated(
    log: sqlite3.Connection, dataset: int, lines: Iterable[str], base: str
) -> Iterator[str]:
    """Yield those of the lines that some live record of the dataset makes, by the log as it is."""
    known: tuple[str, dict[str, None]] = "", {}
    for line in lines:
        subject, rest = _halves(line)
        counted = log.execute(
            "SELECT 1 FROM shared WHERE dataset = ? AND subject = ? AND rest = ?",
            (dataset, subject, rest),
        ).fetchone()
        if known[0] != subject:  # lines about one subject mostly stand together
            known = subject, own_statements(log, dataset, subject, base)
        if counted or line in known[1]:
            yield line


def _halves(line: str) -> tuple[str, str]:
    subject, _, rest = line.partition(" ")
    return subject, rest
