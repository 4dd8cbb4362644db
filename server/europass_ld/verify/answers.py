"""The five answers, each from its own facts; none is implied by another.

Written for people: what is the case, then why. Reasons have short codes for programs.
"""

from collections.abc import Iterator
from datetime import datetime

from .accreditation import AccreditationResult, Coverage, assess
from .findings import Findings, Task
from .organisations import Organisation, read_identifier, same_identifier
from .outcome import Indication, Question, Rejection, Status, SubIndication
from .report import Answer, Reason
from .statement import EMPTY_STATEMENT, Statement, read_statement

_NAMED = 3
_UNREADABLE = Reason("unreadable", "What was sealed is no credential that can be read here.")
_NOT_WHOLE = Reason("not-whole", "The seal is not whole, so nothing in the document is relied on.")
_NO_SEAL = Reason("no-seal", "There is no seal, so nothing in the document is relied on.")


def answer(task: Task, findings: Findings) -> None:
    """Read what was sealed and add the five answers to `findings`."""
    statement = _statement(task, findings)
    findings.statement = statement or EMPTY_STATEMENT
    findings.answers = (
        _sealed_by(findings, statement),
        _seal(findings),
        _accreditation(task, findings, statement),
        _validity(task, findings, statement),
        _subject(findings, statement),
    )


def _statement(task: Task, findings: Findings) -> Statement | None:
    """Return what was sealed, or None where nothing was, or it cannot be read."""
    if findings.signed_document is None:
        return None
    try:
        found = read_statement(findings.signed_document, task.policy)
    except Rejection:
        return None
    return None if found == EMPTY_STATEMENT else found


def _unread(findings: Findings) -> Reason:
    """Return why nothing is known of what a document says."""
    if findings.signed_document is not None:
        return _UNREADABLE
    unsealed = findings.sub_indication is SubIndication.NO_SIGNATURE
    return _NO_SEAL if unsealed else _NOT_WHOLE


# --- who sealed it


def _sealed_by(findings: Findings, statement: Statement | None) -> Answer:
    question, signer = Question.SEALED_BY, findings.signer
    if findings.signed_document is None or signer is None:
        why = _unread(findings)
        return Answer(question, Status.NO, "Nobody is known to have sealed this.", (why,))
    name = signer.organisation or signer.name or signer.key or "a certificate without a name"
    reasons = tuple(_signer_reasons(findings))
    if statement is None:
        text = f"Sealed by {name}; whether that is the issuer cannot be told."
        return Answer(question, Status.UNCERTAIN, text, (*reasons, _UNREADABLE))
    bound, bond = _binding(findings, statement.issuer)
    reasons += (bond, *_mandate(statement))
    if findings.indication is not Indication.TOTAL_PASSED:
        text = f"Sealed in the name of {name}, but the seal is not proven to be theirs."
        return Answer(question, Status.UNCERTAIN, text, reasons)
    texts = {
        Status.YES: f"Sealed by {name}, who is the issuer named in it.",
        Status.NO: f"Sealed by {name}, but it names another issuer.",
        Status.UNCERTAIN: f"Sealed by {name}; whether that is the issuer named in it is not known.",
    }
    status = Status.YES_WITH_RESERVE if bound is Status.YES and findings.stale else bound
    return Answer(question, status, texts[bound], reasons)


def _signer_reasons(findings: Findings) -> Iterator[Reason]:
    signer, anchor = findings.signer, findings.anchor
    if signer and signer.organisation_identifier:
        identifier = signer.organisation_identifier
        yield Reason("certificate", f"The certificate is of organisation {identifier}.")
    if anchor and anchor.territory:
        yield Reason(
            "trusted-list",
            f"It was issued by {anchor.provider}, which is on the trusted list of "
            f"{anchor.territory}.",
        )
    elif anchor:
        yield Reason("operator", "The operator of this service trusts its issuer.")


def _binding(findings: Findings, issuer: Organisation) -> tuple[Status, Reason]:
    """Compare the certificate's organisationIdentifier, or the key, with the issuer's own."""
    signer = findings.signer
    if signer is None or signer.key:
        bound = Status.YES if findings.anchor else Status.UNCERTAIN
        return bound, Reason("key", "The key names itself; only the operator can say whose it is.")
    if signer.organisation_identifier is None:
        return Status.UNCERTAIN, Reason(
            "no-organisation-identifier", "The certificate holds no identifier of an organisation."
        )
    theirs = read_identifier(signer.organisation_identifier)
    comparable = [one for one in issuer.identifiers if one.scheme == theirs.scheme]
    if any(same_identifier(one, theirs) for one in comparable):
        return Status.YES, Reason(
            "identifiers-match", f"The issuer has the identifier {signer.organisation_identifier}."
        )
    if comparable:
        return Status.NO, Reason(
            "identifiers-differ", "The issuer has another identifier of the same kind."
        )
    return Status.UNCERTAIN, Reason(
        "no-common-identifier", "The issuer has no identifier that could be compared with it."
    )


def _mandate(statement: Statement) -> Iterator[Reason]:
    others = [one for one in statement.mandated if one != statement.issuer]
    if others:
        names = "; ".join(_name(one) for one in others[:_NAMED])
        yield Reason(
            "mandate",
            f"It was sealed on behalf of {names}; whether they asked for it is not proven here.",
        )


def _name(organisation: Organisation) -> str:
    return next(iter(organisation.names), None) or organisation.iri or "an unnamed organisation"


# --- is the seal whole and trusted


def _seal(findings: Findings) -> Answer:
    reasons = [Reason(str(findings.sub_indication or findings.indication), findings.message)]
    reasons += [Reason("time", one) for one in _proven_times(findings)]
    reasons += [Reason("list", f"Judged {one}.") for one in findings.lists]
    if findings.indication is Indication.TOTAL_PASSED:
        when = f"{findings.best_signature_time:%Y-%m-%d}"
        text = f"The seal is whole and was trusted on {when}."
        if not findings.stale:
            return Answer(Question.SEAL, Status.YES, text, tuple(reasons))
        text += " This rests on trusted lists that should have been renewed since."
        return Answer(Question.SEAL, Status.YES_WITH_RESERVE, text, tuple(reasons))
    if findings.sub_indication is SubIndication.NO_SIGNATURE:
        return Answer(Question.SEAL, Status.NO, "There is no seal on this.", tuple(reasons))
    if findings.indication is Indication.TOTAL_FAILED:
        text = "The seal is broken: this is not what was sealed, or it was never a good seal."
        return Answer(Question.SEAL, Status.NO, text, tuple(reasons))
    text = "The seal is not proven good; that does not make it false."
    return Answer(Question.SEAL, Status.UNCERTAIN, text, tuple(reasons))


def _proven_times(findings: Findings) -> Iterator[str]:
    for one in findings.time_stamps:
        if one.kind == "signature" and one.time is not None:
            trusted = "is proven by" if one.trusted else "is stated, but not proven, by"
            yield f"That it existed on {one.time:%Y-%m-%d} {trusted} {one.anchor or one.authority}."


# --- was the issuer allowed to award this


def _accreditation(task: Task, findings: Findings, statement: Statement | None) -> Answer:
    question, source = Question.ACCREDITATION, task.accreditations
    text = "Whether the issuer was allowed to award this is not known."
    if statement is None:
        return Answer(question, Status.NO_DATA, text, (_unread(findings),))
    if source is None:
        reason = Reason("no-accreditations", "No accreditations are loaded here.")
        return Answer(question, Status.NO_DATA, text, (reason,))
    if not statement.awards:
        reason = Reason("no-award", "No award with a date is stated that could be looked up.")
        return Answer(question, Status.NO_DATA, text, (reason,))
    bodies = {award.organisation for award in statement.awards}
    known = {body: source.accreditations(body) for body in bodies}
    findings.accreditations = tuple(
        assess(award, known[award.organisation], source.broader) for award in statement.awards
    )
    found = {one.coverage for one in findings.accreditations}
    reasons = tuple(_coverage_reason(one) for one in findings.accreditations)
    if Coverage.NOT_COVERED in found:
        text = "An award in this is not covered by the accreditations that are known."
        return Answer(question, Status.NO, text, reasons)
    if Coverage.NO_DATA in found:
        text = "Whether the awarding organisation was allowed to award all of this is not known."
        return Answer(question, Status.NO_DATA, text, reasons)
    text = "Every award in this is covered by an accreditation of the organisation it names."
    return Answer(question, Status.YES, text, reasons)


def _coverage_reason(result: AccreditationResult) -> Reason:
    award = result.award
    what = f"{_name(award.organisation)}, awarded on {award.on}"
    if result.coverage is Coverage.COVERED:
        iris = (one.accreditation.iri for one in result.assessments if one.coverage == "covered")
        return Reason("covered", f"{what}: covered by {', '.join(iris)}.")
    if not result.assessments:
        return Reason("no-data", f"{what}: no accreditation of this organisation is known.")
    why = "; ".join(
        f"{one.accreditation.iri}: {', '.join(one.reasons)}" for one in result.assessments
    )
    return Reason(result.coverage.value, f"{what}: {why}.")


# --- is it still valid


def _validity(task: Task, findings: Findings, statement: Statement | None) -> Answer:
    question = Question.VALIDITY
    if statement is None:
        text = "Nothing is known of its period."
        return Answer(question, Status.NO_DATA, text, (_unread(findings),))
    start, end = statement.valid_from, statement.valid_until
    if start is not None and start > task.now:
        text = f"It is valid only from {start:%Y-%m-%d} on."
        return Answer(question, Status.NO, text, (Reason("not-yet-valid", text),))
    if end is not None and end <= task.now:
        text = f"It expired on {end:%Y-%m-%d}."
        return Answer(question, Status.NO, text, (Reason("expired", text),))
    if start is None and end is None:
        return Answer(question, Status.NO_DATA, "It states no period.", ())
    period = Reason("period", _period(start, end))
    return _revocation(task, statement, period)


def _period(start: datetime | None, end: datetime | None) -> str:
    since = f" since {start:%Y-%m-%d}" if start else ""
    return f"Valid{since}{f' until {end:%Y-%m-%d}' if end else ', without an end'}."


def _revocation(task: Task, statement: Statement, period: Reason) -> Answer:
    question = Question.VALIDITY
    known = task.statuses.status(statement.credential, statement.status) if task.statuses else None
    if known is not None:
        found = f"{known.source}, as of {known.as_of:%Y-%m-%d}"
        if known.revoked:
            reason = Reason("revoked", f"Revoked according to {found}.")
            return Answer(question, Status.NO, "The issuer has revoked it.", (period, reason))
        reason = Reason("not-revoked", f"Not revoked according to {found}.")
        return Answer(question, Status.YES, "It is within its period.", (period, reason))
    if statement.status:
        text = "It is within its period, but may have been revoked: where that is said is not here."
        reason = Reason("status-not-available", "It names a place that tells of its revocation.")
        return Answer(question, Status.UNCERTAIN, text, (period, reason))
    reason = Reason("no-status", "It names no place that would tell of its revocation.")
    return Answer(question, Status.YES, "It is within its period.", (period, reason))


# --- whom is it about


def _subject(findings: Findings, statement: Statement | None) -> Answer:
    question = Question.SUBJECT
    if statement is None:
        text = "Whom it is about is not known."
        return Answer(question, Status.NO_DATA, text, (_unread(findings),))
    if not statement.subjects:
        return Answer(question, Status.NO_DATA, "It names nobody.", ())
    words = dict.fromkeys(word for one in statement.subjects for word in one.identified_by)
    by = f" by {', '.join(words)}" if words else ""
    how_many = len(statement.subjects)
    who = "one person" if how_many == 1 else f"{how_many} persons"
    text = (
        f"It names {who}{by}. A seal says whom it was made out to, never who is showing it: "
        "compare with an identity document."
    )
    return Answer(question, Status.UNCERTAIN, text, (Reason("not-proven-by-a-seal", text),))
