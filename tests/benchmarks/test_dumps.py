"""Dumps against `oxigraph dump` of the same graph, after a small change, and their memory."""

import pytest

from .conftest import Documents, Report
from .measure import SIZES, Figure, duration, in_child

pytestmark = pytest.mark.benchmark

MOST_TIMES = 2.0
MOST_MEGABYTES = 500
CHANGED = 0.01
MOST_SHARE = 0.35
SHARE_FROM = 10.0
"""Megabytes: below, what does not depend on the size takes most of the time."""


@pytest.mark.parametrize("size", SIZES)
def test_dump(size: float, documents: Documents, report: Report) -> None:
    """N-Quads take at most twice as long as the engine's own dump, in memory that stays flat.

    The dumps of a version with 1 % changed take a third of what writing them whole takes.
    """
    found = in_child("dump", documents(size), documents(size, changed_share=CHANGED))
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
    share = found["derived cpu"] / found["whole cpu"]
    derived, whole = duration(found["derived cpu"]), duration(found["whole cpu"])
    what = f"all dumps, {size:g} MB, 1 % changed, cpu"
    report(Figure(what, derived, "written whole", whole, share, f"≤ {MOST_SHARE:g} x"))
    assert ratio <= MOST_TIMES
    assert max(found["dumps memory"], found["derived memory"]) <= MOST_MEGABYTES
    assert size < SHARE_FROM or share <= MOST_SHARE
