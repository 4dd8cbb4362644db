"""The order of the checks."""

from datetime import datetime

from .accreditation import AccreditationSource
from .policy import Policy
from .report import VerificationReport
from .sources import DocumentLoader, StatusSource
from .trust import TrustStore


def verify(
    data: bytes,
    *,
    trust: TrustStore,
    now: datetime,
    policy: Policy = Policy(),
    accreditations: AccreditationSource | None = None,
    statuses: StatusSource | None = None,
    contexts: DocumentLoader | None = None,
) -> VerificationReport:
    """Verify every proof of a document, from the octets as they were received.

    Nothing is fetched, and nothing about the content leads to an exception: whatever goes wrong is
    an indication that is not TOTAL_PASSED. `now` (aware) is the time of verification.
    `accreditations` answers whether the issuer was allowed, `statuses` whether the credential was
    revoked, `contexts` gives JSON-LD contexts for Data Integrity proofs; without them these
    questions get no data, and RDF-based proofs are INDETERMINATE/CONTEXT_NOT_AVAILABLE.
    """
    raise NotImplementedError
