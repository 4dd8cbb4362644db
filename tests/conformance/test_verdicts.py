"""What each real document must get: the table of verdicts, reproduced line by line."""

from collections import Counter
from pathlib import Path

import pytest

from europass_ld.config import Settings
from europass_ld.documents import find_sources
from europass_ld.ingest import validate_documents
from europass_ld.validate.report import Severity, ValidationReport
from europass_ld.vocabularies import load_code_lists
from tests.shared import corpus

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def report_on(name: str) -> ValidationReport:
    """Validate one file of the corpus."""
    (source,) = find_sources([corpus() / name], Settings())
    return validate_documents([source], Settings(), load_code_lists())


def rules(report: ValidationReport, severity: Severity) -> Counter[str]:
    """Count the findings of a severity by rule."""
    return Counter(one.rule for one in report.findings if one.severity is severity)


@pytest.mark.parametrize(
    ("name", "dangling"),
    [
        ("loq/official_HEAD_v3.1.0_loq.xml", 15),
        # the official shape of a learning achievement specification is deactivated, our check
        # of references is not: 13 where the official shapes see 11
        ("loq/official_HEAD_v3.1.0_loq_withLearningAchievementSpecification.xml", 13),
        ("loq/official_hist_2024-01-18_ff8b05e_loq.xml", 15),
        ("ams/official_HEAD_v3.1.0_ams.xml", 5),
        ("loq/oph_fi_unit_test_records_ELM3.1.xml", 0),
        ("loq/oph_fi_unit_test_records_ELM3.3.xml", 0),
    ],
)
def test_documents_that_load(name: str, dangling: int) -> None:
    """Official and Finnish documents have no errors; dangling publishers are warnings."""
    report = report_on(name)
    assert rules(report, ERROR) == Counter()
    assert rules(report, WARNING)["reference/dangling"] == dangling


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("derived_loq_badLang.xml", "value/unmappable"),
        ("derived_loq_dangling.xml", "reference/dangling"),
        ("derived_loq_date.xml", "structure"),
        ("derived_loq_dup.xml", "structure"),
        ("derived_loq_dupid.xml", "identifier/duplicate"),
        ("derived_loq_noHome.xml", "structure"),
        ("derived_loq_unknown.xml", "structure"),
        ("derived_loq_wrongcode.xml", "code/unknown"),
        ("derived_loq_noUrl.xml", "shape/MinCount"),
        ("oph_fi_children_in_no_namespace_ELM3.1.xml", "structure"),
        ("oph_fi_single_opportunity_dangling_idrefs_ELM3.1.xml", "reference/dangling"),
        ("edci_commons_xxe_base64.xml", "document/malformed"),
        ("edci_commons_xxe_dos.xml", "document/malformed"),
        ("edci_commons_xxe_entity.xml", "document/malformed"),
        ("edci_commons_xxe_file.xml", "document/malformed"),
        ("edci_commons_xxe_remote.xml", "document/malformed"),
        ("ewa_editors_empty.xml", "document/malformed"),
        ("ewa_editors_other.xml", "document/unsupported"),
        ("ewa_editors_unreadable-version.xml", "document/unsupported"),
        ("edci_issuer_Credential_EPAS_476_error.xml", "document/credential"),
    ],
)
def test_documents_that_are_refused(name: str, rule: str) -> None:
    """Each broken document is refused for the reason it was broken with, and no other."""
    errors = rules(report_on(f"negative/{name}"), ERROR)
    assert set(errors) == {rule}


def test_html_in_text_is_a_warning() -> None:
    """HTML is caught by neither official artefact: it loads, and is told."""
    report = report_on("negative/derived_loq_html.xml")
    assert rules(report, ERROR) == Counter()
    assert rules(report, WARNING)["practice/description-markup"] == 2


def test_an_office_file_is_not_read_as_documents() -> None:
    """An office document is a zip archive of XML, none of which is ours."""
    sources = list(find_sources([corpus() / "negative/ewa_editors_excel.xml"], Settings()))
    report = validate_documents(sources, Settings(), load_code_lists())
    assert set(rules(report, ERROR)) == {"document/unsupported", "document/malformed"}


def test_strict_makes_errors_of_unknown_codes_in_growing_lists(tmp_path: Path) -> None:
    """The same document: a warning by default, an error with strict."""
    path = corpus() / "loq/oph_fi_unit_test_records_ELM3.1.xml"
    language = "http://publications.europa.eu/resource/authority/language/SWE"
    changed = tmp_path / "changed.xml"
    changed.write_bytes(path.read_bytes().replace(language.encode(), f"{language}X".encode()))
    for strict, severity in ((False, WARNING), (True, ERROR)):
        sources = list(find_sources([changed], Settings()))
        report = validate_documents(sources, Settings(), load_code_lists(), strict=strict)
        (found,) = {one.severity for one in report.findings if one.rule == "code/unknown"}
        assert found is severity
