"""A document that is checked by another process gives what it gives in this one."""

import gzip
import os
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from europass_ld.config import Settings
from europass_ld.documents import Source, find_sources, read_document
from europass_ld.errors import ValidationError
from europass_ld.ingest import LoadOptions, apart, examination, load_delivery, plan_deliveries
from europass_ld.ingest.apart import CheckApart
from europass_ld.ingest.checks import CheckedRecord, DocumentCheck
from europass_ld.store import EarlierChecks, Reader, Store
from europass_ld.validate.report import Finding
from europass_ld.vocabularies import load_code_lists
from tests.processes import marked, running
from tests.shared import ROOT

SETTINGS = Settings(base="https://ld.example.org/")
(SAMPLE,) = (ROOT / "data" / "samples" / "it-catalogo-formazione").glob("*.xml")
MARK = f"apart-{os.getpid()}"
Outcome = tuple[list[CheckedRecord], list[Finding], list[tuple[str, str]], int]


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mark the processes that are started."""
    for name, value in marked(MARK).items():
        monkeypatch.setenv(name, value)


def outcome(check: DocumentCheck | CheckApart) -> Outcome:
    """Run a check, and return all that it tells."""
    records = list(check)
    return records, list(check.remaining_findings()), list(check.classes()), check.size


def both(source: Source, earlier: EarlierChecks | None = None) -> Iterator[Outcome]:
    """Check a document in this process, then in another."""
    for kind in (DocumentCheck, CheckApart):
        yield outcome(
            kind(
                read_document(source),
                SETTINGS,
                load_code_lists(),
                base=SETTINGS.base,
                strict=True,
                earlier=earlier,
            )
        )


@pytest.mark.parametrize("packing", ["plain", "gzip", "zip"])
def test_the_outcome_is_the_same(tmp_path: Path, packing: str) -> None:
    """Records, findings, classes and size are the same, however the document is packed."""
    text = (
        SAMPLE.read_bytes().replace(b"</title>", b"</titel>", 1).replace(b"</titel>", b"</title>")
    )
    text = text.replace(b'language="it"', b'language="?"', 1).replace(b'idref="', b'idref="x', 1)
    path = tmp_path / "a"
    if packing == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner/a.xml", text)
    else:
        path.write_bytes(gzip.compress(text) if packing == "gzip" else text)
    (source,) = find_sources([path], SETTINGS)
    here, there = both(source)
    assert here == there
    records, findings, classes, size = here
    assert size == len(text)
    assert len(classes) == len(records) > 40
    assert any(one.lifted is None for one in records)
    assert any(one.rule.startswith("reference/") for one in findings)


def test_a_document_that_breaks_off(tmp_path: Path) -> None:
    """What was read is told, and where it broke off."""
    path = tmp_path / "a.xml"
    path.write_bytes(SAMPLE.read_bytes()[:-3000])
    (source,) = find_sources([path], SETTINGS)
    here, there = both(source)
    assert here == there
    assert [one.rule for one in here[1]] == ["document/malformed"]


def test_a_delivery_is_the_same(tmp_path: Path) -> None:
    """Two versions come into the store as they do by one process, repeated records included."""
    path = tmp_path / "a.xml"
    results = []
    for large in (1 << 40, 0):
        with (
            patch.object(examination, "LARGE", large),
            Store.create(tmp_path / str(large), SETTINGS.base) as store,
        ):
            for by in (0, 1):
                text = SAMPLE.read_text("utf-8")
                path.write_text(text.replace("</title>", " (2)</title>", by), "utf-8")
                (plan,) = plan_deliveries([path], SETTINGS, base=store.base, dataset="e:d")
                result = load_delivery(store, plan, SETTINGS, load_code_lists(), LoadOptions())
                with Reader(store.directory) as reader:
                    results.append(
                        (
                            result.difference,
                            result.report.findings,
                            result.records,
                            result.triples,
                            [*reader.statements("e:d")],
                        )
                    )
    assert results[:2] == results[2:]
    assert results[1][0].changed == 1


@pytest.mark.usefixtures("mark")
def test_a_process_that_is_killed(tmp_path: Path) -> None:
    """Nothing is taken for whole when the other process is ended, be it for want of memory."""
    path = tmp_path / "a.xml"
    text = SAMPLE.read_text("utf-8")
    start = text.index("<learningOpportunityReferences>") + len("<learningOpportunityReferences>")
    end = text.index("</learningOpportunityReferences>")
    path.write_text(text[:start] + text[start:end] * 40 + text[end:], "utf-8")
    (source,) = find_sources([path], SETTINGS)
    check = CheckApart(read_document(source), SETTINGS, load_code_lists(), base=SETTINGS.base)
    records = iter(check)
    next(records)
    (pid,) = running(MARK)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ValidationError, match="the process that checks it ended with -9"):
        list(records)
    assert not running(MARK)


@pytest.mark.parametrize("kept", [0, 5, 60])
def test_an_answer_that_breaks_off(kept: int) -> None:
    """Half of an answer is none, wherever it ends."""
    (source,) = find_sources([SAMPLE], SETTINGS)
    check = CheckApart(read_document(source), SETTINGS, load_code_lists(), base=SETTINGS.base)
    command = (
        "import pickle, sys; sys.stdin.buffer.read(); "
        f"sys.stdout.buffer.write(pickle.dumps((1, ['a' * 100]))[:{kept}])"
    )
    with (
        patch.object(apart, "_COMMAND", command),
        pytest.raises(ValidationError, match="the process that checks it ended with 0"),
    ):
        list(check)


@pytest.mark.usefixtures("mark")
def test_who_stops_asking_leaves_no_process() -> None:
    """An error here, or an interrupt, ends the other process too."""
    (source,) = find_sources([SAMPLE], SETTINGS)
    check = CheckApart(read_document(source), SETTINGS, load_code_lists(), base=SETTINGS.base)
    for _ in check:
        assert len(running(MARK)) == 1
        break
    assert not running(MARK)


def test_other_code_lists(capfd: pytest.CaptureFixture[str]) -> None:
    """Codes are never checked by other lists than those that the version will name."""
    (source,) = find_sources([SAMPLE], SETTINGS)
    with patch.object(type(load_code_lists()), "version", "another"):
        check = CheckApart(read_document(source), SETTINGS, load_code_lists(), base=SETTINGS.base)
    with pytest.raises(ValidationError, match="ended with 1"):
        list(check)
    assert "the code lists are of version" in capfd.readouterr().err
