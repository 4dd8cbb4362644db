"""Generations: made out of sight, kept for their readers, removed in time."""

import shutil
from pathlib import Path
from unittest.mock import patch

import pytest

from europass_ld.errors import StoreUnavailable
from europass_ld.store import Reader, Store, compacting, content_hash, view, writer
from europass_ld.store.compacting import is_worth_compacting
from europass_ld.store.generations import Generations
from europass_ld.store.loads import Loads

from .making import BASE, CATALOGUE, iri, load, record, shown, stated


def _names(directory: Path) -> list[str]:
    return sorted(one.name for one in (directory / "generations").iterdir())


def test_newest_generations_are_kept(directory: Path) -> None:
    """As many generations stay as asked for, and `current` points to the newest."""
    with Store.create(directory, BASE):
        pass
    with Store.open(directory, keep=2) as store:
        for title in "abcd":
            load(store, CATALOGUE, record("a", title))
    assert _names(directory) == ["3", "4"]
    assert (directory / "current").readlink() == Path("generations/4")


def test_pruning_spares_the_current_generation(store: Store, directory: Path) -> None:
    """However few are to be kept, the current generation stays."""
    load(store, CATALOGUE, record("a"))
    store.prune_generations(0)
    assert _names(directory) == ["1"]
    assert shown(directory) == stated([record("a")])


def test_reader_of_a_removed_generation_goes_on(store: Store, directory: Path) -> None:
    """A reader keeps its state, whole, although its generation was removed; then it moves on."""
    load(store, CATALOGUE, *(record(f"r{number}") for number in range(50)))
    with Reader(directory) as reader:
        before = content_hash(reader.store)
        for title in "abcd":
            load(store, CATALOGUE, record("a", title))
        store.prune_generations(1)
        assert _names(directory) == ["5"]
        assert content_hash(reader.store) == before
        assert len(reader.records(CATALOGUE.iri, limit=100)) == 50
        assert [one.number for one in reader.versions(CATALOGUE.iri)] == [1]
        assert reader.refresh()
        assert not reader.refresh()
        assert reader.sequence == 5
        assert reader.records(CATALOGUE.iri)[0].iri == iri("a")


def test_rebuilding_twice_gives_new_names(store: Store, directory: Path) -> None:
    """Generations of the same sequence have names of their own, so that readers notice."""
    load(store, CATALOGUE, record("a"))
    with Reader(directory) as reader:
        for expected in ("1-2", "1-3", "1-4", "1-5"):
            store.rebuild()
            assert (directory / "current").readlink().name == expected
            assert reader.refresh()
    assert _names(directory) == ["0", "1-5"]


def _files(directory: Path) -> list[Path]:
    return list((directory / (directory / "current").readlink()).glob("*.sst"))


def test_many_files_are_put_together_when_the_writer_is_done(directory: Path) -> None:
    """The same is served from fewer files, by a generation that takes the other's place."""
    with patch.object(compacting, "_MANY", 15), Store.create(directory, BASE) as store:
        for number in range(8):
            load(store, CATALOGUE, record("a", str(number)))
            if len(_files(directory)) > 15:
                break
        with Reader(directory) as reader:
            served = content_hash(reader.store)
            store.compact()
            store.compact()
            assert reader.refresh()
            assert content_hash(reader.store) == served
            assert reader.sequence == store.sequence
        assert len(_files(directory)) <= 15
        assert _names(directory)[-1] == f"{store.sequence}-2"
        assert str(store.sequence) not in _names(directory)


def test_without_room_to_compact_the_state_stays_served(directory: Path) -> None:
    """To put files together is never worth failing: the next writer tries again."""
    full = OSError(28, "No space left on device")
    with patch.object(compacting, "_MANY", 10):
        with (
            patch.object(writer, "compact", side_effect=full),
            Store.create(directory, BASE) as made,
        ):
            load(made, CATALOGUE, record("a"))
        assert _names(directory) == ["0", "1"]
        assert shown(directory) == stated([record("a")])
        with Store.open(directory):
            pass
        assert _names(directory) == ["0", "1-2"]
        assert shown(directory) == stated([record("a")])


def test_what_is_compacted_is_named_for_what_it_shows(store: Store, directory: Path) -> None:
    """A generation that was left behind the log does not pass for a newer one."""
    load(store, CATALOGUE, record("a"))
    with patch.object(Loads, "add", side_effect=OSError), pytest.raises(StoreUnavailable):
        load(store, CATALOGUE, record("b"))
    with patch.object(compacting, "_MANY", 0):
        store.compact()
    assert _names(directory) == ["0", "1-2"]
    assert shown(directory) == stated([record("a")])


def test_a_file_that_vanishes_is_not_counted(tmp_path: Path) -> None:
    """RocksDB puts files together by itself, so one that was listed may be gone when it is met."""
    for number in range(31):
        (tmp_path / f"{number}.sst").write_bytes(b"small")
    assert is_worth_compacting(tmp_path)
    (tmp_path / "1.sst").unlink()
    (tmp_path / "1.sst").symlink_to(tmp_path / "gone")
    assert not is_worth_compacting(tmp_path)


@pytest.mark.parametrize("point", ["before", "during", "after", "naming", "link", "prune"])
def test_failure_at_any_point_shows_the_old_or_the_new_state(
    store: Store, directory: Path, point: str
) -> None:
    """Whatever step fails after the commit, readers see a whole state, and opening repairs."""
    load(store, CATALOGUE, record("a"), record("b"))

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    original = view.bring_up

    def fail_after(*arguments: object, **named: object) -> None:
        original(*arguments, **named)  # type: ignore[arg-type]
        fail()

    target, name, replacement = {
        "before": (writer, "bring_up", fail),
        "during": (Loads, "add", fail),
        "after": (writer, "bring_up", fail_after),
        "naming": (Path, "rename", fail),
        "link": (Path, "symlink_to", fail),
        "prune": (Generations, "prune", fail),
    }[point]
    with patch.object(target, name, replacement), pytest.raises((StoreUnavailable, OSError)):
        load(store, CATALOGUE, record("b", "Better"), record("c"))
    after = stated([record("b", "Better"), record("c")])
    if point == "prune":
        assert shown(directory) == after
    else:
        assert shown(directory) == stated([record("a"), record("b")])
    store.close()
    with Store.open(directory):
        assert shown(directory) == shown(directory, CATALOGUE) == after
    assert not [name for name in _names(directory) if name.startswith(".")]


def test_same_writer_makes_up_for_its_failure(store: Store, directory: Path) -> None:
    """After a failure the next delivery of the same writer brings in both versions."""
    load(store, CATALOGUE, record("a"))
    with (
        patch.object(Loads, "add", side_effect=OSError),
        pytest.raises(StoreUnavailable) as e,
    ):
        load(store, CATALOGUE, record("b"))
    assert "safe in the log" in str(e.value)
    load(store, CATALOGUE, record("b"), record("c"))
    assert shown(directory) == stated([record("b"), record("c")])


@pytest.mark.parametrize("damage", ["gone", "emptied", "ahead"])
def test_unusable_generation_is_replaced(store: Store, directory: Path, damage: str) -> None:
    """A generation that is gone, damaged or ahead of a restored log is made anew from the log."""
    load(store, CATALOGUE, record("a"))
    current = directory / (directory / "current").readlink()
    if damage == "gone":
        shutil.rmtree(current)
    elif damage == "emptied":
        (current / "CURRENT").write_bytes(b"")
    else:
        store.close()
        shutil.copy(directory / "log.sqlite", directory / "saved")
        with Store.open(directory) as opened:
            load(opened, CATALOGUE, record("b"))
        shutil.move(directory / "saved", directory / "log.sqlite")
    store.close()
    if damage != "ahead":
        with pytest.raises(StoreUnavailable, match="rebuild"):
            Reader(directory)
    with Store.open(directory):
        assert shown(directory) == stated([record("a")])
