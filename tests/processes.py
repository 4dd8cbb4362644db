"""Which processes a test has started, and what those have started in turn."""

import os
from contextlib import suppress
from pathlib import Path

_MARK = "STARTED_BY_A_TEST_OF"


def marked(mark: str | Path) -> dict[str, str]:
    """Return an environment that lets `running` find a process, and all that it starts, by `mark`.

    It must be other than those of all other tests.
    """
    return {**os.environ, _MARK: str(mark)}


def running(mark: str | Path) -> dict[int, str]:
    """Return the command lines of the processes with this mark that have not ended, by number."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            if f"{_MARK}={mark}".encode() in (path / "environ").read_bytes().split(b"\0"):
                found[int(path.name)] = (path / "cmdline").read_text().replace("\0", " ")
    return found
