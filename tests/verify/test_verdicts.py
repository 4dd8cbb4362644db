"""The verdicts on genuine documents: each line of the table, each document of the corpus."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from europass_ld.verify import (
    Indication,
    Level,
    Policy,
    Qualification,
    Question,
    Status,
    SubIndication,
    TrustStore,
    VerificationReport,
    verify,
)
from tests.shared import corpus

from .samples import eu_trust_folder

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PASSED, FAILED = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED
UNDECIDED = Indication.INDETERMINATE
DIPLOMA = "xades/elm__EDC_DiplomaSupplement_AA.xml"
PARTICIPATION = "jades/elm__Sample-CertOfPart-signed.jsonld"
TO_SEAL = "jades/edci__json_to_seal-signed-jades-baseline-lta.json"
SEALED = "jades/edci__json_sealed_test_output.json"
PRETTY = "xades/edci__Credential_EPAS_476.xml"
TORN = "xades/edci__Credential_EPAS_476_error.xml"
NO_POE = (UNDECIDED, SubIndication.OUT_OF_BOUNDS_NO_POE)
WHOLE = (PASSED, None)
ANA = (
    "edc-xml/official_hist_2020-12-07_474387b_Ana_Andromeda_Graduate_University_Study_of_Civil_"
    "Engineering.xml"
)


@pytest.fixture(scope="module")
def eu(tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    """Return the trust of an operator with the EU lists of 2023 only."""
    return TrustStore.load(eu_trust_folder(tmp_path_factory.mktemp("eu")))


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    """Return the same with the roots of the samples' test time-stamp authorities."""
    folder = tmp_path_factory.mktemp("operator")
    return TrustStore.load(eu_trust_folder(folder, operator_roots=True))


def _verify(name: str, trust: TrustStore, folder: str = "proofs") -> VerificationReport:
    return verify((corpus() / folder / name).read_bytes(), trust=trust, now=NOW)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (DIPLOMA, WHOLE),
        (PARTICIPATION, NO_POE),
        (TO_SEAL, NO_POE),
        (SEALED, NO_POE),
        (PRETTY, (FAILED, SubIndication.SIG_CRYPTO_FAILURE)),
        (TORN, (FAILED, SubIndication.FORMAT_FAILURE)),
    ],
)
def test_table_with_eu_lists(
    name: str, expected: tuple[Indication, SubIndication | None], eu: TrustStore
) -> None:
    """The table of verdicts, with nothing but the EU lists."""
    report = _verify(name, eu)
    assert (report.indication, report.sub_indication) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (DIPLOMA, WHOLE),
        (PARTICIPATION, WHOLE),
        (TO_SEAL, WHOLE),
        (SEALED, WHOLE),
        (PRETTY, (FAILED, SubIndication.SIG_CRYPTO_FAILURE)),
        (TORN, (FAILED, SubIndication.FORMAT_FAILURE)),
    ],
)
def test_table_with_operator_roots(
    name: str, expected: tuple[Indication, SubIndication | None], operator: TrustStore
) -> None:
    """The table of verdicts, with the operator's roots for the test time-stamp authorities."""
    report = _verify(name, operator)
    assert (report.indication, report.sub_indication) == expected
    if report.passed:
        assert report.qualification is Qualification.ADESEAL_QC
        assert report.level is Level.LT
        assert report.stale


def test_diploma(eu: TrustStore) -> None:
    """The mandated diploma was sealed by the presentation's issuer, on behalf of a school."""
    report = _verify(DIPLOMA, eu)
    assert report.best_signature_time == datetime(2022, 8, 9, 13, 54, 3, tzinfo=UTC)
    assert [one.territory for one in report.lists] == ["EU", "BE", "ES"]
    assert report.archive_time_stamps == 0
    answer = report.answer(Question.SEALED_BY)
    assert answer.status is Status.YES_WITH_RESERVE
    codes = [one.code for one in answer.reasons]
    assert codes == ["certificate", "trusted-list", "identifiers-match", "mandate"]
    assert report.answer(Question.SEAL).status is Status.YES_WITH_RESERVE
    assert report.answer(Question.VALIDITY).status is Status.YES
    assert [one.date_of_birth for one in report.subjects] == ["1999-10-02"]


def test_certificate_of_participation(operator: TrustStore) -> None:
    """The issuer's identifier is that of the certificate, and the archive time-stamp is named."""
    report = _verify(PARTICIPATION, operator)
    answer = report.answer(Question.SEALED_BY)
    assert answer.status is Status.YES_WITH_RESERVE
    assert "identifiers-match" in {one.code for one in answer.reasons}
    assert report.signer is not None
    assert report.signer.organisation_identifier == "VATES-A00000000"
    assert report.archive_time_stamps == 1
    assert report.signed_document is not None
    assert report.signed_document.octets.startswith(b'{"id":"urn:credential:43662fb0')


def test_empty_presentation_has_no_issuer(operator: TrustStore) -> None:
    """A presentation without credentials is sealed, and says nothing of who, when or whom."""
    report = _verify(TO_SEAL, operator)
    statuses = {one.question: one.status for one in report.answers}
    assert statuses == {
        Question.SEALED_BY: Status.UNCERTAIN,
        Question.SEAL: Status.YES_WITH_RESERVE,
        Question.ACCREDITATION: Status.NO_DATA,
        Question.VALIDITY: Status.NO_DATA,
        Question.SUBJECT: Status.NO_DATA,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("derived_tampered_JAdES_CertOfPart_familyName.jsonld", SubIndication.SIG_CRYPTO_FAILURE),
        ("derived_tampered_XAdES_Ana_familyName.xml", SubIndication.HASH_FAILURE),
        ("edci_issuer_Credential_EPAS_476_error.xml", SubIndication.FORMAT_FAILURE),
        ("edci_commons_xxe_base64.xml", SubIndication.FORMAT_FAILURE),
        ("edci_commons_xxe_dos.xml", SubIndication.FORMAT_FAILURE),
        ("edci_commons_xxe_entity.xml", SubIndication.FORMAT_FAILURE),
        ("edci_commons_xxe_file.xml", SubIndication.FORMAT_FAILURE),
        ("edci_commons_xxe_remote.xml", SubIndication.FORMAT_FAILURE),
        ("ewa_editors_empty.xml", SubIndication.FORMAT_FAILURE),
        ("ewa_editors_excel.xml", SubIndication.FORMAT_FAILURE),
        (
            "malformed_dc4eu_euusc-uppersecondary-certificate-john-doe.json",
            SubIndication.FORMAT_FAILURE,
        ),
    ],
)
def test_broken_documents_fail(name: str, expected: SubIndication, operator: TrustStore) -> None:
    """What was changed, torn or made to attack the parser fails, and nothing of it goes on."""
    report = _verify(name, operator, "negative")
    assert (report.indication, report.sub_indication) == (FAILED, expected)
    assert report.signed_document is None
    assert report.answer(Question.SEAL).status is Status.NO


def test_removed_seal_is_no_seal(operator: TrustStore) -> None:
    """A diploma without its seal is unsealed, not failed."""
    name = "derived_unsigned_signature-removed_DiplomaSupplement.xml"
    report = _verify(name, operator, "negative")
    assert (report.indication, report.sub_indication) == (UNDECIDED, SubIndication.NO_SIGNATURE)


def test_genuine_seal_of_2020_lacks_trust_only(operator: TrustStore) -> None:
    """The oldest genuine sample is whole; its country's list is not in the snapshot."""
    report = _verify(ANA, operator, ".")
    assert (report.indication, report.sub_indication) == NO_POE
    assert report.checks[0].name == "signature"
    assert report.checks[0].status is Status.YES
    assert report.signed_document is not None


def _unsealed() -> Iterator[Path]:
    for folder in ("edc-jsonld", "edc-xml"):
        for file in sorted((corpus() / folder).iterdir()):
            if "signed" not in file.name.replace("unsigned", "") and file.suffix != ".ttl":
                yield file


def test_every_unsealed_credential_is_said_to_be_unsealed(operator: TrustStore) -> None:
    """All credentials of the corpus without a proof get the one verdict that says so."""
    found = {}
    for file in _unsealed():
        report = verify(file.read_bytes(), trust=operator, now=NOW)
        found[file.name] = report.sub_indication
    sealed = {name for name, sub in found.items() if sub is not SubIndication.NO_SIGNATURE}
    assert sealed == {
        ANA.removeprefix("edc-xml/"),
        "official_hist_2022-08-31_ac765b9_EDC_DiplomaSupplement_AA.xml",
    }
    assert len(found) == 16


def test_report_names_the_received_octets(eu: TrustStore) -> None:
    """The digest in the report is that of the file, whatever became of it."""
    data = (corpus() / "proofs" / TORN).read_bytes()
    report = verify(data, trust=eu, now=NOW)
    assert report.document_sha256 == sha256(data).hexdigest()
    assert report.document_bytes == len(data)


def test_stale_lists_can_be_refused(tmp_path: Path) -> None:
    """With a policy that accepts no stale list, the lists of 2023 anchor nothing any more."""
    trust = TrustStore.load(eu_trust_folder(tmp_path))
    data = (corpus() / "proofs" / DIPLOMA).read_bytes()
    report = verify(data, trust=trust, now=NOW, policy=Policy(accept_stale_lists=False))
    assert not report.passed
    then = datetime(2023, 11, 1, tzinfo=UTC)
    report = verify(data, trust=trust, now=then, policy=Policy(accept_stale_lists=False))
    assert report.passed
    assert report.answer(Question.SEAL).status is Status.YES
