"""Dumps of the versions of datasets: made once, whole or not at all, and made again when asked for.

::

    dumps/NAME/         the dumps of one dataset (see `dataset_name`)
        3/              those of its version 3: nq.gz, nq.zst, ttl.gz, …
            manifest.json       what there is, with sizes and digests (see `manifest`)
            manifest.json.jws   the operator's signature over the manifest, where there is a key
            pieces.json         of which pieces they consist (see `pieces`): the next come from it
        lock            held while one is made or removed
    dumps/changed       an empty file: when the last of what is served was made or removed

A version's folder gets its name when all its files are on the disk: what has a name is whole. All
that is in it comes from the log, so a version can be dumped as soon as it is committed, while the
generation that serves it is being made. Until it is served nothing else changes: then only are its
dumps told of, and old ones removed. Those of the version that is served, and of any newer, stay; of
the others those that were asked for last.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import LiftError, StoreError
from ..signing import SIGNATURE_SUFFIX, Signer
from ..store import LogReader, Version
from ..store.generations import served_sequence, sync
from ..store.lock import UNFINISHED, alone_in
from ..store.schema import storage_errors
from .former import Former, NotDerivable, find_former
from .manifest import MANIFEST, DumpFile, manifest, read_manifest
from .names import dataset_name
from .pieces import INDEX, Piece, Row, cut, write_index
from .rows import Content, contents
from .writing import remove_forms, write_row, write_text

SIGNATURE = MANIFEST + SIGNATURE_SUFFIX

_FOLDER = "dumps"
_CHANGED = "changed"
_CONSEQUENCE = "no dump was made; what is served is not touched"


def find_dump(directory: Path, dataset: str, number: int) -> Path | None:
    """Return the folder with the dumps of a version, None when they are not made.

    Asking keeps them from being the next to go.
    """
    found = _folder(directory, dataset) / str(number)
    if not found.is_dir():
        return None
    with suppress(OSError):  # gone just now, or a disk that is only read
        os.utime(found)
    return found


def dump_manifest(directory: Path, dataset: str, number: int) -> Mapping[str, Any] | None:
    """Return the manifest of the dumps of a version, None when they are not made."""
    with suppress(FileNotFoundError):
        return read_manifest(_folder(directory, dataset) / str(number) / MANIFEST)
    return None


def dumps_changed(directory: Path) -> int:
    """Return when the last dump was made or removed, in nanoseconds since 1970; 0 for never.

    One made of a version that was not served yet does not count: serving that is the change.
    """
    try:
        return (directory / _FOLDER / _CHANGED).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def make_dump(
    directory: Path, dataset: str, number: int, *, keep: int, signing_key: Path | None = None
) -> Path:
    """Return the folder with the dumps of a version, made if they are not there.

    May wait for another process that makes some of the same dataset. Then all but the `keep`
    versions that were asked for last are removed, never this one, the one that is served, or a
    newer; nothing is while this one is not served. The key in the PEM file `signing_key` signs
    the manifest.

    Raises:
        UnknownDataset: no such dataset.
        StoreError: it has no such version.
        StoreUnavailable: no store, or the disk is full.
        ConfigurationError: the key cannot be used.
    """
    with LogReader(directory) as reader, storage_errors(directory, _CONSEQUENCE):
        versions = {one.number: one for one in reader.versions(dataset)}
        if number not in versions:
            raise StoreError(f"the dataset <{dataset}> has no version {number}")
        folder = _folder(directory, dataset)
        with alone_in(folder):
            there = find_dump(directory, dataset, number)
            found = there or _make(reader, versions[number], folder, signing_key)
            served = _served(directory, versions.values())
            if number <= served:
                removed = _prune(folder, keep, asked=number, served=served)
                if removed or not there:
                    (directory / _FOLDER / _CHANGED).touch()
    return found


def make_latest_dumps(directory: Path, *, keep: int, signing_key: Path | None = None) -> None:
    """Make the dumps of the newest version of each dataset where they are not there.

    Raises:
        StoreUnavailable, ConfigurationError: as `make_dump`.
    """
    with LogReader(directory) as reader:
        newest = {one.iri: reader.versions(one.iri)[-1].number for one in reader.datasets()}
    for dataset, number in newest.items():
        make_dump(directory, dataset, number, keep=keep, signing_key=signing_key)


def drop_dumps(directory: Path, dataset: str) -> None:
    """Remove all dumps of a dataset, also one that is being made: redaction has to reach them.

    Call it when the log has been rewritten; what is asked for then is made again from it.

    Raises:
        StoreUnavailable: the disk does not let it.
    """
    folder = _folder(directory, dataset)
    if folder.is_dir():
        with storage_errors(directory, "dumps may be left"), alone_in(folder):
            for path in _versions(folder):
                _remove(path)
            sync(folder)
            (directory / _FOLDER / _CHANGED).touch()


def _folder(directory: Path, dataset: str) -> Path:
    return directory / _FOLDER / dataset_name(dataset)


def _make(reader: LogReader, version: Version, folder: Path, signing_key: Path | None) -> Path:
    signer = Signer.load(signing_key) if signing_key else None
    unfinished = folder / f"{UNFINISHED}{version.number}"
    former = find_former(reader, version, folder)
    try:
        unfinished.mkdir()
        try:
            text = _write(reader, version, unfinished, former)
        except NotDerivable:
            text = _write(reader, version, unfinished, None)
        if signer is not None:
            write_text(unfinished / SIGNATURE, signer.sign(text).encode())
        sync(unfinished)
        finished = unfinished.rename(folder / str(version.number))
        sync(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return finished


def _write(reader: LogReader, version: Version, folder: Path, former: Former | None) -> bytes:
    """Write all files but the signature, and return the manifest."""
    files: list[DumpFile] = []
    rows: dict[str, Row] = {}
    omitted: dict[str, str] = {}
    for content in contents(reader, version):
        try:
            written, rows[content.name] = write_row(content.forms, _pieces(content, former), folder)
            files += written
        except LiftError as error:  # records of a time when the mapping was another
            omitted.update((form.name, str(error)) for form in content.forms)
            remove_forms(content.forms, folder)
    text = manifest(version, files, omitted)
    write_text(folder / MANIFEST, text)
    write_text(folder / INDEX, write_index(rows))
    return text


def _pieces(content: Content, former: Former | None) -> Iterator[Piece]:
    if former is not None and content.name in former.rows:
        return former.pieces(content)
    return cut(content.items(), content.every)


def _served(directory: Path, versions: Iterable[Version]) -> int:
    """Return the number of the version that is served; 0 when none is."""
    now = served_sequence(directory)
    return max((one.number for one in versions if one.sequence <= now), default=0)


def _prune(folder: Path, keep: int, *, asked: int, served: int) -> bool:
    """Remove all but `keep` versions, never one asked for, served or newer; tell if any went."""
    there = _versions(folder)
    others = [one for one in there if int(one.name) < served and int(one.name) != asked]
    last_used_first = sorted(others, key=lambda one: -one.stat().st_mtime_ns)
    superfluous = last_used_first[max(0, keep - len(there) + len(others)) :]
    for path in superfluous:
        _remove(path)
    return bool(superfluous)


def _versions(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.name.isdecimal()]


def _remove(path: Path) -> None:
    gone = path.rename(path.with_name(f"{UNFINISHED}old-{path.name}"))
    shutil.rmtree(gone, ignore_errors=True)
