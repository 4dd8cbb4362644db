"""Look-ups are answered without a worker, and as a worker would answer them."""

from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from europass_ld.errors import QueryRefused
from europass_ld.queries import Query, UnwantedOutcome
from europass_ld.queries import pool as pool_module
from europass_ld.queries.lookups import is_lookup
from europass_ld.store import Record, Store

from .conftest import MakePool
from .stores import BASE, COURSE, DATASET, FACTS, build, deliver

LOOKUPS = (
    "DESCRIBE <{iri}>",
    "describe<{iri}> # 1",
    "PREFIX x: <{iri}> BASE<{iri}>\nDESCRIBE # one\n x:a",
    "SELECT * {{ <{iri}> ?p ?o }}",
    "SELECT ?o ?p WHERE {{<{iri}> ?p ?o.}}# new",
    "SELECT ?o {{ <{iri}> a ?o }}",
    "SELECT ?o {{ <{iri}> <http://purl.org/dc/terms/title> ?o }}",
    "SELECT ?p {{ <{iri}> ?p <{iri}> }}",
    "SELECT ?x {{ <{iri}> ?p ?o }}",
)
OTHERS = (
    "DESCRIBE ?x {{ ?x a <{iri}> }}",
    "DESCRIBE <{iri}> <{iri}>",
    "DESCRIBE *",
    "DESCRIBE <{iri}> FROM <{iri}>",
    "SELECT * FROM <{iri}> {{ <{iri}> ?p ?o }}",
    "SELECT * {{ <{iri}> ?x ?x }}",
    "SELECT * {{ ?s ?p ?o }}",
    "SELECT * {{ ?s a <{iri}> }}",
    "SELECT * {{ <{iri}> ?p ?o . ?o ?q ?r }}",
    "SELECT * {{ <{iri}> ?p ?o ; ?q ?r }}",
    "SELECT * {{ <{iri}> ?p ?o, ?r }}",
    "SELECT * {{ <{iri}> <a:b>* ?o }}",
    "SELECT * {{ <{iri}> <a:b>/<a:c> ?o }}",
    "SELECT * {{ <{iri}> ?p ?o }} ORDER BY ?o",
    "SELECT DISTINCT * {{ <{iri}> ?p ?o }}",
    "SELECT (RAND() AS ?r) {{ <{iri}> ?p ?o }}",
    "SELECT * {{ SERVICE <{iri}> {{ <{iri}> ?p ?o }} }}",
    "SELECT * {{ GRAPH ?g {{ <{iri}> ?p ?o }} }}",
    "SELECT * {{ <{iri}> ?p ?o }} {{ ?s ?p ?o }}",
    "SELECT * {{ <{iri}> ?p ?o FILTER(?o) }}",
    "CONSTRUCT {{ ?s ?p ?o }} {{ <{iri}> ?p ?o }}",
    "ASK {{ <{iri}> ?p ?o }}",
)
IRI = "https://e.example/q"


@pytest.mark.parametrize("text", LOOKUPS)
def test_what_is_a_look_up(text: str) -> None:
    """All, or one property, or the links to another, of one node."""
    assert is_lookup(Query(text=text.format(iri=IRI)))


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_none(text: str) -> None:
    """Whatever may read more than it gives, or reads something else, runs where it can be ended."""
    assert not is_lookup(Query(text=text.format(iri=IRI)))


@pytest.mark.parametrize(
    "query",
    [
        Query(text=f"DESCRIBE <{IRI}>", default_graph=(IRI,)),
        Query(text=f"DESCRIBE <{IRI}>", named_graphs=(IRI,)),
        Query(text=f"DESCRIBE <{IRI}>", generation=Path("x")),
        Query(text=f"DESCRIBE <{IRI}>", most_lines=1),
    ],
)
def test_only_of_the_state_that_is_current(query: Query) -> None:
    """Other graphs, an older state and a part of an answer are left to workers."""
    assert not is_lookup(query)


@given(st.text(alphabet="<>{}?$ap#\n .:*'\"\\;,|SELCTDRIB", max_size=40))
def test_a_look_up_has_one_pattern(inner: str) -> None:
    """Whatever stands between the braces, another parser finds one triple pattern and no more."""
    text = f"SELECT * {{ <{IRI}> {inner} }}"
    if is_lookup(Query(text=text)):
        try:
            algebra = prepareQuery(text, initNs={"a": "a:", "p": "p:"}).algebra
        except Exception:  # noqa: BLE001 - it has no type of its own for what is no query
            return
        found = algebra.p.p
        assert found.name == "BGP"
        assert len(found.triples) == 1


@pytest.mark.parametrize("text", LOOKUPS)
def test_the_answer_is_that_of_a_worker(text: str, make_pool: MakePool) -> None:
    """Bytes, format, kind and state are the same, and no worker was needed."""
    pool = make_pool()
    query = Query(text=text.format(iri=f"{COURSE}7"))
    answer = pool.run(query)
    assert answer.complete
    assert pool.counters() == {"answered": 1}
    with patch.object(pool_module, "is_lookup", return_value=False):
        other = pool.run(query)
    assert pool.counters()["workers_started"] > 0
    assert (answer.outcome, answer.format) == (other.outcome, other.format)
    assert answer.sequence == other.sequence
    assert answer.read() == other.read()


def test_errors_are_those_of_a_worker(make_pool: MakePool) -> None:
    """A prefix that was not declared, and a kind of answer that nobody takes, are explained."""
    pool = make_pool()
    with pytest.raises(QueryRefused, match="at 1:"):
        pool.run(Query(text="DESCRIBE nobody:knows"))
    with pytest.raises(UnwantedOutcome):
        pool.run(Query(text=f"DESCRIBE <{COURSE}7>", graph=None))


def test_a_long_answer_takes_a_worker(tmp_path: Path, make_pool: MakePool) -> None:
    """What is said of a node may be much: then it is read where it can be ended."""
    directory = tmp_path / "store"
    Store.create(directory, BASE).close()
    text = "".join(f'<{IRI}> <a:b> "{number:0100}" .\n' for number in range(1_000))
    record = Record(iri=IRI, type="a:B", digest=b"1", file="f", line=1, triples=text)
    with Store.open(directory) as store, store.delivery(DATASET) as delivery:
        delivery.add(record)
        delivery.publish(facts=FACTS, report_json="{}", report_triples="")
    pool = make_pool(directory)
    assert pool.run(Query(text=f"DESCRIBE <{IRI}>", graph="nt")).read().count(b"\n") == 1_000
    assert pool.counters()["workers_started"] > 0


def test_a_newer_state_is_seen(tmp_path: Path, make_pool: MakePool) -> None:
    """A look-up is answered from the state that is current when it comes."""
    directory = build(tmp_path / "store", courses=10)
    pool = make_pool(directory)
    query = Query(text=f"DESCRIBE <{COURSE}7>", graph="nt")
    first = pool.run(query)
    sequence = deliver(directory, courses=10, edition=2)
    second = pool.run(query)
    assert first.sequence != second.sequence == sequence
    assert first.read() != second.read()
