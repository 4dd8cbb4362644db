"""The catalogue: valid DCAT-AP with the EU's values, and the same facts wherever they are told."""

from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib import DCTERMS, RDF, SH

from europass_ld.harvest import make_latest_dumps
from europass_ld.harvest.authorities import authority, licence
from europass_ld.harvest.catalogue import Catalogue, Operator
from europass_ld.harvest.dumps import dump_manifest
from europass_ld.store import Dataset, Reader, Store
from tests.shared import suites
from tests.store.making import load as load_records
from tests.store.making import record

from .dumping import BASE, FIRST, REGISTER, SECOND, load

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
OPERATOR = Operator(f"{BASE}catalogue#operator", "Operator", "mailto:data@example.org")
MISSING = 5
"""How many property shapes the official files refer to and do not have."""


def catalogue(directory: Path, reader: Reader) -> Catalogue:
    """Return the catalogue of a store, with two versions of each dataset."""
    return Catalogue(
        reader,
        lambda version: dump_manifest(directory, version.dataset, version.number),
        OPERATOR,
        versions=2,
    )


def graph_of(directory: Path) -> rdflib.Graph:
    """Return the catalogue of a store as a graph."""
    with Reader(directory) as reader:
        entities = list(catalogue(directory, reader).entities())
        assert len({one.iri for one in entities}) == len(entities)
        return rdflib.Graph().parse(data="".join(one.lines for one in entities), format="nt")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load two datasets, one of them twice, and make their dumps."""
    directory = tmp_path_factory.mktemp("catalogue") / "store"
    load(directory, FIRST, SECOND, REGISTER)
    make_latest_dumps(directory, keep=1)
    return directory


@pytest.fixture(scope="module")
def graph(directory: Path) -> rdflib.Graph:
    """Return its catalogue."""
    return graph_of(directory)


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    """Return the official shapes and ranges."""
    folder = suites() / "dcat-ap-3.0.1"
    shapes = rdflib.Graph().parse(folder / "dcat-ap-SHACL.ttl").parse(folder / "ranges.ttl")
    # what is referred to and nowhere described, pySHACL would refuse
    missing = [
        (shape, property_)
        for shape, property_ in shapes.subject_objects(SH.property)
        if shapes.value(property_, SH.path) is None
    ]
    assert len(missing) == MISSING
    for shape, property_ in missing:
        shapes.remove((shape, SH.property, property_))
    return shapes


def conforms(graph: rdflib.Graph, shapes: rdflib.Graph) -> str:
    """Return what the official shapes find, "" for nothing."""
    valid, _, report = pyshacl.validate(graph, shacl_graph=shapes, inference="none")
    return "" if valid else str(report)


def test_it_is_valid(graph: rdflib.Graph, shapes: rdflib.Graph) -> None:
    """The official shapes of DCAT-AP 3.0.1 find nothing, and all kinds of entity are there."""
    assert conforms(graph, shapes) == ""
    counts = {
        name: len(set(graph.subjects(RDF.type, DCAT[name])))
        for name in ("Catalog", "Dataset", "Distribution", "DataService")
    }
    # of each file one that stays and one that moves; a stream for each dataset
    assert counts == {"Catalog": 1, "Dataset": 5, "Distribution": 32, "DataService": 4}


def test_the_shapes_do_find_something(graph: rdflib.Graph, shapes: rdflib.Graph) -> None:
    """Without a title, a description or an access address the catalogue is not valid."""
    for name, lost in (("Dataset", DCTERMS.title), ("Distribution", DCAT.accessURL)):
        broken = rdflib.Graph() + graph
        broken.remove((next(graph.subjects(RDF.type, DCAT[name])), lost, None))
        assert "minCount" in conforms(broken, shapes).replace("MinCount", "minCount")


def test_a_dataset_says_the_least_there_is(tmp_path: Path, shapes: rdflib.Graph) -> None:
    """A dataset of which hardly anything is known, and a store without any, are valid too."""
    directory = tmp_path / "bare"
    Store.create(directory, BASE).close()
    assert conforms(graph_of(directory), shapes) == ""
    bare = Dataset(iri="https://bare.example/d", title={"en": "Bare"}, family="loq")
    with Store.open(directory) as store:
        load_records(store, bare, record("a"))
    graph = graph_of(directory)
    assert conforms(graph, shapes) == ""
    assert set(graph.objects(rdflib.URIRef(bare.iri), DCAT.theme)) == {
        rdflib.URIRef(authority("data-theme", "EDUC"))
    }


def test_values_are_the_eu_s(graph: rdflib.Graph) -> None:
    """Licence, frequency, theme, language, place, access and file types come from its tables."""
    (dataset,) = (one for one in graph.objects(None, DCAT.dataset) if "koulutus" in str(one))
    expected = {
        DCTERMS.license: {authority("licence", "CC_BY_4_0")},
        DCTERMS.accrualPeriodicity: {authority("frequency", "WEEKLY")},
        DCAT.theme: {authority("data-theme", "EDUC")},
        DCTERMS.language: {authority("language", code) for code in ("FIN", "SWE", "ENG")},
        DCTERMS.spatial: {authority("country", "FIN")},
        DCTERMS.accessRights: {authority("access-right", "PUBLIC")},
    }
    found = {one: {str(value) for value in graph.objects(dataset, one)} for one in expected}
    assert found == expected
    types = {str(one) for one in graph.objects(None, DCTERMS["format"])}
    assert types == {authority("file-type", code) for code in ("RDF_N_QUADS", "RDF_TURTLE", "XML")}


def test_licences() -> None:
    """Creative Commons licences have their EU names, by any address; others stay as they are."""
    assert licence("http://creativecommons.org/licenses/by-sa/3.0") == authority(
        "licence", "CC_BYSA_3_0"
    )
    assert licence("https://creativecommons.org/publicdomain/zero/1.0/") == authority(
        "licence", "CC0"
    )
    for other in ("https://creativecommons.org/licenses/by/9.0/", "https://x.example/licence"):
        assert licence(other) == other


def test_a_dataset_tells_what_the_catalogue_does(directory: Path, graph: rdflib.Graph) -> None:
    """All that is said of a dataset at its own address stands in the catalogue."""
    with Reader(directory) as reader:
        for dataset in reader.datasets():
            entities = list(catalogue(directory, reader).of_dataset(dataset))
            own = rdflib.Graph().parse(data="".join(x.lines for x in entities), format="nt")
            assert set(own) < set(graph)
            about = rdflib.URIRef(dataset.iri)
            assert set(graph.triples((about, None, None))) == set(own.triples((about, None, None)))


def test_versions_follow_one_another(graph: rdflib.Graph) -> None:
    """The newest version names the one before it, and both the dataset."""
    (dataset,) = (one for one in graph.objects(None, DCAT.dataset) if "koulutus" in str(one))
    newest = graph.value(dataset, DCAT.hasCurrentVersion)
    before = graph.value(newest, DCAT.previousVersion)
    assert set(graph.objects(dataset, DCAT.hasVersion)) == {newest, before}
    assert {graph.value(one, DCAT.isVersionOf) for one in (newest, before)} == {dataset}
    assert (str(graph.value(newest, DCAT.version)), str(graph.value(before, DCAT.version))) == (
        "2",
        "1",
    )
