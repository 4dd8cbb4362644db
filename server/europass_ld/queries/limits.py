"""What a query may take of this server."""

from dataclasses import dataclass

_GIBIBYTE = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one pool, which is one web process; times are seconds, sizes bytes.

    Time: `deadline` is how long the server works for a query, its waiting included, the reading of
    a slow client not; a request may ask for less. `fast_budget` is what a query may take before it
    has to step back behind the others, a quarter of it when others wait for its place. `transfer`
    is how long an answer may take in all, a slow client's reading included.

    Size: `memory` is what one worker may add to what it holds when it has just opened the store,
    `memory_in_all` what all that are at work may hold together: beyond it the one that holds most
    is ended. `result_bytes` is the longest answer.

    Number: `fast_workers` and `slow_workers` are how many queries run at once before and after
    they used up their budget; `slow_line` more may be stopped in the middle until a slow one is
    over. `queue_length` queries may wait for a fast worker, each `queue_wait` at most. `per_client`
    is how many queries one client may have running or waiting. `spares` are workers kept ready
    beyond `fast_workers`.

    There are never more than `total` workers.
    """

    deadline: float = 30.0
    fast_budget: float = 0.2
    transfer: float = 300.0
    memory: int = _GIBIBYTE
    memory_in_all: int = 2 * _GIBIBYTE
    result_bytes: int = _GIBIBYTE
    fast_workers: int = 4
    slow_workers: int = 4
    slow_line: int = 4
    queue_length: int = 32
    queue_wait: float = 5.0
    per_client: int = 4
    spares: int = 2

    @property
    def total(self) -> int:
        """The most workers there are at a time."""
        return self.fast_workers + self.spares + self.slow_workers + self.slow_line
