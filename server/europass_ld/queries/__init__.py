"""Queries that can be stopped: they run in processes of their own, within limits.

`QueryPool` is all that is needed; see README.md.
"""

from ..errors import QueryBusy, QueryFailed, QueryStopped
from .answer import Answer
from .errors import UnwantedOutcome
from .limits import Limits
from .pool import QueryPool
from .values import Outcome, Query, RunningQuery

__all__ = [
    "Answer",
    "Limits",
    "Outcome",
    "Query",
    "QueryBusy",
    "QueryFailed",
    "QueryPool",
    "QueryStopped",
    "RunningQuery",
    "UnwantedOutcome",
]
