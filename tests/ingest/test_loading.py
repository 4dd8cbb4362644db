"""Loading: what is published of a delivery, and what is kept to ourselves."""

from pathlib import Path

import pytest

from europass_ld.config import Settings
from europass_ld.ingest import LoadOptions, LoadResult, load_delivery, plan_deliveries
from europass_ld.store import Reader, Store
from europass_ld.vocabularies import load_code_lists
from tests.shared import ROOT

SETTINGS = Settings(base="https://ld.example.org/")
HTML = ROOT / "data" / "samples" / "broken" / "html.xml"


def load(directory: Path, *paths: Path, dataset: str | None = None) -> list[LoadResult]:
    """Load paths into the store in `directory`, made if it is not there."""
    opened = Store.open if (directory / "log.sqlite").exists() else Store.create
    arguments = () if opened == Store.open else (SETTINGS.base,)
    with opened(directory, *arguments) as store:
        plans = plan_deliveries(paths, SETTINGS, base=store.base, dataset=dataset)
        return [
            load_delivery(store, plan, SETTINGS, load_code_lists(), LoadOptions()) for plan in plans
        ]


def test_no_folder_of_this_machine_is_published(tmp_path: Path) -> None:
    """Report, provenance and records name the file; where it lay is nowhere in what is served."""
    folder = tmp_path / "somebody's private folder"
    folder.mkdir()
    (folder / "html.xml").write_bytes(HTML.read_bytes())
    (result,) = load(tmp_path / "store", folder / "html.xml")
    assert result.report.findings
    assert "private" in str(result.report.findings[0].file)
    reader = Reader(tmp_path / "store")
    (dataset,) = reader.datasets()
    served = "\n".join(str(quad) for quad in reader.store)
    report = reader.report(dataset.iri, 1)
    assert report is not None
    assert "html.xml" in served
    assert "html.xml" in report
    assert "private" not in served + report


def test_provenance_says_by_which_rules(tmp_path: Path) -> None:
    """A version names the mapping, shapes, code lists, schema and software it went through."""
    (result,) = load(tmp_path / "store", HTML)
    assert result.version is not None
    facts = result.version.facts
    assert all(
        (
            facts.mapping_version,
            facts.shapes_version,
            facts.vocabulary_version,
            facts.schema_version,
            facts.software_version,
        )
    )
    assert [one.name for one in facts.files] == ["html.xml"]
    assert facts.files[0].size == HTML.stat().st_size


def test_a_record_says_where_it_stood_and_how_it_fared(tmp_path: Path) -> None:
    """Its file, its line and its verdict are kept with it."""
    load(tmp_path / "store", HTML)
    reader = Reader(tmp_path / "store")
    (described,) = reader.describe("https://data.skolverk-exempel.example/tillfalle/1")
    assert described.record.file == "html.xml"
    assert (
        "<learningOpportunity " in HTML.read_text("utf-8").splitlines()[described.record.line - 1]
    )
    assert described.record.verdict == "warnings"


def test_the_same_record_in_two_files_is_one(tmp_path: Path) -> None:
    """A delivery of several files may repeat a record, as long as it says the same."""
    for name in ("a.xml", "b.xml"):
        (tmp_path / name).write_bytes(HTML.read_bytes())
    (result,) = load(
        tmp_path / "store", tmp_path / "a.xml", tmp_path / "b.xml", dataset="urn:x:dataset"
    )
    assert result.outcome == "published"
    assert result.difference.added == 5


def test_a_description_that_changed_is_a_version(tmp_path: Path) -> None:
    """The same records with another title of the dataset: a new version without changed records."""
    folder = tmp_path / "dataset"
    folder.mkdir()
    (folder / "a.xml").write_bytes(HTML.read_bytes())
    for title in ("One", "Two"):
        (folder / "dataset.toml").write_text(
            f'iri = "https://e.example/d"\ntitle = {{ en = "{title}" }}\nfamily = "loq"\n'
        )
        (result,) = load(tmp_path / "store", folder)
        assert result.outcome == "published"
    assert (result.difference.changed, result.difference.unchanged) == (0, 5)
    assert Reader(tmp_path / "store").dataset("https://e.example/d").title == {"en": "Two"}


@pytest.mark.parametrize("name", ["loq.xml", "ams.xml"])
def test_a_document_of_another_family_is_refused(name: str, tmp_path: Path) -> None:
    """What is delivered must be what the dataset says it is."""
    family = {"loq.xml": "ams", "ams.xml": "loq"}[name]
    (tmp_path / name).write_bytes((ROOT / "tests/lift/golden" / name).read_bytes())
    (tmp_path / "dataset.toml").write_text(
        f'iri = "https://e.example/d"\ntitle = {{ en = "T" }}\nfamily = "{family}"\n'
    )
    (result,) = load(tmp_path / "store", tmp_path / name)
    assert result.outcome == "refused"
    assert [one.rule for one in result.report.findings] == ["document/family"]
