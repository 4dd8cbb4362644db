"""Processes come and go: none is missed when it ends, and none stays behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from europass_ld.errors import StoreError, StoreUnavailable
from europass_ld.queries import Query, QueryPool

from . import hostile
from .conftest import MakePool
from .processes import comes_true, descendants, fork_servers, is_there, of_test, workers
from .stores import LOOKUP

_SERVER = """
import signal, sys, threading, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us deaf to it
from europass_ld.queries import Limits, Query, QueryPool
pool = QueryPool(Path(sys.argv[1]), Limits(deadline=60))
pool.run(Query(text="ASK {}")).read()
for _ in range(2):
    threading.Thread(target=pool.run, args=(Query(text=sys.argv[2]),), daemon=True).start()
time.sleep(0.5)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_the_server(store: Path, number: signal.Signals) -> None:
    """However the server ends, its workers end, busy ones too, and none is left as a zombie."""
    text = hostile.LONG["cross product"]
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(store), text],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        below = descendants(server.pid)
        assert len(below) > 5
        server.send_signal(number)
        server.wait(20)
        assert comes_true(lambda: not any(map(is_there, below)))


def test_signals_to_the_group_do_not_end_workers(pool: QueryPool) -> None:
    """An interrupt from the terminal reaches all; only the server decides what it means."""
    pool.run(Query(text=LOOKUP)).read()
    before = of_test()
    for pid in before:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, number)
    time.sleep(0.1)
    assert pool.run(Query(text=LOOKUP)).read()
    assert set(before) <= set(of_test())


def test_closing_leaves_no_process(pool: QueryPool) -> None:
    """A closed pool has no processes, not even zombies."""
    pool.run(Query(text=LOOKUP)).read()
    assert of_test()
    pool.close()
    assert comes_true(lambda: not of_test())


def test_workers_know_no_secret(pool: QueryPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that the server has from its environment, tokens too, are in no other process."""
    monkeypatch.setenv("EUROPASS_LD_ADMIN_TOKEN", "0123456789abcdef")
    pool.run(Query(text=LOOKUP)).read()
    assert comes_true(lambda: len(workers()) == 6)
    below = {pid: Path(f"/proc/{pid}/environ").read_bytes() for pid in of_test()}
    assert below
    assert not [pid for pid, environment in below.items() if b"EUROPASS_LD_" in environment]
    assert all(b"PATH=" in environment for environment in below.values())


def test_an_idle_worker_that_is_killed_is_replaced(pool: QueryPool) -> None:
    """Workers that end while they wait are noticed, and no query fails for it."""
    pool.run(Query(text=LOOKUP)).read()
    assert comes_true(lambda: len(workers()) == 6)
    for _ in range(5):
        gone = workers()
        for pid in gone:
            os.kill(pid, signal.SIGKILL)
        assert pool.run(Query(text=LOOKUP)).read()
    assert comes_true(lambda: len(workers()) == 6)
    assert not set(workers()) & set(gone)


def test_a_busy_worker_that_is_killed_is_tried_once_more(make_pool: MakePool) -> None:
    """A query whose worker is ended by somebody else begins again, once, and then says so."""
    pool = make_pool(deadline=20.0)
    pool.run(Query(text=LOOKUP)).read()
    with subprocess.Popen([sys.executable, "-c", _KILLER, str(os.getpid())]) as killer:
        with pytest.raises(StoreUnavailable, match="ended by somebody else"):
            pool.run(Query(text=hostile.LONG["cross product"])).read()
        killer.wait(10)
    assert pool.counters()["WorkerLost"] == 2
    assert pool.run(Query(text=LOOKUP)).read()


_KILLER = """
import os, signal, sys, time
from tests.queries.processes import descendants
for _ in range(2):
    busy = []
    while not busy:
        time.sleep(0.05)
        for pid, state in descendants(int(sys.argv[1])).items():
            fields = open(f"/proc/{pid}/stat").read().rpartition(") ")[2].split()
            if pid != os.getpid() and int(fields[11]) > 30:  # hundredths of a second of work
                busy.append(pid)
    os.kill(busy[0], signal.SIGKILL)
"""


def test_a_fork_server_that_is_killed_is_replaced(pool: QueryPool) -> None:
    """The process that workers come from may end too; a moment later there is another."""
    pool.run(Query(text=LOOKUP)).read()
    (server,) = fork_servers()
    os.kill(server, signal.SIGKILL)

    def answers() -> bool:
        try:
            return bool(pool.run(Query(text=LOOKUP)).read())
        except StoreError:
            return False

    assert comes_true(lambda: not is_there(server))
    assert comes_true(answers)


def test_a_worker_that_stepped_back_is_nice(make_pool: MakePool) -> None:
    """A query that outlives its budget goes on in the same process behind all others."""
    pool = make_pool(deadline=20.0, slow_workers=1, slow_line=1)
    text = hostile.LONG["cross product"]
    pool.run(Query(text=LOOKUP)).read()
    asked = [_Asking(pool, text) for _ in range(2)]
    assert comes_true(lambda: {one.state for one in pool.running()} == {"slow", "held"})
    states = {pid: _stat(pid) for pid in workers()}
    nice = {pid for pid, fields in states.items() if int(fields[16]) == 19}
    assert len(nice) == 2
    assert comes_true(lambda: sorted(_stat(pid)[0] for pid in nice) == ["R", "T"])
    first, second = pool.running()
    pool.stop(first.id)
    assert comes_true(lambda: [one.state for one in pool.running()] == ["slow"])
    assert comes_true(lambda: [_stat(pid)[0] for pid in nice if is_there(pid)] == ["R"])
    pool.stop(second.id)
    for one in asked:
        one.join()
    assert pool.counters()["stepped_back"] == 2


def test_long_queries_beyond_all_places_are_sent_away(make_pool: MakePool) -> None:
    """When the slow pool and its line are full, the fast pool is kept free all the same."""
    pool = make_pool(deadline=20.0, slow_workers=1, slow_line=0, per_client=9)
    pool.run(Query(text=LOOKUP)).read()
    asked = [_Asking(pool, hostile.LONG["cross product"]) for _ in range(3)]
    assert comes_true(lambda: [one.state for one in pool.running()] == ["slow"])
    assert pool.run(Query(text=LOOKUP)).read()
    pool.stop(pool.running()[0].id)
    for one in asked:
        one.join()
    assert pool.counters()["QueryBusy"] == 2


class _Asking(threading.Thread):
    """A client that waits for an answer it will never have."""

    def __init__(self, pool: QueryPool, text: str):
        super().__init__()
        self._pool = pool
        self._text = text
        self.start()

    def run(self) -> None:
        """Ask, and forget what came."""
        with suppress(StoreError):
            self._pool.run(Query(text=self._text)).read()


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return ["gone"]
