"""Write a row of a dump, each form in all compressions at once, and measure the files.

Memory stays flat. What compresses and measures lets others have the interpreter meanwhile: each
file has a thread, and while those work on some pieces the next are made.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from .forms import COMPRESSIONS, GZIP, ZSTD, Compression, Form
from .manifest import DumpFile, Measure
from .packing import GzipPacker, zstd_packer
from .pieces import Lengths, Piece, Row

_AT_ONCE = 2**20


class _Measured:
    """Measures what is written, on its way into a file or to nowhere."""

    def __init__(self, file: BinaryIO | None = None):
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._size += len(data)
        return len(data) if self._file is None else self._file.write(data)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def measure(self) -> Measure:
        return Measure(self._size, self._digest.hexdigest())


class _Column:
    """One form on its way into its files, which are open."""

    def __init__(self, form: Form, gz: BinaryIO, zst: BinaryIO):
        self._form = form
        self._content = _Measured()
        self._measured = {GZIP: _Measured(gz), ZSTD: _Measured(zst)}
        self._gzip = GzipPacker(self._measured[GZIP])
        self._zstd = zstd_packer(self._measured[ZSTD])
        self._lengths: list[int] = []

    def write_gz(self, texts: Sequence[bytes], parts: Sequence[bytes | None]) -> None:
        self._gzip.write(texts, parts)
        self._lengths += map(len, texts)

    def write_zst(self, texts: Sequence[bytes]) -> None:
        content = b"".join(texts)
        self._content.write(content)
        self._zstd.write(content)

    def close(self) -> None:
        self._gzip.close()
        self._zstd.close()

    def lengths(self) -> Lengths:
        return Lengths(self._lengths, self._gzip.lengths)

    def files(self) -> list[DumpFile]:
        content = self._content.measure()
        return [
            DumpFile(self._form, compression, file.measure(), content)
            for compression, file in self._measured.items()
        ]


def write_row(
    forms: Sequence[Form], pieces: Iterable[Piece], folder: Path
) -> tuple[list[DumpFile], Row]:
    """Write pieces, whose texts are in `forms`, to one file for each form and compression.

    The files are on the disk when this returns.

    Raises:
        OSError: the disk is full.
    """
    keys: list[str] = []
    with ExitStack() as stack:
        files = {
            (form, compression): stack.enter_context(_path(folder, form, compression).open("wb"))
            for form in forms
            for compression in COMPRESSIONS
        }
        columns = [_Column(form, files[form, GZIP], files[form, ZSTD]) for form in forms]
        threads = stack.enter_context(ThreadPoolExecutor(len(files)))
        at_work: list[Future[None]] = []
        for batch in _batches(pieces):
            keys += (piece.key for piece in batch)
            _finish(at_work)
            at_work = list(_start(threads, columns, batch))
        _finish(at_work)
        for column in columns:
            column.close()
        for file in files.values():
            _to_disk(file)
    lengths = {form.name: one.lengths() for form, one in zip(forms, columns, strict=True)}
    return [file for one in columns for file in one.files()], Row(keys, lengths)


def remove_forms(forms: Iterable[Form], folder: Path) -> None:
    """Remove what was written of some forms."""
    for form in forms:
        for compression in COMPRESSIONS:
            _path(folder, form, compression).unlink(missing_ok=True)


def write_text(path: Path, text: bytes) -> None:
    """Write a small file; it is on the disk when this returns."""
    with path.open("wb") as file:
        file.write(text)
        _to_disk(file)


def _path(folder: Path, form: Form, compression: Compression) -> Path:
    return folder / f"{form.name}.{compression.name}"


def _batches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += sum(map(len, piece.texts))
        if size >= _AT_ONCE:
            yield batch
            batch, size = [], 0
    yield batch


def _start(
    threads: ThreadPoolExecutor, columns: Iterable[_Column], batch: Sequence[Piece]
) -> Iterator[Future[None]]:
    for position, column in enumerate(columns):
        texts = [piece.texts[position] for piece in batch]
        parts = [piece.packed[position] if piece.packed else None for piece in batch]
        yield threads.submit(column.write_gz, texts, parts)
        yield threads.submit(column.write_zst, texts)


def _finish(at_work: Iterable[Future[None]]) -> None:
    for one in at_work:
        one.result()


def _to_disk(file: BinaryIO) -> None:
    """Have the disk keep what was written to a file."""
    file.flush()
    os.fsync(file.fileno())
