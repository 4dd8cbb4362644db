"""The log of queries that an operator may ask for; without one, no text of a query is kept."""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from ..errors import ConfigurationError
from .protocol import QueryRequest

_log = logging.getLogger(__name__)


class QueryLog:
    """Appends a line of JSON for each query to a file, or does nothing where there is none.

    Lines have `time`, `query`, `default_graph`, `named_graphs`, `format` and `outcome`; nothing
    is said of who asked. Any number of processes may write to one file.

    Raises:
        ConfigurationError: the file cannot be written.
    """

    def __init__(self, path: Path | None):
        self._path = path
        try:
            self._append(b"")
        except OSError as error:
            raise ConfigurationError(
                f"query_log: cannot write to {path}: {error.strerror}", setting="query_log"
            ) from error

    def write(self, asked: QueryRequest, outcome: str) -> None:
        """Take note of a query and how it ended, or that its answer began."""
        if self._path is None:
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "query": asked.text,
            "default_graph": asked.default_graph,
            "named_graphs": asked.named_graphs,
            "format": asked.format,
            "outcome": outcome,
        }
        try:
            self._append(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        except OSError as error:  # no reason to refuse an answer
            _log.error("cannot write to the log of queries: %s", error.strerror)

    def _append(self, line: bytes) -> None:
        if self._path is None:
            return
        # readable by the operator only, and in one write: lines of two processes stay apart
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as log:
            log.write(line)
