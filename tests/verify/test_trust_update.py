"""Updates of the trust folder: all or nothing, and never by anything that does not verify."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from europass_ld.errors import ConfigurationError, TrustUpdateFailed
from europass_ld.verify import TrustStore, verify
from europass_ld.verify.trust import LIST_OF_LISTS, list_signers, update_lists

from .conftest import World
from .lists import ISSUED, NEW, OLD, QTST, ListOptions, Service, Union, trusted_list
from .pki import NOW, authority

XX = "https://lists.example/XX.xml"
YY = "https://lists.example/YY.xml"
PIVOT = "https://lists.example/eu-lotl-pivot-390.xml"
Web = Mapping[str, bytes]
Update = Callable[[Web], Any]


@pytest.fixture(scope="module")
def union() -> Union:
    """Return a union with fresh keys."""
    return Union.create()


@pytest.fixture
def folder(tmp_path: Path, union: Union, world: World) -> Path:
    """Return a trust folder with list 400 of the union and list 7 of its country."""
    (tmp_path / "list-signers").mkdir()
    (tmp_path / "list-signers" / "top.pem").write_bytes(union.top.pem)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "eu.xml").write_bytes(union.list_of_lists())
    (tmp_path / "lists" / "xx.xml").write_bytes(union.list(*services(world)))
    return tmp_path


@pytest.fixture
def update(folder: Path) -> Update:
    """Return a function that updates the folder from a web of addresses and octets."""

    def updated(web: Web) -> Any:
        def fetch(address: str) -> bytes:
            if address not in web:
                raise TrustUpdateFailed(f"{address}: nothing there", address=address)
            return web[address]

        return update_lists(folder / "lists", fetch, list_signers(folder))

    return updated


def services(world: World) -> tuple[Service, Service]:
    """Return the services that make the seals of the tests pass."""
    return Service(world.ca), Service(world.tsa_root, QTST)


def state(folder: Path) -> dict[str, bytes]:
    """Return the files of the folder of lists."""
    return {one.name: one.read_bytes() for one in (folder / "lists").iterdir()}


def numbers(folder: Path) -> tuple[int | None, dict[str, int]]:
    """Return the sequence numbers of the lists that count."""
    store = TrustStore.load(folder)
    lists = {one: listed.sequence_number for one, listed in store.lists.items()}
    return store.list_of_lists.sequence_number if store.list_of_lists else None, lists


@pytest.mark.parametrize("version", [OLD, NEW])
def test_newer_lists_take_the_place_of_older_ones(
    version: int, union: Union, world: World, folder: Path, update: Update
) -> None:
    """In both formats: afterwards only the new ones are there, and seals pass by them."""
    new = union.list(*services(world), number=8, version=version)
    done = update({LIST_OF_LISTS: union.list_of_lists(number=401, version=version), XX: new})
    assert [one.sequence_number for one in done.replaced] == [401, 8]
    assert (done.unchanged, done.problems) == ((), ())
    assert len(state(folder)) == 2
    assert numbers(folder) == (401, {"XX": 8})
    report = verify(world.json(), trust=TrustStore.load(folder), now=NOW)
    assert report.passed
    assert [one.sequence_number for one in report.lists] == [401, 8]


def test_an_empty_folder_is_filled(
    union: Union, world: World, folder: Path, update: Update
) -> None:
    """Without any list to start from, the pivots lead to the new key, and all of them stay."""
    for one in (folder / "lists").iterdir():
        one.unlink()
    (folder / "lists").rmdir()
    later = replace(union, top=authority("List of lists, second key"))
    pivot = union.list_of_lists(
        number=390, issued=ISSUED - timedelta(days=9), pointers=[("EU", True, [later.top])]
    )
    web = {
        LIST_OF_LISTS: later.list_of_lists(locations=[PIVOT, "https://lists.example/about.html"]),
        PIVOT: pivot,
        XX: union.list(*services(world)),
    }
    assert update(web).problems == ()
    assert numbers(folder) == (400, {"XX": 7})
    assert len(state(folder)) == 3
    again = update(web)
    assert (again.replaced, len(again.unchanged)) == ((), 2)


def test_without_the_pivot_nothing_changes(
    union: Union, world: World, folder: Path, update: Update
) -> None:
    """A list of lists under a key that nothing leads to is refused, and with it all the rest."""
    later = replace(union, top=authority("List of lists, second key"))
    before = state(folder)
    top = later.list_of_lists(number=401, locations=[PIVOT])
    with pytest.raises(TrustUpdateFailed, match="Official Journal"):
        update({LIST_OF_LISTS: top, XX: union.list(*services(world), number=8)})
    assert state(folder) == before


def test_a_pivot_in_the_folder_will_do(
    union: Union, world: World, folder: Path, update: Update
) -> None:
    """A pivot that cannot be fetched any more is kept where the way leads over it."""
    later = replace(union, top=authority("List of lists, second key"))
    pivot = union.list_of_lists(
        number=390, issued=ISSUED - timedelta(days=9), pointers=[("EU", True, [later.top])]
    )
    (folder / "lists" / "eu.xml").write_bytes(pivot)
    top = later.list_of_lists(number=401, locations=[PIVOT])
    done = update({LIST_OF_LISTS: top, XX: union.list(*services(world), number=8)})
    assert [one.file for one in done.problems] == [PIVOT]
    assert (folder / "lists" / "eu.xml").read_bytes() == pivot
    assert numbers(folder) == (401, {"XX": 8})


def _broken(union: Union, world: World) -> dict[str, bytes]:
    stranger = Union.create()
    top = union.list_of_lists(number=401)
    return {
        "a stranger's": stranger.list_of_lists(number=500),
        "changed": top.replace(b">401<", b">402<"),
        "older": union.list_of_lists(number=399),
        "no list": b"<html/>",
        "no XML": b"404 not found",
        "empty": b"",
        "a country's": union.list(*services(world)),
    }


@pytest.mark.parametrize(
    "kind", ["a stranger's", "changed", "older", "no list", "no XML", "empty", "a country's"]
)
def test_a_bad_list_of_lists_changes_nothing(
    kind: str, union: Union, world: World, folder: Path, update: Update
) -> None:
    """Whatever is wrong with it, every octet of the folder stays."""
    before = state(folder)
    new = union.list(*services(world), number=8)
    with pytest.raises(TrustUpdateFailed):
        update({LIST_OF_LISTS: _broken(union, world)[kind], XX: new})
    assert state(folder) == before


def test_an_unreachable_list_of_lists_changes_nothing(folder: Path, update: Update) -> None:
    """The same when there is none."""
    before = state(folder)
    with pytest.raises(TrustUpdateFailed, match="nothing there"):
        update({})
    assert state(folder) == before


@pytest.mark.parametrize("kind", ["missing", "stranger", "older", "changed", "other", "top"])
def test_a_bad_list_of_a_country_is_not_taken(
    kind: str, union: Union, world: World, folder: Path, update: Update
) -> None:
    """The one in the folder is kept, the address is named, and the others are updated."""
    second = authority("Scheme operator of YY")
    top = union.list_of_lists(
        number=401,
        pointers=[
            ("EU", True, [union.top]),
            ("XX", False, [union.country]),
            ("YY", False, [second]),
        ],
    )
    options = ListOptions(services=services(world), number=8)
    lists = {
        "missing": None,
        "stranger": trusted_list(authority("Scheme operator of XX"), options),
        "older": union.list(*services(world), number=6),
        "changed": union.list(*services(world), number=8).replace(b"Utopia", b"Dystopia"),
        "other": trusted_list(union.country, replace(options, territory="ZZ")),
        "top": top,
    }
    web = {
        LIST_OF_LISTS: top,
        YY: trusted_list(second, replace(options, territory="YY", number=3)),
        XX: lists[kind],
    }
    done = update({address: data for address, data in web.items() if data is not None})
    assert [one.file for one in done.problems] == [XX]
    assert [one.title for one in done.replaced] == ["list 401 (EU)", "list 3 (YY)"]
    assert numbers(folder) == (401, {"XX": 7, "YY": 3})


def test_what_is_not_understood_is_left_alone(
    union: Union, world: World, folder: Path, update: Update
) -> None:
    """A file of the operator's that is no list that could be superseded stays where it is."""
    (folder / "lists" / "note.txt").write_text("mine")
    (folder / "lists" / "other.xml").write_text("<mine/>")
    update({LIST_OF_LISTS: union.list_of_lists(number=401), XX: union.list(*services(world))})
    assert {"note.txt", "other.xml"} < set(state(folder))


def test_a_full_disk_changes_nothing(
    union: Union, world: World, folder: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the second file cannot be written, the first is taken back."""
    before, calls, sync = state(folder), [], os.fsync

    def fail(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ConfigurationError, match="No space left"):
        update(
            {
                LIST_OF_LISTS: union.list_of_lists(number=401),
                XX: union.list(*services(world), number=8),
            }
        )
    assert len(calls) == 2
    assert state(folder) == before


def test_a_reader_always_finds_a_whole_state(
    union: Union, world: World, folder: Path, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each single change of the folder the lists verify, and the seal passes by them."""
    seen = []
    rename, unlink = Path.replace, Path.unlink

    def look(result: Any) -> Any:
        assert verify(world.json(), trust=TrustStore.load(folder), now=NOW).passed
        seen.append(numbers(folder))
        return result

    monkeypatch.setattr(Path, "replace", lambda *given: look(rename(*given)))
    monkeypatch.setattr(Path, "unlink", lambda *given: look(unlink(*given)))
    update(
        {
            LIST_OF_LISTS: union.list_of_lists(number=401),
            XX: union.list(*services(world), number=8),
        }
    )
    assert seen == [(400, {"XX": 8}), *3 * [(401, {"XX": 8})]]
