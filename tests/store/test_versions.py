"""Going back, withdrawing, and what the log remembers of it."""

from pathlib import Path

import pytest

from europass_ld.errors import StoreError, UnknownDataset
from europass_ld.store import Dataset, LogReader, Reader, Store, Version

from .making import (
    BASE,
    CATALOGUE,
    CONCEPT,
    FACTS,
    OTHER,
    QUALIFICATION,
    iri,
    load,
    publish,
    record,
    shown,
    stated,
)


def test_revert_is_a_new_version_with_the_old_state(store: Store, directory: Path) -> None:
    """Going back adds a version, with the old records, facts and report and a difference."""
    load(store, CATALOGUE, record("a"), record("b"))
    load(store, CATALOGUE, record("b", "Better"), record("c"))
    version = store.revert(CATALOGUE.iri, 1)
    assert (version.number, version.kind, version.reverted_to) == (3, "revert", 1)
    assert version.facts == FACTS
    counts = version.counts
    assert (counts.added, counts.changed, counts.deleted) == (1, 1, 1)
    assert shown(directory, CATALOGUE) == stated([record("a"), record("b")])
    with Reader(directory) as reader:
        assert reader.report(CATALOGUE.iri, 3) == '{"findings": []}'


def test_revert_brings_back_the_description(store: Store) -> None:
    """The dataset is described again as it was."""
    load(store, CATALOGUE, record("a"))
    load(store, Dataset(iri=CATALOGUE.iri, title={"en": "New"}, family="loq"), record("a"))
    store.revert(CATALOGUE.iri, 1)
    assert store.datasets() == (CATALOGUE,)


def test_revert_to_the_present_state_changes_nothing(store: Store) -> None:
    """Going back to where one is makes no version."""
    load(store, CATALOGUE, record("a"))
    assert store.revert(CATALOGUE.iri, 1).unchanged
    assert store.sequence == 1


def test_withdraw_deletes_all_of_one_dataset(store: Store, directory: Path) -> None:
    """Nothing of a withdrawn dataset is shown; what another dataset states too stays."""
    load(store, CATALOGUE, record("a"), record("b"))
    load(store, OTHER, record("b"))
    version = store.withdraw(CATALOGUE.iri)
    assert (version.kind, version.counts.deleted, version.records, version.triples) == (
        "withdraw",
        2,
        0,
        0,
    )
    assert shown(directory, CATALOGUE) == set()
    assert shown(directory) == shown(directory, OTHER) == stated([record("b")])
    with Reader(directory) as reader:
        graphs = {graph.value for graph in reader.store.named_graphs()}
        assert CATALOGUE.iri not in graphs
        assert reader.report(CATALOGUE.iri, 2) is None


def test_withdrawn_dataset_can_come_back(store: Store, directory: Path) -> None:
    """After a withdrawal the dataset can be reverted, or delivered again."""
    load(store, CATALOGUE, record("a"))
    store.withdraw(CATALOGUE.iri)
    assert store.withdraw(CATALOGUE.iri).unchanged
    store.revert(CATALOGUE.iri, 1)
    assert shown(directory) == stated([record("a")])
    store.withdraw(CATALOGUE.iri)
    assert load(store, CATALOGUE, record("z")).number == 5
    assert shown(directory) == stated([record("z")])


def test_times_numbers_and_sequences(store: Store, directory: Path) -> None:
    """Sequences run over the store, numbers over a dataset, times come from the clock in UTC."""
    load(store, CATALOGUE, record("a"))
    load(store, OTHER, record("a"))
    load(store, CATALOGUE, record("b"))
    with Reader(directory) as reader:
        found = [(one.number, one.sequence) for one in reader.versions(CATALOGUE.iri)]
        assert found == [(1, 1), (2, 3)]
        times = [one.time for one in reader.events()]
    assert times == sorted(times)
    assert times[0].startswith("2026-01-31T12:0")
    assert times[0].endswith("Z")
    assert store.latest(OTHER.iri) is not None
    assert store.latest("https://nowhere.example/") is None


def test_versions_are_told_of_before_they_are_served(directory: Path) -> None:
    """Who is told finds the version in the log, and the one before served; of no event twice."""
    told: list[Version] = []

    def committed(version: Version) -> None:
        with LogReader(directory) as log, Reader(directory) as served:
            assert log.versions(CATALOGUE.iri)[-1] == version
            assert log.sequence == version.sequence == served.sequence + 1
        told.append(version)

    with Store.create(directory, BASE, committed=committed) as store:
        made = [load(store, CATALOGUE, record("a")), load(store, CATALOGUE, record("b"))]
        load(store, CATALOGUE, record("b"))
        store.set_vocabulary([f"{CONCEPT}\n"], version="1")
    with Store.open(directory, committed=committed) as store:
        made += [store.revert(CATALOGUE.iri, 1), store.withdraw(CATALOGUE.iri)]
    assert told == made


def test_what_is_told_may_fail(directory: Path) -> None:
    """When who is told breaks off, the version is served when the store is next opened."""

    def committed(version: Version) -> None:
        raise RuntimeError(version.number)

    Store.create(directory, BASE).close()
    with Store.open(directory, committed=committed) as store, pytest.raises(RuntimeError):
        load(store, CATALOGUE, record("a"))
    with LogReader(directory) as log:
        assert log.count_by_type() == {QUALIFICATION: 1}
    assert shown(directory, CATALOGUE) == set()
    with Store.open(directory, committed=committed):
        assert shown(directory, CATALOGUE) == stated([record("a")])


def test_what_is_unknown_is_said(store: Store) -> None:
    """Unknown datasets and versions are errors that name what there is."""
    load(store, CATALOGUE, record("a"))
    with pytest.raises(UnknownDataset) as error:
        store.withdraw("https://nowhere.example/")
    assert error.value.known == (CATALOGUE.iri,)
    with pytest.raises(StoreError, match="no version 7"):
        store.revert(CATALOGUE.iri, 7)


def test_revert_keeps_places_and_verdicts(store: Store, directory: Path) -> None:
    """A record that comes back has the file, the line and the verdict it had."""
    load(store, CATALOGUE, record("a", line=11, verdict="warnings", lexical='{"x": 1}'))
    load(store, CATALOGUE, record("b"))
    store.revert(CATALOGUE.iri, 1)
    with Reader(directory) as reader:
        (description,) = reader.describe(iri("a"))
    assert description.record == record("a", line=11, verdict="warnings", lexical='{"x": 1}')
    assert (description.first_version, description.version) == (1, 3)


def test_large_class_of_records_survives_its_dictionary(store: Store, directory: Path) -> None:
    """Bodies packed before and after a dictionary was made read back the same."""
    records = [record(f"r{number}", f"Title {number}" * 5) for number in range(250)]
    load(store, CATALOGUE, *records)
    assert store._log.execute("SELECT count(*) FROM dictionary").fetchone() == (1,)
    assert shown(directory, CATALOGUE) == stated(records)
    with store.delivery(CATALOGUE) as delivery:
        for one in records:
            delivery.add(one)
        assert [one for batch in delivery.staged() for one in batch] == records
        assert publish(delivery).unchanged
