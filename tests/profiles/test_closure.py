"""Records as Europass XML: valid by the official schemas, and the same when read again."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from europass_ld.documents import find_sources
from europass_ld.errors import LiftError, LimitExceeded, UnknownDataset, UnknownRecord
from europass_ld.ingest import lift_document
from europass_ld.mapping import FAMILIES, load_mapping
from europass_ld.profiles import DatasetXml, closure, closure_xml
from europass_ld.store import Dataset, Reader, Store
from europass_ld.terms import expand
from tests.shared import corpus
from tests.store import making

from .stores import BASE, MOST_BYTES, SETTINGS, live, load


@cache
def official(version: str, family: str) -> etree.XMLSchema:
    """Return the official schema with its code lists and keys."""
    path = corpus() / "official" / f"elm-{version}" / "xsd" / family / f"{family}.xsd"
    return etree.XMLSchema(etree.parse(path))


def read_again(xml: bytes, tmp_path: Path) -> set[str]:
    """Return the N-Triples lines that a document is lifted to."""
    path = tmp_path / "again.xml"
    path.write_bytes(xml)
    (source,) = find_sources([path], SETTINGS)
    lines = lift_document(source, SETTINGS)
    return {line for record in lines for line in record.split("\n") if line}


def check_all(reader: Reader, tmp_path: Path) -> int:
    """Check the document of every live record, as the version that holds everything."""
    checked = 0
    for dataset, record in live(reader):
        xml = closure_xml(reader, record.iri, dataset=dataset, most_bytes=MOST_BYTES)
        family = reader.dataset(dataset).family
        official("3.3", family).assertValid(etree.fromstring(xml))
        again = read_again(xml, tmp_path)
        assert again.issuperset(line for line in record.triples.split("\n") if line)
        assert again == {
            line
            for one in closure(reader, record.iri, dataset=dataset, most_bytes=MOST_BYTES)
            for line in one.record.triples.split("\n")
            if line
        }
        checked += 1
    return checked


def test_every_record_is_valid_and_comes_back(reader: Reader, tmp_path: Path) -> None:
    """Each record of the samples with all classes: officially valid, and the same triples."""
    assert check_all(reader, tmp_path) == 120


@pytest.mark.slow
def test_every_real_record_is_valid_and_comes_back(everything: Reader, tmp_path: Path) -> None:
    """So is each record of all samples, of the official examples and of the Finnish exports."""
    assert check_all(everything, tmp_path) == 588


@pytest.mark.slow
def test_loaded_into_an_empty_store(reader: Reader, tmp_path: Path) -> None:
    """A record's document, loaded into a new store, makes the very same record of it."""
    before, record = next(one for one in live(reader) if one[1].lexical != "{}")
    (tmp_path / "one.xml").write_bytes(
        closure_xml(reader, record.iri, dataset=before, most_bytes=MOST_BYTES)
    )
    load(tmp_path / "store", tmp_path / "one.xml")
    with Reader(tmp_path / "store") as again:
        (described,) = again.describe(record.iri)
    assert described.record.digest == record.digest
    assert described.record.lexical == record.lexical


def in_version_3_1(reader: Reader, dataset: str, iri: str) -> bytes | None:
    """Return the older document; None where two texts stand in one note, which is newer."""
    try:
        return closure_xml(reader, iri, dataset=dataset, version="3.1", most_bytes=MOST_BYTES)
    except LiftError as error:
        if "noteLiteral stands more than once" not in str(error):
            raise
        return None


def test_an_older_version_writes_what_it_can(reader: Reader) -> None:
    """What 3.1 has a place for is valid in it; the rest is refused by name, never cut short."""
    valid = refused = 0
    for dataset, record in live(reader):
        xml = in_version_3_1(reader, dataset, record.iri)
        if xml is None:
            refused += 1
        else:
            family = reader.dataset(dataset).family
            official("3.1", family).assertValid(etree.fromstring(xml))
            valid += 1
    assert (valid, refused) == (92, 28)


@pytest.mark.parametrize("number", [0, 1])
def test_a_dataset_is_one_document(reader: Reader, number: int, tmp_path: Path) -> None:
    """A whole dataset is written as one valid document that says the same."""
    dataset = reader.datasets()[number]
    xml = b"".join(text for _, text in DatasetXml(reader, dataset.iri).items())
    official("3.3", dataset.family).assertValid(etree.fromstring(xml))
    lines = {
        line.rpartition(" <")[0] for line in b"".join(reader.dump(dataset.iri)).decode().split("\n")
    }
    assert read_again(xml, tmp_path) == {f"{line} ." for line in lines if line}


def test_references_are_those_with_keys() -> None:
    """A property is a reference in every class that has it, or in none: no row is missed."""
    for family in FAMILIES:
        table = load_mapping(family)
        kinds: dict[str, set[str]] = {}
        for mapped in (*table.records.values(), *table.nodes.values()):
            for child in mapped.children:
                kinds.setdefault(child.property, set()).add(child.kind)
        assert not [one for one in kinds.values() if "reference" in one and len(one) > 1]


def stored(directory: Path, *records: tuple[str, Iterable[str]]) -> Reader:
    """Return a reader of a store with specifications of a name and further statements."""
    with Store.create(directory, BASE) as store:
        making.load(
            store,
            Dataset(iri=f"{BASE}id/dataset/a", title={"en": "A"}, family="loq"),
            *(making.record(name, more=more) for name, more in records),
        )
    return Reader(directory)


def link(name: str, to: str, property_: str = "elm:hasPart") -> str:
    """Return the statement that one record refers to another."""
    return f"<{making.iri(name)}> <{expand(property_)}> <{making.iri(to)}> ."


def test_cycles_end(tmp_path: Path) -> None:
    """Records that refer to each other and to themselves are each written once."""
    reader = stored(tmp_path, ("a", [link("a", "b"), link("a", "a")]), ("b", [link("b", "a")]))
    found = closure(reader, making.iri("a"), most_bytes=MOST_BYTES)
    assert [one.record.iri for one in found] == [making.iri("a"), making.iri("b")]


def test_mentions_are_not_followed(tmp_path: Path) -> None:
    """What no key of the schema covers does not grow the document, nor must it be there."""
    reader = stored(tmp_path, ("a", [link("a", "nowhere", "elm:isPartOf")]), ("b", []))
    assert len(closure(reader, making.iri("a"), most_bytes=MOST_BYTES)) == 1


def test_a_limit_is_named(tmp_path: Path) -> None:
    """Too large a closure says which setting stops it, and the value."""
    reader = stored(tmp_path, ("a", [link("a", "b")]), ("b", []))
    with pytest.raises(LimitExceeded, match="max_closure_bytes") as raised:
        closure(reader, making.iri("a"), most_bytes=700)
    assert raised.value.allowed == 700


def test_a_dangling_reference_is_named(tmp_path: Path) -> None:
    """A record that could only be written as an invalid document is not written."""
    reader = stored(tmp_path, ("a", [link("a", "nowhere")]))
    with pytest.raises(LiftError, match="nowhere"):
        closure_xml(reader, making.iri("a"), most_bytes=MOST_BYTES)


def test_a_notation_occurs_once(tmp_path: Path) -> None:
    """Two files of a delivery may use one identifier; a document of both would be invalid."""
    node = f"<{making.GENID}b.2>"
    same = [
        f"<{making.iri('b')}> <{expand('adms:identifier')}> {node} .",
        f'{node} <{expand("skos:notation")}> "a" .',
    ]
    reader = stored(tmp_path, ("a", [link("a", "b")]), ("b", same))
    with pytest.raises(LiftError, match="each only once"):
        closure_xml(reader, making.iri("a"), most_bytes=MOST_BYTES)


def test_what_is_not_there(reader: Reader) -> None:
    """Unknown records and datasets are told apart."""
    dataset = reader.datasets()[0].iri
    with pytest.raises(UnknownRecord, match="no dataset describes"):
        closure_xml(reader, f"{BASE}nothing", most_bytes=MOST_BYTES)
    with pytest.raises(UnknownRecord, match="does not describe"):
        closure_xml(reader, f"{BASE}nothing", dataset=dataset, most_bytes=MOST_BYTES)
    with pytest.raises(UnknownDataset):
        DatasetXml(reader, f"{BASE}nothing")
