"""Dumps that are begun while the version is not served yet."""

from pathlib import Path

import pytest

from europass_ld.cli import dumping, stores
from europass_ld.config import Settings
from europass_ld.harvest import find_dump, make_dump
from europass_ld.harvest.names import dataset_name
from europass_ld.store import Store
from europass_ld.store.lock import alone_in
from tests.harvest.dumping import BASE, FIRST, SECOND, checked
from tests.processes import marked, running
from tests.store.making import CATALOGUE, load, record

from .test_documents import run
from .test_stores import FINNISH


@pytest.fixture
def without_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what makes the missing dumps at the end of a command."""
    monkeypatch.setattr(stores, "publish_dumps", lambda _directory, _settings: None)


@pytest.fixture
def every_version_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no version be too small for a process of its own."""
    monkeypatch.setattr(dumping, "_MANY_RECORDS", 1)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name the directory of the store under test; what is started has its mark."""
    path = tmp_path / "store"
    for name, value in marked(path).items():
        monkeypatch.setenv(name, value)
    return path


@pytest.mark.usefixtures("without_the_rest", "every_version_is_large")
def test_a_command_ends_when_its_dumps_are_there(directory: Path) -> None:
    """Loading and reverting have the dumps of large versions made beside, and wait for them."""
    for number, paths in enumerate((FIRST, SECOND), start=1):
        assert run("load", paths, "--store", directory).exit_code == 0
        assert checked(find_dump(directory, FINNISH, number) or Path())
    arguments = ("--store", directory, "--dataset", FINNISH, "--version", 1)
    assert run("revert", *arguments).exit_code == 0
    assert checked(find_dump(directory, FINNISH, 3) or Path())
    assert not running(directory)


@pytest.mark.usefixtures("without_the_rest")
def test_small_versions_start_no_process(directory: Path) -> None:
    """What is made in no time is made when the version is served, by the command itself."""
    assert run("load", FIRST, "--store", directory).exit_code == 0
    assert not find_dump(directory, FINNISH, 1)


@pytest.mark.usefixtures("every_version_is_large")
def test_one_at_a_time_and_none_is_left_behind(directory: Path) -> None:
    """What breaks off a command ends the process it has started, which is one for two versions."""
    folder = directory / "dumps" / dataset_name(CATALOGUE.iri)
    with Store.create(directory, BASE) as store:
        versions = [load(store, CATALOGUE, record(name)) for name in "ab"]

    def interrupted() -> None:
        with dumping.dumps_beside(directory, Settings()) as committed:
            for version in versions:
                committed(version)
            assert len(running(directory)) == 1
            raise KeyboardInterrupt

    with alone_in(folder), pytest.raises(KeyboardInterrupt):  # it has to wait, so it is there
        interrupted()
    assert not running(directory)
    assert [path.name for path in folder.iterdir()] == ["lock"]
    assert make_dump(directory, CATALOGUE.iri, 2, keep=1)
