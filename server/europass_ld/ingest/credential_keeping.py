"""Load credentials into the private store: verify, lift what was signed, validate, keep or refuse.

Nothing that is said about a document here quotes it: who loads credentials need not be who they are
about.
"""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from ..config import Settings
from ..documents import Source
from ..documents.credentials import CredentialDocument, detect_credential
from ..errors import DocumentError, LiftError
from ..lift.credentials import LiftedCredential, lift_credential
from ..validate.report import ValidationReport
from ..vault import Vault
from ..verify import (
    AccreditationSource,
    Indication,
    SignedDocument,
    SubIndication,
    TrustStore,
    VerificationReport,
)
from ..vocabularies import CodeLists
from .credential_checks import validate_credential
from .credential_octets import limits_of, signed_part, verify_received
from .credential_parts import parts_of
from .credential_record import credential_iri, kept_credentials, kept_report, report_part
from .credential_sources import read_credential

Accepted = Literal["indeterminate", "unsealed"]
CredentialOutcome = Literal["kept", "unchanged", "dry run", "refused"]
_NOT_SIGNED = "which of its octets are signed is not known, so nothing of it may be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOptions:
    """What the person who loads decides.

    `owner` is whose credentials they are. `accept` names verdicts that are kept although the seal
    is not TOTAL_PASSED; a seal that is TOTAL_FAILED is always refused.
    """

    owner: str
    accept: frozenset[Accepted] = frozenset()
    strict: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CredentialResult:
    """What became of one credential.

    `iri` is where it is, if it was kept now or before. `report` says what validation found; its
    messages and values quote the document.
    """

    file: str
    outcome: CredentialOutcome
    reason: str | None = None
    iri: str | None = None
    verdict: VerificationReport | None = None
    report: ValidationReport = field(default_factory=ValidationReport)
    seconds: float = 0.0


class _Refused(Exception):
    """Why a credential is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialKeeper:
    """Loads credentials into a private store, each decided on its own."""

    vault: Vault
    base: str
    settings: Settings
    code_lists: CodeLists
    trust: TrustStore
    options: KeepOptions
    accreditations: AccreditationSource | None = None

    def load(self, source: Source) -> CredentialResult:
        """Verify, lift and validate a credential, and keep it if nothing speaks against it.

        Raises:
            StoreUnavailable: the private store cannot be written.
            ConfigurationError, ValidationError: the shapes engine is not there, or failed.
        """
        started = time.monotonic()
        result = self._loaded(CredentialResult(file=source.name, outcome="refused"), source)
        return replace(result, seconds=time.monotonic() - started)

    def _loaded(self, result: CredentialResult, source: Source) -> CredentialResult:
        try:
            data = read_credential(source, self.settings)
            document = detect_credential(data, "the document", limits_of(self.settings))
        except DocumentError as error:
            return replace(result, reason=str(error))
        now = datetime.now(UTC)
        verdict = verify_received(data, self.settings, self.trust, now, self.accreditations)
        result = replace(result, verdict=verdict)
        iri = credential_iri(self.base, id_ := uuid4())
        try:
            signed = _allowed(verdict, data, document, self.options.accept)
            lifted = self._lifted(signed, data, iri)
        except (_Refused, LiftError, DocumentError) as error:
            return replace(result, reason=str(error))
        result = self._decided(replace(result, report=self._validated(lifted)), verdict)
        if result.outcome == "kept":
            report = report_part(kept_report(verdict, 1, now, iri))
            parts = parts_of(lifted, document, data, result.report, now)
            self.vault.keep(self.options.owner, id_, dict([*parts.items(), report]))
            return replace(result, iri=iri)
        return result

    def _decided(self, result: CredentialResult, verdict: VerificationReport) -> CredentialResult:
        if not result.report.conforms():
            return replace(result, reason="it does not conform")
        known = self._known(verdict.document_sha256)
        if known is not None:
            return replace(result, outcome="unchanged", iri=known)
        if self._is_full():
            most = f"max_credentials allows {self.settings.max_credentials:,} for one owner"
            return replace(result, reason=most)
        return replace(result, outcome="dry run" if self.options.dry_run else "kept")

    def _validated(self, lifted: LiftedCredential) -> ValidationReport:
        return validate_credential(
            lifted,
            self.code_lists,
            engine=self.settings.shapes_engine,
            strict=self.options.strict,
        )

    def _lifted(self, signed: SignedDocument, data: bytes, iri: str) -> LiftedCredential:
        lifted = lift_credential(
            signed.octets,
            media_type=signed.media_type,
            name_node=lambda: f"{iri}/{secrets.token_hex(16)}",
            code_lists=self.code_lists,
            original=data,
            limits=limits_of(self.settings),
        )
        if not lifted.usable:
            raise _Refused("a part of what it says cannot be said in RDF")
        return lifted

    def _known(self, sha256: str) -> str | None:
        """Return the IRI of the same document, if the owner has it already."""
        owner = self.vault.owners.named(self.options.owner)
        some = kept_credentials(self.vault, self.base, [owner.id] if owner else [])
        return next((one.iri for one in some if one.facts().sha256 == sha256), None)

    def _is_full(self) -> bool:
        owner = self.vault.owners.named(self.options.owner)
        return owner is not None and len(self.vault.ids(owner.id)) >= self.settings.max_credentials


def _allowed(
    verdict: VerificationReport,
    data: bytes,
    document: CredentialDocument,
    accept: Collection[Accepted],
) -> SignedDocument:
    """Return what of a document may be lifted.

    Raises:
        _Refused: its verdict is not accepted.
    """
    if verdict.indication is Indication.TOTAL_FAILED:
        raise _Refused(f"{verdict.message}; a seal that fails is never accepted")
    unsealed = verdict.sub_indication is SubIndication.NO_SIGNATURE
    if unsealed and "unsealed" not in accept:
        raise _Refused(f"{verdict.message}; --accept unsealed would keep it, with this verdict")
    signed = signed_part(verdict, data, document)
    if signed is None:
        raise _Refused(f"{verdict.message}; {_NOT_SIGNED}")
    if not unsealed and not verdict.passed and "indeterminate" not in accept:
        raise _Refused(
            f"{verdict.message}; --accept indeterminate would keep it, with this verdict"
        )
    return signed
