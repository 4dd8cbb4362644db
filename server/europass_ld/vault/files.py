"""Files of the private store: written whole or not at all, readable by their user only."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import StoreUnavailable

UNFINISHED = "."
"""What names start with that are being written or erased."""
_POLL_SECONDS = 0.02


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, for its user only."""
    if not path.parent.is_dir():
        make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def write(path: Path, octets: bytes) -> None:
    """Put a file in place, on the disk, in one step; what was there before stays until then."""
    draft = path.with_name(f"{UNFINISHED}{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    sync(path.parent)


def overwrite_and_remove(path: Path) -> None:
    """Write zeros over a file, on the disk, and remove it."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync(path.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it, in one step for whoever looks from outside."""
    gone = path.with_name(f"{UNFINISHED}gone-{path.name}")
    path.rename(gone)
    sync(path.parent)
    shutil.rmtree(gone)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Bring the names in a folder onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path, wait: float) -> Iterator[None]:
    """Be the only one that writes below `folder`.

    Raises:
        StoreUnavailable: somebody else is for longer than `wait` seconds.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait
        while not _taken(descriptor):
            if time.monotonic() >= deadline:
                raise StoreUnavailable("the private store is being written by another process")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
