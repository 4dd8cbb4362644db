"""The example queries answer what they say: against answers by hand, and over the samples."""

import csv
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.derive import FormerState, history, history_graph
from europass_ld.examples import ExampleQuery, load_queries
from europass_ld.terms import expand

from .stores import BASE, PROVENANCE, SAMPLES, lifted, rows, sample_store, short, store_of, turtle

DATA = Path(__file__).parents[1] / "queries_data"
QUERIES = {query.id: query for query in load_queries()}
FEWEST_ROWS = {"02-referencing-that-differs": 0, "06-expired-accreditations": 0}
"""Samples were written to be right, so nothing is wrong with their levels and accreditations."""

OPPORTUNITY = expand("elm:LearningOpportunity")
EXAMPLES = pytest.mark.parametrize("query", load_queries(), ids=[*QUERIES])


def answer(store: ox.Store, query: ExampleQuery) -> list[list[str]]:
    """Return the header and the rows of a query's answer."""
    solutions = store.query(query.text)
    assert isinstance(solutions, ox.QuerySolutions)
    header = [variable.value for variable in solutions.variables]
    return [header, *([short(term) for term in row] for row in solutions)]


def test_there_are_fifteen_with_an_answer_each() -> None:
    """No query escapes its dataset, and no dataset its query."""
    assert len(QUERIES) == 15
    assert {path.stem for path in DATA.glob("*.trig")} == set(QUERIES)
    assert {path.stem for path in DATA.glob("*.csv")} == set(QUERIES)


@EXAMPLES
def test_answer_by_hand(query: ExampleQuery) -> None:
    """The query gives the answer that was worked out on paper, row by row and in order."""
    store, _ = store_of((DATA / f"{query.id}.trig").read_text(encoding="utf-8"))
    with (DATA / f"{query.id}.csv").open(encoding="utf-8", newline="") as stream:
        assert answer(store, query) == list(csv.reader(stream))


@EXAMPLES
def test_says_what_it_is(query: ExampleQuery) -> None:
    """Each query has a title, a question, its trap and keywords, and explains itself on the way."""
    assert 10 <= len(query.label) <= 70
    assert "?" in query.comment
    assert "Trap: " in query.comment
    assert query.keywords
    assert query.kind == "select"
    assert re.search(r"^ *# \w", query.text, re.MULTILINE)
    assert max(map(len, query.text.splitlines())) <= 102


@EXAMPLES
def test_names_no_server(query: ExampleQuery) -> None:
    """Graphs are found by what is in them, so that a query runs on any server."""
    assert "GRAPH <" not in query.text
    assert "example" not in query.text


@pytest.fixture(scope="module")
def samples() -> ox.Store:
    """All samples, the two versions of the Finnish dataset with what is known of both."""
    store = sample_store()
    folder = SAMPLES / "fi-koulutustarjonta"
    before, after = opportunities(folder / "v1"), opportunities(folder / "v2")
    dataset = "https://data.koulutustarjonta.example/dataset/learning-opportunities"
    provenance = [
        f"version:1 dct:isVersionOf <{dataset}> ; eld:sequence 1 .",
        f"version:2 dct:isVersionOf <{dataset}> ; eld:sequence 2 ; prov:wasRevisionOf version:1 .",
    ]
    for iri, text in after.items():
        version = 1 if before.get(iri) == text else 2
        provenance.append(
            f"<{iri}> prov:wasDerivedFrom version:{version} ; eld:verdict eld:conforms ."
        )
    for quad in turtle(f"<{PROVENANCE}> {{ {' '.join(provenance)} }}"):
        store.add(quad)
    former = (
        FormerState(
            iri, OPPORTUNITY, f"{BASE}id/version/1", f"{BASE}id/version/2", expand("eld:conforms")
        )
        for iri, text in before.items()
        if after.get(iri) != text
    )
    text = "".join(history(former, base=BASE))
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(history_graph(BASE)))
    return store


def opportunities(folder: Path) -> dict[str, str]:
    """Return what is said of each opportunity in the documents of a folder, by IRI."""
    lines = lifted(folder).decode().splitlines()
    start = f"> <{expand('rdf:type')}> <{OPPORTUNITY}> ."
    said: dict[str, str] = {}
    iri = ""
    for line in lines:
        if line.endswith(start):
            iri = line.removesuffix(start)[1:]
        elif f"<{expand('rdf:type')}> <{expand('elm:')}" in line and "genid" not in line:
            iri = ""
        said[iri] = said.get(iri, "") + line
    del said[""]
    return said


@EXAMPLES
def test_runs_over_the_samples(samples: ox.Store, query: ExampleQuery) -> None:
    """Each query says something of the samples, and says nothing twice."""
    header, *found = answer(samples, query)
    assert len(found) >= FEWEST_ROWS.get(query.id, 1)
    assert len(set(map(tuple, found))) == len(found)
    for name in (*header[-1:], *(one for one in header if one.startswith("share"))):
        column = [row[header.index(name)] for row in found]
        assert query.id in FEWEST_ROWS or column != ["-"] * len(column), name


def test_two_versions_of_a_sample(samples: ox.Store) -> None:
    """The two documents, laid side by side: two opportunities are new, six differ, two are gone."""
    (row,) = rows(samples, QUERIES["15-between-two-versions"].text)
    assert row[1:4] == ["2", "6", "2"]
