"""The processes of one server tell each other what runs in them, and stop it for each other.

Each listens on a socket in a folder that nobody else may enter; a request is one line of JSON, and
so is the answer. So an administrator sees all queries, and metrics count all of them, whichever
process was asked.
"""

import json
import os
import socket
import socketserver
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...queries import QueryPool
from .latencies import Histogram, Latencies, added

_PATIENCE_SECONDS = 2.0
_LONGEST_LINE = 2**26


@dataclass(frozen=True, slots=True)
class _Known:
    """What a process can tell of itself."""

    pool: QueryPool
    latencies: Latencies


class Peers:
    """This process and the others of its server: their queries, and how long answers take.

    `folder` is where they meet; None for a process that is alone.
    """

    def __init__(self, pool: QueryPool, latencies: Latencies, folder: Path | None):
        self._known = _Known(pool, latencies)
        self._folder = folder
        self._server: _Server | None = None
        if folder is not None:
            self._own = folder / f"{os.getpid()}.socket"
            self._own.unlink(missing_ok=True)  # of a process that was killed
            self._server = _Server(str(self._own), self._known)
            threading.Thread(target=self._server.serve_forever, name="peers", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._own.unlink(missing_ok=True)
            self._server = None

    def running(self, *, with_text: bool) -> list[dict[str, Any]]:
        """Return the queries of all processes, those that run longest first."""
        found = [one for answer in self._ask("running", with_text) for one in answer]
        return sorted(found, key=lambda one: -float(one["seconds"]))

    def stop(self, id_: str) -> bool:
        """End a query wherever it runs, and say whether it was there."""
        return any(self._ask("stop", id_))

    def counts(self) -> tuple[dict[str, int], dict[str, int], int]:
        """Return the counters and gauges of all pools together, and how many processes there are.

        Counters of a process that ended are gone with it.
        """
        counters: Counter[str] = Counter()
        gauges: Counter[str] = Counter()
        answers = self._ask("counts", None)
        for counted, gauged in answers:
            counters.update(counted)
            gauges.update(gauged)
        return dict(counters), dict(gauges), len(answers)

    def latencies(self) -> tuple[dict[str, Histogram], dict[str, int]]:
        """Return how long the answers of all processes took, and their statuses."""
        return added(self._ask("latencies", None))

    def _ask(self, what: str, argument: object) -> list[Any]:
        if self._folder is None:
            return [json.loads(json.dumps(_answer(self._known, what, argument)))]
        answers = []
        for path in sorted(self._folder.glob("*.socket")):
            with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_PATIENCE_SECONDS)
                connection.connect(str(path))
                connection.sendall(json.dumps([what, argument]).encode() + b"\n")
                with connection.makefile("rb") as stream:
                    answers.append(json.loads(stream.readline(_LONGEST_LINE)))
        return answers


def _answer(known: _Known, what: str, argument: Any) -> object:
    if what == "running":
        return [
            {**asdict(one), "since": one.since.isoformat(timespec="milliseconds")}
            for one in known.pool.running(with_text=argument)
        ]
    if what == "stop":
        return known.pool.stop(argument)
    if what == "latencies":
        return known.latencies.snapshot()
    return known.pool.counters(), known.pool.gauges()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, known: _Known):
        super().__init__(path, _Handler)
        self.known = known


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        what, argument = json.loads(self.rfile.readline(_LONGEST_LINE))
        answer = _answer(self.server.known, what, argument)
        self.wfile.write(json.dumps(answer).encode() + b"\n")
