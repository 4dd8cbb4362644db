"""The record log on disk: one SQLite file.

======================  ===========================================================================
table                   a row is
======================  ===========================================================================
store                   the store itself: its base, when it was made, a key for hashes (one row)
dataset                 a dataset's IRI and the number that stands for it in other tables
event                   a version of a dataset, or (without a dataset) a change of the vocabulary;
                        its key is the sequence number
record                  one state of one record of one dataset: live from the event `seq_from` on,
                        until the event `seq_to` (null while it is live); never changed otherwise
body                    what a record says (see `bodies`); several states may share one
dictionary              a zstd dictionary for the bodies of one class of records
name                    a string that many rows repeat: class IRIs and file names
examined                what the checks noted of a live record, and a digest of the source that they
                        read (see `repeats`)
shared                  how many live records of a dataset state something whose subject is neither
                        a record nor one of its nested nodes; in two halves, subject and the rest
redaction               why an event removed something for good, and which record, if it was one
unwanted                a keyed hash of what must not come back with a delivery (see `redaction`)
vocabulary              the code lists as RDF, the latest only (one row)
======================  ===========================================================================

The file is in write-ahead mode: readers never wait for the writer, and see what was committed.
`PRAGMA user_version` is the version of this format.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreUnavailable

LOG_FILE = "log.sqlite"
FORMAT_VERSION = 2
_SECRET_BYTES = 32
_APPLICATION_ID = 0x454C4431  # "ELD1", shown by file(1)

_TABLES = """
CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    base TEXT NOT NULL,
    created TEXT NOT NULL,
    secret BLOB NOT NULL
) STRICT;
CREATE TABLE dataset (
    id INTEGER PRIMARY KEY,
    iri TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE event (
    sequence INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('load', 'revert', 'withdraw', 'redact', 'vocabulary')),
    dataset INTEGER REFERENCES dataset,
    number INTEGER,
    description TEXT,
    added INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL DEFAULT 0,
    triples INTEGER NOT NULL DEFAULT 0,
    reverted_to INTEGER,
    facts TEXT,
    report BLOB,
    report_triples BLOB,
    UNIQUE (dataset, number)
) STRICT;
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL UNIQUE,
    content BLOB NOT NULL
) STRICT;
CREATE TABLE body (
    id INTEGER PRIMARY KEY,
    dictionary INTEGER REFERENCES dictionary,
    own INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    dataset INTEGER NOT NULL REFERENCES dataset,
    iri TEXT NOT NULL,
    type INTEGER NOT NULL REFERENCES name,
    seq_from INTEGER NOT NULL REFERENCES event,
    seq_to INTEGER REFERENCES event,
    digest BLOB NOT NULL,
    file INTEGER NOT NULL REFERENCES name,
    line INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('conforms', 'warnings', 'redacted')),
    body INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_of_iri ON record (iri, dataset, seq_from);
CREATE INDEX record_of_type ON record (dataset, type, iri);
CREATE INDEX record_from ON record (seq_from);
CREATE INDEX record_to ON record (seq_to) WHERE seq_to IS NOT NULL;
CREATE TABLE examined (
    record INTEGER PRIMARY KEY REFERENCES record,
    source BLOB NOT NULL,
    stated TEXT NOT NULL,
    findings TEXT NOT NULL
) STRICT;
CREATE TABLE shared (
    dataset INTEGER NOT NULL REFERENCES dataset,
    subject TEXT NOT NULL,
    rest TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (dataset, subject, rest)
) STRICT, WITHOUT ROWID;
CREATE TABLE redaction (
    sequence INTEGER PRIMARY KEY REFERENCES event,
    reason TEXT NOT NULL,
    record TEXT
) STRICT;
CREATE TABLE unwanted (
    hash BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE vocabulary (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL REFERENCES event,
    version TEXT NOT NULL,
    content BLOB NOT NULL
) STRICT;
"""


OXIGRAPH_ERRORS = (OSError, RuntimeError)
"""What pyoxigraph raises for a disk that fails, and for files that are damaged."""


@contextmanager
def storage_errors(directory: Path, consequence: str) -> Iterator[None]:
    """Turn what the disk, SQLite or RocksDB report into `StoreUnavailable`.

    `consequence` says what state the store is in now.
    """
    try:
        yield
    except (*OXIGRAPH_ERRORS, sqlite3.Error) as error:
        raise StoreUnavailable(f"the store in {directory}: {error}; {consequence}") from error


def create_log(directory: Path, base: str, time: str) -> None:
    """Make the log of a new store.

    Raises:
        OSError, sqlite3.Error: the disk does not let it.
    """
    connection = sqlite3.connect(directory / LOG_FILE, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(
            f"BEGIN; PRAGMA application_id = {_APPLICATION_ID};"
            f"PRAGMA user_version = {FORMAT_VERSION}; {_TABLES}"
        )
        connection.execute(
            "INSERT INTO store VALUES (1, ?, ?, ?)", (base, time, os.urandom(_SECRET_BYTES))
        )
        connection.execute("COMMIT")
    finally:
        connection.close()


def open_log(directory: Path, *, write: bool) -> sqlite3.Connection:
    """Open the log of a store; whoever reads with it must not share it between threads at once.

    Raises:
        StoreUnavailable: there is no log, or one of another format.
    """
    path = directory / LOG_FILE
    if not path.is_file():
        raise StoreUnavailable(f"no store in {directory}: there is no {LOG_FILE}")
    with storage_errors(directory, "it cannot be opened"):
        mode = "rw" if write else "ro"
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=30,
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -32768")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found != FORMAT_VERSION:
        connection.close()
        raise StoreUnavailable(
            f"the log in {directory} is of format {found}; this software reads {FORMAT_VERSION}"
        )
    return connection
