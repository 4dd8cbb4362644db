"""Whether a seal that is whole is also trusted: time-stamps, path, revocation, qualification.

In the order of ETSI EN 319 102-1, clauses 5.3 and 5.5: what proves the seal's existence comes
first, then everything is judged at that time. An untrusted time-stamp never moves time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from .certificates import Certificate, name_text
from .findings import Findings, Task
from .outcome import (
    Indication,
    Rejection,
    Status,
    SubIndication,
    failed,
    indeterminate,
    unsupported,
)
from .paths import PathBuilder, check_sealing_certificate
from .proof import Seal
from .qualification import qualification
from .report import AnchorFact, Signer, TimeStamp
from .revocation import RevocationData
from .time_stamps import Token, verify_token
from .trust.store import Anchor


@dataclass(slots=True)
class _Validation:
    """One validation: the seal, what it is judged by, and the anchors that were relied on."""

    seal: Seal
    task: Task
    findings: Findings
    revocation: RevocationData
    used: list[Anchor] = field(default_factory=list)
    content_times: list[datetime] = field(default_factory=list)
    signature_times: list[datetime] = field(default_factory=list)

    @property
    def best_time(self) -> datetime:
        return min((*self.signature_times, self.task.now))


def validate(seal: Seal, task: Task, findings: Findings) -> None:
    """Decide whether a seal is trusted, and note everything on the way.

    Raises:
        Rejection: it is not; `findings` hold what was found until then.
    """
    evidence = seal.evidence
    revocation = RevocationData(
        (*evidence.ocsp_responses, *task.trust.ocsp_responses),
        (*evidence.revocation_lists, *task.trust.revocation_lists),
        task.now,
    )
    validation = _Validation(seal, task, findings, revocation)
    _describe(seal, findings)
    try:
        _check_time_stamps(validation)
        _check_signing_time(validation)
        path = _check_path(validation)
        _check_revocation(validation, path)
        _determine_qualification(validation, path[-1])
    finally:
        findings.best_signature_time = validation.best_time
        findings.lists = task.trust.versions(validation.used, task.now)


def _describe(seal: Seal, findings: Findings) -> None:
    findings.format = seal.format
    findings.profile = seal.profile
    findings.level = seal.evidence.level
    findings.claimed_signing_time = seal.claimed_signing_time
    findings.signed_document = seal.signed_document
    findings.signer = _signer(seal.certificate)
    findings.check("signature", Status.YES, f"{seal.algorithm}; nothing sealed has been changed")


def _signer(certificate: Certificate) -> Signer:
    try:
        names = {
            "name": certificate.attribute("CN"),
            "organisation": certificate.attribute("O"),
            "organisation_identifier": certificate.attribute("organizationIdentifier"),
            "country": certificate.attribute("C"),
        }
    except ValueError:
        names = {}
    return Signer(
        **names,
        issuer=name_text(certificate.issuer),
        serial_number=f"{certificate.serial_number:x}",
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        certificate_sha256=certificate.sha256,
    )


def _check_time_stamps(validation: _Validation) -> None:
    evidence, seal = validation.seal.evidence, validation.seal
    for token in evidence.content_time_stamps:
        _check_time_stamp(validation, token, "content", seal.content_imprint)
    for token in evidence.signature_time_stamps:
        _check_time_stamp(validation, token, "signature", seal.signature_imprint)
    archive = TimeStamp("archive", trusted=False, message="present; not verified")
    validation.findings.time_stamps += [archive] * evidence.archive_time_stamps
    if any(one > validation.best_time for one in validation.content_times):
        raise indeterminate(
            SubIndication.TIMESTAMP_ORDER_FAILURE,
            "a time-stamp on the content is later than one on the seal",
        )


def _check_time_stamp(validation: _Validation, der: bytes, kind: str, imprinted: bytes) -> None:
    findings, task = validation.findings, validation.task
    try:
        token = verify_token(der, imprinted, task.policy)
    except Rejection as rejection:
        message = f"the {kind} time-stamp is not whole: {rejection.message}"
        findings.time_stamps.append(TimeStamp(kind, trusted=False, message=message))
        findings.check(f"{kind}-time-stamp", Status.NO, message)
        if rejection.indication is Indication.TOTAL_FAILED and kind == "content":
            raise failed(rejection.sub_indication, message) from rejection
        raise unsupported(message) from rejection
    authority = name_text(token.authority.subject)
    try:
        anchor = _check_authority(validation, token)
    except Rejection as rejection:
        message = f"not trusted, so it proves no time: {rejection.message}"
        stamp = TimeStamp(kind, False, token.time, authority, message=message)
        findings.check(f"{kind}-time-stamp", Status.UNCERTAIN, f"{authority}: {message}")
    else:
        stamp = TimeStamp(
            kind, True, token.time, authority, _anchor_name(anchor), "whole and trusted"
        )
        times = validation.content_times if kind == "content" else validation.signature_times
        times.append(token.time)
        findings.check(f"{kind}-time-stamp", Status.YES, f"{token.time:%Y-%m-%d %H:%M:%S} UTC")
    findings.time_stamps.append(stamp)


def _check_authority(validation: _Validation, token: Token) -> Anchor:
    """Return the anchor that a time-stamp's authority leads to at the time it states."""
    task = validation.task
    if token.time > task.now + task.policy.clock_skew:
        raise unsupported("it states a time that has not come yet")
    pool = (*token.certificates, *validation.seal.evidence.certificates)
    anchors = _Anchors(task, task.trust.time_stamp_anchors, token.time)
    path = PathBuilder(pool, task.policy).build(token.authority, anchors.certificates, token.time)
    for certificate, issuer in pairwise(path):
        status = validation.revocation.status(certificate, issuer, token.time, task.policy)
        if status is None and task.policy.require_time_stamp_revocation_data:
            raise indeterminate(SubIndication.TRY_LATER, "no revocation data for its authority")
        # whoever has a stolen key dates back: a later revocation counts too
        if status and status.revoked_at is not None:
            raise indeterminate(SubIndication.REVOKED_NO_POE, "its authority was revoked")
    anchor = anchors.of(path[-1])[0]
    validation.used.append(anchor)
    return anchor


@dataclass(frozen=True, slots=True)
class _Anchors:
    """The anchors that count at a time: of a list only while the service was granted."""

    task: Task
    index: Mapping[bytes, Sequence[Anchor]]
    moment: datetime

    def by_subject(self, subject: bytes) -> list[Anchor]:
        """Return the anchors with a subject; those of trusted lists come first."""
        return [one for one in self.index.get(subject, ()) if self._counts(one)]

    def _counts(self, anchor: Anchor) -> bool:
        if anchor.service is None or anchor.list is None:
            return True
        lists = self.task.trust.versions([anchor], self.task.now)
        if not self.task.policy.accept_stale_lists and any(one.stale for one in lists):
            return False
        return anchor.service.granted_at(self.moment)

    def certificates(self, subject: bytes) -> Sequence[Certificate]:
        """Return their certificates."""
        return [one.certificate for one in self.by_subject(subject)]

    def of(self, certificate: Certificate) -> list[Anchor]:
        """Return the anchors with a certificate."""
        return [
            one for one in self.by_subject(certificate.subject) if one.certificate == certificate
        ]


def _check_signing_time(validation: _Validation) -> None:
    claimed, skew = validation.seal.claimed_signing_time, validation.task.policy.clock_skew
    if claimed is None:
        raise unsupported("the seal does not say when it was made")
    if claimed > validation.best_time + skew:
        raise unsupported("the seal says it was made later than it is known to have existed")
    validation.findings.check("signing-time", Status.YES, f"{claimed:%Y-%m-%d %H:%M:%S %Z}")


def _check_path(validation: _Validation) -> tuple[Certificate, ...]:
    task, seal, moment = validation.task, validation.seal, validation.best_time
    check_sealing_certificate(seal.certificate, task.policy)
    anchors = _Anchors(task, task.trust.seal_anchors, moment)
    builder = PathBuilder(seal.evidence.certificates, task.policy)
    path = builder.build(seal.certificate, anchors.certificates, moment)
    anchor = anchors.of(path[-1])[0]
    validation.used.append(anchor)
    validation.findings.anchor = _anchor_fact(anchor, moment)
    validation.findings.check("path", Status.YES, f"to {_anchor_name(anchor)}")
    return path


def _anchor_name(anchor: Anchor) -> str:
    if anchor.service is None or anchor.list is None:
        return f"{name_text(anchor.certificate.subject)} (an anchor of the operator)"
    return f"{anchor.service.name or name_text(anchor.certificate.subject)}, {anchor.list.title}"


def _anchor_fact(anchor: Anchor, moment: datetime) -> AnchorFact:
    service, name = anchor.service, name_text(anchor.certificate.subject)
    if service is None:
        return AnchorFact(name, anchor.certificate.sha256, "operator")
    state = service.at(moment)
    return AnchorFact(
        name,
        anchor.certificate.sha256,
        "trusted list",
        service.territory,
        service.provider,
        service.name,
        state.status if state else None,
    )


def _check_revocation(validation: _Validation, path: tuple[Certificate, ...]) -> None:
    task, moment, findings = validation.task, validation.best_time, validation.findings
    for certificate, issuer in pairwise(path):
        name = _role(certificate, validation.seal)
        status = validation.revocation.status(certificate, issuer, moment, task.policy)
        if status is None:
            findings.check("revocation", Status.NO_DATA, name)
            if task.policy.require_revocation_data:
                raise indeterminate(
                    SubIndication.TRY_LATER,
                    f"nothing at hand says whether {name} had been revoked",
                )
        elif status.revoked_at is None:
            findings.check("revocation", Status.YES, f"{name}: good ({status.kind})")
        else:
            _judge_revocation(validation, name, status.revoked_at)


def _role(certificate: Certificate, seal: Seal) -> str:
    """Name a certificate without naming the signer, who may be a person."""
    if certificate == seal.certificate:
        return "the certificate of the seal"
    return f"the certificate of {name_text(certificate.subject)}"


def _judge_revocation(validation: _Validation, name: str, revoked_at: datetime) -> None:
    """Let a seal stand that is proven older than the revocation.

    Raises:
        Rejection: REVOKED where the seal was made after it by its own word or a time-stamp's,
            REVOKED_NO_POE where nothing tells.
    """
    validation.findings.check("revocation", Status.NO, f"{name}: revoked {revoked_at:%Y-%m-%d}")
    claimed = validation.seal.claimed_signing_time
    not_before = [*validation.content_times, *([claimed] if claimed else [])]
    if any(one >= revoked_at for one in not_before):
        raise failed(SubIndication.REVOKED, f"{name} had been revoked when the seal was made")
    if revoked_at <= validation.best_time:
        raise indeterminate(
            SubIndication.REVOKED_NO_POE,
            f"{name} was revoked, and the seal is not proven to be older than that",
        )


def _determine_qualification(validation: _Validation, end: Certificate) -> None:
    anchors = _Anchors(validation.task, validation.task.trust.seal_anchors, validation.best_time)
    services = [one.service for one in anchors.of(end) if one.service is not None]
    found = qualification(validation.seal.certificate, services, validation.best_time)
    validation.findings.qualification = found
    validation.findings.check("qualification", Status.YES, found.value)
