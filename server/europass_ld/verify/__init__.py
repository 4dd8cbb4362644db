"""Verify the proofs of credentials: XAdES, JAdES, Data Integrity. Offline, and closed by default.

`verify` takes the received octets and returns a `VerificationReport`; only its `signed_document`
may be lifted.
"""

from .accreditation import (
    Accreditation,
    AccreditationResult,
    AccreditationSource,
    Assessment,
    Award,
    Coverage,
    assess,
)
from .organisations import Identifier, Organisation
from .outcome import (
    Indication,
    Level,
    ProofFormat,
    Qualification,
    Question,
    Status,
    SubIndication,
)
from .policy import Policy
from .report import (
    AnchorFact,
    Answer,
    Check,
    ListVersion,
    Reason,
    SignedDocument,
    Signer,
    Subject,
    TimeStamp,
    VerificationReport,
)
from .report_json import result_members
from .sources import CredentialStatus, DocumentLoader, StatusSource
from .trust import TrustStore
from .verification import verify

__all__ = [
    "Accreditation",
    "AccreditationResult",
    "AccreditationSource",
    "AnchorFact",
    "Answer",
    "Assessment",
    "Award",
    "Check",
    "Coverage",
    "CredentialStatus",
    "DocumentLoader",
    "Identifier",
    "Indication",
    "Level",
    "ListVersion",
    "Organisation",
    "Policy",
    "ProofFormat",
    "Qualification",
    "Question",
    "Reason",
    "SignedDocument",
    "Signer",
    "Status",
    "StatusSource",
    "SubIndication",
    "Subject",
    "TimeStamp",
    "TrustStore",
    "VerificationReport",
    "assess",
    "result_members",
    "verify",
]
