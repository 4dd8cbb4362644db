"""The group of all commands, and how errors leave the program."""

from importlib import import_module
from types import MappingProxyType
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

_NOT_CONFORMING = (
    UnsupportedDocument,
    MalformedDocument,
    LimitExceeded,
    LiftError,
    VersionHeld,
)

_COMMANDS = MappingProxyType(
    {
        "detect": "documents",
        "validate": "documents",
        "verify": "verification",
        "trust": "trust",
        "accreditation": "accreditation",
        "lift": "documents",
        "lower": "documents",
        "init": "stores",
        "load": "stores",
        "token": "tokens",
        "serve": "serving",
        "query": "stores",
        "dump": "stores",
        "status": "stores",
        "log": "stores",
        "rebuild": "stores",
        "revert": "stores",
        "withdraw": "stores",
        "redact": "stores",
        "vocabularies": "info",
        "settings": "info",
        "demo": "serving",
    }
)
"""Each command and the module it is in, in the order of the work."""


class _Commands(click.Group):
    """Imports a command when it is called, so that checking a file does not load a web server.

    Errors of ours leave as one line on standard error.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f".{_COMMANDS[cmd_name]}", __package__)
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EuropassError as error:
            click.echo(f"europass-ld: {error}", err=True)
            ctx.exit(1 if isinstance(error, _NOT_CONFORMING) else 2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="europass-ld")
@click.pass_context
def main(context: click.Context) -> None:
    """Check Europass XML, lift it to RDF, store it and publish it as linked data.

    \b
    Exit codes: 0 done; 1 a document does not conform, or was refused or held;
    2 usage, configuration or unreadable input; 3 partly loaded.
    """  # noqa: D301 - the character itself, which keeps the lines below it as they are
    context.obj = load_settings()
