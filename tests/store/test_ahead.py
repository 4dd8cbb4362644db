"""The first generation is begun before its delivery is published, and nobody sees it till then."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from europass_ld.store import Reader, Store, ahead, content_hash, loads

from .making import BASE, CATALOGUE, OTHER, load, publish, record, shown, stated
from .test_processes import python

RECORDS = [record(f"r{number}") for number in range(40)]
FIRST_LOAD = """
import sys
from pathlib import Path
from tests.store import test_ahead
from europass_ld.store import Store, ahead, loads
ahead.CHUNK, loads._BULK_FROM = 20, 10
with Store.open(Path(sys.argv[1])) as store:
    print("begun", flush=True)
    test_ahead.load(store, test_ahead.CATALOGUE, *test_ahead.RECORDS)
print("done", flush=True)
"""


@pytest.fixture(autouse=True)
def tiny_limits() -> Iterator[None]:
    """Let few records be enough to begin with, and to be loaded in bulk."""
    with (
        patch.object(ahead, "CHUNK", 20),
        patch.object(loads, "CHUNK", 20),
        patch.object(loads, "_BULK_FROM", 10),
    ):
        yield


def unfinished(directory: Path) -> list[Path]:
    """Return the generations that have no name yet."""
    return list((directory / "generations").glob(".*"))


def is_as_if_made_anew(store: Store, directory: Path) -> bool:
    """Tell whether the current generation has what one made from the log has, in every graph."""
    with Reader(directory) as reader:
        served = content_hash(reader.store)
        store.rebuild()
        reader.refresh()
        return content_hash(reader.store) == served


def test_begun_before_it_is_published(store: Store, directory: Path) -> None:
    """What is served changes with the publishing only, and is then what the log says."""
    with store.delivery(CATALOGUE, ahead=True) as delivery:
        for one in RECORDS:
            assert delivery.add(one) is None
        assert unfinished(directory)
        assert shown(directory) == set()
        publish(delivery)
        assert not unfinished(directory)
    assert shown(directory) == shown(directory, CATALOGUE) == stated(RECORDS)
    assert is_as_if_made_anew(store, directory)


def test_nothing_is_left_of_what_is_not_published(store: Store, directory: Path) -> None:
    """Neither files nor statements; the next delivery may begin ahead again."""
    with store.delivery(CATALOGUE, ahead=True) as delivery:
        for one in RECORDS:
            delivery.add(one)
    assert not unfinished(directory)
    assert shown(directory) == set()
    load(store, OTHER, *RECORDS[20:])
    assert shown(directory) == shown(directory, OTHER) == stated(RECORDS[20:])


def test_refused_records_are_not_in_it(store: Store, directory: Path) -> None:
    """A record that is refused after it was loaded is not served."""
    with store.delivery(CATALOGUE, ahead=True) as delivery:
        for one in RECORDS:
            delivery.add(one)
        delivery.drop([RECORDS[0].iri])
        publish(delivery)
    assert shown(directory) == stated(RECORDS[1:])
    assert is_as_if_made_anew(store, directory)


def test_of_a_conflict_only_the_first_is_in_it(store: Store, directory: Path) -> None:
    """A second record of the same IRI is no part of what is loaded."""
    with store.delivery(CATALOGUE, ahead=True) as delivery:
        for one in RECORDS:
            delivery.add(one)
        assert delivery.add(record("r0", "Another")) is not None
        publish(delivery)
    assert shown(directory) == stated(RECORDS)


def test_only_the_first_generation_is_begun(store: Store, directory: Path) -> None:
    """Where there are records, the next generation is a copy of the last one."""
    load(store, CATALOGUE, *RECORDS[:1])
    with store.delivery(OTHER, ahead=True) as delivery:
        for one in RECORDS:
            delivery.add(one)
        assert not unfinished(directory)
        publish(delivery)
    assert shown(directory) == stated(RECORDS)


@pytest.mark.parametrize("moments", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_during_the_first_load(tmp_path: Path, moments: int) -> None:
    """After kill -9 all or nothing is served, and opening leaves no file that nobody needs."""
    chosen = random.Random(moments)  # noqa: S311 - moments need not be secret
    for number in range(moments):
        directory = tmp_path / str(number)
        Store.create(directory, BASE).close()
        finished = _killed_after(directory, chosen.uniform(0, 0.3))
        with Reader(directory) as reader:
            assert shown(directory) == (stated(RECORDS) if reader.sequence else set())
            assert reader.sequence >= finished
        with Store.open(directory) as store:
            assert not unfinished(directory)
            assert shown(directory) == (stated(RECORDS) if store.sequence else set())
            assert is_as_if_made_anew(store, directory)


def _killed_after(directory: Path, seconds: float) -> int:
    """Let a process load for the first time, kill it some time after it began; 1 if it was done."""
    with python("-c", FIRST_LOAD, directory) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        return int("done\n" in writer.stdout.readlines())
