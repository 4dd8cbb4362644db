"""Load deliveries into a store: examine, decide, publish or refuse as a whole."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from .. import __version__, resources
from ..config import Settings
from ..documents import Source, last_name
from ..store import Dataset, Delivery, Difference, Reader, SourceFile, Store, Version, VersionFacts
from ..store.values import Verdict
from ..validate.report import Finding, Severity, ValidationReport
from ..vocabularies import CodeLists
from .deliveries import DeliveryPlan
from .examination import Examination, Progress

Outcome = Literal["published", "unchanged", "dry run", "refused", "held"]
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What the person who loads decides.

    `keep_going` leaves out records with errors instead of refusing the whole delivery; `confirm`
    publishes a version that would be held; `fail_on` is the least severity that refuses.
    """

    partial: bool | None = None
    keep_going: bool = False
    dry_run: bool = False
    confirm: bool = False
    strict: bool = False
    fail_on: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What became of a delivery.

    `reason` says why it was refused or held, or not loaded again; `triples` counts those of the
    records that were examined, each by itself, or, where nothing was new, those of the version;
    `seconds` is the time the whole took.
    """

    dataset: str
    outcome: Outcome
    report: ValidationReport
    difference: Difference
    records: int
    triples: int
    seconds: float
    version: Version | None = None
    reason: str | None = None
    note: str | None = None


def load_delivery(
    store: Store,
    plan: DeliveryPlan,
    settings: Settings,
    code_lists: CodeLists,
    options: LoadOptions,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> LoadResult:
    """Examine a delivery and, if nothing speaks against it, publish it as a new version.

    Raises:
        StoreUnavailable: the store cannot be written; what was served goes on being served.
    """
    started = time.monotonic()
    dataset = _described(store, plan)
    facts = _facts(plan.sources, code_lists)
    known = None if options.confirm else _known_version(store, dataset, facts)
    if known is not None:
        return _nothing_new(plan, known, store.latest(dataset.iri), time.monotonic() - started)
    with store.delivery(dataset, partial=options.partial) as delivery:
        examination = Examination(
            plan.sources,
            delivery,
            settings,
            code_lists,
            base=store.base,
            strict=options.strict,
            family=dataset.family,
            progress=progress,
        )
        findings = chain(examination.findings(), _redacted(delivery))
        report = ValidationReport.collect(findings, settings.max_findings)
        refused = {iri for iri, worst in examination.worst.items() if worst >= options.fail_on}
        delivery.set_verdicts(_verdicts(examination))
        delivery.drop(refused)
        difference = delivery.difference()
        result = LoadResult(
            dataset=dataset.iri,
            outcome="dry run",
            report=report,
            difference=difference,
            records=examination.records,
            triples=examination.triples,
            seconds=0.0,
            note=plan.note,
        )
        result = _decide(result, examination, refused, settings, options)
        if result.outcome == "published":
            result = _publish(result, delivery, facts, store)
    return replace(result, seconds=time.monotonic() - started)


def _redacted(delivery: Delivery) -> Iterator[Finding]:
    """Yield what was left out because it was removed for good; ask when all records are in."""
    for record in delivery.left_out:
        yield Finding(
            rule="record/redacted",
            severity=Severity.INFO,
            message="something of this record was removed from the store for good: it is left out",
            file=record.file,
            line=record.line,
            record=record.iri,
            source="redact",
        )


def _known_version(store: Store, dataset: Dataset, facts: VersionFacts) -> Version | None:
    """Return the version that this delivery was already, checked by the same rules.

    A withdrawn dataset knows none: loading its files again is how it comes back.
    """
    latest = store.latest(dataset.iri)
    if latest is None or latest.kind == "withdraw" or _changed(store, dataset):
        return None
    versions = Reader(store.directory).versions(dataset.iri)
    return next((one for one in reversed(versions) if one.facts == facts), None)


def _changed(store: Store, dataset: Dataset) -> bool:
    return dataset not in store.datasets()


def _nothing_new(
    plan: DeliveryPlan, known: Version, latest: Version | None, seconds: float
) -> LoadResult:
    reason = None if known == latest else f"it was version {known.number} once; revert goes back"
    return LoadResult(
        dataset=known.dataset,
        outcome="unchanged",
        report=ValidationReport(),
        difference=Difference(unchanged=known.records),
        records=known.records,
        triples=known.triples,
        seconds=seconds,
        version=known,
        reason=reason,
        note=plan.note,
    )


def _described(store: Store, plan: DeliveryPlan) -> Dataset:
    if plan.described:
        return plan.dataset
    known = {one.iri: one for one in store.datasets()}
    return known.get(plan.dataset.iri, plan.dataset)


def _verdicts(examination: Examination) -> dict[str, Verdict]:
    return {
        iri: "refused" if worst is Severity.ERROR else "warnings"
        for iri, worst in examination.worst.items()
        if worst is not Severity.INFO
    }


def _decide(
    result: LoadResult,
    examination: Examination,
    refused: set[str],
    settings: Settings,
    options: LoadOptions,
) -> LoadResult:
    if examination.broken:
        return replace(
            result, outcome="refused", reason="a document has errors outside its records"
        )
    if refused and not options.keep_going:
        reason = f"records with errors: {len(refused):,}"
        return replace(result, outcome="refused", reason=reason)
    held = None if options.confirm else _reason_to_hold(result, settings)
    if held is not None:
        return replace(result, outcome="held", reason=held)
    return result if options.dry_run else replace(result, outcome="published")


def _reason_to_hold(result: LoadResult, settings: Settings) -> str | None:
    difference = result.difference
    if not result.records:
        return "there is no record in it"
    before = difference.deleted + difference.changed + difference.unchanged
    if before and difference.deleted / before > settings.hold_deletions_over:
        return (
            f"it would delete {difference.deleted:,} of {before:,} records; "
            f"hold_deletions_over is {settings.hold_deletions_over:g}"
        )
    return None


def _publish(
    result: LoadResult,
    delivery: Delivery,
    facts: VersionFacts,
    store: Store,
) -> LoadResult:
    report_iri = f"{store.base}id/report/{store.sequence + 1}"
    report = _without_folders(result.report)
    version = delivery.publish(
        facts=facts,
        report_json=report.to_json(),
        report_triples=report.to_ntriples(report_iri),
    )
    return replace(
        result, outcome="unchanged" if version.unchanged else "published", version=version
    )


def _without_folders(report: ValidationReport) -> ValidationReport:
    """Return the report as it is published: with the names of files, not where they lay here."""
    findings = (
        replace(finding, file=finding.file and last_name(finding.file))
        for finding in report.findings
    )
    return replace(report, findings=tuple(findings))


def _facts(sources: Iterable[Source], code_lists: CodeLists) -> VersionFacts:
    files = tuple(_source_file(source) for source in sources)
    whole = hashlib.sha256("".join(sorted(one.sha256 for one in files)).encode()).hexdigest()
    return VersionFacts(
        sha256=files[0].sha256 if len(files) == 1 else whole,
        files=files,
        mapping_version=resources.version("mappings"),
        shapes_version=resources.version("shapes"),
        vocabulary_version=code_lists.version,
        schema_version=resources.version("schemas"),
        software_version=__version__,
    )


def _source_file(source: Source) -> SourceFile:
    digest = hashlib.sha256()
    with source.open() as stream:
        while data := stream.read(_CHUNK_BYTES):
            stream.mark()
            digest.update(data)
        return SourceFile(last_name(source.name), digest.hexdigest(), stream.taken)
