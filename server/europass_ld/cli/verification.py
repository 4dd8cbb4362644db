"""The command that verifies the proofs of credentials: no store, no network."""

from datetime import UTC, datetime
from pathlib import Path

import click

from ..errors import ConfigurationError, DocumentError
from ..lift.jsonld import load_context
from ..verify import Policy, TrustStore, VerificationReport
from ..verify import verify as verify_proof
from .options import PATH

_POLICY = Policy()


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    del context, parameter
    if value is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no moment such as 2026-01-31T12:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--trust", type=PATH, help="Folder of trust anchors: roots and trusted lists.")
@click.option("--at", callback=_moment, help="Moment of verification; now without it.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per file.")
@click.option("--report", type=PATH, help="File to write the report to, as N-Triples (one FILE).")
@click.pass_context
def verify(
    context: click.Context,
    files: tuple[Path, ...],
    trust: Path | None,
    at: datetime,
    *,
    as_json: bool,
    report: Path | None,
) -> None:
    """Verify the proofs of credentials: who sealed them, and whether the seals hold."""
    if report is not None and len(files) > 1:
        raise click.UsageError("--report takes one FILE")
    anchors = TrustStore.load(trust) if trust else TrustStore()
    for problem in anchors.problems:
        click.echo(f"europass-ld: left out of the trust folder: {problem}", err=True)
    passed = True
    for file in files:
        verdict = verify_proof(_read(file), trust=anchors, now=at, contexts=load_context)
        passed = passed and verdict.passed
        click.echo(verdict.to_json() if as_json else _text(file, verdict))
        if report is not None:
            _write(report, verdict)
    context.exit(0 if passed else 1)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_POLICY.max_document_bytes + 1)
    except OSError as error:
        raise DocumentError(f"{file}: cannot be read: {error.strerror}", file=str(file)) from error


def _write(path: Path, verdict: VerificationReport) -> None:
    iri = f"ni:///sha-256;{verdict.document_sha256}"
    try:
        path.write_text(verdict.to_ntriples(iri), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error


def _text(file: Path, verdict: VerificationReport) -> str:
    sub = f"/{verdict.sub_indication}" if verdict.sub_indication else ""
    lines = [f"{file}: {verdict.indication}{sub}"]
    if verdict.message:
        lines.append(f"  {verdict.message}")
    facts = (
        ("format", verdict.format),
        ("level", verdict.level),
        ("qualification", verdict.qualification),
        ("signer", verdict.signer.name if verdict.signer else None),
        ("sealed", verdict.claimed_signing_time),
        ("proven to exist since", verdict.best_signature_time),
    )
    lines += [f"  {name}: {value}" for name, value in facts if value is not None]
    lines += [f"  as of the list {one}" for one in verdict.lists]
    for answer in verdict.answers:
        lines.append(f"\n  {answer.question}: {answer.status}. {answer.explanation}")
        reasons = (reason.text for reason in answer.reasons)
        lines += [f"    {text}" for text in reasons if text != answer.explanation]
    return "\n".join(lines)
