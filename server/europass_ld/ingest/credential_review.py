"""Verify again what is kept: lists change, time goes by, credentials are revoked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..config import Settings
from ..errors import UnknownCredential
from ..vault import Vault
from ..verify import AccreditationSource, TrustStore
from .credential_octets import verify_received
from .credential_record import KeptCredential, KeptReport, kept_credentials, kept_report

_PLAIN = ("qualification", "level", "best_signature_time")
_NOW = "the moment of verification"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is no longer as it was, and why; None where there was or is nothing."""

    what: str
    before: str | None
    after: str | None
    why: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        why = f": {self.why}" if self.why else ""
        return f"{self.what}: {self.before or 'nothing'} before, {self.after or 'nothing'} now{why}"


@dataclass(frozen=True, slots=True, repr=False)
class Review:
    """What verifying a credential again found; `iri` is its random IRI."""

    iri: str
    report: KeptReport
    changes: tuple[Change, ...]


def review_credentials(
    vault: Vault,
    base: str,
    settings: Settings,
    trust: TrustStore,
    now: datetime,
    accreditations: AccreditationSource | None = None,
) -> Iterator[Review]:
    """Verify every credential of every owner again, and keep the new report beside the old ones.

    A result that is the same as the last one takes its place, with the time at which it was found
    again: so each report stands for a stretch of time in which nothing changed.
    """
    for one in kept_credentials(vault, base, [owner.id for owner in vault.owners]):
        try:
            yield _reviewed(one, settings, trust, now, accreditations)
        except UnknownCredential:  # its owner erased it just now
            continue


def _reviewed(
    credential: KeptCredential,
    settings: Settings,
    trust: TrustStore,
    now: datetime,
    accreditations: AccreditationSource | None,
) -> Review:
    last = credential.report()
    verdict = verify_received(credential.original(), settings, trust, now, accreditations)
    new = kept_report(verdict, last.number + 1, now, credential.iri)
    before, after = _timeless(last.document), _timeless(new.document)
    if before == after:
        new = kept_report(verdict, last.number, last.since, credential.iri)
    changes = tuple(_changes(before, after))
    credential.put(new)
    return Review(credential.iri, new, changes)


def _timeless(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report without the moment at which it was made, wherever that stands in it.

    That time goes by changes a result only where the result is another one for it.
    """
    moment = document["verified_at"]
    text = json.dumps(document).replace(moment, _NOW).replace(moment[:10], _NOW)
    timeless: dict[str, Any] = json.loads(text)
    return timeless


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if _verdict(before) != _verdict(after):
        yield Change("verdict", _verdict(before), _verdict(after), after["message"])
    for name in _PLAIN:
        if before[name] != after[name]:
            yield Change(name.replace("_", " "), _said(before[name]), _said(after[name]))
    if before["anchor"] != after["anchor"]:
        yield Change("anchor", _anchor(before["anchor"]), _anchor(after["anchor"]))
    yield from _list_changes(before["lists"], after["lists"])
    for question, answer in after["answers"].items():
        yield from _answer_changes(question, before["answers"].get(question), answer)


def _verdict(document: Mapping[str, Any]) -> str:
    sub = document["sub_indication"]
    return f"{document['indication']}{f'/{sub}' if sub else ''}"


def _said(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _anchor(anchor: Mapping[str, Any] | None) -> str | None:
    if anchor is None:
        return None
    status = (anchor["status"] or "").rpartition("/")[2]
    return f"{anchor['name']} ({anchor['source']}{f', {status}' if status else ''})"


def _list_changes(
    before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]
) -> Iterator[Change]:
    old = {one["territory"]: _list(one) for one in before}
    new = {one["territory"]: _list(one) for one in after}
    for territory in sorted({*old, *new}):
        if old.get(territory) != new.get(territory):
            yield Change(f"trusted list {territory}", old.get(territory), new.get(territory))


def _list(one: Mapping[str, Any]) -> str:
    stale = ", past its next update" if one["stale"] else ""
    return f"number {one['sequence_number']} of {one['issued'][:10]}{stale}"


def _answer_changes(
    question: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> Iterator[Change]:
    old = before or {"status": None, "reasons": []}
    known = {one["text"] for one in old["reasons"]}
    new = [one["text"] for one in after["reasons"] if one["text"] not in known]
    if old["status"] != after["status"] or new:
        why = " ".join(dict.fromkeys([after["explanation"], *new]))
        yield Change(question, old["status"], after["status"], why)
