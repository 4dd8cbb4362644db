"""The Reconciliation Service API 0.2 of the W3C community group, for OpenRefine and its like.

<https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/>
"""

from typing import Any

from flask import Blueprint, Response, request
from markupsafe import Markup

from ... import __version__
from ...terms import PREFIXES
from ..problems import Refusal
from ..responses import CONTENT_SECURITY_POLICY, as_json, page
from ..site import reader_languages, site
from ..sparql.protocol import FORM
from .reconciliation import Reconciler, properties_of
from .reconciliation_queries import MOST_QUERIES, named, read_extension, read_queries
from .record_index import fold
from .resolution import Resolver
from .resolve import parsed_json

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")

_NAME = "Europass learning opportunities, qualifications and accreditations"
_PREVIEW = (430, 260)
"""Width and height of a preview, in pixels."""

_SUGGESTIONS = 20
_MOST_SUGGESTIONS = 10_000
_DEFAULT_TYPES = 6
_KINDS = ("entity", "type", "property")
_ANY_KIND = f"<any({', '.join(_KINDS)}):kind>"


@blueprint.get("", strict_slashes=False)
def service() -> Response:
    """Say what this service is; with queries or extend do as by POST."""
    return _answered(request.args) if {"queries", "extend"} & set(request.args) else _manifest()


@blueprint.post("", strict_slashes=False)
def reconcile() -> Response:
    """Find candidates for the texts and properties in queries, or the values that extend names."""
    if request.mimetype != FORM:
        raise Refusal(
            "unsupported-media-type",
            f"The body is {request.mimetype or 'of no stated media type'}; it is read as {FORM}.",
            headers={"Accept-Post": FORM},
        )
    return _answered(request.form)


@blueprint.get(f"/suggest/{_ANY_KIND}")
def suggest(kind: str) -> Response:
    """Complete the beginning of a name: of a record, a class or a property."""
    prefix, offset = request.args.get("prefix", ""), _cursor()
    reconciler = Reconciler(site(), reader_languages())
    if kind == "entity":
        return as_json({"result": reconciler.suggested(prefix, limit=_SUGGESTIONS, offset=offset)})
    terms = [reconciler.term(one) for one in _terms(kind)]
    wanted = fold(prefix)
    fitting = [one for one in terms if wanted in fold(one["name"]) or one["id"] == prefix]
    fitting.sort(key=lambda one: (not fold(one["name"]).startswith(wanted), one["name"]))
    return as_json({"result": fitting[offset : offset + _SUGGESTIONS]})


@blueprint.get(f"/flyout/{_ANY_KIND}")
def flyout(kind: str) -> Response:
    """Describe a suggested record, class or property in a few words of HTML."""
    iri = request.args.get("id", "")
    wanted = reader_languages()
    if kind == "entity":
        found = Reconciler(site(), wanted).said_of([iri])
        if not found:
            raise _unknown(iri)
        entity = Reconciler(site(), wanted).entity(found[0])
        name, text = entity["name"], entity["description"]
    else:
        if not site().terms.triples(named(iri)):
            raise _unknown(iri)
        definition = site().terms.definition(named(iri), wanted)
        name, text = site().terms.label(named(iri), wanted).text, definition and definition.text
    html = Markup("<p><strong>{}</strong></p><p>{}</p>").format(name, text or "")
    return as_json({"id": iri, "html": str(html)})


@blueprint.get("/properties")
def propose() -> Response:
    """List the properties that records of the class in type may have."""
    wanted = request.args.get("type", "")
    limit = request.args.get("limit", type=int)
    reconciler = Reconciler(site(), reader_languages())
    listed = [reconciler.term(one) for one in properties_of([named(wanted)])]
    shown = listed if limit is None else listed[: max(0, limit)]
    return as_json({"type": wanted, "properties": shown, **({"limit": limit} if limit else {})})


@blueprint.get("/preview")
def preview() -> Response:
    """Show a record in a small page, to be put into a frame of another one."""
    iri = request.args.get("id", "")
    (entity,) = Resolver(site(), reader_languages(), site().root()).iris([iri])
    if entity["status"] == "unknown":
        raise _unknown(iri)
    response = page("preview.html", entity=entity)
    del response.headers["X-Frame-Options"]
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "frame-ancestors 'none'", "frame-ancestors *"
    )
    return response


def _manifest() -> Response:
    root = site().root()
    own = f"{root}{blueprint.url_prefix}"
    reconciler = Reconciler(site(), reader_languages())
    counts = site().reader.count_by_type()
    commonest = sorted(counts, key=lambda one: (-counts[one], one))[:_DEFAULT_TYPES]
    width, height = _PREVIEW
    return as_json(
        {
            "versions": ["0.2"],
            "name": _NAME,
            "identifierSpace": f"{site().base}resource?iri=",
            "schemaSpace": PREFIXES["elm"],
            "documentation": f"{root}/openapi.json",
            "logo": f"{root}/static/icon.svg",
            "serviceVersion": __version__,
            "defaultTypes": [reconciler.term(one) for one in commonest],
            "view": {"url": f"{root}/resource?iri={{{{id}}}}"},
            "preview": {
                "url": f"{own}/preview?id={{{{id}}}}",
                "width": width,
                "height": height,
            },
            "suggest": {
                kind: {
                    "service_url": own,
                    "service_path": f"/suggest/{kind}",
                    "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
                }
                for kind in _KINDS
            },
            "extend": {
                "propose_properties": {"service_url": own, "service_path": "/properties"},
                "property_settings": [],
            },
            "batchSize": MOST_QUERIES,
        }
    )


def _answered(given: Any) -> Response:
    queries, extend = given.getlist("queries"), given.getlist("extend")
    if len(queries) + len(extend) != 1:
        raise Refusal(
            "malformed-request", "Send one field, queries or extend, with a JSON object in it."
        )
    reconciler = Reconciler(site(), reader_languages())
    if extend:
        return as_json(reconciler.extended(read_extension(parsed_json(extend[0]))))
    batch = read_queries(parsed_json(queries[0]))
    return as_json({key: {"result": reconciler.result(one)} for key, one in batch.items()})


def _terms(kind: str) -> list[str]:
    return list(site().reader.count_by_type()) if kind == "type" else properties_of()


def _cursor() -> int:
    return max(0, min(request.args.get("cursor", 0, type=int), _MOST_SUGGESTIONS))


def _unknown(iri: str) -> Refusal:
    return Refusal("not-found", f"Nothing here describes <{iri}>.", iri=iri)
