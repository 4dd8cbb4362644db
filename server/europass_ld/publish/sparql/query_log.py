"""The log of queries that an operator may ask for; without one, no text of a query is kept."""

from pathlib import Path

from ..serving.append_log import AppendLog
from .protocol import QueryRequest


class QueryLog:
    """Appends a line of JSON for each query to a file, or does nothing where there is none.

    Lines have `time`, `query`, `default_graph`, `named_graphs`, `format` and `outcome`; nothing
    is said of who asked.

    Raises:
        ConfigurationError: the file cannot be written.
    """

    def __init__(self, path: Path | None):
        self._log = AppendLog(path, setting="query_log")

    def __bool__(self) -> bool:
        """Tell whether queries are kept."""
        return bool(self._log)

    def write(self, asked: QueryRequest, outcome: str) -> None:
        """Take note of a query and how it ended, or that its answer began."""
        self._log.write(
            {
                "query": asked.text,
                "default_graph": asked.default_graph,
                "named_graphs": asked.named_graphs,
                "format": asked.format,
                "outcome": outcome,
            }
        )
