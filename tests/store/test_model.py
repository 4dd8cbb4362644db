"""Any sequence of loads, reverts and withdrawals leaves what a few sets in memory say it should.

The store runs with tiny limits too, so that bulk loading and beginning anew, which otherwise need
many records, happen with a handful.
"""

import tempfile
from pathlib import Path
from unittest.mock import patch

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from europass_ld.store import Reader, Record, Store, content_hash, loads, view
from europass_ld.terms import expand

from .making import BASE, CATALOGUE, CONCEPT, GENID, OTHER, iri, load, publish, record, stated

NAMES = "abcd"
MORE = (
    CONCEPT,
    "<mailto:info@example.edu> <a:p> <a:Mailbox> .",
    f'<a:c> <a:nested> <{GENID}concept.1> .\n<{GENID}concept.1> <a:q> "x" .',
    *(f'<{iri(name)}> <a:said-by-others> "{name}" .' for name in NAMES),
)
RECORDS = st.builds(
    record,
    st.sampled_from(NAMES),
    st.sampled_from(["One", "Two"]),
    more=st.lists(st.sampled_from(MORE), max_size=4, unique=True).map(lambda x: sorted(x)[::-1]),
    verdict=st.sampled_from(["conforms", "warnings"]),
)
DELIVERIES = st.lists(RECORDS, max_size=4, unique_by=lambda one: one.iri)
DATASETS = st.sampled_from([CATALOGUE, OTHER])

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - waits for no disk

State = dict[str, Record]
_MOST_REDACTED = 2


class StoreMachine(RuleBasedStateMachine):
    """Drives a store, and keeps what each version of each dataset holds as plain dictionaries."""

    @initialize()
    def make(self) -> None:
        """Begin with an empty store."""
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.directory = Path(self.folder.name) / "store"
        self.store = Store.create(self.directory, BASE)
        self.versions: dict[str, list[State]] = {CATALOGUE.iri: [], OTHER.iri: []}
        self.version_of: dict[tuple[str, str], int] = {}
        self.sequence = 0
        self.redacted: set[str] = set()

    def teardown(self) -> None:
        """Let go of the store."""
        self.store.close()
        self.folder.cleanup()

    def live(self, dataset: str) -> State:
        """Return what a dataset holds."""
        return self.versions[dataset][-1] if self.versions[dataset] else {}

    def allowed(self, records: list[Record]) -> State:
        """Return what of a delivery comes in."""
        return {one.iri: one for one in records if one.iri not in self.redacted}

    def expect(self, dataset: str, state: State) -> None:
        """Write down a new version if it is one."""
        before = self.live(dataset)
        if self.versions[dataset] and state == before:
            return
        self.sequence += 1
        self.versions[dataset].append(state)
        for one in state.values():
            if before.get(one.iri) != one:
                self.version_of[dataset, one.iri] = self.sequence

    @rule(dataset=DATASETS, records=DELIVERIES)
    def load(self, dataset: object, records: list[Record]) -> None:
        """Load a complete delivery."""
        load(self.store, dataset, *records, partial=False)  # type: ignore[arg-type]
        self.expect(dataset.iri, self.allowed(records))  # type: ignore[attr-defined]

    @rule(dataset=DATASETS, records=DELIVERIES)
    def add(self, dataset: object, records: list[Record]) -> None:
        """Load a partial delivery."""
        load(self.store, dataset, *records, partial=True)  # type: ignore[arg-type]
        name = dataset.iri  # type: ignore[attr-defined]
        self.expect(name, self.live(name) | self.allowed(records))

    @rule(records=DELIVERIES, dropped=st.sets(st.sampled_from([iri(name) for name in NAMES])))
    def load_with_refusals(self, records: list[Record], dropped: set[str]) -> None:
        """Load a complete delivery of which some records are refused."""
        with self.store.delivery(CATALOGUE) as delivery:
            for one in records:
                delivery.add(one)
            delivery.drop(dropped)
            publish(delivery)
        before = self.live(CATALOGUE.iri)
        taken = {name: one for name, one in self.allowed(records).items() if name not in dropped}
        kept = {name: one for name, one in before.items() if name in dropped}
        self.expect(CATALOGUE.iri, taken | kept)

    @rule(dataset=DATASETS, data=st.data())
    def revert(self, dataset: object, data: st.DataObject) -> None:
        """Go back to any earlier version."""
        states = self.versions[dataset.iri]  # type: ignore[attr-defined]
        if states:
            number = data.draw(st.integers(1, len(states)))
            self.store.revert(dataset.iri, number)  # type: ignore[attr-defined]
            self.expect(dataset.iri, states[number - 1])  # type: ignore[attr-defined]

    @precondition(lambda self: self.versions[OTHER.iri])
    @rule()
    def withdraw(self) -> None:
        """Withdraw a dataset."""
        self.store.withdraw(OTHER.iri)
        self.expect(OTHER.iri, {})

    @precondition(lambda self: len(self.redacted) < _MOST_REDACTED)
    @rule(data=st.data())
    def redact(self, data: st.DataObject) -> None:
        """Remove a record for good, from past versions too; it does not come back."""
        known = {name for states in self.versions.values() for state in states for name in state}
        if known:
            name = data.draw(st.sampled_from(sorted(known)))
            self.store.redact(iri=name, reason="asked for")
            self.redacted.add(name)
            for states in self.versions.values():
                if any(name in state for state in states):
                    self.sequence += 1
                    for state in states:
                        state.pop(name, None)
                    states.append(dict(states[-1]))

    @precondition(lambda self: len(self.redacted) < _MOST_REDACTED)
    @rule(data=st.data())
    def crash_in_a_redaction(self, data: st.DataObject) -> None:
        """Remove a record from the log only; whoever opens the store next makes up for it."""
        with patch.object(Store, "_make_generation", return_value=True):
            self.redact(data)
        self.reopen()

    @rule()
    def rebuild(self) -> None:
        """Build the store anew."""
        self.store.rebuild()

    @rule()
    def reopen(self) -> None:
        """Let go of the store and open it again."""
        self.store.close()
        self.store = Store.open(self.directory)

    @rule(dataset=DATASETS, records=DELIVERIES)
    def crash_before_the_generation(self, dataset: object, records: list[Record]) -> None:
        """Commit two versions to the log only; whoever opens the store next makes up for it."""
        with patch.object(Store, "_make_generation", return_value=True):
            self.load(dataset, records)
            self.load(CATALOGUE, records[1:])
        self.reopen()

    @invariant()
    def shows_what_the_log_says(self) -> None:
        """Graphs, merged graph, dump, counts and provenance are those of the live records."""
        with Reader(self.directory) as reader:
            assert reader.sequence == self.store.sequence == self.sequence
            everything = set()
            for name, states in self.versions.items():
                live = stated(self.live(name).values())
                everything |= live
                assert lines_in(reader.store, ox.NamedNode(name)) == live
                if states:
                    dumped = b"".join(reader.dump(name)).decode()
                    end = f" <{name}> .\n"
                    assert sorted(dumped.split("\n")[:-1]) == sorted(
                        f"{line[:-2]}{end[:-1]}" for line in live
                    )
                    latest = reader.versions(name)[-1]
                    assert latest.number == len(states)
                    assert latest.triples == len(live)
                    assert latest.records == len(self.live(name))
            assert lines_in(reader.store, ox.DefaultGraph()) == everything
            assert self.provenance(reader) == self.expected_provenance()

    def provenance(self, reader: Reader) -> set[tuple[str, str]]:
        """Return what the graph of provenance says of records."""
        graph = ox.NamedNode(f"{BASE}id/graph/provenance")
        return {
            (subject.value, quad.object.value)
            for quad in reader.store.quads_for_pattern(None, None, None, graph)
            if isinstance(subject := quad.subject, ox.NamedNode)
            and subject.value.startswith("https://data.example.edu/")
            and isinstance(quad.object, ox.NamedNode)
        }

    def expected_provenance(self) -> set[tuple[str, str]]:
        """Return what it should say."""
        verdicts = {
            "conforms": expand("eld:conforms"),
            "warnings": expand("eld:conformsWithWarnings"),
        }
        return {
            (one.iri, value)
            for name in self.versions
            for one in self.live(name).values()
            for value in (
                verdicts[one.verdict],
                f"{BASE}id/version/{self.version_of[name, one.iri]}",
            )
        }

    def check_rebuilding(self) -> None:
        """Compare with a store that is made from the log alone."""
        with Reader(self.directory) as reader:
            before = content_hash(reader.store)
            self.store.rebuild()
            reader.refresh()
            assert content_hash(reader.store) == before


def lines_in(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> set[str]:
    """Return the triples of a graph as lines of N-Triples."""
    return {f"{quad.triple} ." for quad in store.quads_for_pattern(None, None, None, graph)}


def check(examples: int) -> None:
    """Run the machine for so many sequences of events."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=8,
        deadline=None,
        phases=[Phase.generate],  # shrinking takes minutes, and the steps of a failure are few
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(StoreMachine, settings=chosen)


EXAMPLES = pytest.mark.parametrize("examples", [5, pytest.param(30, marks=pytest.mark.slow)])


@EXAMPLES
def test_any_sequence_of_events(examples: int) -> None:
    """Sets in memory and the store agree after every step."""
    check(examples)


@EXAMPLES
def test_any_sequence_of_events_with_tiny_limits(examples: int) -> None:
    """They agree as well when everything is loaded in bulk and begun anew after two removals."""
    with (
        patch.object(loads, "_CHUNK", 4),
        patch.object(loads, "_BULK_FROM", 3),
        patch.object(view, "_REMOVED_AT_ONCE", 2),
    ):
        check(examples)
