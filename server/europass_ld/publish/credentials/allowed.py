"""`/accreditation`: whether an organisation was allowed to award something."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from ...accreditations import read_award
from ...verify import AccreditationResult, Coverage, result_members
from ...vocabularies import SCHEMA_VERSIONS
from ..description import Link
from ..language import Message
from ..negotiation import HTML, JSON, choose
from ..problems import Refusal
from ..responses import as_json, not_acceptable, page
from ..site import reader_languages, site

blueprint = Blueprint("allowed", __name__)

_OFFERED = (JSON, HTML)
_LISTS = ("organisation", "field")
_SINGLE = ("eqf", "credential_type", "jurisdiction", "qualification")
_LONGEST = 2_000
_MOST = 32

COVERAGES: Mapping[Coverage, tuple[str, Message]] = {
    Coverage.COVERED: ("good", Message("Covered")),
    Coverage.NOT_COVERED: ("error", Message("Not covered")),
    Coverage.NO_DATA: ("unknown", Message("Not known")),
}
"""The colour and the words of a coverage."""


@blueprint.get("/accreditation")
def accreditation() -> Response:
    """Tell whether accreditations cover an award: a page with a form, or JSON."""
    chosen = choose(request.headers.get("Accept"), _OFFERED)
    if chosen is None:
        raise not_acceptable(_OFFERED)
    asked = any(request.args.get(one) for one in (*_LISTS, "on"))
    try:
        result = _answer() if asked or chosen is JSON else None
    except ValueError as error:
        if chosen is JSON:
            text = str(error)
            ending = "" if text.endswith("?") else "."
            raise Refusal("malformed-request", f"{text}{ending}") from error
        return _page(None, str(error), status=400)
    return _page(result) if chosen is HTML or result is None else as_json(result_members(result))


def awarding_body(result: AccreditationResult) -> str:
    """Return what a page calls the organisation that a result is about."""
    organisation = result.award.organisation
    stated = (one.value for one in sorted(organisation.identifiers))
    return next(iter((*organisation.names, *filter(None, [organisation.iri]), *stated)), "?")


def linking() -> Callable[[str], Link]:
    """Return how a page links to what it names by IRI."""
    current, wanted = site(), reader_languages()
    return lambda iri: current.link(iri, wanted)


def _answer() -> AccreditationResult:
    """Return the answer to the question of this request.

    Raises:
        ValueError: the question cannot be read.
    """
    given = request.args
    lists = {name: given.getlist(name) for name in _LISTS}
    single = {name: given.get(name) for name in _SINGLE}
    texts = [*(one for many in lists.values() for one in many), *filter(None, single.values())]
    if len(texts) > _MOST or any(len(one) > _LONGEST for one in texts):
        raise ValueError(
            f"at most {_MOST} values of at most {_LONGEST:,} characters each are accepted"
        )
    known = site().accreditations
    question: dict[str, Any] = {**lists, **single, "on": given.get("on", "")}
    return known.assess(read_award(site().code_lists, known.describe, **question))


def _page(
    result: AccreditationResult | None, problem: str | None = None, *, status: int = 200
) -> Response:
    wanted, lists = reader_languages(), site().code_lists
    types = lists.concepts("credential", SCHEMA_VERSIONS[-1])
    return page(
        "accreditation.html",
        status=status,
        result=result,
        problem=problem,
        coverages=COVERAGES,
        link=linking(),
        types=[(one.notation, lists.label(one.iri, wanted)) for one in types],
    )
