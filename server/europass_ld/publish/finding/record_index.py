"""Find records by words of their titles and by the identifiers that publishers gave them.

One SQLite file for all processes of a server, in a folder that goes when the server ends. Who
asks first fills it from the record log, and brings it up to the state that it reads when that is
newer: only what was touched since. Loading a dataset costs nothing for it.

Titles are in a trigram index (FTS5), because in Finnish or German a word is often part of a longer
one; upper and lower case are the same, and so are letters with and without accents. Measured with
50,000 records and 100,000 titles on a busy core: 4 to 6 s to fill, 35 MB; a search takes 1 to 10
ms, where a query that filters all titles took 360 ms.
"""

import json
import logging
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory

from ...errors import StoreUnavailable
from ...store import Reader
from ...terms import expand
from ..labels import TITLES
from .record_facts import IDENTIFYING, facts, only

_log = logging.getLogger(__name__)

_FILE = "records.sqlite"
_PATIENCE_SECONDS = 10.0
"""How long a look-up waits for an index that is being filled."""
_SHORTEST_INDEXED = 3
_MOST_WORDS = 12
_MOST_MATCHES = 2_000
"""Titles that one search looks at, the best first."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_WANTED = only((*(one.value for one in TITLES), *IDENTIFYING, expand("skos:notation")))
_TABLES = """
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS applied (id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);
INSERT INTO applied VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS kind (
    record INTEGER NOT NULL, type TEXT NOT NULL, PRIMARY KEY (record, type)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS title (
    id INTEGER PRIMARY KEY, record INTEGER NOT NULL, folded TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS title_of_record ON title (record);
CREATE INDEX IF NOT EXISTS title_folded ON title (folded);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    folded, content='title', content_rowid='id', tokenize='trigram'
);
CREATE TABLE IF NOT EXISTS identifier (
    notation TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (notation, record)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identifier_of_record ON identifier (record);
COMMIT;
"""

# ruff: noqa: S608 - all queries are put together from constants
_OF_TYPE = """(:types IS NULL OR EXISTS (
    SELECT 1 FROM kind WHERE kind.record = title.record
    AND kind.type IN (SELECT value FROM json_each(:types))))"""
_MATCHING = f"""
SELECT title.record AS record, title.folded AS folded, rank AS score
FROM words JOIN title ON title.id = words.rowid
WHERE words MATCH :match AND {{short}} AND {_OF_TYPE}
ORDER BY rank LIMIT {_MOST_MATCHES}"""
_SCANNED = f"""
SELECT title.record AS record, title.folded AS folded, length(title.folded) AS score
FROM title WHERE {{short}} AND {_OF_TYPE} LIMIT {_MOST_MATCHES}"""
_BEST_FIRST = """
SELECT record.iri FROM ({found}) AS found JOIN record ON record.id = found.record
GROUP BY record.id ORDER BY min(instr(found.folded, :folded) <> 1), min(found.score), record.iri
LIMIT :limit OFFSET :offset"""
_SAME_TITLE = f"""
SELECT DISTINCT record.iri FROM title JOIN record ON record.id = title.record
WHERE title.folded = :folded AND {_OF_TYPE} ORDER BY 1 LIMIT :limit"""


class RecordIndex:
    """The titles and identifiers of all live records; safe to share between threads.

    `folder` is where the processes of a server share it; None for one of this process only.

    Raises:
        StoreUnavailable (all methods that look something up): it could not be brought up.
    """

    def __init__(self, reader: Reader, folder: Path | None):
        self._reader = reader
        self._own = TemporaryDirectory(prefix="europass-ld-") if folder is None else None
        self._path = (folder or Path(self._own.name if self._own else "")) / _FILE
        self._connections: SimpleQueue[sqlite3.Connection] = SimpleQueue()

    def close(self) -> None:
        """Let go of the file, and remove it if it is this process's own."""
        while not self._connections.empty():
            self._connections.get().close()
        if self._own:
            self._own.cleanup()

    def search(
        self, text: str, *, types: Sequence[str] = (), limit: int, offset: int = 0
    ) -> list[str]:
        """Return the IRIs of records of which a title holds all words of `text`, best first.

        A word may be part of a longer one, one of less than three letters only its beginning.
        `types` are IRIs of classes, of which a record must have one.
        """
        folded = fold(text)
        words = folded.split()[:_MOST_WORDS]
        long = [word for word in words if len(word) >= _SHORTEST_INDEXED]
        short = [word for word in words if word not in long]
        if not words:
            return []
        conditions = [f"instr(' ' || title.folded, :short{n}) > 0" for n in range(len(short))]
        found = (_MATCHING if long else _SCANNED).format(short=" AND ".join(conditions) or "TRUE")
        return self._iris(
            _BEST_FIRST.format(found=found),
            match=" AND ".join(_phrase(word) for word in long),
            types=types,
            folded=folded,
            limit=limit,
            offset=offset,
            **{f"short{n}": f" {word}" for n, word in enumerate(short)},
        )

    def alike(self, text: str, *, types: Sequence[str] = (), limit: int) -> list[str]:
        """Return the IRIs of records whose titles are most like `text`: the same title first.

        Any of its words counts; where none is in a title, any three letters in a row do.
        """
        folded = fold(text)
        same = self._iris(_SAME_TITLE, folded=folded, types=types, limit=limit)
        words = [word for word in folded.split() if len(word) >= _SHORTEST_INDEXED]
        found = self._any_of(words[:_MOST_WORDS], folded, types, limit)
        if not same and not found:
            found = self._any_of(_trigrams(folded), folded, types, limit)
        return list(dict.fromkeys([*same, *found]))[:limit]

    def identified_by(self, notation: str) -> list[str]:
        """Return the IRIs of the records that have this identifier, in order."""
        return self._iris(
            "SELECT record.iri FROM identifier JOIN record ON record.id = identifier.record "
            "WHERE notation = :notation ORDER BY 1 LIMIT :limit",
            notation=_storable(notation.strip()),
            limit=_MOST_MATCHES,
        )

    def bring_up(self) -> None:
        """Fill or renew the index if the state that is read is newer."""
        with self._database():
            pass

    def prepare(self) -> None:
        """Begin to fill the index, beside whatever else goes on."""

        def fill() -> None:
            try:
                self.bring_up()
            except StoreUnavailable as error:  # who looks something up will be told
                _log.warning("%s", error)

        threading.Thread(target=fill, name="record-index", daemon=True).start()

    def _any_of(
        self, parts: Sequence[str], folded: str, types: Sequence[str], limit: int
    ) -> list[str]:
        if not parts:
            return []
        return self._iris(
            _BEST_FIRST.format(found=_MATCHING.format(short="TRUE")),
            match=" OR ".join(_phrase(part) for part in parts),
            types=types,
            folded=folded,
            limit=limit,
            offset=0,
        )

    def _iris(self, query: str, *, types: Sequence[str] = (), **values: str | int) -> list[str]:
        wanted = json.dumps(list(types)) if types else None
        with self._database() as database:
            return [iri for (iri,) in database.execute(query, {"types": wanted, **values})]

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        try:
            database = self._connections.get_nowait()
        except Empty:
            database = sqlite3.connect(
                self._path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
            )
            database.execute("PRAGMA synchronous = OFF")  # it can always be filled anew
            database.execute("PRAGMA secure_delete = ON")  # what was redacted is not to linger
        try:
            _prepare(database)
            _bring_up(database, self._reader)
            yield database
        except sqlite3.Error as error:
            database.close()
            raise StoreUnavailable(f"the index of titles: {error}") from error
        else:
            self._connections.put(database)


def fold(text: str) -> str:
    """Return a text as it is compared: in lower case, without accents, with single spaces."""
    plain = _CONTROL.sub(" ", _storable(text))
    if not plain.isascii():
        # casefolding brings in new accents, and some letters are only decomposed to such with case
        plain = _bare(_bare(plain).casefold())
    return " ".join(plain.casefold().split())


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _storable(text: str) -> str:
    """Return a text without halves of surrogate pairs, which JSON may hold and UTF-8 may not."""
    return text.encode("utf-8", "replace").decode()


def _prepare(database: sqlite3.Connection) -> None:
    """Make the tables where there are none yet; who finds them waits for nobody."""
    known = "SELECT count(*) FROM sqlite_master WHERE name = 'identifier_of_record'"
    if not database.execute(known).fetchone()[0]:
        database.executescript(_TABLES)


def _bring_up(database: sqlite3.Connection, reader: Reader) -> None:
    if _applied(database) >= reader.sequence:
        return
    database.execute("BEGIN IMMEDIATE")  # waits while another process does the same
    try:
        now, since = reader.sequence, _applied(database)
        if since < now:
            for iri, records in reader.touched(since):
                if since:
                    _remove(database, iri)
                if records:
                    _add(database, iri, records)
            database.execute("UPDATE applied SET sequence = ?", (now,))
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def _applied(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT sequence FROM applied").fetchone()[0])


def _remove(database: sqlite3.Connection, iri: str) -> None:
    row = database.execute("SELECT id FROM record WHERE iri = ?", (iri,)).fetchone()
    if row is None:
        return
    database.execute(
        "INSERT INTO words (words, rowid, folded) "
        "SELECT 'delete', id, folded FROM title WHERE record = ?",
        row,
    )
    for table in ("title", "kind", "identifier"):
        database.execute(f"DELETE FROM {table} WHERE record = ?", row)
    database.execute("DELETE FROM record WHERE id = ?", row)


def _add(database: sqlite3.Connection, iri: str, records: Sequence[tuple[str, str]]) -> None:
    said = [(type_iri, facts(iri, triples, _WANTED)) for type_iri, triples in records]
    number = database.execute("INSERT INTO record (iri) VALUES (?)", (iri,)).lastrowid
    titles = dict.fromkeys(fold(text) for _, one in said for text in one.names())
    for folded in titles:
        title = database.execute(
            "INSERT INTO title (record, folded) VALUES (?, ?)", (number, folded)
        ).lastrowid
        database.execute("INSERT INTO words (rowid, folded) VALUES (?, ?)", (title, folded))
    for statement, values in (
        ("INSERT INTO kind VALUES (?, ?)", dict.fromkeys(type_iri for type_iri, _ in said)),
        (
            "INSERT INTO identifier VALUES (?2, ?1)",
            dict.fromkeys(notation for _, one in said for notation in one.identifiers()),
        ),
    ):
        database.executemany(statement, ((number, value) for value in values))


def _phrase(text: str) -> str:
    """Return a string of an FTS5 query <https://www.sqlite.org/fts5.html#fts5_strings>."""
    return '"{}"'.format(text.replace('"', '""'))


def _trigrams(folded: str) -> list[str]:
    ends = range(_SHORTEST_INDEXED, len(folded) + 1)
    return list(dict.fromkeys(folded[end - _SHORTEST_INDEXED : end] for end in ends))[:100]
