"""`/about/sparql`, the examples, and what is to be copied: what is shown runs as it is shown."""

import csv
import html
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient

from europass_ld.examples import ExampleQuery, load_queries
from europass_ld.publish.sparql import guide
from europass_ld.publish.sparql.snippets import (
    COMUNICA,
    Snippet,
    for_documentation,
)
from europass_ld.terms import compact
from tests.shared import ROOT
from tests.tools import build_editor

from . import sample
from .test_server import Running, start

CLIENTS = ROOT / "tests" / "clients"

ANSWER = {"http://data.europa.eu/snb/eqf/5": "1"}
"""The answer to the demonstration on the sample: one qualification, of EQF level 5."""


@pytest.fixture(scope="module")
def running(directory: Path) -> Iterator[Running]:
    """Start a real server on the sample."""
    running = start(directory)
    yield running
    running.process.terminate()
    running.process.communicate(timeout=30)


def _snippet(running: Running, name: str) -> Snippet:
    (found,) = (one for one in for_documentation(f"{running.base}/sparql") if one.id == name)
    return found


def _shell(text: str) -> str:
    bash = shutil.which("bash")
    assert bash
    return _run(bash, text)


def _python(text: str) -> str:
    return _run(sys.executable, text)


def _run(program: str, text: str) -> str:
    command = [program, "-c", text]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _csv(text: str) -> dict[str, str]:
    return {row["level"]: row["qualifications"] for row in csv.DictReader(io.StringIO(text))}


def test_curl(running: Running) -> None:
    """The first snippet, in a shell."""
    assert _csv(_shell(_snippet(running, "curl").text.replace("curl ", "curl -sS "))) == ANSWER


@pytest.mark.parametrize("name", ["sparqlwrapper", "rdflib"])
def test_python(running: Running, name: str) -> None:
    """The snippets of libraries that tests have anyway, each in an interpreter of its own."""
    printed = _python(_snippet(running, name).text)
    assert dict(line.split() for line in printed.splitlines()) == ANSWER


def test_r(running: Running) -> None:
    """R is not installed where this was written: the address in the snippet is fetched instead."""
    text = _snippet(running, "r").text
    (address,) = re.findall(r'read\.csv\("(\S+)"\)', text)
    with urlopen(address) as response:
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert _csv(response.read().decode()) == ANSWER


@pytest.mark.clients
def test_pandas(running: Running) -> None:
    """The one line of pandas, which has to be installed."""
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert '"http://data.europa.eu/snb/eqf/5": 1' in _python(
        _snippet(running, "pandas").text
        + "import json\nprint(json.dumps(dict(zip(answer.level, answer.qualifications.tolist()))))"
    )


@pytest.mark.clients
def test_comunica(running: Running) -> None:
    """Comunica as tests/clients installs it, with the command as it is shown."""
    if not (CLIENTS / "node_modules").is_dir():
        pytest.skip("needs tests/clients/install.sh to have run")
    text = _snippet(running, "comunica").text
    given = f"npx --package {COMUNICA} comunica-sparql"
    assert text.startswith(given)
    printed = _shell(f"cd {CLIENTS} && npx --no comunica-sparql{text.removeprefix(given)}")
    (row,) = json.loads(printed)
    assert row["level"] == "http://data.europa.eu/snb/eqf/5"
    assert row["qualifications"].startswith('"1"')


def test_what_is_shown_is_what_is_tested(client: FlaskClient, get: Callable[..., str]) -> None:
    """The page has each snippet; each example has a page of its own, whole, that runs it."""
    page = html.unescape(get("/about/sparql"))
    for snippet in for_documentation(f"{sample.BASE}sparql"):
        assert snippet.text.rstrip("\n") in page
    form = html.unescape(get("/sparql"))
    for query in load_queries():
        address = f"/about/sparql/{query.id}"
        for listed in (page, form):
            assert query.comment in listed
            assert f'href="{address}"' in listed
        shown = html.unescape(get(address))
        links = [parse_qs(one) for one in re.findall(r'href="/sparql\?([^"]+)"', shown)]
        assert query.text in shown
        assert query.text in {link["query"][0] for link in links if "query" in link}
    assert client.get("/about/sparql/none").status_code == 404


@pytest.mark.parametrize("query", load_queries(), ids=lambda one: str(one.id))
def test_examples_run(client: FlaskClient, query: ExampleQuery) -> None:
    """Each example is shown with the form, and runs from there."""
    response = client.get("/sparql", query_string={"query": query.text, "format": "csv"})
    assert response.status_code == 200, response.text


NAIVE = '"2026-01-01T00:00:00"^^xsd:dateTime'


@pytest.mark.parametrize(
    ("query", "bound"),
    [
        ('SELECT (SUM(?d) AS ?x) { VALUES ?d { "P1D"^^xsd:duration "P2D"^^xsd:duration } }', False),
        ('SELECT (AVG(?d) AS ?x) { VALUES ?d { "P1D"^^xsd:duration } }', False),
        (
            f'SELECT ?x {{ BIND({NAIVE} < "2026-01-01T01:00:00Z"^^xsd:dateTime AS ?x) }}',
            False,
        ),
        (
            f'SELECT ?x {{ BIND({NAIVE} < "2026-01-03T01:00:00Z"^^xsd:dateTime AS ?x) }}',
            True,
        ),
        (
            'SELECT ?x { BIND(SUBSTR(STR("2026-01-01T00:00:00Z"^^xsd:dateTime), 1, 10) AS ?x) }',
            True,
        ),
        ('SELECT ?x { BIND(xsd:date("2026-01-01T00:00:00Z"^^xsd:dateTime) AS ?x) }', True),
    ],
)
def test_what_to_know_is_true(client: FlaskClient, query: str, bound: bool) -> None:
    """The notes on durations and times say what the engine does."""
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
    response = client.get("/sparql", query_string={"query": prefix + query})
    assert response.json
    (row,) = response.json["results"]["bindings"]
    assert ("x" in row) == bound


def test_the_editor_is_an_addition(
    get: Callable[..., str],
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Built in, its script runs on the pages of the endpoint alone; without it nothing changes."""
    browser = {"Accept": "text/html"}
    plain = '<textarea id="query" name="query"'
    monkeypatch.setattr(guide, "_EDITOR", tmp_path)
    assert "<script" not in get("/sparql")
    policy = client.get("/sparql", headers=browser).headers["Content-Security-Policy"]
    assert "script-src" not in policy
    for name in guide.EDITOR_FILES:
        (tmp_path / name).write_text("", encoding="utf-8")
    page = get("/sparql")
    assert plain in page
    assert re.findall(r'<script src="([^"?]+)', page) == [
        "/static/editor/yasgui.min.js",
        "/static/query.js",
    ]
    assert not re.search(r"<script(?! src=| type=.application/json)| on\w+=| style=", page)
    for path, scripts in (("/sparql", True), ("/sparql/at/1", True), ("/about/sparql", False)):
        policy = client.get(path, headers=browser).headers["Content-Security-Policy"]
        assert ("script-src 'self';" in policy) == scripts
        assert "unsafe" not in policy


def test_the_editor_is_told_the_terms_in_use(
    get: Callable[..., str],
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Just the classes and properties that occur in the data, called as the reader speaks."""
    monkeypatch.setattr(guide, "_EDITOR", tmp_path)
    for name in guide.EDITOR_FILES:
        (tmp_path / name).write_text("", encoding="utf-8")
    block = re.search(
        r'<script type="application/json" id="terms">(.*?)</script>', get("/sparql?lang=de")
    )
    assert block
    told = json.loads(block[1])
    assert ["elm:Qualification", "Qualifikation"] in told["classes"]
    assert ["dct:title", "Titel"] in told["properties"]
    for kind, pattern in (("classes", "?s a ?term"), ("properties", "?s ?term ?o")):
        query = f"SELECT DISTINCT ?term {{ {pattern} }}"
        answer = client.get("/sparql", query_string={"query": query, "format": "csv"}).text
        assert {name for name, _ in told[kind]} == {compact(one) for one in answer.split()[1:]}


def test_building_the_editor(tmp_path: Path) -> None:
    """An archive that is not the one that was looked at is refused, and nothing is unpacked."""
    archive = tmp_path / "yasgui.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(SystemExit, match=r"yasgui\.tgz has the hash sha512-"):
        build_editor.unpack(archive, tmp_path / "editor")
    assert not (tmp_path / "editor").exists()
    served = {Path(name).name for name in build_editor.FILES}
    assert set(guide.EDITOR_FILES) < served
