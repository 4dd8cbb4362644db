"""The catalogue over HTTP, walked as a harvester would; VoID, sitemaps and robots.txt."""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from lxml import etree
from rdflib import DCAT, VOID

from europass_ld.config import Settings
from europass_ld.harvest import drop_dumps, make_latest_dumps, sitemaps
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from europass_ld.store import Reader, content_hash
from tests.harvest.dumping import BASE, FIRST, REGISTER, load

SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
_MAP = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load two datasets and make their dumps."""
    directory = tmp_path_factory.mktemp("walk") / "store"
    load(directory, FIRST, REGISTER)
    make_latest_dumps(directory, keep=1)
    return directory


@pytest.fixture(scope="module")
def web(directory: Path, settings: Settings) -> Iterator[FlaskClient]:
    """Serve it."""
    app = create_app(directory, settings)
    yield app.test_client()
    site_of(app).close()


@pytest.fixture
def fetch(web: FlaskClient) -> Callable[[str], bytes]:
    """Return what fetches addresses below the base."""

    def fetch(address: str) -> bytes:
        assert address.startswith(BASE)
        with web.get(address.removeprefix(BASE[:-1])) as response:
            assert response.status_code == 200, address
            data: bytes = response.data
        return data

    return fetch


def test_a_harvester_walks_it(fetch: Callable[[str], bytes], directory: Path) -> None:
    """From the catalogue over datasets and files to a store that holds just what is published."""
    catalogue = rdflib.Graph().parse(data=fetch(f"{BASE}catalogue"), format="turtle")
    (top,) = catalogue.subjects(rdflib.RDF.type, DCAT.Catalog)
    copy = ox.Store()
    for dataset in catalogue.objects(top, DCAT.dataset):
        (file,) = (
            one
            for one in catalogue.objects(dataset, DCAT.distribution)
            if str(one).endswith("nq-gz")
        )
        data = fetch(str(catalogue.value(file, DCAT.downloadURL)))
        checksum = catalogue.value(file, SPDX.checksum)
        expected = str(catalogue.value(checksum, SPDX.checksumValue)).lower()
        assert hashlib.sha256(data).hexdigest() == expected
        assert len(data) == int(str(catalogue.value(file, DCAT.byteSize)))
        copy.load(gzip.decompress(data), ox.RdfFormat.N_QUADS)
    with Reader(directory) as reader:
        graphs = [ox.NamedNode(one.iri) for one in reader.datasets()]
        assert len(graphs) == 2
        for graph in graphs:
            ours = content_hash(reader.store.quads_for_pattern(None, None, None, graph))
            assert content_hash(copy.quads_for_pattern(None, None, None, graph)) == ours
        assert len(copy) == sum(reader.versions(one.value)[-1].triples for one in graphs)


@pytest.mark.parametrize("path", ["catalogue", ".well-known/void"])
@pytest.mark.parametrize(
    ("media_type", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/ld+json", "json-ld"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
    ],
)
def test_rdflib_reads_every_format(
    web: FlaskClient, path: str, media_type: str, parser: str
) -> None:
    """Each format has the same triples, a strong entity tag, and 304 for who has it already."""
    response = web.get(f"/{path}", headers={"Accept": media_type})
    assert response.mimetype == media_type
    turtle = web.get(f"/{path}")
    expected = rdflib.Graph().parse(data=turtle.data, format="turtle")
    assert len(expected) > 100
    assert set(rdflib.Graph().parse(data=response.data, format=parser)) == set(expected)
    assert "Accept" in response.headers["Vary"]
    tag = response.headers["ETag"]
    assert tag.startswith('"')
    assert "Last-Modified" in response.headers
    again = web.get(f"/{path}", headers={"Accept": media_type, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert web.head(f"/{path}", headers={"Accept": media_type}).headers["ETag"] == tag
    assert web.get(f"/{path}", headers={"Accept": "image/png"}).status_code == 406


def test_the_page_offers_the_files(web: FlaskClient) -> None:
    """For people there is a page with the files of each dataset; a dataset's page has them too."""
    text = web.get("/catalogue", headers={"Accept": "text/html"}).text
    assert text.count("latest.nq.gz") == 2
    with web.get("/catalogue.ttl") as turtle:
        graph = rdflib.Graph().parse(data=turtle.data)
    for dataset in graph.objects(None, DCAT.dataset):
        page = web.get("/resource", query_string={"iri": dataset}, headers={"Accept": "text/html"})
        assert "latest.nq.gz" in page.text


def test_tags_change_with_the_dumps(web: FlaskClient, directory: Path) -> None:
    """A dataset without dumps tells no checksum; with them it does, under another entity tag."""
    with Reader(directory) as reader:
        iri = reader.datasets()[0].iri
    drop_dumps(directory, iri)
    before = web.get("/resource.nt", query_string={"iri": iri})
    make_latest_dumps(directory, keep=1)
    after = web.get("/resource.nt", query_string={"iri": iri})
    assert ("checksumValue" in before.text, "checksumValue" in after.text) == (False, True)
    assert before.headers["ETag"] != after.headers["ETag"]


def test_void_counts_and_leads_on(fetch: Callable[[str], bytes], directory: Path) -> None:
    """Each dataset has its counts, classes and properties, dumps and examples that are there."""
    graph = rdflib.Graph().parse(data=fetch(f"{BASE}.well-known/void"), format="turtle")
    with Reader(directory) as reader:
        for dataset in reader.datasets():
            about, version = rdflib.URIRef(dataset.iri), reader.versions(dataset.iri)[-1]
            assert int(str(graph.value(about, VOID.triples))) == version.triples
            assert int(str(graph.value(about, VOID.entities))) == version.records
            for example in graph.objects(about, VOID.exampleResource):
                assert reader.describe(str(example))
            classes = {
                str(graph.value(one, VOID["class"])): int(str(graph.value(one, VOID.entities)))
                for one in graph.objects(about, VOID.classPartition)
            }
            assert reader.count_by_type(dataset.iri).items() <= classes.items()
            for dump in graph.objects(about, VOID.dataDump):
                assert fetch(str(dump))


def locations(document: bytes) -> list[str]:
    """Return the addresses that a sitemap or an index lists, having checked their dates."""
    root = etree.fromstring(document)
    for time in root.iterfind(".//m:lastmod", _MAP):
        assert len(time.text or "") == len("2026-01-01T00:00:00Z")
    return [str(one.text) for one in root.iterfind(".//m:loc", _MAP)]


def test_sitemaps_list_every_record_once(
    fetch: Callable[[str], bytes], web: FlaskClient, directory: Path
) -> None:
    """From robots.txt over the index to the page of each record of each dataset."""
    robots = fetch(f"{BASE}robots.txt").decode()
    (index,) = (line.partition(": ")[2] for line in robots.split("\n") if "Sitemap" in line)
    with patch.object(sitemaps, "_PER_SITEMAP", 40), patch.object(sitemaps, "_AT_ONCE", 15):
        listed = [one for each in locations(fetch(index)) for one in locations(fetch(each))]
    with Reader(directory) as reader:
        datasets = [one.iri for one in reader.datasets()]
        records = [one.iri for iri in datasets for one in reader.records(iri, limit=1000)]
    pages = [one for one in listed if "/resource?iri=" not in one]
    iris = [unquote(one.partition("?iri=")[2]) for one in listed if one not in pages]
    assert sorted(iris) == sorted([*datasets, *records])
    for address in (*pages, *listed[-5:]):
        page = web.get(address.removeprefix(BASE[:-1]), headers={"Accept": "text/html"})
        assert page.status_code == 200, address
    assert web.get("/sitemaps/pages/2.xml").status_code == 404
    assert web.get("/sitemaps/nothing/1.xml").status_code == 404


def test_sitemaps_are_sent_in_fewer_bytes(web: FlaskClient) -> None:
    """Who reads gzip gets it, with an entity tag of its own."""
    plain = web.get("/sitemaps/pages/1.xml")
    packed = web.get("/sitemaps/pages/1.xml", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
