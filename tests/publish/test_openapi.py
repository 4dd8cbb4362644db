"""The OpenAPI description: valid, true, and nothing that it allows breaks the server."""

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from europass_ld.publish.about.openapi import protocols, routes, written

from . import sample
from .described import check
from .test_server import start, stop

_PARAMETER = re.compile(r'request\.args(?:\.get|\.getlist)?[(\[]"(\w+)"')


@pytest.fixture
def document(client: FlaskClient) -> Any:
    """Return the description."""
    response = client.get("/openapi.json")
    assert response.content_type == "application/json"
    return response.json


def test_it_is_valid(document: Any) -> None:
    """By the schema of OpenAPI 3.1, with all references resolved."""
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": "http://localhost"}]


def test_every_parameter_is_described(app: Flask, document: Any) -> None:
    """What a view of a described route reads from the address is a parameter of some operation."""
    operations = [one for path in document["paths"].values() for one in path.values()]
    described = {one["name"] for operation in operations for one in operation["parameters"]}
    views = {
        inspect.getmodule(app.view_functions[rule.endpoint])
        for rule, _ in routes(app)
        if written(rule) not in protocols() and rule.endpoint != "static"
    }
    read = {name for one in views if one for name in _PARAMETER.findall(inspect.getsource(one))}
    assert len(read) > 10
    assert read <= described


def test_examples_lead_somewhere(client: FlaskClient, document: Any) -> None:
    """The example of each operation that has one is answered."""
    tried = 0
    for path, operations in document["paths"].items():
        given = {
            one["name"]: one.get("example", 1)
            for one in operations.get("get", {}).get("parameters", ())
            if one["required"] or "example" in one
        }
        if "{" not in path and any(isinstance(one, str) for one in given.values()):
            assert client.get(path, query_string=given).status_code == 200, (path, given)
            tried += 1
    assert tried >= 6


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/health", "Health"),
        ("/health/ready", "Health"),
        ("/nowhere", "Problem"),
        ("/resolve?iri=x", "Entity"),
        (f"/resolve?iri={sample.COURSE}", "Entity"),
        (f"/resolve?iri={sample.GONE}", "Entity"),
        ("/resolve?identifier=x", "Identified"),
    ],
)
def test_answers_are_as_described(client: FlaskClient, path: str, schema: str) -> None:
    """JSON answers meet their schemas."""
    check(client, schema, client.get(path).json)


@pytest.mark.slow
def test_nothing_that_is_allowed_breaks_it(directory: Path) -> None:
    """Schemathesis finds no answer of 5xx, in all its phases."""
    running = start(directory)
    try:
        ended = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                f"{running.base}/openapi.json",
                "--checks=not_a_server_error",
                "--max-examples=8",
                "--no-color",
                "--seed=1",
            ],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            cwd=directory.parent,
        )
    finally:
        stop(running)
    assert ended.returncode == 0, ended.stdout
    found = re.search(r"(\d+) generated, (\d+) passed", ended.stdout)
    assert found
    assert found[1] == found[2]
    assert int(found[1]) > 500
