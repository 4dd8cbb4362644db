"""Run the application under gunicorn.

gunicorn, because its gthread worker aborts the connection when a streamed body fails; granian's
WSGI mode ends such a response as if it were whole.
"""

import gc
import sys
from itertools import count
from mmap import mmap
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from ...config import Settings
from ...errors import EuropassError
from ...store.schema import LOG_FILE
from ..app import create_app
from ..site import most_at_once, site_of
from .folders import temporary_folder
from .worker import Worker

_THREADS = 16
"""Requests beside queries that one process answers at a time, slow readers among them."""

_LONGEST_ADDRESS = 8_190
"""Characters of a request line, the most that gunicorn bounds; longer queries go by POST."""

_MOST_HEADERS = 64
_LONGEST_HEADER = 8_190
_GRACE_SECONDS = 20
_MOST_PROCESSES = 1024
_GARBAGE = (20_000, 20, 20)
"""New objects before the youngest are looked at, and rounds before the older ones are too."""


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn without its command line: the store is opened in each worker, after the fork."""

    def __init__(self, directory: Path, settings: Settings, peers: Path, options: dict[str, Any]):
        self._directory = directory
        self._peers = peers
        self._settings = settings
        self._options = options
        self.served: Flask | None = None
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        try:
            self.served = create_app(self._directory, self._settings, peers=self._peers)
        except EuropassError as error:
            # no stack trace for what the operator can mend; the exit status stops the server
            sys.stderr.write(f"{error}\n")
            sys.exit(Arbiter.APP_LOAD_ERROR)
        site_of(self.served).queries.start()
        site_of(self.served).index.prepare()
        # what is there now stays, and requests leave hardly a cycle: look for garbage seldom
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        return self.served


def serve(directory: Path, settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve the store in `directory` until SIGTERM or SIGINT; then finish what is under way.

    `port` 0 takes a free one; the log on standard error names it. `workers` is a number of
    processes, each of which answers a few requests at a time.

    Raises:
        SystemExit: when the server ends; with a status other than 0 when it could not serve.
    """
    if not (directory / LOG_FILE).is_file():
        sys.stderr.write(f"no store in {directory}\n")
        sys.exit(Arbiter.APP_LOAD_ERROR)
    options = {**gunicorn_options(settings, host, port, workers), "worker_exit": _close}
    # a store that a forked process collected would wait for threads that were not forked with it
    gc.collect()
    gc.freeze()
    with temporary_folder("server") as peers:
        _Server(directory, settings, peers, options).run()


def gunicorn_options(settings: Settings, host: str, port: int, workers: int) -> dict[str, Any]:
    """Return gunicorn's settings, whatever application it is to run."""
    shown = f"[{host}]" if ":" in host else host
    return {
        "bind": [f"{shown}:{port}"],
        "workers": workers,
        "worker_class": _worker(settings),
        "pre_fork": _number,
        # a query that waits or runs holds a thread, and must not keep others from a page
        "threads": most_at_once(settings) + _THREADS,
        "graceful_timeout": _GRACE_SECONDS,
        "keepalive": 30,
        "limit_request_line": _LONGEST_ADDRESS,
        "limit_request_fields": _MOST_HEADERS,
        "limit_request_field_size": _LONGEST_HEADER,
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "proc_name": "europass-ld",
    }


def _worker(settings: Settings) -> type[Worker]:
    """Return the class of workers with what all of them share: gunicorn makes its objects."""
    shared = {
        "header_deadline": settings.header_deadline,
        "idle_deadline": settings.idle_deadline,
        "counts": memoryview(mmap(-1, _MOST_PROCESSES * 4)).cast("I"),
    }
    return type("Worker", (Worker,), shared)


def _number(arbiter: Any, worker: Worker) -> None:
    """Give a new process the first number that no other has."""
    taken = {one.number for one in arbiter.WORKERS.values()}
    worker.number = next(number for number in count() if number not in taken)


def _close(arbiter: object, worker: Any) -> None:
    del arbiter
    if worker.app.served is not None:
        site_of(worker.app.served).close()
