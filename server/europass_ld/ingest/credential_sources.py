"""Which of the documents that are delivered are credentials, told before anything is loaded."""

import re
from collections.abc import Iterable
from pathlib import Path

from ..config import Settings
from ..documents import SUFFIXES, Source, find_sources
from ..documents.prolog import read_prolog
from ..errors import DocumentError, LimitExceeded

JSON_SUFFIXES = (".json", ".jsonld", ".jws", ".jwt")
"""How files end that may hold credentials and never learning opportunities or accreditations."""

_ROOTS = frozenset({"europassCredential", "verifiablePresentation"})
_MEMBERS = re.compile(
    rb'"(?:signatures?|(?:Verifiable|EuropeanDigital)(?:Credential|Presentation))"'
)
_COMPACT = b"eyJ"


def find_credentials(paths: Iterable[Path], settings: Settings) -> list[Source]:
    """Return the credentials and presentations among the documents in `paths`.

    A file of JSON that is named itself is always one; in folders and archives it must look like
    one. Nothing is verified or believed here.

    Raises:
        DocumentError: a path does not exist, or there is no document in it.
        LimitExceeded: there are more documents than `max_files`.
    """
    paths = list(paths)
    named = {str(one) for one in paths}
    found = find_sources(paths, settings, (*SUFFIXES, *JSON_SUFFIXES))
    return [one for one in found if is_credential(one, named=one.name in named)]


def is_json(name: str) -> bool:
    """Tell whether a document of this name is JSON, or a compact JWS."""
    return name.endswith(JSON_SUFFIXES)


def read_credential(source: Source, settings: Settings) -> bytes:
    """Return the octets of a credential as they were received.

    Raises:
        LimitExceeded: there are more than `max_credential_bytes`.
        MalformedDocument: they are packed, and damaged.
    """
    most = settings.max_credential_bytes
    with source.open() as stream:
        parts, size = [], 0
        while size <= most and (part := stream.read(most + 1 - size)):
            stream.mark()
            parts.append(part)
            size += len(part)
    if size > most:
        raise LimitExceeded(
            f"more bytes than the limit max_credential_bytes allows ({most:,})",
            limit="max_credential_bytes",
            allowed=most,
        )
    return b"".join(parts)


def is_credential(source: Source, *, named: bool) -> bool:
    """Tell whether a document is to be taken for a credential; JSON that was `named` always is."""
    try:
        with source.open() as stream:
            start = stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith((b"{", b"[", _COMPACT)):
            return named or start.startswith(_COMPACT) or _has_members(source)
        with source.open() as stream:
            return read_prolog(stream, source.name).name in _ROOTS
    except DocumentError:
        return False  # whoever is to read it says what is wrong with it


def _has_members(source: Source) -> bool:
    kept = b""
    with source.open() as stream:
        while part := stream.read(1 << 16):
            stream.mark()
            if _MEMBERS.search(kept + part):
                return True
            kept = part[-64:]
    return False
