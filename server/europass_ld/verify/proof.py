"""What the formats have in common: a seal that is mathematically whole, and what came with it."""

from dataclasses import dataclass, field
from datetime import datetime

from .certificates import Certificate, load_certificate
from .outcome import Level, ProofFormat, Rejection, malformed, over_limit
from .policy import Policy
from .report import SignedDocument


@dataclass(slots=True)
class Evidence:
    """What a seal carries besides itself, unverified: certificates and DER octets.

    `certificates` is the pool that paths are built from; `add_…` bounds what is taken in.
    """

    policy: Policy
    certificates: list[Certificate] = field(default_factory=list)
    content_time_stamps: list[bytes] = field(default_factory=list)
    signature_time_stamps: list[bytes] = field(default_factory=list)
    archive_time_stamps: int = 0
    ocsp_responses: list[bytes] = field(default_factory=list)
    revocation_lists: list[bytes] = field(default_factory=list)
    _bytes: int = 0

    def add_certificate(self, der: bytes, *, needed: bool = False) -> None:
        """Take in a certificate; one that cannot be read is left out unless it is `needed`.

        Raises:
            Rejection: a limit was met, or a needed certificate cannot be read.
        """
        self._spend(der)
        try:
            certificate = load_certificate(der)
        except Rejection:
            if needed:
                raise
            return
        if certificate not in self.certificates:
            self.certificates.append(certificate)
        if len(self.certificates) > self.policy.max_certificates:
            raise over_limit("too many certificates", self.policy.max_certificates)

    def add_time_stamp(self, token: bytes, *, content: bool) -> None:
        """Take in a content or a signature time-stamp.

        Raises:
            Rejection: a limit was met.
        """
        self._spend(token)
        (self.content_time_stamps if content else self.signature_time_stamps).append(token)
        self._count_time_stamps()

    def add_archive_time_stamp(self) -> None:
        """Count an archive time-stamp.

        Raises:
            Rejection: a limit was met.
        """
        self.archive_time_stamps += 1
        self._count_time_stamps()

    def add_ocsp_response(self, der: bytes) -> None:
        """Take in an OCSP response.

        Raises:
            Rejection: a limit was met.
        """
        self._add_revocation(self.ocsp_responses, der)

    def add_revocation_list(self, der: bytes) -> None:
        """Take in a CRL.

        Raises:
            Rejection: a limit was met.
        """
        self._add_revocation(self.revocation_lists, der)

    @property
    def level(self) -> Level:
        """The baseline level that the evidence makes."""
        if not self.signature_time_stamps:
            return Level.B
        return Level.LT if self.ocsp_responses or self.revocation_lists else Level.T

    def _add_revocation(self, where: list[bytes], der: bytes) -> None:
        self._spend(der)
        where.append(der)
        if len(self.ocsp_responses) + len(self.revocation_lists) > (
            self.policy.max_revocation_values
        ):
            raise over_limit("too many OCSP responses and CRLs", self.policy.max_revocation_values)

    def _count_time_stamps(self) -> None:
        kinds = (self.content_time_stamps, self.signature_time_stamps)
        if sum(map(len, kinds)) + self.archive_time_stamps > self.policy.max_time_stamps:
            raise over_limit("too many time-stamps", self.policy.max_time_stamps)

    def _spend(self, octets: bytes) -> None:
        self._bytes += len(octets)
        if self._bytes > self.policy.max_evidence_bytes:
            raise over_limit("too much evidence in bytes", self.policy.max_evidence_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """An AdES seal whose signature and digests hold; nothing is said yet about trust.

    `content_imprint` and `signature_imprint` are the octets that content and signature
    time-stamps are over. `algorithm` names the signature algorithm, `profile` what was recognised.
    """

    format: ProofFormat
    profile: str
    signed_document: SignedDocument
    certificate: Certificate
    algorithm: str
    claimed_signing_time: datetime | None
    content_imprint: bytes
    signature_imprint: bytes
    evidence: Evidence


def parse_time(text: str) -> datetime:
    """Return an aware time from its form in XML Schema or RFC 3339.

    Raises:
        Rejection: TOTAL_FAILED/FORMAT_FAILURE: another form, or without a time zone.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise malformed("a signing time of another form than xsd:dateTime") from error
    if moment.tzinfo is None:
        raise malformed("a signing time without a time zone")
    return moment
