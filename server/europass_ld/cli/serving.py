"""Commands that serve."""

import socket
import sys
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import quote

import click

from .. import resources
from ..config import Settings
from ..errors import ConfigurationError, EuropassError
from ..ingest import LoadOptions, load_delivery, plan_deliveries
from ..publish import serve as serve_store
from ..publish.serving.folders import temporary_folder
from ..store import Reader, Store
from ..terms import expand
from .dumping import publish_dumps
from .options import existing_store, settings_of, store_option
from .stores import publish_code_lists

_MOST_URLS = 8
_USAGE = 2
_CLASSES_TO_TRY = ("LearningOpportunity", "Qualification", "Accreditation")


@click.command()
@store_option
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that answer requests.")
@click.pass_context
def serve(
    context: click.Context, store: Path, host: str | None, port: int | None, workers: int | None
) -> None:
    """Serve a store over HTTP."""
    settings = settings_of(context)
    address = host or settings.host
    chosen = _free_port(address, settings.port if port is None else port)
    serve_store(existing_store(store), settings, address, chosen, workers or settings.workers)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
@click.pass_context
def demo(context: click.Context, host: str, port: int | None) -> None:
    """Load the samples into a temporary store and serve them."""
    settings = settings_of(context)
    chosen = _free_port(host, settings.port if port is None else port)
    settings = replace(
        settings,
        base=f"http://{host}:{chosen}/",
        trust=settings.trust or resources.demonstration() / "trust",
    )
    with temporary_folder("demo") as folder:
        directory = folder / "store"
        # in a process of its own: the engine's threads of a store once opened here would be missing
        # in the processes that serve, which are forked, and break them when they end
        loading = get_context("spawn").Process(target=_prepare, args=(directory, settings))
        loading.start()
        loading.join()
        if loading.exitcode:
            context.exit(_USAGE)
        serve_store(directory, settings, host, chosen, settings.workers)


def _free_port(host: str, port: int) -> int:
    """Return `port`, or a free one for 0.

    Raises:
        ConfigurationError: nothing can listen there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"cannot listen on {host} port {port}: {error.strerror}; say another --port",
                setting="port",
            ) from error
        return int(probe.getsockname()[1])


def _prepare(directory: Path, settings: Settings) -> None:
    try:
        _load_samples(directory, settings)
        publish_dumps(directory, settings)
        _show_what_to_try(directory, settings.base)
    except EuropassError as error:
        click.echo(f"europass-ld: {error}", err=True)
        sys.exit(_USAGE)
    except KeyboardInterrupt:  # the process that waits says what there is to say
        sys.exit(_USAGE)


def _load_samples(directory: Path, settings: Settings) -> None:
    samples = resources.find("data") / "samples"
    with Store.create(directory, settings.base) as store:
        code_lists = publish_code_lists(store, settings)
        plans = plan_deliveries([samples], settings, base=store.base)
        for plan in plans:
            result = load_delivery(store, plan, settings, code_lists, LoadOptions())
            difference = result.difference
            click.echo(
                f"{result.outcome}: <{result.dataset}>, {difference.added:,} added, "
                f"{difference.changed:,} changed, {difference.deleted:,} deleted"
            )


def _show_what_to_try(directory: Path, base: str) -> None:
    query = "SELECT ?type (COUNT(*) AS ?n) WHERE { ?s a ?type } GROUP BY ?type ORDER BY DESC(?n)"
    urls = [base, f"{base}sparql?query={quote(query)}&format=csv"]
    with Reader(directory) as reader:
        for dataset in reader.datasets():
            for name in _CLASSES_TO_TRY:
                entries = reader.records(dataset.iri, expand(f"elm:{name}"), limit=1)
                urls += [f"{base}resource?iri={quote(entry.iri, safe='')}" for entry in entries]
    click.echo("\nTry:")
    for url in urls[:_MOST_URLS]:
        click.echo(f"  {url}")
    click.echo(f"  curl -H 'Accept: text/turtle' '{urls[-1]}'")
    click.echo(f"  {base}verify with {resources.demonstration() / 'diploma.jsonld'}")
    click.echo("\nStop with Ctrl-C.")
