"""The W3C's suites of the Graph Store Protocol, its reading side, and of Service Description.

<https://www.w3.org/2009/sparql/docs/tests/>. A request that writes is refused with 405; the test
then does by hand what it asked for, so that each request that reads meets the graphs it should.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.collection import Collection
from werkzeug.test import TestResponse

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from tests.publish.plain_store import PlainStore
from tests.shared import suites

_SUITE = suites() / "sparql11"
_HOST = "http://www.example/"
_MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_HT = rdflib.Namespace("http://www.w3.org/2011/http#")
_CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
_SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
_READS = {"GET", "HEAD"}
_CREATES = "post_get_new_graph"
"""The one test whose graph is named by a write: there is nothing to read without it."""

Graphs = dict[str, list[ox.Quad]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and what is to come back of one that reads."""

    method: str
    address: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    expected: str | None

    @property
    def graph(self) -> str:
        """The name of the graph, empty for the default graph."""
        parts = urlsplit(self.address)
        query = parse_qs(parts.query, keep_blank_values=True)
        if "default" in query:
            return ""
        return query["graph"][0] if "graph" in query else f"{_HOST}{parts.path[1:]}"


def _exchanges(graph: rdflib.Graph, test: rdflib.term.Node) -> Iterator[Exchange]:
    action = graph.value(test, _MF.action)
    assert action is not None
    requests = graph.value(action, _HT.requests)
    assert requests is not None
    for request in Collection(graph, requests):
        answer = graph.value(request, _HT.resp)
        assert answer is not None
        body = graph.value(answer, _HT.body)
        sent = graph.value(request, _HT.body)
        headers = graph.value(request, _HT.headers)
        yield Exchange(
            str(graph.value(request, _HT.methodName)),
            str(graph.value(request, _HT.absolutePath)),
            {
                str(graph.value(one, _HT.fieldName)): str(graph.value(one, _HT.fieldValue))
                for one in (Collection(graph, headers) if headers else ())
            },
            b"" if sent is None else str(graph.value(sent, _CNT.chars)).encode(),
            frozenset(
                str(one).rpartition("#")[2] for one in graph.objects(answer, _MF.expectedStatus)
            ),
            None if body is None else str(graph.value(body, _CNT.chars)),
        )


def _graph_store_tests() -> dict[str, list[Exchange]]:
    found = {}
    for kind in ("direct", "indirect"):
        path = _SUITE / "graph-store-protocol" / f"manifest-{kind}.ttl"
        text = path.read_text(encoding="utf-8").replace("/gsp", "/rdf-graphs")
        text = text.replace("%2Fgsp", "%2Frdf-graphs")
        graph = rdflib.Graph().parse(data=text, format="turtle", publicID=path.as_uri())
        for entries in graph.objects(None, _MF.entries):
            for test in Collection(graph, entries):
                found[str(test).rpartition("#")[2]] = list(_exchanges(graph, test))
    return found


_TESTS = _graph_store_tests()


def test_the_whole_suite_is_run() -> None:
    """No test of the manifests is lost on the way."""
    assert len(_TESTS) == 13
    assert _CREATES in _TESTS
    asked = Counter(one.method in _READS for test in _TESTS.values() for one in test)
    assert asked == {True: 18, False: 21}
    assert len(_service_tests()) == 3


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer be given from memory: all generations of a plain store are of one state."""
    monkeypatch.setattr("europass_ld.publish.sparql.answers.note_lasting", lambda *_: None)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> PlainStore:
    """Make the store that is served."""
    return PlainStore(tmp_path_factory.mktemp("graphs") / "store", _HOST)


@pytest.fixture(scope="module")
def client(store: PlainStore) -> Iterator[FlaskClient]:
    """Serve it."""
    app = create_app(store.directory, Settings(vocabularies=Path(store.directory)))
    yield app.test_client(use_cookies=False)
    site_of(app).close()


@pytest.mark.parametrize("name", sorted(set(_TESTS) - {_CREATES}))
def test_graph_store(store: PlainStore, client: FlaskClient, name: str) -> None:
    """Each request that reads gets the status, the kind and the graph that it should."""
    graphs: Graphs = {}
    for asked in _TESTS[name]:
        _show(store, graphs)
        response = client.open(
            asked.address,
            method=asked.method,
            headers=asked.headers,
            data=asked.body,
            base_url=_HOST,
        )
        if asked.method in _READS:
            _check(asked, response)
            continue
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert response.content_type == "application/problem+json"
        _write(graphs, asked)


def _show(store: PlainStore, graphs: Graphs) -> None:
    store.show(
        (
            ox.Quad(
                quad.subject,
                quad.predicate,
                quad.object,
                ox.NamedNode(name) if name else ox.DefaultGraph(),
            )
            for name, quads in graphs.items()
            for quad in quads
        ),
        [ox.NamedNode(name) for name in graphs if name],
    )


def _write(graphs: Graphs, asked: Exchange) -> None:
    if asked.method == "DELETE":
        graphs.pop(asked.graph, None)
        return
    kind = next(value for key, value in asked.headers.items() if key.lower() == "content-type")
    message = message_from_bytes(b"Content-Type: %s\r\n\r\n%s" % (kind.encode(), asked.body))
    parts = [one for one in message.walk() if not one.is_multipart()]
    new = [quad for one in parts for quad in _parsed(one, f"{_HOST}{asked.address[1:]}")]
    old = graphs.get(asked.graph, []) if asked.method == "POST" else []
    graphs[asked.graph] = [*old, *new]


def _parsed(part: Message, base: str) -> Iterator[ox.Quad]:
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    format_ = ox.RdfFormat.from_media_type(part.get_content_type())
    yield from ox.parse(body, format=format_, base_iri=base, rename_blank_nodes=True)


def _check(asked: Exchange, response: TestResponse) -> None:
    allowed = {HTTPStatus(response.status_code).phrase.replace(" ", "")}
    allowed.add(f"StatusCode{response.status_code // 100}xx")
    assert asked.statuses & allowed, (response.status, asked.statuses)
    if asked.method == "HEAD":
        assert response.data == b""
    if asked.expected is not None:
        given = rdflib.Graph().parse(data=response.data, format=response.mimetype)
        wanted = rdflib.Graph().parse(data=asked.expected, format="turtle")
        assert given.isomorphic(wanted)


def _service_tests() -> set[str]:
    manifest = rdflib.Graph().parse(_SUITE / "service-description" / "manifest.ttl")
    return {
        str(test).rpartition("#")[2]
        for test in manifest.subjects(rdflib.RDF.type, _MF.ServiceDescriptionTest)
    }


@pytest.mark.parametrize("name", sorted(_service_tests()))
def test_service_description(client: FlaskClient, name: str) -> None:
    """What the endpoint says of itself is RDF, names itself, and uses the terms as they are meant.

    Their suite says in words only what is to be checked.
    """
    response = client.get("/sparql", base_url=_HOST)
    assert response.status_code == 200
    given = rdflib.Graph().parse(data=response.data, format=response.mimetype)
    endpoint = rdflib.URIRef(f"{_HOST}sparql")
    service = given.value(predicate=_SD.endpoint, object=endpoint)
    if name == "returns-rdf":
        assert len(given) > 10
    elif name == "has-endpoint-triple":
        assert service is not None
    else:
        assert name == "conforms-to-schema"
        assert (service, rdflib.RDF.type, _SD.Service) in given
        for language in given.objects(service, _SD.supportedLanguage):
            assert language == _SD.SPARQL11Query
        dataset = given.value(service, _SD.defaultDataset)
        assert (dataset, rdflib.RDF.type, _SD.Dataset) in given
        assert (given.value(dataset, _SD.defaultGraph), rdflib.RDF.type, _SD.Graph) in given
        for named in given.objects(dataset, _SD.namedGraph):
            assert (named, rdflib.RDF.type, _SD.NamedGraph) in given
            assert isinstance(given.value(named, _SD.name), rdflib.URIRef)
        terms = {str(one) for one in given.predicates() if str(one).startswith(str(_SD))}
        assert terms <= {
            str(_SD[one])
            for one in (
                "endpoint",
                "supportedLanguage",
                "resultFormat",
                "defaultEntailmentRegime",
                "defaultDataset",
                "defaultGraph",
                "namedGraph",
                "name",
            )
        }
