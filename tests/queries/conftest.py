"""A store to query, and pools on it that never outlive their test."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from europass_ld.queries import Limits, QueryPool

from . import processes, stores

MakePool = Callable[..., QueryPool]


@pytest.fixture(scope="module", autouse=True)
def _one_module_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where tests run in two processes, let not both of them keep the machine busy with these."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    with (tmp_path_factory.getbasetemp().parent / "queries.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(autouse=True)
def _know_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count only the processes that a test starts."""
    monkeypatch.setattr(processes, "OTHERS", processes.children())


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a store of 3,000 courses; not to be written to."""
    return stores.build(tmp_path_factory.mktemp("queries") / "store", courses=3_000)


@pytest.fixture
def make_pool(store: Path) -> Iterator[MakePool]:
    """Return a function that makes a pool from limits, on another store if one is given."""
    pools: list[QueryPool] = []

    def make(directory: Path = store, **limits: float) -> QueryPool:
        pools.append(QueryPool(directory, Limits(**limits)))  # type: ignore[arg-type]
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture(scope="module")
def shared_pool(store: Path) -> Iterator[QueryPool]:
    """Return a pool for all tests of a module that start no count at nothing."""
    with QueryPool(store) as pool:
        yield pool


@pytest.fixture
def pool(make_pool: MakePool) -> QueryPool:
    """Return a pool whose deadline only ends what would never end."""
    return make_pool(deadline=10.0)
