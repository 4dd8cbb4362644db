"""The process that workers are forked from.

It has everything imported and nothing opened, so that a new worker costs milliseconds and shares
its memory, and it puts up the barriers once for all workers. It is single-threaded, which the web
process is not: forking that one would not be safe. It ends, and every worker with it, when the web
process ends.

    python -P -m europass_ld.queries.fork_server '{"control": 5, "parent": 71, …}'
"""

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from . import barriers, worker
from .wire import COMMAND, CONTINUE, ENDED, HOLD, KILL, SLOW, START, Channel

_NICENESS = 19
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""They go to a whole process group; only the web process knows when the last answer is sent."""


class ForkServer:
    """Starts workers and passes signals on to them, as the web process says."""

    def __init__(self, control: socket.socket, told: Mapping[str, Any], held: Mapping[str, bool]):
        self._control = control
        self._directory = Path(told["directory"])
        self._memory: int = told["memory"]
        self._barriers = held
        self._pids: dict[int, int] = {}
        self._wake, wake = os.pipe()
        self._own = (self._wake, wake)
        for end in self._own:
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def run(self) -> NoReturn:
        """Serve until the web process is gone."""
        try:
            while True:
                ready, _, _ = select.select((self._control.fileno(), self._wake), (), ())
                if self._wake in ready:
                    os.read(self._wake, 4096)
                    self._report_ends()
                if self._control.fileno() in ready:
                    self._obey()
        except (EOFError, ConnectionError):
            os._exit(0)

    def _obey(self) -> None:
        message, files, _, _ = socket.recv_fds(self._control, COMMAND.size, 1, socket.MSG_WAITALL)
        if not message:
            raise EOFError
        command, serial = COMMAND.unpack(message)
        if command == START:
            self._start(serial, files[0])
        elif serial in self._pids:
            _ACTIONS[command](self._pids[serial])

    def _start(self, serial: int, end: int) -> None:
        own = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # too many processes, or no memory for another
            self._control.sendall(ENDED.pack(serial, 0))
        else:
            if pid == 0:
                self._become_worker(end, own)
            self._pids[serial] = pid
        os.close(end)

    def _become_worker(self, end: int, parent: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for one in self._own:
                os.close(one)
            self._control.close()
            dies = barriers.die_with(parent)
            _be_silent()
            worker.serve(
                Channel(socket.socket(fileno=end)),
                self._directory,
                self._memory,
                {**self._barriers, "ends with the server": dies},
            )
        finally:
            os._exit(0)  # whatever happened: what it could say might quote a query

    def _report_ends(self) -> None:
        serials = {pid: serial for serial, pid in self._pids.items()}
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                serial = serials[ended[0]]
                del self._pids[serial]
                self._control.sendall(ENDED.pack(serial, ended[1]))


def _be_silent() -> None:
    """Keep what the engine prints when it breaks, parts of a query perhaps, out of every log."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.dup2(nothing, sys.stderr.fileno())
    os.close(nothing)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _step_back(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)


def _hold(pid: int) -> None:
    _step_back(pid)
    os.kill(pid, signal.SIGSTOP)


_ACTIONS: Mapping[bytes, Callable[[int], None]] = {
    KILL: lambda pid: os.kill(pid, signal.SIGKILL),
    SLOW: _step_back,
    HOLD: _hold,
    CONTINUE: lambda pid: os.kill(pid, signal.SIGCONT),
}
"""None of them can hit a stranger: the process number is kept until its end was reported."""


def main() -> NoReturn:
    """Run as the process that the web process started, with what that told on the command line."""
    told = json.loads(sys.argv[1])
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    held = {
        "network namespace": barriers.leave_network(),
        "system call filter": barriers.refuse_sockets(),
    }
    barriers.die_with(told["parent"])  # after the others: new credentials would undo it
    gc.freeze()
    ForkServer(socket.socket(fileno=told["control"]), told, held).run()


if __name__ == "__main__":
    main()
