"""The worker processes as the web process sees them: started, idle, lent to a query, ended."""

import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL

from ..config import without_settings
from .wire import COMMAND, CONTINUE, ENDED, HOLD, KILL, READY, SLOW, START, Channel

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PAUSE_SECONDS = 1.0
"""Before a new attempt to start what could not be started."""
_SHORT_PAUSE_SECONDS = 0.1
"""The same where it did not say why: somebody may have killed it."""


@dataclass(slots=True, eq=False)
class Worker:
    """One worker process; `status` is its wait status, once `ended` is set."""

    serial: int
    channel: Channel
    pid: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    status: int = 0

    def memory(self) -> int:
        """Return how many bytes it holds; 0 when it is gone, or where there is no /proc."""
        try:
            resident = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(resident) * _PAGE


class Crew:
    """Worker processes, and the process that they are forked from.

    All calls but `wait` and `wake` are made with the lock of the pool held. `hire` is for one
    thread that lives as long as the crew: the kernel ends the processes with the thread that
    started the first.

    Attributes: `barriers` (which hold, by name; empty until the first worker was ready), `failure`
    (why the last attempt to start workers failed; None if it did not).
    """

    def __init__(self, directory: Path, memory: int):
        self._told = {"directory": str(directory), "memory": memory, "parent": os.getpid()}
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._control: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._all: dict[int, Worker] = {}
        self._starting: dict[int, Worker] = {}
        self._idle: list[Worker] = []
        self.barriers: Mapping[str, bool] = {}
        self.failure: str | None = None
        self._started = 0

    @property
    def prepared(self) -> int:
        """How many workers are idle or will be in a moment."""
        return len(self._idle) + len(self._starting)

    def borrow(self) -> Worker | None:
        """Take the idle worker that worked last, or None: what it read is still in memory."""
        return self._idle.pop() if self._idle else None

    def give_back(self, worker: Worker) -> None:
        """Return a worker that is ready for the next query."""
        if worker.ended.is_set():
            worker.channel.close()
        else:
            self._idle.append(worker)

    def dismiss(self, worker: Worker) -> None:
        """Return a worker that is good for nothing any more."""
        self.kill(worker)
        worker.channel.close()

    def kill(self, worker: Worker) -> None:
        """End a lent worker; who reads from it is told at once that nothing more comes."""
        if not worker.ended.is_set():
            worker.channel.cut()
            self._command(KILL, worker)

    def slow_down(self, worker: Worker) -> None:
        """Let a worker step back behind all others; there is no way back."""
        self._command(SLOW, worker)

    def hold(self, worker: Worker) -> None:
        """Stop a worker in the middle of its work, until `go_on`; it steps back as well."""
        self._command(HOLD, worker)

    def go_on(self, worker: Worker) -> None:
        """Let a stopped worker go on."""
        self._command(CONTINUE, worker)

    def hire(self, number: int) -> int:
        """Start so many workers, or none for a moment after one failed; return how many."""
        if number < 1 or time.monotonic() < self._not_before:
            return 0
        self.failure = None
        if self._control is None:
            self._start_server()
        for _ in range(number):
            self._start_worker()
        return number

    def wake(self) -> None:
        """End the wait of the thread that waits."""
        with suppress(BlockingIOError):
            os.write(self._waker, b".")

    def wait(self, seconds: float | None) -> Sequence[object]:
        """Wait for something that `hear` has to look at, and return it."""
        return [key.fileobj for key, _ in self._selector.select(seconds)]

    def hear(self, sources: Sequence[object]) -> None:
        """Take note of workers that are ready or gone."""
        for source in sources:
            if source is self._control:
                self._hear_of_end()
            elif isinstance(source, Channel):
                self._hear_first(source)
            else:
                os.read(self._wake, 4096)

    def close(self) -> None:
        """End all processes, and wait for that."""
        if self._server is not None:
            self._server.kill()  # the kernel ends the workers with it
            self._server.wait()
        for worker in self._all.values():
            worker.channel.cut()
            worker.status = SIGKILL
            worker.ended.set()
        self.let_go()

    def let_go(self) -> None:
        """Close what is open here and leave the processes alone: after a fork, in the child."""
        for worker in (*self._idle, *self._starting.values()):
            worker.channel.close()
        if self._control is not None:
            self._control.close()
        self._selector.close()
        os.close(self._wake)
        os.close(self._waker)

    def _start_server(self) -> None:
        ours, theirs = socket.socketpair()
        told = json.dumps({**self._told, "control": theirs.fileno()})
        with theirs:
            self._server = subprocess.Popen(  # noqa: S603 - nothing from outside is in it
                [sys.executable, "-P", "-m", f"{__package__}.fork_server", told],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env=without_settings(os.environ),
            )
        self._control = ours
        self._selector.register(ours, selectors.EVENT_READ)

    def _start_worker(self) -> None:
        assert self._control is not None  # noqa: S101 - for the type checker
        ours, theirs = socket.socketpair()
        self._started += 1
        worker = Worker(self._started, Channel(ours))
        with theirs, suppress(OSError):  # a fork server that is gone is heard of soon
            start = COMMAND.pack(START, worker.serial)
            socket.send_fds(self._control, [start], [theirs.fileno()])
        self._all[worker.serial] = self._starting[worker.serial] = worker
        self._selector.register(worker.channel, selectors.EVENT_READ)

    def _command(self, command: bytes, worker: Worker) -> None:
        if self._control is not None and not worker.ended.is_set():
            with suppress(OSError):
                self._control.sendall(COMMAND.pack(command, worker.serial))

    def _hear_first(self, channel: Channel) -> None:
        worker = next((one for one in self._starting.values() if one.channel is channel), None)
        if worker is None:  # its end was heard of in the same moment
            return
        try:
            kind, payload = channel.receive()
        except EOFError:
            kind, payload = b"", b"{}"
        said = json.loads(payload)
        self._stop_watching(worker)
        if kind == READY:
            self.barriers = said["barriers"]
            worker.pid = said["pid"]
            self._idle.append(worker)
        else:
            self.failure = said.get("message")
            pause = _PAUSE_SECONDS if self.failure else _SHORT_PAUSE_SECONDS
            self._not_before = time.monotonic() + pause
            worker.channel.close()

    def _hear_of_end(self) -> None:
        assert self._control is not None  # noqa: S101 - for the type checker
        message = self._control.recv(ENDED.size, socket.MSG_WAITALL)
        if message:
            serial, status = ENDED.unpack(message)
            self._note_end(self._all[serial], status)
        else:
            self._note_loss()

    def _note_loss(self) -> None:
        """Take note that the fork server is gone; the kernel ended the workers with it."""
        assert self._control is not None  # noqa: S101 - for the type checker
        assert self._server is not None  # noqa: S101 - for the type checker
        self._selector.unregister(self._control)
        self._control.close()
        self._control = None
        self._server.kill()
        self._server.wait()
        self._not_before = time.monotonic() + _PAUSE_SECONDS
        for worker in tuple(self._all.values()):
            self._note_end(worker, SIGKILL)

    def _note_end(self, worker: Worker, status: int) -> None:
        del self._all[worker.serial]
        worker.status = status
        worker.ended.set()
        if worker.serial in self._starting:
            self._stop_watching(worker)
            worker.channel.close()
        elif worker in self._idle:
            self._idle.remove(worker)
            worker.channel.close()

    def _stop_watching(self, worker: Worker) -> None:
        self._selector.unregister(worker.channel)
        del self._starting[worker.serial]
