"""How often one client may ask: a token bucket for each, in this process.

No Flask here. Header fields are those of draft-ietf-httpapi-ratelimit-headers-10
<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>.
"""

import threading
from dataclasses import dataclass
from math import ceil

WINDOW_SECONDS = 60
_MOST_CLIENTS = 20_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a client has left: requests, and the seconds until it has all of them again.

    `granted` is false when there was none left for this request; then `retry_after` is in seconds.
    """

    granted: bool
    remaining: int
    full_in: int
    retry_after: int = 0


class RateLimit:
    """`quota` requests a client may send at once; it gets as many anew in each window.

    Who was quiet may so send up to twice the quota within one window. Only the clients that have
    asked lately are known, in memory.
    """

    def __init__(self, quota: int):
        self._quota = quota
        self._per_second = quota / WINDOW_SECONDS
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self.policy = f'"client";q={quota};w={WINDOW_SECONDS}'

    def take(self, client: str, now: float) -> Allowance:
        """Take a request from what a client has; `now` is a monotonic time in seconds."""
        with self._lock:
            tokens, since = self._buckets.get(client, (float(self._quota), now))
            tokens = min(self._quota, tokens + (now - since) * self._per_second)
            granted = tokens >= 1
            tokens -= granted
            if client not in self._buckets and len(self._buckets) >= _MOST_CLIENTS:
                self._forget(now)
            self._buckets[client] = tokens, now
        full_in = ceil((self._quota - tokens) / self._per_second)
        retry_after = 0 if granted else max(1, ceil((1 - tokens) / self._per_second))
        return Allowance(granted, int(tokens), full_in, retry_after)

    def _forget(self, now: float) -> None:
        """Forget who has everything again; if that is nobody, who asked longest ago."""
        quiet = [
            client
            for client, (tokens, since) in self._buckets.items()
            if tokens + (now - since) * self._per_second >= self._quota
        ]
        oldest = sorted(self._buckets, key=lambda one: self._buckets[one][1])
        for client in quiet or oldest[: _MOST_CLIENTS // 10]:
            del self._buckets[client]


def field(allowance: Allowance) -> str:
    """Return the value of the RateLimit header field."""
    return f'"client";r={allowance.remaining};t={allowance.full_in}'
