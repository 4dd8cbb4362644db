"""Options and values that several commands share."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..config import Origin, Settings
from ..errors import ConfigurationError
from ..formats import RDF_FORMATS, RESULT_FORMATS
from ..verify import TrustStore
from ..vocabularies import CodeLists, load_code_lists

PATH = click.Path(path_type=Path)
RDF_NAMES = click.Choice([one.name for one in RDF_FORMATS])
ALL_NAMES = click.Choice([one.name for one in (*RESULT_FORMATS, *RDF_FORMATS)])

Configured = tuple[Settings, tuple[Origin, ...]]


def settings_of(context: click.Context) -> Settings:
    """Return the settings that the program started with."""
    configured: Configured = context.obj
    return configured[0]


def code_lists_of(settings: Settings) -> CodeLists:
    """Return the shipped code lists with those that the operator imported."""
    return load_code_lists(imported=settings.vocabularies)


def anchors_in(folder: Path | None) -> TrustStore:
    """Return the anchors in a trust folder, none without one; say what is left out of it."""
    anchors = TrustStore.load(folder) if folder else TrustStore()
    for problem in anchors.problems:
        click.echo(f"europass-ld: left out of the trust folder: {problem}", err=True)
    return anchors


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--store DIR`, which the setting `store` stands in for."""

    def given(context: click.Context, _: click.Parameter, value: Path | None) -> Path:
        directory = value or settings_of(context).store
        if directory is None:
            raise click.UsageError("say where the store is: --store DIR, or the setting store")
        return directory

    return click.option(
        "--store", "store", type=PATH, callback=given, help="Directory of the store."
    )(command)


def trust_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--trust DIR`, which the setting `trust` stands in for; None without either."""

    def given(context: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
        return value or settings_of(context).trust

    return click.option(
        "--trust",
        type=PATH,
        callback=given,
        help="Folder of trust anchors: roots and trusted lists.",
    )(command)


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    del context, parameter
    if value is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no moment such as 2026-01-31T12:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def at_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--at TIME`, now without it."""
    return click.option("--at", callback=_moment, help="Moment of verification; now without it.")(
        command
    )


def given_store(context: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """Return the store that `--store` or the setting names, None without one (a callback)."""
    directory = value or settings_of(context).store
    return None if directory is None else existing_store(directory)


def existing_store(directory: Path) -> Path:
    """Return `directory` if there is a store in it.

    Raises:
        ConfigurationError: there is none.
    """
    if not (directory / "log.sqlite").is_file():
        raise ConfigurationError(
            f"no store in {directory} (europass-ld load or init makes one)", setting="store"
        )
    return directory
