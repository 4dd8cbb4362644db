"""How octets are hidden: AES-256-GCM for content, AES key wrap for keys, scrypt for a secret.

Each encryption has a random nonce of 96 bits (NIST SP 800-38D, 8.2.2) and is bound to a label, the
place where it belongs, so that files cannot be exchanged for each other unnoticed.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ..errors import StoreUnavailable

KEY_BYTES = 32
SALT_BYTES = 16
_NONCE_BYTES = 12


def encrypt(key: bytes, octets: bytes, label: str) -> bytes:
    """Return a nonce and the encrypted `octets`, bound to `label`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, octets, label.encode())


def decrypt(key: bytes, sealed: bytes, label: str) -> bytes:
    """Return what `encrypt` was given.

    Raises:
        StoreUnavailable: the octets were changed, belong to another label or to another key.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label.encode())
    except (InvalidTag, ValueError) as error:
        raise StoreUnavailable("a file of the private store is damaged") from error


def wrap(outer: bytes, key: bytes) -> bytes:
    """Return `key` encrypted with `outer`: RFC 3394, <https://www.rfc-editor.org/rfc/rfc3394>."""
    return aes_key_wrap(outer, key)


def unwrap(outer: bytes, wrapped: bytes) -> bytes | None:
    """Return the key in `wrapped`; None when it was not wrapped with `outer`."""
    try:
        return aes_key_unwrap(outer, wrapped)
    except (InvalidUnwrap, ValueError):
        return None


def stretch(secret: str, salt: bytes) -> bytes:
    """Return a key from the operator's secret: scrypt, RFC 7914, 32 MiB and about 0.1 s."""
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**15, r=8, p=1).derive(secret.encode())


def derive(key: bytes, purpose: str) -> bytes:
    """Return another key for one purpose: HKDF, RFC 5869."""
    info = f"europass-ld {purpose}".encode()
    return HKDF(hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)
