"""The dumps of new versions: of large ones begun before they are served, and the rest after."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..config import Settings, without_settings
from ..harvest import make_latest_dumps, remake
from ..store import Committed, Version

_MANY_RECORDS = 5_000
"""How many records a version must have for its dumps to be worth a process."""


@contextmanager
def dumps_beside(directory: Path, settings: Settings) -> Iterator[Committed]:
    """Give what a `Store` is to tell of committed versions: it has their dumps made meanwhile.

    A process of its own, at the lowest priority, makes those of one version at a time, if that is
    large. Leaving the context waits for it; an exception ends it. What is missing then, also
    because it failed, is for `publish_dumps`, which says why.
    """
    beside = _Beside(directory, settings)
    try:
        yield beside.start
        beside.wait()
    except BaseException:
        beside.end()
        raise


def publish_dumps(directory: Path, settings: Settings) -> None:
    """Make the dumps of the newest versions where they are missing; others may write meanwhile.

    Raises:
        StoreUnavailable: the disk is full.
    """
    make_latest_dumps(directory, keep=settings.keep_dumps, signing_key=settings.signing_key)


class _Beside:
    def __init__(self, directory: Path, settings: Settings):
        self._directory = directory
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, version: Version) -> None:
        """Begin the dumps of a version if they are worth it and none are being made."""
        if version.records < _MANY_RECORDS or self._is_at_work():
            return
        arguments = remake.arguments(
            self._directory,
            version,
            keep=self._settings.keep_dumps,
            key=self._settings.signing_key,
        )
        with suppress(OSError):  # no room for a process now
            self._process = subprocess.Popen(  # noqa: S603 - our own
                [sys.executable, "-m", remake.__name__, *arguments],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=without_settings(os.environ),
                process_group=0,  # Ctrl-C is for the command, which then ends this
            )

    def _is_at_work(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self) -> None:
        """Wait until no dumps are being made."""
        if self._process is not None:
            self._process.wait()

    def end(self) -> None:
        """Break off what is being made."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
