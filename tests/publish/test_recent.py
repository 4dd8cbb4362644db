"""Answers from memory: the same as without it, and never those of another question or state."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.addresses import parameter
from europass_ld.publish.serving import recent
from europass_ld.publish.site import site_of
from europass_ld.queries import Answer
from europass_ld.store import Dataset, Store
from europass_ld.terms import expand

from . import sample

COURSE = f"/resource{parameter(sample.COURSE)}"
TURTLE = {"Accept": "text/turtle"}
PAGE = {"Accept": "text/html"}
PROXY = {"REMOTE_ADDR": "10.1.2.3"}
_OWN = {"X-Request-Id", "Date"}


class Counted:
    """An application with memory; how many requests came through it to a view, or to a query."""

    def __init__(self, directory: Path, settings: Settings):
        self.app: Flask = create_app(directory, settings)
        self.views = 0
        self.app.before_request(self._count)
        self.runs = 0
        queries = site_of(self.app).queries
        self._pool_run = queries.run
        queries.run = self._run  # type: ignore[method-assign]

    def _count(self) -> None:
        self.views += 1

    def _run(self, *arguments: Any, **options: Any) -> Answer:
        self.runs += 1
        return self._pool_run(*arguments, **options)

    def ask(
        self, path: str, headers: dict[str, str], method: str = "GET", **environ: str
    ) -> TestResponse:
        """Send a request."""
        client = self.app.test_client(use_cookies=False)
        return client.open(path, method=method, headers=headers, environ_overrides=environ)


@pytest.fixture
def counted(directory: Path, settings: Settings, tmp_path: Path) -> Iterator[Counted]:
    """Make an application that remembers nothing yet."""
    made = Counted(directory, replace(settings, access_log=tmp_path / "log", requests_per_minute=4))
    yield made
    site_of(made.app).close()


@pytest.fixture
def changing(settings: Settings, tmp_path: Path) -> Iterator[tuple[Counted, Path]]:
    """Make an application over a store of its own."""
    sample.make(tmp_path / "store")
    made = Counted(tmp_path / "store", settings)
    yield made, tmp_path / "store"
    site_of(made.app).close()


def _said(response: TestResponse) -> tuple[object, ...]:
    headers = [one for one in response.headers if one[0] not in _OWN]
    return response.status, headers, response.data


@pytest.mark.parametrize("headers", [TURTLE, PAGE], ids=["data", "page"])
def test_the_same_answer_again(counted: Counted, headers: dict[str, str]) -> None:
    """Header by header and byte by byte, without a view, and with an id of its own."""
    first, second = counted.ask(COURSE, headers), counted.ask(COURSE, headers)
    assert counted.views == 1
    assert first.status_code == 200
    assert _said(first) == _said(second)
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_no_two_questions_share_an_answer(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Languages, formats, profiles, codings, methods and tags: each as it is without memory."""
    whole = counted.ask(COURSE, TURTLE).headers["ETag"]
    asked = [
        (path, {**accept, **more}, method)
        for path, accept, more, method in product(
            (COURSE, f"{COURSE}&lang=fi", f"{COURSE}&_profile=alt"),
            (TURTLE, PAGE, {"Accept": "text/turtle", "Accept-Profile": "labels"}),
            ({}, {"Accept-Language": "sv"}, {"Accept-Encoding": "gzip"}, {"If-None-Match": whole}),
            ("GET", "HEAD"),
        )
    ]
    with monkeypatch.context() as patched:
        patched.setattr(recent, "_LARGEST", 0)
        expected = [_said(counted.ask(*one)) for one in asked]
    assert [_said(counted.ask(*one)) for one in asked] == expected
    views = counted.views
    assert [_said(counted.ask(*one)) for one in reversed(asked)] == expected[::-1]
    assert counted.views == views


def test_what_a_question_is_has_all_that_answers_vary_by(counted: Counted) -> None:
    """Each header that Vary names is one that questions differ by."""
    named = counted.ask(COURSE, TURTLE).headers["Vary"].split(", ")
    assert {f"HTTP_{one.upper().replace('-', '_')}" for one in named} <= set(recent._ASKED_IN)


def test_a_proxy_that_is_not_trusted_poisons_nothing(counted: Counted) -> None:
    """The host that a stranger claims counts for nobody; that of a trusted proxy for its own."""
    path = f"{COURSE}&_profile=alt"
    claimed = {**TURTLE, "X-Forwarded-Host": "evil.example"}
    assert b"evil.example" not in counted.ask(path, claimed).data
    assert b"evil.example" in counted.ask(path, claimed, **PROXY).data
    assert b"evil.example" not in counted.ask(path, TURTLE).data


def test_a_dataset_is_not_remembered(counted: Counted) -> None:
    """What is told of its dumps changes within one state."""
    for _ in range(2):
        assert counted.ask(f"/resource{parameter(sample.FIRST)}", TURTLE).status_code == 200
    assert counted.views == 2


def _query(text: str) -> str:
    return f"/sparql?query={quote(text)}"


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (f"DESCRIBE <{sample.COURSE}>", 1),
        ("SELECT * { ?s ?p ?o }", 1),
        ("SELECT (NOW() AS ?now) {}", 2),
        ("SELECT (RAND() AS ?chance) {}", 2),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", 2),
        ("SELECT * { broken", 2),
    ],
)
def test_queries_whose_answers_last(counted: Counted, text: str, runs: int) -> None:
    """Short answers that neither time nor chance changes are given again; errors are not."""
    first, second = (counted.ask(_query(text), {}) for _ in range(2))
    assert counted.runs == runs
    assert (first.status, first.headers.get("ETag")) == (second.status, second.headers.get("ETag"))
    assert runs > 1 or _said(first) == _said(second)


def test_a_query_in_a_body_is_not_its_address(counted: Counted) -> None:
    """Of two POSTs to one address each gets its own answer."""
    client = counted.app.test_client(use_cookies=False)
    texts = [
        client.post("/sparql", data={"query": f"ASK {{ FILTER({one}) }}"}).text for one in (0, 1)
    ]
    assert texts[0] != texts[1]


def test_every_query_is_in_the_log(directory: Path, settings: Settings, tmp_path: Path) -> None:
    """Where the operator keeps a log of queries, none is answered beside it."""
    counted = Counted(directory, replace(settings, query_log=tmp_path / "queries"))
    for _ in range(2):
        counted.ask(_query("ASK {}"), {})
    site_of(counted.app).close()
    assert len((tmp_path / "queries").read_text().splitlines()) == 2


def test_limits_logs_and_figures_know_of_it(counted: Counted, tmp_path: Path) -> None:
    """An answer from memory is counted, logged with its route, and refused beyond the quota."""
    stranger = {**TURTLE, "X-Forwarded-For": "203.0.113.7"}
    answers = [counted.ask(COURSE, stranger, **PROXY) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 429]
    assert [one.headers["RateLimit"].split(";")[1] for one in answers[:4]] == [
        "r=3",
        "r=2",
        "r=1",
        "r=0",
    ]
    logged = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [one["route"] for one in logged] == ["/resource"] * 5
    histograms, statuses = site_of(counted.app).latencies.snapshot()
    assert sum(histograms["resources"][:-1]) == 5
    assert statuses == {"resources 2xx": 4, "resources 4xx": 1}


def test_a_new_state_ends_it(changing: tuple[Counted, Path]) -> None:
    """After a load and after a redaction the next answer is of the new state, in each form."""
    counted, directory = changing
    second = Dataset(iri=sample.SECOND, title={"en": "Second register"}, family="loq")
    query = _query(f"SELECT ?text {{ ?fee <{expand('dct:description')}> ?text }}")
    for headers in (TURTLE, PAGE) * 2:
        assert "twenty euros" in counted.ask(COURSE, headers).text
        assert "twenty euros" in counted.ask(query, {}).text
    with Store.open(directory) as store:
        sample.publish(store, second, [sample.course("thirty euros")])
    for headers in (TURTLE, PAGE) * 2:
        text = counted.ask(COURSE, headers).text
        assert "thirty euros" in text
        assert "twenty euros" not in text
        assert "thirty euros" in counted.ask(query, {}).text
    with Store.open(directory) as store:
        store.redact(text="thirty euros", reason="names a person")
    for headers in (TURTLE, PAGE) * 2:
        assert "thirty euros" not in counted.ask(COURSE, headers).text
        assert "thirty euros" not in counted.ask(query, {}).text
    kept = _memory(counted.app)._kept.values()
    assert kept
    assert all(b"thirty euros" not in one.body for one in kept)


def test_memory_is_bounded(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers that were asked for longest ago make room, and their bytes are counted off."""
    memory = _memory(counted.app)
    counted.ask(COURSE, TURTLE)
    monkeypatch.setattr(recent, "_MOST_BYTES", 3 * memory._size)
    for number in range(20):
        counted.ask(f"{COURSE}&n={number:02}", TURTLE)
        counted.ask(COURSE, TURTLE)
    assert len(memory._kept) <= 3
    assert memory._size == sum(one.size for one in memory._kept.values())
    assert counted.views == 21


def _memory(app: Flask) -> recent.RecentAnswers:
    answers = cast("Any", app.wsgi_app)._application
    assert isinstance(answers, recent.RecentAnswers)
    return answers
