"""The samples in data/samples: what they hold, that they conform, and that broken ones do not."""

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import shacl
from lxml import etree

from europass_ld.config import Settings
from europass_ld.documents import RecordStream, Source, find_sources, read_document
from europass_ld.ingest import validate_documents
from europass_ld.ingest.dataset_file import FILE_NAME, read_dataset_file
from europass_ld.lift import Lifter
from europass_ld.mapping import MappedClass, MappingTable, load_mapping
from europass_ld.resources import find
from europass_ld.validate.report import Severity
from europass_ld.vocabularies import CodeLists, load_code_lists
from tests.shared import corpus

SAMPLES = find("data") / "samples"
BROKEN = SAMPLES / "broken"
SETTINGS = Settings()
DATASETS = sorted(SAMPLES.rglob(FILE_NAME))
FILES = [file for dataset in DATASETS for file in read_dataset_file(dataset)[1]]
NAMES = [str(file.relative_to(SAMPLES)) for file in FILES]

UNCOVERED: dict[tuple[str, str], str] = {}
"""Elements in classes that no sample has, with the reason: none is missing today."""

WARNINGS = {
    "el-mitroo-mathisis/efkairies.xml": {"reference/dangling": 7},
    "fi-koulutustarjonta/v1/opportunities.xml": {"practice/description-markup": 1},
    "fi-koulutustarjonta/v2/opportunities.xml": {"practice/description-markup": 1},
}
"""Everything below an Error that is not a mere Info, by file and rule."""

ISCED_F = "http://data.europa.eu/snb/isced-f/"
FEATURES = {
    "hash IRI": ("fi", "//*[local-name()='learningOutcome'][contains(@id, '#2')]"),
    "three levels of ISCED-F": (
        "fi",
        f"//*[*/@uri = '{ISCED_F}06' and */@uri = '{ISCED_F}061' and */@uri = '{ISCED_F}0613']",
    ),
    "HTML in a description": ("fi", "//*[local-name()='description'][contains(., '<p>')]"),
    "a duration of nothing": ("fi", "//*[local-name()='duration'][. = 'P0Y0M']"),
    "a duration of twelve months": ("fi", "//*[local-name()='duration'][. = 'P12M']"),
    "time without a zone": ("fi", "//*[local-name()='startDate'][string-length(.) = 19]"),
    "time with an offset": ("fr", "//*[local-name()='startDate'][contains(., '+02:00')]"),
    "time in UTC": ("fr", "//*[local-name()='startDate'][contains(., 'Z')]"),
    "a price of nothing": ("fi", "//*[local-name()='value'][. = '0']"),
    "a price that is not given": (
        "fi",
        "//*[local-name()='learningOpportunity'][not(*[local-name()='priceDetail'])]",
    ),
    "a currency of its own": ("pl", "//*[local-name()='unit'][contains(@uri, '/PLN')]"),
    "an opportunity without a place": (
        "fi",
        "//*[local-name()='learningOpportunity'][not(*[local-name()='location'])]",
    ),
    "a programme accreditation": ("fr", "//*[local-name()='limitQualification']"),
    "a specification without outcomes": (
        "pl",
        "//*[local-name()='targetGroup' and not(../*[local-name()='learningOutcome'])]",
    ),
    "an accreditation limited by level and field": (
        "be",
        "//*[*[local-name()='limitField'] and *[local-name()='limitEQFLevel']]",
    ),
    "an expired accreditation": (
        "be",
        "//*[local-name()='expiryDate'][starts-with(., '2023')]",
    ),
    "a qualification of another dataset": ("fr", "//*[local-name()='qualificationReference']"),
    "the 3.3 namespace with a version": (
        "fi",
        "/*[@xsdVersion='3.3.1'][not(contains(name(), ':'))]",
    ),
    "a prefixed namespace": ("fr", "/*[name()='loq:Courses']"),
    "the 3.1 namespace without a version": (
        "de",
        "/*[contains(namespace-uri(), '/ap/')][not(@xsdVersion)]",
    ),
}


class Verdict(NamedTuple):
    """What a broken sample must get: from our checks, and from the official schema."""

    rule: str
    severity: Severity
    line: int | None
    schema: bool | None
    """Whether the official schema accepts it; None: it is not even well-formed."""


ERROR, WARNING = Severity.ERROR, Severity.WARNING
VERDICTS = {
    "bad-date": Verdict("structure", ERROR, 14, schema=False),
    "children-without-namespace": Verdict("structure", ERROR, 3, schema=False),
    "dangling-reference": Verdict("reference/dangling", ERROR, 38, schema=False),
    "decimal-comma": Verdict("structure", ERROR, 21, schema=False),
    "doctype": Verdict("document/malformed", ERROR, 2, schema=True),
    "duplicate-id": Verdict("identifier/duplicate", ERROR, 54, schema=False),
    "encoding": Verdict("document/malformed", ERROR, 5, schema=None),
    "html": Verdict("practice/description-markup", WARNING, 4, schema=True),
    "language-tag": Verdict("value/unmappable", ERROR, 5, schema=True),
    "missing-homepage": Verdict("structure", ERROR, 4, schema=False),
    "missing-url": Verdict("shape/MinCount", ERROR, 4, schema=True),
    "new-region": Verdict("code/unknown", WARNING, 58, schema=False),
    "truncated": Verdict("document/malformed", ERROR, 51, schema=None),
    "two-titles": Verdict("shape/UniqueLang", ERROR, 4, schema=True),
    "unknown-element": Verdict("structure", ERROR, 18, schema=False),
    "unknown-publisher": Verdict("reference/dangling", WARNING, 28, schema=True),
    "wrong-code": Verdict("code/unknown", ERROR, 36, schema=False),
    "wrong-namespace": Verdict("document/unsupported", ERROR, None, schema=False),
    "wrong-order": Verdict("structure", ERROR, 13, schema=False),
}


@pytest.fixture(scope="module")
def code_lists(tmp_path_factory: pytest.TempPathFactory) -> CodeLists:
    """Return the shipped lists from a cache directory of the test run."""
    return load_code_lists(cache=tmp_path_factory.mktemp("cache"))


def _source(file: Path) -> Source:
    (source,) = find_sources([file], SETTINGS)
    return source


@cache
def _root(file: Path) -> etree._Element:
    data = file.read_bytes()
    return etree.fromstring(gzip.decompress(data) if file.suffix == ".gz" else data)


def _table(root: etree._Element) -> MappingTable:
    return next(
        table
        for table in map(load_mapping, ("loq", "ams"))
        if etree.QName(root).namespace in table.namespaces
    )


def _records(root: etree._Element) -> Iterator[etree._Element]:
    for container in root:
        yield from container.iterchildren("{*}*")


def _current() -> list[Path]:
    return [file for file in FILES if file.parent.name != "v1"]


def _pairs(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield class and element for every element of a document."""
    table, namespace = _table(root), str(etree.QName(root).namespace)

    def walk(element: etree._Element, mapped: MappedClass) -> Iterator[tuple[str, str]]:
        children = {child.tag(namespace): child for child in mapped.children}
        for found in element.iterchildren("{*}*"):
            child = children[str(found.tag)]
            yield mapped.name, child.name
            nested = "Concept" if child.kind == "code" else child.node
            if nested is not None:
                yield from walk(found, table.nodes[nested])

    for record in _records(root):
        yield from walk(record, table.records[etree.QName(record).localname])


def test_together_they_are_small() -> None:
    """The folder stays below 2 MB, because it ships in the wheel."""
    size = sum(file.stat().st_size for file in SAMPLES.rglob("*") if file.is_file())
    assert size < 2_000_000


def test_every_document_belongs_to_a_dataset() -> None:
    """No sample lies about that no dataset.toml delivers."""
    lying = {
        file
        for file in SAMPLES.rglob("*.xml*")
        if BROKEN not in file.parents and file not in set(FILES)
    }
    assert not lying
    assert len({read_dataset_file(dataset)[0].iri for dataset in DATASETS}) == 9


@pytest.mark.parametrize("path", DATASETS, ids=lambda path: path.parent.name)
def test_datasets_are_described_in_full(path: Path, code_lists: CodeLists) -> None:
    """A catalogue can be made of every dataset.toml: nothing is left out, the country exists."""
    dataset, files = read_dataset_file(path)
    country = f"http://publications.europa.eu/resource/authority/country/{dataset.country}"
    assert code_lists.label(country, ["en"])
    assert all((dataset.title["en"], dataset.description["en"], dataset.publisher_name["en"]))
    assert dataset.publisher
    assert dataset.licence
    assert dataset.contact
    assert dataset.frequency in {"DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "IRREG"}
    assert {_table(_root(file)).family for file in files} == {dataset.family}


def test_every_kind_of_record_occurs_and_the_main_ones_often() -> None:
    """A query, a page and a map find enough: some 170 opportunities and what they lead to."""
    kinds = Counter(
        etree.QName(record).localname for file in _current() for record in _records(_root(file))
    )
    assert set(kinds) == set(load_mapping("loq").records)
    assert kinds["learningOpportunity"] >= 80
    assert kinds["qualification"] + kinds["learningAchievementSpecification"] >= 80
    assert kinds["accreditation"] >= 20


def test_many_languages() -> None:
    """Nine languages carry enough text to read, so that language choice can be tried."""
    texts = Counter(
        element.get("language") for file in _current() for element in _root(file).iter("{*}*")
    )
    del texts[None]
    assert {tag for tag, count in texts.items() if count >= 20} == {
        *("de", "el", "en", "es", "fi", "fr", "it", "pl", "sv"),
    }


@pytest.mark.parametrize("family", ["loq", "ams"])
def test_every_element_of_every_class_occurs(family: str) -> None:
    """What the mapping can lift, the samples show: all pairs of class and element."""
    table = load_mapping(family)
    known = {
        (mapped.name, child.name)
        for mapped in (*table.records.values(), *table.nodes.values())
        for child in mapped.children
    }
    found = {pair for file in FILES for pair in _pairs(_root(file)) if _table(_root(file)) is table}
    assert known - found == set(UNCOVERED)


@pytest.mark.parametrize("feature", FEATURES)
def test_features(feature: str) -> None:
    """Each peculiarity that real publishers have stands where the README says."""
    folder, xpath = FEATURES[feature]
    files = [file for file in FILES if file.relative_to(SAMPLES).parts[0].startswith(folder)]
    assert any(_root(file).getroottree().xpath(xpath) for file in files)


def test_ways_of_delivery() -> None:
    """One dataset comes compressed, one in several files, one in another encoding, one in part."""
    assert [file.name for file in FILES if file.suffix == ".gz"] == ["oferty.xml.gz"]
    assert [len(read_dataset_file(path)[1]) for path in DATASETS].count(3) == 1
    encodings = {_root(file).getroottree().docinfo.encoding for file in FILES}
    assert encodings == {"UTF-8", "ISO-8859-1"}
    assert {read_dataset_file(path)[0].delivery for path in DATASETS} == {"complete", "partial"}


def test_second_version_changes_a_little() -> None:
    """v2 adds two records, deletes two and changes about a tenth: below every hold-back limit."""
    first, second = (
        {
            record.get("id"): etree.tostring(record, method="c14n", with_tail=False)
            for record in _records(_root(SAMPLES / "fi-koulutustarjonta" / name))
        }
        for name in ("v1/opportunities.xml", "v2/opportunities.xml")
    )
    changed = [iri for iri in first.keys() & second.keys() if first[iri] != second[iri]]
    assert len(second.keys() - first.keys()) == len(first.keys() - second.keys()) == 2
    assert 0.05 <= len(changed) / len(first) <= 0.15


def test_organisations_are_described_by_several_datasets() -> None:
    """The same IRI stands in two or three datasets, with different words, as in real life."""
    descriptions: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for file in _current():
        for record in _root(file).iter("{*}organisation"):
            if iri := record.get("id"):
                folder = file.relative_to(SAMPLES).parts[0]
                text = etree.tostring(record, method="c14n", with_tail=False)
                descriptions[iri][folder] = text
    shared = [list(each.values()) for each in descriptions.values() if len(each) > 1]
    assert len(shared) >= 10
    assert max(map(len, shared)) == 3
    assert all(len(set(each)) == len(each) for each in shared)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_samples_conform(file: Path, code_lists: CodeLists) -> None:
    """Our own checks find no error, and no warning but the ones that the README announces."""
    report = validate_documents([_source(file)], SETTINGS, code_lists)
    found = Counter(one.rule for one in report.findings if one.severity > Severity.INFO)
    assert found == WARNINGS.get(str(file.relative_to(SAMPLES)), {})


def test_broken_samples_are_all_known() -> None:
    """Every broken document has a verdict here and a line in the README."""
    names = {file.stem for file in BROKEN.glob("*.xml")}
    assert names == {*VERDICTS, "correct"}
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert not [name for name in names if f"`{name}.xml`" not in text]


@pytest.mark.parametrize("name", VERDICTS)
def test_broken_samples_show_one_mistake(name: str, code_lists: CodeLists) -> None:
    """Exactly the mistake is found, by its rule, in the line where it stands."""
    verdict = VERDICTS[name]
    report = validate_documents([_source(BROKEN / f"{name}.xml")], SETTINGS, code_lists)
    first = report.findings[0]
    assert {(one.rule, one.severity) for one in report.findings} == {verdict[:2]}
    assert (first.severity, first.line) == (verdict.severity, verdict.line)


def test_the_correct_one_is_correct(code_lists: CodeLists) -> None:
    """The document that all broken ones started from has nothing to be found, not even an Info."""
    report = validate_documents([_source(BROKEN / "correct.xml")], SETTINGS, code_lists)
    assert report.findings == ()


@cache
def _official(family: str, version: str) -> etree.XMLSchema:
    return etree.XMLSchema(
        etree.parse(corpus() / f"official/elm-{version}/xsd/{family}/{family}.xsd")
    )


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_official_schema_accepts_samples(file: Path) -> None:
    """Samples are valid with code lists and keys under the official schema of their version."""
    root = _root(file)
    table = _table(root)
    version = table.namespaces[str(etree.QName(root).namespace)]
    _official(table.family, version).assertValid(root)


@pytest.mark.parametrize("name", [*VERDICTS, "correct"])
def test_official_schema_and_broken_samples(name: str) -> None:
    """The official schema refuses what it can see; the README says what it cannot."""
    expected = VERDICTS[name].schema if name in VERDICTS else True
    schema = _official("loq", "3.3")
    try:
        root = etree.fromstring((BROKEN / f"{name}.xml").read_bytes())
    except etree.XMLSyntaxError:
        assert expected is None
    else:
        assert schema.validate(root) is expected


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_official_shapes_accept_samples(file: Path) -> None:
    """Lifted samples conform to the official shapes, but for publishers that are not described."""
    document = read_document(_source(file))
    lifter = Lifter(document.table, document.namespace, SETTINGS.base)
    triples = "".join(lifter.record(one.element).triples for one in RecordStream(document))
    name = f"official/elm-3.1/shapes/{document.table.family.upper()}-constraints.ttl"
    shapes = shacl.Shapes.from_text((corpus() / name).read_text(encoding="utf-8"), "turtle")
    results = shapes.validate_text(triples, "ntriples").results
    dangling = WARNINGS.get(str(file.relative_to(SAMPLES)), {}).get("reference/dangling", 0)
    assert [str(one.path).strip("<>") for one in results] == [
        "http://purl.org/dc/terms/publisher"
    ] * dangling


def test_official_classes_are_covered() -> None:
    """The official schema has no element in a record that the mapping, hence the test, forgot."""
    for family in ("loq", "ams"):
        schema = corpus() / f"official/elm-3.3/xsd/{family}/{family}.xsd"
        xs = "{http://www.w3.org/2001/XMLSchema}"
        tree = etree.parse(schema)
        table = load_mapping(family)
        for mapped in table.records.values():
            name = mapped.name[0].upper() + mapped.name[1:] + "Type"
            (found,) = tree.iterfind(f"{xs}complexType[@name='{name}']")
            elements = {
                (one.get("name") or one.get("ref") or "").rpartition(":")[2]
                for one in found.iter(f"{xs}element")
            }
            assert elements <= {child.name.rpartition(":")[2] for child in mapped.children}, name
