"""Harvesters from npm and PyPI: they take the whole, then only what changed, and have the dump.

One server, three states: two registers; one of them in its next version; that one gone back a
version, the other withdrawn.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest
from lxml import etree
from sickle import Sickle

from europass_ld.config import Settings
from europass_ld.harvest.names import dataset_name
from europass_ld.harvest.record_stream import PAGES_OF_A_BLOCK
from europass_ld.ingest import LoadOptions, load_delivery, plan_deliveries
from europass_ld.store import Reader, Store, content_hash
from europass_ld.terms import compact, expand
from europass_ld.vocabularies import load_code_lists
from tests.shared import ROOT

from .serving import free_base, npm_client, serving, wait_for

pytestmark = pytest.mark.clients

SAMPLES = ROOT / "data" / "samples"
FINNISH = "https://data.koulutustarjonta.example/dataset/learning-opportunities"
GREEK = "https://data.mitroo-mathisis.example/dataset/efkairies"
PAGE_SIZE = "2"
OAI = "{http://www.openarchives.org/OAI/2.0/}"


@dataclass
class Registers:
    """Two registers in a store that is served."""

    directory: Path
    base: str

    @contextmanager
    def changing(self) -> Iterator[Store]:
        """Open the store for a change, and then wait until that is served."""
        with Store.open(self.directory) as store:
            yield store
        wait_for(self.base, sequence=store_sequence(self.directory))

    def dump(self) -> str:
        """Return the canonical hash of all that is published."""
        with Reader(self.directory) as reader:
            dumped = b"".join(reader.dump())
        return content_hash(ox.parse(dumped, ox.RdfFormat.N_QUADS))

    def activities(self) -> int:
        """Return how many activities there are."""
        with Reader(self.directory) as reader:
            return reader.timeline().count


def store_sequence(directory: Path) -> int:
    """Return the last event of a store."""
    with Reader(directory) as reader:
        return reader.sequence


def load(store: Store, *paths: Path) -> None:
    """Load samples."""
    settings = Settings(base=store.base)
    for plan in plan_deliveries(paths, settings, base=store.base):
        result = load_delivery(store, plan, settings, load_code_lists(), LoadOptions(confirm=True))
        assert result.version is not None


@pytest.fixture
def registers(tmp_path: Path) -> Iterator[Registers]:
    """Serve the first version of two registers, in small pages."""
    base, directory = free_base(), tmp_path / "store"
    with Store.create(directory, base) as store:
        load(store, SAMPLES / "fi-koulutustarjonta" / "v1", SAMPLES / "el-mitroo-mathisis")
    with serving(directory, base, {"feed_page_size": PAGE_SIZE}):
        yield Registers(directory, base)


def _follow(registers: Registers, take: Callable[[], int], held: Callable[[], str]) -> None:
    """Take what there is in three states, and compare what is held, and how much had to come."""
    assert take() == registers.activities() > 2 * int(PAGE_SIZE)
    assert held() == registers.dump()
    before = registers.activities()
    with registers.changing() as store:
        load(store, SAMPLES / "fi-koulutustarjonta" / "v2")
    assert take() == registers.activities() - before > 0
    assert held() == registers.dump()
    before = registers.activities()
    with registers.changing() as store:
        store.revert(FINNISH, 1)
        store.withdraw(GREEK)
    assert take() == registers.activities() - before > 0
    assert held() == registers.dump()


@dataclass
class Mirror:
    """What is held of each record of each dataset."""

    graphs: dict[tuple[str, str], list[ox.Triple]] = field(default_factory=dict)

    def hash(self) -> str:
        """Return the canonical hash of all of it."""
        return content_hash(
            ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(dataset))
            for (dataset, _), triples in self.graphs.items()
            for triple in triples
        )


def _apply(members: str, mirror: Mirror) -> int:
    """Apply the activities that ldes-client wrote, in their order, and return their number."""
    activities: dict[str, dict[str, str]] = {}
    graphs: dict[str, list[ox.Triple]] = {}
    for quad in ox.parse(members, ox.RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, ox.NamedNode):
            graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
        else:
            said = activities.setdefault(str(quad.subject), {})
            said[compact(quad.predicate.value)] = getattr(quad.object, "value", "")
    for iri, said in sorted(activities.items(), key=lambda one: int(one[1]["eld:sequence"])):
        key = said["as:target"], said["as:object"]
        if said["rdf:type"] == expand("as:Delete"):
            del mirror.graphs[key]
        else:
            mirror.graphs[key] = graphs[iri[1:-1]]
    return len(activities)


def _replicate(stream: str, *arguments: str) -> tuple[str, int]:
    """Return what ldes-client takes from a stream, and how many pages it fetched for it."""
    client = npm_client("ldes-client", Path(__file__).parent / "replicate.mjs")
    done = subprocess.run(
        [*client, stream, *arguments], capture_output=True, text=True, timeout=120, check=True
    )
    (pages,) = re.findall(r"^pages (\d+)$", done.stderr, re.MULTILINE)
    return done.stdout, int(pages)


@pytest.mark.parametrize("order", ["none", "ascending"])
def test_ldes_client(registers: Registers, tmp_path: Path, order: str) -> None:
    """ldes-client follows the stream of all records, and emits each activity once."""
    mirror, state = Mirror(), str(tmp_path / "state")

    def take() -> int:
        members, _ = _replicate(f"{registers.base}feeds/records", state, order)
        return _apply(members, mirror)

    _follow(registers, take, mirror.hash)


def test_ldes_client_follows_the_catalogue(registers: Registers, tmp_path: Path) -> None:
    """ldes-client takes each entity of the catalogue once; after a version, what is told again."""
    stream, state = f"{registers.base}feeds/catalogue", str(tmp_path / "state")
    first = _objects(_replicate(stream, state)[0])
    assert {FINNISH, GREEK, f"{registers.base}catalogue"} <= set(first)
    assert len(first) == len(set(first))
    with registers.changing() as store:
        load(store, SAMPLES / "fi-koulutustarjonta" / "v2")
    again = _objects(_replicate(stream, state)[0])
    assert FINNISH in again
    assert GREEK not in again
    assert _objects(_replicate(stream, state)[0]) == []


def _objects(members: str) -> list[str]:
    return [
        str(getattr(quad.object, "value", ""))
        for quad in ox.parse(members, ox.RdfFormat.N_QUADS)
        if quad.predicate.value == expand("as:object")
    ]


def test_ldes_client_finds_a_time(registers: Registers) -> None:
    """Asked for what comes after a time, it leaves out the blocks of pages that end before it."""
    stream = f"{registers.base}feeds/records"
    members, pages = _replicate(stream)
    assert _apply(members, Mirror()) == registers.activities()
    assert pages > 2 * PAGES_OF_A_BLOCK
    members, fewer = _replicate(stream, "", "none", "2999-01-01T00:00:00Z")
    assert members == ""
    assert fewer == 1 + (pages - 1) % PAGES_OF_A_BLOCK  # the root and the last block


def test_sickle(registers: Registers) -> None:
    """Sickle harvests all records as RDF, then from the date of its last answer on."""
    repository = Sickle(f"{registers.base}oai")
    mirror, dates = Mirror(), [repository.Identify().earliestDatestamp]
    datasets = {f"dataset:{dataset_name(one)}": one for one in (FINNISH, GREEK)}

    def take() -> int:
        records = repository.ListRecords(**{"metadataPrefix": "rdf", "from": dates[-1]})
        (date,) = records.oai_response.xml.iter(f"{OAI}responseDate")
        taken = 0
        for record in records:
            (dataset,) = (datasets[one] for one in record.header.setSpecs if one in datasets)
            key = dataset, record.header.identifier.split(":", 3)[3]
            new = None if record.header.deleted else _triples(record.xml)
            taken += new != mirror.graphs.get(key)
            if new is None:
                mirror.graphs.pop(key, None)
            else:
                mirror.graphs[key] = new
        dates.append(date.text)
        return taken

    _follow(registers, take, mirror.hash)


def _triples(record: etree._Element) -> list[ox.Triple]:
    (metadata,) = record.iter(f"{OAI}metadata")
    parsed = ox.parse(etree.tostring(metadata[0]), ox.RdfFormat.RDF_XML)
    return sorted((quad.triple for quad in parsed), key=str)
