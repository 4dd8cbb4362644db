"""Which records are other now than they were at an event, and what is stated otherwise."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from .bodies import Bodies
from .statements import lines_of, still_stated
from .values import Changes, Verdict


@dataclass(frozen=True, slots=True)
class State:
    """A state of a record: its body, the event that brought it, and its verdict."""

    body: int
    sequence: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Transition:
    """From the state of a record to another; None where the dataset does not have it."""

    iri: str
    before: State | None
    after: State | None

    def texts(self, log: sqlite3.Connection, bodies: Bodies) -> tuple[str, str]:
        """Return what the record said and says, as N-Triples; `""` twice if that is the same."""
        if self.before and self.after and self.before.body == self.after.body:
            return "", ""
        return _text(log, bodies, self.before), _text(log, bodies, self.after)


def transitions(log: sqlite3.Connection, dataset: int, since: int) -> Iterator[Transition]:
    """Yield the records of a dataset (its number) whose state is another than after `since`."""
    changed = log.execute(
        "SELECT iri, body, seq_from, verdict, 0 AS live FROM record "
        "WHERE dataset = :dataset AND seq_from <= :since AND seq_to > :since UNION ALL "
        "SELECT iri, body, seq_from, verdict, 1 AS live FROM record "
        "WHERE dataset = :dataset AND seq_from > :since AND seq_to IS NULL ORDER BY iri",
        {"dataset": dataset, "since": since},
    )
    for iri, group in groupby(changed, itemgetter(0)):
        states: list[State | None] = [None, None]
        for _, body, sequence, verdict, live in group:
            states[live] = State(body, sequence, verdict)
        yield Transition(iri, states[0], states[1])


def changes(
    log: sqlite3.Connection, dataset: int, since: int, *, most_characters: int
) -> Changes | None:
    """Return what is other in a dataset (its number) now than after `since`.

    None when that comes to more characters than `most_characters`. The log must stay as it is
    meanwhile.
    """
    bodies = Bodies(log)
    gone: set[str] = set()
    come: set[str] = set()
    left = most_characters
    for one in transitions(log, dataset, since):
        old, new = (set(lines_of(text)) for text in one.texts(log, bodies))
        gone |= old - new
        come |= new - old
        left -= len(one.iri) + sum(map(len, old ^ new))
        if left < 0:
            return None
    gone.difference_update(still_stated(log, dataset, sorted(gone)))
    return Changes(frozenset(gone), frozenset(come), _records(log, dataset, since))


def _records(log: sqlite3.Connection, dataset: int, since: int) -> frozenset[tuple[str, str]]:
    rows = log.execute(
        "SELECT name.text, iri FROM record JOIN name ON name.id = record.type "
        "WHERE dataset = :dataset AND (seq_from > :since OR seq_to > :since)",
        {"dataset": dataset, "since": since},
    )
    return frozenset(rows)


def _text(log: sqlite3.Connection, bodies: Bodies, state: State | None) -> str:
    if state is None:
        return ""
    row = log.execute("SELECT dictionary, content FROM body WHERE id = ?", (state.body,)).fetchone()
    return bodies.unpack(*row)[1]
