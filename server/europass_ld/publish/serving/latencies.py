"""How long answers take, by family of routes, as histograms for a monitor.

No Flask here. Nothing of a request is kept but its family, the class of its status and its time.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Mapping

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the buckets, in seconds; one more has what took longer."""

Histogram = list[float]
"""How many answers fell into each bucket, and at the end the sum of their seconds."""


class Latencies:
    """Counts answers; safe to share between threads. Times are until an answer begins."""

    def __init__(self) -> None:
        self._histograms: dict[str, Histogram] = {}
        self._statuses: dict[str, int] = {}
        self._lock = threading.Lock()

    def observe(self, family: str, status: int, seconds: float) -> None:
        """Count an answer."""
        bucket = bisect_left(BOUNDS, seconds)
        key = f"{family} {status // 100}xx"
        with self._lock:
            histogram = self._histograms.get(family)
            if histogram is None:
                histogram = self._histograms[family] = [0.0] * (len(BOUNDS) + 2)
            histogram[bucket] += 1
            histogram[-1] += seconds
            self._statuses[key] = self._statuses.get(key, 0) + 1

    def snapshot(self) -> tuple[dict[str, Histogram], dict[str, int]]:
        """Return the histograms by family, and the counts by family and class of status."""
        with self._lock:
            return {name: list(one) for name, one in self._histograms.items()}, dict(self._statuses)


def added(
    snapshots: Iterable[tuple[Mapping[str, Histogram], Mapping[str, int]]],
) -> tuple[dict[str, Histogram], dict[str, int]]:
    """Return what several processes counted, together."""
    histograms: dict[str, Histogram] = {}
    statuses: dict[str, int] = {}
    for some, counts in snapshots:
        for family, one in some.items():
            before = histograms.get(family, [0.0] * len(one))
            histograms[family] = [a + b for a, b in zip(before, one, strict=True)]
        for key, count in counts.items():
            statuses[key] = statuses.get(key, 0) + count
    return histograms, statuses


def exposition(histograms: Mapping[str, Histogram], statuses: Mapping[str, int]) -> str:
    """Return both in the text format of Prometheus.

    <https://prometheus.io/docs/instrumenting/exposition_formats/>
    """
    name = "europass_ld_request_seconds"
    lines = [
        f"# HELP {name} Time until an answer begins, by family of routes.",
        f"# TYPE {name} histogram",
    ]
    for family, (*buckets, seconds) in sorted(histograms.items()):
        count = 0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
            count += int(number)
            lines.append(f'{name}_bucket{{family="{family}",le="{bound}"}} {count}')
        lines.append(f'{name}_sum{{family="{family}"}} {seconds:.6f}')
        lines.append(f'{name}_count{{family="{family}"}} {count}')
    total = "europass_ld_requests_total"
    lines += [
        f"# HELP {total} Answers by family of routes and class of status.",
        f"# TYPE {total} counter",
    ]
    for key, number in sorted(statuses.items()):
        family, _, status = key.partition(" ")
        lines.append(f'{total}{{family="{family}",status="{status}"}} {number}')
    return "\n".join((*lines, ""))
