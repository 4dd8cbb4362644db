"""The command that asks the accreditations of a store, without any credential."""

import json
from pathlib import Path
from typing import Any

import click

from ..accreditations import StoreAccreditations, read_award
from ..store import Reader
from ..verify import AccreditationResult, Coverage, result_members
from .options import code_lists_of, existing_store, settings_of, store_option

_WORDS = {
    Coverage.COVERED: "covered",
    Coverage.NOT_COVERED: "not covered",
    Coverage.NO_DATA: "no data",
}


@click.command()
@click.option(
    "--organisation",
    multiple=True,
    required=True,
    help="IRI of the organisation, or an identifier such as VATFR-123; may be repeated.",
)
@click.option("--on", required=True, help="Day of the award, such as 2026-01-31.")
@click.option("--eqf", help="EQF level, 1 to 8.")
@click.option("--field", multiple=True, help="ISCED-F code of what was awarded; may be repeated.")
@click.option("--credential-type", help="Type of the credential, a code.")
@click.option("--jurisdiction", help="Country or region of the award, such as FIN.")
@click.option("--qualification", help="IRI of the qualification.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
@click.pass_context
def accreditation(
    context: click.Context, /, store: Path, *, as_json: bool, **question: Any
) -> None:
    """Tell whether an organisation was allowed to award something on a day."""
    code_lists = code_lists_of(settings_of(context))
    with Reader(existing_store(store)) as reader:
        source = StoreAccreditations(reader, code_lists)
        try:
            award = read_award(code_lists, source.describe, **question)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        result = source.assess(award)
    if as_json:
        click.echo(json.dumps(result_members(result), ensure_ascii=False, indent=1))
    else:
        click.echo(_text(result))
    context.exit(0 if result.coverage is Coverage.COVERED else 1)


def _text(result: AccreditationResult) -> str:
    lines = [_WORDS[result.coverage]]
    if not result.assessments:
        lines.append("  no accreditation of this organisation is published here")
    for one in result.assessments:
        found = one.accreditation
        lines.append(f"\n  {found.iri}: {_WORDS[one.coverage]}")
        lines += [f"    {text}" for text in (found.title, *one.reasons) if text]
        lines.append(f"    published in {found.source}")
    return "\n".join(lines)
