"""Many IRIs or identifiers at once, for platforms that match more than they dereference."""

import json
from typing import Any

from flask import Blueprint, Response, g, request

from ..problems import Refusal
from ..responses import as_json
from ..site import reader_languages, site
from .resolution import Resolver

blueprint = Blueprint("resolve", __name__)

MOST = 1_000
"""IRIs and identifiers in one request."""

_JSON = "application/json"
_LONGEST = 4_000
_KINDS = ("iris", "identifiers")


@blueprint.get("/resolve")
def resolve_one() -> Response:
    """Resolve the IRI in `iri`, or the identifier in `identifier`."""
    given = [(kind, one) for kind in ("iri", "identifier") for one in request.args.getlist(kind)]
    if len(given) != 1:
        raise Refusal(
            "malformed-request",
            "Ask for one: ?iri= with an IRI or ?identifier= with what a publisher calls it. Many"
            " at once are asked for by POST.",
        )
    (kind, value), resolver = given[0], _resolver()
    if kind == "iri":
        return as_json(resolver.iris([value])[0])
    return as_json(resolver.identifiers([value], most=MOST)[0])


@blueprint.post("/resolve")
def resolve_many() -> Response:
    """Resolve up to 1,000 IRIs and identifiers; answers come in the order of the questions."""
    asked = _asked(read_json())
    resolver = _resolver()
    return as_json(
        {
            "state": g.sequence,
            "iris": resolver.iris(asked["iris"]),
            "identifiers": resolver.identifiers(asked["identifiers"], most=2 * MOST),
        }
    )


def read_json() -> Any:
    """Return the JSON value that is the body of this request.

    Raises:
        Refusal: it is of another media type, or not JSON.
    """
    if request.mimetype != _JSON:
        raise Refusal(
            "unsupported-media-type",
            f"The body is {request.mimetype or 'of no stated media type'}; it is read as {_JSON}.",
            headers={"Accept-Post": _JSON},
        )
    return parsed_json(request.get_data(cache=False))


def parsed_json(text: str | bytes) -> Any:
    """Return what a JSON text (RFC 8259) says.

    Raises:
        Refusal: it is not JSON, or nested too deeply.
    """
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()  # fails on half of a surrogate pair
    except (ValueError, RecursionError) as error:
        where = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
        raise Refusal("malformed-request", f"This is not JSON{where}.") from error
    return value


def _asked(body: Any) -> dict[str, list[str]]:
    if not isinstance(body, dict) or not set(body) & set(_KINDS):
        raise Refusal(
            "malformed-request",
            'The body is an object with iris, identifiers or both: {"iris": ["https://…"],'
            ' "identifiers": ["…"]}.',
        )
    asked = {kind: body.get(kind, []) for kind in _KINDS}
    for kind, values in asked.items():
        if not isinstance(values, list) or not all(_is_short(one) for one in values):
            raise Refusal(
                "malformed-request",
                f"The member {kind} is an array of strings of at most {_LONGEST} characters.",
            )
    number = sum(len(values) for values in asked.values())
    if number > MOST:
        raise Refusal(
            "too-many-entries", f"There are {number} entries; {MOST} are answered.", limit=MOST
        )
    return asked


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


def _resolver() -> Resolver:
    return Resolver(site(), reader_languages(), site().root())
