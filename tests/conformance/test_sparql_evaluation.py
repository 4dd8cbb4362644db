"""The W3C's SPARQL 1.1 evaluation suite, over HTTP, against the server as it is run.

<https://www.w3.org/2009/sparql/docs/tests/>, without entailment and federation. Each test's data
become the generation that the server reads; the queries go by POST, and answers come back in the
format of the expected ones, through the guard, the pool and the serialisers.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.collection import Collection

from europass_ld.terms import PREFIXES
from tests.publish.plain_store import PlainStore
from tests.publish.test_server import start, stop
from tests.shared import suites

pytestmark = pytest.mark.slow

_SUITE = suites() / "sparql11"
_BASE = "http://suite.example/"
_MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
_RS = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_XSD = PREFIXES["xsd"]
_ACCEPT = {
    "srx": "application/sparql-results+xml",
    "srj": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle, application/sparql-results+json",
    "rdf": "application/rdf+xml, application/sparql-results+json",
}
_SPELLING = "the engine keeps the value of a number or truth value, not how it was spelt or derived"
_ZERO_LENGTH = "a path of length zero finds no term that is nowhere in the data"
_ITERATION = "GRAPH with a variable is evaluated pattern by pattern, not graph by graph"
_LANGUAGE = "GROUP_CONCAT keeps a language tag that all its texts have"
_DEVIATIONS = {
    f"http://www.w3.org/2009/sparql/docs/tests/data-sparql11/{folder}/manifest#{name}": reason
    for folder, name, reason in (
        ("aggregates", "agg-groupconcat-04", _LANGUAGE),
        ("aggregates", "agg-groupconcat-06", _LANGUAGE),
        ("aggregates", "agg-empty-group-count-graph", _ITERATION),
        ("bindings", "graph", _ITERATION),
        ("negation", "graph-minus", _ITERATION),
        ("functions", "bnode01", "BNODE gives one node for a text in all solutions"),
        ("property-path", "zero_or_more_set_start", _ZERO_LENGTH),
        ("property-path", "zero_or_more_set_end", _ZERO_LENGTH),
        ("property-path", "zero_or_one_set_start", _ZERO_LENGTH),
        ("property-path", "zero_or_one_set_end", _ZERO_LENGTH),
        ("csv-tsv-res", "csv03", _SPELLING),
        ("csv-tsv-res", "tsv03", _SPELLING),
    )
}
"""Tests that the engine does not pass, by IRI, with the reason."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: files by the names that they have as IRIs below the base."""

    iri: str
    folder: Path
    query: str
    data: tuple[str, ...]
    graphs: tuple[tuple[str, str], ...]
    result: str

    @property
    def name(self) -> str:
        """How pytest calls it."""
        return f"{self.folder.name}/{self.iri.rpartition('#')[2]}"


def _file(node: rdflib.term.Node | None) -> str:
    return str(node).removeprefix(_BASE)


def _cases(folder: Path) -> Iterator[Case]:
    manifest = rdflib.Graph().parse(folder / "manifest.ttl", publicID=f"{_BASE}manifest.ttl")
    for entries in manifest.objects(None, _MF.entries):
        for test in Collection(manifest, entries):
            kinds = set(manifest.objects(test, rdflib.RDF.type))
            if not kinds & {_MF.QueryEvaluationTest, _MF.CSVResultFormatTest}:
                continue
            action = manifest.value(test, _MF.action)
            assert action is not None
            yield Case(
                str(test),
                folder,
                _file(manifest.value(action, _QT.query)),
                tuple(_file(one) for one in manifest.objects(action, _QT.data)),
                tuple(_named(manifest, one) for one in manifest.objects(action, _QT.graphData)),
                _file(manifest.value(test, _MF.result)),
            )


def _named(manifest: rdflib.Graph, node: rdflib.term.Node) -> tuple[str, str]:
    if isinstance(node, rdflib.URIRef):
        return str(node), _file(node)
    return str(manifest.value(node, rdflib.RDFS.label)), _file(manifest.value(node, _QT.graph))


def _folders(manifest: str) -> Iterator[Path]:
    graph = rdflib.Graph().parse(_SUITE / manifest, publicID=f"{_BASE}{manifest}")
    for included in graph.objects(None, _MF.include):
        for one in Collection(graph, included):
            yield _SUITE / _file(one).removesuffix("/manifest.ttl")


_QUERY = [case for one in _folders("manifest-sparql11-query.ttl") for case in _cases(one)]
_RESULTS = [case for one in _folders("manifest-sparql11-results.ttl") for case in _cases(one)]


def test_the_whole_suite_is_run() -> None:
    """No test of the manifests is lost on the way, and what deviates is in them."""
    by_kind = Counter("csv" if one.result.endswith(".csv") else "other" for one in _RESULTS)
    assert (len(_QUERY), by_kind["other"], by_kind["csv"]) == (225, 7, 3)
    assert {case.iri for case in (*_QUERY, *_RESULTS)} >= set(_DEVIATIONS)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> PlainStore:
    """Make the store that the server reads."""
    return PlainStore(tmp_path_factory.mktemp("evaluation") / "store", _BASE)


@pytest.fixture(scope="module")
def endpoint(store: PlainStore) -> Iterator[str]:
    """Run the server; return the address of its endpoint."""
    running = start(store.directory)
    yield f"{running.base}/sparql"
    assert stop(running)[0] == 0


@pytest.mark.parametrize("case", [*_QUERY, *_RESULTS], ids=lambda case: str(case.name))
def test_evaluation(store: PlainStore, endpoint: str, case: Case) -> None:
    """The answer is the expected one, up to names of blank nodes and spellings of numbers."""
    names = [(None, one) for one in case.data] + [*case.graphs]
    quads = [quad for name, file in names for quad in _quads(case.folder / file, name)]
    store.show(quads, [ox.NamedNode(name) for name, _ in case.graphs])
    text = (case.folder / case.query).read_bytes()
    accept = _ACCEPT[case.result.rpartition(".")[2]]
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    with urlopen(Request(endpoint, data=text, headers=headers), timeout=30) as response:
        given, kind = response.read(), response.headers.get_content_type()
    expected = case.folder / case.result
    same = _same(given, kind, expected)
    assert same is (case.iri not in _DEVIATIONS), given.decode()


def _quads(path: Path, graph: str | None) -> Iterator[ox.Quad]:
    name = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    base = f"{_BASE}{path.name}"
    for quad in ox.parse(path=str(path), base_iri=base, rename_blank_nodes=True):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, name)


def _same(given: bytes, kind: str, expected: Path) -> bool:
    if kind == "text/csv":
        return _table(given) == _table(expected.read_bytes())
    if kind in {"text/turtle", "application/rdf+xml"}:
        format_ = ox.RdfFormat.from_media_type(kind)
        return _canonical(ox.parse(given, format=format_)) == _canonical(_quads(expected, None))
    results = ox.parse_query_results(given, format=ox.QueryResultsFormat.from_media_type(kind))
    if expected.suffix in {".ttl", ".rdf"}:
        assert isinstance(results, ox.QuerySolutions)
        return _canonical(_rows(results)) == _canonical(_rows_of_graph(expected))
    wanted = ox.parse_query_results(path=str(expected))
    if isinstance(results, ox.QueryBoolean) or isinstance(wanted, ox.QueryBoolean):
        return isinstance(results, type(wanted)) and bool(results) is bool(wanted)
    assert isinstance(results, ox.QuerySolutions)
    assert isinstance(wanted, ox.QuerySolutions)
    variables = [sorted(one.value for one in each.variables) for each in (results, wanted)]
    return variables[0] == variables[1] and _canonical(_rows(results)) == _canonical(_rows(wanted))


def _table(data: bytes) -> Counter[frozenset[tuple[str, str]]]:
    """Return the rows of a CSV result; SELECT * promises no order of columns."""
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return Counter(
        frozenset((name, "_:" if cell.startswith("_:") else cell) for name, cell in row.items())
        for row in rows
    )


def _rows(results: ox.QuerySolutions) -> Iterator[ox.Quad]:
    """Say what a result holds as a graph, in which each row is a blank node."""
    for row in results:
        node = ox.BlankNode()
        yield ox.Quad(node, ox.NamedNode("urn:row"), node)
        for variable, term in zip(results.variables, row, strict=True):
            if term is not None:
                yield ox.Quad(node, ox.NamedNode(f"urn:variable:{variable.value}"), term)


def _rows_of_graph(path: Path) -> Iterator[ox.Quad]:
    graph = ox.Store()
    graph.extend(_quads(path, None))
    rows = graph.query(
        f"SELECT ?row ?name ?value {{ [] <{_RS.solution}> ?row OPTIONAL {{ ?row <{_RS.binding}>"
        f" ?b . ?b <{_RS.variable}> ?name ; <{_RS.value}> ?value }} }}"
    )
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        yield ox.Quad(row["row"], ox.NamedNode("urn:row"), row["row"])
        if row["name"] is not None:
            name = ox.NamedNode(f"urn:variable:{row['name'].value}")
            yield ox.Quad(row["row"], name, row["value"])


def _canonical(quads: Iterable[ox.Quad]) -> set[str]:
    dataset = ox.Dataset(
        ox.Quad(one.subject, one.predicate, _plain(one.object), one.graph_name) for one in quads
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(one) for one in dataset}


def _plain(term: Any) -> Any:
    """Return a number spelt in one way; other terms as they are."""
    if isinstance(term, ox.Literal):
        kind = term.datatype.value.removeprefix(_XSD)
        with suppress(ValueError, ArithmeticError):
            if kind in {"integer", "decimal"}:
                return ox.Literal(f"{Decimal(term.value).normalize():f}", datatype=term.datatype)
            if kind == "boolean":
                return ox.Literal(
                    {"0": "false", "1": "true"}.get(term.value, term.value), datatype=term.datatype
                )
            if kind in {"double", "float"}:
                return ox.Literal(repr(float(term.value)), datatype=term.datatype)
    return term
