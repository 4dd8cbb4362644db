"""Credentials outside any store: what one says, and what is wrong with it, whoever sealed it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from secrets import token_hex

from ..config import Settings
from ..documents import Source
from ..documents.credentials import CredentialDocument, detect_credential
from ..errors import DocumentError, LiftError, MalformedDocument
from ..lift.credentials import LiftedCredential, lift_credential
from ..validate.report import Finding, Severity
from ..verify import TrustStore
from ..vocabularies import CodeLists
from .credential_checks import validate_credential
from .credential_octets import limits_of, signed_part, verify_received
from .credential_sources import read_credential


def describe_credential(source: Source, settings: Settings) -> CredentialDocument:
    """Tell what a credential is, by its form alone.

    Raises:
        UnsupportedDocument, MalformedDocument, LimitExceeded: it is none, or cannot be read.
    """
    return detect_credential(read_credential(source, settings), source.name, limits_of(settings))


def lift_statement(source: Source, settings: Settings, code_lists: CodeLists) -> LiftedCredential:
    """Lift what a credential says: the octets that its seal is on, or all where it has none.

    Whose seal it is, and whether anybody trusts it, is not asked. Nodes without an identifier get
    random names.

    Raises:
        UnsupportedDocument, MalformedDocument, LimitExceeded: it is none, or cannot be read, or
            its seal does not hold.
        LiftError: a part of it would be lost.
    """
    data = read_credential(source, settings)
    document = detect_credential(data, source.name, limits_of(settings))
    verdict = verify_received(data, settings, TrustStore(), datetime.now(UTC))
    said = signed_part(verdict, data, document)
    if said is None:
        message = f"{source.name}: what is sealed cannot be told: {verdict.message}"
        raise MalformedDocument(message, file=source.name)
    return lift_credential(
        said.octets,
        media_type=said.media_type,
        name_node=lambda: f"{settings.base}credentials/{token_hex(16)}",
        code_lists=code_lists,
        original=data,
        limits=limits_of(settings),
    )


def credential_findings(
    source: Source, settings: Settings, code_lists: CodeLists, *, strict: bool
) -> Iterator[Finding]:
    """Yield what is wrong with a credential; its proof is for `verify` to judge."""
    try:
        lifted = lift_statement(source, settings, code_lists)
    except (DocumentError, LiftError) as error:
        yield Finding(
            rule="document/credential",
            severity=Severity.ERROR,
            message=str(error),
            file=source.name,
            line=error.line,
        )
        return
    report = validate_credential(
        lifted, code_lists, name=source.name, engine=settings.shapes_engine, strict=strict
    )
    yield from report.findings
