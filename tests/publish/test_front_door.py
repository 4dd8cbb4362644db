"""What every request passes: ids, limits, headers, figures, a log without anything personal."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.addresses import parameter
from europass_ld.publish.serving.front_door import identifier
from europass_ld.publish.serving.rate_limit import WINDOW_SECONDS, RateLimit
from europass_ld.publish.site import site_of

from . import sample

ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}
PROXY = {"REMOTE_ADDR": "10.1.2.3"}
COURSE = f"/resource.ttl{parameter(sample.COURSE)}"


@pytest.fixture(scope="module")
def strict(
    directory: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Make an application with small limits and a log."""
    log = tmp_path_factory.mktemp("log") / "requests"
    limits = {"requests_per_minute": 3, "max_body_bytes": 1_000, "access_log": log}
    app = create_app(directory, replace(settings, **limits))  # type: ignore[arg-type]
    yield app
    site_of(app).close()


@pytest.fixture
def stranger(strict: Flask) -> FlaskClient:
    """Return a client."""
    return strict.test_client(use_cookies=False)


@pytest.mark.parametrize("name", ["X-Request-Id", "Request-Id"])
def test_an_id_that_is_given_comes_back(client: FlaskClient, name: str) -> None:
    """A proxy's id is the request's, in the header and in problem documents."""
    response = client.get("/nowhere", headers={name: "proxy-7/2026.11"})
    assert response.headers["X-Request-Id"] == "proxy-7/2026.11"
    assert response.json is not None
    assert response.json["request_id"] == "proxy-7/2026.11"


@given(st.text(max_size=120))
def test_ids_are_fit_for_a_log(text: str) -> None:
    """Whatever is given, an id is short and has no spaces, quotes or line ends."""
    assert re.fullmatch(r"[A-Za-z0-9._:/+=@-]{8,100}", identifier(text))


def test_each_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    """Two requests without one, and one with one that is not fit, get three different ids."""
    given_ids = (None, None, "short", 'with "quotes"')
    asked = [{"X-Request-Id": one} if one else {} for one in given_ids]
    ids = {client.get("/health/live", headers=one).headers["X-Request-Id"] for one in asked}
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        (COURSE, "*/*"),
        (f"/resource{parameter(sample.COURSE)}", "text/html"),
        ("/health/live", "*/*"),
        ("/metrics", "*/*"),
        ("/admin/queries", "*/*"),
        ("/static/style.css", "*/*"),
        ("/nowhere", "*/*"),
        ("/nowhere", "text/html"),
    ],
)
def test_every_answer_has_security_headers(client: FlaskClient, path: str, accept: str) -> None:
    """Pages, data, files and problems alike, each header once."""
    with client.get(path, headers={"Accept": accept}) as response:
        headers = response.headers
    for name in (
        "X-Content-Type-Options",
        "Cross-Origin-Resource-Policy",
        "Content-Security-Policy",
        "X-Request-Id",
    ):
        assert len(headers.getlist(name)) == 1
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    is_open = path not in {"/metrics", "/admin/queries"}
    assert ("Access-Control-Allow-Origin" in headers) is is_open
    assert (headers["Cross-Origin-Resource-Policy"] == "cross-origin") is is_open
    assert "Strict-Transport-Security" not in headers


def test_unchanged_keeps_the_policy(client: FlaskClient) -> None:
    """A 304 has no policy of its own: it would replace that of the page which the browser kept."""
    page = client.get("/", headers={"Accept": "text/html"})
    headers = {"Accept": "text/html", "If-None-Match": page.headers["ETag"]}
    unchanged = client.get("/", headers=headers)
    assert unchanged.status_code == 304
    assert "Content-Security-Policy" not in unchanged.headers


@pytest.mark.parametrize(
    "headers", [{"X-Forwarded-Proto": "https"}, {"Forwarded": "for=203.0.113.7;proto=https"}]
)
def test_https_stays_https(client: FlaskClient, headers: dict[str, str]) -> None:
    """Who came by https is told to go on so: a trusted proxy tells, and nobody else."""
    response = client.get("/", headers=headers, environ_overrides=PROXY)
    assert response.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Strict-Transport-Security" not in client.get("/", headers=headers).headers


def test_a_client_that_asks_too_often(stranger: FlaskClient) -> None:
    """It is told beforehand, and then when to come back; others go on."""
    answers = [
        stranger.get("/health/live", headers=ELSEWHERE, environ_overrides=PROXY) for _ in range(4)
    ]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    left = [one.headers["RateLimit"].partition(";t=")[0] for one in answers]
    assert left == ['"client";r=2', '"client";r=1', '"client";r=0', '"client";r=0']
    assert {one.headers["RateLimit-Policy"] for one in answers} == {'"client";q=3;w=60'}
    refused = answers[-1]
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.json is not None
    assert refused.json["violated-policies"] == ["client"]
    page = stranger.get("/", headers=ELSEWHERE | {"Accept": "text/html"}, environ_overrides=PROXY)
    assert (page.status_code, page.mimetype) == (429, "text/html")
    other = {"X-Forwarded-For": "203.0.113.8"}
    assert stranger.get("/health", headers=other, environ_overrides=PROXY).status_code == 200


def test_this_machine_is_not_limited(stranger: FlaskClient) -> None:
    """Programs beside the server ask as often as they like."""
    for _ in range(5):
        response = stranger.get("/health/live")
        assert response.status_code == 200
        assert "RateLimit" not in response.headers


def test_tokens_come_back() -> None:
    """A share of the window brings its share of the quota, and never more than all of it."""
    limit = RateLimit(60)
    assert [limit.take("a", 0.0).granted for _ in range(61)] == [True] * 60 + [False]
    assert [limit.take("a", 2.0).granted for _ in range(3)] == [True, True, False]
    assert limit.take("a", 10.0 * WINDOW_SECONDS).remaining == 59


def test_only_some_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded, and who asks often is not forgotten for who asked once."""
    monkeypatch.setattr("europass_ld.publish.serving.rate_limit._MOST_CLIENTS", 10)
    limit = RateLimit(60)
    for second in range(100):
        busy = limit.take("busy", second / 1000)
        limit.take(f"other {second}", second / 1000)
    assert len(limit._buckets) <= 10
    assert busy.remaining < 30


def test_a_body_that_is_too_long(stranger: FlaskClient) -> None:
    """It is refused by its length, before it is read."""
    response = stranger.post("/resolve", json={"iris": ["x" * 2_000]})
    assert response.status_code == 413
    assert response.json is not None
    assert response.json["limit"] == 1_000


@pytest.mark.parametrize(
    ("path", "near"), [("/serach", "/search"), ("/Datasets/", "/datasets"), ("/qqqqqqqq", None)]
)
def test_an_address_that_is_nearly_right(client: FlaskClient, path: str, near: str | None) -> None:
    """A 404 names what may have been meant."""
    response = client.get(path)
    assert response.status_code == 404
    assert response.json is not None
    assert (response.json["addresses"] or [None])[0] == near


def test_a_method_that_is_not_for_an_address(client: FlaskClient) -> None:
    """A 405 names those that are, in the header and in the document."""
    response = client.delete("/search")
    assert response.status_code == 405
    assert response.json is not None
    assert set(response.json["allowed"]) == {"GET", "HEAD", "OPTIONS"}
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_the_log_has_nothing_personal(strict: Flask, stranger: FlaskClient) -> None:
    """A line for each request: no address, no parameter, no name in a path."""
    stranger.get("/search?q=canary", headers={"User-Agent": "canary"})
    stranger.get("/doc/canary", headers={"X-Forwarded-For": "198.51.100.99"})
    stranger.get("/canary", headers={"X-Request-Id": "id-of-the-last"})
    path = site_of(strict).settings.access_log
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "canary" not in text
    assert "198.51.100" not in text
    lines = [json.loads(line) for line in text.splitlines()][-3:]
    assert [one["route"] for one in lines] == ["/search", "/doc/<path:name>", None]
    assert [one["status"] for one in lines] == [200, 404, 404]
    assert lines[-1]["id"] == "id-of-the-last"
    assert set(lines[-1]) == {"time", "id", "method", "route", "status", "milliseconds"}


def test_latencies_are_figures_only(client: FlaskClient) -> None:
    """The histogram has families of routes, is cumulative, and counts what was answered."""
    client.get(COURSE)
    before = _count(client.get("/metrics").text)
    for _ in range(3):
        client.get(COURSE)
    text = client.get("/metrics").text
    assert _count(text) == before + 3
    assert sample.HOST not in text
    family = 'europass_ld_request_seconds_bucket{family="resources",le='
    buckets = [int(one.split()[-1]) for one in text.splitlines() if one.startswith(family)]
    assert buckets == sorted(buckets)
    assert buckets[-1] == before + 3
    assert re.search(r'europass_ld_requests_total{family="resources",status="2xx"} \d+', text)


def _count(metrics: str) -> int:
    found = re.search(r'europass_ld_request_seconds_count{family="resources"} (\d+)', metrics)
    assert found
    return int(found[1])
