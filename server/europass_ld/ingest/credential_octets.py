"""Which octets of a received credential count: the verdict on them, and what of them is signed."""

from datetime import datetime

from ..config import Settings
from ..documents.credentials import CredentialDocument
from ..documents.limits import CredentialLimits
from ..lift.jsonld import load_context
from ..verify import (
    AccreditationSource,
    Policy,
    SignedDocument,
    SubIndication,
    TrustStore,
    VerificationReport,
    verify,
)


def verify_received(
    data: bytes,
    settings: Settings,
    trust: TrustStore,
    now: datetime,
    accreditations: AccreditationSource | None = None,
) -> VerificationReport:
    """Verify the octets of a credential as they were received."""
    return verify(
        data,
        trust=trust,
        now=now,
        policy=Policy(max_document_bytes=settings.max_credential_bytes),
        accreditations=accreditations,
        contexts=load_context,
    )


def signed_part(
    verdict: VerificationReport, data: bytes, document: CredentialDocument
) -> SignedDocument | None:
    """Return what of a document may be lifted: what is signed, or all where nothing is.

    None where there is a seal, and which octets it is on is not established.
    """
    if verdict.sub_indication is SubIndication.NO_SIGNATURE:
        is_xml = document.family == "edc-xml"
        return SignedDocument(data, "application/xml" if is_xml else "application/ld+json")
    return verdict.signed_document


def limits_of(settings: Settings) -> CredentialLimits:
    """Return how large a credential may be."""
    return CredentialLimits(max_bytes=settings.max_credential_bytes)
