"""SERVICE at the endpoint: for listed endpoints only, and never as if the state had answered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from europass_ld.config import Settings
from europass_ld.errors import ConfigurationError
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from tests.queries.endpoint import answering, endpoint, sending

from . import sample

_QUERY = (
    f"SELECT ?n {{ <{sample.COURSE}> a ?type SERVICE <E> {{ <{sample.COURSE}> <http://n/> ?n }} }}"
)


@pytest.fixture
def others() -> Iterator[tuple[str, str]]:
    """Serve two endpoints: one that knows something of a course, and one that is broken."""
    turtle = f"<{sample.COURSE}> <http://n/> 42 ."
    with endpoint(answering(turtle)) as (good, _), endpoint(sending(500, b"")) as (bad, _):
        yield good, bad


@pytest.fixture
def federated(directory: Path, settings: Settings, others: tuple[str, str]) -> Iterator[Flask]:
    """Make an application whose operator lists both."""
    listed = replace(settings, service_endpoints=others, service_networks=("127.0.0.0/8",))
    app = create_app(directory, listed)
    yield app
    site_of(app).close()


def _ask(client: FlaskClient, iri: str, path: str = "/sparql", **headers: str) -> tuple[int, str]:
    query = {"query": _QUERY.replace("E>", f"{iri}>")}
    response = client.get(path, query_string=query, headers={"Accept": "text/csv", **headers})
    assert "ETag" not in response.headers
    return response.status_code, response.text


def test_a_listed_endpoint_is_called(federated: Flask, others: tuple[str, str]) -> None:
    """What it answers is joined with what is here; the answer has no entity tag."""
    client = federated.test_client()
    assert _ask(client, others[0]) == (200, "n\r\n42\r\n")
    assert "42" in _ask(client, others[0], Accept="text/html")[1]


def test_an_endpoint_that_fails(federated: Flask, others: tuple[str, str]) -> None:
    """502 with a problem document that names it."""
    response = federated.test_client().get(
        "/sparql", query_string={"query": _QUERY.replace("E>", f"{others[1]}>")}
    )
    assert response.status_code == 502
    assert response.json
    assert response.json["type"].endswith("#endpoint-failed")
    assert response.json["endpoint"] == others[1]


def test_everybody_else_is_not_called(federated: Flask, client: FlaskClient) -> None:
    """403 for an endpoint that is not listed, and for all where none is."""
    assert _ask(federated.test_client(), "http://127.0.0.1:1/")[0] == 403
    assert _ask(client, "http://127.0.0.1:1/")[0] == 403


def test_past_states_call_nobody(federated: Flask, others: tuple[str, str]) -> None:
    """A past state is asked as it was; what others say today is no part of it."""
    state = site_of(federated).reader.sequence
    assert _ask(federated.test_client(), others[0], f"/sparql/at/{state}")[0] == 403


def test_the_description_says_so(federated: Flask, client: FlaskClient) -> None:
    """The service description has the feature of federated queries only where there are any."""
    feature = "BasicFederatedQuery"
    accept = {"Accept": "text/turtle"}
    assert feature in federated.test_client().get("/sparql", headers=accept).text
    assert feature not in client.get("/sparql", headers=accept).text


def test_wrong_settings(directory: Path, settings: Settings) -> None:
    """What is no endpoint, or no network, is a matter of configuration."""
    wrong = {
        "service_endpoints": replace(settings, service_endpoints=("ftp://x",)),
        "service_networks": replace(settings, service_networks=("host.example",)),
    }
    for name, one in wrong.items():
        with pytest.raises(ConfigurationError, match=name):
            create_app(directory, one)
