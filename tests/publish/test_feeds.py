"""The event streams over HTTP, read as a client reads them."""

from datetime import timedelta

import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from pyshacl import validate
from rdflib.namespace import PROV
from werkzeug.http import http_date

from europass_ld.harvest.names import dataset_name
from europass_ld.publish.site import site_of
from europass_ld.terms import PREFIXES

from . import sample

AS = rdflib.Namespace(PREFIXES["as"])
LDES = rdflib.Namespace(PREFIXES["ldes"])
TREE = rdflib.Namespace(PREFIXES["tree"])
ROOT = "/feeds/records"
OF_FIRST = f"{ROOT}/{dataset_name(sample.FIRST)}"
FORMATS = {"trig": "application/trig", "nq": "application/n-quads", "jsonld": "application/ld+json"}


def _read(client: FlaskClient, address: str, media_type: str = "") -> rdflib.Dataset:
    response = client.get(address, headers={"Accept": media_type} if media_type else {})
    assert response.status_code == 200, response.text
    kind = response.content_type.partition(";")[0]
    assert kind == (media_type or "application/trig")
    name = next(name for name, one in FORMATS.items() if one == kind)
    parser = {"jsonld": "json-ld", "nq": "nquads"}.get(name, name)
    return rdflib.Dataset().parse(data=response.text, format=parser)


def _replicate(client: FlaskClient, root: str) -> rdflib.Dataset:
    """Follow all relations from a root, and return the members of all pages together."""
    found, seen = rdflib.Dataset(), set()
    waiting = [rdflib.URIRef(sample.BASE + root[1:])]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        page = _read(client, str(node).replace(sample.BASE, "/"))
        for relation in page.default_graph.objects(node, TREE.relation):
            assert page.default_graph.value(relation, TREE.path) == AS.published
            waiting += page.default_graph.objects(relation, TREE.node)
        for subject, predicate, value, name in page.quads():
            graph = found.graph(name) if name else found.default_graph
            graph.add((subject, predicate, value))
    return found


def _latest(found: rdflib.Dataset) -> set[tuple[str, str]]:
    """Return what the last activities of each record in each dataset leave: lines by dataset."""
    graph = found.default_graph
    activities = sorted(
        graph.subjects(AS.object),
        key=lambda one: int(graph.value(one, rdflib.URIRef(PREFIXES["eld"] + "sequence"))),
    )
    last = {(graph.value(one, AS.object), graph.value(one, AS.target)): one for one in activities}
    return {
        (str(dataset), " ".join(term.n3() for term in triple))
        for (_, dataset), one in last.items()
        for triple in found.graph(one)
    }


def _dumped(app: Flask, dataset: str | None = None) -> set[tuple[str, str]]:
    lines = b"".join(site_of(app).reader.dump(dataset))
    return {
        (str(quad[3]), " ".join(term.n3() for term in quad[:3]))
        for quad in rdflib.Dataset().parse(data=lines, format="nquads").quads()
    }


@pytest.mark.parametrize(("root", "dataset"), [(ROOT, None), (OF_FIRST, sample.FIRST)])
def test_the_stream_followed_is_what_is_published(
    client: FlaskClient, app: Flask, root: str, dataset: str | None
) -> None:
    """All pages together, with only the last activity of each record, are the dump."""
    found = _replicate(client, root)
    expected = _dumped(app, dataset)
    assert len(expected) > 40
    assert _latest(found) == expected
    kinds = [*found.default_graph.objects(None, rdflib.RDF.type)]
    assert kinds.count(AS.Create) == (9 if dataset is None else 8)
    assert kinds.count(AS.Delete) == 1
    assert (None, AS.target, rdflib.URIRef(sample.SECOND)) not in found or dataset is None


def test_the_root_says_what_a_client_needs(client: FlaskClient) -> None:
    """Paths, kinds of version, shape, retention, where it comes from: all in the root."""
    graph = _read(client, ROOT).default_graph
    view = rdflib.URIRef(f"{sample.BASE}feeds/records")
    stream = view + "#stream"
    assert graph.value(stream, rdflib.RDF.type) == LDES.EventStream
    assert graph.value(stream, LDES.timestampPath) == AS.published
    assert graph.value(stream, LDES.versionOfPath) == AS.object
    assert graph.value(stream, LDES.versionDeleteObject) == AS.Delete
    assert graph.value(stream, TREE.view) == view
    policy = graph.value(view, LDES.retentionPolicy)
    assert graph.value(policy, LDES.startingFrom) is not None
    assert set(graph.objects(stream, PROV.wasDerivedFrom)) == {
        rdflib.URIRef(sample.FIRST),
        rdflib.URIRef(sample.SECOND),
    }


def test_members_conform_to_the_shape_of_the_stream(client: FlaskClient) -> None:
    """The shape that the root names is served, and all members conform to it; a broken one not."""
    root = _read(client, ROOT).default_graph
    (shape,) = root.objects(None, TREE.shape)
    address = str(shape).partition("#")[0]
    with client.get(address.replace(sample.BASE, "/")) as response:
        assert response.mimetype == "text/turtle"
        shapes = rdflib.Graph().parse(data=response.data, format="turtle", publicID=address)
    assert (shape, rdflib.RDF.type, rdflib.Namespace(PREFIXES["sh"]).NodeShape) in shapes
    members = rdflib.Graph()
    for triple in _replicate(client, ROOT).default_graph:
        members.add(triple)
    assert len(set(members.subjects(AS.object))) == 10
    assert validate(members, shacl_graph=shapes)[0]
    members.remove((next(members.subjects(AS.object)), AS.target, None))
    assert not validate(members, shacl_graph=shapes)[0]


@pytest.mark.parametrize("media_type", FORMATS.values())
def test_a_page_is_the_same_in_all_formats(client: FlaskClient, media_type: str) -> None:
    """TriG is what comes unasked; JSON-LD and N-Quads say the same."""
    page = f"{ROOT}/pages/1"
    assert set(_read(client, page, media_type).quads()) == set(_read(client, page).quads())


def test_closed_pages_keep_longer_than_the_newest(client: FlaskClient) -> None:
    """Closed pages may be kept, never for ever; the root and the newest page are asked for anew."""
    kept = {
        address: client.get(ROOT + address).headers["Cache-Control"]
        for address in ("", "/pages/1", "/pages/3", "/pages/4")
    }
    assert kept["/pages/1"] == kept["/pages/3"] == "public, max-age=86400"
    assert kept[""] == kept["/pages/4"] == "public, no-cache"
    sizes = [
        len(set(_read(client, f"{ROOT}/pages/{one}").default_graph.subjects(AS.object)))
        for one in (1, 2, 3, 4)
    ]
    assert sizes == [3, 3, 3, 1]


@pytest.mark.parametrize("address", [ROOT, OF_FIRST, f"{ROOT}/pages/1", f"{OF_FIRST}/pages/3"])
@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
def test_nothing_is_sent_twice(client: FlaskClient, address: str, coding: str) -> None:
    """Entity tag and time both give 304, in every coding; a time before or another tag does not."""
    asked = {"Accept-Encoding": coding}
    first = client.get(address, headers=asked)
    assert first.headers.get("Content-Encoding", "identity") == coding
    assert first.headers["Vary"] == "Accept, Accept-Encoding"
    tag, time = first.headers["ETag"], first.headers["Last-Modified"]
    assert tag.startswith('"')
    again = client.get(address, headers={**asked, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert client.get(address, headers={"If-Modified-Since": time}).status_code == 304
    earlier = http_date(first.last_modified - timedelta(seconds=1)) if first.last_modified else ""
    assert client.get(address, headers={"If-Modified-Since": earlier}).status_code == 200
    both = {"If-None-Match": '"another"', "If-Modified-Since": time}
    assert client.get(address, headers=both).status_code == 200
    head = client.head(address, headers=asked)
    assert (head.headers["ETag"], head.data) == (tag, b"")


def test_an_activity_is_dereferenced(client: FlaskClient) -> None:
    """The IRI of a member leads to what it says and what its record said after it."""
    page = _read(client, f"{ROOT}/pages/1")
    activity = next(page.default_graph.subjects(AS.object))
    response = client.get(str(activity).replace(sample.BASE, "/"))
    assert response.status_code == 303
    found = _read(client, response.headers["Location"])
    assert set(found.graph(activity)) == set(page.graph(activity))
    assert set(found.default_graph) == set(page.default_graph.triples((activity, None, None)))


@pytest.mark.parametrize(
    "address",
    [
        f"{ROOT}/pages/0",
        f"{ROOT}/pages/5",
        f"{ROOT}/pages/99999999999999999999",
        f"{ROOT}/nothing-00000000",
        f"{ROOT}/nothing-00000000/pages/1",
        "/doc/activity/1/nothing",
        "/doc/activity/1/%FF",
        "/doc/activity/99999999999999999999/aHR0cHM6Ly9h",
    ],
)
def test_what_is_not_there(client: FlaskClient, address: str) -> None:
    """Pages, datasets and activities that there are not are a problem document."""
    response = client.get(address)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_formats_that_there_are_not(client: FlaskClient) -> None:
    """A format without named graphs is refused, whichever way it is asked for."""
    assert client.get(ROOT, headers={"Accept": "text/turtle"}).status_code == 406
    assert client.get(f"{ROOT}?format=ttl").status_code == 406
    assert client.get(f"{ROOT}?format=nq").content_type == "application/n-quads"


def test_the_catalogue_feed(client: FlaskClient) -> None:
    """Its root leads to its pages; its activities are dereferenced, and nothing is sent twice."""
    root = _read(client, "/feeds/catalogue").default_graph
    (stream,) = root.subjects(TREE.view)
    policy = root.value(rdflib.URIRef(f"{sample.BASE}feeds/catalogue"), LDES.retentionPolicy)
    assert root.value(policy, LDES.versionAmount) == rdflib.Literal(1)
    found = _replicate(client, "/feeds/catalogue")
    members = set(found.default_graph.objects(stream, TREE.member))
    assert len(members) > 20
    assert members == set(found.default_graph.subjects(AS.object))
    one = min(members, key=str)
    response = client.get(str(one).replace(sample.BASE, "/"))
    assert response.status_code == 303
    assert set(_read(client, response.headers["Location"]).graph(one)) == set(found.graph(one))
    for address in ("/feeds/catalogue", "/feeds/catalogue/pages/1"):
        first = client.get(address)
        assert first.headers["Cache-Control"] == "public, no-cache"
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    for address in ("/feeds/catalogue/pages/0", "/feeds/catalogue/pages/999"):
        assert client.get(address).status_code == 404
    assert client.get("/doc/catalogue-activity/1/nothing").status_code == 404
