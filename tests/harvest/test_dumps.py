"""Dumps: what is in them, that they are the same each time, and that there is never half of one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from europass_ld.errors import StoreError, UnknownDataset
from europass_ld.harvest import drop_dumps, find_dump, make_dump, make_latest_dumps
from europass_ld.harvest.dumps import dumps_changed
from europass_ld.harvest.forms import SUFFIXES
from europass_ld.harvest.names import dataset_name
from europass_ld.store import Reader, Store, Version, content_hash
from tests.store.making import CATALOGUE, OTHER, iri, record
from tests.store.making import load as load_records
from tests.test_signing import KEYS, pem, write

from .dumping import BASE, FIRST, REGISTER, SECOND, checked, content, load, triples


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load two versions of a register of opportunities, and a register of accreditations."""
    directory = tmp_path_factory.mktemp("dumps") / "store"
    load(directory, FIRST, SECOND, REGISTER)
    return directory


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Make a store with four versions of one dataset and one of another."""
    directory = tmp_path / "small"
    with Store.create(directory, BASE) as store:
        for number in range(4):
            load_records(store, CATALOGUE, record("a", f"Title {number}"), record("b"))
        load_records(store, OTHER, record("c"))
    return directory


def test_all_forms_say_what_is_published(directory: Path, tmp_path: Path) -> None:
    """N-Quads are canonical, Turtle has the same triples, and XML loads to the same graph."""
    make_latest_dumps(directory, keep=1)
    with Reader(directory) as reader:
        datasets = reader.datasets()
        assert {one.family for one in datasets} == {"loq", "ams"}
        for dataset in datasets:
            version = reader.versions(dataset.iri)[-1]
            found = find_dump(directory, dataset.iri, version.number)
            assert found is not None
            manifest = checked(found)
            graph = list(
                reader.store.quads_for_pattern(None, None, None, ox.NamedNode(dataset.iri))
            )
            assert manifest["canonicalHash"] == content_hash(graph)
            assert manifest["complete"] is True
            assert manifest["triples"] == version.triples == len(graph)
            assert manifest["records"] == version.records > 0
            quads = content(found / "nq.gz")
            assert sorted(quads.split(b"\n")[:-1]) == quads.split(b"\n")[:-1]
            assert set(ox.parse(quads, ox.RdfFormat.N_QUADS)) == set(graph)
            expected = {quad.triple for quad in graph}
            assert triples(content(found / "ttl.zst"), ox.RdfFormat.TURTLE) == expected
            again = tmp_path / f"{dataset.family}.xml"
            again.write_bytes(content(found / "xml.zst"))
            copy = tmp_path / f"copy-{dataset.family}"
            load(copy, again, dataset=dataset.iri)
            with Reader(copy) as other:
                parts = b"".join(other.dump(dataset.iri))
            assert parts == quads


def test_made_elsewhere_the_bytes_are_the_same(directory: Path, tmp_path: Path) -> None:
    """Another store with the same deliveries, in another order and later, has the same dumps.

    There they are written whole; here, where there was a version before, they come from its dumps.
    """
    other = tmp_path / "elsewhere"
    load(other, REGISTER, SECOND)
    with Reader(directory) as reader:
        datasets = {one.iri: reader.versions(one.iri)[-1].number for one in reader.datasets()}
    for name, number in datasets.items():
        drop_dumps(directory, name)
        for earlier in range(1, number):
            make_dump(directory, name, earlier, keep=2)
        here = make_dump(directory, name, number, keep=2)
        there = make_dump(other, name, 1, keep=1)
        assert here.parent.name == there.parent.name == dataset_name(name)
        for suffix in SUFFIXES:
            assert (here / suffix).read_bytes() == (there / suffix).read_bytes(), suffix


def test_an_older_version_is_as_it_was(small: Path, tmp_path: Path) -> None:
    """Dumps of a version that has been superseded are those that were made when it was new."""
    early = tmp_path / "early"
    with Store.create(early, BASE) as store:
        load_records(store, CATALOGUE, record("a", "Title 0"), record("b"))
    then, now = (make_dump(one, CATALOGUE.iri, 1, keep=1) for one in (early, small))
    for one in checked(then, forms=2)["files"]:
        suffix = one["name"].partition(".")[2]
        assert (then / suffix).read_bytes() == (now / suffix).read_bytes()
    with pytest.raises(StoreError, match="has no version 9"):
        make_dump(small, CATALOGUE.iri, 9, keep=1)
    with pytest.raises(UnknownDataset):
        make_dump(small, "https://nowhere.example/", 1, keep=1)


def test_a_withdrawn_dataset_has_empty_dumps(small: Path) -> None:
    """What holds no record is dumped as documents without any."""
    with Store.open(small) as store:
        store.withdraw(OTHER.iri)
    found = make_dump(small, OTHER.iri, 2, keep=1)
    assert checked(found)["records"] == 0
    assert content(found / "nq.zst") == b""
    assert triples(content(found / "ttl.gz"), ox.RdfFormat.TURTLE) == set()
    assert content(found / "xml.gz").endswith(b'xsdVersion="3.3.1">\n</Courses>\n')


def test_the_newest_and_what_is_asked_for_stay(small: Path) -> None:
    """Of three that are kept one is the newest; the others are those that were used last."""
    for number in (4, 1, 2):
        make_dump(small, CATALOGUE.iri, number, keep=3)
    os.utime(find_dump(small, CATALOGUE.iri, 2) or "", ns=(0, 0))
    make_dump(small, CATALOGUE.iri, 3, keep=3)
    there = [number for number in range(1, 5) if find_dump(small, CATALOGUE.iri, number)]
    assert there == [1, 3, 4]


def test_a_version_is_dumped_before_it_is_served(small: Path) -> None:
    """The dumps of a committed version need no generation, and are those made when it is served.

    Of what is served the dumps stay meanwhile, and go when it is no longer; nobody is told yet.
    """
    make_latest_dumps(small, keep=1)
    told = dumps_changed(small)
    early: dict[str, bytes] = {}

    def dump(version: Version) -> None:
        with Reader(small) as reader:
            assert version not in reader.versions(CATALOGUE.iri)
        folder = make_dump(small, CATALOGUE.iri, version.number, keep=1)
        early.update((path.name, path.read_bytes()) for path in folder.iterdir())
        assert find_dump(small, CATALOGUE.iri, 4)
        assert dumps_changed(small) == told

    with Store.open(small, committed=dump) as store:
        load_records(store, CATALOGUE, record("a", "Title 5"), record("d"))
    assert find_dump(small, CATALOGUE.iri, 5) == make_dump(small, CATALOGUE.iri, 5, keep=1)
    assert not find_dump(small, CATALOGUE.iri, 4)
    assert dumps_changed(small) > told
    drop_dumps(small, CATALOGUE.iri)
    folder = make_dump(small, CATALOGUE.iri, 5, keep=1)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == early


def test_what_came_meanwhile_stays(small: Path) -> None:
    """Of a version that was made while another process waited, that one does not take the dumps."""
    newest = make_dump(small, CATALOGUE.iri, 4, keep=1)
    newer = shutil.copytree(newest, newest.with_name("5"))
    make_dump(small, CATALOGUE.iri, 1, keep=1)
    assert newer.is_dir()


def test_dropped_dumps_are_gone(small: Path) -> None:
    """Nothing is left of the dumps of a dataset; another keeps its own, new ones can be made."""
    make_latest_dumps(small, keep=1)
    drop_dumps(small, CATALOGUE.iri)
    drop_dumps(small, "https://nowhere.example/")
    assert [path.name for path in (small / "dumps" / dataset_name(CATALOGUE.iri)).iterdir()] == [
        "lock"
    ]
    assert find_dump(small, OTHER.iri, 1)
    assert checked(make_dump(small, CATALOGUE.iri, 4, keep=1), forms=2)


def test_what_xml_cannot_say_is_had_as_rdf(small: Path) -> None:
    """Where a record has no form in XML, the manifest says why, and the other forms are there."""
    odd = f'<{iri("c")}> <https://x.example/p> "v" .'
    with Store.open(small) as store:
        load_records(store, OTHER, record("c", more=(odd,)))
    found = make_dump(small, OTHER.iri, 2, keep=1)
    assert "https://x.example/p" in checked(found, forms=2)["omitted"]["xml"]
    assert not list(found.glob("xml*"))
    assert odd[:-2].encode() in content(found / "nq.gz")


def test_a_key_signs_the_manifest(small: Path, tmp_path: Path) -> None:
    """Another library accepts the signature over the manifest as it stands."""
    key = write(tmp_path, pem(KEYS["EdDSA"]))
    found = make_dump(small, CATALOGUE.iri, 4, keep=1, signing_key=key)
    token = JWS()
    token.deserialize((found / "manifest.json.jws").read_text())
    octets = (found / "manifest.json").read_bytes()
    token.verify(JWK(**token.jose_header["jwk"]), detached_payload=octets)
    assert json.loads(octets)["version"] == 4


def test_ended_on_the_way_nothing_is_left(directory: Path) -> None:
    """A process that is asked to end while it makes a dump takes away what it has begun."""
    with Reader(directory) as reader:
        name = next(one.iri for one in reader.datasets() if one.family == "loq")
    drop_dumps(directory, name)
    folder = directory / "dumps" / dataset_name(name)
    command = [sys.executable, "-m", "europass_ld.harvest.remake", str(directory), name, "1", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        while not list(folder.glob(".*/*")):
            time.sleep(0.001)
        process.terminate()
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, b"")
    assert [path.name for path in folder.iterdir()] == ["lock"]


@pytest.mark.parametrize("seconds", [0.35, 0.5, 0.65, 0.8])
def test_killed_on_the_way_there_is_nothing_or_all(directory: Path, seconds: float) -> None:
    """Whenever the process that makes a dump is killed, what is found is whole, or nothing is."""
    with Reader(directory) as reader:
        name = next(one.iri for one in reader.datasets() if one.family == "loq")
    drop_dumps(directory, name)
    command = [sys.executable, "-m", "europass_ld.harvest.remake", str(directory), name, "1", "1"]
    with subprocess.Popen(command) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
    found = find_dump(directory, name, 1)
    assert found is None or checked(found)
    assert checked(make_dump(directory, name, 1, keep=2))
    assert not list((directory / "dumps" / dataset_name(name)).glob(".*"))
