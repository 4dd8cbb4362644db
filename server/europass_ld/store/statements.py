"""Which of a record's statements are its own, and which it shares with others.

Its own are about the record and about the nested nodes that hang from it: no other live record of
the dataset makes them. Everything else (that a concept is a concept, that a mailbox is a mailbox)
may stand in many records, and leaves the dataset's graph only with the last of them: the log
counts those.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from ..terms import GENID_PATH
from .bodies import Bodies

_BUFFERED_STATEMENTS = 50_000


def lines_of(triples: str) -> list[str]:
    """Return the lines of N-Triples as the log keeps them, without line ends."""
    lines = triples.split("\n")  # splitlines would split at more than line ends
    lines.pop()
    return lines


def shared_among(base: str) -> Callable[[str, list[str]], set[str]]:
    """Return the function from a record's IRI and lines to those that are not its own."""
    genid = f"<{base}{GENID_PATH}"
    link = f" {genid}"

    def shared(iri: str, lines: list[str]) -> set[str]:
        mine = f"<{iri}> ", genid
        others = {line for line in lines if not line.startswith(mine)}
        if any(link in line for line in others):
            return _not_reachable(f"<{iri}>", lines, genid)
        return others

    return shared


def _not_reachable(record: str, lines: list[str], genid: str) -> set[str]:
    """Return the lines about nodes that do not hang from the record: a concept may have some."""
    mine = {record}
    others = set()
    for line in lines:
        subject, _, rest = line.split(" ", 2)
        if subject not in mine:
            others.add(line)
        elif rest.startswith(genid):
            mine.add(rest[:-2])
    return others


class SharedStatements:
    """The counts of the statements that records of one dataset share, kept in the log.

    Changes wait in memory, and look-ups are only right, after `settle`.
    """

    def __init__(self, log: sqlite3.Connection, dataset: int):
        self._log = log
        self._dataset = dataset
        self._waiting: Counter[str] = Counter()

    def change(self, lines: Iterable[str], by: int) -> None:
        """Count the lines once more (1) or once less (-1)."""
        for line in lines:
            self._waiting[line] += by
        if len(self._waiting) > _BUFFERED_STATEMENTS:
            self._flush()

    def about(self, subject: str) -> list[tuple[str, int]]:
        """Return the lines about a subject (in N-Triples form), each with its count."""
        self._flush()
        counted = self._log.execute(
            "SELECT rest, count FROM shared WHERE dataset = ? AND subject = ?",
            (self._dataset, subject),
        )
        return [(f"{subject} {rest}", count) for rest, count in counted]

    def settle(self) -> None:
        """Write all changes to the log, and forget what no record states any more."""
        self._flush()
        self._log.execute("DELETE FROM shared WHERE count = 0")

    def _flush(self) -> None:
        self._log.executemany(
            "INSERT INTO shared VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            (
                (self._dataset, *_halves(line), by)
                for line, by in sorted(self._waiting.items())
                if by
            ),
        )
        self._waiting.clear()


def count_statements(log: sqlite3.Connection, dataset: int) -> int:
    """Return how many different triples the live records of a dataset state together."""
    (own,) = log.execute(
        "SELECT coalesce(sum(body.own), 0) FROM record JOIN body ON body.id = record.body "
        "WHERE record.dataset = ? AND record.seq_to IS NULL",
        (dataset,),
    ).fetchone()
    (shared,) = log.execute("SELECT count(*) FROM shared WHERE dataset = ?", (dataset,)).fetchone()
    return int(own) + int(shared) - _stated_twice(log, dataset)


def _stated_twice(log: sqlite3.Connection, dataset: int) -> int:
    """Count the shared statements that the record they are about makes as well."""
    rows = log.execute(
        "SELECT DISTINCT shared.subject FROM shared JOIN record "
        "ON record.iri = substr(shared.subject, 2, length(shared.subject) - 2) "
        "AND record.dataset = shared.dataset AND record.seq_to IS NULL WHERE shared.dataset = ?",
        (dataset,),
    )
    count = 0
    for (subject,) in rows:
        statements = statements_about(log, dataset, subject)
        rests = log.execute(
            "SELECT rest FROM shared WHERE dataset = ? AND subject = ?", (dataset, subject)
        )
        count += sum(f"{subject} {rest}" in statements for (rest,) in rests)
    return count


def statements_about(log: sqlite3.Connection, dataset: int, subject: str) -> set[str]:
    """Return the lines of the live record named `subject` (in N-Triples form), if there is one."""
    row = log.execute(
        "SELECT body.dictionary, body.content FROM record JOIN body ON body.id = record.body "
        "WHERE record.iri = ? AND record.dataset = ? AND record.seq_to IS NULL",
        (subject[1:-1], dataset),
    ).fetchone()
    return set() if row is None else set(lines_of(Bodies(log).unpack(*row)[1]))


def still_stated(log: sqlite3.Connection, dataset: int, lines: Iterable[str]) -> Iterator[str]:
    """Yield those of the lines that some live record of the dataset makes, by the log as it is."""
    about: tuple[str, set[str]] = "", set()
    for line in lines:
        subject, rest = _halves(line)
        counted = log.execute(
            "SELECT 1 FROM shared WHERE dataset = ? AND subject = ? AND rest = ?",
            (dataset, subject, rest),
        ).fetchone()
        if about[0] != subject:  # lines about one subject mostly stand together
            about = subject, statements_about(log, dataset, subject)
        if counted or line in about[1]:
            yield line


def _halves(line: str) -> tuple[str, str]:
    subject, _, rest = line.partition(" ")
    return subject, rest
