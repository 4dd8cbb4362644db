"""Errors of queries that `europass_ld.errors` does not have yet."""

from ..errors import StoreError


class QueryBusy(StoreError):
    """The query was not run, or not to its end, because too many others are.

    Attributes: `limit` (the name of the limit that was met; `per_client` is the client's own),
    `retry_after` (whole seconds after which a new attempt makes sense).
    """

    def __init__(self, message: str, *, limit: str, retry_after: int):
        super().__init__(message)
        self.limit = limit
        self.retry_after = retry_after


class QueryStopped(StoreError):
    """The administrator stopped the query."""


class UnwantedOutcome(StoreError):
    """The result is of a kind for which the query names no format.

    Attributes: `outcome` (`solutions`, `boolean` or `graph`).
    """

    def __init__(self, outcome: str):
        super().__init__(f"the result is of the kind {outcome}, and no format was given for it")
        self.outcome = outcome


class QueryFailed(StoreError):
    """The engine broke on the query; another attempt would end in the same way."""
