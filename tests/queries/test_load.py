"""What others notice of queries that take much, of workers that end, and of new data: nothing.

The figures are printed with `-s`.
"""

import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from europass_ld.errors import StoreError
from europass_ld.formats import RDF_FORMATS, RESULT_FORMATS
from europass_ld.queries import Query, QueryPool

from . import hostile, stores
from .conftest import MakePool
from .processes import resident, workers
from .stores import COURSE, LOOKUP, TERM

_MEBIBYTE = 2**20
_POINT = Query(text=LOOKUP)
_HOSTILE = tuple({**hostile.LONG, **hostile.GREEDY}.values())


class _Load:
    """Threads that do the same again and again; what they raised, and how long each time took."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.seconds: list[float] = []
        self.over = threading.Event()

    def repeat(self, act: Callable[[], object]) -> None:
        """Do it until it is over or fails, with a short rest between."""
        while not self.over.is_set():
            began = time.perf_counter()
            try:
                act()
            except Exception as error:  # noqa: BLE001 - the test reports it
                self.errors.append(error)
                return
            self.seconds.append(time.perf_counter() - began)
            time.sleep(0.005)

    def quantile(self, share: float) -> float:
        """Return the time that this share of the acts did not exceed."""
        return sorted(self.seconds)[int(len(self.seconds) * share)]

    @contextmanager
    def by(self, *acts: Callable[[], object]) -> Iterator[None]:
        """Let a thread for each act repeat it as long as the context lasts."""
        threads = [threading.Thread(target=self.repeat, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()


def _hostile_client(pool: QueryPool, number: int, timeout: float) -> Callable[[], None]:
    texts = itertools.cycle(_HOSTILE[number:] + _HOSTILE[:number])

    def ask() -> None:
        try:
            pool.run(Query(text=next(texts)), client=f"hostile {number}", timeout=timeout).read()
        except StoreError:
            return

    return ask


def _point(pool: QueryPool, client: str) -> Callable[[], None]:
    def ask() -> None:
        assert b"field" in pool.run(_POINT, client=client).read()

    return ask


def test_point_queries_are_answered_beside_hostile_ones(make_pool: MakePool) -> None:
    """While 8 clients send nothing but hostile queries, 99 of 100 look-ups take under 250 ms."""
    pool = make_pool()
    pool.run(_POINT).read()
    points, others = _Load(), _Load()
    with others.by(*(_hostile_client(pool, number, 2.0) for number in range(8))):
        time.sleep(0.5)
        with points.by(*(_point(pool, f"point {number}") for number in range(2))):
            time.sleep(4)
    assert not points.errors
    counters = pool.counters()
    sys.stdout.write(
        f"\n{len(points.seconds)} look-ups beside 8 hostile clients: "
        f"median {points.quantile(0.5) * 1000:.1f} ms, p99 {points.quantile(0.99) * 1000:.1f} ms, "
        f"longest {max(points.seconds) * 1000:.0f} ms; {counters}\n"
    )
    assert counters["stepped_back"] >= 8
    assert points.quantile(0.99) < 0.25


@pytest.mark.parametrize("kills", [200, pytest.param(1_000, marks=pytest.mark.slow)])
def test_no_kill_is_noticed_by_others(make_pool: MakePool, kills: int) -> None:
    """Workers are killed again and again, and not one request of anybody else fails."""
    pool = make_pool()
    pool.run(_POINT).read()
    points, others = _Load(), _Load()
    with (
        points.by(*(_point(pool, f"point {number}") for number in range(2))),
        others.by(*(_hostile_client(pool, number, 0.05) for number in range(2))),
    ):
        began, first = time.monotonic(), pool.counters()["workers_started"]
        while pool.counters()["workers_started"] < first + kills:
            assert time.monotonic() - began < 150
            time.sleep(0.05)
    assert not points.errors
    assert len(points.seconds) > kills
    sys.stdout.write(
        f"\n{kills} kills in {time.monotonic() - began:.1f} s: "
        f"{len(points.seconds)} look-ups of others, none failed, "
        f"p99 {points.quantile(0.99) * 1000:.1f} ms\n"
    )


def test_workers_killed_by_somebody_else_are_not_noticed(make_pool: MakePool) -> None:
    """Whatever ends workers in the middle of short queries, these are answered all the same."""
    pool = make_pool()
    pool.run(_POINT).read()
    points = _Load()
    with points.by(*(_point(pool, f"point {number}") for number in range(3))):
        for _ in range(20):
            for pid in workers():
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.15)
    assert not points.errors
    assert len(points.seconds) > 20


def test_a_new_generation_is_followed(make_pool: MakePool, tmp_path: Path) -> None:
    """Answers are of one edition each, never of an older one than before, and then of the last."""
    directory = stores.build(tmp_path / "store", courses=200)
    pool = make_pool(directory)
    query = Query(text=f"SELECT ?e {{ ?s <{TERM}edition> ?e }}", results="csv")
    load = _Load()

    def follow() -> Callable[[], None]:
        last = 0

        def ask() -> None:
            nonlocal last
            answer = pool.run(query, client=str(threading.get_ident()))
            _, *rows = answer.read().split()
            assert len(rows) == 200
            (edition,) = {int(row) for row in rows}
            assert answer.sequence == edition >= last
            last = edition

        return ask

    with load.by(*(follow() for _ in range(3))):
        for edition in range(2, 8):
            assert stores.deliver(directory, courses=200, edition=edition) == edition
            assert pool.run(query).sequence == edition
    assert not load.errors


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in (*RESULT_FORMATS, *RDF_FORMATS)])
def test_a_million_rows_take_no_memory_here(make_pool: MakePool, name: str) -> None:
    """The web process holds a few parts of an answer, however long that is, in every format."""
    pool = make_pool(deadline=300.0)
    is_graph = name in {one.name for one in RDF_FORMATS}
    numbers = " ".join(map(str, range(1_000)))
    body = f"{{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers} }} }}"
    text = (
        f"CONSTRUCT {{ <{COURSE}1> ?p ?b }} {{ {body} BIND(IRI(CONCAT('{TERM}', STR(?a))) AS ?p) }}"
        if is_graph
        else f"SELECT ?a ?b {body}"
    )
    answer = pool.run(Query(text=text, results=name, graph=name))
    before, most, worker, size, began = resident(os.getpid()), 0, 0, 0, time.monotonic()
    for number, part in enumerate(answer):
        size += len(part)
        if number % 64 == 0:
            most = max(most, resident(os.getpid()))
            worker = max(worker, *map(resident, workers()))
    sys.stdout.write(
        f"\n{name}: {size / 1e6:.0f} MB in {time.monotonic() - began:.1f} s, "
        f"{(most - before) / 1e6:.1f} MB more here, a worker up to {worker / 1e6:.0f} MB\n"
    )
    assert size > 7_000_000
    assert most - before < 8 * _MEBIBYTE
