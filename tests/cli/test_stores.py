"""The commands that work on a store, run as a user runs them."""

import json
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.shared import ROOT

from .test_documents import BROKEN, SAMPLES, run

FINNISH = "https://data.koulutustarjonta.example/dataset/learning-opportunities"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with all samples."""
    store = tmp_path_factory.mktemp("samples") / "store"
    result = run("load", SAMPLES, "--store", store)
    assert result.exit_code == 0, result.output
    return store


@pytest.fixture
def store(samples: Path, tmp_path: Path) -> Path:
    """A copy of the store with all samples, to change."""
    return Path(shutil.copytree(samples, tmp_path / "store", symlinks=True))


def count(store: Path) -> int:
    """Return the number of triples in the default graph."""
    return int(run("query", "--store", store, COUNT).stdout.splitlines()[1])


def test_loading_the_same_again_changes_nothing(store: Path) -> None:
    """A second load of all samples makes no version and no event."""
    before = run("log", "--store", store).stdout
    result = run("load", SAMPLES, "--store", store)
    assert result.exit_code == 0
    assert result.output.count("nothing new") == 10
    assert run("log", "--store", store).stdout == before


def test_the_summary_counts_what_a_version_does(samples: Path) -> None:
    """The second Finnish version adds two, changes twelve and deletes two records."""
    events = [
        json.loads(line) for line in run("log", "--store", samples, "--json").stdout.splitlines()
    ]
    second = next(one for one in events if one["dataset"] == FINNISH and one["version"] == 2)
    assert second["counts"] == {
        "added": 2,
        "changed": 12,
        "deleted": 2,
        "unchanged": 86,
        "refused": 0,
    }


def test_a_dry_run_publishes_nothing(tmp_path: Path) -> None:
    """It shows what would be added, changed and deleted, and leaves the store as it was."""
    store = tmp_path / "store"
    run("load", SAMPLES / "fi-koulutustarjonta" / "v1", "--store", store)
    before = count(store)
    result = run("load", "--dry-run", SAMPLES / "fi-koulutustarjonta" / "v2", "--store", store)
    assert result.exit_code == 0
    assert result.output.count("would be added") == 2
    assert result.output.count("would be changed") == 12
    assert result.output.count("would be deleted") == 2
    assert count(store) == before


def test_a_dry_run_makes_no_store(tmp_path: Path) -> None:
    """Where there is no store it shows everything as new, and fixes no base."""
    store = tmp_path / "store"
    result = run("load", "--dry-run", SAMPLES / "es-cursos-abiertos", "--store", store)
    assert result.exit_code == 0
    assert "35 added" in result.output
    assert not store.exists()


def test_a_dry_run_lists_the_changes_for_a_program(tmp_path: Path) -> None:
    """The JSON of a dry run names every IRI that would be added, changed or deleted."""
    store = tmp_path / "store"
    run("load", SAMPLES / "fi-koulutustarjonta" / "v1", "--store", store)
    second = SAMPLES / "fi-koulutustarjonta" / "v2"
    summary = json.loads(run("load", "--dry-run", "--json", second, "--store", store).stdout)
    assert summary["outcome"] == "dry run"
    lengths = {word: len(iris) for word, iris in summary["changes"].items()}
    assert lengths == {"added": 2, "changed": 12, "deleted": 2}


def test_a_refused_document_changes_nothing(store: Path) -> None:
    """Code 1, the reason, and everything as before."""
    before = count(store)
    result = run("load", BROKEN / "wrong-code.xml", "--store", store)
    assert result.exit_code == 1
    assert "refused: records with errors: 1; nothing was published" in result.output
    assert count(store) == before


def test_keep_going_leaves_out_the_record(store: Path) -> None:
    """Code 3: the record with the error is left out, the others are published."""
    before = count(store)
    result = run("load", BROKEN / "wrong-code.xml", "--keep-going", "--store", store, "--json")
    assert result.exit_code == 3
    summary = json.loads(result.stdout.splitlines()[-1])
    assert summary["records"] == {
        "read": 5,
        "added": 4,
        "changed": 0,
        "deleted": 0,
        "unchanged": 0,
        "refused": 1,
    }
    assert set(summary) == {
        "dataset",
        "outcome",
        "reason",
        "version",
        "records",
        "triples",
        "findings",
        "seconds",
        "changes",
    }
    assert count(store) > before


@pytest.mark.parametrize("name", ["truncated.xml", "doctype.xml", "children-without-namespace.xml"])
def test_keep_going_does_not_load_half_a_document(name: str, tmp_path: Path) -> None:
    """A document that is broken as a whole is refused whatever the options."""
    store = tmp_path / "store"
    result = run("load", BROKEN / name, "--keep-going", "--store", store, "--dataset", "urn:x:y")
    assert result.exit_code == 1
    assert run("status", "--store", store, "--json").exit_code == 0
    assert json.loads(run("status", "--store", store, "--json").stdout)["datasets"] == []


def test_a_version_that_deletes_too_much_is_held(tmp_path: Path) -> None:
    """Code 1 until it is confirmed; the live version stays."""
    store, iri = tmp_path / "store", "https://e.example/dataset"
    run("load", SAMPLES / "fr-formations" / "formations.xml", "--dataset", iri, "--store", store)
    before = count(store)
    arguments = ("load", BROKEN / "correct.xml", "--dataset", iri, "--store", store)
    held = run(*arguments)
    assert held.exit_code == 1
    assert "held: it would delete 79 of 79 records" in held.output
    assert count(store) == before
    assert run(*arguments, "--partial").exit_code == 0
    assert count(store) > before
    assert run(*arguments, "--confirm").exit_code == 0
    assert count(store) < before


def test_an_empty_version_is_held(tmp_path: Path) -> None:
    """A document without records is held, not published as a deletion of everything."""
    empty = tmp_path / "empty.xml"
    empty.write_text('<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/"/>')
    result = run("load", empty, "--store", tmp_path / "store")
    assert result.exit_code == 1
    assert "held: there is no record in it" in result.output


def test_going_back_withdrawing_and_rebuilding(store: Path) -> None:
    """Revert and withdraw are events; rebuild gives the same content."""
    live = count(store)
    assert run("revert", "--store", store, "--dataset", FINNISH, "--version", 1).exit_code == 0
    first = count(store)
    assert first != live
    assert run("revert", "--store", store, "--dataset", FINNISH, "--version", 2).exit_code == 0
    assert count(store) == live
    assert run("withdraw", "--store", store, "--dataset", FINNISH).exit_code == 0
    withdrawn = count(store)
    assert withdrawn < live
    assert run("rebuild", "--store", store).exit_code == 0
    assert count(store) == withdrawn
    again = run("load", SAMPLES / "fi-koulutustarjonta" / "v2", "--store", store)
    assert again.exit_code == 0
    assert count(store) == live


def test_dump_is_what_the_store_holds(samples: Path, tmp_path: Path) -> None:
    """The dump's quads are exactly those of the dataset graphs, each once."""
    output = tmp_path / "all.nq"
    assert run("dump", "--store", samples, "-o", output).exit_code == 0
    quads = list(ox.parse(path=str(output), format=ox.RdfFormat.N_QUADS))
    assert len(quads) == len(set(quads))
    graphs = {quad.graph_name.value for quad in quads}
    total = 0
    for graph in graphs:
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        total += int(run("query", "--store", samples, query).stdout.splitlines()[1])
    assert total == len(quads)


@pytest.mark.parametrize(
    ("query", "name", "words"),
    [
        ("ASK { ?s ?p ?o }", None, "true"),
        ("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1", "json", '"vars":["s"]'),
        ("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1", "csv", "s\nhttp"),
        ("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", None, " ."),
        ("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "jsonld", '"@id"'),
    ],
)
def test_queries_in_several_formats(
    samples: Path, query: str, name: str | None, words: str
) -> None:
    """Each kind of query answers in its own formats."""
    options = ["--format", name] if name else []
    result = run("query", "--store", samples, query, *options)
    assert result.exit_code == 0
    assert words in result.stdout


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT * WHERE { ?s ?p }", "1:25"),
        ("@nowhere.rq", "cannot read nowhere.rq"),
    ],
)
def test_queries_that_are_refused(samples: Path, query: str, words: str) -> None:
    """A query that calls out, is malformed or is not there gives code 2 and the place."""
    result = run("query", "--store", samples, query)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_result_in_a_format_of_another_kind_is_refused(samples: Path) -> None:
    """Rows cannot come as Turtle, graphs not as CSV."""
    assert run("query", "--store", samples, COUNT, "--format", "ttl").exit_code == 2


def test_status_and_log_are_stable_json(samples: Path) -> None:
    """The documented members are there."""
    status = json.loads(run("status", "--store", samples, "--json").stdout)
    assert set(status) == {"base", "sequence", "datasets"}
    assert len(status["datasets"]) == 9
    assert set(status["datasets"][0]) == {
        "dataset",
        "title",
        "version",
        "time",
        "records",
        "triples",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["revert", "--dataset", "urn:x:y", "--version", "1"],
        ["serve"],
        ["dump"],
    ],
)
def test_there_must_be_a_store(arguments: list[str], tmp_path: Path) -> None:
    """Without a store, or without saying where, the code is 2 and the message helps."""
    assert "no store in" in run(*arguments, "--store", tmp_path).stderr
    assert "--store DIR" in run(*arguments).stderr


def test_the_store_can_be_a_setting(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EUROPASS_LD_STORE stands in for --store."""
    monkeypatch.setenv("EUROPASS_LD_STORE", str(samples))
    assert run("status").exit_code == 0


def test_init_fixes_the_base(tmp_path: Path) -> None:
    """The base is that of init from then on, whatever the setting says later."""
    store = tmp_path / "store"
    assert run("init", "--store", store, "--base", "https://ld.example.org/").exit_code == 0
    assert run("init", "--store", store).exit_code == 2
    run("load", ROOT / "tests/lift/golden/loq.xml", "--store", store)
    assert "<https://ld.example.org/id/dataset/loq>" in run("status", "--store", store).stdout
    assert run("init", "--store", tmp_path / "b", "--base", "no base").exit_code == 2
