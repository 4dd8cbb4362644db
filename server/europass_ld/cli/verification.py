"""The command that verifies the proofs of credentials: no network, and nothing is kept."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from ..accreditations import StoreAccreditations
from ..config import Settings
from ..errors import ConfigurationError, DocumentError
from ..formats import RDF_FORMATS, Format, by_extension
from ..lift.jsonld import load_context
from ..signing import SIGNATURE_SUFFIX, Signer
from ..store import Reader
from ..verify import Policy, VerificationReport
from ..verify import verify as verify_proof
from .credentials import verify_stored
from .options import (
    PATH,
    anchors_in,
    at_option,
    code_lists_of,
    given_store,
    settings_of,
    trust_option,
)
from .output import whole_output, write_rdf

_POLICY = Policy()


@click.command()
@click.argument("files", nargs=-1, type=PATH)
@click.option("--stored", is_flag=True, help="Verify again what the private store keeps.")
@trust_option
@click.option(
    "--store",
    type=PATH,
    callback=given_store,
    help="Store whose accreditations are asked, and whose credentials.",
)
@at_option
@click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON object per file, each in a line."
)
@click.option(
    "--report",
    type=PATH,
    help="File to write the report to: RDF by its ending, or .json, signed (one FILE).",
)
@click.pass_context
def verify(
    context: click.Context,
    files: tuple[Path, ...],
    trust: Path | None,
    store: Path | None,
    at: datetime,
    *,
    as_json: bool,
    report: Path | None,
    stored: bool,
) -> None:
    """Verify the proofs of credentials: who sealed them, and whether the seals hold."""
    if stored is bool(files):
        raise click.UsageError("say either FILE… or --stored")
    if report is not None and len(files) != 1:
        raise click.UsageError("--report takes one FILE")
    settings = settings_of(context)
    write = _writer(report, settings) if report is not None else None
    anchors = anchors_in(trust)
    if stored:
        if store is None:
            raise click.UsageError("say where the store is: --store DIR, or the setting store")
        context.exit(0 if verify_stored(store, settings, anchors, at, as_json=as_json) else 1)
    passed = True
    with _accreditations(store, settings) as source:
        for file in files:
            verdict = verify_proof(
                _read(file), trust=anchors, now=at, accreditations=source, contexts=load_context
            )
            passed = passed and verdict.passed
            click.echo(_json(file, verdict) if as_json else _text(file, verdict))
            if write is not None:
                write(verdict)
    context.exit(0 if passed else 1)


@contextmanager
def _accreditations(store: Path | None, settings: Settings) -> Iterator[StoreAccreditations | None]:
    if store is None:
        yield None
        return
    with Reader(store) as reader:
        yield StoreAccreditations(reader, code_lists_of(settings))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_POLICY.max_document_bytes + 1)
    except OSError as error:
        raise DocumentError(f"{file}: cannot be read: {error.strerror}", file=str(file)) from error


def _writer(path: Path, settings: Settings) -> Callable[[VerificationReport], None]:
    """Return what writes a report to `path`; whatever is wrong with the path is told at once."""
    ending = path.suffix.removeprefix(".")
    if ending == "json":
        if settings.signing_key is None:
            raise ConfigurationError(
                f"{path}: a report in JSON is signed, and no key is set (signing_key)",
                setting="signing_key",
            )
        return partial(_write_signed, path, Signer.load(settings.signing_key))
    chosen = by_extension(ending)
    if chosen is None:
        known = ", ".join(f".{one.extension}" for one in RDF_FORMATS)
        raise click.UsageError(f"no report has the ending of {path} (known: {known}, .json)")
    return partial(_write_rdf, path, chosen)


def _write_rdf(path: Path, chosen: Format, verdict: VerificationReport) -> None:
    iri = f"ni:///sha-256;{verdict.document_sha256}"
    with whole_output(path) as out:
        write_rdf([verdict.to_ntriples(iri)], out, chosen)


def _write_signed(path: Path, signer: Signer, verdict: VerificationReport) -> None:
    octets = f"{verdict.to_json()}\n".encode()
    with (
        whole_output(path) as out,
        whole_output(path.with_name(f"{path.name}{SIGNATURE_SUFFIX}")) as signature,
    ):
        out.write(octets)
        signature.write(f"{signer.sign(octets)}\n".encode())


def _json(file: Path, verdict: VerificationReport) -> str:
    """Return the report in one line, with the name of the file before it."""
    return json.dumps({"file": str(file), **json.loads(verdict.to_json())}, ensure_ascii=False)


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
