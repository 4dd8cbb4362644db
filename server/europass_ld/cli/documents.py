"""Commands that need no store: detect, validate, lift, lower."""

import json
from collections.abc import Mapping
from pathlib import Path

import click
import pyoxigraph as ox

from ..config import Settings
from ..documents import Source, find_sources, has_proof, read_document
from ..documents.credentials import ProofKind
from ..errors import DocumentError, MalformedDocument
from ..formats import RDF_FORMATS, Format, by_extension, by_name
from ..ingest import (
    describe_credential,
    is_credential,
    lift_document,
    lift_statement,
    lower_document,
    validate_documents,
)
from ..validate.report import Severity
from .options import PATH, RDF_NAMES, code_lists_of, settings_of
from .output import whole_output, write_rdf

_FAIL_ON = {"error": Severity.ERROR, "warning": Severity.WARNING}


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per document.")
@click.pass_context
def detect(context: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Tell the family, version, namespace, size and proof of documents."""
    failed = False
    settings = settings_of(context)
    for source in find_sources(files, settings):
        try:
            facts = _credential_facts(source, settings) or _facts(source)
        except DocumentError as error:
            failed = True
            click.echo(f"europass-ld: {error}", err=True)
            continue
        click.echo(json.dumps(facts, ensure_ascii=False) if as_json else _line(facts))
    context.exit(1 if failed else 0)


def _facts(source: Source) -> dict[str, object]:
    document = read_document(source)
    return {
        "file": source.name,
        "family": document.table.family,
        "title": document.table.title,
        "version": document.version,
        "declared": document.declared,
        "namespace": document.namespace,
        "encoding": document.encoding,
        "bytes": source.size(),
        "proof": has_proof(document),
    }


def _credential_facts(source: Source, settings: Settings) -> dict[str, object] | None:
    if not is_credential(source, named=True):
        return None
    found = describe_credential(source, settings)
    return {
        "file": source.name,
        "family": found.family,
        "title": "Presentation of credentials" if found.presentation else "Credential",
        "version": found.version,
        "declared": found.profile,
        "namespace": None,
        "encoding": None,
        "bytes": source.size(),
        "proof": found.proof is not ProofKind.NONE,
    }


def _line(facts: Mapping[str, object]) -> str:
    namespace = f"namespace {facts['namespace']}; " if facts["namespace"] else ""
    declared = f", declares {facts['declared']}" if facts["declared"] else ""
    proof = "a proof is present" if facts["proof"] else "no proof"
    return (
        f"{facts['file']}: {facts['title']} ({facts['family']}) {facts['version']}{declared}; "
        f"{namespace}{facts['bytes']:,} bytes; {proof}"
    )


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
@click.option(
    "--fail-on",
    type=click.Choice(list(_FAIL_ON)),
    default="error",
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
@click.option("--strict", is_flag=True, help="Unknown codes of growing lists are errors too.")
@click.pass_context
def validate(
    context: click.Context, files: tuple[Path, ...], *, as_json: bool, fail_on: str, strict: bool
) -> None:
    """Check documents: structure, references, codes and shapes."""
    settings = settings_of(context)
    sources = tuple(find_sources(files, settings))
    report = validate_documents(sources, settings, code_lists_of(settings), strict=strict)
    click.echo(report.to_json() if as_json else report.to_text())
    context.exit(0 if report.conforms(_FAIL_ON[fail_on]) else 1)


@click.command()
@click.argument("file", type=PATH)
@click.option("-o", "--output", type=PATH, help="File to write; standard output without it.")
@click.option(
    "--format", "name", type=RDF_NAMES, help="Default: what the output's ending says, else nt."
)
@click.pass_context
def lift(context: click.Context, file: Path, output: Path | None, name: str | None) -> None:
    """Turn a document into RDF."""
    settings = settings_of(context)
    chosen = _rdf_format(name, output)
    for number, source in enumerate(find_sources([file], settings)):
        if number:
            raise click.UsageError(f"{file} holds more than one document; lift takes one")
        with whole_output(output) as out:
            if is_credential(source, named=True):
                lifted = lift_statement(source, settings, code_lists_of(settings))
                write_rdf([lifted.sealed], out, chosen)
            else:
                write_rdf(lift_document(source, settings), out, chosen)


@click.command()
@click.argument("rdf", type=PATH)
@click.option("-o", "--output", type=PATH, help="File to write; standard output without it.")
@click.option(
    "--version",
    type=click.Choice(["3.1", "3.3"]),
    default="3.1",
    show_default=True,
    help="Version of the schema to write.",
)
@click.pass_context
def lower(context: click.Context, rdf: Path, output: Path | None, version: str) -> None:
    """Turn ELM RDF back into LOQ or AMS XML."""
    chosen = by_extension(rdf.suffix[1:])
    if chosen is None or not isinstance(chosen.oxigraph, ox.RdfFormat):
        known = ", ".join(f".{one.extension}" for one in RDF_FORMATS)
        raise click.UsageError(f"cannot tell the RDF format of {rdf} (known endings: {known})")
    try:
        with whole_output(output) as out:
            triples = ox.parse(path=str(rdf), format=chosen.oxigraph)
            lower_document(triples, out, version=version, settings=settings_of(context))
    except FileNotFoundError as error:
        raise DocumentError(f"{rdf}: there is no such file", file=str(rdf)) from error
    except SyntaxError as error:
        raise MalformedDocument(f"{rdf}: not {chosen.title}: {error}", file=str(rdf)) from error


def _rdf_format(name: str | None, output: Path | None) -> Format:
    if name is None and output is None:
        name = "nt"
    chosen = by_name(name) if name else by_extension(str(output).rpartition(".")[2])
    if chosen is None:
        raise click.UsageError(f"no RDF format has the ending of {output}; say --format")
    return chosen
