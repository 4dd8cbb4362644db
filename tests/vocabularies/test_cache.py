"""The compiled form: fast, rebuilt when anything changes, never needed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from europass_ld import resources
from europass_ld.vocabularies import CodeLists, load_code_lists
from europass_ld.vocabularies.database import open_database
from europass_ld.vocabularies.turtle import read_list

EQF = resources.find("data") / "vocabularies" / "eqf.ttl"
EQF_6 = "http://data.europa.eu/snb/eqf/6"


def small(directory: Path) -> CodeLists:
    """Return the EQF alone, which compiles in no time."""
    return CodeLists(open_database([EQF], (), directory))


def compiled(directory: Path) -> Path:
    """Return the one file in a cache directory."""
    (file,) = directory.iterdir()
    return file


def test_second_load_reads_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compiled once is not parsed again, and says the same."""
    first = list(small(tmp_path).all_triples())
    monkeypatch.setattr("europass_ld.vocabularies.database.read_list", None)
    assert list(small(tmp_path).all_triples()) == first
    assert len(first) == 8 * 4 + 4


def test_changed_list_is_compiled_again(tmp_path: Path) -> None:
    """The cache goes by contents: an edited file is seen at once."""
    cache, copy = tmp_path / "cache", tmp_path / "eqf.ttl"
    text = EQF.read_text(encoding="utf-8")
    copy.write_text(text, encoding="utf-8")
    CodeLists(open_database([copy], (), cache))
    copy.write_text(text.replace('"Level 6"', '"Sixth level"'), encoding="utf-8")
    assert CodeLists(open_database([copy], (), cache)).label(EQF_6, ()) == ("Sixth level", "en")


def flip(data: bytes) -> bytes:
    """Return the bytes with one of them, in the middle, changed."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize(
    "damage", [lambda _: b"", lambda _: b"no database", lambda data: data[:5000], flip]
)
def test_damaged_cache_is_rebuilt(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """An empty, foreign, cut or altered file is replaced by a good one."""
    expected = list(small(tmp_path).all_triples())
    file = compiled(tmp_path)
    good = file.read_bytes()
    file.write_bytes(damage(good))
    assert list(small(tmp_path).all_triples()) == expected
    assert file.read_bytes() == good


def test_cache_directory_is_a_file(tmp_path: Path) -> None:
    """A directory that cannot be made costs nothing but time."""
    obstacle = tmp_path / "cache"
    obstacle.write_text("in the way", encoding="utf-8")
    assert small(obstacle).label(EQF_6, ()) == ("Level 6", "en")
    assert obstacle.read_text(encoding="utf-8") == "in the way"


def test_cache_file_cannot_be_replaced(tmp_path: Path) -> None:
    """Where the file's place is taken, nothing is left behind and the lists still load."""
    small(tmp_path)
    file = compiled(tmp_path)
    file.unlink()
    file.mkdir()
    (file / "in the way").touch()
    assert small(tmp_path).label(EQF_6, ()) == ("Level 6", "en")
    assert compiled(tmp_path) == file


def test_from_several_threads(tmp_path: Path) -> None:
    """One instance serves threads at the same time."""
    lists = small(tmp_path)

    def ask(number: int) -> tuple[str, str] | None:
        return lists.label(f"http://data.europa.eu/snb/eqf/{number % 8 + 1}", ())

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(400)))
    assert answers == [(f"Level {number % 8 + 1}", "en") for number in range(400)]


def test_start_up_time(tmp_path: Path) -> None:
    """Loading all lists from the cache is quick: 12 ms when written, ten times that is a fault."""
    load_code_lists(cache=tmp_path)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        load_code_lists(cache=tmp_path).codes("language", "3.3")
        times.append(time.perf_counter() - start)
    assert min(times) < 0.2


def test_read_what_was_written() -> None:
    """The file format's reader sees the scheme as well as the concepts."""
    scheme, concepts = read_list(EQF)
    assert scheme.closed
    assert [concept.notation for concept in concepts] == list("12345678")
