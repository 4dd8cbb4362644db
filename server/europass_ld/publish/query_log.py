"""The log of queries that an operator may ask for; without one, no text of a query is kept."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from .protocol import QueryRequest


class QueryLog:
    """Appends a line of JSON for each query to a file, or does nothing where there is none.

    Lines have `time`, `query`, `default_graph`, `named_graphs`, `format` and `outcome`; nothing
    is said of who asked. Any number of processes may write to one file.
    """

    def __init__(self, path: Path | None):
        self._path = path

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
        # readable by the operator only, and in one write: lines of two processes stay apart
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as log:
            log.write(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
