"""What a seal is worth under eIDAS, from the certificate and the trusted list that knows its CA.

Along ETSI TS 119 615, clause 4 <https://www.etsi.org/deliver/etsi_ts/119600_119699/119615/>, with
the statements of ETSI EN 319 412-5 in the certificate. A certificate counts as qualified only if
the list says so both when it was issued and at the best signature time. The operator's own anchors
never make anything qualified.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from . import asn1
from . import certificates as x509
from .certificates import Certificate
from .outcome import Qualification
from .trust.lists import FOR_SEALS, FOR_SIGNATURES, GRANTED, Service, ServiceState

_QC = "0.4.0.1862.1."
_COMPLIANCE = f"{_QC}1"
_SSCD = f"{_QC}4"
_TYPE = f"{_QC}6"
_KINDS = {f"{_QC}6.1": "signature", f"{_QC}6.2": "seal", f"{_QC}6.3": "web"}
_KIND_QUALIFIERS = {"QCForESig": "signature", "QCForESeal": "seal", "QCForWSA": "web"}
_PURPOSES = {"signature": FOR_SIGNATURES, "seal": FOR_SEALS}
_ON_DEVICE = {"QCWithSSCD", "QCWithQSCD", "QCQSCDManagedOnBehalf"}
_NOT_ON_DEVICE = {"QCNoSSCD", "QCNoQSCD"}
_RESULTS = {
    ("seal", True): Qualification.QESEAL,
    ("seal", False): Qualification.ADESEAL_QC,
    ("signature", True): Qualification.QESIG,
    ("signature", False): Qualification.ADESIG_QC,
}


@dataclass(frozen=True, slots=True)
class _Standing:
    """A qualified certificate: what it is for, and whether its key is on a certified device."""

    kind: str
    on_device: bool


class _Undecided(Exception):
    """A rule of the list, or the certificate, cannot be read or contradicts another."""


def qualification(
    certificate: Certificate, services: Iterable[Service], moment: datetime
) -> Qualification:
    """Return the qualification of a seal whose best signature time is `moment`.

    `services` are those of the lists whose certificate ended the certification path.
    """
    best = Qualification.ADESEAL
    for service in services:
        found = _by(certificate, service, moment)
        if found in _RESULTS.values():
            return found
        if found is Qualification.NOT_DETERMINED:
            best = found
    return best


def _by(certificate: Certificate, service: Service, moment: datetime) -> Qualification:
    try:
        stated = statements(certificate)
        standings = {
            _standing(certificate, stated, service.at(when))
            for when in (certificate.not_before, moment)
        }
    except (_Undecided, ValueError, IndexError):
        return Qualification.NOT_DETERMINED
    if None in standings or len({one.kind for one in standings if one}) != 1:
        return Qualification.ADESEAL
    kind = next(one.kind for one in standings if one)
    on_device = all(one.on_device for one in standings if one)
    return _RESULTS.get((kind, on_device), Qualification.ADESEAL)


def statements(certificate: Certificate) -> frozenset[str]:
    """Return the qualified certificate statements, types included, in dotted form.

    Raises:
        ValueError: the extension is malformed.
    """
    extension = certificate.extensions.get(x509.QC_STATEMENTS)
    if extension is None:
        return frozenset()
    found = set()
    for one in asn1.members(asn1.only(extension.value, asn1.SEQUENCE)):
        name, *information = asn1.members(one)
        oid = asn1.object_identifier(name)
        if oid == _TYPE:
            found |= {asn1.object_identifier(each) for each in asn1.members(information[0])}
        found.add(oid)
    return frozenset(found)


def _standing(
    certificate: Certificate, stated: Collection[str], state: ServiceState | None
) -> _Standing | None:
    """Return what the certificate was at a time, None where it was not qualified.

    Raises:
        _Undecided: that cannot be told.
    """
    if state is None or state.status != GRANTED:
        return None
    qualifiers = _qualifiers(certificate, state)
    compliant = _COMPLIANCE in stated or "QCStatement" in qualifiers
    if "NotQualified" in qualifiers or not compliant:
        return None
    kind = _kind(stated, qualifiers)
    if _PURPOSES.get(kind) not in state.purposes:
        return None
    return _Standing(kind, _on_device(stated, qualifiers))


def _qualifiers(certificate: Certificate, state: ServiceState) -> set[str]:
    found: set[str] = set()
    for rule in state.rules:
        applies = rule.applies(certificate)
        if applies is None:
            raise _Undecided
        if applies:
            found |= rule.qualifiers
    return found


def _kind(stated: Collection[str], qualifiers: Collection[str]) -> str:
    by_list = {kind for name, kind in _KIND_QUALIFIERS.items() if name in qualifiers}
    in_certificate = {kind for oid, kind in _KINDS.items() if oid in stated}
    kinds = by_list or in_certificate or {"signature"}
    if len(kinds) > 1:
        raise _Undecided
    return kinds.pop()


def _on_device(stated: Collection[str], qualifiers: set[str]) -> bool:
    on_device, not_on_device = qualifiers & _ON_DEVICE, qualifiers & _NOT_ON_DEVICE
    if on_device and not_on_device:
        raise _Undecided
    return bool(on_device) or (_SSCD in stated and not not_on_device)
