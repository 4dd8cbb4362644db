"""The five answers: each from its own facts, in words, and none implied by another."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from europass_ld.verify import (
    Accreditation,
    CredentialStatus,
    Identifier,
    Organisation,
    Question,
    Status,
    TrustStore,
    VerificationReport,
    verify,
)
from europass_ld.verify.policy import DEFAULT_POLICY
from europass_ld.verify.report import SignedDocument
from europass_ld.verify.statement import read_statement

from .conftest import World
from .documents import PROOF, XML, credential, payload
from .pki import END, NOW, SEALED, name, ocsp_response, party
from .proving import ISSUER, load_context, proven
from .sealing import JsonSeal, seal_json, seal_xml, to_json

SCHOOL = Organisation(identifiers=frozenset({Identifier("12345678", "VAT", "XX")}))
FIELD = "http://data.europa.eu/snb/isced-f/07"


class Accreditations:
    """A source with one accreditation."""

    def __init__(self, *known: Accreditation):
        self.known = known
        self.asked: list[Organisation] = []

    def accreditations(self, organisation: Organisation) -> Sequence[Accreditation]:
        """Return it, and remember who was asked for."""
        self.asked.append(organisation)
        return self.known

    def broader(self, code: str) -> Sequence[str]:
        """Return the code of one digit less."""
        return [code[:-1]] if code[-3:].isdigit() else []


class Statuses:
    """A source that knows one credential."""

    def __init__(self, revoked: bool):
        self.revoked = revoked

    def status(
        self, credential: str | None, entry: Mapping[str, Any] | None
    ) -> CredentialStatus | None:
        """Return what it knows."""
        del entry
        assert credential
        return CredentialStatus(self.revoked, SEALED, "the school's list")


COVERING = Accreditation(iri="urn:accreditation:1", organisation=SCHOOL, fields=frozenset({FIELD}))


def _verify(data: bytes, trust: TrustStore, **options: Any) -> VerificationReport:
    return verify(data, trust=trust, now=NOW, **options)


def _sealed(world: World, **changes: Any) -> bytes:
    how = JsonSeal(evidence=world.evidence)
    return to_json(seal_json(payload(**changes), world.signer, how))


def _statuses(report: VerificationReport) -> dict[Question, Status]:
    return {one.question: one.status for one in report.answers}


def test_there_are_always_five(world: World, trust: TrustStore) -> None:
    """Whatever is verified, there are five answers in their order, each with a sentence."""
    documents = (world.xml(), world.json(), b"", b"{}", b"<a/>", b"\xff", world.json()[:-1])
    for data in documents:
        report = _verify(data, trust)
        assert [one.question for one in report.answers] == list(Question)
        assert all(one.explanation.endswith(".") for one in report.answers)
        assert all(one.text for answer in report.answers for one in answer.reasons)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_good_credential(form: str, world: World, trust: TrustStore) -> None:
    """Sealed by its issuer, whole, in force, covered, and about somebody who is not proven."""
    data = getattr(world, form)()
    report = _verify(data, trust, accreditations=Accreditations(COVERING))
    assert _statuses(report) == {
        Question.SEALED_BY: Status.YES,
        Question.SEAL: Status.YES,
        Question.ACCREDITATION: Status.YES,
        Question.VALIDITY: Status.YES,
        Question.SUBJECT: Status.UNCERTAIN,
    }
    assert [one.name for one in report.subjects] == ["Ada Example"]
    assert report.accreditations[0].award.on == date(2024, 2, 20)


def test_xml_and_json_say_the_same(world: World, trust: TrustStore) -> None:
    """The same award is read from both formats."""
    awards = [
        _verify(data, trust, accreditations=Accreditations()).accreditations[0].award
        for data in (world.xml(), world.json())
    ]
    for award in awards:
        assert award.eqf_level == "http://data.europa.eu/snb/eqf/4"
        assert award.fields == {"http://data.europa.eu/snb/isced-f/0715"}
        assert award.organisation.names == ("Example School",)
        assert Identifier("12345678", "VAT", "XX") in award.organisation.identifiers
    assert awards[0].jurisdiction == (
        "http://publications.europa.eu/resource/authority/country/AUT"
    )


def test_time_needs_a_zone(world: World, trust: TrustStore) -> None:
    """A time of verification without a zone is a mistake of the caller, and said at once."""
    with pytest.raises(ValueError, match="time zone"):
        verify(world.json(), trust=trust, now=NOW.replace(tzinfo=None))


# --- who sealed it


def test_seal_of_somebody_else(world: World, trust: TrustStore) -> None:
    """A good seal of another organisation than the issuer named is a no, and a passed seal."""
    other = party(name("Other", "Other School", "VATXX-99999999"), world.ca, end=END)
    evidence = replace(world.evidence, ocsp=[ocsp_response(other, world.ca)])
    for data in (
        seal_xml(XML, other, place=PROOF, evidence=evidence),
        to_json(seal_json(payload(), other, JsonSeal(evidence=evidence))),
    ):
        report = _verify(data, trust)
        assert report.passed
        answer = report.answer(Question.SEALED_BY)
        assert answer.status is Status.NO
        assert "identifiers-differ" in {one.code for one in answer.reasons}
        assert "Other School" in answer.explanation


def test_issuer_without_a_comparable_identifier(world: World, trust: TrustStore) -> None:
    """An issuer that has no identifier of the certificate's kind is not known to be the one."""
    issuer = {"id": "urn:epass:org:1", "legalName": {"en": "Example School"}}
    report = _verify(_sealed(world, issuer=issuer), trust)
    answer = report.answer(Question.SEALED_BY)
    assert answer.status is Status.UNCERTAIN
    assert "no-common-identifier" in {one.code for one in answer.reasons}


@pytest.mark.parametrize(
    "member",
    [
        {"registration": {"notation": "VATXX-12345678"}},
        {"vatIdentifier": {"notation": "12.345.678", "spatial": {"id": "urn:c/XX"}}},
        {"taxIdentifier": [{"notation": "XX12345678", "spatial": {"id": "urn:c/XX"}}]},
        {"identifier": {"notation": "VATXX-12345678", "schemeName": {"en": "whatever"}}},
    ],
)
def test_any_legal_identifier_binds(
    member: dict[str, Any], world: World, trust: TrustStore
) -> None:
    """Registration, VAT, tax and other identifiers bind as the eIDAS identifier does."""
    report = _verify(_sealed(world, issuer={"id": "urn:epass:org:1", **member}), trust)
    assert report.answer(Question.SEALED_BY).status is Status.YES


def test_seal_not_proven_is_nobodys(world: World) -> None:
    """As long as the seal is undecided, the signer's name is only a claim."""
    answer = _verify(world.json(), TrustStore()).answer(Question.SEALED_BY)
    assert answer.status is Status.UNCERTAIN
    assert "not proven to be theirs" in answer.explanation


# --- was the issuer allowed


def test_no_accreditations_loaded(world: World, trust: TrustStore) -> None:
    """Without a source there is no data, which is neither yes nor no."""
    answer = _verify(world.json(), trust).answer(Question.ACCREDITATION)
    assert answer.status is Status.NO_DATA


def test_not_covered(world: World, trust: TrustStore) -> None:
    """An accreditation for other fields does not cover; the seal is none the worse for it."""
    other = replace(COVERING, fields=frozenset({"http://data.europa.eu/snb/isced-f/01"}))
    report = _verify(world.json(), trust, accreditations=Accreditations(other))
    answer = report.answer(Question.ACCREDITATION)
    assert answer.status is Status.NO
    assert "other fields" in answer.reasons[0].text
    assert report.passed


def test_unknown_organisation(world: World, trust: TrustStore) -> None:
    """An organisation of which no accreditation is known gets no data."""
    source = Accreditations(replace(COVERING, organisation=Organisation("urn:other")))
    report = _verify(world.json(), trust, accreditations=source)
    assert report.answer(Question.ACCREDITATION).status is Status.NO_DATA
    assert source.asked == [report.accreditations[0].award.organisation]


def test_accreditations_inside_the_credential_count_for_nothing(
    world: World, trust: TrustStore
) -> None:
    """What a credential says of its issuer's accreditation is only its own word."""
    organisation = credential()["issuer"]
    claimed = {**organisation, "accreditation": {"id": "urn:me", "type": "Accreditation"}}
    report = _verify(_sealed(world, issuer=claimed), trust, accreditations=Accreditations())
    assert report.answer(Question.ACCREDITATION).status is Status.NO_DATA


# --- is it still valid


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, Status.YES, "no-status"),
        ({"validUntil": "2030-01-01T00:00:00Z"}, Status.NO, "expired"),
        ({"validUntil": None, "expirationDate": "2030-01-01"}, Status.NO, "expired"),
        ({"expirationDate": "2030-01-01T00:00:00Z"}, Status.NO, "expired"),
        ({"validUntil": None}, Status.YES, "no-status"),
        (
            {"validFrom": "2050-01-01T00:00:00Z", "issuanceDate": None},
            Status.NO,
            "not-yet-valid",
        ),
        ({"credentialStatus": {"id": "https://x.example/1"}}, Status.UNCERTAIN, None),
    ],
)
def test_period(
    changes: dict[str, Any], status: Status, code: str | None, world: World, trust: TrustStore
) -> None:
    """The credential's own period and status decide; the seal has nothing to do with it."""
    report = _verify(_sealed(world, **changes), trust)
    answer = report.answer(Question.VALIDITY)
    assert answer.status is status
    assert (code or "status-not-available") in {one.code for one in answer.reasons}
    assert report.passed


@pytest.mark.parametrize(("revoked", "status"), [(True, Status.NO), (False, Status.YES)])
def test_revocation_of_the_credential(
    revoked: bool, status: Status, world: World, trust: TrustStore
) -> None:
    """A snapshot says whether it was revoked, and the answer says whose snapshot of when."""
    report = _verify(
        _sealed(world, credentialStatus={"id": "https://x.example/1"}),
        trust,
        statuses=Statuses(revoked),
    )
    answer = report.answer(Question.VALIDITY)
    assert answer.status is status
    assert "the school's list, as of 2024-03-01" in answer.reasons[-1].text
    assert report.passed


def test_a_date_that_cannot_be_read(world: World, trust: TrustStore) -> None:
    """An end that cannot be read is no missing end: nothing is then said of the period."""
    report = _verify(_sealed(world, validUntil="some day"), trust)
    assert report.passed
    assert report.answer(Question.VALIDITY).status is Status.NO_DATA
    assert report.answer(Question.SEALED_BY).status is Status.UNCERTAIN


def test_dates_are_not_shifted(world: World, trust: TrustStore) -> None:
    """An award on 1 January at one o'clock in another zone is of 1 January."""
    document = credential()
    process = document["credentialSubject"]["hasClaim"]["awardedBy"]
    process["awardingDate"] = "2024-01-01T01:00:00+02:00"
    report = _verify(
        _sealed(world, credentialSubject=document["credentialSubject"]),
        trust,
        accreditations=Accreditations(),
    )
    assert report.accreditations[0].award.on == date(2024, 1, 1)


# --- whom is it about


def test_subject_is_never_proven(world: World, trust: TrustStore) -> None:
    """A seal never makes the answer a yes, and the explanation names no name."""
    answer = _verify(world.json(), trust).answer(Question.SUBJECT)
    assert answer.status is Status.UNCERTAIN
    assert "full name, date of birth" in answer.explanation
    assert "Ada" not in answer.explanation


def test_nothing_sealed_nobody_named(world: World, trust: TrustStore) -> None:
    """Of a broken seal's content nothing is read, not even a name."""
    report = _verify(world.json().replace(b"Ada", b"Eve"), trust)
    assert report.subjects == ()
    assert report.credential is None
    assert _statuses(report)[Question.SUBJECT] is Status.NO_DATA
    assert _reason(report, Question.SUBJECT) == "not-whole"


def test_unsealed_is_not_said_to_name_nobody(trust: TrustStore) -> None:
    """What an unsealed document says is not looked at: nothing is denied, and no seal invented."""
    report = _verify(to_json(credential()), trust, accreditations=Accreditations())
    asked = (Question.SEALED_BY, Question.ACCREDITATION, Question.VALIDITY, Question.SUBJECT)
    assert {_reason(report, one) for one in asked} == {"no-seal"}
    assert report.answer(Question.SUBJECT).explanation == "Whom it is about is not known."


def _reason(report: VerificationReport, question: Question) -> str:
    (reason,) = report.answer(question).reasons
    return reason.code


# --- other statements


def test_graph_says_what_the_document_says(proof_trust: TrustStore) -> None:
    """From canonical N-Quads the same statement is read as from JSON."""
    data = json.dumps(proven()).encode()
    report = _verify(data, proof_trust, contexts=load_context)
    assert report.signed_document is not None
    statement = read_statement(report.signed_document, DEFAULT_POLICY)
    assert statement.issuer.iri == ISSUER
    assert [one.id for one in statement.subjects] == ["did:example:ada"]
    assert statement.valid_from is not None


def test_presentation(world: World, trust: TrustStore) -> None:
    """A presentation is bound to its own issuer, and names those it was sealed for."""
    inner = credential(issuer={"id": "urn:other", "legalName": {"en": "Other School"}})
    document = {
        "id": "urn:presentation:1",
        "type": ["VerifiablePresentation"],
        "issuer": credential()["issuer"],
        "verifiableCredential": [inner],
        "@context": inner["@context"],
    }
    how = JsonSeal(evidence=world.evidence)
    data = to_json(seal_json(json.dumps(document), world.signer, how))
    answer = _verify(data, trust).answer(Question.SEALED_BY)
    assert answer.status is Status.YES
    assert answer.reasons[-1].code == "mandate"
    assert "Other School" in answer.reasons[-1].text


@pytest.mark.parametrize(
    "document",
    [
        SignedDocument(b"[]", "application/ld+json"),
        SignedDocument(b'"text"', "application/ld+json"),
        SignedDocument(b'{"type": 7}', "application/ld+json"),
        SignedDocument(b'{"type": "VerifiableCredential", "issuer": 7}', "application/ld+json"),
        SignedDocument(
            b'{"type": "VerifiableCredential", "credentialSubject": [[], "x", {"hasClaim": 1}]}',
            "application/ld+json",
        ),
        SignedDocument(b"<a/>", "application/xml"),
        SignedDocument(
            b'<europassCredential xmlns="http://data.europa.eu/snb"/>', "application/xml"
        ),
        SignedDocument(b"", "application/n-quads"),
        SignedDocument(b"<urn:a> <urn:b> _:c .\n", "application/n-quads"),
    ],
)
def test_odd_statements_are_read(document: SignedDocument) -> None:
    """Whatever was sealed: what is no credential says nothing, and is no error."""
    statement = read_statement(document, DEFAULT_POLICY)
    assert statement.credential is None
    assert statement.awards == ()


def test_the_field_of_an_award_is_read(world: World) -> None:
    """A field outside the accreditation's denies: it is read by the name that the context has."""
    other = Accreditation(
        iri="urn:accreditation:1",
        organisation=SCHOOL,
        fields=frozenset({"http://data.europa.eu/snb/isced-f/05"}),
    )
    for known, status in ((COVERING, Status.YES), (other, Status.NO)):
        source = Accreditations(known)
        report = _verify(_sealed(world), TrustStore(), accreditations=source)
        assert _statuses(report)[Question.ACCREDITATION] is status
