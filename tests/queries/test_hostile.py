"""Whatever a query does, it ends in time and within its memory, and others go on."""

import threading
import time
from typing import Self

import pytest

from europass_ld.errors import QueryTimeout, QueryTooLarge
from europass_ld.queries import Query, QueryPool

from . import hostile
from .conftest import MakePool
from .processes import comes_true, resident, workers
from .stores import LOOKUP

_MEBIBYTE = 2**20
_LATE = 0.5


@pytest.mark.parametrize("name", hostile.LONG)
def test_a_long_query_ends_at_its_deadline(shared_pool: QueryPool, name: str) -> None:
    """The deadline is kept to within half a second, and the error says what it was."""
    shared_pool.run(Query(text=LOOKUP)).read()
    began = time.monotonic()
    with pytest.raises(QueryTimeout) as raised:
        shared_pool.run(Query(text=hostile.LONG[name]), timeout=0.6).read()
    assert 0.6 <= time.monotonic() - began < 0.6 + _LATE
    assert raised.value.deadline == 0.6
    assert shared_pool.run(Query(text=LOOKUP)).read()


@pytest.mark.parametrize("name", hostile.GREEDY)
def test_a_greedy_query_ends_at_the_first_limit(make_pool: MakePool, name: str) -> None:
    """Neither deadline nor memory is exceeded by a query that takes both."""
    most = 96 * _MEBIBYTE
    pool = make_pool(memory=most)
    pool.run(Query(text=LOOKUP)).read()
    before = max(map(resident, workers()))
    with _Watch() as watch:
        began = time.monotonic()
        with pytest.raises((QueryTimeout, QueryTooLarge)):
            pool.run(Query(text=hostile.GREEDY[name]), timeout=1.0).read()
        assert time.monotonic() - began < 1.0 + _LATE
    assert watch.most < before + most + 16 * _MEBIBYTE  # code and files that were paged in
    assert pool.run(Query(text=LOOKUP)).read()


def test_memory_is_refused_before_the_deadline(make_pool: MakePool) -> None:
    """A query that eats memory is told so, not that it took too long."""
    pool = make_pool(deadline=20.0, memory=64 * _MEBIBYTE)
    with pytest.raises(QueryTooLarge) as raised:
        pool.run(Query(text=hostile.GREEDY["ORDER BY"])).read()
    assert raised.value.limit == "memory"


def test_all_queries_together_are_limited(make_pool: MakePool) -> None:
    """When several queries hold too much together, the one that holds most ends, and no other."""
    pool = make_pool(memory=2**30, memory_in_all=300 * _MEBIBYTE)
    with pool.run(Query(text="SELECT * { ?a ?b ?c . ?d ?e ?f }")) as modest:
        with pytest.raises(QueryTooLarge) as raised:
            pool.run(Query(text=hostile.GREEDY["ORDER BY"])).read()
        assert raised.value.limit == "memory_in_all"
        assert next(modest)


@pytest.mark.parametrize("name", hostile.NESTED)
def test_a_nested_query_ends_a_worker_and_nothing_else(shared_pool: QueryPool, name: str) -> None:
    """What would have ended the whole server is an error of that query."""
    with pytest.raises(QueryTooLarge) as raised:
        shared_pool.run(Query(text=hostile.NESTED[name])).read()
    assert raised.value.limit == "nesting"
    assert shared_pool.run(Query(text=LOOKUP)).read()


def test_a_large_result_is_cut_off(make_pool: MakePool) -> None:
    """An answer longer than it may be is an error of the iterator, after what came before."""
    pool = make_pool(result_bytes=300_000)
    answer = pool.run(Query(text="SELECT * { ?a ?b ?c . ?d ?e ?f }", results="csv"))
    assert not answer.complete
    taken: list[bytes] = []
    with pytest.raises(QueryTooLarge) as raised:
        taken.extend(answer)
    assert raised.value.limit == "result_bytes"
    assert 0 < sum(map(len, taken)) <= 300_000


def test_a_query_may_ask_for_less_time(make_pool: MakePool) -> None:
    """`timeout` shortens the deadline and never lengthens it."""
    pool = make_pool(deadline=1.0)
    assert comes_true(lambda: _answers(pool))
    for timeout, seconds in ((0.3, 0.3), (60.0, 1.0)):
        began = time.monotonic()
        with pytest.raises(QueryTimeout) as raised:
            pool.run(Query(text=hostile.LONG["cross product"]), timeout=timeout)
        assert raised.value.deadline == seconds
        assert seconds <= time.monotonic() - began < seconds + _LATE


def _answers(pool: QueryPool) -> bool:
    try:
        return bool(pool.run(Query(text=LOOKUP)).read())
    except QueryTimeout:  # the workers are still starting
        return False


class _Watch:
    """The most memory that any worker had while this was on."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.01):
            self.most = max(self.most, *map(resident, workers()), 0)
