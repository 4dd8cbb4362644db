"""Canonical RDF by worker processes that are killed when they take too long."""

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..config import without_settings
from .outcome import Rejection, SubIndication, indeterminate, malformed
from .policy import Policy

_WORKER = Path(__file__).with_name("canonicalization_worker.py")
_PATIENCE = 4
"""How many times the CPU time may go by on the clock, on a busy machine."""
_IDLE_WORKERS = 2


class _Worker:
    """One worker process; it takes one request at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
            [sys.executable, "-P", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=without_settings(os.environ),
        )

    def ask(self, request: bytes, seconds: float) -> dict[str, Any] | None:
        """Return the answer to a request, or None if the worker had to be killed."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return None
        alarm = threading.Timer(seconds, self._process.kill)
        alarm.start()
        try:
            stdin.write(struct.pack("!I", len(request)) + request)
            stdin.flush()
            header = stdout.read(4)
            body = stdout.read(struct.unpack("!I", header)[0]) if header else b""
            answer: dict[str, Any] | None = json.loads(body) if body else None
        except (BrokenPipeError, struct.error, ValueError):
            answer = None
        finally:
            alarm.cancel()
        return answer

    def end(self) -> None:
        """Kill the process and collect what is left of it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was written to it has nobody to go to
                    stream.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None


class _Pool:
    """Idle workers of this process; a forked child starts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._idle: list[_Worker] = []

    def take(self) -> _Worker:
        with self._lock:
            if self._owner != os.getpid():
                self._owner, self._idle = os.getpid(), []
            while self._idle:
                worker = self._idle.pop()
                if worker.alive:
                    return worker
                worker.end()
            return _Worker()

    def give_back(self, worker: _Worker) -> None:
        with self._lock:
            if len(self._idle) < _IDLE_WORKERS:
                self._idle.append(worker)
                return
        worker.end()

    def end(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        if self._owner == os.getpid():
            for worker in idle:
                worker.end()


_POOL = _Pool()
atexit.register(_POOL.end)


def canonical_datasets(
    documents: Sequence[Mapping[str, Any]],
    contexts: Mapping[str, Mapping[str, Any]],
    digest: str,
    policy: Policy,
) -> list[bytes]:
    """Return the canonical N-Quads of JSON-LD documents.

    `contexts` are all context documents by IRI; `digest` is sha256 or sha384, the hash inside
    RDFC-1.0.

    Raises:
        Rejection: no JSON-LD, a context or term that is not known, or a limit was met.
    """
    request = json.dumps(
        {
            "documents": documents,
            "contexts": contexts,
            "digest": digest,
            "seconds": policy.canonicalization_seconds,
            "bytes": policy.canonicalization_bytes,
        }
    ).encode()
    worker = _POOL.take()
    answer = worker.ask(request, _PATIENCE * policy.canonicalization_seconds)
    if answer is None:
        worker.end()
        raise indeterminate(
            SubIndication.LIMIT_EXCEEDED,
            f"the graph could not be canonicalised in {policy.canonicalization_seconds} s "
            f"and {policy.canonicalization_bytes:,} bytes",
        )
    _POOL.give_back(worker)
    if "error" in answer:
        raise _refusal(answer)
    return [one.encode() for one in answer["datasets"]]


def _refusal(answer: Mapping[str, str]) -> Rejection:
    if answer["error"] == "context":
        return indeterminate(SubIndication.CONTEXT_NOT_AVAILABLE, answer["message"])
    return malformed(answer["message"])
