"""All code lists compiled into one SQLite database, kept in the user's cache directory.

The Turtle files are the truth; the database is only a faster form of them, found under a name made
from their contents. A directory that cannot be read or written, or a damaged file, costs the time
to compile again and nothing else.
"""

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import ConfigurationError
from .model import CodeList, Concept, ImportedList, Source
from .turtle import read_list

_SCHEMA = """
CREATE TABLE list (
    name TEXT, scheme TEXT, title TEXT, closed INTEGER, version TEXT, size INTEGER,
    source TEXT, file TEXT, imported_at TEXT, position INTEGER PRIMARY KEY
);
CREATE TABLE concept (list INTEGER, iri TEXT, notation TEXT, allowed_in TEXT, details TEXT);
CREATE UNIQUE INDEX codes ON concept (list, iri, allowed_in);
CREATE INDEX by_iri ON concept (iri);
"""


def open_database(
    shipped: Iterable[Path], imported: Iterable[ImportedList], directory: Path
) -> sqlite3.Connection:
    """Return the compiled lists, from `directory` if they are there, else compiled now.

    The connection is to memory; several threads may use it, one at a time.

    Raises:
        ConfigurationError: a file of codes is damaged.
    """
    files = {file.stem: file for file in sorted(shipped)}
    overlays = {one.name: one for one in sorted(imported)}
    path = directory / f"code-lists-{_key(files, overlays)}.sqlite"
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    data = _read(path)
    if data is None:
        try:
            _compile(connection, files, overlays)
        except ConfigurationError:
            connection.close()
            raise
        _write(path, connection.serialize())
    else:
        connection.deserialize(data)
    return connection


def list_from_row(row: tuple[Any, ...]) -> CodeList:
    """Return the status of a row of the table `list`."""
    name, scheme, title, closed, *others, _ = row
    return CodeList(name, scheme, title, bool(closed), *others)


def concept_from_row(row: tuple[Any, ...]) -> Concept:
    """Return the concept of a row (scheme, iri, notation, allowed_in, details)."""
    scheme, iri, notation, allowed_in, details = row
    labels, broader, identifiers, matches, country = json.loads(details)
    return Concept(
        iri,
        scheme,
        notation,
        labels,
        tuple(broader),
        tuple(identifiers),
        tuple(matches),
        country,
        tuple(allowed_in.split()),
    )


def _details(concept: Concept) -> str:
    values = (
        dict(concept.labels),
        concept.broader,
        concept.identifiers,
        concept.matches,
        concept.country,
    )
    return json.dumps(values, ensure_ascii=False)


def _key(files: dict[str, Path], overlays: dict[str, ImportedList]) -> str:
    digest = hashlib.blake2b(f"{__version__}{_SCHEMA}".encode(), digest_size=16)
    for name, file in files.items():
        digest.update(f"\0{name}\0".encode())
        digest.update(file.read_bytes())
    for overlay in overlays.values():
        digest.update(repr(overlay).encode())
    return digest.hexdigest()


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


def _read(path: Path) -> bytes | None:
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    checksum, data = stored[:32], stored[32:]
    return data if checksum == _checksum(data) else None


def _write(path: Path, data: bytes) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(_checksum(data) + data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)


def _compile(
    connection: sqlite3.Connection, files: dict[str, Path], overlays: dict[str, ImportedList]
) -> None:
    connection.executescript(_SCHEMA)
    new = {name: one.path for name, one in overlays.items() if name not in files}
    for name, base in (files | new).items():
        overlay = overlays.get(name)
        try:
            status, concepts = _load(name, base, overlay)
        except (SyntaxError, LookupError) as error:
            damaged = overlay.path if overlay else base
            raise ConfigurationError(
                f"{damaged} is damaged: {error}", setting="imported", source=str(damaged)
            ) from error
        _insert(connection, status, concepts)
    connection.commit()


def _load(name: str, base: Path, overlay: ImportedList | None) -> tuple[CodeList, list[Concept]]:
    scheme, concepts = read_list(base)
    status = CodeList(
        name, scheme.iri, scheme.title, scheme.closed, scheme.version, len(concepts), file=base.name
    )
    if overlay is None:
        return status, concepts
    source: Source = "imported"
    if overlay.path != base:
        concepts = _overlaid(concepts, overlay)
        source = "replaced" if overlay.mode == "replace" else "extended"
    status = replace(
        status,
        version=overlay.version,
        size=len(concepts),
        source=source,
        file=overlay.file,
        imported_at=overlay.imported_at,
    )
    return status, concepts


def _overlaid(shipped: list[Concept], overlay: ImportedList) -> list[Concept]:
    """Let the imported list decide, and the shipped one fill in what it does not say."""
    known = {concept.iri: concept for concept in shipped}
    merged = {} if overlay.mode == "replace" else dict(known)
    for concept in read_list(overlay.path)[1]:
        old = known.get(concept.iri, concept)
        merged[concept.iri] = replace(
            old,
            scheme=shipped[0].scheme,
            notation=concept.notation,
            labels={**old.labels, **concept.labels},
            broader=concept.broader or old.broader,
            allowed_in=(),
        )
    return list(merged.values())


def _insert(connection: sqlite3.Connection, status: CodeList, concepts: Iterable[Concept]) -> None:
    cursor = connection.execute(
        "INSERT INTO list VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", astuple(status)
    )
    connection.executemany(
        "INSERT INTO concept VALUES (?, ?, ?, ?, ?)",
        (
            (
                cursor.lastrowid,
                concept.iri,
                concept.notation,
                " ".join(concept.allowed_in),
                _details(concept),
            )
            for concept in concepts
        ),
    )
