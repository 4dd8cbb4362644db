"""What is redacted is in no file of the store, past or present, and does not come back."""

from pathlib import Path

import pytest

from europass_ld.errors import StoreError
from europass_ld.store import Reader, Store, generation_at
from europass_ld.terms import expand

from .making import CATALOGUE, OTHER, iri, load, record, shown

CANARY = "Jane Q. Canary"
MAILBOX = "mailto:jane.canary@example.edu"
_MAIL = (
    f"<{iri('secret')}> <{expand('elm:contactPoint')}> <{MAILBOX}> .",
    f"<{MAILBOX}> <{expand('rdf:type')}> <{expand('elm:Mailbox')}> .",
)
_MANY = 150
"""Enough for a dictionary of the class to be trained, with pieces of the records in it."""


def files_with(directory: Path, text: str) -> list[str]:
    """Return the files of a directory that hold a text, plain or compressed in the log."""
    return [
        str(path.relative_to(directory))
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.is_symlink() and text.encode() in path.read_bytes()
    ]


def everything_said(directory: Path) -> str:
    """Return all that the log can be made to say: records, past ones too, and reports."""
    with Reader(directory) as reader:
        parts = []
        for dataset in reader.datasets():
            parts += [
                reader.report(dataset.iri, version.number) or ""
                for version in reader.versions(dataset.iri)
            ]
            parts.append(repr(dataset))
            parts += [
                change.record.triples
                for one in ("secret", "other", "r1")
                for change in reader.history(iri(one))
                if change.record
            ]
        return "\n".join(parts)


@pytest.fixture
def filled(store: Store) -> Store:
    """A store in which a person stands in two datasets, in several versions and a dictionary."""
    others = [record(f"r{number}", f"{CANARY} teaches {number}") for number in range(_MANY)]
    load(store, CATALOGUE, record("secret", CANARY, more=_MAIL), *others)
    load(store, OTHER, record("secret", f"Ask {CANARY}"), record("other", "Nobody"))
    load(store, CATALOGUE, record("secret", f"{CANARY} again"), *others)
    return store


def _versions(store: Store) -> list[tuple[str, int, str, int, int, int]]:
    with Reader(store.directory) as reader:
        return [
            (one.dataset, one.number, one.kind, one.counts.changed, one.counts.deleted, one.records)
            for dataset in reader.datasets()
            for one in reader.versions(dataset.iri)[-1:]
        ]


def test_a_record_is_gone_for_good(filled: Store) -> None:
    """Both datasets have an event of it; what is left is that it was there, and why it is not."""
    found = filled.redact(iri=iri("secret"), reason="its subject asked")
    assert (found.records, found.states, found.live) == ((iri("secret"),), 3, 2)
    assert _versions(filled) == [
        (CATALOGUE.iri, 3, "redact", 0, 1, _MANY),
        (OTHER.iri, 2, "redact", 0, 1, 1),
    ]
    with Reader(filled.directory) as reader:
        assert reader.describe(iri("secret")) == ()
        tombstone = reader.tombstone(iri("secret"))
        assert tombstone is not None
        assert reader.redaction(iri("secret")) == "its subject asked"
        assert reader.redaction(iri("other")) is None
        changes = reader.history(iri("secret"))
        assert {one.record.triples for one in changes if one.record} == {""}
    assert MAILBOX not in "".join(shown(filled.directory))
    assert files_with(filled.directory, MAILBOX) == []


def test_a_text_is_gone_for_good(filled: Store) -> None:
    """Every statement that holds it goes, everywhere; records that had it are changed."""
    found = filled.redact(text=CANARY, reason="no consent")
    assert found.live == _MANY + 2
    assert _versions(filled) == [
        (CATALOGUE.iri, 3, "redact", _MANY + 1, 0, _MANY + 1),
        (OTHER.iri, 2, "redact", 1, 0, 2),
    ]
    assert CANARY not in everything_said(filled.directory)
    assert files_with(filled.directory, CANARY) == []
    assert f'<{iri("other")}> <{expand("dct:title")}> "Nobody"@en .' in shown(filled.directory)


def test_a_mailbox_goes_with_what_is_said_of_it(filled: Store) -> None:
    """An IRI is found by a part of it, as subject and as object."""
    filled.redact(text="jane.canary", reason="no consent")
    assert files_with(filled.directory, "jane.canary") == []
    assert not [line for line in shown(filled.directory) if "Mailbox" in line]


def test_it_does_not_come_back(filled: Store) -> None:
    """A later delivery of the same brings neither the record nor the statements."""
    filled.redact(iri=iri("secret"), reason="asked")
    filled.redact(text=CANARY, reason="asked")
    with filled.delivery(OTHER) as delivery:
        delivery.add(record("secret", "Something else"))
        delivery.add(record("r1", f"{CANARY} teaches 1"))
        delivery.add(record("other", "Nobody"))
        assert [one.iri for one in delivery.left_out] == [iri("secret"), iri("r1")]
        difference = delivery.difference()
        assert (difference.added_iris, difference.refused) == ((iri("r1"),), 0)
    assert files_with(filled.directory, CANARY) == []


def test_going_back_does_not_bring_it_back(filled: Store) -> None:
    """A revert restores what is left of a version."""
    filled.redact(iri=iri("secret"), reason="asked")
    filled.revert(CATALOGUE.iri, 1)
    with Reader(filled.directory) as reader:
        assert reader.describe(iri("secret")) == ()
        assert reader.versions(CATALOGUE.iri)[-1].records == _MANY


def test_past_states_do_not_show_it(filled: Store) -> None:
    """A state before is made again from the log as it is now; the one made before is removed."""
    generation_at(filled.directory, 1)
    filled.redact(iri=iri("secret"), reason="asked")
    made = generation_at(filled.directory, 1)
    assert not [one for one in files_with(made, "canary") if one]
    with Reader(filled.directory) as reader:
        assert reader.last_redaction() == 5


def test_only_one_generation_is_left(filled: Store) -> None:
    """Generations before are removed: the engine keeps what was deleted in its files."""
    filled.redact(text=CANARY, reason="asked")
    assert [one.name for one in (filled.directory / "generations").iterdir()] == ["5"]


@pytest.mark.parametrize("what", [{"iri": iri("unknown")}, {"text": "unheard of"}])
def test_nothing_to_remove(filled: Store, what: dict[str, str]) -> None:
    """It is said, and nothing is changed."""
    with pytest.raises(StoreError):
        filled.redact(**what, reason="asked")
    assert filled.sequence == 3


def test_a_text_that_is_a_name(filled: Store) -> None:
    """Part of a record's IRI cannot be removed from it: the record has to go."""
    with pytest.raises(StoreError, match="part of the name"):
        filled.redact(text="example.edu/secr", reason="asked")


def test_what_is_left_is_counted_right(filled: Store, directory: Path) -> None:
    """A store made anew from the log is the same: nothing was miscounted."""
    filled.redact(text=CANARY, reason="asked")
    before = shown(directory)
    filled.rebuild()
    assert shown(directory) == before


def test_a_description_is_rewritten(filled: Store, directory: Path) -> None:
    """A text in what is known of a dataset goes too, and its name stays."""
    described = type(OTHER)(
        iri=OTHER.iri, title=OTHER.title, family="loq", contact="mailto:bo.canary@example.fi"
    )
    load(filled, described, record("other", "Nobody"))
    filled.redact(text="bo.canary", reason="asked")
    with Reader(directory) as reader:
        assert reader.dataset(OTHER.iri).contact is None
    assert files_with(directory, "bo.canary") == []
