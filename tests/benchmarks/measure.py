"""What the benchmarks share: fair timing, processes of their own, and the table they fill.

The machine may be busy with other things. So what is compared runs in turn in one process, the
best of several repetitions counts, and ratios are asserted, not times.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.shared import ROOT

MEGABYTES = float(os.environ.get("BENCHMARK_MEGABYTES", "100"))
"""The size of the largest documents; less makes a quick run."""

SIZES = [size for size in (1.0, 10.0, 100.0) if size <= MEGABYTES] or [MEGABYTES]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: ours, what it is compared with, and what was wanted.

    `ours` and `theirs` are values with their unit. `ratio` is ours to theirs, except where it says
    how many times as long theirs takes: shapes, and what has no target.
    """

    what: str
    ours: str
    other: str = ""
    theirs: str = ""
    ratio: float | None = None
    target: str = ""


def table(figures: list[Figure]) -> str:
    """Return the figures as a Markdown table."""
    heads = ("what", "ours", "compared with", "theirs", "ratio", "target")
    rows = [
        (one.what, one.ours, one.other, one.theirs, _times(one.ratio), one.target)
        for one in figures
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    lines = [heads, tuple("-" * width for width in widths), *rows]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    )


def best(
    functions: Mapping[str, Callable[[], object]],
    repetitions: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Run the functions in turn, `repetitions` times; return the least seconds of each.

    The default clock counts the CPU time of all threads; `time.perf_counter` the wall time.
    """
    seconds = dict.fromkeys(functions, float("inf"))
    for _ in range(repetitions):
        for name, function in functions.items():
            started = clock()
            function()
            seconds[name] = min(seconds[name], clock() - started)
    return seconds


def in_child(module: str, *arguments: object) -> dict[str, Any]:
    """Run a module of this folder in a process of its own; return the JSON that it prints last."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, arguments)]
    path = os.pathsep.join([str(ROOT / "server"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, check=True, stdout=subprocess.PIPE
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def peak_memory() -> float:
    """Return the most memory that this process has held so far, in MB.

    Not from `resource.getrusage`: that remembers what the parent held when it started us.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise OSError("no VmHWM in /proc/self/status")


def resident(pid: int) -> float:
    """Return the memory of a process and all below it in MB, what they share counted once each."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return own / 1000 + sum(map(resident, _children(pid)))


def processor_seconds(pid: int) -> float:
    """Return the CPU time of a process and all below it, those that have ended included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended just now: its parent counts it
        return 0.0
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # utime stime cutime cstime
    return own + sum(map(processor_seconds, _children(pid)))


def _children(pid: int) -> list[int]:
    """Return the processes that any thread of a process started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for one in lists for child in one.read_text(encoding="ascii").split()]


def duration(seconds: float) -> str:
    """Return seconds as text, in milliseconds below one tenth."""
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.2f} ms"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.{2 if ratio < 10 else 0}f} x"
