"""Dumps against `oxigraph dump` of the same graph, and the memory that they take."""

import pytest

from .conftest import Documents, Report
from .measure import SIZES, Figure, duration, in_child

pytestmark = pytest.mark.benchmark

MOST_TIMES = 2.0
MOST_MEGABYTES = 500


@pytest.mark.parametrize("size", SIZES)
def test_dump(size: float, documents: Documents, report: Report) -> None:
    """N-Quads take at most twice as long as the engine's own dump, in memory that stays flat."""
    found = in_child("dump", documents(size))
    ratio = found["quads wall"] / found["oxigraph wall"]
    what = f"{size:g} MB, {found['statements']:,} statements"
    ours, theirs = duration(found["quads wall"]), duration(found["oxigraph wall"])
    report(
        Figure(
            f"dump as N-Quads, {what}", ours, "oxigraph dump", theirs, ratio, f"≤ {MOST_TIMES:g} x"
        )
    )
    report(Figure(f"all dumps, gz and zst, {size:g} MB", duration(found["dumps wall"])))
    report(Figure(f"dump as N-Quads, {size:g} MB, peak memory", f"{found['quads memory']:.0f} MB"))
    memory = f"{found['dumps memory']:.0f} MB"
    report(Figure(f"all dumps, {size:g} MB, peak memory", memory, target=f"≤ {MOST_MEGABYTES} MB"))
    assert ratio <= MOST_TIMES
    assert found["dumps memory"] <= MOST_MEGABYTES
