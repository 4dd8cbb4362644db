"""Queries on a named state, and what is said of the state everywhere else."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import EXTENSION
from europass_ld.publish.sparql.past import PastStates
from europass_ld.store import Store

from . import sample

SORTED = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"
DUMP = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } ORDER BY ?s ?p ?o"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s a ?class }"
BROWSER = {"Accept": "text/html"}
STATE = "Europass-State"


@pytest.fixture
def own(tmp_path: Path, settings: Settings) -> Iterator[tuple[FlaskClient, Path]]:
    """Make a store of this test alone, and return a client and the store's directory."""
    directory = tmp_path / "store"
    sample.make(directory)
    app = create_app(directory, settings)
    yield app.test_client(use_cookies=False), directory
    app.extensions[EXTENSION].close()


def _answers(client: FlaskClient, state: int) -> list[tuple[int, bytes, str | None]]:
    answers = []
    for query, format_ in ((SORTED, "csv"), (SORTED, "json"), (SORTED, "xml"), (DUMP, "nt")):
        parameters = {"query": query, "format": format_}
        response = client.get(f"/sparql/at/{state}", query_string=parameters)
        answers.append((response.status_code, response.data, response.headers.get(STATE)))
    return answers


def test_the_same_bytes_when_made_again(own: tuple[FlaskClient, Path]) -> None:
    """A sorted answer and a dump of an old state do not change when its generation is pruned."""
    client, directory = own
    before = {state: _answers(client, state) for state in (1, 2, 3)}
    assert {answer[0] for one in before.values() for answer in one} == {200}
    assert {answer[2] for answer in before[1]} == {"1"}
    assert before[1] != before[2] != before[3]
    with Store.open(directory) as store:
        store.prune_generations(1)
    assert sorted(one.name for one in (directory / "generations").iterdir()) == ["3"]
    assert {state: _answers(client, state) for state in (1, 2, 3)} == before
    assert sorted(one.name for one in (directory / "past").iterdir()) == ["1", "2", "lock"]


def test_the_state_is_named(client: FlaskClient) -> None:
    """Each answer says which state it ran on, as data and as a page."""
    for headers in ({}, BROWSER):
        response = client.get("/sparql", query_string={"query": COUNT}, headers=headers)
        assert response.headers[STATE] == "3"
    assert "state 3 of the store" in response.text
    assert f"/sparql/at/3?query={quote(COUNT, safe='').replace('%20', '+')[:30]}" in response.text
    assert STATE in response.headers["Access-Control-Expose-Headers"]


def test_a_page_of_an_old_state(client: FlaskClient) -> None:
    """The form, the answer and the links of an old state all stay on it."""
    page = client.get("/sparql/at/1", query_string={"query": COUNT}, headers=BROWSER)
    assert page.status_code == 200
    assert page.headers[STATE] == "1"
    assert '<form class="query" method="get" action="/sparql/at/1">' in page.text
    assert "Asked here is state 1 of the store" in page.text
    assert "https://ld.example.org/sparql/at/1?query=" in page.text
    assert 'href="/sparql/at/1?' in page.text
    form = client.get("/sparql/at/1", headers=BROWSER)
    assert '<form class="query" method="get" action="/sparql/at/1">' in form.text


def test_graphs_and_posts_of_an_old_state(client: FlaskClient) -> None:
    """The protocol is that of the endpoint: forms, bodies, graphs, refusals."""
    data = {"query": COUNT, "default-graph-uri": sample.SECOND, "format": "csv"}
    assert client.post("/sparql/at/2", data=data).text.split() == ["n", "0"]
    assert client.post("/sparql/at/3", data=data).text.split() != ["n", "0"]
    response = client.post("/sparql/at/2", data=COUNT, content_type="application/sparql-query")
    assert response.status_code == 200
    assert client.post("/sparql/at/2", data={"update": "CLEAR ALL"}).status_code == 403
    refused = client.get("/sparql/at/2", query_string={"query": "ASK { SERVICE <http://x/> {} }"})
    assert refused.status_code == 403


@pytest.mark.parametrize("state", ["4", "99999999999999999999", "9" * 300])
def test_states_that_never_were(client: FlaskClient, state: str) -> None:
    """A number after the last state is not found, and the last is named."""
    response = client.get(f"/sparql/at/{state}", query_string={"query": COUNT})
    assert response.status_code == 404
    assert response.json
    assert response.json["latest"] == 3


def test_a_state_that_is_gone(own: tuple[FlaskClient, Path]) -> None:
    """When the log cannot tell any more what a state was, that is 410."""
    client, directory = own
    with Store.open(directory) as store:
        store.set_vocabulary(
            [f"<{sample.EQF_5}> <https://p.example/> <https://o.example/> .\n"], version="1"
        )
        store.set_vocabulary(
            [f"<{sample.EQF_5}> <https://p.example/> <https://x.example/> .\n"], version="2"
        )
        store.prune_generations(1)
    response = client.get("/sparql/at/4", query_string={"query": COUNT})
    assert response.status_code == 410
    assert response.json
    assert response.json["type"].endswith("#state-gone")
    assert "code lists were replaced at state 5" in response.json["detail"]
    assert client.get("/sparql/at/3", query_string={"query": COUNT}).status_code == 200


def test_a_state_that_takes_time(own: tuple[FlaskClient, Path]) -> None:
    """While a state is being made the answer is 503, and it goes on being made meanwhile."""
    client, directory = own
    with Store.open(directory) as store:
        store.prune_generations(1)
    with patch("europass_ld.publish.sparql.states._WAIT_SECONDS", 0.0):
        response = client.get("/sparql/at/1", query_string={"query": COUNT})
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "10"
        other = client.get("/sparql/at/2", query_string={"query": COUNT})
        assert other.status_code == 503
    answers = (client.get("/sparql/at/1", query_string={"query": COUNT}) for _ in range(3))
    assert next(one.status_code for one in answers if one.status_code != 503) == 200
    assert not (directory / "past" / "2").exists()


def test_one_process_makes_a_state(own: tuple[FlaskClient, Path]) -> None:
    """However many ask for a state, one process makes it; one that failed is tried again."""
    _, directory = own
    with Store.open(directory) as store:
        store.prune_generations(1)
    past = PastStates(directory)
    with patch.object(subprocess, "Popen", wraps=subprocess.Popen) as started:
        assert past.generation(1, 0.0) is None
        assert past.generation(1, 30.0) == directory / "past" / "1"
        assert started.call_count == 1
        shutil.rmtree(directory / "past" / "1")
        assert past.generation(1, 30.0) == directory / "past" / "1"
        assert started.call_count == 2
