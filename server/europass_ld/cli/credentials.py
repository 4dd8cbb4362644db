"""What the commands say about credentials: verdicts, rules and random ids, never their content."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from ..accreditations import StoreAccreditations
from ..config import Settings
from ..documents import Source
from ..errors import ConfigurationError
from ..ingest import (
    CredentialKeeper,
    CredentialResult,
    KeepOptions,
    Review,
    review_credentials,
)
from ..store import Reader
from ..validate.report import Severity
from ..vault import Vault, open_or_make_vault, open_vault
from ..verify import TrustStore
from ..vocabularies import CodeLists
from .options import code_lists_of


def keep_credentials(keeper: CredentialKeeper, sources: Iterable[Source], *, as_json: bool) -> int:
    """Load credentials, say what became of each, and return the exit code."""
    code = 0
    for source in sources:
        result = keeper.load(source)
        click.echo(json.dumps(credential_summary(result)) if as_json else _text(result))
        code = max(code, int(result.outcome == "refused"))
    return code


@contextmanager
def keeping(
    directory: Path,
    settings: Settings,
    code_lists: CodeLists,
    trust: TrustStore,
    options: KeepOptions,
) -> Iterator[CredentialKeeper]:
    """Give what loads credentials into the private store of a store directory."""
    with Reader(directory) as reader:
        yield CredentialKeeper(
            vault=open_or_make_vault(directory, settings),
            base=reader.base,
            settings=settings,
            code_lists=code_lists,
            trust=trust,
            options=options,
            accreditations=StoreAccreditations(reader, code_lists),
        )


def credential_summary(result: CredentialResult) -> dict[str, object]:
    """Return the documented JSON object of a credential that was loaded."""
    verdict = result.verdict
    return {
        "file": result.file,
        "credential": result.iri,
        "outcome": result.outcome,
        "reason": result.reason,
        "indication": verdict and verdict.indication.value,
        "sub_indication": verdict and verdict.sub_indication and verdict.sub_indication.value,
        "findings": {one.label: count for one, count in result.report.counts().items()},
        "errors": _errors(result),
        "seconds": round(result.seconds, 3),
    }


def verify_stored(
    directory: Path, settings: Settings, trust: TrustStore, at: datetime, *, as_json: bool
) -> bool:
    """Verify again what is kept, say what changed, and return whether all of it passes."""
    vault = existing_vault(directory, settings)
    passed, verdicts = True, Counter[str]()
    with Reader(directory) as reader:
        source = StoreAccreditations(reader, code_lists_of(settings))
        for one in review_credentials(vault, reader.base, settings, trust, at, source):
            passed = passed and one.report.passed
            verdicts[one.report.verdict] += 1
            click.echo(json.dumps(_review_summary(one)) if as_json else _review_text(one))
    if not as_json:
        counts = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(verdicts.items()))
        click.echo(f"{verdicts.total():,} credentials{': ' if counts else ''}{counts}")
    return passed


def existing_vault(directory: Path, settings: Settings) -> Vault:
    """Return the private store of a store directory.

    Raises:
        ConfigurationError: there is none, or its secret is missing or wrong.
    """
    vault = open_vault(directory, settings)
    if vault is None:
        raise ConfigurationError(
            "no credential is kept here (europass-ld load --owner keeps some)", setting="private"
        )
    return vault


def _errors(result: CredentialResult) -> list[dict[str, object]]:
    """Return where the errors are; what stands there belongs to somebody."""
    return [
        {"rule": one.rule, "line": one.line, "path": one.path}
        for one in result.report.findings
        if one.severity is Severity.ERROR
    ]


def _text(result: CredentialResult) -> str:
    known = result.verdict
    sub = f"/{known.sub_indication}" if known and known.sub_indication else ""
    verdict = f" ({known.indication}{sub})" if known else ""
    where = f" as <{result.iri}>" if result.iri else ""
    reason = f": {result.reason}" if result.reason else ""
    lines = [f"{result.file}: {result.outcome}{where}{verdict}{reason}"]
    for one in _errors(result):
        place = ", ".join(
            f"{name} {one[name]}" for name in ("line", "path") if one[name] is not None
        )
        lines.append(f"  error: {one['rule']}{f', {place}' if place else ''}")
    return "\n".join(lines)


def _review_summary(review: Review) -> dict[str, object]:
    return {
        "credential": review.iri,
        "indication": review.report.document["indication"],
        "sub_indication": review.report.document["sub_indication"],
        "report": review.report.number,
        "since": review.report.since.isoformat(),
        "changes": [
            {"what": one.what, "before": one.before, "after": one.after, "why": one.why}
            for one in review.changes
        ],
    }


def _review_text(review: Review) -> str:
    state = "changed" if review.changes else f"unchanged since {review.report.since:%Y-%m-%d}"
    lines = [f"<{review.iri}>: {review.report.verdict}, {state}"]
    return "\n".join([*lines, *(f"  {one}" for one in review.changes)])
