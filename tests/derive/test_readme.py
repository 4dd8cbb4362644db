"""What `data/queries/README.md` says is so."""

import re
import textwrap

import pyoxigraph as ox

from europass_ld import resources
from europass_ld.examples import load_queries

from .stores import PROLOGUE, rows

README = (resources.find("data") / "queries" / "README.md").read_text(encoding="utf-8")


def test_every_query_is_listed() -> None:
    """The table has a row for each file, in order, and for nothing else."""
    assert re.findall(r"^\| `(\d\d-[a-z-]+)` \|", README, re.MULTILINE) == [
        query.id for query in load_queries()
    ]


def test_the_query_in_it_runs(samples: ox.Store) -> None:
    """The query on what is missing answers for each dataset of opportunities, the worst first."""
    (block,) = re.findall(r"(?:^    .*\n)+", README, re.MULTILINE)
    found = rows(samples, textwrap.dedent(block))
    assert len({dataset for dataset, *_ in found}) == 7
    shares = [float(share) for *_, share in found]
    assert shares == sorted(shares)
    assert shares[0] < 1


def test_each_pattern_finds_its_graph_and_no_other(samples: ox.Store) -> None:
    """Nothing in one graph of the server looks like what identifies another."""
    patterns = {
        "derived": "?record eld:derivedCountry ?country",
        "quality": "?dataset a void:Dataset",
        "provenance": "?version dct:isVersionOf ?dataset",
        "history": "?state prov:specializationOf ?record",
        "vocabulary": "?code skos:inScheme ?scheme ; skos:broader ?above",
    }
    for name, pattern in patterns.items():
        found = rows(samples, f"{PROLOGUE} SELECT DISTINCT ?g {{ GRAPH ?g {{ {pattern} }} }}")
        assert found == [[f"https://ld.example.org/id/graph/{name}"]]
    datasets = rows(
        samples,
        f"{PROLOGUE} SELECT DISTINCT ?g {{ GRAPH ?g {{ ?record a elm:LearningOpportunity }} }}",
    )
    assert len(datasets) == 7
    assert not any("/id/graph/" in graph for (graph,) in datasets)


def test_what_the_engine_cannot_do() -> None:
    """Sums of durations, and comparisons across zones, are unbound; a new engine may do better."""
    store = ox.Store()
    moments = '"2026-01-01T00:00:00"^^xsd:dateTime < "2026-01-01T10:00:00Z"^^xsd:dateTime'
    days = '"2026-01-01"^^xsd:date < "2026-01-01Z"^^xsd:date'
    durations = 'VALUES ?d { "P1Y"^^xsd:duration "P2Y"^^xsd:duration }'
    for what, where in ((moments, ""), (days, ""), ("SUM(?d)", durations), ("AVG(?d)", durations)):
        found = rows(store, f"{PROLOGUE} SELECT ({what} AS ?answer) {{ {where} }}")
        assert found == [["-"]], what
