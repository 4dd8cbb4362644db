"""What the data are written in and checked by can be had by every client, in every format."""

import json

import pytest
import rdflib
import yaml
from flask.testing import FlaskClient

from europass_ld import resources
from europass_ld.formats import RDF_FORMATS
from europass_ld.mapping import FAMILIES

_PARSERS = {
    "ttl": "turtle",
    "jsonld": "json-ld",
    "nt": "nt",
    "rdf": "xml",
    "trig": "trig",
    "nq": "nquads",
}
_SHAPES = sorted(path.stem for path in resources.find("shapes").glob("*.ttl"))
_CONTEXTS = sorted(path.name for path in (resources.find("ontology") / "context").glob("*.jsonld"))
_DOCUMENTS = (
    "ontology",
    "vocabularies",
    "vocabularies/eqf",
    "about/shapes/loq",
    "about/shapes/ams",
)


def triples(data: bytes, extension: str) -> int:
    """Return how many triples rdflib finds in a document."""
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=data, format=_PARSERS[extension], publicID="https://x.example/")
    return len(set(dataset.triples((None, None, None))))


@pytest.mark.parametrize("path", _DOCUMENTS)
def test_rdflib_reads_every_format(client: FlaskClient, path: str) -> None:
    """By suffix and by Accept each format has as many triples as any other, and the same bytes."""
    counts = set()
    for one in RDF_FORMATS:
        document = client.get(f"/{path}.{one.extension}")
        assert document.status_code == 200
        assert document.content_type == one.content_type
        counts.add(triples(document.data, one.extension))
        negotiated = client.get(f"/{path}", headers={"Accept": one.media_type})
        assert negotiated.data == document.data
        assert "Accept" in negotiated.headers["Vary"]
        tag = document.headers["ETag"]
        assert tag.startswith('"')
        unchanged = client.get(f"/{path}.{one.extension}", headers={"If-None-Match": tag})
        assert (unchanged.status_code, unchanged.data) == (304, b"")
        assert client.head(f"/{path}.{one.extension}").headers["ETag"] == tag
    assert len(counts) == 1
    assert counts.pop() > 30


@pytest.mark.parametrize("name", _SHAPES)
def test_shapes_are_sent_as_written(client: FlaskClient, name: str) -> None:
    """Turtle has the comments of the file; what else is asked for says the same."""
    sent = client.get(f"/about/shapes/{name}.ttl")
    assert sent.data == (resources.find("shapes") / f"{name}.ttl").read_bytes()
    assert triples(client.get(f"/about/shapes/{name}.nt").data, "nt") == triples(sent.data, "ttl")


@pytest.mark.parametrize("name", _CONTEXTS)
def test_contexts_are_for_every_site(client: FlaskClient, name: str) -> None:
    """A context may be fetched by scripts of any site, and be kept for a day."""
    response = client.get(f"/contexts/{name}", headers={"Origin": "https://x.example"})
    assert response.mimetype == "application/ld+json"
    assert "@context" in json.loads(response.data)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    tag = response.headers["ETag"]
    assert client.get(f"/contexts/{name}", headers={"If-None-Match": tag}).status_code == 304
    packed = client.get(f"/contexts/{name}", headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert packed.headers["ETag"] != tag


@pytest.mark.parametrize("family", FAMILIES)
def test_mapping_tables(client: FlaskClient, family: str) -> None:
    """A table is sent as the YAML that lifting is compiled from."""
    response = client.get(f"/about/mapping/{family}.yaml")
    assert response.mimetype == "application/yaml"
    assert yaml.safe_load(response.data)["family"] == family
    assert response.headers["ETag"]


def test_every_code_list(client: FlaskClient) -> None:
    """Each list has its size in codes, and its scheme; people are sent on to the scheme's page."""
    listed = rdflib.Graph().parse(data=client.get("/vocabularies.ttl").data, format="turtle")
    skos = rdflib.SKOS
    for scheme in listed.subjects(rdflib.RDF.type, skos.ConceptScheme):
        address = str(listed.value(scheme, rdflib.RDFS.seeAlso)).partition(".org")[2]
        if address.endswith(("/language", "/atu", "/nuts")):
            continue  # large
        whole = rdflib.Graph().parse(data=client.get(f"{address}.nt").data, format="nt")
        assert (scheme, rdflib.RDF.type, skos.ConceptScheme) in whole
        codes = set(whole.subjects(skos.inScheme, scheme))
        assert str(len(codes)) == str(listed.value(scheme, rdflib.VOID.entities))
    page = client.get("/vocabularies/eqf", headers={"Accept": "text/html"})
    assert page.status_code == 303
    seen = client.get(page.headers["Location"], headers={"Accept": "text/html"})
    assert (seen.status_code, seen.mimetype) == (200, "text/html")
    assert "eqf" in client.get("/vocabularies", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize(
    "path",
    ["contexts/none.jsonld", "vocabularies/none", "about/shapes/none", "about/shapes/none.nt"],
)
def test_what_there_is_not(client: FlaskClient, path: str) -> None:
    """Unknown names are not found."""
    assert client.get(f"/{path}").status_code == 404
