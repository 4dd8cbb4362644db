"""The group of all commands, and how errors leave the program."""

from typing import Any

import click

from .. import __version__
from ..config import load_settings
from ..errors import (
    EuropassError,
    LiftError,
    LimitExceeded,
    MalformedDocument,
    UnsupportedDocument,
    VersionHeld,
)
from .documents import detect, lift, lower, validate
from .info import settings_command, vocabularies
from .serving import demo, serve
from .stores import dump, init, load, log, query, rebuild, revert, status, withdraw

NOT_CONFORMING = (
    UnsupportedDocument,
    MalformedDocument,
    LimitExceeded,
    LiftError,
    VersionHeld,
)


class _Commands(click.Group):
    """Commands in the order of their work, with errors of ours as one line on standard error."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EuropassError as error:
            click.echo(f"europass-ld: {error}", err=True)
            ctx.exit(1 if isinstance(error, NOT_CONFORMING) else 2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    r"""Check Europass XML, lift it to RDF, store it and publish it as linked data.

    \b
    Exit codes: 0 done; 1 a document does not conform, or was refused or held;
    2 usage, configuration or unreadable input; 3 partly loaded.
    """
    context.obj = load_settings()


for command in (
    detect,
    validate,
    lift,
    lower,
    init,
    load,
    serve,
    query,
    dump,
    status,
    log,
    rebuild,
    revert,
    withdraw,
    vocabularies,
    settings_command,
    demo,
):
    main.add_command(command)
