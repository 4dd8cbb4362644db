"""What deliveries do to a dataset, and what they leave when they are not published."""

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from europass_ld.errors import StoreUnavailable
from europass_ld.store import Conflict, Dataset, Reader, Store

from .making import CATALOGUE, CONCEPT, iri, load, publish, record, shown, stated


def test_first_delivery_adds_all(store: Store, directory: Path) -> None:
    """A first version adds its records, and its graph and the default graph hold their triples."""
    records = [record("a"), record("b", "Another")]
    version = load(store, CATALOGUE, *records)
    assert (version.number, version.sequence, version.kind) == (1, 1, "load")
    assert (version.counts.added, version.records) == (2, 2)
    assert version.triples == len(stated(records)) == 9
    assert shown(directory, CATALOGUE) == shown(directory) == stated(records)


def test_difference_names_what_changes(store: Store) -> None:
    """A complete delivery is compared by digest, and what is missing counts as deleted."""
    load(store, CATALOGUE, record("a"), record("b"), record("c"))
    with store.delivery(CATALOGUE) as delivery:
        for one in (record("d"), record("b", "Better"), record("a")):
            delivery.add(one)
        difference = delivery.difference()
    assert difference.added_iris == (iri("d"),)
    assert difference.changed_iris == (iri("b"),)
    assert difference.deleted_iris == (iri("c"),)
    assert (difference.added, difference.changed, difference.deleted) == (1, 1, 1)
    assert (difference.unchanged, difference.refused) == (1, 0)


def test_partial_delivery_deletes_nothing(store: Store, directory: Path) -> None:
    """What a partial delivery does not mention stays."""
    load(store, CATALOGUE, record("a"), record("b"))
    version = load(store, CATALOGUE, record("b", "Better"), partial=True)
    assert (version.counts.changed, version.counts.deleted, version.records) == (1, 0, 2)
    assert shown(directory, CATALOGUE) == stated([record("a"), record("b", "Better")])


def test_dataset_says_whether_it_is_partial(store: Store) -> None:
    """Without an explicit word, the dataset's description decides."""
    growing = Dataset(iri=CATALOGUE.iri, title={}, family="loq", delivery="partial")
    load(store, growing, record("a"))
    assert load(store, growing, record("b")).records == 2
    assert load(store, growing, record("b"), partial=False).records == 1


def test_same_record_twice_is_one(store: Store) -> None:
    """The same IRI with the same content may come twice."""
    with store.delivery(CATALOGUE) as delivery:
        assert delivery.add(record("a", line=3)) is None
        assert delivery.add(record("a", line=9)) is None
        assert publish(delivery).records == 1


def test_other_record_of_same_iri_is_a_conflict(store: Store) -> None:
    """Another content under the same IRI is reported with both places, and the first one stays."""
    with store.delivery(CATALOGUE) as delivery:
        delivery.add(record("a", "First", line=3))
        conflict = delivery.add(record("a", "Second", line=9))
        (staged,) = next(delivery.staged())
    assert conflict == Conflict(iri("a"), "courses.xml", 3, "courses.xml", 9)
    assert "First" in staged.triples


def test_staged_records_come_back_in_order(store: Store) -> None:
    """Batches hold the records as they were added, whether their bodies are new or live."""
    load(store, CATALOGUE, record("c"))
    added = [record(name, line=number) for number, name in enumerate("cab", start=1)]
    with store.delivery(CATALOGUE) as delivery:
        for one in added:
            delivery.add(one)
        batches = list(delivery.staged(batch_size=2))
    assert [len(batch) for batch in batches] == [2, 1]
    assert [one for batch in batches for one in batch] == added


def test_verdicts_can_be_set_while_staged(store: Store, directory: Path) -> None:
    """Verdicts found later replace those that records came with."""
    with store.delivery(CATALOGUE) as delivery:
        delivery.add(record("a"))
        delivery.add(record("b"))
        delivery.set_verdicts({iri("b"): "warnings", iri("unknown"): "warnings"})
        publish(delivery)
    with Reader(directory) as reader:
        assert reader.describe(iri("a"))[0].record.verdict == "conforms"
        assert reader.describe(iri("b"))[0].record.verdict == "warnings"


def test_other_verdict_is_a_change(store: Store, directory: Path) -> None:
    """A record that conforms no longer is a change, although its triples are the same."""
    load(store, CATALOGUE, record("a"), record("b"))
    version = load(store, CATALOGUE, record("a", verdict="warnings"), record("b"))
    assert (version.counts.changed, version.counts.unchanged, version.triples) == (1, 1, 9)
    assert shown(directory, CATALOGUE) == stated([record("a"), record("b")])
    with Reader(directory) as reader:
        assert [one.kind for one in reader.history(iri("a"))] == ["added", "changed"]


def test_refused_record_is_left_out_but_not_deleted(store: Store, directory: Path) -> None:
    """Dropping keeps a new record out, and what was live under a refused IRI stays as it was."""
    load(store, CATALOGUE, record("a"), record("b"))
    with store.delivery(CATALOGUE) as delivery:
        for one in (record("a", "Broken"), record("b"), record("c", more=("<a:x> <a:y> <a:z> .",))):
            delivery.add(one)
        delivery.drop([iri("a"), iri("c")])
        assert delivery.difference().refused == 2
        version = publish(delivery)
    assert version.unchanged
    assert shown(directory, CATALOGUE) == stated([record("a"), record("b")])


def test_refused_body_leaves_no_trace_in_counts(store: Store, directory: Path) -> None:
    """Statements that only a refused record shared are neither shown nor counted."""
    with store.delivery(CATALOGUE) as delivery:
        delivery.add(record("a"))
        delivery.add(record("b", more=(CONCEPT, "<a:x> <a:y> <a:z> .")))
        delivery.drop([iri("b")])
        version = publish(delivery)
    assert version.counts.refused == 1
    assert version.triples == len(stated([record("a")]))
    load(store, CATALOGUE, record("c", more=()))
    assert shown(directory, CATALOGUE) == stated([record("c", more=())])


def test_dropping_protects_what_was_never_staged(store: Store, directory: Path) -> None:
    """A record so broken that it could not even be staged is refused, not deleted."""
    load(store, CATALOGUE, record("a"), record("b"))
    with store.delivery(CATALOGUE) as delivery:
        delivery.add(record("b", "Better"))
        delivery.drop([iri("a")])
        assert [one.iri for batch in delivery.staged() for one in batch] == [iri("b")]
        version = publish(delivery)
    assert (version.counts.deleted, version.counts.refused, version.records) == (0, 1, 2)
    assert shown(directory, CATALOGUE) == stated([record("a"), record("b", "Better")])


def test_leaving_without_publishing_leaves_nothing(store: Store, directory: Path) -> None:
    """A dry run, or an error, leaves neither version, dataset nor dictionary."""
    with store.delivery(CATALOGUE) as delivery:
        for number in range(150):
            delivery.add(record(f"r{number}"))
    with suppress(RuntimeError), store.delivery(CATALOGUE) as delivery:
        delivery.add(record("a"))
        raise RuntimeError
    assert store.sequence == 0
    assert store.datasets() == ()
    for table in ("dataset", "dictionary", "body", "name", "shared"):
        assert store._log.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    assert shown(directory) == set()


def test_nothing_new_makes_no_version(store: Store) -> None:
    """The same records and the same description give the version that is there already."""
    first = load(store, CATALOGUE, record("a"))
    again = load(store, CATALOGUE, record("a", line=99))
    assert again.unchanged
    assert again.number == first.number
    assert store.sequence == 1


def test_other_description_makes_a_version(store: Store, directory: Path) -> None:
    """A dataset that is described differently has a new version with the same records."""
    load(store, CATALOGUE, record("a"))
    renamed = Dataset(iri=CATALOGUE.iri, title={"en": "Courses"}, family="loq")
    version = load(store, renamed, record("a"))
    assert (version.number, version.counts.unchanged, version.unchanged) == (2, 1, False)
    with Reader(directory) as reader:
        assert reader.dataset(CATALOGUE.iri) == renamed


@pytest.mark.parametrize(
    "triples",
    [
        f"<{iri('a')}> <a:p> <a:o> .",
        f"<{iri('a')}> <a:p> <a:o>.\n",
        f"<{iri('a')}> <a:p> <a:o> .\n\n",
        f"<{iri('a')}> <a:p> <not an IRI> .\n",
        f"<{iri('a')}> <a:p> _:b .\n",
        f"<{iri('a')}> <a:p> <a:o> .\n_:b <a:p> <a:o> .\n",
        f"<{iri('b')}> <a:p> <a:o> .\n",
        "",
    ],
    ids=["no end", "no space", "empty line", "bad IRI", "blank", "blank subject", "other", "none"],
)
def test_what_is_no_ntriples_is_refused(store: Store, triples: str) -> None:
    """What could not be read back never gets into the log."""
    fine = record("a")
    broken = type(fine)(
        iri=fine.iri, type=fine.type, digest=b"1", file="a.xml", line=1, triples=triples
    )
    with store.delivery(CATALOGUE) as delivery:
        with pytest.raises(ValueError, match=r"N-Triples|blank node|must begin"):
            delivery.add(broken)
        assert delivery.add(fine) is None


def test_literals_may_look_like_blank_nodes_and_line_ends(store: Store, directory: Path) -> None:
    """Text with `_:b`, separators of Unicode and escaped line ends is kept as it is."""
    title = "see _:b \u2028 and \u0085 . \\n end ."
    load(store, CATALOGUE, record("a", title))
    assert shown(directory, CATALOGUE) == stated([record("a", title)])


def test_facts_that_are_no_rdf_are_refused_before_the_commit(store: Store) -> None:
    """A dataset IRI or a report that cannot be written as RDF does not get into the log."""
    broken = Dataset(iri="https://data.example.edu/two words", title={}, family="loq")
    with pytest.raises(ValueError, match="N-Triples"):
        load(store, broken, record("a"))
    with (
        pytest.raises(ValueError, match="full stop"),
        store.delivery(CATALOGUE) as delivery,
    ):
        delivery.publish(report_json="{}", report_triples="nonsense\n", facts=None)  # type: ignore[arg-type]
    assert store.sequence == 0


def test_two_deliveries_at_once_are_refused(store: Store) -> None:
    """The second delivery of one writer says so instead of mixing with the first."""
    with store.delivery(CATALOGUE) as first:
        first.add(record("a"))
        with pytest.raises(StoreUnavailable, match="transaction"), store.delivery(CATALOGUE):
            pass


def test_a_description_of_before_is_no_change(store: Store, directory: Path) -> None:
    """What a dataset was said to be before there were more keys is what it is said to be now."""
    load(store, CATALOGUE, record("a"))
    with closing(sqlite3.connect(directory / "log.sqlite")) as log:
        (text,) = log.execute("SELECT description FROM event").fetchone()
        known = json.loads(text)
        for key in ("themes", "keywords", "languages", "landing_page"):
            del known[key]
        log.execute("UPDATE event SET description = ?", (json.dumps(known),))
        log.commit()
    assert load(store, CATALOGUE, record("a")).unchanged
    assert store.datasets() == (CATALOGUE,)
