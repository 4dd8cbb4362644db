"""The documents that benchmarks run on: valid, complete, repeatable. Runs by default."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from europass_ld.config import Settings
from europass_ld.documents import find_sources
from europass_ld.ingest import validate_documents
from europass_ld.mapping import MappedClass, load_mapping
from europass_ld.vocabularies import load_code_lists
from tests.shared import corpus
from tests.tools.generate_loq import generate

VERSIONS = ("3.1", "3.3")
SMALL = 200_000


def records(path: Path) -> dict[str, bytes]:
    """Return the text of every record of a document by its id."""
    return {one.get("id"): etree.tostring(one) for one in etree.parse(path).xpath("/*/*/*")}


@pytest.mark.parametrize("version", VERSIONS)
def test_no_check_finds_anything(version: str, tmp_path: Path) -> None:
    """Structure, references, notations, codes and shapes find nothing, not even an Info."""
    generate(tmp_path / "courses.xml", SMALL, version=version)
    settings = Settings()
    sources = [*find_sources([tmp_path], settings)]
    assert validate_documents(sources, settings, load_code_lists(), strict=True).findings == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_official_schema_accepts_it(version: str, tmp_path: Path) -> None:
    """The official XML Schema, with its keys and code lists, finds it valid."""
    generate(tmp_path / "courses.xml", SMALL, version=version)
    path = corpus() / "official" / f"elm-{version}" / "xsd" / "loq" / "loq.xsd"
    etree.XMLSchema(etree.parse(path)).assertValid(etree.parse(tmp_path / "courses.xml"))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_element_of_every_class_occurs(version: str, tmp_path: Path) -> None:
    """Every row of the mapping has an element in the document."""
    generate(tmp_path / "courses.xml", SMALL, version=version)
    table = load_mapping("loq")
    root = etree.parse(tmp_path / "courses.xml").getroot()
    namespace = table.namespace(version)

    def missing(elements: list[etree._Element], mapped: MappedClass) -> Iterator[str]:
        for child in mapped.children:
            tag = child.tag(namespace)
            found = [one for element in elements for one in element.iterchildren(tag)]
            if not found:
                yield f"{mapped.name}/{child.name}"
            if child.node:
                yield from missing(found, table.nodes[child.node])

    for name, mapped in table.records.items():
        assert [*missing([*root.iter(f"{{{namespace}}}{name}")], mapped)] == []
    assert [*missing(root.xpath("//*[@uri]"), table.nodes["Concept"])] == []


def test_a_concept_is_always_described_alike(tmp_path: Path) -> None:
    """Nothing is said of a concept in one place that is not said of it in the others."""
    generate(tmp_path / "courses.xml", SMALL)
    described: dict[str, set[bytes]] = {}
    for one in etree.parse(tmp_path / "courses.xml").xpath("//*[@uri][*]"):
        text = b"".join(etree.tostring(child, with_tail=False) for child in one)
        described.setdefault(one.get("uri"), set()).add(text)
    assert {len(texts) for texts in described.values()} == {1}


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    """The seed alone decides what is drawn."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, SMALL, seed=seed)
    first, again, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == again != other


def test_a_share_of_the_records_changes(tmp_path: Path) -> None:
    """One record in a hundred differs, all others are equal, none comes or goes."""
    before = generate(tmp_path / "before.xml", 5_000_000)
    after = generate(tmp_path / "after.xml", 5_000_000, changed_share=0.01)
    old, new = records(tmp_path / "before.xml"), records(tmp_path / "after.xml")
    assert before.changed == 0
    assert old.keys() == new.keys()
    assert len(old) == before.records == after.records
    assert sum(old[iri] != new[iri] for iri in old) == after.changed == after.records // 100


def test_size_is_about_what_was_asked_for(tmp_path: Path) -> None:
    """A document is as large as asked for, give or take a twentieth."""
    written = generate(tmp_path / "courses.xml", 10_000_000)
    assert written.size == (tmp_path / "courses.xml").stat().st_size
    assert written.size == pytest.approx(10_000_000, rel=0.05)
