"""What processes there are, read from /proc: who descends from whom, and what they hold."""

import os
import time
from collections.abc import Callable
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
OTHERS: frozenset[int] = frozenset()
"""Children of this process that were there before the test: other tests share their servers."""


def descendants(pid: int) -> dict[int, str]:
    """Return the processes below `pid`, by number, with their state (`Z` is a zombie)."""
    parents: dict[int, tuple[int, str]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(") ")[2].split()
            except OSError:  # it ended meanwhile
                continue
            parents[int(folder.name)] = (int(fields[1]), fields[0])
    found: dict[int, str] = {}
    above = {pid}
    while above:
        above = {one for one, (parent, _) in parents.items() if parent in above}
        found |= {one: parents[one][1] for one in above}
    return found


def children() -> frozenset[int]:
    """Return the children of this process."""
    own = os.getpid()
    return frozenset(one for one in descendants(own) if _parent(one) == own)


def fork_servers() -> list[int]:
    """Return the fork servers of all pools of the test: children of this process."""
    return sorted(children() - OTHERS)


def of_test() -> list[int]:
    """Return all processes of all pools of the test."""
    return [*fork_servers(), *workers()]


def workers() -> list[int]:
    """Return the workers of all pools of the test: the children of its fork servers."""
    return [one for server in fork_servers() for one in descendants(server)]


def resident(pid: int) -> int:
    """Return how many bytes a process has in memory; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def is_there(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def comes_true(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait for a condition, and tell whether it came true in time."""
    end = time.monotonic() + seconds
    while not (so := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return so


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return 0
