"""The table of addresses in the README is the one that is served."""

import re
from pathlib import Path

from flask import Flask

import europass_ld.publish
from europass_ld.publish.about.openapi import described, protocols, routes, written

_ROW = re.compile(r"^\| `(/[^`]*)` \| ([A-Z, ]+) \|", re.MULTILINE)


def test_every_route_is_documented(app: Flask) -> None:
    """Each address and its methods stand in the table, and nothing else does."""
    readme = Path(europass_ld.publish.__file__).with_name("README.md").read_text(encoding="utf-8")
    documented = {(path, methods) for path, methods in _ROW.findall(readme)}
    served = {
        (
            re.sub(r"<any\([^)]*\):", "<", rule.rule),
            ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})),
        )
        for rule in app.url_map.iter_rules()
    }
    assert documented == served


def test_every_route_is_described(app: Flask) -> None:
    """OpenAPI has each route, or says which specification describes it: see `openapi.yaml`."""
    served = {(written(rule), f"{method} {written(rule)}") for rule, method in routes(app)}
    paths, operations = {path for path, _ in served}, {one for _, one in served}
    missing = {one for path, one in served if path not in protocols()} - described()
    assert not missing, f"describe these in openapi.yaml: {sorted(missing)}"
    assert described() <= operations
    assert set(protocols()) <= paths
    assert not {one for path, one in served if path in protocols()} & described()
