"""Commands that work on a store."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast, get_args

import click
import pyoxigraph as ox

from ..config import Settings
from ..formats import Format, by_name
from ..ingest import (
    Accepted,
    KeepOptions,
    LoadOptions,
    LoadResult,
    find_credentials,
    load_delivery,
    plan_deliveries,
)
from ..ingest import redact as redact_from
from ..queries.guard import check_query
from ..store import Committed, Difference, Reader, Store, Version
from ..terms import PREFIXES
from ..vocabularies import CodeLists
from .credentials import keep_credentials, keeping
from .dumping import dumps_beside, publish_dumps
from .options import (
    ALL_NAMES,
    PATH,
    anchors_in,
    code_lists_of,
    existing_store,
    settings_of,
    store_option,
    trust_option,
)
from .output import whole_output
from .progress import Meter

_PARTLY_LOADED = 3
_LISTED = 20


@click.command()
@store_option
@click.option("--base", help="IRI that names and nested nodes start with; ends in /.")
@click.pass_context
def init(context: click.Context, store: Path, base: str | None) -> None:
    """Make an empty store; its base is fixed from then on."""
    settings = settings_of(context)
    with Store.create(store, base or settings.base) as made:
        click.echo(f"a new store in {store} with the base <{made.base}>")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=PATH)
@store_option
@click.option("--dataset", help="IRI of the dataset, or its dataset.toml.")
@click.option("--partial", is_flag=True, help="What is missing is not deleted.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, and publish nothing.")
@click.option("--keep-going", is_flag=True, help="Leave out records with errors, load the rest.")
@click.option("--confirm", is_flag=True, help="Publish a version that would be held.")
@click.option("--strict", is_flag=True, help="Unknown codes of growing lists are errors too.")
@click.option("--owner", help="Whose credentials they are: these are kept privately.")
@click.option(
    "--accept",
    multiple=True,
    type=click.Choice(get_args(Accepted)),
    help="Keep credentials with this verdict too.",
)
@trust_option
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per delivery.")
@click.pass_context
def load(  # noqa: PLR0913 - one argument per option
    context: click.Context,
    paths: tuple[Path, ...],
    store: Path,
    dataset: str | None,
    *,
    partial: bool,
    dry_run: bool,
    keep_going: bool,
    confirm: bool,
    strict: bool,
    owner: str | None,
    accept: tuple[Accepted, ...],
    trust: Path | None,
    as_json: bool,
) -> None:
    """Load files, archives or folders: datasets to be published, credentials to be kept."""
    settings = settings_of(context)
    credentials = find_credentials(paths, settings)
    if credentials and not owner:
        raise click.UsageError(
            f"{len(credentials):,} of these are credentials: say whose they are with --owner"
        )
    options = LoadOptions(
        partial=partial or None,
        dry_run=dry_run,
        keep_going=keep_going,
        confirm=confirm,
        strict=strict,
    )
    code = 0
    with (
        dumps_beside(store, settings) as committed,
        _store_to_load(store, settings, committed, dry_run=dry_run) as opened,
    ):
        code_lists = publish_code_lists(opened, settings)
        if owner and credentials:
            kept = KeepOptions(
                owner=owner, accept=frozenset(accept), strict=strict, dry_run=dry_run
            )
            with keeping(opened.directory, settings, code_lists, anchors_in(trust), kept) as keeper:
                code = keep_credentials(keeper, credentials, as_json=as_json)
        plans = plan_deliveries(
            paths,
            settings,
            base=opened.base,
            dataset=dataset,
            without={one.name for one in credentials},
        )
        for plan in plans:
            with Meter(plan.sources) as meter:
                result = load_delivery(
                    opened, plan, settings, code_lists, options, progress=meter.show
                )
            click.echo(json.dumps(summary(result)) if as_json else summary_text(result))
            code = max(code, exit_code(result), key=(0, _PARTLY_LOADED, 1).index)
    if not dry_run:
        publish_dumps(store, settings)
    context.exit(code)


@contextmanager
def _store_to_load(
    directory: Path, settings: Settings, committed: Committed, *, dry_run: bool
) -> Iterator[Store]:
    """Give the store in `directory`, made if need be; a dry run makes one that does not stay."""
    if not dry_run or (directory / "log.sqlite").is_file():
        with open_or_create(directory, settings, committed) as opened:
            yield opened
        return
    with TemporaryDirectory() as scratch, Store.create(Path(scratch), settings.base) as made:
        yield made


def open_or_create(directory: Path, settings: Settings, committed: Committed) -> Store:
    """Open the store in `directory` for writing; without one, make it with the configured base.

    `committed` is told of each version before it is served.

    Raises:
        StoreUnavailable: another process writes, or this is something else.
    """
    if (directory / "log.sqlite").is_file():
        return _open(directory, settings, committed)
    made = Store.create(directory, settings.base, committed=committed)
    click.echo(f"a new store in {directory} with the base <{made.base}>", err=True)
    return made


def publish_code_lists(store: Store, settings: Settings) -> CodeLists:
    """Bring the store's graph of code lists up to those in use, and return them."""
    code_lists = code_lists_of(settings)
    lines = (f"{line}\n" for line in code_lists.all_triples())
    store.set_vocabulary(lines, version=code_lists.version)
    return code_lists


def exit_code(result: LoadResult) -> int:
    """Return the exit code that a delivery alone would give."""
    if result.outcome in {"refused", "held"}:
        return 1
    return _PARTLY_LOADED if result.difference.refused else 0


def summary(result: LoadResult) -> dict[str, object]:
    """Return the documented JSON object of a delivery."""
    difference = result.difference
    return {
        "dataset": result.dataset,
        "outcome": result.outcome,
        "reason": result.reason,
        "version": result.version.number if result.version else None,
        "records": {
            "read": result.records,
            "added": difference.added,
            "changed": difference.changed,
            "deleted": difference.deleted,
            "unchanged": difference.unchanged,
            "refused": difference.refused,
        },
        "triples": result.triples,
        "findings": {severity.label: count for severity, count in result.report.counts().items()},
        "seconds": round(result.seconds, 3),
        "changes": _changes(difference) if result.outcome in {"dry run", "held"} else None,
    }


def summary_text(result: LoadResult) -> str:
    """Return the summary of a delivery for people."""
    difference = result.difference
    lines = [f"<{result.dataset}>: {_outcome(result)}"]
    if result.note:
        lines.append(f"  note: {result.note}")
    lines.append(
        f"  {result.records:,} records read: {difference.added:,} added, "
        f"{difference.changed:,} changed, {difference.deleted:,} deleted, "
        f"{difference.unchanged:,} unchanged, {difference.refused:,} refused"
    )
    lines.append(f"  {result.triples:,} triples in {result.seconds:.1f} s")
    if result.outcome in {"dry run", "held"}:
        for word, iris in _changes(difference).items():
            lines += [f"  would be {word}: <{iri}>" for iri in iris[:_LISTED]]
            if len(iris) > _LISTED:
                lines.append(f"  … and {len(iris) - _LISTED:,} more would be {word}")
    if result.report.findings:
        lines.append("")
        lines.append(result.report.to_text())
    return "\n".join(lines)


def _changes(difference: Difference) -> dict[str, tuple[str, ...]]:
    return {
        "added": difference.added_iris,
        "changed": difference.changed_iris,
        "deleted": difference.deleted_iris,
    }


def _outcome(result: LoadResult) -> str:
    if result.outcome == "published" and result.version:
        return f"version {result.version.number} is published"
    if result.outcome == "unchanged" and result.version:
        said = result.reason or f"version {result.version.number} says the same"
        return f"nothing new: {said}"
    if result.outcome == "held":
        return f"held: {result.reason}; load it again with --confirm to publish it"
    if result.outcome == "refused":
        return f"refused: {result.reason}; nothing was published"
    return "dry run: nothing was published"


@click.command()
@click.argument("query")
@store_option
@click.option("--format", "name", type=ALL_NAMES, help="Default: tsv, or ttl for graphs.")
def query(query: str, store: Path, name: str | None) -> None:
    """Run a SPARQL query: QUERY is its text, or @FILE."""
    text = _query_text(query)
    check_query(text)
    results = Reader(existing_store(store)).query(text)
    graph = isinstance(results, ox.QueryTriples)
    chosen = by_name(name or ("ttl" if graph else "tsv"))
    if chosen is None or isinstance(chosen.oxigraph, ox.RdfFormat) != graph:
        kind = "an RDF format" if graph else "a results format"
        raise click.UsageError(f"this query answers in {kind}; {name} is none")
    with whole_output(None) as out:
        _serialize(results, out, chosen)


def _query_text(query: str) -> str:
    if not query.startswith("@"):
        return query
    try:
        return Path(query[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {query[1:]}: {error}") from error


def _serialize(
    results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, out: BinaryIO, chosen: Format
) -> None:
    if isinstance(results, ox.QueryTriples):
        rdf = cast("ox.RdfFormat", chosen.oxigraph)
        ox.serialize(results, out, format=rdf, prefixes=dict(PREFIXES))
    else:
        results.serialize(out, cast("ox.QueryResultsFormat", chosen.oxigraph))


@click.command()
@store_option
@click.option("--dataset", help="IRI of one dataset; without it, all.")
@click.option("-o", "--output", type=PATH, help="File to write; standard output without it.")
def dump(store: Path, dataset: str | None, output: Path | None) -> None:
    """Write what is published as N-Quads."""
    with whole_output(output) as out:
        for part in Reader(existing_store(store)).dump(dataset):
            out.write(part)


@click.command()
@store_option
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
def status(store: Path, *, as_json: bool) -> None:
    """Show what is in the store."""
    reader = Reader(existing_store(store))
    datasets = [
        {"dataset": one.iri, "title": dict(one.title), **_version_facts(reader, one.iri)}
        for one in reader.datasets()
    ]
    if as_json:
        facts = {"base": reader.base, "sequence": reader.sequence, "datasets": datasets}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    click.echo(f"base <{reader.base}>, sequence {reader.sequence}")
    for one in datasets:
        click.echo(
            f"<{one['dataset']}>\n    version {one['version']} of {one['time']}: "
            f"{one['records']:,} records, {one['triples']:,} triples"
        )


def _version_facts(reader: Reader, iri: str) -> dict[str, object]:
    latest: Version = reader.versions(iri)[-1]
    return {
        "version": latest.number,
        "time": latest.time,
        "records": latest.records,
        "triples": latest.triples,
    }


@click.command()
@store_option
@click.option("--since", type=int, default=0, help="Only events after this sequence number.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object per event.")
def log(store: Path, since: int, *, as_json: bool) -> None:
    """List the events: what was loaded, reverted, withdrawn, and what it changed."""
    for event in Reader(existing_store(store)).events(since):
        if as_json:
            click.echo(json.dumps(asdict(event)))
            continue
        counts = event.counts
        what = f"<{event.dataset}> version {event.version}" if event.dataset else "the code lists"
        click.echo(
            f"{event.sequence:6} {event.time} {event.kind:10} {what}: {counts.added:,} added, "
            f"{counts.changed:,} changed, {counts.deleted:,} deleted"
        )


@click.command()
@store_option
@click.pass_context
def rebuild(context: click.Context, store: Path) -> None:
    """Build the RDF store anew from the log."""
    with _open(existing_store(store), settings_of(context)) as opened:
        opened.rebuild()
        click.echo(f"rebuilt from the log, sequence {opened.sequence}")


@click.command()
@store_option
@click.option("--dataset", required=True, help="IRI of the dataset.")
@click.option("--version", "number", type=int, required=True, help="Version to go back to.")
@click.pass_context
def revert(context: click.Context, store: Path, dataset: str, number: int) -> None:
    """Make a dataset what it was after an earlier version, as a new version."""
    settings = settings_of(context)
    with (
        dumps_beside(store, settings) as committed,
        _open(existing_store(store), settings, committed) as opened,
    ):
        version = opened.revert(dataset, number)
        click.echo(f"<{dataset}>: version {version.number} is as version {number} was")
    publish_dumps(store, settings)


@click.command()
@store_option
@click.option("--dataset", required=True, help="IRI of the dataset.")
@click.pass_context
def withdraw(context: click.Context, store: Path, dataset: str) -> None:
    """Take all records of a dataset out of what is published."""
    settings = settings_of(context)
    with _open(existing_store(store), settings) as opened:
        version = opened.withdraw(dataset)
        click.echo(f"<{dataset}>: withdrawn by version {version.number}")
    publish_dumps(store, settings)


@click.command()
@click.argument("iri", required=False)
@click.option("--literal", "text", help="Text: every statement that holds it goes.")
@click.option("--reason", help="Why; published with what is left of a record.")
@store_option
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object.")
@click.pass_context
def redact(
    context: click.Context,
    iri: str | None,
    text: str | None,
    reason: str | None,
    store: Path,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove the record IRI, or what states a text, for good: from all versions and copies here."""
    if (iri is None) == (not text):
        raise click.UsageError("say one of IRI and --literal TEXT")
    if reason is None and not dry_run:
        raise click.UsageError("--reason is needed: it is published where something is missing")
    settings = settings_of(context)
    with _open(existing_store(store), settings) as opened:
        if dry_run:
            found = opened.find_redaction(iri=iri, text=text)
        else:
            found = redact_from(opened, iri=iri, text=text, reason=reason or "")
    if not dry_run:
        publish_dumps(store, settings)
    if as_json:
        click.echo(json.dumps({**asdict(found), "dry_run": dry_run}, ensure_ascii=False))
        return
    click.echo(
        f"{'would be' if dry_run else 'is'} removed from {found.states:,} states, {found.live:,} of"
        f" them published, of {len(found.records):,} records"
    )
    for dataset in found.datasets:
        click.echo(f"  <{dataset}>")


def _open(directory: Path, settings: Settings, committed: Committed | None = None) -> Store:
    return Store.open(
        directory,
        wait=settings.lock_wait,
        keep=settings.keep_generations,
        committed=committed,
    )
