"""Feeds and OAI-PMH over all samples and the real documents of publishers."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from lxml import etree

from europass_ld.formats import by_name
from europass_ld.harvest.graphs import write
from europass_ld.harvest.oai import Repository
from europass_ld.harvest.record_stream import RecordStream
from europass_ld.store import Reader
from tests.profiles import stores
from tests.shared import ROOT, corpus

pytestmark = pytest.mark.slow

OAI = "{http://www.openarchives.org/OAI/2.0/}"
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "oai-pmh.rng"))
PAGE_SIZE = 200


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read a store of all of them."""
    directory = tmp_path_factory.mktemp("real") / "store"
    real = [*corpus().glob("loq/*.xml"), *corpus().glob("ams/*HEAD*.xml")]
    assert len(real) >= 6
    stores.load(directory, ROOT / "data" / "samples", *sorted(real))
    with Reader(directory) as reader:
        yield reader


@pytest.mark.parametrize("name", ["trig", "nq", "jsonld"])
def test_pages_are_read_back(reader: Reader, name: str) -> None:
    """Each page of the stream says, in each format, just what the log says."""
    format_ = by_name(name)
    assert format_
    assert isinstance(format_.oxigraph, ox.RdfFormat)
    stream = RecordStream(reader, PAGE_SIZE)
    seen = 0
    for number in range(1, stream.pages + 1):
        page = stream.page(number)
        assert page
        document = stream.page_document(page)
        read = Counter(
            quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
            for quad in {*ox.parse(write(document, format_), format_.oxigraph)}
        )
        for graph, lines in document.parts:
            assert read[graph] == len(set(lines.split("\n")) - {""})
        seen += len(page.activities)
    assert seen == reader.timeline().count > 500


@pytest.mark.parametrize("prefix", ["oai_dc", "rdf", "elm_loq", "elm_ams"])
def test_all_records_in_all_formats(reader: Reader, prefix: str) -> None:
    """Every answer is valid, every record of the family comes once, and none is left out."""
    repository = Repository(reader, PAGE_SIZE, "data@example.org", stores.MOST_BYTES)
    arguments = [("verb", "ListRecords"), ("metadataPrefix", prefix)]
    found: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    while arguments:
        page = etree.fromstring(repository.answer(arguments, "2999-01-01T00:00:00Z").encode())
        assert GRAMMAR.validate(page), GRAMMAR.error_log
        found.update(one.text for one in page.iter(f"{OAI}identifier"))
        statuses.update(one.get("status", "live") for one in page.iter(f"{OAI}header"))
        token = page.find(f".//{OAI}resumptionToken")
        more = None if token is None else token.text
        arguments = [("verb", "ListRecords"), ("resumptionToken", more)] if more else []
    assert set(found.values()) == {1}
    family = prefix.partition("elm_")[2]
    live = sum(
        sum(reader.count_by_type(one.iri).values())
        for one in reader.datasets()
        if family in {"", one.family}
    )
    assert statuses["live"] == live > 50
