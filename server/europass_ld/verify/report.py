"""What a verification found: a value, never an exception."""

from dataclasses import dataclass
from datetime import datetime

from .accreditation import AccreditationResult
from .outcome import (
    Indication,
    Level,
    ProofFormat,
    Qualification,
    Question,
    Status,
    SubIndication,
)
from .report_json import report_members, to_text
from .report_rdf import report_triples


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """The octets that were signed: the only thing that may be lifted.

    `media_type` is application/xml (canonical XML), application/ld+json (a JWS payload, or
    canonical JSON) or application/n-quads (a canonical RDF dataset).
    """

    octets: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose key made the seal.

    For a certificate: names, organizationIdentifier (2.5.4.97) and country of its subject, the
    name of its issuer, its serial number (hexadecimal), validity and SHA-256 (hexadecimal). For
    Data Integrity only `key`, the verification method, is known.
    """

    name: str | None = None
    organisation: str | None = None
    organisation_identifier: str | None = None
    country: str | None = None
    issuer: str | None = None
    serial_number: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    certificate_sha256: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A time-stamp that the document carries.

    `kind`: content, signature or archive (archive time-stamps are counted, not verified).
    `trusted`: it is whole, and its authority has a path to an anchor; only then it moves time.
    """

    kind: str
    trusted: bool
    time: datetime | None = None
    authority: str | None = None
    anchor: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ListVersion:
    """A trusted list that the verdict rests on; `stale` as of the time of verification."""

    territory: str
    sequence_number: int
    issued: datetime
    next_update: datetime | None
    stale: bool

    def __str__(self) -> str:
        """Say it in words: as of list 146 (ES) of 2023-10-24."""
        end = f"; its next update was due {self.next_update:%Y-%m-%d}" if self.next_update else ""
        issued = f"as of list {self.sequence_number} ({self.territory}) of {self.issued:%Y-%m-%d}"
        return issued + (end if self.stale else "")


@dataclass(frozen=True, slots=True)
class AnchorFact:
    """Where the certification path ended.

    `sha256` is of its certificate (None for an issuer whose key the operator knows). `source` is
    "operator" or "trusted list"; `territory`, `provider`, `service` and `status` (at
    the best signature time) come from the list.
    """

    name: str
    sha256: str | None
    source: str
    territory: str | None = None
    provider: str | None = None
    service: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the verification, in its order: what was checked, how it went, in words."""

    name: str
    status: Status
    message: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer is what it is: a short stable code for programs, and plain words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the five answers: its status, one sentence for people, and the reasons."""

    question: Question
    status: Status
    explanation: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the sealed statement names; personal data, kept apart from the answers.

    `identified_by` says in which ways (full name, date of birth, national identifier, …), without
    the values.
    """

    id: str | None = None
    name: str | None = None
    date_of_birth: str | None = None
    identified_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """The verdict on one document, with everything that it rests on.

    `document_sha256` is of the octets that were received. `claimed_signing_time` is what the
    signer says, `best_signature_time` the earliest time at which the seal is proven to have
    existed (`verified_at` without a trusted time-stamp). `signed_document` is None whenever the
    seal is not mathematically whole. `answers` holds one answer to each `Question`, in that order.
    `credential` is the identifier that the sealed statement gives itself.
    """

    indication: Indication
    sub_indication: SubIndication | None
    message: str
    document_sha256: str
    document_bytes: int
    verified_at: datetime
    format: ProofFormat | None = None
    profile: str | None = None
    level: Level | None = None
    qualification: Qualification = Qualification.NOT_DETERMINED
    signer: Signer | None = None
    claimed_signing_time: datetime | None = None
    best_signature_time: datetime | None = None
    time_stamps: tuple[TimeStamp, ...] = ()
    anchor: AnchorFact | None = None
    lists: tuple[ListVersion, ...] = ()
    checks: tuple[Check, ...] = ()
    answers: tuple[Answer, ...] = ()
    accreditations: tuple[AccreditationResult, ...] = ()
    credential: str | None = None
    subjects: tuple[Subject, ...] = ()
    signed_document: SignedDocument | None = None

    @property
    def passed(self) -> bool:
        """Whether the seal is TOTAL_PASSED."""
        return self.indication is Indication.TOTAL_PASSED

    @property
    def stale(self) -> bool:
        """Whether the verdict rests on a trusted list past its next update."""
        return any(one.stale for one in self.lists)

    @property
    def archive_time_stamps(self) -> int:
        """How many archive time-stamps the document carries; none of them is verified."""
        return sum(one.kind == "archive" for one in self.time_stamps)

    @property
    def signed_octets(self) -> bytes | None:
        """The octets of `signed_document`, or None."""
        return self.signed_document.octets if self.signed_document else None

    def answer(self, question: Question) -> Answer:
        """Return the answer to one question."""
        return next(one for one in self.answers if one.question is question)

    def to_json(self, *, personal: bool = False) -> str:
        """Return the report for programs, as JSON text.

        The structure is stable; another one gets another `version`. Members have the names and
        values of the attributes here, times are ISO 8601, what is not known is null::

            {"version": 1, "indication": "TOTAL_PASSED", "sub_indication": null, "message": …,
             "passed": true, "stale": false, "verified_at": …, "format": "JAdES", "profile": …,
             "level": "LT", "archive_time_stamps": 1, "qualification": "AdESeal-QC",
             "signer": {"name": …, …}, "claimed_signing_time": …, "best_signature_time": …,
             "time_stamps": [{"kind": "signature", "trusted": true, …}], "anchor": {…},
             "lists": [{"territory": "ES", "sequence_number": 146, "issued": …, …}],
             "checks": [{"name": "signature", "status": "yes", "message": …}], "credential": …,
             "document": {"sha256": …, "bytes": 131072},
             "signed_document": {"sha256": …, "bytes": 130000, "media_type": …},
             "answers": {"sealed-by": {"status": "yes", "explanation": …,
                                       "reasons": [{"code": …, "text": …}]}, …},
             "accreditations": [{"coverage": "covered", "award": {…}, "assessments": […]}]}

        With `personal` there is also `subjects`, a list of whom the statement names.
        """
        return to_text(report_members(self, personal=personal))

    def to_ntriples(self, report_iri: str, credential_iri: str | None = None) -> str:
        """Return the report as RDF in N-Triples, for a graph that no document can write to.

        Nothing personal is in it. `credential_iri` is what the checks are about (random in the
        private store), by default the identifier that the statement gives itself.
        """
        return "".join(dict.fromkeys(report_triples(self, report_iri, credential_iri)))
