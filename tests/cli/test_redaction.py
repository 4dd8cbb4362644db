"""Redacting from the command line: what a person asked for is gone from everything that we keep."""

import json
import shutil
from pathlib import Path

import pytest

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from europass_ld.store import generation_at
from tests.shared import ROOT

from .test_documents import run

_SAMPLE = ROOT / "data" / "samples" / "fi-koulutustarjonta"
_DATASET = "https://data.koulutustarjonta.example/dataset/learning-opportunities"
_IRI = "https://data.koulutustarjonta.example/koulutus/1001"
_TITLE = "Forest Machine Operator"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with both versions of a register, its dumps, and a past state made again."""
    store = tmp_path_factory.mktemp("loaded") / "store"
    for version in ("v1", "v2"):
        assert run("load", _SAMPLE / version, "--store", store).exit_code == 0
    assert list(store.rglob("*nq.zst"))
    generation_at(store, 2)
    return store


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Path:
    """A copy of that store, to change."""
    return Path(shutil.copytree(loaded, tmp_path / "store", symlinks=True))


def _holds(store: Path, text: str) -> list[Path]:
    return [
        path
        for path in store.rglob("*")
        if path.is_file() and not path.is_symlink() and text.encode() in path.read_bytes()
    ]


def test_a_text_goes_from_every_file(store: Path) -> None:
    """After it no file of the store has it; what is dumped and asked has not either."""
    assert _TITLE in run("dump", "--store", store).stdout
    done = run("redact", "--literal", _TITLE, "--reason", "asked for", "--store", store)
    assert done.exit_code == 0, done.output
    assert f"<{_DATASET}>" in done.stdout
    assert _holds(store, _TITLE) == []
    assert _TITLE not in run("dump", "--store", store).stdout
    assert " redact " in run("log", "--store", store).stdout
    again = run("load", _SAMPLE / "v1", "--store", store, "--confirm", "--json")
    assert again.exit_code == 0, again.output
    assert _holds(store, _TITLE) == []
    report = run("query", "--store", store, f'ASK {{ GRAPH ?g {{ ?s ?p "{_TITLE}"@en }} }}')
    assert "false" in report.stdout


def test_a_dry_run_only_says_what_it_would_remove(loaded: Path) -> None:
    """Nothing is changed, and programs get the facts."""
    done = run("redact", _IRI, "--dry-run", "--json", "--store", loaded)
    found = json.loads(done.stdout)
    assert (found["records"], found["states"], found["dry_run"]) == ([_IRI], 1, True)
    assert _IRI in run("dump", "--store", loaded).stdout


def test_what_is_left_on_the_server(store: Path, tmp_path: Path) -> None:
    """410 with the reason, a Delete in the feed, and past states that say they are not whole."""
    done = run("redact", _IRI, "--reason", "Court order 7", "--store", store)
    assert done.exit_code == 0, done.output
    app = create_app(store, Settings(vocabularies=tmp_path / "none"))
    try:
        client = app.test_client()
        gone = client.get("/resource", query_string={"iri": _IRI})
        assert gone.status_code == 410
        assert gone.json
        assert gone.json["type"].endswith("#redacted")
        assert gone.json["reason"] == "Court order 7"
        query = {"query": f"ASK {{ <{_IRI}> ?p ?o }}", "format": "csv"}
        past = client.get("/sparql/at/2", query_string=query)
        assert past.text.strip() == "false"
        assert past.headers["Europass-Redacted"] == "4"
        assert "Europass-Redacted" not in client.get("/sparql", query_string=query).headers
        asked = {"verb": "ListRecords", "metadataPrefix": "rdf"}
        harvested = client.get("/oai", query_string=asked).text
        assert harvested.count('status="deleted"') == 3  # two by the publisher's own version
        assert f"{_IRI}</identifier>" in harvested
    finally:
        site_of(app).close()


@pytest.mark.parametrize(
    "arguments",
    [(), (_IRI, "--literal", "x"), ("--literal", ""), (_IRI,)],
)
def test_wrong_usage(loaded: Path, arguments: tuple[str, ...]) -> None:
    """One thing at a time, and with a reason."""
    assert run("redact", *arguments, "--store", loaded).exit_code == 2


def test_nothing_to_remove(loaded: Path) -> None:
    """It says so, and the exit code does too."""
    done = run("redact", "--literal", "unheard of", "--reason", "asked", "--store", loaded)
    assert done.exit_code == 2
    assert "nothing here states this text" in done.stderr
