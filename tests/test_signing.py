"""The operator's signature: another library checks it, and a key that is none is refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from jwcrypto.common import base64url_encode
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jws import JWS, InvalidJWSSignature

from europass_ld.errors import ConfigurationError
from europass_ld.signing import PrivateKey, Signer

OCTETS = '{"name": "Ελληνικά"}\n'.encode()
KEYS: dict[str, PrivateKey] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
}


def pem(key: PrivateKey, *certificates: x509.Certificate) -> bytes:
    """Return a key and certificates in PEM."""
    held = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return held + b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def certificate(key: PrivateKey) -> x509.Certificate:
    """Return a self-signed certificate for a key."""
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Operator")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm)


def write(folder: Path, data: bytes) -> Path:
    """Write a key file."""
    file = folder / "key.pem"
    file.write_bytes(data)
    return file


def header(signature: str) -> dict[str, Any]:
    """Return the protected header, as jwcrypto reads it."""
    token = JWS()
    token.deserialize(signature)
    read: dict[str, Any] = token.jose_header
    return read


def check(signature: str, octets: bytes, key: JWK) -> None:
    """Have jwcrypto check a detached signature; it raises if it does not hold."""
    token = JWS()
    token.deserialize(signature)
    token.verify(key, detached_payload=octets)


@pytest.mark.parametrize("algorithm", KEYS)
def test_another_library_checks_the_signature(algorithm: str, tmp_path: Path) -> None:
    """With the key in its header jwcrypto accepts it, and no other octets under it."""
    signer = Signer.load(write(tmp_path, pem(KEYS[algorithm])))
    signature = signer.sign(OCTETS)
    said = header(signature)
    key = JWK(**said["jwk"])
    assert said["alg"] == algorithm
    assert said["kid"] == key.thumbprint() == signer.key_id
    assert not key.has_private
    check(signature, OCTETS, key)
    with pytest.raises(InvalidJWSSignature):
        check(signature, OCTETS + b" ", key)


@pytest.mark.parametrize("algorithm", KEYS)
def test_an_envelope_brings_its_octets(algorithm: str, tmp_path: Path) -> None:
    """With the operator's published key set alone, jwcrypto accepts it and has what is inside."""
    signer = Signer.load(write(tmp_path, pem(KEYS[algorithm])))
    published = JWKSet.from_json(json.dumps(signer.key_set))
    token = JWS()
    token.deserialize(signer.envelop(OCTETS))
    token.verify(published)
    assert token.payload == OCTETS
    assert not any(one.has_private for one in published)


@pytest.mark.parametrize("algorithm", KEYS)
def test_certificates_go_with_it(algorithm: str, tmp_path: Path) -> None:
    """A reader who trusts the certificate needs nothing else to check the signature."""
    own = certificate(KEYS[algorithm])
    signer = Signer.load(write(tmp_path, pem(KEYS[algorithm], own)))
    signature = signer.sign(OCTETS)
    (chained,) = header(signature)["x5c"]
    held = f"-----BEGIN CERTIFICATE-----\n{chained}\n-----END CERTIFICATE-----\n"
    check(signature, OCTETS, JWK.from_pem(held.encode()))
    assert header(signature)["x5t#S256"] == base64url_encode(own.fingerprint(hashes.SHA256()))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no key", "no unencrypted private key"),
        (certificate(KEYS["EdDSA"]).public_bytes(Encoding.PEM), "no unencrypted private key"),
        (
            KEYS["EdDSA"].private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
            ),
            "no unencrypted private key",
        ),
        (pem(ec.generate_private_key(ec.SECP384R1())), "neither Ed25519 nor on the curve P-256"),
        (pem(KEYS["EdDSA"], certificate(KEYS["ES256"])), "for another key"),
    ],
)
def test_what_is_no_key_is_refused(data: bytes, why: str, tmp_path: Path) -> None:
    """The error names the setting, the file and the reason, and nothing that is in the file."""
    with pytest.raises(ConfigurationError, match=why) as caught:
        Signer.load(write(tmp_path, data))
    assert caught.value.setting == "signing_key"
    assert "key.pem" in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A key that is not there is an error that names the path."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.pem"):
        Signer.load(tmp_path / "nowhere.pem")


def test_the_key_is_never_shown() -> None:
    """Whatever prints a signer prints no key."""
    assert "key" not in repr(Signer(KEYS["EdDSA"]))
