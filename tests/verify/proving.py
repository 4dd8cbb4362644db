"""Data Integrity proofs that the tests make themselves, on credentials of an invented school."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pyoxigraph as ox
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyld import jsonld

Json = dict[str, Any]
Key = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
CONTEXT = "https://school.example/context"
ISSUER = "https://school.example/"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VC = "https://www.w3.org/2018/credentials#"
_SEC = "https://w3id.org/security#"
_TERMS: Json = {
    "@version": 1.1,
    "id": "@id",
    "type": "@type",
    "VerifiableCredential": f"{_VC}VerifiableCredential",
    "issuer": {"@id": f"{_VC}issuer", "@type": "@id"},
    "credentialSubject": {"@id": f"{_VC}credentialSubject", "@type": "@id"},
    "validFrom": {
        "@id": f"{_VC}validFrom",
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    },
    "validUntil": {
        "@id": f"{_VC}validUntil",
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    },
    "degree": "https://school.example/terms#degree",
    "DataIntegrityProof": f"{_SEC}DataIntegrityProof",
    "Ed25519Signature2020": f"{_SEC}Ed25519Signature2020",
    "cryptosuite": f"{_SEC}cryptosuite",
    "created": {
        "@id": "http://purl.org/dc/terms/created",
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    },
    "expires": {
        "@id": f"{_SEC}expiration",
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    },
    "verificationMethod": {"@id": f"{_SEC}verificationMethod", "@type": "@id"},
    "proofPurpose": {"@id": f"{_SEC}proofPurpose", "@type": "@vocab"},
    "assertionMethod": f"{_SEC}assertionMethod",
    "proofValue": f"{_SEC}proofValue",
    "previousProof": {"@id": f"{_SEC}previousProof", "@type": "@id"},
    "nonce": f"{_SEC}nonce",
    "proof": {"@id": f"{_SEC}proof", "@type": "@id", "@container": "@graph"},
}
SUITES = (
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "ecdsa-rdfc-2019",
    "ecdsa-jcs-2019",
    "Ed25519Signature2020",
)


def load_context(iri: str) -> Mapping[str, Any] | None:
    """Return our own small context."""
    return {"@context": _TERMS} if iri == CONTEXT else None


def base58(octets: bytes) -> str:
    """Return multibase base58btc."""
    number, text = int.from_bytes(octets, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    zeros = len(octets) - len(octets.lstrip(b"\0"))
    return f"z{'1' * zeros}{text}"


@cache
def keys() -> dict[str, Key]:
    """Return one key of each kind."""
    return {
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
        "p256": ec.generate_private_key(ec.SECP256R1()),
        "p384": ec.generate_private_key(ec.SECP384R1()),
        "stranger": ed25519.Ed25519PrivateKey.generate(),
    }


def did(key: Key) -> str:
    """Return the did:key of a key."""
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return "did:key:" + base58(
            b"\xed\x01" + public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        )
    prefix = b"\x80\x24" if public.curve.key_size == 256 else b"\x81\x24"
    return "did:key:" + base58(
        prefix + public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    )


def document(**changes: Any) -> Json:
    """Return a credential without a proof."""
    return {
        "@context": [CONTEXT],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "validFrom": "2024-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:ada", "degree": "Welder"},
        **changes,
    }


def _canonical(value: Json, digest: str) -> bytes:
    def load(iri: str, _options: object) -> Json:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": iri,
            "document": load_context(iri),
        }

    text = jsonld.to_rdf(value, {"documentLoader": load, "format": "application/n-quads"})
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_QUADS))
    algorithms = ox.CanonicalizationAlgorithm
    dataset.canonicalize(algorithms.RDFC_1_0_SHA_384 if digest == "sha384" else algorithms.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()


def prove(unsecured: Json, key: Key, suite: str, **options: Any) -> Json:
    """Return a proof over a document; `options` are added to it, or replace what it has."""
    modern = suite != "Ed25519Signature2020"
    identifier = did(key)
    config: Json = {
        "type": "DataIntegrityProof" if modern else suite,
        **({"cryptosuite": suite} if modern else {}),
        "created": "2024-03-01T09:00:00Z",
        "verificationMethod": f"{identifier}#{identifier.removeprefix('did:key:')}",
        "proofPurpose": "assertionMethod",
        **options,
    }
    digest = (
        "sha384"
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size > 256
        else ("sha256")
    )
    if "jcs" in suite:
        config.setdefault("@context", unsecured["@context"])
        parts = [rfc8785.dumps(config), rfc8785.dumps(unsecured)]
    else:
        with_context = {**config, "@context": unsecured["@context"]}
        parts = [_canonical(one, digest) for one in (with_context, unsecured)]
    data = b"".join(hashlib.new(digest, one).digest() for one in parts)
    return {**config, "proofValue": base58(_sign(key, data))}


def _sign(key: Key, data: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    chosen = hashes.SHA384() if key.key_size > 256 else hashes.SHA256()
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(chosen)))
    half = key.key_size // 8
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def key_for(suite: str) -> Key:
    """Return a key that fits a suite."""
    return keys()["p256" if suite.startswith("ecdsa") else "ed25519"]


@cache
def proven(suite: str = SUITES[0]) -> Json:
    """Return a credential with one proof, always the same: to be copied, not changed."""
    return secured(suite)


def secured(suite: str = SUITES[0], **changes: Any) -> Json:
    """Return a credential with one proof."""
    unsecured = document(**changes)
    return {**unsecured, "proof": prove(unsecured, key_for(suite), suite)}


@cache
def chained() -> Json:
    """Return a credential with a chain of two proofs: to be copied, not changed."""
    unsecured = document()
    first = prove(unsecured, keys()["ed25519"], SUITES[0], id="urn:uuid:first")
    second = prove(
        {**unsecured, "proof": [first]},
        keys()["p384"],
        "ecdsa-rdfc-2019",
        id="urn:uuid:second",
        previousProof="urn:uuid:first",
    )
    return {**unsecured, "proof": [first, second]}


def untouched() -> Iterator[bytes]:
    """Yield the documents that the attacks start from."""
    for suite in SUITES:
        yield json.dumps(proven(suite)).encode()
    for suite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        unsecured = document()
        proof = prove(unsecured, keys()["p384"], suite)
        yield json.dumps({**unsecured, "proof": proof}).encode()
    yield json.dumps(chained()).encode()
