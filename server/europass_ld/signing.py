"""The operator's own signature over octets that are published or handed out.

The octets stay as they are, and beside them goes a JSON Web Signature in compact serialisation with
its payload left out, RFC 7515, appendix F <https://www.rfc-editor.org/rfc/rfc7515#appendix-F>. Its
header carries the public key (`jwk`, and `kid`: the key's SHA-256 thumbprint, RFC 7638), and where
the key's file holds certificates these too (`x5c`, `x5t#S256`). A key in a header proves that the
octets are whole; whose key it is, the reader learns from the certificate or from the operator.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from .errors import ConfigurationError

SIGNATURE_SUFFIX = ".jws"
"""What the name of a signed file gets for the name of its signature."""
_HALF = 32
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """The operator's key, and the certificates for it (the key's own first; none is allowed)."""

    key: PrivateKey = field(repr=False)
    certificates: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, file: Path) -> "Signer":
        """Read a PEM file: an unencrypted private key, Ed25519 or P-256, then any certificates.

        Raises:
            ConfigurationError: it cannot be read, or holds no such key, or a certificate for
                another one.
        """
        try:
            data = file.read_bytes()
            key = load_pem_private_key(data, password=None)
            certificates = x509.load_pem_x509_certificates(data) if _CERTIFICATE in data else []
        except OSError as error:
            raise _unusable(file, error.strerror or "it cannot be read") from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unusable(file, "it holds no unencrypted private key in PEM") from error
        if not isinstance(key, PrivateKey) or not _is_accepted(key):
            raise _unusable(file, "its key is neither Ed25519 nor on the curve P-256")
        if certificates and certificates[0].public_key() != key.public_key():
            raise _unusable(file, "its first certificate is for another key")
        return cls(key, tuple(certificates))

    @property
    def jwk(self) -> dict[str, str]:
        """The public key as a JSON Web Key: RFC 7517, and RFC 8037 for Ed25519."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            octets = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            return {"crv": "Ed25519", "kty": "OKP", "x": _encoded(octets)}
        point = self.key.public_key().public_numbers()
        x, y = (_encoded(one.to_bytes(_HALF, "big")) for one in (point.x, point.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    @property
    def key_id(self) -> str:
        """The SHA-256 thumbprint of the public key, RFC 7638."""
        return _encoded(hashlib.sha256(_json(self.jwk)).digest())

    def sign(self, octets: bytes) -> str:
        """Return a detached JWS over `octets`: header, nothing, and signature, with dots between.

        To check it, put base64url(octets) between the dots.
        """
        header = _encoded(_json(self._header()))
        signature = self._signature(f"{header}.{_encoded(octets)}".encode())
        return f"{header}..{_encoded(signature)}"

    def envelop(self, octets: bytes) -> str:
        """Return a JWS in compact serialisation with `octets` inside, RFC 7515, section 7.1."""
        header, _, signature = self.sign(octets).split(".")
        return f"{header}.{_encoded(octets)}.{signature}"

    @property
    def key_set(self) -> dict[str, list[dict[str, str]]]:
        """The public key as a JWK Set, RFC 7517, section 5."""
        return {"keys": [{**self.jwk, "kid": self.key_id, "alg": self._algorithm, "use": "sig"}]}

    @property
    def _algorithm(self) -> str:
        return "EdDSA" if isinstance(self.key, ed25519.Ed25519PrivateKey) else "ES256"

    def _header(self) -> dict[str, Any]:
        header = {"alg": self._algorithm, "kid": self.key_id, "jwk": self.jwk}
        return header | (_certified(self.certificates) if self.certificates else {})

    def _signature(self, octets: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(octets)
        r, s = decode_dss_signature(self.key.sign(octets, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


def _is_accepted(key: PrivateKey) -> bool:
    return isinstance(key, ed25519.Ed25519PrivateKey) or isinstance(key.curve, ec.SECP256R1)


def _unusable(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{file} cannot be used to sign: {why}", setting="signing_key", source=str(file)
    )


def _certified(certificates: Sequence[x509.Certificate]) -> dict[str, Any]:
    ders = [one.public_bytes(Encoding.DER) for one in certificates]
    return {
        "x5c": [base64.b64encode(one).decode() for one in ders],
        "x5t#S256": _encoded(hashlib.sha256(ders[0]).digest()),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
