"""The W3C's SPARQL 1.1 Protocol suite, run from its manifest.

<https://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/>. Every test of the query
operation passes; those of the update operation are refused, as documents are the only way in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.collection import Collection

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from europass_ld.store import Dataset, Store
from tests.shared import suites

from . import sample

_FOLDER = suites() / "sparql11" / "protocol"
_MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_HT = rdflib.Namespace("http://www.w3.org/2011/http#")
_CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
_DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
_UPDATES = {
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_named_graphs",
    "update_dataset_full",
    "update_post_form",
    "update_post_direct",
    "update_base_uri",
}
"""Tests that need an update to succeed: refused on purpose."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a test, and what is to come back."""

    method: str
    address: str
    headers: dict[str, str]
    body: bytes
    statuses: set[str]
    form: str
    truth: str


def _text(
    graph: rdflib.Graph, subject: rdflib.term.Node | None, predicate: rdflib.URIRef, default: str
) -> str:
    value = None if subject is None else graph.value(subject, predicate)
    return default if value is None else str(value)


def _exchanges(graph: rdflib.Graph, test: rdflib.term.Node) -> Iterator[Exchange]:
    action = graph.value(test, _MF.action)
    assert action is not None
    requests = graph.value(action, _HT.requests)
    assert requests is not None
    for request in Collection(graph, requests):
        response = graph.value(request, _HT.resp)
        body = graph.value(request, _HT.body)
        headers = graph.value(request, _HT.headers)
        encoding = _text(graph, body, _CNT.characterEncoding, "UTF-8")
        yield Exchange(
            _text(graph, request, _HT.methodName, ""),
            _text(graph, request, _HT.absolutePath, ""),
            {
                _text(graph, one, _HT.fieldName, ""): _text(graph, one, _HT.fieldValue, "")
                for one in (Collection(graph, headers) if headers else ())
            },
            _text(graph, body, _CNT.chars, "").encode(encoding),
            {str(one).rpartition("#")[2] for one in graph.objects(response, _MF.expectedStatus)},
            _text(graph, response, _MF.expectedFormat, ""),
            _text(graph, response, _MF.expectedBoolean, ""),
        )


def _tests() -> dict[str, list[Exchange]]:
    graph = rdflib.Graph().parse(_FOLDER / "manifest.ttl")
    return {
        str(test).rpartition("#")[2]: list(_exchanges(graph, test))
        for entries in graph.objects(None, _MF.entries)
        for test in Collection(graph, entries)
    }


_TESTS = _tests()


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Serve the suite's three graphs, each as a dataset."""
    directory = tmp_path_factory.mktemp("protocol") / "store"
    with Store.create(directory, sample.BASE) as store:
        for number in (1, 2, 3):
            iri = _DATA.format(number)
            triples = _lines(_FOLDER / f"data{number}.nt")
            dataset = Dataset(iri=iri, title={"en": iri}, family="loq")
            sample.publish(store, dataset, [sample.record(iri, "elm:Qualification", triples)])
    app = create_app(directory, Settings(vocabularies=directory))
    yield app.test_client()
    site_of(app).close()


def _lines(path: Path) -> str:
    graph = rdflib.Graph().parse(path, format="nt")
    return "".join(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in graph)


def test_the_whole_suite_is_run() -> None:
    """No test of the manifest is lost on the way."""
    assert len(_TESTS) == 34
    assert set(_TESTS) > _UPDATES
    assert all(_TESTS.values())


@pytest.mark.parametrize("name", sorted(_TESTS))
def test_protocol(endpoint: FlaskClient, name: str) -> None:
    """Each request gets the status, the kind of answer and the truth value that it should."""
    for asked in _TESTS[name]:
        response = endpoint.open(
            asked.address.replace("/sparql/", "/sparql", 1),
            method=asked.method,
            headers=asked.headers,
            data=asked.body,
        )
        if name in _UPDATES and "update" in f"{asked.headers} {asked.body!r}":
            assert response.status_code == 403
            return
        allowed = {f"StatusCode{response.status_code // 100}xx", response.status.split()[1]}
        assert asked.statuses & allowed, (response.status, response.text)
        if asked.form == "boolean":
            assert response.json
            assert response.json["boolean"] is (asked.truth != "false")
        elif asked.form == "tabular":
            assert response.content_type == "application/sparql-results+json"
        elif asked.form == "RDF":
            assert response.content_type == "text/turtle; charset=utf-8"
