"""Verification for whoever asks over HTTP: bounded, and without a trace. No Flask here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import BoundedSemaphore

from ...accreditations import StoreAccreditations
from ...config import Settings
from ...lift.jsonld import load_context
from ...verify import TrustStore, VerificationReport, verify
from ...verify.policy import DEFAULT_POLICY
from ...verify.trust import TrustFolder
from ..problems import Refusal

AT_ONCE = 2
"""Verifications that one process does at a time; each holds a few times its document in memory."""
_PATIENCE_SECONDS = 10.0
_RETRY_SECONDS = 5


class Verifier:
    """Verifies documents against the operator's trust folder and the published accreditations."""

    def __init__(self, settings: Settings, accreditations: StoreAccreditations):
        self._policy = replace(DEFAULT_POLICY, max_document_bytes=settings.max_credential_bytes)
        self._trust = TrustFolder(settings.trust, DEFAULT_POLICY)
        self._accreditations = accreditations
        self._places = BoundedSemaphore(AT_ONCE)

    def verify(self, octets: bytes) -> VerificationReport:
        """Verify a document as of now. Nothing of it is kept, and no error tells what is in it.

        Raises:
            Refusal: too many others are being verified.
            ConfigurationError: the trust folder cannot be used.
        """
        trust = self._trust.current()
        with self._place():
            return self._verify(octets, trust)

    def _verify(self, octets: bytes, trust: TrustStore) -> VerificationReport:
        """Let an error of the sources out by its kind only: its message may quote the document."""
        try:
            return verify(
                octets,
                trust=trust,
                now=datetime.now(UTC),
                policy=self._policy,
                accreditations=self._accreditations,
                contexts=load_context,
            )
        except Exception as error:  # noqa: BLE001 - whatever it is
            kind = type(error).__name__
        raise RuntimeError(f"the verification broke ({kind})")  # outside, so that it has no context

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=_PATIENCE_SECONDS):
            raise Refusal(
                "too-many-verifications",
                "Please try again in a moment.",
                headers={"Retry-After": str(_RETRY_SECONDS)},
            )
        try:
            yield
        finally:
            self._places.release()
