"""The commands that keep the operator's trust folder: what is in it, and newer lists."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..errors import ConfigurationError
from ..verify import TrustStore
from ..verify.trust import LIST_OF_LISTS, Fetcher, list_signers, update_lists, version_of
from ..verify.trust.lists import TrustedList
from ..verify.trust.store import Anchor
from .options import at_option, trust_option

_PARTLY_UPDATED = 3


@click.group()
def trust() -> None:
    """List what is trusted, or fetch newer trusted lists."""


@trust.command("list")
@trust_option
@at_option
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
def list_trust(trust: Path | None, at: datetime, *, as_json: bool) -> None:
    """List the trusted lists and roots of the trust folder, and what is left out."""
    folder = _folder(trust)
    facts = _facts(TrustStore.load(folder), at)
    click.echo(json.dumps(facts, ensure_ascii=False, indent=1) if as_json else _text(facts))


@trust.command("update")
@trust_option
@click.option(
    "--from", "address", default=LIST_OF_LISTS, help="Address of the list of lists (https)."
)
def update_trust(trust: Path | None, address: str) -> None:
    """Fetch the EU list of lists and the lists it leads to; all are verified before any counts."""
    folder = _folder(trust)
    if not folder.is_dir():
        raise ConfigurationError(f"the trust folder {folder} is not there", setting="trust")
    done = update_lists(folder / "lists", Fetcher(), list_signers(folder), address=address)
    for one in done.replaced:
        click.echo(f"new: {one.title} of {one.issued:%Y-%m-%d}")
    click.echo(f"{len(done.unchanged)} lists were current")
    for problem in done.problems:
        click.echo(f"europass-ld: not updated: {problem}", err=True)
    if done.problems:
        click.get_current_context().exit(_PARTLY_UPDATED)


def _folder(folder: Path | None) -> Path:
    if folder is None:
        raise click.UsageError("say where the trust folder is: --trust DIR, or the setting trust")
    return folder


def _facts(store: TrustStore, now: datetime) -> dict[str, Any]:
    top = store.list_of_lists
    return {
        "list_of_lists": _list(top, now) if top else None,
        "lists": [_list(store.lists[one], now) for one in sorted(store.lists)],
        "roots": {
            "seals": _roots(store.seal_anchors),
            "time_stamps": _roots(store.time_stamp_anchors),
        },
        "issuers_with_keys": len(store.issuer_keys),
        "problems": [{"file": one.file, "message": one.message} for one in store.problems],
    }


def _list(listed: TrustedList, now: datetime) -> dict[str, Any]:
    version = version_of(listed, now)
    return {
        "territory": version.territory,
        "sequence_number": version.sequence_number,
        "issued": version.issued.isoformat(),
        "next_update": version.next_update.isoformat() if version.next_update else None,
        "stale": version.stale,
        "format": listed.version,
        "services": len(listed.services),
        "pointers": len(listed.pointers),
    }


def _roots(anchors: Mapping[bytes, Sequence[Anchor]]) -> int:
    """Count the anchors that are the operator's own."""
    return sum(one.list is None for held in anchors.values() for one in held)


def _text(facts: Mapping[str, Any]) -> str:
    top = facts["list_of_lists"]
    lines = [_line(one) for one in ([top] if top else []) + facts["lists"]]
    if top is None:
        lines.append("no list of lists: no trusted list counts")
    roots = facts["roots"]
    lines.append(
        f"roots of the operator: {roots['seals']} for seals, {roots['time_stamps']} for time-stamps"
    )
    lines.append(f"issuers with keys: {facts['issuers_with_keys']}")
    lines += [f"left out: {one['file']}: {one['message']}" for one in facts["problems"]]
    return "\n".join(lines)


def _line(one: Mapping[str, Any]) -> str:
    due = one["next_update"][:10] if one["next_update"] else "never"
    held = f"{one['services']:,} services" if one["services"] else f"{one['pointers']} pointers"
    state = "STALE" if one["stale"] else "current"
    return (
        f"{one['territory']}  list {one['sequence_number']:<5} of {one['issued'][:10]}  "
        f"next update {due:10}  {state:7}  {held}"
    )
