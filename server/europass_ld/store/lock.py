"""One writer at a time."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreUnavailable

UNFINISHED = "."
"""What the names of folders begin with that are being made, or being removed."""

_LOCK = "lock"
_POLL_SECONDS = 0.05


class WriterLock:
    """A lock on a store directory, held until `release` or the end of the process.

    Raises:
        StoreUnavailable: another writer has it for longer than `wait` seconds; the message says
            which process, and since when.
    """

    def __init__(self, directory: Path, *, wait: float, now: str):
        self._file = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = time.monotonic() + wait
        while not self._taken():
            if time.monotonic() >= deadline:
                holder = self._holder()
                os.close(self._file)
                raise StoreUnavailable(f"the store in {directory} is being written by {holder}")
            time.sleep(_POLL_SECONDS)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps({"pid": os.getpid(), "since": now}).encode(), 0)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> str:
        try:
            facts = json.loads(os.pread(self._file, 1000, 0))
        except ValueError:  # the other one has not written it yet
            return "another process"
        return f"process {facts['pid']} since {facts['since']}"

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._file)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process makes anything in `folder`, and remove what one left unfinished.

    The folder is made if need be. The lock goes with the process that holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield
