"""The DCAT-AP Feed: valid by the official shape, and whoever follows it has the catalogue."""

from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SH
from rdflib.collection import Collection

from europass_ld.harvest import make_latest_dumps
from europass_ld.harvest.catalogue_stream import SHAPE, CatalogueStream
from europass_ld.store import Reader, Store
from europass_ld.terms import PREFIXES
from tests.shared import suites

from .dumping import FIRST, REGISTER, SECOND, load
from .test_catalogue import catalogue, shapes

AS = rdflib.Namespace(PREFIXES["as"])
FEED = rdflib.Namespace(SHAPE.partition("#")[0] + "#")
CLASSES = {"Catalog", "Dataset", "Distribution", "DataService", "Agent", "Kind", "LicenseDocument"}

__all__ = ["shapes"]  # a fixture


def stream(directory: Path, reader: Reader, size: int = 20) -> CatalogueStream:
    """Return the feed of a store."""
    return CatalogueStream(reader, catalogue(directory, reader), size)


def read(feed: CatalogueStream) -> tuple[rdflib.Graph, dict[str, rdflib.Graph]]:
    """Return what all pages say of activities, and what each activity says of its entity."""
    about, entities = rdflib.Graph(), {}
    for number in range(1, feed.pages + 1):
        document = feed.page_document(number)
        about.parse(data=document.description, format="nt")
        for name, lines in document.parts:
            entities[name] = rdflib.Graph().parse(data=lines, format="nt")
    return about, entities


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load two datasets, one of them twice, and make their dumps."""
    directory = tmp_path_factory.mktemp("feed") / "store"
    load(directory, FIRST, SECOND, REGISTER)
    make_latest_dumps(directory, keep=1)
    return directory


def test_the_feed_conforms_to_the_official_shape(directory: Path, shapes: rdflib.Graph) -> None:
    """Every activity conforms, entities of all seven classes among them; broken ones do not."""
    shapes = shapes + rdflib.Graph().parse(suites() / "dcat-ap-feed" / "shape.ttl")
    with Reader(directory) as reader:
        about, entities = read(stream(directory, reader))
    data = rdflib.Graph()
    for graph in (about, *entities.values()):
        data += graph
    (alternatives,) = shapes.objects(FEED.EntityShape, SH["or"])
    kinds = {
        str(one).partition("#")[2].removesuffix("_Shape")
        for one in Collection(shapes, alternatives)
    }
    assert kinds == CLASSES
    told = [(kind, data.value(one, AS.object)) for one, kind in _activities(data)]
    assert len(told) == len({entity for _, entity in told}) > 30
    found = {str(kind) for _, entity in told for kind in data.objects(entity, RDF.type)}
    assert {one.rpartition("#")[2].rpartition("/")[2] for one in found} >= CLASSES
    valid, report, text = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    assert valid, text
    for broken in (
        (_activities(data)[0][0], AS.object, rdflib.URIRef("urn:another")),
        (_activities(data)[0][0], AS.summary, rdflib.Literal("more")),
    ):
        data.add(broken)
        valid, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none")
        assert not valid
        assert broken[0] in set(report.objects(None, SH.focusNode))
        data.remove(broken)


def _activities(graph: rdflib.Graph) -> list[tuple[rdflib.term.Node, rdflib.term.Node]]:
    return [
        (one, kind)
        for kind in (AS.Create, AS.Update, AS.Delete)
        for one in sorted(graph.subjects(RDF.type, kind), key=str)
    ]


def test_whoever_follows_it_has_the_catalogue(directory: Path) -> None:
    """The entities of all activities together are the catalogue, whatever the size of pages."""
    with Reader(directory) as reader:
        expected = rdflib.Graph().parse(
            data="".join(one.lines for one in catalogue(directory, reader).entities()), format="nt"
        )
        for size in (1, 20, 1_000):
            _, entities = read(stream(directory, reader, size))
            found = rdflib.Graph()
            for graph in entities.values():
                found += graph
            assert set(found) == set(expected)


def test_what_a_version_changes_is_told_again(directory: Path) -> None:
    """A dataset with two versions is updated, one with one is created; the catalogue is last."""
    with Reader(directory) as reader:
        told = {one.entity: one for one in stream(directory, reader).activities}
        first, second = reader.datasets()
        kinds = {one.iri: told[one.iri].kind for one in (first, second)}
        assert sorted(kinds.values()) == ["as:Create", "as:Update"]
        (top,) = (one for one in told if one.endswith("/catalogue"))
        assert told[top].sequence == reader.sequence


def test_withdrawn_datasets_are_deleted(tmp_path: Path) -> None:
    """Of a dataset that is withdrawn all is deleted, once; coming back, it is told of again."""
    directory = tmp_path / "store"
    load(directory, FIRST, REGISTER)
    with Store.open(directory) as store:
        register = next(one.iri for one in store.datasets() if one.family == "ams")
        store.withdraw(register)
    with Reader(directory) as reader:
        told = stream(directory, reader).activities
        deleted = {one.entity for one in told if one.kind == "as:Delete"}
        assert register in deleted
        assert len([one for one in deleted if "-latest-" in one]) == 6
        assert all(not one.lines for one in told if one.kind == "as:Delete")
        live = {one.iri for one in catalogue(directory, reader).entities()}
        assert live.isdisjoint(deleted)
        assert live | deleted == {one.entity for one in told}
        assert f"<{register}>" not in "".join(one.lines for one in told)
    with Store.open(directory) as store:
        store.revert(register, 1)
    with Reader(directory) as reader:
        told = stream(directory, reader).activities
        assert [one.kind for one in told if one.entity == register] == ["as:Update"]


def test_an_activity_is_another_when_its_entity_is(tmp_path: Path) -> None:
    """Dumps that are made after the version change distributions, and those activities alone."""
    directory = tmp_path / "store"
    load(directory, FIRST)
    with Reader(directory) as reader:
        before = {one.iri: one for one in stream(directory, reader).activities}
        make_latest_dumps(directory, keep=1)
        after = {one.iri: one for one in stream(directory, reader).activities}
    changed = [after[iri].entity for iri in after.keys() - before.keys()]
    assert len(changed) == 12
    assert all("-latest-" in one or "-1-" in one for one in changed)
