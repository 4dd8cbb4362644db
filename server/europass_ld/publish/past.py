"""Past states of the store being published: found, or made by a process of their own."""

import subprocess
import sys
import threading
from pathlib import Path

from ..store import check_state, find_state
from ..store.past import KEPT


class PastStates:
    """The older generations of a store, as one web process asks for them.

    Making one takes a process of its own, one at a time: it goes on when the request that wanted
    it has given up, so that the next finds it.
    """

    def __init__(self, directory: Path, keep: int = KEPT):
        self._directory = directory
        self._keep = keep
        self._lock = threading.Lock()
        self._making: tuple[int, subprocess.Popen[bytes]] | None = None

    def generation(self, state: int, wait: float) -> Path | None:
        """Return the generation of a state; None when it is not ready within `wait` seconds.

        Raises:
            UnknownState, StateGone, StoreUnavailable: as `store.check_state`.
        """
        found = find_state(self._directory, state)
        if found is None:
            check_state(self._directory, state)
            process = self._make(state)
            if process is not None:
                self._wait(process, wait)
            found = find_state(self._directory, state)
        return found

    def _make(self, state: int) -> subprocess.Popen[bytes] | None:
        """Return the process that makes a state; None when it is at work on another one."""
        with self._lock:
            if self._making is not None and self._making[1].poll() is None:
                at_work, process = self._making
                return process if at_work == state else None
            numbers = str(state), str(self._keep)
            command = [sys.executable, "-m", "europass_ld.store.remake", str(self._directory)]
            process = subprocess.Popen([*command, *numbers], stdin=subprocess.DEVNULL)  # noqa: S603 - our own
            self._making = state, process
            threading.Thread(target=process.wait, daemon=True).start()
            return process

    @staticmethod
    def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
