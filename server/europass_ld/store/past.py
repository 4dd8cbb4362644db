"""Past states: the store as it was after an event, for as long as the log can tell.

::

    past/           generations made again, each as of one sequence; the least used go first

A query that names its state is answered from that state, so that a figure in a paper can be had
again. While the generation is still among the writer's own, that one is used. Else it is made from
the log: `bring_up` fills an empty store, and the log it reads ends with the event. A generation
made so has the same quads as the one that was pruned, so sorted results have the same bytes.

The graphs that follow from the records are made by the software at hand: another version of it may
derive more, or otherwise. What records, reports and provenance say does not depend on it.

What the log no longer has cannot come back: of the code lists it keeps the latest only, so a state
with older ones is gone for good.
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from ..errors import StoreError
from . import rows
from .compacting import compact, is_worth_compacting
from .generations import find_generation
from .lock import UNFINISHED, alone_in
from .schema import open_log, storage_errors
from .view import bring_up

KEPT = 4
"""How many states are kept that had to be made again."""

_FOLDER = "past"
_CONSEQUENCE = "the state was not made again; what is served is not touched"


class UnknownState(StoreError):
    """There never was such a state; `latest` is the last there is."""

    def __init__(self, sequence: int, latest: int):
        super().__init__(f"there is no state {sequence}: the states are 0 to {latest}")
        self.sequence = sequence
        self.latest = latest


class StateGone(StoreError):
    """There was such a state, and the log cannot tell any more what it was."""

    def __init__(self, sequence: int, reason: str):
        super().__init__(f"state {sequence} is gone: {reason}")
        self.sequence = sequence


def find_state(directory: Path, sequence: int) -> Path | None:
    """Return the generation of a state that needs not be made, None when there is none.

    Asking keeps a state that was made again from being the next to go.
    """
    there = find_generation(directory, sequence)
    if there is not None:
        return there
    past = directory / _FOLDER / str(sequence)
    with suppress(FileNotFoundError):
        os.utime(past)
        return past
    return None


def check_state(directory: Path, sequence: int) -> None:
    """Return when the log can tell what the store was after the event `sequence` (0: none yet).

    Raises:
        UnknownState: there is no such event.
        StateGone: the code lists of that state were replaced.
        StoreUnavailable: no store, or its log cannot be read.
    """
    with (
        closing(open_log(directory, write=False)) as log,
        storage_errors(directory, _CONSEQUENCE),
    ):
        _check(log, sequence)


def generation_at(directory: Path, sequence: int, *, keep: int = KEPT) -> Path:
    """Return the directory of a generation that shows the store after the event `sequence`.

    Makes it if need be, which takes as long as a rebuild and may wait for another process that
    makes one; then removes all but the `keep` that were used last. Processes that still read one
    of those removed go on reading.

    Raises:
        UnknownState, StateGone, StoreUnavailable: as `check_state`; the last also when the disk
            is full.
    """
    found = find_state(directory, sequence)
    if found is not None:
        return found
    check_state(directory, sequence)
    with storage_errors(directory, _CONSEQUENCE), alone_in(directory / _FOLDER):
        found = find_state(directory, sequence)
        if found is not None:
            return found
        made = _make(directory, sequence)
        _prune(directory / _FOLDER, keep)
        return made


def forget_past(directory: Path) -> None:
    """Remove all states that were made again: what they show may have been removed for good.

    Raises:
        OSError: the disk does not let it.
    """
    folder = directory / _FOLDER
    if folder.is_dir():
        with alone_in(folder):
            _prune(folder, 0)


def _check(log: sqlite3.Connection, sequence: int) -> None:
    latest = rows.last_sequence(log)
    if not 0 <= sequence <= latest:
        raise UnknownState(sequence, latest)
    first, last = log.execute(
        "SELECT min(sequence), max(sequence) FROM event WHERE kind = 'vocabulary'"
    ).fetchone()
    if last is not None and first <= sequence < last:
        raise StateGone(sequence, f"its code lists were replaced at state {last}")


def _make(directory: Path, sequence: int) -> Path:
    unfinished = directory / _FOLDER / f"{UNFINISHED}{sequence}-{os.getpid()}"
    finished = directory / _FOLDER / str(sequence)
    try:
        with closing(open_log(directory, write=False)) as log:
            log.execute("BEGIN")  # one snapshot of the log from here on
            _check(log, sequence)
            _end_with(log, sequence)
            bring_up(log, rows.base(log), unfinished)
        if is_worth_compacting(unfinished):
            compact(unfinished)
        unfinished.rename(finished)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return finished


def _end_with(log: sqlite3.Connection, sequence: int) -> None:
    """Let this connection see the log as it was: views of its own stand before the tables."""
    # ruff: noqa: S608 - a number of ours; a view takes no parameters
    now = int(sequence)
    log.execute(f"CREATE TEMP VIEW event AS SELECT * FROM main.event WHERE sequence <= {now}")
    log.execute(
        f"CREATE TEMP VIEW vocabulary AS SELECT * FROM main.vocabulary WHERE sequence <= {now}"
    )
    log.execute(
        "CREATE TEMP VIEW record AS SELECT id, dataset, iri, type, seq_from, "
        f"CASE WHEN seq_to <= {now} THEN seq_to END AS seq_to, digest, file, line, verdict, body "
        f"FROM main.record WHERE seq_from <= {now} AND verdict != 'redacted'"
    )


def _prune(folder: Path, keep: int) -> None:
    made = [one for one in folder.iterdir() if one.name.isdecimal()]
    for path in sorted(made, key=lambda one: -one.stat().st_mtime_ns)[keep:]:
        gone = path.with_name(f"{UNFINISHED}old-{path.name}")
        path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
