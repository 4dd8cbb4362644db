"""Files that processes append lines of JSON to, for the operator only."""

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ...errors import ConfigurationError

_log = logging.getLogger(__name__)


class AppendLog:
    """Appends lines to a file, or does nothing where there is none.

    Any number of processes may write to one file; `setting` is the setting that names it.

    Raises:
        ConfigurationError: the file cannot be written.
    """

    def __init__(self, path: Path | None, *, setting: str):
        self._path = path
        self._setting = setting
        try:
            self._append(b"")
        except OSError as error:
            raise ConfigurationError(
                f"{setting}: cannot write to {path}: {error.strerror}", setting=setting
            ) from error

    def __bool__(self) -> bool:
        """Tell whether anything is kept."""
        return self._path is not None

    def write(self, members: Mapping[str, object]) -> None:
        """Append a line with the time and these members."""
        if self._path is None:
            return
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **members}
        try:
            self._append(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        except OSError as error:  # no reason to refuse an answer
            _log.error("cannot write to the file of %s: %s", self._setting, error.strerror)

    def _append(self, line: bytes) -> None:
        if self._path is None:
            return
        # readable by the operator only, and in one write: lines of two processes stay apart
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as log:
            log.write(line)
