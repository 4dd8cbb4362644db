"""The records of a delivery before anything is decided: a temporary table of the log's connection.

Bodies go into the log at once, inside the transaction that a delivery is; a record whose digest is
that of the live one takes the live one's body. A record whose source is that of the last delivery
is staged as `repeated`: it is the live one, and was checked before.
"""

import re
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from . import rows
from .bodies import Bodies
from .repeats import Repeats
from .statements import SharedStatements, lines_of, shared_among
from .values import Conflict, Difference, Examined, Record, Verdict

_TABLE = """
CREATE TEMP TABLE staged (
    ordinal INTEGER PRIMARY KEY,
    iri TEXT NOT NULL UNIQUE,
    type INTEGER,
    digest BLOB,
    file INTEGER,
    line INTEGER,
    verdict TEXT NOT NULL,
    body INTEGER,
    live INTEGER,
    source BLOB,
    stated TEXT,
    repeated INTEGER NOT NULL DEFAULT 0
) STRICT
"""
_CHANGED = (
    "SELECT staged.ordinal FROM staged JOIN record ON record.id = staged.live "
    "WHERE staged.verdict != 'refused' "
    "AND (staged.digest != record.digest OR staged.verdict != record.verdict)"
)
_ADDED = "SELECT ordinal FROM staged WHERE live IS NULL AND verdict != 'refused'"
_DELETED = (
    "SELECT id FROM record WHERE dataset = :dataset AND seq_to IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.iri = record.iri)"
)
_BODIES = "SELECT iri, dictionary, content FROM"
_ENDED_BODIES = f"{_BODIES} record JOIN body ON body.id = body WHERE seq_to = :sequence"
_OLD_BODIES_AGAIN = (
    f"{_BODIES} record JOIN body ON body.id = body WHERE seq_from = :sequence AND body < :first"
)
_REFUSED_BODIES = (
    f"{_BODIES} staged JOIN body ON body.id = body WHERE verdict = 'refused' AND body >= :first"
)
_FORGET_REFUSED = (
    "DELETE FROM body WHERE id IN (SELECT body FROM staged WHERE verdict = 'refused' AND body >= ?)"
)
_END_DELETED = f"UPDATE record SET seq_to = :sequence WHERE id IN ({_DELETED})"  # noqa: S608
_STAGED_RECORDS = (
    f"SELECT state.ordinal, {rows.RECORD_COLUMNS} FROM staged AS state "  # noqa: S608
    f"{rows.RECORD_JOINS} WHERE ordinal > ? AND repeated = ? ORDER BY ordinal LIMIT ?"
)
_STAGE_AS_IT_IS = (
    "INSERT INTO staged SELECT NULL, iri, type, digest, :file, :line, 'conforms', body, id, "
    "source, stated, 1 FROM record JOIN examined ON examined.record = id "
    "WHERE iri = :iri AND dataset = :dataset AND seq_to IS NULL AND source = :source "
    "ON CONFLICT DO NOTHING"
)
_blank_node = re.compile(r"^_:|^\S+ \S+ _:", re.MULTILINE).search


def check_triples(triples: str) -> None:
    r"""Check that a text is N-Triples as the log keeps them.

    Raises:
        ValueError: not well-formed, a blank node, or a line that does not end in `" .\n"`.
    """
    whole_lines = triples.endswith("\n") or not triples
    if not whole_lines or triples.count(" .\n") != triples.count("\n"):
        raise ValueError("every line of N-Triples must end in a space and a full stop")
    if "_:" in triples and _blank_node(triples):
        raise ValueError("blank nodes are not accepted: they would be others at every reading")
    try:
        deque(ox.parse(triples.encode(), ox.RdfFormat.N_TRIPLES), maxlen=0)
    except SyntaxError as error:
        raise ValueError(f"not N-Triples: {error}") from error


def _check_record(record: Record) -> None:
    if not record.triples.startswith(f"<{record.iri}> "):
        raise ValueError(f"the triples of <{record.iri}> must begin with one about it")
    check_triples(record.triples)


class Staging:
    """What a delivery of one dataset brings, staged in an open transaction of the log."""

    def __init__(self, log: sqlite3.Connection, base: str, dataset: int):
        self._log = log
        self._dataset = dataset
        self._bodies = Bodies(log)
        self._shared_among = shared_among(base)
        self._shared = SharedStatements(log, dataset)
        self._names: dict[str, int] = {}
        log.execute(_TABLE)
        self.repeats = Repeats(log, dataset, self._bodies, self._shared, self._shared_among)
        (last,) = log.execute("SELECT coalesce(max(id), 0) FROM body").fetchone()
        self._first_body = self._next_body = last + 1
        (self._is_new,) = log.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM record WHERE dataset = ? AND seq_to IS NULL)",
            (dataset,),
        ).fetchone()

    def add(self, record: Record, examined: Examined | None = None) -> Conflict | None:
        """Stage a record, or return the conflict with one that is staged under its IRI.

        `examined` is what to remember of its checks.

        Raises:
            ValueError: see `check_triples`; or the first line is not about the record.
        """
        live = self._live(record.iri)
        body = live[2] if live is not None and live[1] == record.digest else None
        if body is None:
            _check_record(record)
        staged = self._log.execute(
            "INSERT INTO staged VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "
            "ON CONFLICT DO NOTHING",
            (
                record.iri,
                self._name(record.type),
                record.digest,
                self._name(record.file),
                record.line,
                record.verdict,
                self._next_body if body is None else body,
                live and live[0],
                examined and examined.source,
                examined and examined.stated,
            ),
        )
        if staged.rowcount == 0:
            return self._conflict(record.iri, record.digest, record.file, record.line)
        if body is None:
            self._add_body(record)
        return None

    def repeat(self, iri: str, source: bytes, file: str, line: int) -> Conflict | None:
        """Stage the live record of this source as it is, or return the conflict: see `add`."""
        staged = self._log.execute(
            _STAGE_AS_IT_IS,
            {
                "iri": iri,
                "dataset": self._dataset,
                "source": source,
                "file": self._name(file),
                "line": line,
            },
        )
        live = None if staged.rowcount else self._live(iri)
        return live and self._conflict(iri, live[1], file, line)

    def _live(self, iri: str) -> tuple[int, bytes, int] | None:
        """Return number, digest and body of the live record, if there is one."""
        if self._is_new:
            return None
        found: tuple[int, bytes, int] | None = self._log.execute(
            "SELECT id, digest, body FROM record WHERE iri = ? AND dataset = ? AND seq_to IS NULL",
            (iri, self._dataset),
        ).fetchone()
        return found

    def stage_version(self, sequence: int) -> None:
        """Stage the records as they were after an event."""
        self._log.execute(
            "INSERT INTO staged SELECT NULL, past.iri, past.type, past.digest, past.file, "
            "past.line, past.verdict, past.body, live.id, NULL, NULL, 0 FROM record AS past "
            "LEFT JOIN record AS live ON live.iri = past.iri AND live.dataset = past.dataset "
            "AND live.seq_to IS NULL WHERE past.dataset = ?1 AND past.seq_from <= ?2 "
            "AND (past.seq_to IS NULL OR past.seq_to > ?2) AND past.verdict != 'redacted'",
            (self._dataset, sequence),
        )

    def records(self, batch_size: int, *, repeated: bool = False) -> Iterator[list[Record]]:
        """Yield what is staged, or `repeated`, in the order in which it came; refused ones too."""
        last = 0
        while True:
            found = self._log.execute(_STAGED_RECORDS, (last, repeated, batch_size)).fetchall()
            if not found:
                return
            yield [rows.record(row[1:], self._bodies) for row in found]
            last = found[-1][0]

    def set_verdicts(self, verdicts: Mapping[str, Verdict]) -> None:
        """Set the verdicts of staged records."""
        self._log.executemany(
            "UPDATE staged SET verdict = ? WHERE iri = ?",
            ((verdict, iri) for iri, verdict in verdicts.items()),
        )

    def refuse(self, iris: Iterable[str]) -> None:
        """Leave records out; also such as were never staged, so that they do not count as gone."""
        self._log.executemany(
            "INSERT INTO staged (iri, verdict) VALUES (?, 'refused') "
            "ON CONFLICT DO UPDATE SET verdict = 'refused'",
            ((iri,) for iri in iris),
        )

    def difference(self, *, partial: bool) -> Difference:
        """Compare with the live records of the dataset."""
        added = self._iris(f"staged WHERE ordinal IN ({_ADDED})")
        changed = self._iris(f"staged WHERE ordinal IN ({_CHANGED})")
        deleted = () if partial else self._iris(f"record WHERE id IN ({_DELETED})")
        taken, refused = self._log.execute(
            "SELECT count(*) FILTER (WHERE verdict != 'refused'), "
            "count(*) FILTER (WHERE verdict = 'refused') FROM staged"
        ).fetchone()
        return Difference(
            added=len(added),
            changed=len(changed),
            deleted=len(deleted),
            unchanged=taken - len(added) - len(changed),
            refused=refused,
            added_iris=added,
            changed_iris=changed,
            deleted_iris=deleted,
        )

    def settle(self, sequence: int, *, partial: bool) -> None:
        """Make the differences part of the log, as those of event `sequence`."""
        if not partial:
            self._log.execute(_END_DELETED, {"sequence": sequence, "dataset": self._dataset})
        self._log.execute(f"CREATE TEMP TABLE taken AS {_ADDED} UNION ALL {_CHANGED}")
        self._log.execute(
            "UPDATE record SET seq_to = ? WHERE id IN "
            "(SELECT live FROM staged WHERE ordinal IN (SELECT ordinal FROM taken))",
            (sequence,),
        )
        self._log.execute(
            "INSERT INTO record (dataset, iri, type, seq_from, digest, file, line, verdict, body) "
            "SELECT ?, iri, type, ?, digest, file, line, verdict, body FROM staged "
            "WHERE ordinal IN (SELECT ordinal FROM taken) ORDER BY iri",
            (self._dataset, sequence),
        )
        self._count_shared(sequence)
        self.repeats.settle(sequence)
        self._log.execute(_FORGET_REFUSED, (self._first_body,))
        self._log.execute("DROP TABLE staged")
        self._log.execute("DROP TABLE taken")

    def _count_shared(self, sequence: int) -> None:
        """Bring the counts of shared statements up to date; `add` has counted new bodies."""
        first = self._first_body
        for query, by in ((_ENDED_BODIES, -1), (_OLD_BODIES_AGAIN, 1), (_REFUSED_BODIES, -1)):
            for iri, dictionary, content in self._log.execute(
                query, {"sequence": sequence, "first": first}
            ):
                lines = lines_of(self._bodies.unpack(dictionary, content)[1])
                self._shared.change(self._shared_among(iri, lines), by)
        self._shared.settle()

    def _iris(self, source: str) -> tuple[str, ...]:
        query = f"SELECT iri FROM {source} ORDER BY iri"  # noqa: S608 - constants of this module
        found = self._log.execute(query, {"dataset": self._dataset})
        return tuple(iri for (iri,) in found)

    def _name(self, text: str) -> int:
        known = self._names.get(text)
        if known is None:
            self._log.execute("INSERT INTO name (text) VALUES (?) ON CONFLICT DO NOTHING", (text,))
            (known,) = self._log.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()
            self._names[text] = known
        return known

    def _conflict(self, iri: str, digest: bytes, file: str, line: int) -> Conflict | None:
        first, first_file, first_line = self._log.execute(
            "SELECT digest, name.text, line FROM staged LEFT JOIN name ON name.id = staged.file "
            "WHERE iri = ?",
            (iri,),
        ).fetchone()
        if first in {digest, None}:  # None: refused before it came
            return None
        return Conflict(iri, first_file, first_line, file, line)

    def _add_body(self, record: Record) -> None:
        lines = lines_of(record.triples)
        shared = self._shared_among(record.iri, lines)
        self._shared.change(shared, 1)
        own = len(set(lines)) - len(shared)
        dictionary, content = self._bodies.pack(record.type, record.lexical, record.triples)
        self._log.execute(
            "INSERT INTO body VALUES (?, ?, ?, ?)", (self._next_body, dictionary, own, content)
        )
        self._next_body += 1
