"""What kind of proof a document carries, and the way from its octets to the report."""

import codecs
import hashlib
from datetime import datetime

from . import ades
from .accreditation import AccreditationSource
from .answers import answer
from .data_integrity import verify_data_integrity
from .findings import Findings, Task
from .jades import verify_compact, verify_jades
from .outcome import (
    Indication,
    Rejection,
    Status,
    SubIndication,
    indeterminate,
    malformed,
    over_limit,
)
from .policy import DEFAULT_POLICY, Policy
from .report import VerificationReport
from .sources import DocumentLoader, StatusSource
from .strict_json import expect_object, loads
from .trust import TrustStore
from .xades import verify_xades

_JWS_MEMBERS = ("payload", "signatures", "signature", "protected")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def verify(
    data: bytes,
    *,
    trust: TrustStore,
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
    accreditations: AccreditationSource | None = None,
    statuses: StatusSource | None = None,
    contexts: DocumentLoader | None = None,
) -> VerificationReport:
    """Verify the proof of a document, from the octets as they were received.

    Nothing is fetched, and nothing about the content leads to an exception: whatever goes wrong is
    an indication that is not TOTAL_PASSED. `now` (aware) is the time of verification.
    `accreditations` answers whether the issuer was allowed, `statuses` whether the credential was
    revoked, `contexts` gives JSON-LD contexts for Data Integrity proofs; without them these
    questions get no data, and RDF-based proofs are INDETERMINATE/CONTEXT_NOT_AVAILABLE.

    Raises:
        ValueError: `now` has no time zone. Errors of the sources given are passed on.
    """
    if now.tzinfo is None:
        raise ValueError("the time of verification needs a time zone")
    task = Task(
        policy=policy,
        trust=trust,
        now=now,
        accreditations=accreditations,
        statuses=statuses,
        contexts=contexts,
    )
    findings = Findings()
    _judge(data, task, findings)
    if findings.indication is Indication.TOTAL_FAILED:
        findings.signed_document = None
    answer(task, findings)
    return _report(data, now, findings)


def _judge(data: bytes, task: Task, findings: Findings) -> None:
    try:
        _verify(data, task, findings)
    except Rejection as rejection:
        findings.indication = rejection.indication
        findings.sub_indication = rejection.sub_indication
        findings.message = rejection.message
    except Exception as error:  # noqa: BLE001 - a verifier that breaks must never let in
        findings.indication = Indication.INDETERMINATE
        findings.sub_indication = SubIndication.VERIFIER_FAILURE
        findings.message = f"the verifier failed ({type(error).__name__})"
    else:
        findings.indication, findings.sub_indication = Indication.TOTAL_PASSED, None
        findings.message = "the seal is whole and trusted"
        return
    findings.check("verdict", Status.NO, findings.message)


def _verify(data: bytes, task: Task, findings: Findings) -> None:
    policy = task.policy
    if len(data) > policy.max_document_bytes:
        raise over_limit("the document is too large in bytes", policy.max_document_bytes)
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:3]
    if start.startswith(b"<") or data.startswith(_UTF_16):
        ades.validate(verify_xades(data, policy), task, findings)
    elif start == b"eyJ":
        ades.validate(verify_compact(data, policy), task, findings)
    elif start.startswith(b"{"):
        _verify_json(data, task, findings)
    else:
        raise malformed("neither XML, nor a JSON object, nor a compact JWS")


def _verify_json(data: bytes, task: Task, findings: Findings) -> None:
    document = expect_object(loads(data, task.policy), "the document")
    if any(one in document for one in _JWS_MEMBERS):
        ades.validate(verify_jades(document, task.policy), task, findings)
    elif "proof" in document:
        verify_data_integrity(document, task, findings)
    else:
        raise indeterminate(SubIndication.NO_SIGNATURE, "the document carries no seal")


def _report(data: bytes, now: datetime, findings: Findings) -> VerificationReport:
    return VerificationReport(
        indication=findings.indication,
        sub_indication=findings.sub_indication,
        message=findings.message,
        document_sha256=hashlib.sha256(data).hexdigest(),
        document_bytes=len(data),
        verified_at=now,
        format=findings.format,
        profile=findings.profile,
        level=findings.level,
        qualification=findings.qualification,
        signer=findings.signer,
        claimed_signing_time=findings.claimed_signing_time,
        best_signature_time=findings.best_signature_time,
        time_stamps=tuple(findings.time_stamps),
        anchor=findings.anchor,
        lists=findings.lists,
        checks=tuple(findings.checks),
        answers=findings.answers,
        accreditations=findings.accreditations,
        credential=findings.statement.credential,
        subjects=findings.statement.subjects,
        signed_document=findings.signed_document,
    )
