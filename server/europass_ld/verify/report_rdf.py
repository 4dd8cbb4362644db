"""A verification report as RDF: ELM's checks, in the activity of PROV that made them.

ELM knows six kinds of check and three statuses, none of which means undecided: the indication
stands beside them, and only the indication decides anything. The files are named by their SHA-256
as `ni:` (RFC 6920 <https://www.rfc-editor.org/rfc/rfc6920>). Nothing personal is in it.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyoxigraph as ox

from ..terms import RDF_TYPE, SKOS_CONCEPT, expand
from .outcome import Question, Status, SubIndication

if TYPE_CHECKING:
    from .report import VerificationReport

_CHECKS = "http://data.europa.eu/snb/verification/"
_STATUSES = "http://data.europa.eu/snb/verification-status/"
_SCHEME = "25831c2"
_KINDS = {
    "format": ("2f5b89b96f", "Format"),
    "seal": ("f9c2016fe9", "Seal"),
    "owner": ("1faf8d450f", "Owner"),
    "revocation": ("271aef9eb4", "Revocation"),
    "accreditation": ("e2bbc86a28", "Accreditation"),
    "expiry": ("94d828f160", "Expiry"),
}
_OK, _ERROR, _SKIPPED = (
    ("9895008394", "Ok"),
    ("9d26eb9a37", "Error"),
    ("641f0c5e5d", "Skipped"),
)
_SHOWN = {Status.YES: _OK, Status.YES_WITH_RESERVE: _OK, Status.NO: _ERROR}
_TIME_WORDS = {"expired", "not-yet-valid"}
_REVOCATION_WORDS = {"revoked", "not-revoked"}

Term = ox.NamedNode | ox.Literal


def report_triples(
    report: "VerificationReport", report_iri: str, credential_iri: str | None
) -> Iterator[str]:
    """Yield the N-Triples lines, with their line ends, of a report."""
    about = _about(report, credential_iri)
    file = _file(report.document_sha256)
    run = f"{report_iri}{'-' if '#' in report_iri else '#'}verification"
    yield from _activity(report, run, file)
    yield _triple(report_iri, RDF_TYPE, _iri(expand("eld:VerificationReport")))
    yield _triple(report_iri, RDF_TYPE, _iri(expand("prov:Entity")))
    yield _triple(report_iri, expand("prov:wasGeneratedBy"), _iri(run))
    yield _triple(report_iri, expand("prov:wasDerivedFrom"), _iri(file))
    for name, value in _verdict(report):
        yield _triple(report_iri, expand(name), value)
    yield _triple(about, RDF_TYPE, _iri(expand("elm:EuropeanDigitalCredential")))
    for kind, (status, text) in _checks(report).items():
        check = f"{report_iri}{'-' if '#' in report_iri else '#'}{kind}"
        yield _triple(report_iri, expand("dct:hasPart"), _iri(check))
        yield from _check(check, about, kind, status, text)


def _about(report: "VerificationReport", credential_iri: str | None) -> str:
    """Return what the checks are about: the credential if it has a usable IRI, else the file."""
    for one in (credential_iri, report.credential):
        if one is not None and ":" in one and _is_iri(one):
            return one
    return _file(report.document_sha256)


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _file(digest: str) -> str:
    octets = base64.urlsafe_b64encode(bytes.fromhex(digest)).rstrip(b"=").decode()
    return f"ni:///sha-256;{octets}"


def _activity(report: "VerificationReport", run: str, file: str) -> Iterator[str]:
    yield _triple(run, RDF_TYPE, _iri(expand("prov:Activity")))
    yield _triple(run, expand("prov:endedAtTime"), _time(report.verified_at))
    yield _triple(run, expand("prov:used"), _iri(file))
    yield _triple(file, RDF_TYPE, _iri(expand("prov:Entity")))
    for one in report.lists:
        entity = f"{run}-list-{one.territory}"
        yield _triple(run, expand("prov:used"), _iri(entity))
        yield _triple(entity, RDF_TYPE, _iri(expand("eld:TrustedList")))
        yield _triple(entity, expand("eld:territory"), _text(one.territory))
        yield _triple(entity, expand("eld:listNumber"), _typed(str(one.sequence_number), "integer"))
        yield _triple(entity, expand("dct:issued"), _time(one.issued))
        yield _triple(entity, expand("eld:stale"), _typed(str(one.stale).lower(), "boolean"))


def _verdict(report: "VerificationReport") -> Iterator[tuple[str, Term]]:
    yield "eld:indication", _iri(expand(f"eld:{report.indication}"))
    if report.sub_indication is not None:
        yield "eld:subIndication", _text(report.sub_indication)
    yield "dct:description", ox.Literal(report.message, language="en")
    yield "eld:sealQualification", _text(report.qualification)
    if report.format is not None:
        yield "eld:proofFormat", _text(report.format)
    if report.level is not None:
        yield "eld:baselineLevel", _text(report.level)
    if report.claimed_signing_time is not None:
        yield "eld:claimedSigningTime", _time(report.claimed_signing_time)
    if report.best_signature_time is not None:
        yield "eld:bestSignatureTime", _time(report.best_signature_time)
    if report.signer is not None and report.signer.certificate_sha256:
        yield "eld:signerCertificate", _iri(_file(report.signer.certificate_sha256))
    if report.anchor is not None:
        yield "eld:trustAnchor", _text(report.anchor.name)


def _checks(report: "VerificationReport") -> dict[str, tuple[tuple[str, str], str]]:
    """Return status and words of each of ELM's checks that can be derived from the answers."""
    seal, validity = report.answer(Question.SEAL), report.answer(Question.VALIDITY)
    malformed = report.sub_indication is SubIndication.FORMAT_FAILURE
    codes = {one.code for one in validity.reasons}
    revocation = _SHOWN.get(validity.status, _SKIPPED) if codes & _REVOCATION_WORDS else _SKIPPED
    expiry = _SKIPPED if validity.status is Status.NO_DATA else _OK
    accreditation = report.answer(Question.ACCREDITATION)
    return {
        "format": (
            _ERROR if malformed else _OK,
            report.message if malformed else "It can be read.",
        ),
        "seal": (_SHOWN.get(seal.status, _ERROR), seal.explanation),
        "owner": (_SKIPPED, "Who shows it is not told by a seal."),
        "revocation": (revocation, validity.explanation),
        "accreditation": (
            _SHOWN.get(accreditation.status, _SKIPPED),
            accreditation.explanation,
        ),
        "expiry": (_ERROR if codes & _TIME_WORDS else expiry, validity.explanation),
    }


def _check(check: str, about: str, kind: str, status: tuple[str, str], text: str) -> Iterator[str]:
    yield _triple(check, RDF_TYPE, _iri(expand("elm:VerificationCheck")))
    yield _triple(check, expand("elm:subject"), _iri(about))
    yield _triple(check, expand("dct:description"), ox.Literal(text, language="en"))
    yield _triple(check, expand("dct:type"), _iri(_CHECKS + _KINDS[kind][0]))
    yield _triple(check, expand("elm:verificationStatus"), _iri(_STATUSES + status[0]))
    yield from _concept(_CHECKS, _KINDS[kind])
    yield from _concept(_STATUSES, status)


def _concept(base: str, described: tuple[str, str]) -> Iterator[str]:
    code, label = described
    yield _triple(base + code, RDF_TYPE, _iri(SKOS_CONCEPT))
    yield _triple(base + code, expand("skos:inScheme"), _iri(base + _SCHEME))
    yield _triple(base + code, expand("skos:prefLabel"), ox.Literal(label, language="en"))
    yield _triple(base + _SCHEME, RDF_TYPE, _iri(expand("skos:ConceptScheme")))


def _triple(subject: str, predicate: str, value: Term) -> str:
    return f"{_iri(subject)} {_iri(predicate)} {value} .\n"


def _iri(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _text(text: str) -> ox.Literal:
    return ox.Literal(str(text))


def _typed(text: str, name: str) -> ox.Literal:
    return ox.Literal(text, datatype=_iri(expand(f"xsd:{name}")))


def _time(moment: datetime) -> ox.Literal:
    text = moment.astimezone(UTC).isoformat().removesuffix("+00:00")
    return _typed(f"{text}Z", "dateTime")
