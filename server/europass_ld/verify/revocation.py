"""Revocation from what is at hand: OCSP responses and CRLs, embedded or in a local snapshot.

OCSP is RFC 6960 <https://www.rfc-editor.org/rfc/rfc6960>, CRLs RFC 5280, section 5
<https://www.rfc-editor.org/rfc/rfc5280#section-5>. What is malformed, partial, delta, signed by
another than the issuer (or one whom the issuer delegated) or by weak means does not count.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import new
from itertools import islice

from cryptography import x509 as library
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from . import asn1
from . import certificates as x509
from .algorithms import check_signature, check_strength, signature_algorithm
from .certificates import Certificate, load_certificate
from .outcome import Rejection
from .policy import Policy

_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
_ISSUING_DISTRIBUTION_POINT = ExtensionOID.ISSUING_DISTRIBUTION_POINT
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, UnsupportedAlgorithm, Rejection)
_MOST_RESPONDERS = 8
"""Certificates of one response that are looked at: one delegate and its chain are enough."""
_PROCESSED_ENTRIES = (CRLEntryExtensionOID.CRL_REASON,)


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """What the evidence says of a certificate: `revoked_at`, or good; and which evidence.

    `kind` is OCSP or CRL, `produced` when it was made.
    """

    kind: str
    produced: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RevocationData:
    """OCSP responses and CRLs, DER octets, unverified; `now` bounds what can have been made."""

    ocsp_responses: Sequence[bytes]
    revocation_lists: Sequence[bytes]
    now: datetime

    def status(
        self, certificate: Certificate, issuer: Certificate, moment: datetime, policy: Policy
    ) -> RevocationStatus | None:
        """Return the status of a certificate, or None where nothing at hand tells it.

        A revocation counts whenever it happened. A good status counts if it was made at or after
        `moment`, or if `moment` lies between its thisUpdate and nextUpdate.
        """
        good = None
        for found in self._statements(certificate, issuer, policy):
            if found.produced > self.now + policy.clock_skew:
                continue
            if found.status.revoked_at is not None:
                return found.status
            if found.covers(moment, policy):
                good = good or found.status
        return good

    def _statements(
        self, certificate: Certificate, issuer: Certificate, policy: Policy
    ) -> Iterator["_Statement"]:
        for response in self.ocsp_responses:
            yield from _tolerant(_from_response(response, certificate, issuer, policy))
        for listed in self.revocation_lists:
            yield from _tolerant(_from_list(listed, certificate, issuer, policy))


@dataclass(frozen=True, slots=True)
class _Statement:
    """One verified statement about a certificate, with the time it is about."""

    status: RevocationStatus
    this_update: datetime
    next_update: datetime | None

    @property
    def produced(self) -> datetime:
        return self.status.produced

    def covers(self, moment: datetime, policy: Policy) -> bool:
        skew = policy.clock_skew
        if self.this_update >= moment - skew:
            return True
        return self.next_update is not None and moment <= self.next_update + skew


def _tolerant(statements: Iterator[_Statement]) -> Iterator[_Statement]:
    """Yield statements until something is malformed: such evidence is as good as none."""
    try:
        yield from statements
    except _MALFORMED:
        return


def _from_response(
    der: bytes, certificate: Certificate, issuer: Certificate, policy: Policy
) -> Iterator[_Statement]:
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return
    about = [one for one in response.responses if _is_about(one, certificate, issuer)]
    if not about or not _responder_signed(response, der, issuer, policy):
        return
    produced = response.produced_at_utc
    for one in about:
        if one.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            continue
        status = RevocationStatus("OCSP", produced, one.revocation_time_utc)
        yield _Statement(status, one.this_update_utc, one.next_update_utc)


def _is_about(one: ocsp.OCSPSingleResponse, certificate: Certificate, issuer: Certificate) -> bool:
    """Compare serial number, issuer's name and issuer's key; SHA-1 only identifies here."""
    if one.serial_number != certificate.serial_number:
        return False
    name = new(one.hash_algorithm.name, issuer.subject, usedforsecurity=False).digest()
    key = new(one.hash_algorithm.name, _key_bits(issuer), usedforsecurity=False).digest()
    return name == one.issuer_name_hash and key == one.issuer_key_hash


def _key_bits(certificate: Certificate) -> bytes:
    info = asn1.members(asn1.only(certificate.public_key_info, asn1.SEQUENCE))
    return asn1.bit_string(info[1])


def _responder_signed(
    response: ocsp.OCSPResponse, der: bytes, issuer: Certificate, policy: Policy
) -> bool:
    algorithm = signature_algorithm(_response_algorithm(der))
    for responder in _responders(response, issuer, policy):
        try:
            check_strength(responder.key, policy.min_rsa_bits)
            check_signature(
                responder.key, algorithm, response.signature, response.tbs_response_bytes
            )
        except Rejection:
            continue
        return True
    return False


def _response_algorithm(der: bytes) -> asn1.Value:
    """Return the AlgorithmIdentifier of the basic response inside a response."""
    outer = asn1.members(asn1.only(der, asn1.SEQUENCE))
    held = asn1.members(asn1.only(outer[1].content, asn1.SEQUENCE))
    basic = asn1.members(asn1.only(asn1.expect(held[1], asn1.OCTET_STRING).content, asn1.SEQUENCE))
    return asn1.expect(basic[1], asn1.SEQUENCE)


def _responders(
    response: ocsp.OCSPResponse, issuer: Certificate, policy: Policy
) -> Iterator[Certificate]:
    """Yield who may have signed: the issuer, or whom it delegated by a certificate of its own."""
    yield issuer
    for one in islice(response.certificates, _MOST_RESPONDERS):
        responder = load_certificate(one.public_bytes(Encoding.DER))
        if responder.issuer == issuer.subject and _is_delegate(
            responder, issuer, response.produced_at_utc, policy
        ):
            yield responder


def _is_delegate(
    responder: Certificate, issuer: Certificate, moment: datetime, policy: Policy
) -> bool:
    """Tell whether a certificate makes its holder speak for the issuer.

    It must say id-pkix-ocsp-nocheck: nobody would answer for its own revocation (RFC 6960, section
    4.2.2.2.1 <https://www.rfc-editor.org/rfc/rfc6960#section-4.2.2.2.1>).
    """
    purposes = responder.extended_key_usage() or frozenset()
    if _OCSP_SIGNING not in purposes or x509.OCSP_NO_CHECK not in responder.extensions:
        return False
    if not responder.valid_at(moment):
        return False
    try:
        responder.check_issued_by(issuer, policy.min_rsa_bits)
    except Rejection:
        return False
    return True


def load_revocation_list(data: bytes) -> library.CertificateRevocationList:
    """Return a CRL from DER or PEM (one signer's software embeds PEM).

    Raises:
        ValueError: neither.
    """
    if data.lstrip()[:5] == b"-----":
        return library.load_pem_x509_crl(data)
    return library.load_der_x509_crl(data)


def _from_list(
    data: bytes, certificate: Certificate, issuer: Certificate, policy: Policy
) -> Iterator[_Statement]:
    listed = load_revocation_list(data)
    der = listed.public_bytes(Encoding.DER)
    if _issuer_name(der) != issuer.subject or not _covers(listed, certificate):
        return
    _check_list_signature(listed, der, issuer, policy)
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    revoked = None
    if entry is not None:
        _check_entry(entry.extensions)
        revoked = entry.revocation_date_utc
    status = RevocationStatus("CRL", listed.last_update_utc, revoked)
    yield _Statement(status, listed.last_update_utc, listed.next_update_utc)


def _issuer_name(der: bytes) -> bytes:
    fields = asn1.Fields(asn1.members(asn1.only(der, asn1.SEQUENCE))[0])
    fields.optional(asn1.INTEGER)
    fields.next(asn1.SEQUENCE)
    return fields.next(asn1.SEQUENCE).octets


def _check_list_signature(
    listed: library.CertificateRevocationList, der: bytes, issuer: Certificate, policy: Policy
) -> None:
    usage = issuer.key_usage()
    if usage is not None and x509.CRL_SIGN not in usage:
        raise ValueError("the issuer's key is not for CRLs")
    check_strength(issuer.key, policy.min_rsa_bits)
    algorithm = signature_algorithm(asn1.members(asn1.only(der, asn1.SEQUENCE))[1])
    check_signature(issuer.key, algorithm, listed.signature, listed.tbs_certlist_bytes)


def _covers(listed: library.CertificateRevocationList, certificate: Certificate) -> bool:
    """Tell whether a CRL is complete for a certificate: no delta, no part that leaves it out."""
    for extension in listed.extensions:
        if extension.oid == _ISSUING_DISTRIBUTION_POINT:
            if not _point_covers(extension.value, certificate):
                return False
        elif extension.critical:
            return False
    return True


def _point_covers(point: object, certificate: Certificate) -> bool:
    if not isinstance(point, library.IssuingDistributionPoint):
        return False
    partial = point.indirect_crl or point.only_some_reasons or point.only_contains_attribute_certs
    is_ca = certificate.basic_constraints().ca
    other_kind = point.only_contains_ca_certs if not is_ca else point.only_contains_user_certs
    return not partial and not other_kind


def _check_entry(extensions: Iterable[library.Extension[library.ExtensionType]]) -> None:
    for extension in extensions:
        if extension.critical and extension.oid not in _PROCESSED_ENTRIES:
            raise ValueError("a CRL entry with an extension that is not processed")
