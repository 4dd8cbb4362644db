"""Work that takes too long for a request: a process of its own does it, one at a time."""

import os
import subprocess
import sys
import threading
from collections.abc import Hashable, Sequence

from ...config import without_settings
from .cores import on_all_cores


class Background:
    """Runs modules of ours, each in a process that goes on when who wanted it has given up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: tuple[Hashable, subprocess.Popen[bytes]] | None = None

    def run(self, job: Hashable, module: str, arguments: Sequence[str], wait: float) -> None:
        """Have `python -m module arguments` do a job, and wait for its end for some seconds.

        Returns at once while another job is at work. Whether the job is done, its results show.
        """
        process = self._start(job, module, arguments)
        if process is not None:
            try:
                process.wait(wait)
            except subprocess.TimeoutExpired:
                return

    def _start(
        self, job: Hashable, module: str, arguments: Sequence[str]
    ) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._at_work is not None and self._at_work[1].poll() is None:
                at_work, process = self._at_work
                return process if at_work == job else None
            command = [sys.executable, "-m", module, *arguments]
            with on_all_cores():
                process = subprocess.Popen(  # noqa: S603 - our own
                    command, stdin=subprocess.DEVNULL, env=without_settings(os.environ)
                )
            self._at_work = job, process
            threading.Thread(target=process.wait, daemon=True).start()
            return process
