"""Past states: what the store was after an event, from a kept generation or made again."""

import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from europass_ld.errors import StoreUnavailable
from europass_ld.store import (
    StateGone,
    Store,
    UnknownState,
    check_state,
    content_hash,
    find_state,
    generation_at,
    past,
)

from .making import BASE, CATALOGUE, OTHER, load, record

SORTED = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"
DUMP = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } ORDER BY ?s ?p ?o"


def _answers(generation: Path) -> tuple[bytes, ...]:
    """Return a sorted result, a dump of the default graph, and all quads."""
    store = ox.Store.read_only(str(generation))
    results, dump = store.query(SORTED), store.query(DUMP)
    assert isinstance(results, ox.QuerySolutions)
    assert isinstance(dump, ox.QueryTriples)
    return (
        results.serialize(format=ox.QueryResultsFormat.JSON) or b"",
        dump.serialize(format=ox.RdfFormat.N_TRIPLES) or b"",
        content_hash(store).encode(),
    )


def _history(store: Store) -> None:
    """Make seven states: records added, changed, deleted, shared between datasets, withdrawn."""
    load(store, CATALOGUE, record("a"), record("b", verdict="warnings"))
    load(store, OTHER, record("a", "Another title"), record("c"))
    load(store, CATALOGUE, record("a", "A new title"), record("d"))
    store.withdraw(OTHER.iri)
    store.revert(CATALOGUE.iri, 1)
    load(store, OTHER, record("a"))
    load(store, CATALOGUE, record("e"))


def test_the_same_bytes_after_pruning(directory: Path) -> None:
    """Every state, made again from the log, answers byte for byte as it did when it was served."""
    with Store.create(directory, BASE):
        pass
    with Store.open(directory, keep=100) as store:
        _history(store)
        before = [_answers(generation_at(directory, state)) for state in range(8)]
        assert not (directory / "past").exists()
        store.prune_generations(1)
    for state in range(7):
        assert find_state(directory, state) is None
        made = generation_at(directory, state)
        assert made == directory / "past" / str(state)
        assert _answers(made) == before[state]
    assert len(set(before)) == 8
    assert generation_at(directory, 7) == directory / "generations" / "7"


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    deliveries=st.lists(
        st.tuples(st.booleans(), st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"))),
        min_size=2,
        max_size=4,
    )
)
def test_any_history(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[tuple[bool, dict[str, str]]]
) -> None:
    """Whatever was delivered, each state made from the log is the one that was served."""
    directory = tmp_path_factory.mktemp("past") / "store"
    with Store.create(directory, BASE):
        pass
    with Store.open(directory, keep=100) as store:
        for other, titles in deliveries:
            load(store, OTHER if other else CATALOGUE, *(record(*one) for one in titles.items()))
        states = range(store.sequence)
        before = [_answers(generation_at(directory, state)) for state in states]
        store.prune_generations(1)
    assert [_answers(generation_at(directory, state)) for state in states] == before


def test_states_that_never_were(store: Store, directory: Path) -> None:
    """A state after the last event, or before the first, is told from one that is gone."""
    load(store, CATALOGUE, record("a"))
    for state in (2, -1):
        with pytest.raises(UnknownState, match="the states are 0 to 1") as caught:
            generation_at(directory, state)
        assert (caught.value.sequence, caught.value.latest) == (state, 1)
    with pytest.raises(StoreUnavailable):
        check_state(directory.with_name("none"), 1)


def test_states_that_the_log_has_forgotten(store: Store, directory: Path) -> None:
    """Code lists are not kept when new ones come: states with the old ones go with them."""
    load(store, CATALOGUE, record("a"))
    store.set_vocabulary(
        ["<https://c.example/1> <https://c.example/p> <https://c.example/2> .\n"], version="1"
    )
    load(store, CATALOGUE, record("b"))
    store.set_vocabulary(
        ["<https://c.example/1> <https://c.example/p> <https://c.example/3> .\n"], version="2"
    )
    load(store, CATALOGUE, record("c"))
    assert generation_at(directory, 3) == directory / "generations" / "3"
    store.prune_generations(1)
    for state in (2, 3):
        with pytest.raises(StateGone, match="code lists were replaced at state 4"):
            generation_at(directory, state)
    for state in (0, 1, 4):
        assert ox.Store.read_only(str(generation_at(directory, state)))


def test_the_states_used_last_are_kept(directory: Path) -> None:
    """No more than the setting says are kept; asking for one keeps it from going next."""
    with Store.create(directory, BASE):
        pass
    with Store.open(directory, keep=1) as store:
        for title in "abcde":
            load(store, CATALOGUE, record("a", title))
    for state in (0, 1, 2):
        open_one = ox.Store.read_only(str(generation_at(directory, state, keep=3)))
    generation_at(directory, 0, keep=3)
    generation_at(directory, 3, keep=2)
    assert sorted(one.name for one in (directory / "past").iterdir()) == ["0", "3", "lock"]
    assert len(content_hash(open_one)) == 64


def test_processes_that_want_the_same(directory: Path) -> None:
    """Several processes at once make a state once, and each finds it whole."""
    with Store.create(directory, BASE):
        pass
    with Store.open(directory, keep=1) as store:
        load(store, CATALOGUE, *(record(f"r{number}") for number in range(200)))
        wanted = content_hash(ox.Store.read_only(str(generation_at(directory, 1))))
        load(store, CATALOGUE, record("a"))
    command = [sys.executable, "-m", "europass_ld.store.remake", str(directory), "1", "2"]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [one.communicate()[1] for one in started] == [b"", b"", b""]
    assert [one.returncode for one in started] == [0, 0, 0]
    assert content_hash(ox.Store.read_only(str(directory / "past" / "1"))) == wanted


def test_what_was_left_unfinished_is_removed(directory: Path) -> None:
    """A state that failed leaves nothing that could be taken for it, and the next try is clean."""
    with Store.create(directory, BASE):
        pass
    with Store.open(directory, keep=1) as store:
        load(store, CATALOGUE, record("a"))
    (directory / "past" / ".0-1").mkdir(parents=True)
    with (
        patch.object(past, "bring_up", side_effect=OSError("no space")),
        pytest.raises(StoreUnavailable, match="no space"),
    ):
        generation_at(directory, 0)
    assert [one.name for one in (directory / "past").iterdir()] == ["lock"]
    shutil.rmtree(directory / "past")
    assert generation_at(directory, 0).is_dir()
