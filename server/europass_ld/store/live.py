"""What the records of one dataset state together, after any event."""

import sqlite3
from collections.abc import Iterable, Iterator

from .bodies import Bodies
from .sorting import distinct_sorted

_AT_ONCE = 1_000
_LIVE = """
SELECT body.dictionary, body.content FROM record AS state JOIN body ON body.id = state.body
WHERE state.dataset = :dataset AND state.seq_from <= :now
AND (state.seq_to IS NULL OR state.seq_to > :now) AND state.verdict != 'redacted'
"""


def live_statements(log: sqlite3.Connection, dataset: int, now: int) -> Iterator[list[str]]:
    """Yield what the records of a dataset state as of a sequence, in flat memory.

    Lines of N-Triples without line ends, each once, in code point order; those about one subject
    come in one part. The same records give the same parts.
    """
    bodies = Bodies(log)
    found = log.execute(_LIVE, {"dataset": dataset, "now": now})
    return _in_parts(distinct_sorted(bodies.unpack(*row)[1] for row in found))


def _in_parts(lines: Iterable[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for line in lines:
        if len(part) >= _AT_ONCE and not line.startswith(f"{part[-1].partition(' ')[0]} "):
            yield part
            part = []
        part.append(line)
    if part:
        yield part
