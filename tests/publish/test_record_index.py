"""The index of titles and identifiers, and that it follows the log."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.errors import StoreUnavailable
from europass_ld.publish.finding.record_index import RecordIndex, fold
from europass_ld.store import Dataset, Reader, Record, Store
from europass_ld.terms import expand

from . import sample

REGISTER = Dataset(iri="https://register.example/", title={"en": "Register"}, family="loq")
QUALIFICATION = expand("elm:Qualification")


def titled(name: str, *titles: str, kind: str = "elm:Qualification", code: str = "") -> Record:
    """Return a record with titles and, with `code`, an identifier."""
    iri = f"https://register.example/{name}"
    node = f"{sample.GENID}{name}.1"
    triples = sample.lines(iri, *(("dct:title", sample.text(one, "fi")) for one in titles))
    if code:
        triples += sample.lines(iri, ("adms:identifier", f"<{node}>"))
        triples += sample.lines(node, ("skos:notation", sample.text(code)))
    return sample.record(iri, kind, triples)


def make(directory: Path) -> None:
    """Make a store with one version."""
    with Store.create(directory, sample.BASE) as store:
        sample.publish(
            store,
            REGISTER,
            [
                titled("1", "Metsäkoneenkuljettaja", "Skogsmaskinförare", code="FI-1"),
                titled("2", "IT support", code="FI-1"),
                titled("3", "Forestry", kind="elm:LearningOpportunity"),
                titled("4", "Advanced forestry and IT", code='"4" OR'),
            ],
        )


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read the store."""
    directory = tmp_path_factory.mktemp("index") / "store"
    make(directory)
    with Reader(directory) as reader:
        yield reader


@pytest.fixture(scope="module")
def index(reader: Reader) -> Iterator[RecordIndex]:
    """Make an index of this process's own."""
    index = RecordIndex(reader, None)
    yield index
    index.close()


def names(iris: list[str]) -> list[str]:
    """Return the last parts of IRIs."""
    return [iri.rpartition("/")[2] for iri in iris]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("forestry", ["3", "4"]),  # what begins with it comes first
        ("FORESTRY advanced", ["4"]),
        ("kuljettaja", ["1"]),
        ("metsakone", ["1"]),
        ("skogs", ["1"]),
        ("it", ["2", "4"]),  # short words only where a word begins
        ("it forestry", ["4"]),
        ("metsa skogs", []),  # no title has both
        ('"', []),
        ("%", []),
        ("   ", []),
        ("NEAR(a b) OR forestry*", []),
    ],
)
def test_search(index: RecordIndex, text: str, found: list[str]) -> None:
    """All words stand in one title, as parts of words, and nothing in them is syntax."""
    assert names(index.search(text, limit=10)) == found


def test_a_page_of_a_search(index: RecordIndex) -> None:
    """Pages follow on each other, and classes are a condition."""
    assert names(index.search("forestry", limit=1, offset=1)) == ["4"]
    assert names(index.search("forestry", types=[QUALIFICATION], limit=10)) == ["4"]


def test_alike(index: RecordIndex) -> None:
    """The same title comes first; a word of it, or letters in a row, are enough."""
    assert names(index.alike("Forestry", limit=10)) == ["3", "4"]
    assert names(index.alike("forestry today", limit=10)) == ["3", "4"]
    assert names(index.alike("metsakonenkuljetaja", limit=10)) == ["1"]
    assert index.alike("zzzz", limit=10) == index.alike("", limit=10) == []


def test_identifiers(index: RecordIndex) -> None:
    """An identifier that two records have finds both; it is compared as it is."""
    assert names(index.identified_by("FI-1")) == ["1", "2"]
    assert names(index.identified_by(' "4" OR ')) == ["4"]
    assert index.identified_by("fi-1") == []


def test_it_follows_the_log(tmp_path: Path) -> None:
    """After a new version old titles find nothing, new ones do, and deleted records are gone."""
    directory = tmp_path / "store"
    make(directory)
    with Reader(directory) as reader:
        index = RecordIndex(reader, None)
        assert names(index.search("support", limit=10)) == ["2"]
        with Store.open(directory) as writer:
            kept = titled("1", "Metsäkoneenkuljettaja", "Skogsmaskinförare", code="FI-1")
            sample.publish(writer, REGISTER, [kept, titled("2", "Help desk", code="FI-2")])
        assert names(index.search("support", limit=10)) == ["2"]  # the reader has not moved on
        assert reader.refresh()
        assert index.search("support", limit=10) == index.search("forestry", limit=10) == []
        assert names(index.search("help", limit=10)) == names(index.identified_by("FI-2")) == ["2"]
        assert names(index.search("metsa", limit=10)) == names(index.identified_by("FI-1")) == ["1"]
        index.close()


def test_processes_share_it(reader: Reader, tmp_path: Path) -> None:
    """What one has filled another finds, and it stays when one of them ends."""
    first, second = RecordIndex(reader, tmp_path), RecordIndex(reader, tmp_path)
    assert names(first.search("forestry", limit=10)) == ["3", "4"]
    first.close()
    assert names(second.search("forestry", limit=10)) == ["3", "4"]
    second.close()


def test_who_waits_too_long_is_told(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process fills the index, a look-up ends with an error that says so."""
    monkeypatch.setattr("europass_ld.publish.finding.record_index._PATIENCE_SECONDS", 0.1)
    index = RecordIndex(reader, tmp_path)
    other = sqlite3.connect(tmp_path / "records.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="index of titles"):
        index.search("forestry", limit=10)
    other.execute("ROLLBACK")
    assert names(index.search("forestry", limit=10)) == ["3", "4"]
    other.execute("BEGIN IMMEDIATE")  # what is filled is read beside a writer
    assert names(RecordIndex(reader, tmp_path).search("forestry", limit=10)) == ["3", "4"]
    other.close()
    index.close()


def test_every_character_folds() -> None:
    """All of Unicode, when it is folded, is its own folded text."""
    for start in range(0, sys.maxunicode, 4096):
        folded = fold("".join(map(chr, range(start, start + 4096))))
        assert fold(folded) == folded, hex(start)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded text is its own folded text, and can be stored."""
    assert fold(fold(text)) == fold(text)
    fold(text + "\ud800").encode()
