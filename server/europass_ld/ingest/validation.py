"""Check documents without loading them."""

from collections.abc import Iterator, Sequence

from ..config import Settings
from ..documents import Source
from ..validate.report import Finding, ValidationReport
from ..vocabularies import CodeLists
from .credential_documents import credential_findings
from .credential_sources import is_credential
from .examination import Examination, Spool


def validate_documents(
    sources: Sequence[Source], settings: Settings, code_lists: CodeLists, *, strict: bool = False
) -> ValidationReport:
    """Return one report over all documents, each checked by itself.

    `strict` makes errors of unknown codes in lists that go on growing.
    """

    def findings() -> Iterator[Finding]:
        for source in sources:
            if is_credential(source, named=True):
                yield from credential_findings(source, settings, code_lists, strict=strict)
                continue
            with Spool() as spool:
                yield from Examination(
                    [source], spool, settings, code_lists, base=settings.base, strict=strict
                ).findings()

    return ValidationReport.collect(findings(), settings.max_findings)
