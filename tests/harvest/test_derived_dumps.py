"""A dump that comes from that of an earlier version is what writing the whole would give."""

import hashlib
import json
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest
import zstandard
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from europass_ld.errors import StoreError
from europass_ld.harvest import drop_dumps, make_dump, packing, pieces
from europass_ld.harvest.names import dataset_name
from europass_ld.harvest.rows import Content, Records, Statements
from europass_ld.ingest import redact
from europass_ld.lift import lower_record
from europass_ld.store import Changes, LogReader, Record, Store
from europass_ld.terms import RDF_TYPE, expand
from tests.store.making import BASE, CATALOGUE, CONCEPT, TITLE, iri, load, record
from tests.store.test_model import MEMORY, MORE

from .dumping import checked, content

CLASSES = [expand("elm:LearningOutcome"), expand("elm:GradingScheme")]
LONG = [hashlib.sha512(bytes(number)).hexdigest() for number in range(100)]
ODD = [r"a\n    b", r"\n  </learningOutcomeReferences>\n", "&\u2028 ."]

Step = Callable[[Store], object]


def with_xml(name: str, kind: str, titles: list[str], *, coded: bool) -> Record:
    """Make a record that XML has a place for; its IRI is written with `&amp;` there."""
    named = f"https://data.example.edu/?is=outcome&name={name}"
    lines = [f"<{named}> <{RDF_TYPE}> <{kind}> ."]
    lines += [f'<{named}> <{TITLE}> "{title}"@en .' for title in titles]
    lines += [CONCEPT] if coded else []
    triples = "".join(f"{line}\n" for line in lines)
    return replace(record(name), iri=named, type=kind, triples=triples, digest=triples.encode())


def titled(number: int, title: str) -> Record:
    """Make one of many records."""
    return with_xml(f"{number:03}", CLASSES[0], [title], coded=number % 2 > 0)


VARIANTS: list[Callable[[str], Record | None]] = [
    lambda _: None,
    lambda name: with_xml(name, CLASSES[0], LONG[:1], coded=True),
    lambda name: with_xml(name, CLASSES[0], LONG[:1], coded=False),
    lambda name: with_xml(name, CLASSES[0], [LONG[1], *ODD], coded=False),
    lambda name: with_xml(name, CLASSES[1], [*ODD, LONG[0]], coded=True),
    lambda name: record(name, LONG[1], more=MORE),
    lambda name: record(name, LONG[0], more=MORE[::2]),
]
"""What a delivery may have under a name: no record, one that XML has a place for, or another."""

NAMES = "abcdefghijklmnop"
WITH_XML = 5


def steps(random: Random) -> Iterator[Step]:
    """Yield loads that differ in some of their records, and between them other events."""
    chosen = [0] * len(NAMES)
    for _ in range(7):
        variants = random.choice([WITH_XML, len(VARIANTS)])
        chosen = [
            random.randrange(variants) if one >= variants or random.random() < 0.3 else one
            for one in chosen
        ]
        yield loads(chosen, partial=random.random() < 0.2)
        if random.random() < 0.4:
            yield random.choice([withdraws, reverts(2), redacts(random.choice(NAMES))])


def loads(chosen: list[int], *, partial: bool) -> Step:
    """Return a step that loads, under each name, the variant that was chosen for it."""
    records = [VARIANTS[one](name) for one, name in zip(chosen, NAMES, strict=True)]
    return lambda store: load(store, CATALOGUE, *filter(None, records), partial=partial)


def reverts(number: int) -> Step:
    """Return a step that goes back to a version."""
    return lambda store: store.revert(CATALOGUE.iri, number)


def redacts(name: str) -> Step:
    """Return a step that removes a record for good."""
    return lambda store: redact(store, iri=iri(name), reason="asked for")


def withdraws(store: Store) -> object:
    """Remove all records."""
    return store.withdraw(CATALOGUE.iri)


@contextmanager
def written_whole() -> Iterator[list[type[Content]]]:
    """Note which contents the body has written whole."""
    noted: list[type[Content]] = []

    def noting(kind: type[Content]) -> Callable[[Content], object]:
        whole = kind.items

        def items(self: Content) -> object:
            noted.append(kind)
            return whole(self)

        return items

    with (
        patch.object(Statements, "items", noting(Statements)),
        patch.object(Records, "items", noting(Records)),
    ):
        yield noted


def newest_dump(directory: Path) -> tuple[int, dict[str, bytes], list[type[Content]]]:
    """Make the dump of the newest version; return that, its files, and what was written whole."""
    with LogReader(directory) as reader:
        number = reader.versions(CATALOGUE.iri)[-1].number
    with written_whole() as noted:
        folder = make_dump(directory, CATALOGUE.iri, number, keep=9)
    return number, {path.name: path.read_bytes() for path in folder.iterdir()}, noted


def made_anew(directory: Path) -> dict[str, bytes]:
    """Return the files of the dump of the newest version where there is no other."""
    dumps = directory / "dumps"
    there = dumps.rename(directory / "aside")
    _, files, noted = newest_dump(directory)
    assert noted == [Statements, Records]
    drop_dumps(directory, CATALOGUE.iri)
    (dumps / dataset_name(CATALOGUE.iri) / "lock").unlink()
    (dumps / dataset_name(CATALOGUE.iri)).rmdir()
    (dumps / "changed").unlink()
    dumps.rmdir()
    there.rename(dumps)
    return files


@given(st.integers(0, 2**64))
@settings(max_examples=5, deadline=None, phases=[Phase.generate])
def test_derived_is_the_same_as_whole(seed: int) -> None:
    """Whatever happens to a dataset, all files of its dumps have the bytes that a whole one has.

    Pieces are tiny, so that most of what can happen to their edges does. Of some versions no dump
    is made. The seed stands for a history: left to itself, hypothesis tries dull ones first.
    """
    random = Random(seed)  # noqa: S311 - no secret
    with (
        tempfile.TemporaryDirectory(dir=MEMORY) as folder,
        patch.object(Statements, "every", 3),
        patch.object(Records, "every", 2),
        patch.object(pieces, "_MOST_BYTES", 3000),
        Store.create(Path(folder) / "store", BASE) as store,
    ):
        load(store, CATALOGUE, record("a"))
        for step in steps(random):
            with suppress(StoreError):  # there is nothing to go back to, or to remove
                step(store)
            if random.random() < 0.8:
                there = any(store.directory.glob("dumps/*/*/pieces.json"))
                _, files, noted = newest_dump(store.directory)
                assert (Statements in noted) is not there
                assert files == made_anew(store.directory)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Make a store with a dump of the first of two versions; three records of 300 differ."""
    with Store.create(tmp_path / "store", BASE) as store:
        titles = [LONG[number // 3] for number in range(300)]
        load(store, CATALOGUE, *map(titled, range(300), titles))
        newest_dump(store.directory)
        titles[50::100] = LONG[97:]
        load(store, CATALOGUE, *map(titled, range(300), titles))
        yield store


def test_what_is_unchanged_is_not_written_again(store: Store) -> None:
    """Of many pieces some are compressed, and of the records only those three are turned to XML."""
    with (
        patch.object(packing, "_deflated", wraps=packing._deflated) as deflated,
        patch("europass_ld.profiles.elements.lower_record", wraps=lower_record) as lowered,
    ):
        _, files, noted = newest_dump(store.directory)
    rows = json.loads(files["pieces.json"])["rows"].values()
    parts = sum(len(lengths[1]) for row in rows for lengths in row["lengths"].values())
    assert not noted
    assert deflated.call_count < parts / 2
    assert lowered.call_count == 3
    assert files == made_anew(store.directory)


def test_a_damaged_dump_is_no_source(store: Store) -> None:
    """Where a file is not as its manifest says, all is written from the log."""
    (damaged,) = store.directory.glob("dumps/*/1/xml.gz")
    octets = bytearray(damaged.read_bytes())
    octets[len(octets) // 2] ^= 1
    damaged.write_bytes(octets)
    _, files, noted = newest_dump(store.directory)
    assert noted == [Statements, Records]
    assert files == made_anew(store.directory)


def test_what_other_rules_made_is_no_source(store: Store) -> None:
    """Where software or mapping were others, or the index is missing, all is written."""
    with patch.object(pieces, "rules", lambda: "others"):
        assert newest_dump(store.directory)[2] == [Statements, Records]
    (store.directory / "dumps" / dataset_name(CATALOGUE.iri) / "2").rename(
        store.directory / "elsewhere"
    )
    for index in store.directory.glob("dumps/*/1/pieces.json"):
        index.unlink()
    assert newest_dump(store.directory)[2] == [Statements, Records]


def test_what_does_not_add_up_is_written_whole(store: Store) -> None:
    """Where the lines are not as many as the log counts, all is written from the log."""
    right = LogReader.changes

    def wrong(self: LogReader, dataset: str, since: int) -> Changes | None:
        found = right(self, dataset, since)
        return found and replace(found, come=found.come | {"<a:odd> <a:p> <a:o> ."})

    with patch.object(LogReader, "changes", wrong):
        _, files, noted = newest_dump(store.directory)
    assert noted == [Statements, Records]
    assert files == made_anew(store.directory)


def test_an_older_version_is_written_whole(store: Store) -> None:
    """The log as it is now says nothing of what an older version still stated."""
    load(store, CATALOGUE, record("a"))
    with written_whole() as noted:
        make_dump(store.directory, CATALOGUE.iri, 2, keep=9)
    assert noted == [Statements, Records]


def test_any_reader_reads_the_files(store: Store) -> None:
    """A gz file is one member, a zst file one frame, also where parts were taken over."""
    newest_dump(store.directory)
    (folder,) = store.directory.glob("dumps/*/2")
    assert checked(folder)
    for path in folder.glob("*.gz"):
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        assert member.decompress(path.read_bytes()) == content(path)
        assert (member.eof, member.unused_data) == (True, b"")
        command = ["gzip", "--decompress", "--stdout", str(path)]
        assert subprocess.run(command, check=True, capture_output=True).stdout == content(path)
    for path in folder.glob("*.zst"):
        frame = zstandard.ZstdDecompressor().decompressobj()
        assert frame.decompress(path.read_bytes()) == content(path)
        assert (frame.eof, frame.unused_data) == (True, b"")
