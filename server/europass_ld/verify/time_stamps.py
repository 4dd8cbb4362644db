"""Time-stamp tokens: whether they are whole; whom to trust is decided by a path.

RFC 3161 <https://www.rfc-editor.org/rfc/rfc3161> in CMS, RFC 5652
<https://www.rfc-editor.org/rfc/rfc5652>.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from . import asn1
from . import certificates as x509
from .algorithms import (
    check_signature,
    check_strength,
    digest,
    digest_algorithm,
    signature_algorithm,
)
from .certificates import Certificate
from .outcome import SubIndication, failed, indeterminate, malformed, over_limit, unsupported
from .policy import Policy

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"

_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"


@dataclass(frozen=True, slots=True)
class Token:
    """A time-stamp token that is whole: what it says, by whom, and the certificates in it."""

    time: datetime
    authority: Certificate
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class _SignerInfo:
    issuer: bytes
    serial_number: int
    digest: str
    attributes: Mapping[str, asn1.Value]
    signed_octets: bytes
    algorithm: asn1.Value
    signature: bytes


def verify_token(der: bytes, imprinted: bytes, policy: Policy) -> Token:
    """Verify a time-stamp token over the octets `imprinted`, all but its authority's path.

    Raises:
        Rejection: malformed, over something else, or its signature does not hold.
    """
    try:
        return _verify(der, imprinted, policy)
    except (ValueError, IndexError, KeyError) as error:
        raise malformed(f"the time-stamp cannot be read: {error}") from error


def _verify(der: bytes, imprinted: bytes, policy: Policy) -> Token:
    content, certificates, signer_info = _signed_data(der, policy)
    info = asn1.Fields(asn1.only(content, asn1.SEQUENCE))
    moment = _check_info(info, imprinted)
    signer = _signer(signer_info)
    authority = _authority(signer, certificates)
    _check_attributes(signer, content, authority)
    check_strength(authority.key, policy.min_rsa_bits)
    algorithm = signature_algorithm(signer.algorithm, signer.digest)
    check_signature(authority.key, algorithm, signer.signature, signer.signed_octets)
    _check_purpose(authority)
    return Token(moment, authority, certificates)


def _signed_data(der: bytes, policy: Policy) -> tuple[bytes, tuple[Certificate, ...], asn1.Value]:
    """Return the time-stamp information, the certificates and the one signer of a token."""
    kind, wrapped = asn1.members(asn1.only(der, asn1.SEQUENCE))
    if asn1.object_identifier(kind) != _SIGNED_DATA:
        raise ValueError("not signed data")
    fields = asn1.Fields(asn1.only(asn1.expect(wrapped, asn1.context(0)).content, asn1.SEQUENCE))
    fields.next(asn1.INTEGER)
    fields.next(asn1.SET)
    content_kind, content = asn1.members(fields.next(asn1.SEQUENCE))
    if asn1.object_identifier(content_kind) != _TST_INFO:
        raise ValueError("not a time-stamp")
    wrapped_certificates = fields.optional(asn1.context(0))
    held = asn1.members(wrapped_certificates) if wrapped_certificates else []
    if len(held) > policy.max_certificates:
        raise over_limit("too many certificates", policy.max_certificates)
    fields.optional(asn1.context(1))
    (signer,) = asn1.members(fields.next(asn1.SET))
    fields.end()
    return (
        asn1.only(asn1.expect(content, asn1.context(0)).content, asn1.OCTET_STRING).content,
        tuple(x509.readable(one.octets for one in held)),
        signer,
    )


def _check_info(info: asn1.Fields, imprinted: bytes) -> datetime:
    """Return the time, after comparing the imprint.

    Raises:
        Rejection: the imprint is that of something else, or by a weak hash.
    """
    if asn1.integer(info.next()) != 1:
        raise ValueError("a time-stamp of another version")
    info.next(asn1.OBJECT_IDENTIFIER)
    algorithm, value = asn1.members(info.next(asn1.SEQUENCE))
    expected = digest(digest_algorithm(algorithm), imprinted)
    if asn1.expect(value, asn1.OCTET_STRING).content != expected:
        raise failed(SubIndication.HASH_FAILURE, "the time-stamp is over something else")
    info.next(asn1.INTEGER)
    moment = asn1.time(info.next(asn1.GENERALIZED_TIME))
    for tag in (asn1.SEQUENCE, asn1.BOOLEAN, asn1.INTEGER, asn1.context(0)):
        info.optional(tag)
    extensions = info.optional(asn1.context(1))
    info.end()
    if extensions is not None and any(map(_is_critical, asn1.members(extensions))):
        raise unsupported("a time-stamp with an extension that is not processed")
    return moment


def _is_critical(extension: asn1.Value) -> bool:
    flag = asn1.members(extension)[1]
    return flag.tag == asn1.BOOLEAN and asn1.boolean(flag)


def _signer(value: asn1.Value) -> _SignerInfo:
    fields = asn1.Fields(asn1.expect(value, asn1.SEQUENCE))
    if asn1.integer(fields.next()) != 1:
        raise unsupported("a time-stamp whose signer is not named by issuer and serial number")
    issuer, serial = asn1.members(fields.next(asn1.SEQUENCE))
    name = digest_algorithm(fields.next(asn1.SEQUENCE))
    attributes = fields.next(asn1.context(0))
    algorithm = fields.next(asn1.SEQUENCE)
    signature = fields.next(asn1.OCTET_STRING).content
    fields.optional(asn1.context(1))
    fields.end()
    return _SignerInfo(
        issuer.octets,
        asn1.integer(serial),
        name,
        _attributes(attributes),
        bytes([asn1.SET]) + attributes.octets[1:],
        algorithm,
        signature,
    )


def _attributes(value: asn1.Value) -> dict[str, asn1.Value]:
    """Return the attributes by type; each stands once and has one value."""
    found: dict[str, asn1.Value] = {}
    for one in asn1.members(value):
        kind, held = asn1.members(one)
        name = asn1.object_identifier(kind)
        (only,) = asn1.members(asn1.expect(held, asn1.SET))
        if name in found:
            raise ValueError("an attribute that stands twice")
        found[name] = only
    return found


def _authority(signer: _SignerInfo, certificates: tuple[Certificate, ...]) -> Certificate:
    for one in certificates:
        if one.issuer == signer.issuer and one.serial_number == signer.serial_number:
            return one
    raise indeterminate(
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
        "the time-stamp does not hold the certificate of its authority",
    )


def _check_attributes(signer: _SignerInfo, content: bytes, authority: Certificate) -> None:
    attributes = signer.attributes
    if asn1.object_identifier(attributes[_CONTENT_TYPE]) != _TST_INFO:
        raise ValueError("the signed content type is another")
    stated = asn1.expect(attributes[_MESSAGE_DIGEST], asn1.OCTET_STRING).content
    if stated != digest(signer.digest, content):
        raise failed(SubIndication.HASH_FAILURE, "the time-stamp has been changed")
    if not _names(attributes, authority):
        raise indeterminate(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            "the time-stamp does not name the certificate of its authority by digest",
        )


def _names(attributes: Mapping[str, asn1.Value], authority: Certificate) -> bool:
    """Tell whether the signed attributes hold the digest of the authority's certificate.

    ESSCertIDv2 (RFC 5035 <https://www.rfc-editor.org/rfc/rfc5035#section-3>) is needed; the older
    form is by SHA-1.
    """
    if _SIGNING_CERTIFICATE_V2 not in attributes:
        return False
    held = asn1.Fields(attributes[_SIGNING_CERTIFICATE_V2])
    first = asn1.Fields(asn1.members(held.next(asn1.SEQUENCE))[0])
    algorithm = first.optional(asn1.SEQUENCE)
    name = "sha256" if algorithm is None else digest_algorithm(algorithm)
    return first.next(asn1.OCTET_STRING).content == digest(name, authority.der)


def _check_purpose(authority: Certificate) -> None:
    extension = authority.extensions.get(x509.EXTENDED_KEY_USAGE)
    if (
        extension is None
        or not extension.critical
        or authority.extended_key_usage() != frozenset({_TIME_STAMPING})
    ):
        raise indeterminate(
            SubIndication.CHAIN_CONSTRAINTS_FAILURE,
            "the authority's certificate is not one for time-stamps alone",
        )
