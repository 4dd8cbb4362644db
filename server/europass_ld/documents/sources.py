"""Where documents come from: files, gzip files, zip archives and folders of them."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from ..config import Settings
from ..errors import DocumentError, LimitExceeded, MalformedDocument

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
SUFFIXES = (".xml", ".xml.gz", ".zip")
"""How the files end that are looked for in folders; of those in archives, what is not packed."""
_PACKED = (".gz", ".zip")
_CHUNK_BYTES = 1 << 20
_RATIO_GRACE_BYTES = 1_000_000
"""Small documents compress extremely well and harm nobody: the ratio counts beyond this size."""


class Readable(Protocol):
    """What can be read from: a file, a gzip file, a member of a zip archive."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""
        ...


class BoundedStream(io.RawIOBase):
    """A byte stream that refuses to give more than the limits allow.

    `taken` counts the bytes given so far. `mark` starts a new stretch of at most
    `settings.max_record_bytes`, so that whoever reads can bound what it has to hold in memory.
    """

    def __init__(self, stream: Readable, name: str, compressed: int | None, settings: Settings):
        super().__init__()
        self._stream = stream
        self._name = name
        self._limits = [("max_document_bytes", settings.max_document_bytes)]
        if compressed is not None:
            most = max(compressed * settings.max_compression_ratio, _RATIO_GRACE_BYTES)
            self._limits.append(("max_compression_ratio", most))
        self._ratio = settings.max_compression_ratio
        self._stretch = settings.max_record_bytes
        self._start = 0
        self.taken = 0

    def readable(self) -> bool:
        """Tell that the stream can be read."""
        return True

    def mark(self) -> None:
        """Start a new stretch here."""
        self._start = self.taken

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes.

        Raises:
            LimitExceeded: the document, its compression or one record is past a limit.
            MalformedDocument: the compressed data is damaged.
        """
        try:
            data = self._stream.read(size)
        except (EOFError, OSError, zipfile.BadZipFile) as error:
            raise MalformedDocument(
                f"{self._name}: the compressed data is damaged: {error}", file=self._name
            ) from error
        self.taken += len(data)
        for limit, most in self._limits:
            if self.taken > most:
                self._refuse(limit, most)
        if self.taken - self._start > self._stretch:
            self._refuse("max_record_bytes", self._stretch)
        return data

    def _refuse(self, limit: str, most: int) -> None:
        allowed = f"a ratio of {self._ratio}" if limit == "max_compression_ratio" else f"{most:,}"
        raise LimitExceeded(
            f"{self._name}: more bytes than the limit {limit} allows ({allowed})",
            limit=limit,
            allowed=most,
            file=self._name,
        )


@dataclass(frozen=True, slots=True)
class Source:
    """One document that can be opened any number of times.

    `name` is the path as the user gave it, with `!member` for one inside an archive. `stored` is
    the number of bytes where it lies, compressed if it is. What `find_sources` gives can be
    pickled, and opened by another process.
    """

    name: str
    open: Callable[[], AbstractContextManager[BoundedStream]]
    stored: int

    def size(self) -> int:
        """Read it through and return the number of bytes, after decompression."""
        with self.open() as stream:
            while stream.read(_CHUNK_BYTES):
                stream.mark()
            return stream.taken


def last_name(name: str) -> str:
    """Return a source's name without folders: what may be published of it.

    `/home/x/in/b.zip!parts/a.xml` gives `b.zip!a.xml`.
    """
    return "!".join(part.rpartition("/")[2] for part in name.split("!"))


def find_sources(
    paths: Iterable[Path], settings: Settings, suffixes: tuple[str, ...] = SUFFIXES
) -> Iterator[Source]:
    """Yield the documents in `paths`: a file as it is, a folder's files in the order of names.

    In folders and archives, files that end in one of `suffixes` count.

    Raises:
        DocumentError: a path does not exist, or there is no document in it.
        LimitExceeded: there are more documents than `max_files`.
    """
    count = 0
    for path in paths:
        before = count
        for source in _sources_in(path, settings, suffixes):
            count += 1
            if count > settings.max_files:
                raise LimitExceeded(
                    f"{path}: more documents than the limit max_files allows "
                    f"({settings.max_files:,})",
                    limit="max_files",
                    allowed=settings.max_files,
                    file=str(path),
                )
            yield source
        if count == before:
            raise DocumentError(
                f"{path}: no document in it (looked for {', '.join(suffixes)})", file=str(path)
            )


def _sources_in(path: Path, settings: Settings, suffixes: tuple[str, ...]) -> Iterator[Source]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.name.endswith(suffixes) and file.is_file():
                yield from _sources_in(file, settings, suffixes)
        return
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise DocumentError(
            f"{path}: cannot be read: {error.strerror or error}", file=str(path)
        ) from error
    if start.startswith(_ZIP):
        yield from _members(path, settings, suffixes)
    else:
        gzipped = start.startswith(_GZIP)
        yield Source(str(path), partial(_open_file, path, gzipped, settings), path.stat().st_size)


@contextmanager
def _open_file(path: Path, gzipped: bool, settings: Settings) -> Iterator[BoundedStream]:
    with path.open("rb") as raw:
        compressed = path.stat().st_size if gzipped else None
        stream = gzip.GzipFile(fileobj=raw) if gzipped else raw
        yield BoundedStream(stream, str(path), compressed, settings)


def _members(path: Path, settings: Settings, suffixes: tuple[str, ...]) -> Iterator[Source]:
    plain = tuple(one for one in suffixes if not one.endswith(_PACKED))
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(
                (one for one in archive.infolist() if one.filename.endswith(plain)),
                key=lambda one: one.filename,
            )
    except zipfile.BadZipFile as error:
        raise MalformedDocument(f"{path}: damaged zip archive: {error}", file=str(path)) from error
    for member in members:
        opener = partial(_open_member, path, member, settings)
        yield Source(f"{path}!{member.filename}", opener, member.compress_size)


@contextmanager
def _open_member(
    path: Path, member: zipfile.ZipInfo, settings: Settings
) -> Iterator[BoundedStream]:
    name = f"{path}!{member.filename}"
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield BoundedStream(stream, name, member.compress_size, settings)
    except (RuntimeError, NotImplementedError) as error:  # encrypted, or an unknown method
        raise MalformedDocument(f"{name}: {error}", file=name) from error
