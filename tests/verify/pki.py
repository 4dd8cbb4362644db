"""A small public key infrastructure of invented parties, made anew for each run of the tests."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

NOW = datetime(2035, 6, 1, 12, tzinfo=UTC)
"""The time of verification; later than any clock, because OCSP responses are dated by it."""
SEALED = datetime(2024, 3, 1, 9, tzinfo=UTC)
"""When the test documents were sealed; the certificate has expired since."""
START = datetime(2023, 1, 1, tzinfo=UTC)
END = datetime(2025, 1, 1, tzinfo=UTC)
FAR = datetime(2040, 1, 1, tzinfo=UTC)

QC_COMPLIANCE = "0.4.0.1862.1.1"
QC_SSCD = "0.4.0.1862.1.4"
QC_TYPE = "0.4.0.1862.1.6"
QC_SIGNATURE = "0.4.0.1862.1.6.1"
QC_SEAL = "0.4.0.1862.1.6.2"
_QC_STATEMENTS = ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_ORGANISATION_IDENTIFIER = ObjectIdentifier("2.5.4.97")

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Party:
    """A key and its certificate."""

    key: Key
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """Return an RSA key; one of each size for all tests, because they are slow to make."""
    return rsa.generate_private_key(65537, bits)


def name(common: str, organisation: str = "Test", identifier: str | None = None) -> x509.Name:
    """Return a distinguished name in Utopia (XX)."""
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if identifier is not None:
        attributes.append(x509.NameAttribute(_ORGANISATION_IDENTIFIER, identifier))
    return x509.Name(attributes)


def party(  # noqa: PLR0913 - a certificate has many parts
    subject: x509.Name,
    issuer: Party | None = None,
    *,
    key: Key | None = None,
    start: datetime = START,
    end: datetime = FAR,
    ca: bool = False,
    path_length: int | None = None,
    usage: Sequence[str] | None = None,
    purpose: ObjectIdentifier | None = None,
    qc: Sequence[str] = (),
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    digest: hashes.SHA256 | hashes.SHA384 | None = None,
    serial: int | None = None,
) -> Party:
    """Return a party whose certificate `issuer` signed (itself, without one)."""
    private: Key = key or ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(private.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical=True)
    )
    set_bits = usage or (["key_cert_sign", "crl_sign"] if ca else ["digital_signature"])
    builder = builder.add_extension(_key_usage(set_bits), critical=True)
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    if qc:
        builder = builder.add_extension(_qc_statements(qc), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    signing_key = issuer.key if issuer else private
    return Party(private, builder.sign(signing_key, digest or hashes.SHA256()))


def _key_usage(bits: Sequence[str]) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{one: one in bits for one in names})


def _qc_statements(statements: Sequence[str]) -> x509.UnrecognizedExtension:
    """Return the extension; a type (0.4.0.1862.1.6.n) is put inside its statement."""
    types = [one for one in statements if one.startswith(f"{QC_TYPE}.")]
    entries = [sequence(oid(one)) for one in statements if one not in types]
    if types:
        entries.append(sequence(oid(QC_TYPE), sequence(*(oid(one) for one in types))))
    return x509.UnrecognizedExtension(_QC_STATEMENTS, sequence(*entries))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER in DER."""
    octets: bytes = core.ObjectIdentifier(dotted).dump()
    return octets


def sequence(*values: bytes) -> bytes:
    """Return a SEQUENCE of encoded values in DER."""
    return encoded(0x30, b"".join(values))


def encoded(tag: int, content: bytes) -> bytes:
    """Return a value in DER by its tag octet and content."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def authority(common: str = "Test CA", **options: object) -> Party:
    """Return a certification authority that nobody else vouches for."""
    return party(name(common), ca=True, **options)  # type: ignore[arg-type]


def time_stamping_authority(issuer: Party | None = None, **options: object) -> Party:
    """Return an authority for time-stamps."""
    return party(
        name("Test TSA"),
        issuer,
        purpose=ExtendedKeyUsageOID.TIME_STAMPING,
        **options,  # type: ignore[arg-type]
    )


def ocsp_response(
    certificate: Party,
    issuer: Party,
    *,
    when: datetime = SEALED,
    next_update: datetime | None = None,
    revoked: datetime | None = None,
    responder: Party | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    """Return a response that says the certificate is good, or revoked at a time."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    signer = responder or issuer
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            certificate.certificate,
            issuer.certificate,
            hashes.SHA1(),  # noqa: S303 - only identifies
            status,
            when,
            next_update,
            revoked,
            x509.ReasonFlags.unspecified if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    )
    if responder:
        builder = builder.certificates([responder.certificate])
    return builder.sign(signer.key, digest or hashes.SHA256()).public_bytes(Encoding.DER)


def revocation_list(
    issuer: Party,
    *,
    when: datetime = SEALED,
    next_update: datetime | None = None,
    revoked: Sequence[tuple[Party, datetime]] = (),
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """Return a CRL."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(when)
        .next_update(next_update or when + timedelta(days=7))
    )
    for one, moment in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(moment)
            .build()
        )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def time_stamp(
    octets: bytes,
    tsa: Party,
    *,
    when: datetime = SEALED,
    chain: Sequence[Party] = (),
    digest: str = "sha256",
    named: Party | None = None,
) -> bytes:
    """Return a time-stamp token over `octets`; `named` is whose digest the signed part holds."""
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": {"algorithm": digest},
                "hashed_message": _digest(digest, octets),
            },
            "serial_number": 7,
            "gen_time": when,
        }
    ).dump()
    certificate = asn1_x509.Certificate.load(tsa.der)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [_digest("sha256", info)]},
            {
                "type": "signing_certificate_v2",
                "values": [{"certs": [{"cert_hash": _digest("sha256", (named or tsa).der)}]}],
            },
        ]
    )
    signature = _sign(tsa.key, attributes.dump())
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info),
            },
            "certificates": [asn1_x509.Certificate.load(one.der) for one in (tsa, *chain)],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.IssuerAndSerialNumber(
                        {
                            "issuer": certificate.issuer,
                            "serial_number": certificate.serial_number,
                        }
                    ),
                    "digest_algorithm": {"algorithm": "sha256"},
                    "signed_attrs": attributes,
                    "signature_algorithm": {
                        "algorithm": "sha256_ecdsa"
                        if isinstance(tsa.key, ec.EllipticCurvePrivateKey)
                        else "sha256_rsa"
                    },
                    "signature": signature,
                }
            ],
        }
    )
    token: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return token


def _digest(algorithm: str, octets: bytes) -> bytes:
    return hashlib.new(algorithm, octets).digest()


def _sign(key: Key, octets: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(octets, ec.ECDSA(hashes.SHA256()))
