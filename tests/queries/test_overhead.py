"""What it costs to ask another process, printed with `-s -m benchmark`."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pyoxigraph as ox
import pytest

from europass_ld.queries import Query
from europass_ld.store import Reader

from .conftest import MakePool
from .processes import resident, workers
from .stores import LOOKUP

_ROUNDS = 7
_EACH = 500


@pytest.mark.benchmark
def test_a_look_up_costs_little_more_than_here(make_pool: MakePool, store: Path) -> None:
    """Start and the first answer take less than a second, each look-up a fraction of a ms more."""
    pool = make_pool()
    began = time.perf_counter()
    pool.run(Query(text=LOOKUP)).read()
    first = time.perf_counter() - began
    with Reader(store) as reader:

        def here() -> None:
            reader.refresh()
            results = reader.query(LOOKUP)
            assert isinstance(results, ox.QuerySolutions)
            results.serialize(format=ox.QueryResultsFormat.JSON)

        there = _seconds(lambda: pool.run(Query(text=LOOKUP)).read())
        alone = _seconds(here)
    sys.stdout.write(
        f"\nfirst answer {first * 1000:.0f} ms, look-up {there * 1e6:.0f} us against "
        f"{alone * 1e6:.0f} us in this process; a worker holds "
        f"{max(map(resident, workers())) / 1e6:.0f} MB\n"
    )
    assert there - alone < 0.001


def _seconds(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(_EACH):
            act()
        times.append((time.perf_counter() - began) / _EACH)
    return median(times)
