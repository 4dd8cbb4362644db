"""Nothing of what is kept privately comes out by any public way, nor whether it is there.

The addresses are those that the application has: one that is added later is asked too.
"""

import logging
import re
import shutil
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from europass_ld.ingest import KeptCredential
from tests.cli.test_documents import run

from .making import BASE, CANARIES, Kept, serving

VOLATILE = {"Date", "Content-Length"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
SAME_ID = {"X-Request-Id": "the-same-for-all"}
ACCEPTS = ("*/*", "text/html")
EVERYTHING = (
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT ?o { GRAPH ?g { <{iri}> (!<urn:x>|^!<urn:x>)+ ?o } }",
    'SELECT * { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?o), CONCAT("Cana", "rina"))) }',
    'SELECT * { { ?s ?p ?o } FILTER(CONTAINS(STR(?s), "/creden")) }',
    "DESCRIBE <{iri}>",
    "CONSTRUCT { ?s ?p ?o } FROM <{iri}/statement> WHERE { ?s ?p ?o }",
    "SELECT * FROM NAMED <{iri}/statement> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { GRAPH <{iri}/statement> { ?s ?p ?o } }",
    "SELECT * { GRAPH <{iri}/verification/1> { ?s ?p ?o } }",
    "ASK { <{iri}> ?p ?o }",
    "ASK { <urn:credential:canary-in-the-mine> ?p ?o }",
    "SELECT * { <urn:epass:person:canary-in-the-mine> (!<urn:x>)* ?o }",
    'SELECT * { ?s ?p "Zwitscher"@en }',
)


@pytest.fixture(scope="module")
def app(kept: Kept) -> Iterator[Flask]:
    """Serve the store."""
    with serving(kept.store) as app:
        yield app


@pytest.fixture(scope="module")
def bare(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Serve the same store as it would be if nobody had ever kept a credential in it."""
    store = tmp_path_factory.mktemp("bare") / "store"
    ignored = shutil.ignore_patterns("private")
    with serving(shutil.copytree(kept.store, store, symlinks=True, ignore=ignored)) as app:
        yield app


def addresses(app: Flask, iri: str) -> Iterator[str]:
    """Yield every address of the application, filled with a credential in all ways there are."""
    id_ = iri.rpartition("/")[2]
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        values = (iri, iri.removeprefix(BASE))
        for filled in dict.fromkeys(_filled(rule, value, id_) for value in values):
            yield filled
            for parameters in (
                {"iri": iri, "graph": f"{iri}/statement", "dataset": iri, "q": iri, "id": id_},
                {"iri": f"{iri}/original", "graph": iri, "dataset": f"{iri}/added", "q": id_},
                {"iri": "urn:epass:person:canary-in-the-mine", "q": "Zwitscher"},
            ):
                yield f"{filled}?{urlencode(parameters)}"


def _filled(rule: Rule, value: str, id_: str) -> str:
    """Return the address of a rule with its places filled."""

    def fill(place: re.Match[str]) -> str:
        kind = place[1].rpartition(":")[0]
        if kind.startswith("any("):
            return kind.removeprefix("any(").partition(",")[0].strip("')")
        return {"uuid": id_, "int": "1"}.get(kind, quote(value, safe="/" if kind == "path" else ""))

    return re.sub(r"<([^<>]+)>", fill, rule.rule)


def asked(app: Flask, address: str, accept: str) -> tuple[object, ...]:
    """Return all of an answer to somebody without a token that may tell something."""
    answer = app.test_client().get(address, headers={"Accept": accept, **SAME_ID})
    return _told(answer, address)


def _told(answer: TestResponse, address: str) -> tuple[object, ...]:
    body = MOMENT.sub("a moment", answer.get_data(as_text=True))
    assert_silent(body + str(answer.headers), address)
    headers = sorted(one for one in answer.headers if one[0] not in VOLATILE)
    return answer.status_code, headers, body


def assert_silent(text: str, asked_for: str = "") -> None:
    """Check that a text has no canary but those that the question itself had in it."""
    found = [one for one in CANARIES if one in text and one not in asked_for]
    assert not found, asked_for


def test_no_address_tells_anything(app: Flask, bare: Flask, kept: Kept) -> None:
    """Every address answers as if the credential that it asks for had never been there."""
    compared = 0
    for address, accept in zip(addresses(app, kept.canary), cycle(ACCEPTS), strict=False):
        found, expected = asked(app, address, accept), asked(bare, address, accept)
        if found == expected:
            compared += 1
        else:  # figures that move by themselves
            again = asked(bare, address, accept)
            assert again != expected, address
            assert again[0] == found[0], address
    assert compared > 200


def test_nothing_that_is_sent_tells_anything(app: Flask, bare: Flask, kept: Kept) -> None:
    """The same for every address that takes a form, a query or a list of IRIs."""
    iri = kept.canary
    rules = [one for one in app.url_map.iter_rules() if "POST" in (one.methods or ())]
    assert len(rules) > 4
    for rule in rules:
        address = _filled(rule, iri.rpartition("/")[2], iri.rpartition("/")[2])
        for sent in (
            {"data": {"query": f"DESCRIBE <{iri}>", "iri": iri, "token": iri, "sure": "yes"}},
            {"json": {"iris": [iri], "query": iri}},
            {"data": f"{iri}\n{iri}/original\n", "content_type": "text/plain"},
            {"data": f"DESCRIBE <{iri}>", "content_type": "application/sparql-query"},
        ):
            found, expected = (
                _told(one.test_client().post(address, headers=SAME_ID, **sent), address)
                for one in (app, bare)
            )
            assert found == expected, address


@pytest.mark.parametrize("query", EVERYTHING)
def test_no_query_finds_anything(app: Flask, bare: Flask, kept: Kept, query: str) -> None:
    """In every graph, by every path, with datasets named in the query and beside it: nothing."""
    for address in ("/sparql", "/sparql/at/1"):
        for parameters in (
            {},
            {"default-graph-uri": "{iri}/statement"},
            {"named-graph-uri": "{iri}/statement"},
            {"default-graph-uri": "{iri}"},
        ):
            filled = {
                name: value.replace("{iri}", kept.canary)
                for name, value in {"query": query, **parameters}.items()
            }
            asking = f"{address}?{urlencode(filled)}"
            answers = [asked(one, asking, "*/*") for one in (app, bare)]
            status, _, body = answers[0]
            assert isinstance(status, int)
            assert status < 500, body
            assert [(one[0], sorted(str(one[2]).splitlines())) for one in answers] == [
                (status, sorted(str(body).splitlines()))
            ] * 2


def test_what_is_published_does_not_know_them(kept: Kept) -> None:
    """The commands that show the public store name neither content nor ids."""
    ids = [one.rpartition("/")[2] for one in (kept.canary, kept.converted, kept.hers)]
    everything = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    for arguments in (
        ("dump",),
        ("log",),
        ("log", "--json"),
        ("status",),
        ("status", "--json"),
        ("query", everything),
    ):
        result = run(*arguments, "--store", kept.store)
        assert result.exit_code == 0
        assert_silent(result.output)
        assert not [one for one in ids if one in result.output]


def test_no_file_of_the_store_holds_them(kept: Kept) -> None:
    """Log, its WAL, generations: no id; the private store: no word in the clear, only noise."""
    words = [one.encode() for one in (*CANARIES, kept.ada, kept.grace, "Owner Ada", "Owner Grace")]
    ids = [one.rpartition("/")[2].encode() for one in (kept.canary, kept.converted, kept.hers)]
    private = kept.store / "private"
    files = [one for one in kept.store.rglob("*") if one.is_file()]
    assert any(one.is_relative_to(private) for one in files)
    for file in files:
        wanted = words if file.is_relative_to(private) else [*words, *ids]
        data = file.read_bytes()
        assert not [one for one in wanted if one in data], file


def test_logs_say_nothing(
    app: Flask,
    kept: Kept,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither what goes well nor an error that quotes the content: 500 and where, never what."""
    client = app.test_client()
    headers = {"Authorization": f"Bearer {kept.ada}", "Accept": "text/html"}
    address = f"/{kept.canary.removeprefix(BASE)}"
    with caplog.at_level(logging.DEBUG):
        assert client.get(address, headers=headers).status_code == 200

        def broken(_: KeptCredential) -> str:
            raise ValueError(" ".join(CANARIES))

        monkeypatch.setattr(KeptCredential, "statement", broken)
        answer = client.get(address, headers=headers)
    assert answer.status_code == 500
    assert_silent(answer.text)
    assert "a private request failed (ValueError)" in caplog.text
    assert_silent(caplog.text)
    assert kept.canary.rpartition("/")[2] not in caplog.text
    assert kept.ada not in caplog.text


def test_the_log_of_requests_names_routes_only(kept: Kept, tmp_path: Path) -> None:
    """Where the operator keeps one, it has neither an id of a credential nor a token."""
    log = tmp_path / "access.log"
    address = f"/{kept.canary.removeprefix(BASE)}"
    with serving(kept.store, access_log=log) as app:
        headers = {"Authorization": f"Bearer {kept.ada}"}
        assert app.test_client().get(address, headers=headers).status_code == 200
        app.test_client().post("/credentials/sign-in", data={"token": kept.ada})
    text = log.read_text("utf-8")
    assert '"/credentials/<uuid:id_>"' in text
    assert_silent(text)
    assert kept.canary.rpartition("/")[2] not in text
    assert kept.ada not in text


def test_loading_leaves_nothing_in_temporary_files(
    canary_file: Path, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is written while a credential is loaded, none of it stays where others look."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("EUROPASS_LD_PRIVATE", str(tmp_path / "private"))
    options = ("--owner", "Ada", "--accept", "unsealed")
    assert run("load", canary_file, "--store", kept.store, *options).exit_code == 0
    canary_file.unlink()
    for file in (one for one in tmp_path.rglob("*") if one.is_file()):
        assert not [one for one in CANARIES if one.encode() in file.read_bytes()], file
