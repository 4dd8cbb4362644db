"""Pages about the server as a whole: home, search, documentation, state."""

from contextlib import suppress

from flask import (
    Blueprint,
    Response,
    redirect,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from ... import __version__, resources
from ...errors import QueryBusy
from ...mapping import FAMILIES, load_mapping
from ...queries import Query
from ...terms import expand
from ..addresses import is_iri
from ..datasets.figures import Figures, figures
from ..description import Link
from ..finding.search import LONGEST, search
from ..language import Message
from ..problems import Refusal
from ..records.lookup import find
from ..responses import (
    as_json,
    live_page,
)
from ..site import kept, page_number, reader_languages, site
from ..sparql.snippets import DEMONSTRATION

blueprint = Blueprint("pages", __name__)

_SHOWPIECE = expand("elm:Qualification")
_HEALTH_SECONDS = 5.0


@blueprint.get("/")
def home() -> Response:
    """Say what this is, with live figures and a way in for each kind of visitor."""
    found = figures(site(), reader_languages())
    return live_page(
        "home.html",
        figures=found,
        example=_example(found),
        example_query=DEMONSTRATION,
    )


@blueprint.get("/search")
def find_records() -> AnyResponse:
    """Search titles; an IRI leads straight to its page."""
    text = request.args.get("q", "").strip()[:LONGEST]
    if is_iri(text) and find(site(), text):
        return redirect(kept(site().address(text)), 303)
    number, wanted = page_number(), reader_languages()
    hits, more = search(site(), text, wanted, page=number)
    return live_page("search.html", text=text, hits=hits, more=more, page_number=number)


@blueprint.get("/about/mapping")
def mapping() -> Response:
    """List what the mapping tables cover."""
    return live_page("mapping.html", tables=[load_mapping(family) for family in FAMILIES])


@blueprint.get("/about/mapping/<family>/<name>")
def mapped_class(family: str, name: str) -> Response:
    """Document one class of a mapping table: each element, its property, its kind of value."""
    if family not in FAMILIES:
        raise Refusal("not-found", Message("There is no mapping table %(name)s.", name=family))
    table = load_mapping(family)
    found = table.records.get(name) or table.nodes.get(name)
    if found is None:
        raise Refusal(
            "not-found",
            Message("The mapping table %(table)s has no %(name)s.", table=family, name=name),
        )
    rows = [
        (child, site().terms.label(child.property, reader_languages())) for child in found.children
    ]
    return live_page("mapped_class.html", table=table, mapped=found, rows=rows)


def mapping_address(class_iri: str) -> str:
    """Return the address of the page that says how records of a class are mapped."""
    for family in FAMILIES:
        for name, mapped in load_mapping(family).records.items():
            if mapped.class_iri == class_iri:
                return url_for("pages.mapped_class", family=family, name=name)
    return url_for("pages.mapping")


@blueprint.get("/health")
def health() -> Response:
    """Tell that the store can be read, and its state."""
    current = site()
    return as_json(
        {
            "status": "ok",
            "sequence": current.reader.sequence,
            "base": current.base,
            "version": __version__,
        }
    )


@blueprint.get("/health/live")
def live() -> Response:
    """Tell that this process answers."""
    return as_json({"status": "ok"})


@blueprint.get("/health/ready")
def ready() -> Response:
    """Tell that the store can be read and queries are answered; otherwise it is a 503."""
    with suppress(QueryBusy):  # others are answered
        site().queries.run(Query(text="ASK {}"), client="health", timeout=_HEALTH_SECONDS).close()
    return as_json({"status": "ok"})


def _example(found: Figures) -> Link | None:
    """Return a record that shows what the store holds, of its largest dataset."""
    summaries = sorted(found.summaries, key=lambda one: -one.records)
    for summary in summaries[:1]:
        classes = sorted(summary.counts, key=lambda iri: (iri != _SHOWPIECE, -summary.counts[iri]))
        for entry in site().reader.records(summary.dataset.iri, next(iter(classes), None), limit=1):
            return site().link(entry.iri, reader_languages())
    return None


@blueprint.get("/about/schemas/<path:name>")
def schema(name: str) -> Response:
    """Send one of the XML Schemas; what it includes stands beside it."""
    return send_from_directory(resources.find("schemas"), name, mimetype="application/xml")
