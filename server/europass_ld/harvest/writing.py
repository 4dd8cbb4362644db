"""Write one form of a dump in all compressions at once, in flat memory, and measure it."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from .forms import COMPRESSIONS, Form
from .manifest import DumpFile, Measure


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


def write_form(form: Form, parts: Iterable[bytes], folder: Path) -> list[DumpFile]:
    """Write `parts`, which are the content in a form, to one file for each compression.

    The files are on the disk when this returns.

    Raises:
        OSError: the disk is full.
    """
    content = _Measured()
    with ExitStack() as stack:
        files = [
            stack.enter_context((folder / f"{form.name}.{one.name}").open("wb"))
            for one in COMPRESSIONS
        ]
        measured = [_Measured(file) for file in files]
        with ExitStack() as packers_end:
            packers = [
                packers_end.enter_context(one.open(cast("BinaryIO", file)))
                for one, file in zip(COMPRESSIONS, measured, strict=True)
            ]
            for part in parts:
                content.write(part)
                for packer in packers:
                    packer.write(part)
        for file in files:
            _to_disk(file)
    return [
        DumpFile(form, compression, file.measure(), content.measure())
        for compression, file in zip(COMPRESSIONS, measured, strict=True)
    ]


def remove_form(form: Form, folder: Path) -> None:
    """Remove what was written of a form."""
    for one in COMPRESSIONS:
        (folder / f"{form.name}.{one.name}").unlink(missing_ok=True)


def write_text(path: Path, text: bytes) -> None:
    """Write a small file; it is on the disk when this returns."""
    with path.open("wb") as file:
        file.write(text)
        _to_disk(file)


def _to_disk(file: BinaryIO) -> None:
    """Have the disk keep what was written to a file."""
    file.flush()
    os.fsync(file.fileno())
