"""The trust store: read once from a folder, then immutable and shared by all verifications."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from ...errors import ConfigurationError
from ..certificates import Certificate, load_pem_certificates
from ..outcome import Rejection
from ..policy import DEFAULT_POLICY, Policy
from ..report import ListVersion
from .journal import NOTICES
from .lists import CA_QC, QTST, Service, TrustedList
from .resolution import LIST_OF_LISTS, Problem, pivots, read_lists, resolve

_NOTHING: Mapping[str, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Anchor:
    """A trust anchor: its certificate, and the service and list it comes from (None: operator)."""

    certificate: Certificate
    service: Service | None = None
    list: TrustedList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """Everything that a verification trusts.

    ::

        trust/
          roots/seals/*.pem         the operator's own anchors for seals
          roots/time-stamps/*.pem   the operator's own anchors for time-stamp authorities
          lists/*.xml               EU list of lists, its pivots, national trusted lists
          list-signers/*.pem        further certificates that may seal the list of lists
          revocation/*.ocsp, *.crl  local OCSP responses and CRLs (DER, CRLs also PEM)
          issuers.toml              [keys] issuer IRI = list of did:key that may sign for it

    Each part may be missing. Anchors stand under the octets of their subject. `list_of_lists` is
    the newest one that the Official Journal's certificates lead to; `lists` are those national
    lists, by territory, whose signer it names. `problems` are the files that were left out.
    """

    seal_anchors: Mapping[bytes, Sequence[Anchor]] = field(default_factory=dict)
    time_stamp_anchors: Mapping[bytes, Sequence[Anchor]] = field(default_factory=dict)
    list_of_lists: TrustedList | None = None
    lists: Mapping[str, TrustedList] = field(default_factory=dict)
    issuer_keys: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NOTHING)
    ocsp_responses: tuple[bytes, ...] = ()
    revocation_lists: tuple[bytes, ...] = ()
    problems: tuple[Problem, ...] = ()

    @classmethod
    def load(cls, folder: Path, policy: Policy = DEFAULT_POLICY) -> "TrustStore":
        """Read `folder`; lists that do not verify are left out and named in `problems`.

        Raises:
            ConfigurationError: the folder, or a file of the operator's in it, cannot be used.
        """
        if not folder.is_dir():
            raise ConfigurationError(f"the trust folder {folder} is not there", source=str(folder))
        _check_notices(policy)
        found, problems = read_lists(folder / "lists", policy)
        resolved = resolve(found, list_signers(folder), policy)
        top, lists, refused = resolved.top, resolved.lists, resolved.problems
        seals = [Anchor(one) for one in _certificates(folder / "roots" / "seals")]
        stamps = [Anchor(one) for one in _certificates(folder / "roots" / "time-stamps")]
        return cls(
            seal_anchors=_index((*_anchors(lists.values(), CA_QC), *seals)),
            time_stamp_anchors=_index((*_anchors(lists.values(), QTST), *stamps)),
            list_of_lists=top,
            lists=MappingProxyType(lists),
            issuer_keys=_issuer_keys(folder / "issuers.toml"),
            ocsp_responses=tuple(_files(folder / "revocation", "*.ocsp")),
            revocation_lists=tuple(_files(folder / "revocation", "*.crl")),
            problems=(*problems, *refused),
        )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where newer lists can be had: the list of lists, its pivots, the lists it points at.

        Nothing here ever asks there.
        """
        top = self.list_of_lists
        if top is None:
            return (LIST_OF_LISTS,)
        pointed = (one.location for one in top.pointers)
        return tuple(dict.fromkeys((LIST_OF_LISTS, *pivots(top), *pointed)))

    def versions(self, anchors: Iterable[Anchor], now: datetime) -> tuple[ListVersion, ...]:
        """Return the versions of the lists that some anchors rest on, the list of lists first."""
        used = {one.list.territory: one.list for one in anchors if one.list is not None}
        lists = [self.list_of_lists, *used.values()] if used and self.list_of_lists else []
        return tuple(version_of(one, now) for one in lists if one is not None)


def list_signers(folder: Path) -> frozenset[str]:
    """Return the SHA-256 of the certificates that a trust folder adds to the Official Journal's.

    Raises:
        ConfigurationError: a file of theirs cannot be read.
    """
    return frozenset(one.sha256 for one in _certificates(folder / "list-signers"))


def _check_notices(policy: Policy) -> None:
    unknown = policy.journal_notices - set(NOTICES)
    if unknown:
        raise ConfigurationError(
            f"no notice {min(unknown)} is known (known: {', '.join(NOTICES)})",
            setting="journal_notices",
        )


def version_of(listed: TrustedList, now: datetime) -> ListVersion:
    """Return which version of a list it is, and whether it is stale at `now`.

    A closed list, without a next update, is stale from its issue on.
    """
    return ListVersion(
        listed.territory,
        listed.sequence_number,
        listed.issued,
        listed.next_update,
        stale=listed.next_update is None or listed.next_update < now,
    )


def _index(anchors: Iterable[Anchor]) -> Mapping[bytes, tuple[Anchor, ...]]:
    found: dict[bytes, tuple[Anchor, ...]] = {}
    for one in anchors:
        subject = one.certificate.subject
        found[subject] = (*found.get(subject, ()), one)
    return MappingProxyType(found)


def _anchors(lists: Iterable[TrustedList], kind: str) -> Iterator[Anchor]:
    for listed in lists:
        for service in listed.services:
            if service.type == kind:
                yield from (Anchor(one, service, listed) for one in service.certificates)


def _files(folder: Path, pattern: str) -> Iterator[bytes]:
    for file in sorted(folder.glob(pattern)):
        try:
            yield file.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"cannot read {file}: {error}", source=str(file)) from error


def _certificates(folder: Path) -> Iterator[Certificate]:
    for file in sorted(folder.glob("*.pem")):
        try:
            yield from load_pem_certificates(file.read_bytes())
        except (OSError, ValueError, Rejection) as error:
            raise ConfigurationError(
                f"{file} is not a file of certificates in PEM: {error}", source=str(file)
            ) from error


def _issuer_keys(file: Path) -> Mapping[str, frozenset[str]]:
    if not file.is_file():
        return _NOTHING
    try:
        keys = tomllib.loads(file.read_text(encoding="utf-8"))["keys"]
        return MappingProxyType({issuer: _methods(listed) for issuer, listed in keys.items()})
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ConfigurationError(
            f"{file} is not a table [keys] of issuers with a list of did:key each: {error}",
            source=str(file),
        ) from error


def _methods(listed: object) -> frozenset[str]:
    if not isinstance(listed, list) or any(
        not isinstance(one, str) or not one.startswith("did:key:") for one in listed
    ):
        raise ValueError("a list of did:key was expected")
    return frozenset(listed)
