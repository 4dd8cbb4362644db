"""The error that only whoever asks the pool meets; the others stand in `europass_ld.errors`."""

from ..errors import StoreError


class UnwantedOutcome(StoreError):
    """The result is of a kind for which the query names no format.

    Attributes: `outcome` (`solutions`, `boolean` or `graph`).
    """

    def __init__(self, outcome: str):
        super().__init__(f"the result is of the kind {outcome}, and no format was given for it")
        self.outcome = outcome
