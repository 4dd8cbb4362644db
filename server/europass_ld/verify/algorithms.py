"""The accepted algorithms, under each of their names, and the one place that checks a signature.

An allow-list: what is not here is refused. SHA-1, MD5, DSA, HMAC and "none" are not here. Strength
follows ETSI TS 119 312 <https://www.etsi.org/deliver/etsi_ts/119300_119399/119312/>; the names are
those of RFC 9231 (XML), RFC 7518 (JOSE) and RFC 8017, 5758 (X.509, CMS).
"""

import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from . import asn1
from .outcome import SubIndication, failed, too_weak

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class Scheme(Enum):
    """How a signature is made; ECDSA values are either r and s alone or a DER structure."""

    RSA_PKCS1 = "RSASSA-PKCS1-v1_5"
    RSA_PSS = "RSASSA-PSS"
    ECDSA = "ECDSA"
    ECDSA_DER = "ECDSA (DER)"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A signature algorithm: scheme, hash (hashlib's name), and the curve if only one will do."""

    scheme: Scheme
    digest: str
    curve: str | None = None

    def __str__(self) -> str:
        """Say it in words: RSASSA-PSS with sha256."""
        return f"{self.scheme.value} with {self.digest}"


_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_CURVES = ("secp256r1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1",
           "brainpoolP512r1")  # fmt: skip
_SIZES = ("256", "384", "512")
_XML = "http://www.w3.org/2001/04/xmldsig-more#"

XML_DIGESTS = MappingProxyType(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
        f"{_XML}sha384": "sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    }
)
XML_SIGNATURES = MappingProxyType(
    {f"{_XML}rsa-sha{size}": Algorithm(Scheme.RSA_PKCS1, f"sha{size}") for size in _SIZES}
    | {f"{_XML}ecdsa-sha{size}": Algorithm(Scheme.ECDSA, f"sha{size}") for size in _SIZES}
    | {
        f"http://www.w3.org/2007/05/xmldsig-more#sha{size}-rsa-MGF1": Algorithm(
            Scheme.RSA_PSS, f"sha{size}"
        )
        for size in _SIZES
    }
)
JOSE_SIGNATURES = MappingProxyType(
    {f"RS{size}": Algorithm(Scheme.RSA_PKCS1, f"sha{size}") for size in _SIZES}
    | {f"PS{size}": Algorithm(Scheme.RSA_PSS, f"sha{size}") for size in _SIZES}
    | {
        "ES256": Algorithm(Scheme.ECDSA, "sha256", "secp256r1"),
        "ES384": Algorithm(Scheme.ECDSA, "sha384", "secp384r1"),
        "ES512": Algorithm(Scheme.ECDSA, "sha512", "secp521r1"),
    }
)
_OID_DIGESTS = {f"2.16.840.1.101.3.4.2.{n}": f"sha{size}" for n, size in enumerate(_SIZES, 1)}
_OID_RSA = "1.2.840.113549.1.1.1"
_OID_PSS = "1.2.840.113549.1.1.10"
_OID_MGF1 = "1.2.840.113549.1.1.8"
_OID_SIGNATURES = {
    f"1.2.840.113549.1.1.{n}": Algorithm(Scheme.RSA_PKCS1, f"sha{size}")
    for n, size in enumerate(_SIZES, 11)
} | {
    f"1.2.840.10045.4.3.{n}": Algorithm(Scheme.ECDSA_DER, f"sha{size}")
    for n, size in enumerate(_SIZES, 2)
}


def digest(name: str, data: bytes) -> bytes:
    """Return the digest of `data` by an accepted hash, named as in hashlib."""
    return hashlib.new(name, data).digest()


def digest_algorithm(identifier: asn1.Value) -> str:
    """Return the accepted hash that an AlgorithmIdentifier names.

    Raises:
        Rejection: it is not accepted.
        ValueError: not DER.
    """
    oid = asn1.object_identifier(asn1.members(identifier)[0])
    if oid not in _OID_DIGESTS:
        raise too_weak(f"the hash {oid} is not accepted")
    return _OID_DIGESTS[oid]


def signature_algorithm(identifier: asn1.Value, digest_name: str | None = None) -> Algorithm:
    """Return the accepted signature algorithm that an AlgorithmIdentifier names.

    `digest_name` is the hash that CMS states beside a bare rsaEncryption.

    Raises:
        Rejection: it is not accepted.
        ValueError: not DER.
    """
    fields = asn1.members(identifier)
    oid = asn1.object_identifier(fields[0])
    if oid == _OID_RSA and digest_name:
        return Algorithm(Scheme.RSA_PKCS1, digest_name)
    if oid == _OID_PSS and len(fields) > 1:
        return _pss(fields[1])
    if oid not in _OID_SIGNATURES:
        raise too_weak(f"the signature algorithm {oid} is not accepted")
    return _OID_SIGNATURES[oid]


def _pss(parameters: asn1.Value) -> Algorithm:
    fields = asn1.Fields(asn1.expect(parameters, asn1.SEQUENCE))
    given = [fields.optional(asn1.context(number)) for number in range(4)]
    fields.end()
    first, mask, salt, trailer = given
    if first is None or mask is None or salt is None or trailer is not None:
        raise too_weak("RSASSA-PSS with default parameters, which mean SHA-1, is not accepted")
    name = digest_algorithm(asn1.only(first.content, asn1.SEQUENCE))
    mask_oid, mask_hash = asn1.members(asn1.only(mask.content, asn1.SEQUENCE))
    length = asn1.integer(asn1.only(salt.content, asn1.INTEGER))
    if (
        asn1.object_identifier(mask_oid) != _OID_MGF1
        or digest_algorithm(mask_hash) != name
        or length != _HASHES[name].digest_size
    ):
        raise too_weak("RSASSA-PSS with uncommon parameters is not accepted")
    return Algorithm(Scheme.RSA_PSS, name)


@lru_cache(maxsize=4096)
def load_key(public_key_info: bytes) -> PublicKey:
    """Return the key in a SubjectPublicKeyInfo.

    Raises:
        Rejection: not an RSA or elliptic-curve key, or an elliptic curve that is not accepted.
    """
    try:
        key = load_der_public_key(public_key_info)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise too_weak("a public key of a kind that is not accepted") from error
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    if isinstance(key, rsa.RSAPublicKey):
        return key
    raise too_weak("a public key of a kind that is not accepted")


def check_strength(key: PublicKey, min_rsa_bits: int) -> None:
    """Make sure that an RSA key is large enough; accepted curves always are.

    Raises:
        Rejection: it is smaller than `min_rsa_bits`.
    """
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < min_rsa_bits:
        raise too_weak(f"an RSA key of {key.key_size} bits (accepted: from {min_rsa_bits})")


def check_signature(key: PublicKey, algorithm: Algorithm, signature: bytes, data: bytes) -> None:
    """Make sure that `signature` over `data` was made with the private half of `key`.

    Raises:
        Rejection: TOTAL_FAILED/SIG_CRYPTO_FAILURE: it was not, or the key does not fit.
    """
    if not _verifies(key, algorithm, signature, data):
        raise failed(
            SubIndication.SIG_CRYPTO_FAILURE, "the signature value does not fit what was signed"
        )


def _verifies(key: PublicKey, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    chosen = _HASHES[algorithm.digest]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            return _rsa_verifies(key, algorithm.scheme, chosen, signature, data)
        value = _ecdsa_value(key, algorithm, signature)
        if value is None:
            return False
        key.verify(value, data, ec.ECDSA(chosen))
    except InvalidSignature:
        return False
    return True


def _rsa_verifies(
    key: rsa.RSAPublicKey,
    scheme: Scheme,
    chosen: hashes.HashAlgorithm,
    signature: bytes,
    data: bytes,
) -> bool:
    if scheme is Scheme.RSA_PKCS1:
        key.verify(signature, data, padding.PKCS1v15(), chosen)
    elif scheme is Scheme.RSA_PSS:
        mask = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        key.verify(signature, data, mask, chosen)
    else:
        return False
    return True


def _ecdsa_value(
    key: ec.EllipticCurvePublicKey, algorithm: Algorithm, signature: bytes
) -> bytes | None:
    """Return the signature as a DER structure, or None where key and algorithm do not fit."""
    if algorithm.scheme is Scheme.ECDSA_DER:
        return signature
    half = (key.curve.key_size + 7) // 8
    wrong_curve = algorithm.curve not in (None, key.curve.name)
    if algorithm.scheme is not Scheme.ECDSA or wrong_curve or len(signature) != 2 * half:
        return None
    return encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )
