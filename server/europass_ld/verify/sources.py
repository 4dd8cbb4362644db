"""What the caller of `verify` may bring: JSON-LD contexts and the status of credentials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

DocumentLoader = Callable[[str], Mapping[str, Any] | None]
"""Gives the JSON-LD context document (with its "@context" member) of an IRI, or None."""


@dataclass(frozen=True, slots=True)
class CredentialStatus:
    """What a local snapshot says of a credential: revoked or not, as of when, and whose word."""

    revoked: bool
    as_of: datetime
    source: str


class StatusSource(Protocol):
    """Where the revocation of credentials (not of certificates) is known."""

    def status(
        self, credential: str | None, entry: Mapping[str, Any] | None
    ) -> CredentialStatus | None:
        """Return what is known of a credential by its identifier or `credentialStatus` entry."""
        ...
