"""Temporary folders of servers: gone with them, also with those that were killed."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "europass-ld"


@contextmanager
def temporary_folder(kind: str) -> Iterator[Path]:
    """Give a folder of this process that is gone afterwards; forked processes do not take it away.

    Folders of this kind (a word) whose process is gone are removed first: a server that was killed
    leaves titles of records behind, which a redaction would not reach there.
    """
    _sweep(kind)
    own, folder = os.getpid(), Path(tempfile.mkdtemp(prefix=f"{_PREFIX}-{kind}-{os.getpid()}-"))
    try:
        yield folder
    finally:
        if os.getpid() == own:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep(kind: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}-{kind}-*"):
        named = re.fullmatch(rf"{_PREFIX}-{kind}-(\d+)-\w+", folder.name)
        if named and not _is_alive(int(named[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
