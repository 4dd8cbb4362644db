"""Kills, full disks and readers in other processes."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.errors import StoreUnavailable
from europass_ld.store import Reader, Store, content_hash

from .making import BASE, CATALOGUE, OTHER, load, record, shown, stated
from .writing import state

ROOT = Path(__file__).parents[2]
READ = """
import sys, time
from pathlib import Path
from tests.store.test_processes import check_whole_state
from europass_ld.store import Reader
seen = set()
with Reader(Path(sys.argv[1])) as reader:
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        reader.refresh()
        check_whole_state(reader)
        seen.add(reader.sequence)
print(len(seen))
"""


def python(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start another Python in the project."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'server'}"},
    )


def check_whole_state(reader: Reader) -> None:
    """Check that a reader shows the rounds of its sequence, the whole of them and nothing else.

    Round n of `writing` is event n: odd ones are of the catalogue, even ones of the other.
    """
    now = reader.sequence
    newest = {CATALOGUE.iri: now if now % 2 else now - 1, OTHER.iri: now - 1 if now % 2 else now}
    expected = {
        name: stated(state(number)) if number > 0 else set() for name, number in newest.items()
    }
    for name, lines in expected.items():
        assert graph_lines(reader, ox.NamedNode(name)) == lines
        if lines:
            assert {one.decode() for one in dump_lines(reader, name)} == lines
            assert reader.versions(name)[-1].sequence == newest[name]
    assert graph_lines(reader, ox.DefaultGraph()) == set().union(*expected.values())


def graph_lines(reader: Reader, graph: ox.NamedNode | ox.DefaultGraph) -> set[str]:
    """Return what a graph of the generation holds."""
    found = reader.store.quads_for_pattern(None, None, None, graph)
    return {f"{quad.triple} ." for quad in found}


def dump_lines(reader: Reader, dataset: str) -> Iterator[bytes]:
    """Yield what the log says is in a graph, as lines of N-Triples."""
    for chunk in reader.dump(dataset):
        yield from (
            line.removesuffix(f" <{dataset}> .".encode()) + b" ."
            for line in chunk.split(b"\n")
            if line
        )


def kill_at(directory: Path, seconds: float) -> int:
    """Let a process write for some time after its first round, kill it, return its last round."""
    with python("-m", "tests.store.writing", directory, "0") as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        finished = [first, *writer.stdout.readlines()]
    return int(finished[-1])


@pytest.mark.parametrize("moments", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_any_moment(directory: Path, moments: int) -> None:
    """After kill -9 the last state is served, what was published is there, and opening repairs."""
    Store.create(directory, BASE).close()
    chosen = random.Random(moments)  # noqa: S311 - moments need not be secret
    for _ in range(moments):
        finished = kill_at(directory, chosen.uniform(0, 0.5))
        with Reader(directory) as reader:
            check_whole_state(reader)
            assert reader.sequence >= finished
        with Store.open(directory) as store:
            assert store.sequence >= finished
            with Reader(directory) as reader:
                assert reader.sequence == store.sequence
                check_whole_state(reader)
                before = content_hash(reader.store)
            assert not [one for one in (directory / "generations").iterdir() if one.name[0] == "."]
    with Store.open(directory) as store, Reader(directory) as reader:
        store.rebuild()
        reader.refresh()
        assert content_hash(reader.store) == before


def test_readers_beside_a_writer(directory: Path) -> None:
    """Three processes see whole states only, and new ones come in, while a fourth one writes."""
    Store.create(directory, BASE).close()
    with python("-m", "tests.store.writing", directory, "0") as writer:
        readers = [python("-c", READ, directory, "3") for _ in range(3)]
        seen = [reader.communicate()[0] for reader in readers]
        writer.kill()
    assert all(reader.returncode == 0 for reader in readers)
    assert all(int(one) >= 2 for one in seen)


@pytest.mark.parametrize("largest_file", [60_000, 200_000, 400_000])
def test_full_disk_loses_nothing(directory: Path, largest_file: int) -> None:
    """When files cannot grow the writer says so, the last state is served, and later all is well.

    A limit on the size of a file stands in for the disk: it works without privileges. The small
    one stops the log before a commit, the next one the generation after it.
    """
    Store.create(directory, BASE).close()
    with python("-m", "tests.store.writing", directory, str(largest_file)) as writer:
        output, _ = writer.communicate(timeout=120)
    *published, message = output.splitlines()
    assert message.startswith(f"unavailable the store in {directory}: ")
    assert "goes on being served" in message
    finished = int(published[-1]) if published else 0
    with Reader(directory) as reader:
        assert reader.sequence == finished
        check_whole_state(reader)
    with Store.open(directory) as store, Reader(directory) as reader:
        assert reader.sequence == store.sequence == finished + ("safe in the log" in message)
        check_whole_state(reader)


@pytest.mark.parametrize("room", ["2m", "9m"])
def test_disk_without_room(tmp_path: Path, room: str) -> None:
    """A really full disk, where the system lets us make one: refused, still served, then taken.

    One has no room for the log of the second version, the other none for its generation.
    """
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-o", f"size={room}", "tmpfs", str(disk)]
    if subprocess.run(["mount", "-t", "tmpfs", *options], check=False).returncode:
        pytest.skip("needs the right to mount a file system in memory")
    try:
        directory = disk / "store"
        words = random.Random(1)  # noqa: S311 - only to be hard to compress
        small = record("a")
        large = [record(f"r{n}", " ".join(words.choices("abcdefghij", k=700))) for n in range(3000)]
        with Store.create(directory, BASE) as store:
            load(store, CATALOGUE, small)
            with pytest.raises(StoreUnavailable, match="goes on being served") as error:
                load(store, CATALOGUE, *large)
            committed = "safe in the log" in str(error.value)
            assert store.sequence == 1 + committed == (1 if room == "2m" else 2)
            assert shown(directory) == stated([small])
        subprocess.run(["mount", "-o", "remount,size=300m", str(disk)], check=True)
        with Store.open(directory) as store:
            assert shown(directory) == stated(large if committed else [small])
            load(store, CATALOGUE, *large)
            assert shown(directory) == stated(large)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
