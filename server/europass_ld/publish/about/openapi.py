"""The OpenAPI 3.1 description of what is no RDF protocol, made from the routes themselves.

Paths, methods and summaries are those of the views; what they cannot say stands in `openapi.yaml`.
<https://spec.openapis.org/oas/v3.1.1>
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Flask, Response, current_app
from werkzeug.routing import Rule

from ... import __version__
from ..negotiation import PROBLEM
from ..responses import as_json
from ..site import Site, site

blueprint = Blueprint("openapi", __name__)

_IMPLIED = frozenset({"HEAD", "OPTIONS"})
_WHO_HAS_A_TOKEN = ("administrator", "owner")
_CONVERTER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>")
_LIST_OF_ANY = re.compile(r"<any\([^)]*\):")
_INTRODUCTION = (
    "What a linked-data server for Europass answers beside RDF. Resources by their IRIs, SPARQL,"
    " event streams and OAI-PMH follow specifications of their own, and are not described here."
    " Every GET answers HEAD too, and OPTIONS for scripts of other sites."
)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Describe this API."""
    return as_json(description(current_app, site().root(), _examples(site())))


def description(app: Flask, root: str, examples: Mapping[str, str]) -> dict[str, Any]:
    """Return the description of an application that is served at `root`.

    `examples` are values of parameters, by name, that lead to something.
    """
    facts = _facts()
    paths: dict[str, dict[str, Any]] = {}
    for rule, method in routes(app):
        name = f"{method} {written(rule)}"
        if name in facts["operations"]:
            operation = _operation(app, rule, method, facts["operations"][name], examples)
            paths.setdefault(_CONVERTER.sub(r"{\1}", rule.rule), {})[method.lower()] = operation
    return {
        "openapi": "3.1.1",
        "info": {"title": "europass-ld", "version": __version__, "description": _INTRODUCTION},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "schemas": facts["schemas"],
            "responses": {"Problem": _content("A problem document, or a page", _PROBLEM)},
            "securitySchemes": {
                one: {"type": "http", "scheme": "bearer"} for one in _WHO_HAS_A_TOKEN
            },
        },
    }


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield the rules of an application with each of their methods, but HEAD and OPTIONS."""
    for rule in app.url_map.iter_rules():
        yield from ((rule, method) for method in sorted((rule.methods or set()) - _IMPLIED))


def written(rule: Rule) -> str:
    """Return the path of a rule as the table of addresses has it."""
    return _LIST_OF_ANY.sub("<", rule.rule)


def described() -> frozenset[str]:
    """Return the operations that are described: method and path."""
    return frozenset(_facts()["operations"])


def protocols() -> Mapping[str, str]:
    """Return the paths that follow a specification of their own, with its name."""
    return dict(_facts()["protocols"])


_PROBLEM: Mapping[str, Any] = {
    PROBLEM.content_type: {"$ref": "#/components/schemas/Problem"},
    "text/html": None,
}


@cache
def _facts() -> dict[str, Any]:
    text = Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def _examples(current: Site) -> dict[str, str]:
    """Return a dataset and one of its records, where there are any."""
    found = {}
    for dataset in current.reader.datasets()[:1]:
        found["dataset"] = dataset.iri
        for entry in current.reader.records(dataset.iri, limit=1):
            found["iri"] = found["id"] = entry.iri
    return found


def _operation(
    app: Flask, rule: Rule, method: str, said: Mapping[str, Any], examples: Mapping[str, str]
) -> dict[str, Any]:
    summary = (app.view_functions[rule.endpoint].__doc__ or rule.endpoint).partition("\n")[0]
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint}.{method.lower()}{_apart(app, rule)}",
        "summary": summary.rstrip("."),
        "parameters": [*_path_parameters(rule), *_query_parameters(said, examples)],
        "responses": {str(status): _answer(one) for status, one in said["answers"].items()}
        | {"default": {"$ref": "#/components/responses/Problem"}},
    }
    if "body" in said:
        operation["requestBody"] = {"required": True, "content": _media(said["body"])}
    who = [one for one in _WHO_HAS_A_TOKEN if said.get(one)]
    if who:
        operation["security"] = [{one: []} for one in who]
    return operation


def _apart(app: Flask, rule: Rule) -> str:
    """Return what tells a rule from the others of the same view; nothing where it has one only."""
    if len(list(app.url_map.iter_rules(rule.endpoint))) == 1:
        return ""
    return "".join(f".{name}" for name in sorted(rule.arguments))


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for name in _CONVERTER.findall(rule.rule):
        schema = _facts()["path_parameters"][name]
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(
    said: Mapping[str, Any], examples: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for name in said.get("query", "").split():
        bare = name.rstrip("!")
        example = {"example": examples[bare]} if bare in examples else {}
        facts = _facts()["parameters"][bare]
        yield {"name": bare, "in": "query", "required": name != bare, **facts, **example}


def _answer(media_types: str | Mapping[str, Any] | None) -> dict[str, Any]:
    if media_types is None:
        return {"description": "Without a body"}
    if isinstance(media_types, str):
        media_types = dict.fromkeys(media_types.split())
    return _content("The answer", media_types)


def _content(text: str, media_types: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": _media(media_types)}


def _media(media_types: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"schema": schema} if schema else {} for name, schema in media_types.items()}
