"""Which cores a web process runs on: its share.

Of a process's threads one runs Python at a time. Where each runs on another core, it fetches what
the interpreter works with from the core before: half as much processor time again was seen.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CAN_CHOOSE = hasattr(os, "sched_setaffinity")


def share_of(cores: set[int], number: int, processes: int) -> set[int]:
    """Return the cores of one of several processes: a part of all, or one where they are few.

    Processes are numbered from 0.
    """
    ordered = sorted(cores)
    return set(ordered[number % min(processes, len(ordered)) :: processes])


def keep_to_share(number: int, processes: int) -> None:
    """Keep this thread, and those that it starts, to the share of a process, if it may choose."""
    if CAN_CHOOSE:
        _move(share_of(os.sched_getaffinity(0), number, processes))


@contextmanager
def on_all_cores() -> Iterator[None]:
    """Let processes that this thread starts meanwhile run where the first thread may."""
    if not CAN_CHOOSE:
        yield
        return
    own = os.sched_getaffinity(0)
    _move(os.sched_getaffinity(os.getpid()))
    try:
        yield
    finally:
        _move(own)


def _move(cores: set[int]) -> None:
    with suppress(OSError):  # a container may forbid it, and a core may be gone
        os.sched_setaffinity(0, cores)
