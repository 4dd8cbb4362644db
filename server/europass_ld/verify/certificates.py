"""X.509 certificates, cut out of their DER octets.

See RFC 5280, section 4 <https://www.rfc-editor.org/rfc/rfc5280#section-4>. Names are compared as
the octets that stand in the certificate, never decoded and encoded again. Extensions are read one
by one when they are asked for: certificates with a malformed notice in their policy exist and work
everywhere.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from . import asn1
from .algorithms import (
    Algorithm,
    PublicKey,
    check_signature,
    check_strength,
    load_key,
    signature_algorithm,
)
from .outcome import Rejection, malformed

BASIC_CONSTRAINTS = "2.5.29.19"
KEY_USAGE = "2.5.29.15"
EXTENDED_KEY_USAGE = "2.5.29.37"
CERTIFICATE_POLICIES = "2.5.29.32"
QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"

DIGITAL_SIGNATURE = 0
CONTENT_COMMITMENT = 1
KEY_CERT_SIGN = 5
CRL_SIGN = 6

_ATTRIBUTES = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.97": "organizationIdentifier",
}
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s*([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")


class Extension(NamedTuple):
    """A certificate extension: whether it is critical, and the DER octets of its value."""

    critical: bool
    value: bytes


class BasicConstraints(NamedTuple):
    """Whether the certificate is a CA's, and how many CAs may follow it (None: any number)."""

    ca: bool
    path_length: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A certificate; `issuer`, `subject` and `public_key_info` are DER octets as they stand in it.

    Equality is that of the octets.
    """

    der: bytes
    signed_part: bytes
    signature_algorithm: asn1.Value
    signature: bytes
    serial_number: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    public_key_info: bytes
    extensions: Mapping[str, Extension]

    def __eq__(self, other: object) -> bool:
        """Compare the octets."""
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        """Hash the octets."""
        return hash(self.der)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the certificate, hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def key(self) -> PublicKey:
        """The public key.

        Raises:
            Rejection: of a kind that is not accepted.
        """
        return load_key(self.public_key_info)

    def attribute(self, name: str) -> str | None:
        """Return the first value of a subject attribute by its short name, such as CN, or None."""
        return next((value for key, value in name_attributes(self.subject) if key == name), None)

    def valid_at(self, moment: datetime) -> bool:
        """Tell whether `moment` lies in the period of validity, both ends included."""
        return self.not_before <= moment <= self.not_after

    def basic_constraints(self) -> BasicConstraints:
        """Return the basic constraints; without the extension it is no CA's certificate.

        Raises:
            ValueError: the extension is malformed.
        """
        extension = self.extensions.get(BASIC_CONSTRAINTS)
        if extension is None:
            return BasicConstraints(ca=False, path_length=None)
        fields = asn1.Fields(asn1.only(extension.value, asn1.SEQUENCE))
        flag, length = fields.optional(asn1.BOOLEAN), fields.optional(asn1.INTEGER)
        fields.end()
        return BasicConstraints(
            flag is not None and asn1.boolean(flag),
            None if length is None else asn1.integer(length),
        )

    def key_usage(self) -> frozenset[int] | None:
        """Return the numbers of the key usage bits that are set, or None without the extension.

        Raises:
            ValueError: the extension is malformed.
        """
        extension = self.extensions.get(KEY_USAGE)
        if extension is None:
            return None
        bits = asn1.bit_string(asn1.only(extension.value, asn1.BIT_STRING))
        return frozenset(
            8 * at + bit
            for at, octet in enumerate(bits)
            for bit in range(8)
            if octet & (0x80 >> bit)
        )

    def extended_key_usage(self) -> frozenset[str] | None:
        """Return the key purposes in dotted form, or None without the extension.

        Raises:
            ValueError: the extension is malformed.
        """
        extension = self.extensions.get(EXTENDED_KEY_USAGE)
        if extension is None:
            return None
        purposes = asn1.members(asn1.only(extension.value, asn1.SEQUENCE))
        return frozenset(asn1.object_identifier(one) for one in purposes)

    def policies(self) -> frozenset[str]:
        """Return the certificate policies in dotted form.

        Raises:
            ValueError: the extension is malformed.
        """
        extension = self.extensions.get(CERTIFICATE_POLICIES)
        if extension is None:
            return frozenset()
        entries = asn1.members(asn1.only(extension.value, asn1.SEQUENCE))
        return frozenset(asn1.object_identifier(asn1.members(one)[0]) for one in entries)

    def check_issued_by(self, issuer: "Certificate", min_rsa_bits: int) -> None:
        """Make sure that `issuer`'s key signed this certificate.

        Raises:
            Rejection: it did not, or with an algorithm or key that is not accepted.
        """
        check_strength(issuer.key, min_rsa_bits)
        algorithm: Algorithm = signature_algorithm(self.signature_algorithm)
        check_signature(issuer.key, algorithm, self.signature, self.signed_part)


@lru_cache(maxsize=4096)
def load_certificate(der: bytes) -> Certificate:
    """Return the certificate in `der`.

    Raises:
        Rejection: TOTAL_FAILED/FORMAT_FAILURE: not one certificate in DER.
    """
    try:
        return _parse(der)
    except (ValueError, IndexError) as error:
        raise malformed(f"a certificate cannot be read: {error}") from error


def _parse(der: bytes) -> Certificate:
    outer = asn1.Fields(asn1.only(der, asn1.SEQUENCE))
    signed, algorithm = outer.next(asn1.SEQUENCE), outer.next(asn1.SEQUENCE)
    signature = asn1.bit_string(outer.next())
    outer.end()
    fields = asn1.Fields(signed)
    fields.optional(asn1.context(0))
    serial = asn1.integer(fields.next())
    if fields.next(asn1.SEQUENCE).octets != algorithm.octets:
        raise ValueError("two different signature algorithms")
    issuer = fields.next(asn1.SEQUENCE)
    not_before, not_after = map(asn1.time, asn1.members(fields.next(asn1.SEQUENCE)))
    subject, key = fields.next(asn1.SEQUENCE), fields.next(asn1.SEQUENCE)
    for number in (1, 2):
        fields.optional(asn1.context(number, constructed=False))
    extensions = fields.optional(asn1.context(3))
    fields.end()
    return Certificate(
        der,
        signed.octets,
        algorithm,
        signature,
        serial,
        issuer.octets,
        subject.octets,
        not_before,
        not_after,
        key.octets,
        _extensions(extensions),
    )


def _extensions(wrapped: asn1.Value | None) -> dict[str, Extension]:
    found: dict[str, Extension] = {}
    if wrapped is None:
        return found
    for one in asn1.members(asn1.only(wrapped.content, asn1.SEQUENCE)):
        fields = asn1.Fields(asn1.expect(one, asn1.SEQUENCE))
        oid = asn1.object_identifier(fields.next())
        flag = fields.optional(asn1.BOOLEAN)
        value = fields.next(asn1.OCTET_STRING).content
        fields.end()
        if oid in found:
            raise ValueError(f"extension {oid} stands twice")
        found[oid] = Extension(flag is not None and asn1.boolean(flag), value)
    return found


def name_attributes(name: bytes) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a Name in DER: short name or dotted form, and the value as text."""
    for relative in asn1.members(asn1.only(name, asn1.SEQUENCE)):
        for attribute in asn1.members(relative):
            kind, value = asn1.members(attribute)
            oid = asn1.object_identifier(kind)
            try:
                yield _ATTRIBUTES.get(oid, oid), asn1.text(value)
            except ValueError:
                continue


def name_text(name: bytes) -> str:
    """Return a Name in DER for people: its common name, organisation and country."""
    try:
        parts = [
            f"{key}={value}" for key, value in name_attributes(name) if key in ("CN", "O", "C")
        ]
    except ValueError:
        return "a name that cannot be read"
    return ", ".join(parts) or "a name without the usual parts"


def load_pem_certificates(data: bytes) -> list[Certificate]:
    """Return the certificates in a PEM file.

    Raises:
        Rejection: a certificate in it cannot be read.
        ValueError: bad base64, or no certificate in it.
    """
    found = [
        load_certificate(base64.b64decode(b"".join(one.split()), validate=True))
        for one in _PEM.findall(data)
    ]
    if not found:
        raise ValueError("no certificate in it")
    return found


def readable(ders: Iterable[bytes]) -> Iterator[Certificate]:
    """Yield the certificates that can be read; the others help nobody and harm nobody."""
    for der in ders:
        try:
            yield load_certificate(der)
        except Rejection:
            continue
