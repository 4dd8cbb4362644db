"""A command that loads a large document, and is killed: it has two more processes at work."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from europass_ld.cli import dumping
from europass_ld.harvest import find_dump
from europass_ld.ingest import apart
from europass_ld.store import LogReader, Reader, Store, content_hash
from tests.harvest.dumping import checked
from tests.processes import marked, running
from tests.tools.generate_loq import generate

DATASET = "https://data.example.org/courses"
MEGABYTES = 11
"""Enough for a process that checks, and for one that makes dumps."""
MOMENTS = 8
LONGEST_SECONDS = 8.0


def loading(document: Path, directory: Path) -> subprocess.Popen[bytes]:
    """Start the command; it and what it starts are marked with the directory."""
    arguments = [document, "--store", directory, "--dataset", DATASET]
    return subprocess.Popen(
        [sys.executable, "-m", "europass_ld", "load", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        env=marked(directory),
    )


def wait_for_the_end(directory: Path) -> None:
    """Wait until all have ended: dumps may be made to the end, checking ends at once."""
    deadline = time.monotonic() + 60
    while found := running(directory):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """The last state stays served, no process is left, and the next command makes up for it."""
    document, directory = tmp_path / "courses.xml", tmp_path / "store"
    written = generate(document, MEGABYTES * 1_000_000)
    assert written.records > dumping._MANY_RECORDS
    assert document.stat().st_size > apart.LARGE
    assert loading(document, directory).wait() == 0
    chosen = random.Random(MOMENTS)  # noqa: S311 - moments need not be secret
    sequences = set()
    for number in range(1, MOMENTS + 1):
        text = document.read_text("utf-8")
        document.write_text(text.replace("</title>", f" {number}</title>", 100), "utf-8")
        with Reader(directory) as reader:
            before = reader.sequence
        with loading(document, directory) as command:
            time.sleep(chosen.uniform(0, LONGEST_SECONDS))
            command.kill()
        wait_for_the_end(directory)
        with Reader(directory) as reader:
            assert reader.sequence >= before
        with Store.open(directory) as store, Reader(directory) as reader:
            assert reader.sequence == store.sequence
            sequences.add(store.sequence)
    assert len(sequences) > 1
    assert loading(document, directory).wait() == 0
    assert not running(directory)
    with LogReader(directory) as log:
        last = log.versions(DATASET)[-1].number
    assert checked(find_dump(directory, DATASET, last) or Path())
    assert not list(directory.rglob(".*"))
    with Store.open(directory) as store, Reader(directory) as reader:
        served = content_hash(reader.store)
        store.rebuild()
        reader.refresh()
        assert content_hash(reader.store) == served
