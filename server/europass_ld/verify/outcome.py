"""What a verification can come to: indications, sub-indications, levels, qualification.

The indications and most sub-indications are those of ETSI EN 319 102-1, clause 5
<https://www.etsi.org/deliver/etsi_en/319100_319199/31910201/>; those of our own are marked.
"""

from enum import StrEnum


class Indication(StrEnum):
    """The verdict on a seal; only `TOTAL_PASSED` lets a document in unasked."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class SubIndication(StrEnum):
    """Why a seal did not pass."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    TRY_LATER = "TRY_LATER"

    NO_SIGNATURE = "NO_SIGNATURE"
    """Ours: the document carries no seal at all."""
    CONTEXT_NOT_AVAILABLE = "CONTEXT_NOT_AVAILABLE"
    """Ours: a JSON-LD context is not among the local ones, and none is ever fetched."""
    KEY_NOT_RESOLVABLE = "KEY_NOT_RESOLVABLE"
    """Ours: the verification method is none that can be resolved without a network."""
    KEY_NOT_BOUND_TO_ISSUER = "KEY_NOT_BOUND_TO_ISSUER"
    """Ours: the proof holds, but nothing says that its key is the issuer's."""
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    """Ours: a limit of the policy was met before the document was verified."""
    VERIFIER_FAILURE = "VERIFIER_FAILURE"
    """Ours: the verifier itself failed; that never counts as passed."""


class ProofFormat(StrEnum):
    """The kinds of proof that are understood."""

    XADES = "XAdES"
    JADES = "JAdES"
    DATA_INTEGRITY = "Data Integrity"


class Level(StrEnum):
    """The baseline level of an AdES seal, told from what it carries.

    B: the seal alone; T: and a signature time-stamp; LT: and revocation data. A seal with archive
    time-stamps is read as LT; the report counts them.
    """

    B = "B"
    T = "T"
    LT = "LT"


class Qualification(StrEnum):
    """What the seal is worth under eIDAS, as far as the trusted lists say.

    See ETSI TS 119 615 <https://www.etsi.org/deliver/etsi_ts/119600_119699/119615/>.
    """

    QESEAL = "QESeal"
    ADESEAL_QC = "AdESeal-QC"
    QESIG = "QESig"
    ADESIG_QC = "AdESig-QC"
    ADESEAL = "AdESeal"
    NOT_DETERMINED = "not determined"


class Question(StrEnum):
    """The five questions; none is ever answered by another one's answer."""

    SEALED_BY = "sealed-by"
    SEAL = "seal"
    ACCREDITATION = "accreditation"
    VALIDITY = "validity"
    SUBJECT = "subject"


class Status(StrEnum):
    """An answer in one word.

    `YES_WITH_RESERVE` is yes as of an old state of knowledge, such as a stale trusted list: it is
    never to be shown as plain green. `NO_DATA` is for what nothing is known about.
    """

    YES = "yes"
    YES_WITH_RESERVE = "yes-with-reserve"
    NO = "no"
    UNCERTAIN = "uncertain"
    NO_DATA = "no-data"


class Rejection(Exception):
    """Verification ends here; it never leaves this package, `verify` makes a report of it.

    Attributes: `indication`, `sub_indication`, `message` (plain words, nothing of the content).
    """

    def __init__(self, indication: Indication, sub_indication: SubIndication, message: str):
        super().__init__(f"{indication}/{sub_indication}: {message}")
        self.indication = indication
        self.sub_indication = sub_indication
        self.message = message


def failed(sub_indication: SubIndication, message: str) -> Rejection:
    """Return a TOTAL_FAILED to raise: the seal is certainly not good."""
    return Rejection(Indication.TOTAL_FAILED, sub_indication, message)


def indeterminate(sub_indication: SubIndication, message: str) -> Rejection:
    """Return an INDETERMINATE to raise: what is at hand does not prove the seal good."""
    return Rejection(Indication.INDETERMINATE, sub_indication, message)


def malformed(message: str) -> Rejection:
    """Return a TOTAL_FAILED/FORMAT_FAILURE to raise."""
    return failed(SubIndication.FORMAT_FAILURE, message)


def unsupported(message: str) -> Rejection:
    """Return an INDETERMINATE/SIG_CONSTRAINTS_FAILURE to raise: outside the accepted profiles."""
    return indeterminate(SubIndication.SIG_CONSTRAINTS_FAILURE, message)


def too_weak(message: str) -> Rejection:
    """Return an INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE to raise."""
    return indeterminate(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, message)


def over_limit(what: str, allowed: float) -> Rejection:
    """Return an INDETERMINATE/LIMIT_EXCEEDED to raise."""
    return indeterminate(SubIndication.LIMIT_EXCEEDED, f"{what} (the limit is {allowed:,})")
