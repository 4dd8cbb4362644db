"""What a seal is worth: statements in the certificate against the trusted list's word."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from europass_ld.verify import Policy, Qualification
from europass_ld.verify.certificates import load_certificate
from europass_ld.verify.qualification import qualification, statements
from europass_ld.verify.trust.lists import read_list

from .lists import (
    GRANTED,
    QTST,
    SEALS,
    SIGNATURES,
    WITHDRAWN,
    Service,
    State,
    Union,
    qualifications,
)
from .pki import (
    QC_COMPLIANCE,
    QC_SEAL,
    QC_SIGNATURE,
    QC_SSCD,
    SEALED,
    START,
    Party,
    authority,
    name,
    party,
)

Q = Qualification
LONG_AGO = START - timedelta(days=3650)
MATCHING = "<s:KeyUsage><s:KeyUsageBit name='digitalSignature'>true</s:KeyUsageBit></s:KeyUsage>"
OTHER = "<s:KeyUsage><s:KeyUsageBit name='nonRepudiation'>true</s:KeyUsageBit></s:KeyUsage>"


@pytest.fixture(scope="module")
def union() -> Union:
    """Return a union with fresh keys."""
    return Union.create()


@pytest.fixture(scope="module")
def ca() -> Party:
    """Return the authority whose service is listed."""
    return authority()


def _worth(union: Union, ca: Party, qc: Sequence[str], *states: State) -> Qualification:
    signer = party(name("Signer"), ca, qc=qc)
    data = union.list(Service(ca, states=states or (State(),)))
    services = read_list(data, "", Policy()).services
    return qualification(load_certificate(signer.der), services, SEALED)


@pytest.mark.parametrize(
    ("qc", "expected"),
    [
        ([QC_COMPLIANCE, QC_SEAL, QC_SSCD], Q.QESEAL),
        ([QC_COMPLIANCE, QC_SEAL], Q.ADESEAL_QC),
        ([QC_COMPLIANCE, QC_SIGNATURE, QC_SSCD], Q.QESIG),
        ([QC_COMPLIANCE, QC_SIGNATURE], Q.ADESIG_QC),
        ([QC_COMPLIANCE], Q.ADESIG_QC),
        ([QC_SEAL, QC_SSCD], Q.ADESEAL),
        ([], Q.ADESEAL),
        ([QC_COMPLIANCE, QC_SEAL, QC_SIGNATURE], Q.NOT_DETERMINED),
    ],
)
def test_statements_decide(
    qc: Sequence[str], expected: Qualification, union: Union, ca: Party
) -> None:
    """Compliance, type and device in the certificate make the worth, under a granted service."""
    assert _worth(union, ca, qc) is expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([State(purposes=[SEALS])], Q.QESEAL),
        ([State(purposes=[SIGNATURES])], Q.ADESEAL),
        ([State(purposes=[])], Q.ADESEAL),
        ([State(status=WITHDRAWN)], Q.ADESEAL),
        ([State(since=SEALED + timedelta(days=1), status=WITHDRAWN), State()], Q.QESEAL),
        ([State(since=SEALED - timedelta(days=1), status=WITHDRAWN), State()], Q.ADESEAL),
        ([State(since=START + timedelta(days=1)), State(LONG_AGO, WITHDRAWN)], Q.ADESEAL),
        ([State(since=START + timedelta(days=1))], Q.ADESEAL),
        (
            [State(since=START + timedelta(days=1)), State(LONG_AGO, GRANTED, [SIGNATURES])],
            Q.ADESEAL,
        ),
    ],
)
def test_service_counts_at_both_times(
    states: Sequence[State], expected: Qualification, union: Union, ca: Party
) -> None:
    """The service must be granted and for seals when the certificate was issued and when used."""
    assert _worth(union, ca, [QC_COMPLIANCE, QC_SEAL, QC_SSCD], *states) is expected


@pytest.mark.parametrize(
    ("qc", "extension", "expected"),
    [
        ([QC_COMPLIANCE, QC_SEAL], qualifications("NotQualified", MATCHING), Q.ADESEAL),
        ([QC_COMPLIANCE, QC_SEAL], qualifications("NotQualified", OTHER), Q.ADESEAL_QC),
        ([QC_COMPLIANCE, QC_SEAL], qualifications("QCWithQSCD", MATCHING), Q.QESEAL),
        ([QC_COMPLIANCE, QC_SEAL], qualifications("QCQSCDManagedOnBehalf", MATCHING), Q.QESEAL),
        ([QC_COMPLIANCE, QC_SEAL, QC_SSCD], qualifications("QCNoQSCD", MATCHING), Q.ADESEAL_QC),
        ([QC_COMPLIANCE], qualifications("QCForESeal", MATCHING), Q.ADESEAL_QC),
        ([QC_COMPLIANCE, QC_SEAL], qualifications("QCForESig", MATCHING), Q.ADESIG_QC),
        ([QC_COMPLIANCE, QC_SEAL], qualifications("QCForWSA", MATCHING), Q.ADESEAL),
        ([QC_SEAL], qualifications("QCStatement", MATCHING), Q.ADESEAL_QC),
        ([QC_COMPLIANCE, QC_SEAL], qualifications("NotQualified", "<s:New/>"), Q.NOT_DETERMINED),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications("NotQualified", f"<s:New/>{OTHER}"),
            Q.ADESEAL_QC,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications("NotQualified", f"{MATCHING}{OTHER}", "atLeastOne"),
            Q.ADESEAL,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications("NotQualified", f"{MATCHING}{OTHER}", "none"),
            Q.ADESEAL_QC,
        ),
        ([QC_COMPLIANCE, QC_SEAL], qualifications("NotQualified", OTHER, "none"), Q.ADESEAL),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications("NotQualified", MATCHING, "someday"),
            Q.NOT_DETERMINED,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications("QCWithQSCD", MATCHING) + qualifications("QCNoQSCD", MATCHING),
            Q.NOT_DETERMINED,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications(
                "NotQualified",
                f'<s:CriteriaList assert="all">{MATCHING}</s:CriteriaList><s:Description/>',
            ),
            Q.ADESEAL,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications(
                "NotQualified",
                "<s:PolicySet><s:PolicyIdentifier><x:Identifier>1.2.3</x:Identifier>"
                "</s:PolicyIdentifier></s:PolicySet>",
            ),
            Q.ADESEAL_QC,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications(
                "NotQualified",
                "<s:otherCriteriaList><t:CertSubjectDNAttribute><t:AttributeOID><x:Identifier>"
                "urn:oid:2.5.4.10</x:Identifier></t:AttributeOID></t:CertSubjectDNAttribute>"
                "</s:otherCriteriaList>",
            ),
            Q.ADESEAL,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications(
                "NotQualified",
                "<s:otherCriteriaList><t:ExtendedKeyUsage><t:KeyPurposeId><x:Identifier>1.2.3"
                "</x:Identifier></t:KeyPurposeId></t:ExtendedKeyUsage></s:otherCriteriaList>",
            ),
            Q.ADESEAL_QC,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications("NotQualified", "<s:otherCriteriaList><t:New/></s:otherCriteriaList>"),
            Q.NOT_DETERMINED,
        ),
        (
            [QC_COMPLIANCE, QC_SEAL],
            qualifications(
                "NotQualified",
                "<s:KeyUsage><s:KeyUsageBit name='newBit'>true</s:KeyUsageBit></s:KeyUsage>",
            ),
            Q.NOT_DETERMINED,
        ),
    ],
)
def test_rules_of_the_list_correct_the_certificate(
    qc: Sequence[str], extension: str, expected: Qualification, union: Union, ca: Party
) -> None:
    """Qualifiers hold where their criteria are met; what is not understood stays undetermined."""
    assert _worth(union, ca, qc, State(extensions=extension)) is expected


def test_two_services_with_one_certificate(union: Union, ca: Party) -> None:
    """A CA that is listed twice qualifies by the one service that is for seals."""
    signer = party(name("Signer"), ca, qc=[QC_COMPLIANCE, QC_SEAL])
    data = union.list(
        Service(ca, states=[State(purposes=[SIGNATURES])]),
        Service(ca, states=[State(purposes=[SEALS])]),
        Service(ca, QTST),
    )
    services = read_list(data, "", Policy()).services
    assert len(services) == 3
    found = qualification(load_certificate(signer.der), services, SEALED)
    assert found is Q.ADESEAL_QC


def test_no_service_no_qualification(ca: Party) -> None:
    """Without a listed service it is a plain seal."""
    signer = party(name("Signer"), ca, qc=[QC_COMPLIANCE, QC_SEAL, QC_SSCD])
    assert qualification(load_certificate(signer.der), [], SEALED) is Q.ADESEAL


def test_statements_are_read(ca: Party) -> None:
    """The statements of a certificate, with the types inside one of them."""
    signer = party(name("Signer"), ca, qc=[QC_COMPLIANCE, QC_SEAL])
    found = statements(load_certificate(signer.der))
    assert {QC_COMPLIANCE, QC_SEAL} <= found
    assert statements(load_certificate(ca.der)) == frozenset()
