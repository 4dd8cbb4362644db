"""The history of a record over HTTP, and each of its past states.

States are mementos of the record: RFC 7089 <https://www.rfc-editor.org/rfc/rfc7089>, with the link
relations of RFC 5829 <https://www.rfc-editor.org/rfc/rfc5829>.
"""

from datetime import datetime

from flask import Blueprint, Response, g, request
from werkzeug.http import http_date

from ...formats import RDF_FORMATS
from ...profiles.things import Thing, statements
from ...store import Change
from ..labels import Label, best, last_part
from ..language import Message
from ..negotiation import HTML, JSON, RDF, RESOURCE, Representation, choose
from ..problems import Refusal
from ..responses import (
    REVALIDATE,
    VARY,
    as_json,
    entity_tag,
    not_acceptable,
    not_modified,
    page,
)
from ..serialization import serialize
from ..site import Site, kept, reader_languages, site
from .histories import history_json, history_lines, is_kept, state_at, state_path, steps
from .links import history_path, uri
from .lookup import asked_iri, missing
from .resource_page import sections

blueprint = Blueprint("history", __name__, url_prefix="/resource")

_HISTORY = (JSON, *RDF, HTML)
_LONGEST_SEQUENCE = 15


@blueprint.get("/history")
def history() -> Response:
    """Tell what happened to the record that the parameter `iri` names."""
    iri = asked_iri(request.args.get("iri", ""))
    changes = site().reader.history(iri)
    if not changes:
        raise missing(site(), iri)
    chosen = _chosen(_HISTORY)
    unchanged = not_modified(entity_tag(chosen))
    return unchanged or _history(site(), iri, changes, chosen)


@blueprint.get("/state")
def state() -> Response:
    """Show the record that `iri` names as it was after the event of the log that `at` names."""
    iri = asked_iri(request.args.get("iri", ""))
    reader = site().reader
    changes = reader.history(iri)
    sequence = _asked_sequence()
    if not changes or reader.redaction(iri) is not None:  # nothing is left of any state
        raise missing(site(), iri)
    if sequence < changes[0].sequence:
        raise Refusal(
            "not-found",
            Message("<%(iri)s> was first described at %(time)s.", iri=iri, time=changes[0].time),
            iri=iri,
            history=history_path(iri),
        )
    g.state = min(sequence, reader.sequence)
    chosen = _chosen(RESOURCE)
    tag = entity_tag(chosen, f"at-{sequence}-")
    return not_modified(tag) or _state(site(), iri, changes, sequence, chosen, tag)


def _history(
    current: Site, iri: str, changes: tuple[Change, ...], chosen: Representation
) -> Response:
    if chosen is HTML:
        wanted = reader_languages()
        response = page(
            "history.html",
            iri=iri,
            title=_title(iri, changes),
            reason=current.reader.redaction(iri),
            address=current.address(iri),
            steps=[
                (one, current.dataset_link(one.change.dataset, wanted), _path(iri, one.change))
                for one in reversed(steps(changes))
            ],
        )
    elif chosen is JSON:
        response = as_json(
            history_json(current.root(), iri, changes, current.reader.redaction(iri))
        )
    else:
        assert chosen.format  # noqa: S101 - all others are formats of RDF
        lines = history_lines(current.reader, current.root(), iri, changes)
        body = serialize([(current.root() + history_path(iri), lines)], chosen.format)
        response = Response(body, content_type=chosen.content_type)
    response.headers.update(_headers(entity_tag(chosen)))
    response.headers["Link"] = f'<{uri(iri)}>; rel="original"'
    return response


def _state(
    current: Site,
    iri: str,
    changes: tuple[Change, ...],
    sequence: int,
    chosen: Representation,
    tag: str,
) -> Response:
    records = state_at(changes, sequence)
    if not records:
        time = max(one.time for one in changes if one.sequence <= sequence)
        raise Refusal(
            "gone",
            Message("<%(iri)s> had been deleted by %(time)s.", iri=iri, time=time),
            iri=iri,
            history=history_path(iri),
        )
    if chosen.format is None:
        response = page(
            "resource.html",
            iri=iri,
            sections=sections(current, records, reader_languages()),
            mentions=[],
            more=False,
            page_number=1,
            address=current.address(iri),
            formats=[
                (one.title, one.media_type, f"{state_path(iri, sequence)}&_mediatype={one.name}")
                for one in RDF_FORMATS
            ],
            history=history_path(iri),
            past=True,
        )
    else:
        parts = [(one.dataset, one.record.triples) for one in records]
        response = Response(serialize(parts, chosen.format), content_type=chosen.content_type)
    response.headers.update(_headers(tag))
    response.headers["Link"] = _links(current, iri, changes, sequence)
    began = max(one.time for one in changes if one.sequence <= sequence)
    response.headers["Memento-Datetime"] = http_date(datetime.fromisoformat(began))
    return response


def _links(current: Site, iri: str, changes: tuple[Change, ...], sequence: int) -> str:
    """Return a Link header: the record itself, its history, and the states around this one."""
    starts = [one.sequence for one in changes if one.record is not None]
    now = max(one.sequence for one in changes if one.sequence <= sequence)
    before = max((one for one in starts if one < now), default=None)
    after = min((one for one in starts if one > now), default=None)
    found = [
        (uri(iri), "original"),
        (current.address(iri), "latest-version"),
        (history_path(iri), "version-history"),
    ]
    found += [(state_path(iri, before), "predecessor-version")] if before is not None else []
    found += [(state_path(iri, after), "successor-version")] if after is not None else []
    return ", ".join(f'<{target}>; rel="{relation}"' for target, relation in found)


def _chosen(offered: tuple[Representation, ...]) -> Representation:
    accept = request.environ.get("HTTP_ACCEPT")
    asked = request.args.get("_mediatype", "").replace(" ", "+")
    chosen = next((one for one in offered if asked and one.name == asked), None)
    chosen = chosen or choose(asked or accept, offered)
    if chosen is None:
        raise not_acceptable(offered)
    return chosen


def _asked_sequence() -> int:
    text = request.args.get("at", "")
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_SEQUENCE):
        raise Refusal(
            "malformed-request",
            Message("The parameter at is the number of an event of the record log: at=12."),
        )
    return int(text)


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": REVALIDATE, "Vary": VARY}


def _title(iri: str, changes: tuple[Change, ...]) -> Label:
    """Return what the record was called last."""
    for one in reversed(changes):
        if one.record is not None:
            titles = Thing(iri, statements(one.record.triples)).title()
            return best({tag: said[0] for tag, said in titles.items()}, reader_languages()) or (
                Label(last_part(iri))
            )
    return Label(last_part(iri))


def _path(iri: str, change: Change) -> str | None:
    return kept(state_path(iri, change.sequence)) if is_kept(change) else None
