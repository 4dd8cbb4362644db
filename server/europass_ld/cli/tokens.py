"""Commands for the tokens with which owners reach their credentials."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ..errors import ConfigurationError
from ..vault import Token, open_or_make_vault
from .credentials import existing_vault
from .options import existing_store, settings_of, store_option

_LONGEST_NAME = 200


@click.group()
def token() -> None:
    """Make, list or revoke the tokens with which owners reach their credentials."""


@token.command()
@store_option
@click.option("--owner", required=True, help="Whose credentials the token opens.")
@click.option("--days", type=click.IntRange(min=1), help="Days until it ends; without it, none.")
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
@click.pass_context
def create(
    context: click.Context, store: Path, owner: str, days: int | None, *, as_json: bool
) -> None:
    """Make a token; it is shown this one time and kept as a digest only."""
    if not owner.strip() or len(owner) > _LONGEST_NAME:
        raise click.UsageError(f"--owner takes a name of up to {_LONGEST_NAME} characters")
    vault = open_or_make_vault(existing_store(store), settings_of(context))
    now = datetime.now(UTC)
    made, text = vault.owners.create_token(owner, now, now + timedelta(days=days) if days else None)
    if as_json:
        click.echo(json.dumps({**_facts(owner, made), "token": text}))
        return
    click.echo(text)
    click.echo(f"token {made.id} {_end(made)}; this is the only time it is shown", err=True)


@token.command("list")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per token.")
@click.pass_context
def list_tokens(context: click.Context, store: Path, *, as_json: bool) -> None:
    """List the tokens: their ids, owners and ends."""
    vault = existing_vault(existing_store(store), settings_of(context))
    for owner in vault.owners:
        for one in owner.tokens:
            if as_json:
                click.echo(json.dumps(_facts(owner.name, one), ensure_ascii=False))
            else:
                click.echo(f"{one.id}  {one.created:%Y-%m-%d}  {_end(one)}  {owner.name}")


@token.command()
@click.argument("token_id", metavar="ID")
@store_option
@click.pass_context
def revoke(context: click.Context, token_id: str, store: Path) -> None:
    """Take a token away, by the id that `token list` shows; it opens nothing any more."""
    vault = existing_vault(existing_store(store), settings_of(context))
    if not vault.owners.revoke(token_id):
        raise ConfigurationError(f"no token has the id {token_id} (europass-ld token list)")
    vault.clear()
    click.echo(f"token {token_id} is revoked")


def _facts(owner: str, one: Token) -> dict[str, str | None]:
    return {
        "id": one.id,
        "owner": owner,
        "created": one.created.isoformat(),
        "expires": one.expires.isoformat() if one.expires else None,
    }


def _end(one: Token) -> str:
    return f"until {one.expires:%Y-%m-%d}" if one.expires else "without an end"
