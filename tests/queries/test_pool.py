"""What a query gets: its answer, whole and in its format, or an exception that says why not."""

import json
import os
import threading
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.errors import QueryRefused, QueryTimeout, StoreUnavailable
from europass_ld.formats import RDF_FORMATS, RESULT_FORMATS
from europass_ld.queries import Query, QueryBusy, QueryPool, QueryStopped, UnwantedOutcome
from europass_ld.store import Reader, Store

from . import hostile, stores
from .conftest import MakePool
from .processes import comes_true
from .stores import COURSE, DATASET, LOOKUP, TERM

_ROWS = f"SELECT ?s ?o {{ ?s <{TERM}title> ?o }} ORDER BY ?s LIMIT 200"
_TRIPLES = f"CONSTRUCT {{ ?s <{TERM}title> ?o }} {{ ?s <{TERM}title> ?o }} LIMIT 500"
_HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


@pytest.mark.parametrize("name", [one.name for one in RESULT_FORMATS])
def test_solutions_come_in_every_format(shared_pool: QueryPool, store: Path, name: str) -> None:
    """The bytes are those that the engine writes in this process."""
    answer = shared_pool.run(Query(text=_ROWS, results=name))
    assert (answer.outcome, answer.format.name, answer.complete) == ("solutions", name, True)
    with Reader(store) as reader:
        results = reader.query(_ROWS)
        assert isinstance(results, ox.QuerySolutions)
        format_ = answer.format.oxigraph
        assert isinstance(format_, ox.QueryResultsFormat)
        assert answer.read() == results.serialize(format=format_)
        assert answer.sequence == reader.sequence


@pytest.mark.parametrize("name", [one.name for one in RDF_FORMATS])
def test_graphs_come_in_every_format(shared_pool: QueryPool, name: str) -> None:
    """The triples of a CONSTRUCT are all there."""
    answer = shared_pool.run(Query(text=_TRIPLES, graph=name))
    assert (answer.outcome, answer.format.name) == ("graph", name)
    format_ = answer.format.oxigraph
    assert isinstance(format_, ox.RdfFormat)
    assert len(set(ox.parse(answer.read(), format_))) == 500


def test_a_truth_value_is_an_outcome_of_its_own(shared_pool: QueryPool) -> None:
    """ASK is told apart from SELECT, and written in the same formats."""
    answer = shared_pool.run(Query(text="ASK { ?s ?p ?o }"))
    assert answer.outcome == "boolean"
    assert json.loads(answer.read())["boolean"] is True


def test_a_long_answer_comes_in_parts(shared_pool: QueryPool) -> None:
    """An answer larger than one part arrives whole and in order, over any number of parts."""
    text = f"SELECT ?s ?o {{ ?s ?p ?o . ?s <{TERM}edition> ?e }}"
    answer = shared_pool.run(Query(text=text, results="tsv"))
    parts = list(answer)
    assert len(parts) > 5
    assert not any(len(part) > 128 * 1024 for part in parts)
    assert b"".join(parts).count(b"\n") == 1 + 3_000 * 4
    assert answer.complete
    assert shared_pool.gauges()["fast"] == 0


def test_lines_are_counted_and_the_worker_survives(shared_pool: QueryPool) -> None:
    """An answer that is cut after so many lines needs nobody killed."""
    shared_pool.run(Query(text=LOOKUP)).read()
    started = shared_pool.counters()["workers_started"]
    rows = shared_pool.run(Query(text=_HUGE, results="tsv", most_lines=201)).read()
    triples = shared_pool.run(
        Query(text="CONSTRUCT WHERE { ?s ?p ?o }", graph="nt", most_lines=400)
    )
    assert rows.count(b"\n") == 201
    assert len(list(ox.parse_query_results(rows, ox.QueryResultsFormat.TSV))) == 200  # type: ignore[arg-type]
    assert len(list(ox.parse(triples.read(), ox.RdfFormat.N_TRIPLES))) == 400
    fewer = shared_pool.run(Query(text=LOOKUP, results="tsv", most_lines=201)).read()
    assert fewer.count(b"\n") == 5
    assert shared_pool.counters()["workers_started"] == started


def test_graphs_of_the_request_are_the_dataset(shared_pool: QueryPool) -> None:
    """Named graphs and default graphs mean what the protocol says: nothing else is there."""
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    in_graphs = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    named = (DATASET.iri,)

    def number(query: Query) -> int:
        bindings = json.loads(shared_pool.run(query).read())["results"]["bindings"]
        return int(bindings[0]["n"]["value"])

    assert number(Query(text=count)) == 12_000
    assert number(Query(text=count, default_graph=named, named_graphs=())) == 12_000
    assert number(Query(text=count, default_graph=(), named_graphs=named)) == 0
    assert number(Query(text=in_graphs, default_graph=(), named_graphs=named)) == 12_000
    assert number(Query(text=in_graphs, default_graph=named, named_graphs=())) == 0


def test_an_older_generation_can_be_asked(make_pool: MakePool, tmp_path: Path) -> None:
    """A query that names a generation is answered from it, whatever is current."""
    directory = stores.build(tmp_path / "store", courses=5)
    stores.deliver(directory, courses=5)
    older = (directory / "current").resolve()
    stores.deliver(directory, courses=5, edition=2)
    pool = make_pool(directory)
    edition = f"SELECT DISTINCT ?e {{ ?s <{TERM}edition> ?e }}"
    now = pool.run(Query(text=edition, results="tsv"))
    then = pool.run(Query(text=edition, results="tsv", generation=older))
    assert (now.read(), now.sequence) == (b"?e\n2\n", 2)
    assert (then.read(), then.sequence) == (b"?e\n1\n", None)


def test_a_refusal_says_where(shared_pool: QueryPool) -> None:
    """A query that is not well-formed is refused with line and column, before any byte."""
    with pytest.raises(QueryRefused) as raised:
        shared_pool.run(Query(text="SELECT *\n{ ?s ?p }"))
    assert (raised.value.line, raised.value.column) == (2, 10)
    with pytest.raises(QueryRefused):
        shared_pool.run(Query(text="ASK {}", default_graph=("no IRI",), named_graphs=()))


def test_an_unwanted_outcome_is_told(shared_pool: QueryPool) -> None:
    """Where the client takes no format of a kind, the error says of which kind the result is."""
    with pytest.raises(UnwantedOutcome) as raised:
        shared_pool.run(Query(text=_TRIPLES, graph=None))
    assert raised.value.outcome == "graph"
    with pytest.raises(UnwantedOutcome) as raised:
        shared_pool.run(Query(text="ASK {}", results=None))
    assert raised.value.outcome == "boolean"


def test_errors_of_a_query_cost_no_worker(pool: QueryPool) -> None:
    """A refused query leaves its worker to the next one."""
    pool.run(Query(text=LOOKUP)).read()
    started = pool.counters()["workers_started"]
    for _ in range(20):
        with pytest.raises(QueryRefused):
            pool.run(Query(text="SELECT"))
    assert pool.counters()["workers_started"] == started
    assert pool.counters()["QueryRefused"] == 20


def test_a_client_that_goes_away_frees_its_place(make_pool: MakePool) -> None:
    """Closing an answer, or forgetting it, ends the query and counts it."""
    pool = make_pool(fast_workers=1, slow_workers=1, slow_line=0, per_client=1)
    answer = pool.run(Query(text=_HUGE))
    next(answer)
    answer.close()
    assert pool.run(Query(text=LOOKUP)).read()
    pool.run(Query(text=_HUGE))
    assert pool.run(Query(text=LOOKUP)).read()
    assert pool.counters()["abandoned"] == 2
    assert pool.running() == ()


def test_reading_slowly_is_not_held_against_a_query(make_pool: MakePool) -> None:
    """The deadline stands still while the client reads; the time of the whole transfer does not."""
    text = f"SELECT * {{ ?s ?p ?o . ?t <{TERM}field> ?f }} LIMIT 5000"
    pool = make_pool(deadline=1.0)
    answer = pool.run(Query(text=text))
    assert not answer.complete
    threading.Event().wait(1.3)
    assert answer.read().count(b'"s":{') > 4_000
    pool = make_pool(deadline=1.0, transfer=1.0)
    answer = pool.run(Query(text=_HUGE))
    threading.Event().wait(1.2)
    with pytest.raises(QueryTimeout):
        answer.read()


def test_the_administrator_sees_and_stops(make_pool: MakePool) -> None:
    """A running query is listed without its text unless asked for, and can be ended."""
    pool = make_pool(deadline=20.0)
    ended: list[BaseException] = []

    def ask() -> None:
        try:
            pool.run(Query(text=hostile.LONG["cross product"]), client="192.0.2.1")
        except QueryStopped as error:
            ended.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert comes_true(lambda: any(one.state == "slow" for one in pool.running()))
    (seen,) = pool.running()
    assert (seen.client, seen.text) == ("192.0.2.1", None)
    assert seen.seconds >= 0.2
    assert seen.since.tzinfo is not None
    assert pool.running(with_text=True)[0].text == hostile.LONG["cross product"]
    assert pool.stop(seen.id)
    thread.join(2)
    assert len(ended) == 1
    assert not pool.stop(seen.id)
    assert pool.counters()["QueryStopped"] == 1


def test_a_waiting_query_can_be_stopped(make_pool: MakePool) -> None:
    """What has no worker yet is listed as waiting, and ends at once when it is stopped."""
    pool = make_pool(deadline=20.0, fast_workers=1, fast_budget=10.0, queue_wait=10.0)
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            pool.run(Query(text=hostile.LONG["cross product"]))
        except QueryStopped as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert comes_true(lambda: [one.state for one in pool.running()] == ["fast", "waiting"])
    for one in reversed(pool.running()):
        assert pool.stop(one.id)
    for thread in threads:
        thread.join(2)
    assert len(errors) == 2


def test_too_many_queries_of_one_client(make_pool: MakePool) -> None:
    """One client has so many places and no more; the others are not concerned."""
    pool = make_pool(deadline=20.0, per_client=2)
    answers = [pool.run(Query(text=_HUGE), client="a") for _ in range(2)]
    with pytest.raises(QueryBusy) as raised:
        pool.run(Query(text=LOOKUP), client="a")
    assert raised.value.limit == "per_client"
    assert 1 <= raised.value.retry_after <= 30
    assert pool.run(Query(text=LOOKUP), client="b").read()
    for answer in answers:
        answer.close()
    assert pool.run(Query(text=LOOKUP), client="a").read()
    assert pool.counters()["QueryBusy"] == 1


def test_waiting_has_an_end(make_pool: MakePool) -> None:
    """A query that gets no worker within `queue_wait` is told to come again."""
    pool = make_pool(
        deadline=20.0, fast_workers=1, fast_budget=10.0, queue_length=1, queue_wait=1.5
    )
    with pool.run(Query(text=_HUGE)):
        with pytest.raises(QueryBusy) as raised:
            pool.run(Query(text=LOOKUP))
        assert raised.value.limit == "queue_wait"
        with pytest.raises(QueryTimeout):
            pool.run(Query(text=LOOKUP), timeout=0.1)
    assert pool.run(Query(text=LOOKUP)).read()


def test_counters_hold_no_text(pool: QueryPool) -> None:
    """Nothing of a query gets into what is published about queries."""
    with pytest.raises(QueryRefused):
        pool.run(Query(text="SECRET"))
    pool.run(Query(text="ASK { <urn:secret> ?p ?o }"), client="secret").read()
    assert "secret" not in f"{pool.counters()} {pool.gauges()}".lower()


def test_a_directory_without_a_store(make_pool: MakePool, tmp_path: Path) -> None:
    """A store that cannot be opened is an error of the query, and no end of the pool."""
    pool = make_pool(tmp_path / "store")
    with pytest.raises(StoreUnavailable, match="store"):
        pool.run(Query(text="ASK {}"))
    Store.create(tmp_path / "store", stores.BASE).close()
    assert comes_true(lambda: _answers(pool))


def test_a_closed_pool_starts_again(pool: QueryPool) -> None:
    """Closing leaves nothing behind, and what was running ends with an error."""
    answer = pool.run(Query(text=_HUGE))
    pool.close()
    with pytest.raises(StoreUnavailable):
        answer.read()
    assert pool.run(Query(text=LOOKUP)).read()


def test_a_fork_begins_anew(pool: QueryPool) -> None:
    """A child process has workers of its own, and does no harm to those of its parent."""
    mine = pool.run(Query(text=f"SELECT * {{ ?s ?p ?o . ?t <{TERM}field> ?f }} LIMIT 5000"))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if b"field" in pool.run(Query(text=LOOKUP)).read() else 2
            pool.close()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert mine.read().count(b'"s":{') > 4_000
    assert b"field" in pool.run(Query(text=LOOKUP)).read()


def test_relative_iris_have_a_base(shared_pool: QueryPool) -> None:
    """A relative IRI means what it means against the base, and nothing without one."""
    text = f"ASK {{ <course/7> <{TERM}next> ?o }}"
    assert b"true" in shared_pool.run(Query(text=text, base=stores.BASE)).read()
    with pytest.raises(QueryRefused):
        shared_pool.run(Query(text=text))


def test_a_course_is_found(shared_pool: QueryPool) -> None:
    """The store of these tests holds what it should: a look-up finds what it should."""
    text = f"SELECT ?o {{ <{COURSE}7> <{TERM}next> ?o }}"
    assert shared_pool.run(Query(text=text, results="tsv")).read() == f"?o\n<{COURSE}50>\n".encode()


def _answers(pool: QueryPool) -> bool:
    try:
        return bool(pool.run(Query(text="ASK {}")).read())
    except StoreUnavailable:
        return False
