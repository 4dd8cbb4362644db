"""Datasets: their list, and of each its records, coverage, versions and their reports."""

from flask import Blueprint, Response, request

from ...errors import UnknownDataset
from ...store import Dataset
from ..labels import Label, best, last_part
from ..language import Message
from ..negotiation import HTML, JSON, choose
from ..problems import Refusal
from ..responses import as_json, live_page, not_acceptable
from ..site import page_number, page_of, reader_languages, site
from .coverage import coverage
from .figures import brought_by, figures

blueprint = Blueprint("datasets", __name__, url_prefix="/datasets")


@blueprint.get("")
def datasets() -> Response:
    """List the datasets with their figures."""
    return live_page("datasets.html", figures=figures(site(), reader_languages()))


@blueprint.get("/records")
def records() -> Response:
    """List the records of a dataset, all or of one class, page by page."""
    dataset, wanted, number = _asked(), reader_languages(), page_number()
    kind = request.args.get("type") or None
    size = site().settings.page_size
    found = site().reader.records(dataset.iri, kind, limit=size + 1, offset=(number - 1) * size)
    counts = site().reader.count_by_type(dataset.iri)
    return live_page(
        "records.html",
        dataset=site().dataset_link(dataset.iri, wanted),
        kind=kind,
        kinds=[
            (iri, site().terms.label(iri, wanted), counts[iri])
            for iri in sorted(counts, key=lambda iri: -counts[iri])
        ],
        entries=[
            (one, best(one.titles, wanted) or Label(last_part(one.iri)), site().address(one.iri))
            for one in found[:size]
        ],
        total=counts.get(kind, 0) if kind else sum(counts.values()),
        page_number=number,
        more=len(found) > size,
    )


@blueprint.get("/coverage")
def covered() -> Response:
    """Show which properties the records of a dataset have values of, for one class at a time."""
    dataset, wanted = _asked(), reader_languages()
    counts = site().reader.count_by_type(dataset.iri)
    largest_first = sorted(counts, key=lambda iri: (-counts[iri], iri))
    asked = request.args.get("type")
    kind = asked if asked in counts else next(iter(largest_first), None)
    return live_page(
        "coverage.html",
        dataset=site().dataset_link(dataset.iri, wanted),
        kind=kind,
        kinds=[(iri, site().terms.label(iri, wanted), counts[iri]) for iri in largest_first],
        rows=coverage(site(), dataset.iri, kind, wanted) if kind else (),
    )


@blueprint.get("/versions")
def versions() -> Response:
    """List the versions of a dataset with what each changed, newest first."""
    dataset = _asked()
    newest_first = site().reader.versions(dataset.iri)[::-1]
    return live_page(
        "versions.html",
        dataset=site().dataset_link(dataset.iri, reader_languages()),
        **page_of(newest_first),
    )


@blueprint.get("/version")
def version() -> Response:
    """Show one version: its files, its rules, and the records that are still as it brought them."""
    dataset, number = _asked(), _version_number()
    found = next((one for one in site().reader.versions(dataset.iri) if one.number == number), None)
    if found is None:
        raise Refusal(
            "not-found",
            Message("<%(iri)s> has no version %(number)s.", iri=dataset.iri, number=number),
        )
    brought, more = brought_by(site(), found, reader_languages(), page=page_number())
    return live_page(
        "version.html",
        dataset=site().dataset_link(dataset.iri, reader_languages()),
        version=found,
        brought=brought,
        page_number=page_number(),
        more=more,
    )


@blueprint.get("/report")
def report() -> Response:
    """Show the validation report of a version, as a page or as the JSON it was kept as."""
    dataset, number = _asked(), _version_number()
    parsed = site().reports.report(dataset.iri, number)
    if parsed is None:
        raise Refusal(
            "not-found",
            Message(
                "Version %(number)s of <%(iri)s> has no report.", iri=dataset.iri, number=number
            ),
        )
    name = request.args.get("format")
    offered = (JSON, HTML)
    chosen = (
        choose(request.headers.get("Accept"), offered)
        if name is None
        else next((one for one in offered if one.name == name), None)
    )
    if chosen is None:
        raise not_acceptable(offered)
    if chosen is JSON:
        return as_json(parsed.document)
    return live_page(
        "report.html",
        dataset=site().dataset_link(dataset.iri, reader_languages()),
        number=number,
        report=parsed,
        **page_of(parsed.findings),
    )


def _asked() -> Dataset:
    iri = request.args.get("dataset", "")
    if not iri:
        raise Refusal(
            "malformed-request", Message("The parameter dataset is the IRI of a dataset.")
        )
    try:
        return site().reader.dataset(iri)
    except UnknownDataset as error:
        raise Refusal("not-found", str(error), suggestions=list(error.known)[:5]) from error


def _version_number() -> int:
    text = request.args.get("number", "")
    if not text.isascii() or not text.isdigit():
        raise Refusal(
            "malformed-request", Message("The parameter number is that of a version, from 1.")
        )
    return int(text)
