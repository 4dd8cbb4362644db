"""Keys that name themselves.

did:key <https://w3c-ccg.github.io/did-key-spec/>, with keys encoded as Multikey
<https://www.w3.org/TR/cid-1.0/#Multikey>.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .outcome import SubIndication, indeterminate, malformed

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_LONGEST = 200
_ED25519 = b"\xed\x01"
_CURVES: dict[bytes, ec.EllipticCurve] = {
    b"\x80\x24": ec.SECP256R1(),
    b"\x81\x24": ec.SECP384R1(),
}

Key = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


def decode_base58(text: object, what: str) -> bytes:
    """Return the octets of multibase base58btc (`z…`).

    Raises:
        Rejection: `what` is something else, or longer than any key or signature.
    """
    if not isinstance(text, str) or not text.startswith("z") or len(text) > _LONGEST:
        raise malformed(f"{what} is not in multibase base58btc")
    number, digits = 0, text[1:]
    for character in digits:
        if character not in _VALUES:
            raise malformed(f"{what} is not in multibase base58btc")
        number = 58 * number + _VALUES[character]
    zeros = len(digits) - len(digits.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def resolve(method: object) -> Key:
    """Return the key of a verification method `did:key:z…#z…`.

    Raises:
        Rejection: KEY_NOT_RESOLVABLE for any other method: nothing is fetched.
    """
    if not isinstance(method, str):
        raise malformed("the verification method is not an IRI")
    identifier, _, fragment = method.partition("#")
    encoded = identifier.removeprefix("did:key:")
    if encoded == identifier or encoded != fragment:
        raise indeterminate(
            SubIndication.KEY_NOT_RESOLVABLE,
            "the verification method is not a did:key, and nothing is fetched",
        )
    return _decode(decode_base58(encoded, "the key"))


def _decode(octets: bytes) -> Key:
    kind, key = octets[:2], octets[2:]
    try:
        if kind == _ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(key)
        if kind in _CURVES and key[:1] in (b"\x02", b"\x03"):
            return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[kind], key)
    except ValueError as error:
        raise malformed("the key is not one of its kind") from error
    raise indeterminate(SubIndication.KEY_NOT_RESOLVABLE, "a key of a kind that is not accepted")


def digest_of(key: Key) -> str:
    """Return the hash that goes with a key: sha384 for P-384, else sha256."""
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp384r1":
        return "sha384"
    return "sha256"


def verifies(key: Key, signature: bytes, data: bytes) -> bool:
    """Tell whether a signature over `data` was made with the private half of `key`."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
            return True
        half = key.curve.key_size // 8
        if len(signature) != 2 * half:
            return False
        r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        chosen = hashes.SHA384() if digest_of(key) == "sha384" else hashes.SHA256()
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(chosen))
    except InvalidSignature:
        return False
    return True
