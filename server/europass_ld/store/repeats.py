"""Records that a delivery repeats: what their checks found before is taken over.

Of each live record the log keeps a digest of its source, what it states that others must check,
and what was found in it. So of a large delivery that differs little from the one before, only the
difference needs to be checked.

Two things keep that exact. A record with a finding about something that it shares with others, of
which nobody knows whose fault it is, leaves no note, and is checked each time; when such a one
ends, all are checked. And what is said of a shared node is always looked at whole: the counts of
shared statements tell what the records say together. When that is wrong, one of the records that
are checked has to answer for it, as what was published is not new.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from .bodies import Bodies
from .schema import open_log
from .statements import SharedStatements, lines_of
from .values import Examined

_FOUND = """
CREATE TEMP TABLE found (
    iri TEXT NOT NULL,
    finding TEXT
) STRICT
"""
_ENDING = (
    "record.dataset = :dataset AND record.seq_to IS NULL AND NOT EXISTS (SELECT 1 FROM staged "
    "WHERE staged.iri = record.iri AND staged.digest = record.digest)"
)
_ENDING_BODIES = (
    f"SELECT iri, dictionary, content FROM record JOIN body ON body.id = body WHERE {_ENDING}"  # noqa: S608
)
_ENDING_WITHOUT_NOTE = (
    "SELECT EXISTS (SELECT 1 FROM record WHERE id NOT IN (SELECT record FROM examined) "  # noqa: S608 - constants
    f"AND {_ENDING})"
)
_FINDINGS = (
    "SELECT iri, name.text, line, findings FROM staged JOIN examined ON examined.record = live "
    "JOIN name ON name.id = file WHERE repeated = 1 AND findings != '[]' ORDER BY ordinal"
)
_FORGET = (
    "DELETE FROM examined WHERE record IN (SELECT id FROM record WHERE seq_to = ?) "
    "OR record IN (SELECT live FROM staged WHERE repeated = 0 AND verdict != 'refused')"
)
_NOTE = """
INSERT INTO examined
SELECT live.id, staged.source, staged.stated,
    (SELECT json_group_array(finding) FROM found WHERE found.iri = staged.iri)
FROM staged JOIN record AS live
    ON live.iri = staged.iri AND live.dataset = ? AND live.seq_to IS NULL
WHERE staged.repeated = 0 AND staged.source IS NOT NULL AND staged.verdict != 'refused'
    AND NOT EXISTS (SELECT 1 FROM found WHERE found.iri = staged.iri AND finding IS NULL)
"""


_KNOWN = """
SELECT stated, findings FROM examined JOIN record ON record.id = examined.record
JOIN dataset ON dataset.id = dataset
WHERE record.iri = ? AND dataset.iri = ? AND seq_to IS NULL AND source = ?
"""


class EarlierChecks:
    """What was noted of the live records of a dataset; of none if `dataset` (its IRI) is None.

    A context manager. Before it is entered it can be pickled: whoever checks may be another
    process, while the delivery is open in this one.
    """

    def __init__(self, directory: Path, dataset: str | None):
        self._directory = directory
        self._dataset = dataset
        self._log: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open the log.

        Raises:
            StoreUnavailable: there is no log, or one of another format.
        """
        if self._dataset is not None:
            self._log = open_log(self._directory, write=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        if self._log is not None:
            self._log.close()

    def find(self, iri: str, source: bytes) -> Examined | None:
        """Return what was noted of a live record, if this is the digest of its source."""
        if self._log is None:
            return None
        found = self._log.execute(_KNOWN, (iri, self._dataset, source)).fetchone()
        return found and Examined(source, found[0], _texts(found[1]))


class Repeats:
    """What the records that a delivery repeats bring along, in its open transaction."""

    def __init__(
        self,
        log: sqlite3.Connection,
        dataset: int,
        bodies: Bodies,
        shared: SharedStatements,
        shared_among: Callable[[str, list[str]], set[str]],
    ):
        self._log = log
        self._dataset = dataset
        self._bodies = bodies
        self._shared = shared
        self._shared_among = shared_among
        log.execute(_FOUND)

    def note(self, iri: str, finding: str | None) -> None:
        """Note a finding of a staged record; None says that it may be another record's as well."""
        self._log.execute("INSERT INTO found VALUES (?, ?)", (iri, finding))

    def any(self) -> bool:
        """Tell whether a record is repeated."""
        query = "SELECT EXISTS (SELECT 1 FROM staged WHERE repeated = 1)"
        return bool(self._log.execute(query).fetchone()[0])

    def findings(self) -> Iterator[tuple[str, str, int, tuple[str, ...]]]:
        """Yield IRI, file, line and what was noted of the repeated records with findings."""
        for iri, file, line, findings in self._log.execute(_FINDINGS):
            yield iri, file, line, _texts(findings)

    def may_hide_findings(self) -> bool:
        """Tell whether a record ends whose findings might now be those of a repeated one."""
        found = self._log.execute(_ENDING_WITHOUT_NOTE, {"dataset": self._dataset}).fetchone()
        return bool(found[0])

    def drop(self) -> None:
        """Have all records checked, as if none were repeated."""
        self._log.execute("UPDATE staged SET repeated = 0")

    def ended(self) -> Iterable[str]:
        """Return the shared statements (lines) of records that end with this delivery."""
        return self._ended.keys()

    def said_of(self, nodes: Iterable[str]) -> Iterator[str]:
        """Yield the lines that the delivered records state, and share, about the nodes (IRIs)."""
        for node in nodes:
            for line, count in self._shared.about(f"<{node}>"):
                if count > self._ended[line]:
                    yield line

    def settle(self, sequence: int) -> None:
        """Make the notes those of the records that are live after event `sequence`."""
        self._log.execute("CREATE INDEX temp.found_of_iri ON found (iri)")
        self._log.execute(_FORGET, (sequence,))
        self._log.execute(_NOTE, (self._dataset,))
        self._log.execute("DROP TABLE found")

    @cached_property
    def _ended(self) -> Counter[str]:
        """How many of the records that end make which shared statement."""
        counts: Counter[str] = Counter()
        for iri, dictionary, content in self._log.execute(
            _ENDING_BODIES, {"dataset": self._dataset}
        ):
            lines = lines_of(self._bodies.unpack(dictionary, content)[1])
            counts.update(self._shared_among(iri, lines))
        return counts


def _texts(array: str) -> tuple[str, ...]:
    """Read what SQLite wrote as a JSON array of texts; nearly all are empty."""
    return () if array == "[]" else tuple(json.loads(array))
