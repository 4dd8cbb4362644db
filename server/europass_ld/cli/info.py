"""Commands about the program itself: its settings and its code lists."""

import json
from pathlib import Path

import click

from ..vocabularies import import_vocabulary
from .options import PATH, Configured, code_lists_of, settings_of


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
@click.pass_obj
def settings(configured: Configured, *, as_json: bool) -> None:
    """List every setting with its value and where it came from."""
    _, origins = configured
    if as_json:
        listed = {one.name: {"value": _plain(one.value), "source": one.source} for one in origins}
        click.echo(json.dumps(listed, indent=2))
        return
    for one in origins:
        click.echo(f"{one.name} = {_plain(one.value)!r}  ({one.source})\n    {one.help}")


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


@click.group()
def vocabularies() -> None:
    """List the code lists, or import newer ones."""


@vocabularies.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per list.")
@click.pass_context
def list_vocabularies(context: click.Context, *, as_json: bool) -> None:
    """List the code lists: name, version, size, where each came from."""
    for one in code_lists_of(settings_of(context)).lists():
        facts = {
            "name": one.name,
            "scheme": one.scheme,
            "title": one.title,
            "version": one.version,
            "codes": one.size,
            "closed": one.closed,
            "source": one.source,
        }
        if as_json:
            click.echo(json.dumps(facts, ensure_ascii=False))
        else:
            kind = "closed" if one.closed else "growing"
            click.echo(
                f"{one.name:24} {one.size:6,}  {kind:8} {one.version:12} {one.source}  {one.scheme}"
            )


@vocabularies.command("import")
@click.argument("file", type=PATH)
@click.pass_context
def import_list(context: click.Context, file: Path) -> None:
    """Import an official SKOS list (EU authority table, ISCED-F, NUTS, ESCO ...)."""
    imported = import_vocabulary(file, settings_of(context).vocabularies)
    click.echo(f"{imported.name}: {imported.size:,} codes, version {imported.version}")
