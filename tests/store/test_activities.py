"""What feeds tell of the log: each activity once, in order, and the last one of each record."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.errors import UnknownDataset
from europass_ld.store import Activity, Reader, Store

from .making import BASE, CATALOGUE, OTHER, QUALIFICATION, iri, load, record

Told = tuple[int, str, str]
"""Sequence, kind, name of the record."""


def _all(reader: Reader, dataset: str | None = None) -> tuple[Activity, ...]:
    timeline = reader.timeline(dataset)
    return reader.activities(timeline, start=0, limit=timeline.count + 1)


def _told(activities: tuple[Activity, ...]) -> list[Told]:
    return [(one.sequence, one.kind, one.iri.rpartition("/")[2]) for one in activities]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Load, change, delete, bring back, withdraw, load; a second dataset describes `a` too."""
    directory = tmp_path_factory.mktemp("history") / "store"
    with Store.create(directory, BASE) as store:
        load(store, CATALOGUE, record("a"), record("b"), record("c"))
        load(store, OTHER, record("a", "Otherwise"))
        load(store, CATALOGUE, record("a"), record("b", "Better"))
        store.revert(CATALOGUE.iri, 1)
        store.withdraw(CATALOGUE.iri)
        load(store, CATALOGUE, record("c"))
    with Reader(directory) as reader:
        yield reader


def test_activities_of_loads_reverts_and_withdrawals(reader: Reader) -> None:
    """Each event tells what it added, changed and deleted; going back creates what was deleted."""
    first = [(1, "added", "a"), (1, "added", "b"), (1, "added", "c")]
    then = [(3, "changed", "b"), (3, "deleted", "c"), (4, "changed", "b"), (4, "added", "c")]
    last = [(5, "deleted", "a"), (5, "deleted", "b"), (5, "deleted", "c"), (6, "added", "c")]
    assert _told(_all(reader, CATALOGUE.iri)) == [*first, *then, *last]
    assert _told(_all(reader, OTHER.iri)) == [(2, "added", "a")]
    assert _told(_all(reader)) == [*first, (2, "added", "a"), *then, *last]


def test_a_held_deletion_is_told_when_it_is_confirmed(store: Store, directory: Path) -> None:
    """A delivery that is not published tells nothing; the same one published tells it all."""
    load(store, CATALOGUE, record("a"), record("b"))
    with store.delivery(CATALOGUE) as delivery:
        delivery.add(record("a"))
    with Reader(directory) as reader:
        assert reader.timeline().count == 2
    load(store, CATALOGUE, record("a"))
    with Reader(directory) as reader:
        assert _told(_all(reader))[2:] == [(2, "deleted", "b")]


def test_any_place_is_found_without_those_before(reader: Reader) -> None:
    """Pages of any size, in any place, are parts of the whole."""
    whole, timeline = _all(reader), reader.timeline()
    assert timeline.count == len(whole) == 12
    for size in (1, 2, 3, 7, 12, 13):
        for start in range(13):
            found = reader.activities(timeline, start=start, limit=size)
            assert found == whole[start : start + size]
    assert [timeline.moment(place).sequence for place in range(12)] == [
        one.sequence for one in whole
    ]


def test_what_activities_brought(reader: Reader) -> None:
    """Of each activity there is what the record said after it, of a deletion nothing."""
    texts = dict(zip(_told(_all(reader)), reader.triples(_all(reader)), strict=True))
    assert texts[1, "added", "b"] == texts[4, "changed", "b"] == record("b").triples
    assert texts[3, "changed", "b"] == record("b", "Better").triples
    assert texts[3, "deleted", "c"] == ""


def test_one_activity_by_record_and_event(reader: Reader) -> None:
    """An activity is found again by what its IRI is made of, and there is no other."""
    for one in _all(reader):
        assert reader.activity(one.iri, one.sequence) == one
    assert reader.activity(iri("a"), 3) is None
    assert reader.activity(iri("a"), 7) is None
    assert reader.activity(iri("nothing"), 1) is None


def test_a_reader_tells_no_more_than_it_shows(store: Store, directory: Path) -> None:
    """What was committed after the generation that is open is not told, nor is it taken away."""
    load(store, CATALOGUE, record("a"))
    with Reader(directory) as reader:
        load(store, CATALOGUE, record("b"))
        assert _told(_all(reader)) == [(1, "added", "a")]
        assert _told(reader.latest([CATALOGUE.iri], span=(0, 9), limit=9)) == [(1, "added", "a")]
        assert reader.activity(iri("b"), 2) is None
        reader.refresh()
        assert reader.timeline().count == 3


def test_the_last_of_each_record(reader: Reader) -> None:
    """Each record of each dataset comes once, by its last activity, deleted ones too."""
    datasets = [CATALOGUE.iri, OTHER.iri]
    found = reader.latest(datasets, span=(0, 9), limit=9)
    assert _told(found) == [
        (2, "added", "a"),
        (5, "deleted", "a"),
        (5, "deleted", "b"),
        (6, "added", "c"),
    ]
    assert reader.latest([OTHER.iri], span=(0, 9), limit=9) == found[:1]
    assert reader.latest(datasets, span=(5, 5), limit=9) == found[1:3]
    assert reader.latest(datasets, QUALIFICATION, span=(0, 9), limit=9) == found
    assert reader.latest(datasets, "urn:another", span=(0, 9), limit=9) == ()
    for place, one in enumerate(found):
        after = (one.sequence, one.state)
        assert (
            reader.latest(datasets, span=(0, 9), after=after, limit=2)
            == (found[place + 1 : place + 3])
        )


def test_unknown_datasets(reader: Reader) -> None:
    """Neither a timeline nor last activities are made up for a dataset that is not there."""
    with pytest.raises(UnknownDataset):
        reader.timeline("urn:nothing")
    with pytest.raises(UnknownDataset):
        reader.latest(["urn:nothing"], span=(0, 9), limit=9)


def test_times_never_go_back(tmp_path: Path) -> None:
    """A clock that is set back makes no event older than the one before it."""
    hours = iter([*range(20, 10, -1)])
    with Store.create(
        tmp_path / "store", BASE, clock=lambda: datetime(2026, 1, 1, next(hours), tzinfo=UTC)
    ) as store:
        times = [load(store, CATALOGUE, record("a")).time, store.withdraw(CATALOGUE.iri).time]
    assert times == sorted(times)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.booleans(), st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz"))),
        max_size=6,
    )
)
@settings(max_examples=15, deadline=None)
def test_whoever_follows_the_activities_has_what_is_published(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[tuple[bool, dict[str, str]]]
) -> None:
    """Doing all that is told, each where it can be done, ends in the last state."""
    directory = tmp_path_factory.mktemp("followed") / "store"
    state: dict[bool, dict[str, str]] = {False: {}, True: {}}
    with Store.create(directory, BASE) as store:
        for other, content in deliveries:
            load(
                store,
                OTHER if other else CATALOGUE,
                *(record(name, title) for name, title in content.items()),
            )
            state[other] = content
    followed: dict[tuple[str, str], str] = {}
    with Reader(directory) as reader:
        activities = _all(reader)
        for one, triples in zip(activities, reader.triples(activities), strict=True):
            key = one.dataset, one.iri
            assert (key in followed) == (one.kind != "added")
            if one.kind == "deleted":
                del followed[key]
            else:
                assert followed.get(key) != triples
                followed[key] = triples
    assert followed == {
        (dataset.iri, iri(name)): record(name, title).triples
        for other, dataset in ((False, CATALOGUE), (True, OTHER))
        for name, title in state[other].items()
    }
