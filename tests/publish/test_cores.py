"""Each process of a server has its share of the cores."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.publish.serving import cores

_SHOW = "import os; print(sorted(os.sched_getaffinity(0)))"


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(1, 40))
def test_shares_are_parts_of_all(available: set[int], processes: int) -> None:
    """Together they are all cores, none is empty, and none has two more than another."""
    shares = [cores.share_of(available, number, processes) for number in range(processes)]
    assert set().union(*shares) == available
    sizes = {len(share) for share in shares}
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1
    if processes <= len(available):
        assert sum(map(len, shares)) == len(available)


@pytest.mark.skipif(not cores.CAN_CHOOSE, reason="the system lets nobody choose")
def test_threads_keep_to_it_and_other_programs_do_not() -> None:
    """A thread that answers is bound; what it starts on all cores may go where it wants."""
    every = os.sched_getaffinity(0)

    def started() -> str:
        with cores.on_all_cores():
            command = [sys.executable, "-c", _SHOW]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(1, initializer=cores.keep_to_share, initargs=(0, 2)) as pool:
        assert pool.submit(os.sched_getaffinity, 0).result() == cores.share_of(every, 0, 2)
        assert pool.submit(started).result() == f"{sorted(every)}\n"
        assert pool.submit(os.sched_getaffinity, 0).result() == cores.share_of(every, 0, 2)
    assert os.sched_getaffinity(0) == every
