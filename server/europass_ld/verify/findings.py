"""What a verification is given, and what it has found so far."""

from dataclasses import dataclass, field
from datetime import datetime

from .accreditation import AccreditationResult, AccreditationSource
from .outcome import Indication, Level, ProofFormat, Qualification, Status, SubIndication
from .policy import Policy
from .report import AnchorFact, Answer, Check, ListVersion, SignedDocument, Signer, TimeStamp
from .sources import DocumentLoader, StatusSource
from .statement import Statement
from .trust import TrustStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a verification is given besides the document; see `verify`."""

    policy: Policy
    trust: TrustStore
    now: datetime
    accreditations: AccreditationSource | None = None
    statuses: StatusSource | None = None
    contexts: DocumentLoader | None = None


@dataclass(slots=True)
class Findings:
    """What has been found so far; the fields are those of the report."""

    indication: Indication = Indication.INDETERMINATE
    sub_indication: SubIndication | None = SubIndication.VERIFIER_FAILURE
    message: str = ""
    format: ProofFormat | None = None
    profile: str | None = None
    level: Level | None = None
    qualification: Qualification = Qualification.NOT_DETERMINED
    signer: Signer | None = None
    claimed_signing_time: datetime | None = None
    best_signature_time: datetime | None = None
    time_stamps: list[TimeStamp] = field(default_factory=list)
    anchor: AnchorFact | None = None
    lists: tuple[ListVersion, ...] = ()
    checks: list[Check] = field(default_factory=list)
    signed_document: SignedDocument | None = None
    statement: Statement = field(default_factory=Statement)
    answers: tuple[Answer, ...] = ()
    accreditations: tuple[AccreditationResult, ...] = ()

    def check(self, name: str, status: Status, message: str = "") -> None:
        """Note one step of the verification."""
        self.checks.append(Check(name, status, message))

    @property
    def stale(self) -> bool:
        """Whether a list that was relied on is past its next update."""
        return any(one.stale for one in self.lists)
