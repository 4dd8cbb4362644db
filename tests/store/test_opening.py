"""Making and opening stores: the base, the lock, and what is no store."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.errors import ConfigurationError, StoreUnavailable
from europass_ld.store import Reader, Store

from .making import BASE, CATALOGUE, load, record

HOLD = """
import sys, time
from pathlib import Path
from europass_ld.store import Store
with Store.open(Path(sys.argv[1])):
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_empty_store_can_be_read(store: Store, directory: Path) -> None:
    """A new store has its base, nothing in it, and a generation to read."""
    with Reader(directory) as reader:
        assert reader.base == store.base == BASE
        assert reader.sequence == 0
        assert not list(reader.store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
        assert reader.datasets() == ()
        assert reader.events() == ()
        assert list(reader.dump()) == []


@pytest.mark.parametrize(
    "base",
    [
        "https://ld.example.org",
        "ld.example.org/",
        "/id/",
        "urn:x:/",
        "ftp://ld.example.org/",
        "https:///",
        "https://ld.example.org/?a=/",
        "https://ld.example.org/#/",
        "https://ld.example.org/two words/",
        "https://[/",
        "",
    ],
)
def test_base_must_be_an_http_iri_with_a_slash(directory: Path, base: str) -> None:
    """What is no base is refused before anything is made."""
    with pytest.raises(ConfigurationError, match="absolute http or https IRI"):
        Store.create(directory, base)
    assert not directory.exists()


def test_store_is_not_made_over_anything(store: Store, directory: Path) -> None:
    """A directory with something in it stays as it is."""
    store.close()
    with pytest.raises(StoreUnavailable, match="not empty"):
        Store.create(directory, BASE)
    with Store.open(directory) as opened:
        assert opened.base == BASE


def test_what_is_no_store_is_said(tmp_path: Path) -> None:
    """A directory without a log is no store, for readers and writers."""
    with pytest.raises(StoreUnavailable, match="no store"):
        Store.open(tmp_path)
    with pytest.raises(StoreUnavailable, match="no store"):
        Reader(tmp_path)
    (tmp_path / "log.sqlite").write_text("no database, but long enough to be looked into" * 50)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Store.open(tmp_path)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Reader(tmp_path)


def test_log_of_another_format_is_refused(store: Store, directory: Path) -> None:
    """A log that a later version wrote is not touched."""
    store.close()
    log = sqlite3.connect(directory / "log.sqlite")
    log.execute("PRAGMA user_version = 99")
    log.close()
    for attempt in (Store.open, Reader):
        with pytest.raises(StoreUnavailable, match="format 99; this software reads 2"):
            attempt(directory)


def test_second_writer_is_told_who_writes(store: Store, directory: Path) -> None:
    """The second writer learns the process and since when, and the first is not disturbed."""
    with pytest.raises(StoreUnavailable, match=rf"process {os.getpid()} since 2026-01-31T12:0"):
        Store.open(directory)
    load(store, CATALOGUE, record("a"))


def test_second_writer_waits_as_long_as_it_is_told(store: Store, directory: Path) -> None:
    """A writer that waits gets in as soon as the first has gone, or gives up in time."""
    store.close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, directory, "1"], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match=f"process {other.pid}"):
            Store.open(directory, wait=0.2)
        assert 0.2 <= time.monotonic() - started < 0.9
        with Store.open(directory, wait=30) as opened:
            assert opened.sequence == 0


def test_lock_ends_with_its_process(store: Store, directory: Path) -> None:
    """A killed writer leaves no lock behind."""
    store.close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, directory, "60"], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert json.loads((directory / "lock").read_text())["pid"] == other.pid
        other.kill()
    with Store.open(directory):
        pass


def test_closing_twice_is_harmless(directory: Path) -> None:
    """A store may be closed by hand inside its own context."""
    with Store.create(directory, BASE) as store:
        store.close()
    with Store.open(directory):
        pass
