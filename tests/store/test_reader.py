"""What readers learn of datasets, records and what became of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.errors import QueryRefused, UnknownDataset
from europass_ld.store import Entry, Reader, Store
from europass_ld.terms import expand

from .making import (
    BASE,
    CATALOGUE,
    CONCEPT,
    FACTS,
    GENID,
    OTHER,
    QUALIFICATION,
    TITLE,
    iri,
    load,
    record,
    stated,
)

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def _count(reader: Reader, **graphs: list[str]) -> int:
    (row,) = reader.query(COUNT, **graphs)  # type: ignore[misc]
    return int(row["n"].value)


def test_datasets_and_versions(store: Store, directory: Path) -> None:
    """Datasets come by IRI, versions with everything they were published with."""
    load(store, OTHER, record("a"))
    published = load(store, CATALOGUE, record("a"))
    with Reader(directory) as reader:
        assert reader.datasets() == (CATALOGUE, OTHER)
        assert reader.dataset(OTHER.iri) == OTHER
        assert reader.versions(CATALOGUE.iri) == (published,)
        assert published.facts == FACTS
        assert [event.dataset for event in reader.events(since=1)] == [CATALOGUE.iri]


def test_unknown_dataset_is_an_error(store: Store, directory: Path) -> None:
    """Whatever is asked of a dataset that is not there, the answer names those that are."""
    load(store, CATALOGUE, record("a"))
    nowhere = "https://nowhere.example/"
    with Reader(directory) as reader:
        for ask in (
            lambda: reader.dataset(nowhere),
            lambda: reader.versions(nowhere),
            lambda: reader.records(nowhere),
            lambda: reader.count_by_type(nowhere),
            lambda: reader.report(nowhere, 1),
            lambda: list(reader.dump(nowhere)),
        ):
            with pytest.raises(UnknownDataset) as error:
                ask()
            assert error.value.known == (CATALOGUE.iri,)


def test_reader_stays_at_its_sequence(store: Store, directory: Path) -> None:
    """Until it is refreshed a reader answers from the state it opened, from the log too."""
    load(store, CATALOGUE, record("a"), record("b"))
    with Reader(directory) as reader:
        load(store, CATALOGUE, record("a", "New"))
        load(store, OTHER, record("c"))
        assert reader.sequence == 1
        assert reader.datasets() == (CATALOGUE,)
        assert len(reader.versions(CATALOGUE.iri)) == len(reader.events()) == 1
        assert reader.describe(iri("a"))[0].record == record("a")
        assert reader.describe(iri("c")) == ()
        assert reader.tombstone(iri("b")) is None
        assert [one.kind for one in reader.history(iri("a"))] == ["added"]
        assert reader.count_by_type() == {QUALIFICATION: 2}
        assert reader.fragments(iri("b")) == (iri("b"),)
        with pytest.raises(UnknownDataset):
            reader.dataset(OTHER.iri)
        assert reader.report(CATALOGUE.iri, 2) is None
        assert reader.refresh()
        assert reader.sequence == 3
        assert reader.describe(iri("a"))[0].record == record("a", "New")
        assert reader.tombstone(iri("b")) is not None
        assert reader.count_by_type() == {QUALIFICATION: 2}
        assert reader.count_by_type(CATALOGUE.iri) == {QUALIFICATION: 1}


def test_record_of_two_datasets_has_two_descriptions(store: Store, directory: Path) -> None:
    """Each dataset's own record is given, with the versions that brought it."""
    load(store, CATALOGUE, record("a"))
    load(store, CATALOGUE, record("a", "Newer", line=9))
    load(store, CATALOGUE, record("a", "Newer", line=44), record("b"))
    load(store, OTHER, record("a", "Other", verdict="warnings", lexical='{"p": "007"}'))
    with Reader(directory) as reader:
        first, second = reader.describe(iri("a"))
    assert (first.dataset, second.dataset) == (CATALOGUE.iri, OTHER.iri)
    assert first.record == record("a", "Newer", line=9)
    assert (first.first_version, first.version) == (1, 2)
    assert second.record == record("a", "Other", verdict="warnings", lexical='{"p": "007"}')


def test_fragments_of_a_document(store: Store, directory: Path) -> None:
    """Hash IRIs are found by the IRI of their document, and by no other beginning."""
    names = ["doc", "doc#1", "doc#2", "doc-2", "doc$", "doc/1", "do"]
    load(store, CATALOGUE, *(record(name) for name in names))
    load(store, OTHER, record("doc#2"))
    with Reader(directory) as reader:
        assert reader.fragments(iri("doc")) == (iri("doc"), iri("doc#1"), iri("doc#2"))
        assert reader.fragments(iri("nothing")) == ()


def test_tombstone_needs_all_datasets_to_be_gone(store: Store, directory: Path) -> None:
    """An IRI is gone when no dataset describes it any more, and may come back."""
    load(store, CATALOGUE, record("a"))
    load(store, OTHER, record("a"))
    load(store, CATALOGUE)
    with Reader(directory) as reader:
        assert reader.tombstone(iri("a")) is None
        last = load(store, OTHER)
        reader.refresh()
        tombstone = reader.tombstone(iri("a"))
        assert tombstone is not None
        assert tombstone.datasets == (CATALOGUE.iri, OTHER.iri)
        assert (tombstone.sequence, tombstone.time) == (last.sequence, last.time)
        assert tombstone.type == QUALIFICATION
        assert reader.tombstone(iri("never")) is None
        load(store, CATALOGUE, record("a"))
        reader.refresh()
        assert reader.tombstone(iri("a")) is None


def test_history_tells_what_each_version_did(store: Store, directory: Path) -> None:
    """Additions, changes, deletions and returns come in order, with the record after each."""
    load(store, CATALOGUE, record("a"))
    load(store, CATALOGUE, record("a", "Two"))
    load(store, OTHER, record("a", "Other"))
    load(store, CATALOGUE)
    store.revert(CATALOGUE.iri, 1)
    with Reader(directory) as reader:
        found = [
            (one.kind, one.dataset, one.version, one.sequence) for one in reader.history(iri("a"))
        ]
        records = [one.record for one in reader.history(iri("a"))]
        assert reader.history(iri("b")) == ()
    assert found == [
        ("added", CATALOGUE.iri, 1, 1),
        ("changed", CATALOGUE.iri, 2, 2),
        ("added", OTHER.iri, 1, 3),
        ("deleted", CATALOGUE.iri, 3, 4),
        ("added", CATALOGUE.iri, 4, 5),
    ]
    assert records == [record("a"), record("a", "Two"), record("a", "Other"), None, record("a")]


def test_listing_in_pages(store: Store, directory: Path) -> None:
    """Listings go through classes and IRIs in order, in pages, with the records' titles."""
    french = f'<{iri("b")}> <{TITLE}> "Un titre"@fr .'
    other_type = record("z")
    place = expand("dct:Location")
    load(
        store,
        CATALOGUE,
        record("c"),
        record("b", more=(french, f'<{GENID}b.1> <{TITLE}> "Not mine"@de .')),
        record("a", "A \\u00E9"),
        type(other_type)(
            iri=other_type.iri,
            type=place,
            digest=b"z",
            file="b.xml",
            line=1,
            triples=f"<{iri('z')}> <a:p> <a:o> .\n",
        ),
    )
    with Reader(directory) as reader:
        whole = reader.records(CATALOGUE.iri)
        assert [one.iri for one in whole] == [iri(name) for name in "abcz"]
        assert whole[1] == Entry(iri("b"), QUALIFICATION, {"en": "A title", "fr": "Un titre"})
        assert whole[0].titles == {"en": "A é"}
        assert whole[3] == Entry(iri("z"), place, {})
        pages = [reader.records(CATALOGUE.iri, limit=3, offset=number) for number in (0, 3)]
        assert pages[0] + pages[1] == whole
        assert reader.records(CATALOGUE.iri, place) == whole[3:]
        assert reader.records(CATALOGUE.iri, "https://nowhere.example/") == ()
        assert reader.count_by_type(CATALOGUE.iri) == {QUALIFICATION: 3, place: 1}


def test_links_out_and_in(store: Store, directory: Path) -> None:
    """Links out come from all named graphs, links in from those of datasets, in pages."""
    target = f"<{iri('a')}>"
    load(store, CATALOGUE, record("a"))
    load(
        store,
        OTHER,
        *(record(f"b{n}", more=(f"<{iri(f'b{n}')}> <a:to> {target} .",)) for n in range(3)),
    )
    with Reader(directory) as reader:
        out = reader.outgoing(iri("a"))
        assert {str(quad.graph_name) for quad in out} == {
            f"<{CATALOGUE.iri}>",
            f"<{BASE}id/graph/derived>",
            f"<{BASE}id/graph/provenance>",
        }
        assert len(out) == 3 + 2 + 1
        links = reader.incoming(iri("a"))
        assert sorted(links) == [(iri(f"b{n}"), "a:to") for n in range(3)]
        assert reader.incoming(iri("a"), limit=2) + reader.incoming(iri("a"), offset=2) == links
        assert reader.incoming(f"{BASE}id/version/1") == []


def test_queries_and_their_graphs(store: Store, directory: Path) -> None:
    """By default the merge is queried; graphs can be chosen; a malformed query says where."""
    load(store, CATALOGUE, record("a"))
    load(store, OTHER, record("a"), record("b"))
    with Reader(directory) as reader:
        assert _count(reader) == len(stated([record("a"), record("b")]))
        assert _count(reader, default_graph=[CATALOGUE.iri]) == len(stated([record("a")]))
        named = "ASK { GRAPH ?g { ?s ?p ?o } }"
        assert reader.query(named)
        assert not reader.query(named, named_graphs=["https://nowhere.example/"])
        with pytest.raises(QueryRefused) as error:
            reader.query("SELECT *\nWHERE {")
        assert (error.value.line, error.value.column) == (2, 8)


def test_dump_is_what_the_graphs_hold(store: Store, directory: Path) -> None:
    """The dump of the log and the graphs of the generation are the same quads, none twice."""
    load(store, CATALOGUE, *(record(f"r{number}") for number in range(1500)))
    load(store, OTHER, record("r1"), record("b", more=(CONCEPT, '<a:x> <a:y> "\u2028 \u0085" .')))
    with Reader(directory) as reader:
        lines = b"".join(reader.dump()).split(b"\n")[:-1]
        quads = list(ox.parse(b"\n".join(lines), ox.RdfFormat.N_QUADS))
        held = [
            quad
            for dataset in (CATALOGUE, OTHER)
            for quad in reader.store.quads_for_pattern(None, None, None, ox.NamedNode(dataset.iri))
        ]
        assert len(set(quads)) == len(lines) == len(held)
        assert set(quads) == set(held)
        assert b"".join(reader.dump(OTHER.iri)) == b"".join(
            line + b"\n" for line in lines if line.endswith(f"<{OTHER.iri}> .".encode())
        )


def test_threads_share_a_reader(store: Store, directory: Path) -> None:
    """Threads that ask, page, query and refresh at once all get whole answers."""
    load(store, CATALOGUE, *(record(f"r{number}") for number in range(300)))

    def ask(number: int) -> None:
        if number % 10 == 0:
            reader.refresh()
        found = reader.describe(iri(f"r{number}"))
        assert found[0].record.triples.startswith(f"<{iri(f'r{number}')}>")
        assert len(reader.records(CATALOGUE.iri, limit=5, offset=number)) == 5
        assert reader.query("ASK { ?s ?p ?o }")
        assert sum(chunk.count(b"\n") for chunk in reader.dump()) in {1201, 1205}

    with Reader(directory) as reader, ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(ask, number % 290) for number in range(200)]
        load(store, CATALOGUE, record("new", more=()), partial=True)
        for one in asked:
            one.result()
