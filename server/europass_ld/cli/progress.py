"""How far a load is: one line on a terminal, nothing anywhere else."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ..documents import Source
from ..ingest import Progress

_EVERY_SECONDS = 0.2
_MEGABYTE = 1_000_000


class Meter:
    """Shows records, triples, speed and the time left on standard error, if that is a terminal."""

    def __init__(self, sources: Sequence[Source]):
        self._shown = sys.stderr.isatty()
        self._total = sum(_plain_size(source) for source in sources)
        self._started = self._last = time.monotonic()

    def __enter__(self) -> Self:
        """Return the meter itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def show(self, progress: Progress) -> None:
        """Show how far it is, a few times a second."""
        now = time.monotonic()
        if not self._shown or now - self._last < _EVERY_SECONDS:
            return
        self._last = now
        speed = progress.size / (now - self._started)
        left = (self._total - progress.size) / speed if speed and self._total else 0
        rest = f", {left:,.0f} s left" if left > 0 else ""
        sys.stderr.write(
            f"\r\x1b[K{progress.records:,} records, {progress.triples:,} triples, "
            f"{speed / _MEGABYTE:.1f} MB/s{rest}"
        )
        sys.stderr.flush()


def _plain_size(source: Source) -> int:
    """Return the size of a plain file; compressed ones do not tell how long they will be."""
    path = Path(source.name)
    return path.stat().st_size if path.suffix == ".xml" and path.is_file() else 0
