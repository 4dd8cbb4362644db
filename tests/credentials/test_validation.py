"""What is found wrong with credentials, and that each finding says where."""

import json
from pathlib import Path
from typing import Any

import pytest

from europass_ld.ingest.credential_checks import validate_credential
from europass_ld.terms import expand
from europass_ld.validate.report import Finding, Severity, ValidationReport
from tests.credentials.schema_oracle import CORPUS, DATA
from tests.credentials.shapes_oracle import code_lists, lift

EVERY = DATA / "every-element.xml"
JSONLD = "application/ld+json"


def check(data: bytes, media_type: str = "application/xml", **options: Any) -> ValidationReport:
    """Lift and validate a document."""
    return validate_credential(lift(data, media_type), code_lists(), name="c.xml", **options)


def changed(*replacements: tuple[str, str]) -> bytes:
    """Return our XML document with some text replaced."""
    text = EVERY.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def json_credential(**members: object) -> bytes:
    """Return our JSON-LD document with other members."""
    document = json.loads((DATA / "credential.jsonld").read_text(encoding="utf-8"))
    return json.dumps({**document, **members}).encode()


def of(report: ValidationReport, rule: str) -> list[Finding]:
    """Return the findings of a rule."""
    return [one for one in report.findings if one.rule == rule]


@pytest.mark.parametrize("name", ["every-element", "mandated-presentation", "version-1.0"])
def test_our_own_xml_is_without_error(name: str) -> None:
    """What v3 asks and v2 cannot say is a Warning; the original is not wrong for it."""
    report = check((DATA / f"{name}.xml").read_bytes())
    assert report.conforms()
    assert {one.rule.partition("/")[0] for one in report.findings} <= {"value", "shape"}
    assert of(report, "shape/MinCount")


@pytest.mark.parametrize("name", ["credential", "presentation"])
def test_our_own_json_conforms_to_its_profile(name: str) -> None:
    """Our JSON-LD credential breaks no rule; what it was told is only about the context."""
    report = check((DATA / f"{name}.jsonld").read_bytes(), JSONLD)
    assert report.conforms(Severity.WARNING)
    assert {one.rule for one in report.findings} == {"value/noted"}


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("2020-12-07_474387b_Ana_Andromeda_Graduate_University_Study_of_Civil_Engineering", 0),
        ("2022-03-02_80406a3_EDC_SampleACT_AA", 0),
        ("2022-03-02_80406a3_EDC_SampleDegree_AA", 0),
        ("2022-03-02_80406a3_EDC_WileECoyote_Simple", 0),
        ("2022-08-31_ac765b9_EDC_DiplomaSupplement_AA", 0),
    ],
)
def test_genuine_xml(name: str, errors: int) -> None:
    """Genuine documents, which their official schemas accept, are without error here too."""
    report = check((CORPUS / f"edc-xml/official_hist_{name}.xml").read_bytes())
    assert report.counts()[Severity.ERROR] == errors


def test_genuine_json_conforms_to_the_profile_it_names() -> None:
    """The one genuine sealed JSON-LD credential breaks no rule of its profile."""
    path = CORPUS / "proofs/jades/elm__Sample-CertOfPart-signed.jsonld"
    report = check(json.loads(path.read_text(encoding="utf-8"))["payload"].encode(), JSONLD)
    assert report.conforms(Severity.WARNING)


def test_a_known_bad_sample_is_bad() -> None:
    """The official sample that must fail does, if for other reasons than its name says."""
    path = CORPUS / "negative/edci_data-model_cred_noLegalName_shouldFail.jsonld"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["@context"][1] = "http://data.europa.eu/snb/model/context/edc-ap"
    report = check(json.dumps(document).encode(), JSONLD)
    errors = [one.result for one in report.findings if one.severity is Severity.ERROR]
    missing = {one.path for one in errors if one and one.component == "MinCount"}
    assert missing == {expand("cred:credentialSchema"), expand("elm:displayParameter")}
    assert len(errors) == len(missing)


def test_structure_is_told_with_line_and_path() -> None:
    """A wrong order names the element, its line and path, and what may stand there."""
    report = check(changed(("<familyName>", "<familyNames>"), ("</familyName>", "</familyNames>")))
    found = of(report, "structure")[0]
    assert found.severity is Severity.ERROR
    assert found.path == "europassCredential/credentialSubject/familyNames"
    assert found.accepted == "familyName"
    lines = changed(("<familyName>", "<familyNames>")).decode().splitlines()
    assert "<familyNames>" in lines[(found.line or 0) - 1]
    assert found.source == "schemas/edc-v2/credential-1.2.xsd"


def test_references_that_lead_nowhere_are_told() -> None:
    """A dangling reference is an error with its place; so is an identifier given twice."""
    report = check(changed(('<cred:issuer idref="urn:epass:org:1"', '<cred:issuer idref="urn:x"')))
    found = of(report, "structure")
    assert [one.path for one in found] == ["europassCredential/issuer"]
    assert "keyref" in found[0].message
    assert "references" in (found[0].accepted or "")


def test_each_version_has_its_schema() -> None:
    """A document of version 1.0 is held against that version, and only against it."""
    data = (DATA / "version-1.0.xml").read_bytes()
    assert not of(check(data), "structure")
    newer = data.replace(b"v1/xsd/schema/genericschema.xsd", b"v1/xsd/schema/genericschema_1.2.xsd")
    assert of(check(newer), "structure")


def test_drafts_are_not_held_against_any_schema() -> None:
    """A draft is lifted as far as it goes, with a Warning that no structure was checked."""
    report = check(changed(('xsdVersion="0.10.0"', 'xsdVersion="0.8.0"')))
    assert [one.severity for one in of(report, "document/version")] == [Severity.WARNING]
    assert not of(report, "structure")


def test_unknown_codes() -> None:
    """A code that its list has not is a Warning with the nearest one; an Error when strict."""
    data = changed(("http://data.europa.eu/snb/eqf/4", "http://data.europa.eu/snb/eqf/44"))
    found = of(check(data), "code/unknown")
    assert {one.severity for one in found} == {Severity.WARNING}
    assert found[0].value == "http://data.europa.eu/snb/eqf/44"
    assert (
        found[0].path == "europassCredential/learningSpecificationReferences/qualification/eqfLevel"
    )
    assert "did you mean" in found[0].message
    strict = of(check(data, strict=True), "code/unknown")
    assert {one.severity for one in strict} == {Severity.ERROR}


def test_files_are_judged_by_their_bytes() -> None:
    """A file that is not what the document calls it, or not as large, is told."""
    report = check(changed(("file-type/PDF", "file-type/JPEG"), (">67<", ">68<")))
    (wrong,) = of(report, "blob/type")
    assert "it is application/pdf" in wrong.message
    assert wrong.path == "europassCredential/attachmentList/Attachment/content"
    (size,) = of(report, "blob/size")
    assert "67 bytes" in size.message


def test_shapes_lead_to_json_pointers() -> None:
    """A missing or wrong value is told at the pointer of what it is missing from, or of itself."""
    document = json.loads((DATA / "credential.jsonld").read_text(encoding="utf-8"))
    del document["credentialSubject"]["hasClaim"][0]["awardedBy"]
    document["issuer"]["legalName"] = {"en": "A", "fi": "B"}
    document["issued"] = "yesterday"
    report = check(json.dumps(document).encode(), JSONLD)
    errors = [one for one in report.findings if one.severity is Severity.ERROR]
    assert {(one.rule, one.path) for one in errors} == {
        ("shape/MinCount", "/credentialSubject/hasClaim/0"),
        ("shape/Datatype", "/issued"),
        ("shape/Class", "/credentialSubject/hasClaim/0/provenBy/awardedBy"),
        ("shape/Class", "/credentialSubject/hasClaim/1/awardedBy"),
    }


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        ("edc-generic-no-cv", set()),
        ("edc-generic-full", set()),
        ("edc-issued-by-mandate", set()),
        ("edc-converted", {expand("elm:embeddedEvidence")}),
        ("edc-accredited", {expand("elm:accreditation")}),
        (
            "edc-diploma-supplement",
            {expand("elm:accreditation")}
            | {expand(f"elm:{name}") for name in ("awardingOpportunity", "mode", "hasPart")}
            | {expand("dct:language")},
        ),
        ("something-else", set()),
    ],
)
def test_profiles(profile: str, missing: set[str]) -> None:
    """Each profile that a credential names adds what it asks; an unknown one adds nothing."""
    schema = {"id": f"http://data.europa.eu/snb/model/ap/{profile}", "type": "ShaclValidator2017"}
    report = check(json_credential(credentialSchema=schema), JSONLD)
    found = {one.result.path for one in of(report, "shape/MinCount") if one.result}
    assert found == missing


def test_what_is_known_of_codes_is_supplied() -> None:
    """A code may be just its IRI: that it is a concept, and of which list, is known."""
    language = "http://publications.europa.eu/resource/authority/language/FIN"
    document = json.loads((DATA / "credential.jsonld").read_text(encoding="utf-8"))
    document["displayParameter"]["language"] = [language]
    document["displayParameter"]["primaryLanguage"] = language
    assert check(json.dumps(document).encode(), JSONLD).conforms(Severity.WARNING)


def test_a_code_that_claims_another_list_is_wrong() -> None:
    """What a document says of a code stays as it is, and is wrong where the list is another."""
    profile = {
        "id": "http://data.europa.eu/snb/credential/e34929035b",
        "type": "Concept",
        "inScheme": {"id": "https://example.org/list", "type": "ConceptScheme"},
    }
    report = check(json_credential(credentialProfiles=profile), JSONLD)
    assert [one.path for one in of(report, "shape/Node")] == ["/credentialProfiles"]


def test_a_credential_of_another_kind() -> None:
    """A W3C credential that is no European one has no profile, which is said and no error."""
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "urn:c",
        "type": ["VerifiableCredential"],
        "issuer": "urn:i",
    }
    report = check(json.dumps(document).encode(), JSONLD)
    assert [(one.rule, one.severity) for one in report.findings] == [
        ("document/profile", Severity.INFO)
    ]


def test_both_engines_find_the_same() -> None:
    """The report does not depend on which SHACL engine is installed."""
    data = json_credential(issued="2024-06-21T09:30:00+03:00", credentialStatus="urn:x")
    rust, python = (check(data, JSONLD, engine=engine) for engine in ("shacl", "pyshacl"))
    assert {(one.rule, one.path) for one in rust.findings} == {
        (one.rule, one.path) for one in python.findings
    }


def test_line_separators_in_texts_divide_no_statement() -> None:
    """Characters that some programs take for line ends are plain characters of a text."""
    text = "a\u2028b\x85c\x0bd"
    title = {"en": text}
    document = json.loads((DATA / "credential.jsonld").read_text(encoding="utf-8"))
    document["displayParameter"]["title"] = title
    assert check(json.dumps(document).encode(), JSONLD).conforms(Severity.WARNING)


def test_reports_serialise(tmp_path: Path) -> None:
    """The report of a broken credential can be written in each of its forms."""
    report = check(changed(("<familyName>", "<familyNames>"), ("</familyName>", "</familyNames>")))
    assert json.loads(report.to_json())["conforms"] is False
    assert "structure" in report.to_text()
    (tmp_path / "report.nt").write_text(report.to_ntriples("urn:report"), encoding="utf-8")


def test_a_hostile_document_is_judged_in_bounded_time() -> None:
    """Thousands of mistakes cost no more than a few: the first are told, with their places."""
    text = (DATA / "version-1.0.xml").read_text(encoding="utf-8")
    wrong = "".join(
        f'<learningAchievement id="urn:l:{n}"><bad/></learningAchievement>' for n in range(3_000)
    )
    data = text.replace("<learningAchievement ", f"{wrong}<learningAchievement ", 1).encode()
    report = check(data)
    assert len(of(report, "structure")) == 100
    assert all(one.path for one in of(report, "structure"))
    assert report.counts()[Severity.ERROR] > 3_000
