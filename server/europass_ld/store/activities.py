"""What happened to records, one activity after the other: the order in which feeds tell it.

An event begins states of records (those added, then live, and those changed) and ends others; an
ended one that none follows is a deletion. The activities of an event are the states it began, by
their number in the log, then its deletions, by theirs. The events say how many there are of each,
so any place in the order is found without counting rows.
"""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from .bodies import Bodies
from .rows import LATEST
from .values import Activity

# ruff: noqa: S608 - all queries are put together from constants
_COLUMNS = "dataset.iri, state.iri, type.text, event.sequence, event.time, state.id, state.digest"
_NAMES = "JOIN dataset ON dataset.id = state.dataset JOIN name AS type ON type.id = state.type"
# a unary plus keeps SQLite from an index that would have it read, or sort, a whole event
_KIND = """CASE WHEN EXISTS (
    SELECT 1 FROM record AS before WHERE before.iri = state.iri
    AND before.dataset = state.dataset AND +before.seq_to = state.seq_from
) THEN 'changed' ELSE 'added' END"""
_NONE_FOLLOWS = """NOT EXISTS (
    SELECT 1 FROM record AS after WHERE after.iri = state.iri
    AND after.dataset = state.dataset AND after.seq_from = state.seq_to)"""
_BEGUN = f"""
SELECT {_KIND}, {_COLUMNS} FROM (
    SELECT id FROM record WHERE seq_from = :sequence ORDER BY id LIMIT :limit OFFSET :offset
) AS page JOIN record AS state ON state.id = page.id
JOIN event ON event.sequence = state.seq_from {_NAMES} ORDER BY state.id
"""
_ENDED = f"""
SELECT 'deleted', {_COLUMNS} FROM (
    SELECT id FROM record AS state WHERE seq_to = :sequence {{condition}}
    ORDER BY id LIMIT :limit OFFSET :offset
) AS page JOIN record AS state ON state.id = page.id
JOIN event ON event.sequence = state.seq_to {_NAMES} ORDER BY state.id
"""
_DELETED = _ENDED.format(condition=f"AND {_NONE_FOLLOWS}")
_ALL_DELETED = _ENDED.format(condition="")  # a withdrawal of all Sweden need not look at each
_OF_RECORD = f"""
SELECT {_KIND}, {_COLUMNS} FROM record AS state
JOIN event ON event.sequence = state.seq_from {_NAMES}
WHERE state.iri = :iri AND event.sequence = :sequence
UNION ALL
SELECT 'deleted', {_COLUMNS} FROM record AS state
JOIN event ON event.sequence = state.seq_to {_NAMES}
WHERE state.iri = :iri AND event.sequence = :sequence AND {_NONE_FOLLOWS}
"""
_LAST_OF_RECORD = """
SELECT CASE WHEN state.seq_to <= :now THEN state.seq_to ELSE state.seq_from END
FROM record AS state JOIN dataset ON dataset.id = state.dataset
WHERE state.iri = :iri AND dataset.iri = :dataset AND state.seq_from <= :now
ORDER BY state.seq_from DESC LIMIT 1
"""
_IN_SCOPE = """event.sequence BETWEEN :first AND :last
AND +event.dataset IN (SELECT value FROM json_each(:datasets))
AND state.id > CASE event.sequence WHEN :after_sequence THEN :after_state ELSE 0 END
AND (:type IS NULL OR state.type = (SELECT id FROM name WHERE text = :type))"""
_LATEST_LIVE = f"""
SELECT {_KIND}, {_COLUMNS} FROM event CROSS JOIN record AS state ON state.seq_from = event.sequence
{_NAMES} WHERE {_IN_SCOPE} AND (state.seq_to IS NULL OR state.seq_to > :now)
ORDER BY event.sequence, state.id LIMIT :limit
"""
_LATEST_DELETED = f"""
SELECT 'deleted', {_COLUMNS} FROM event CROSS JOIN record AS state ON state.seq_to = event.sequence
{_NAMES} WHERE {_IN_SCOPE} AND NOT EXISTS (
    SELECT 1 FROM record AS after WHERE after.iri = state.iri
    AND after.dataset = state.dataset AND after.seq_from BETWEEN state.seq_to AND :now)
ORDER BY event.sequence, state.id LIMIT :limit
"""
_MOMENTS = """
SELECT sequence, time, dataset.iri, added + changed, changed, deleted FROM event
JOIN dataset ON dataset.id = event.dataset
WHERE sequence <= ? AND added + changed + deleted > 0 ORDER BY sequence
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event that changed records: how many states it began, how many records it deleted.

    Of the states it began, `changed` follow another. `first` is the place of its first activity
    among those of the timeline, from 0.
    """

    sequence: int
    time: str
    begun: int
    changed: int
    deleted: int
    first: int


class Timeline:
    """The activities of the whole log, or of one dataset, without the activities themselves.

    `count` is their number, `time` that of the last one, None while there is none.
    """

    def __init__(self, moments: Sequence[Moment]):
        self._moments = moments
        self._firsts = [one.first for one in moments]
        last = moments[-1] if moments else None
        self.count = last.first + last.begun + last.deleted if last else 0
        self.time = last.time if last else None

    def moment(self, place: int) -> Moment:
        """Return the event of the activity at `place`, which is from 0 and below `count`."""
        return self._moments[bisect_right(self._firsts, place) - 1]

    def since(self, place: int) -> Iterator[Moment]:
        """Yield the events from that of the activity at `place` on."""
        return islice(self._moments, max(0, bisect_right(self._firsts, place) - 1), None)


def read_timeline(log: sqlite3.Connection, dataset: str | None, now: int) -> Timeline:
    """Return the timeline of a dataset, or of all, up to event `now`."""
    moments = []
    first = 0
    for sequence, time, iri, begun, changed, deleted in log.execute(_MOMENTS, (now,)):
        if dataset in {None, iri}:
            moments.append(Moment(sequence, time, begun, changed, deleted, first))
            first += begun + deleted
    return Timeline(moments)


def read_activities(
    log: sqlite3.Connection, timeline: Timeline, start: int, limit: int
) -> Iterator[Activity]:
    """Yield at most `limit` activities from that at `start` on."""
    left = limit
    for moment in timeline.since(start):
        offset = max(0, start - moment.first)
        ended = _DELETED if moment.changed else _ALL_DELETED
        for query, there in ((_BEGUN, moment.begun), (ended, moment.deleted)):
            wanted = min(left, there - offset)
            if wanted > 0:
                parameters = {"sequence": moment.sequence, "limit": wanted, "offset": offset}
                yield from (Activity(*row) for row in log.execute(query, parameters))
                left -= wanted
            offset = max(0, offset - there)
        if not left:
            return


def read_activity(log: sqlite3.Connection, iri: str, sequence: int) -> Activity | None:
    """Return what an event did to a record; None when it did nothing."""
    row = log.execute(_OF_RECORD, {"iri": iri, "sequence": sequence}).fetchone()
    return Activity(*row) if row else None


def read_last_activity(
    log: sqlite3.Connection, dataset: str, iri: str, now: int
) -> Activity | None:
    """Return the last activity of a record of a dataset; None when it never had it."""
    row = log.execute(_LAST_OF_RECORD, {"dataset": dataset, "iri": iri, "now": now}).fetchone()
    return read_activity(log, iri, row[0]) if row else None


def read_span(log: sqlite3.Connection, since: str, until: str) -> tuple[int, int]:
    """Return the first and the last event between two times, both included.

    Where there is none, the first comes after the last. "" is no limit.
    """
    first, last = log.execute(
        "SELECT (SELECT min(sequence) FROM event WHERE time >= ?), "
        "(SELECT max(sequence) FROM event WHERE ? IN ('', time) OR time < ?)",
        (since, until, until),
    ).fetchone()
    return (LATEST if first is None else first), last or 0


def read_latest(
    log: sqlite3.Connection,
    now: int,
    *,
    datasets: str,
    type_iri: str | None,
    span: tuple[int, int],
    after: tuple[int, int],
    limit: int,
) -> list[Activity]:
    """Return the last activity of each record, by sequence and state.

    `datasets` is a JSON array of their numbers; `span` are the first and the last sequence wanted;
    `after` is the sequence and the state of the activity before the first one wanted.
    """
    parameters = {
        "now": now,
        "datasets": datasets,
        "type": type_iri,
        "first": max(span[0], after[0]),
        "last": min(span[1], now),
        "after_sequence": after[0],
        "after_state": after[1],
        "limit": limit,
    }
    found = [
        Activity(*row)
        for query in (_LATEST_LIVE, _LATEST_DELETED)
        for row in log.execute(query, parameters)
    ]
    return sorted(found, key=lambda one: (one.sequence, one.state))[:limit]


def read_triples(log: sqlite3.Connection, activities: Sequence[Activity]) -> Iterator[str]:
    """Yield what each activity brought, as N-Triples lines; nothing for a deletion."""
    bodies = Bodies(log)
    query = (
        "SELECT dictionary, content FROM record JOIN body ON body.id = record.body "
        "WHERE record.id = ?"
    )
    for one in activities:
        if one.kind == "deleted":
            yield ""
        else:
            yield bodies.unpack(*log.execute(query, (one.state,)).fetchone())[1]
