"""What is asked of the pool, and what it tells about itself."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

Outcome = Literal["solutions", "boolean", "graph"]
"""SELECT, ASK, and CONSTRUCT or DESCRIBE."""
Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
State = Literal["waiting", "fast", "slow", "held"]
"""`held`: stopped in the middle until another slow query is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query, the dataset it runs on, and the formats its answer may have.

    Relative IRIs are resolved against `base`. Graphs are IRIs; None means the merged default graph,
    and all named graphs. `results` is the name of the format for SELECT and ASK, `graph` that for
    CONSTRUCT and DESCRIBE (`europass_ld.formats`); None where the client takes none. `most_lines`
    cuts an answer after so many lines: rows and one line of variables in TSV, triples in N-Triples.
    `generation` is the directory of an older generation to run on instead of the current one.
    """

    text: str
    base: str | None = None
    default_graph: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    results: str | None = "json"
    graph: str | None = "ttl"
    most_lines: int | None = None
    generation: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningQuery:
    """A query as the administrator sees it; `text` is None unless asked for."""

    id: str
    since: datetime
    seconds: float
    client: str
    state: State
    text: str | None


def outcome_of(results: Results) -> Outcome:
    """Tell what a query resulted in."""
    if isinstance(results, ox.QueryTriples):
        return "graph"
    return "solutions" if isinstance(results, ox.QuerySolutions) else "boolean"
