"""Owners and the tokens that prove to be one; names are encrypted, tokens are kept as digests.

A token has 256 random bits: it cannot be guessed, and its SHA-256 does not lead back to it, so no
slow digest is needed.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

from .encryption import decrypt, encrypt
from .files import locked, write

_LABEL = "owners"
_PREFIX = "eld_"
_TOKEN_BYTES = 32
_ID_BYTES = 16
_TOKEN_ID_BYTES = 6


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: its id, when it was made, when it ends (None: never)."""

    id: str
    created: datetime
    expires: datetime | None = None
    digest: str = field(default="", repr=False)

    def holds(self, now: datetime) -> bool:
        """Tell whether it has not ended."""
        return self.expires is None or now < self.expires


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody whose credentials are kept; `id` is random, `name` what the operator calls them."""

    id: str
    name: str = field(repr=False)
    tokens: tuple[Token, ...] = ()


class Owners:
    """The owners in one encrypted file, read anew when it has changed."""

    def __init__(self, folder: Path, key: bytes, wait: float):
        self._folder = folder
        self._file = folder / "owners"
        self._key = key
        self._wait = wait
        self._read: tuple[tuple[int, ...], tuple[Owner, ...]] | None = None

    def __iter__(self) -> Iterator[Owner]:
        """Yield the owners in the order in which they came."""
        return iter(self._all())

    def named(self, name: str) -> Owner | None:
        """Return the owner of that name."""
        return next((one for one in self._all() if one.name == name), None)

    def ensure(self, name: str) -> Owner:
        """Return the owner of that name, a new one where there is none; for who has the lock."""
        found = self.named(name)
        if found is None:
            found = Owner(secrets.token_hex(_ID_BYTES), name)
            self._write((*self._all(), found))
        return found

    def keep_only(self, wanted: Callable[[Owner], bool]) -> None:
        """Forget all other owners, with their names; for who has the lock."""
        known = self._all()
        left = [one for one in known if wanted(one)]
        if len(left) < len(known):
            self._write(left)

    def create_token(self, name: str, now: datetime, expires: datetime | None) -> tuple[Token, str]:
        """Make a token for an owner; return it and, this one time, the text that is the token."""
        text = _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        token = Token(secrets.token_hex(_TOKEN_ID_BYTES), now, expires, _digest(text))
        with locked(self._folder, self._wait):
            owner = self.ensure(name)
            self._write(
                [
                    replace(one, tokens=(*one.tokens, token)) if one.id == owner.id else one
                    for one in self._all()
                ]
            )
        return token, text

    def revoke(self, token_id: str) -> bool:
        """Take a token away; return whether there was one of this id."""
        with locked(self._folder, self._wait):
            known = self._all()
            left = [
                replace(one, tokens=tuple(other for other in one.tokens if other.id != token_id))
                for one in known
            ]
            found = left != list(known)
            if found:
                self._write(left)
            return found

    def holder(self, text: str, now: datetime) -> tuple[Owner, Token] | None:
        """Return whose token `text` is; None when it is nobody's, or has ended.

        Every token is compared, each in constant time, so the time tells nothing.
        """
        digest, found = _digest(text), None
        for owner in self._all():
            for token in owner.tokens:
                if compare_digest(token.digest, digest):
                    found = (owner, token)
        return found if found and found[1].holds(now) else None

    def with_token(self, token_id: str, now: datetime) -> Owner | None:
        """Return who has the token of this id, if it has not been revoked and has not ended."""
        for owner in self._all():
            if any(one.id == token_id and one.holds(now) for one in owner.tokens):
                return owner
        return None

    def _all(self) -> tuple[Owner, ...]:
        try:
            facts = self._file.stat()
        except FileNotFoundError:
            return ()
        state = (facts.st_mtime_ns, facts.st_ino, facts.st_size)
        if self._read is None or self._read[0] != state:
            document = json.loads(decrypt(self._key, self._file.read_bytes(), _LABEL))
            self._read = state, tuple(_owner(one) for one in document["owners"])
        return self._read[1]

    def _write(self, owners: Sequence[Owner]) -> None:
        document = {"owners": [_plain(one) for one in owners]}
        write(self._file, encrypt(self._key, json.dumps(document).encode(), _LABEL))
        self._read = None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _plain(owner: Owner) -> dict[str, Any]:
    return {
        "id": owner.id,
        "name": owner.name,
        "tokens": [
            {
                "id": one.id,
                "created": one.created.isoformat(),
                "expires": one.expires.isoformat() if one.expires else None,
                "sha256": one.digest,
            }
            for one in owner.tokens
        ],
    }


def _owner(plain: dict[str, Any]) -> Owner:
    return Owner(plain["id"], plain["name"], tuple(_token(one) for one in plain["tokens"]))


def _token(plain: dict[str, Any]) -> Token:
    expires = plain["expires"]
    return Token(
        plain["id"],
        datetime.fromisoformat(plain["created"]),
        datetime.fromisoformat(expires) if expires else None,
        plain["sha256"],
    )
