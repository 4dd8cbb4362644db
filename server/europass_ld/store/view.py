"""Bring an RDF store from the sequence of the log that it shows to the last one.

A publishing, a replay after a crash and a rebuild are the same work: remove what live records
state no longer, add what they state now. Each dataset has its graph, and the default graph is the
merge of those: a triple stands in it once when any dataset states it. The server's own graphs
(provenance, reports, code lists, state) are never part of it.

Nothing here is one transaction, so it is only ever done to a store that nobody reads yet.

Removing a statement costs about three times as much as adding one; so once more than a third of
what is live has been removed, it is time to begin anew, and at worst half of the work was in vain.
"""

import gc
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from ..derive import Gathering
from . import rows
from .bodies import Bodies, unpack_text
from .changes import State, transitions
from .consequences import draw_consequences, rules
from .generations import applied_sequence, set_applied_sequence
from .loads import Lines, Loads
from .provenance import provenance_graph, record_lines, report_graph, vocabulary_graph
from .statements import lines_of, shared_among, still_stated

_REMOVED_AT_ONCE = 10_000
_COST_OF_REMOVAL = 3
_DEFAULT = ox.DefaultGraph()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Look for no cycles among objects of which there are millions, and none is in a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_collector_paused()
def bring_up(
    log: sqlite3.Connection, base: str, directory: Path, *, before: ox.Store | None = None
) -> bool:
    """Bring the store in `directory` (absent: a new one) up to the last event of the log.

    `before` is the store that it was copied from. False says that so much is to be removed that an
    empty store is sooner filled; this one is in no defined state then.

    Raises:
        OSError: the disk is full or broken; the store is in no defined state either.
    """
    store = ox.Store(directory)
    with Loads(store) as loads:
        view = _View(log, base, loads)
        try:
            view.update_datasets()
        except _SoonerMadeAnew:
            return False
        view.describe_versions()
        view.replace_vocabulary()
        draw_consequences(
            loads, log, base, since=view.since, before=before, gathering=view.gathering
        )
    set_applied_sequence(store, base, rows.last_sequence(log), rules())
    store.flush()
    return True


class _SoonerMadeAnew(Exception):
    pass


class _View:
    """A store on its way from the sequence `since` to the last one.

    `gathering` has what all records state, where all of them have to be read anyway.
    """

    def __init__(self, log: sqlite3.Connection, base: str, loads: Loads):
        self._log = log
        self._base = base
        self._store = loads.store
        self._loads = loads
        self._bodies = Bodies(log)
        self._provenance = ox.NamedNode(provenance_graph(base))
        self._datasets = {ox.NamedNode(iri) for (iri,) in log.execute("SELECT iri FROM dataset")}
        self._removals_left = max(_REMOVED_AT_ONCE, rows.triples(log) // _COST_OF_REMOVAL)
        self.since = applied_sequence(loads.store, base)
        all_are_new = not rows.has_records(log, until=self.since)
        self.gathering = Gathering(shared_among(base)) if all_are_new else None

    def update_datasets(self) -> None:
        """Bring the graphs of all datasets that have changed up.

        Raises:
            _SoonerMadeAnew: there is too much to remove.
        """
        for number, iri in rows.changed_datasets(self._log, self.since):
            self._update_dataset(number, ox.NamedNode(iri))

    def _update_dataset(self, dataset: int, graph: ox.NamedNode) -> None:
        """Bring the graph of a dataset, the default graph and the records' provenance up."""
        gone = Lines(_REMOVED_AT_ONCE, lambda lines: self._remove(dataset, graph, lines))
        come = self._loads.into(graph, _DEFAULT)
        gone_provenance = Lines(_REMOVED_AT_ONCE, self._remove_provenance)
        come_provenance = self._loads.into(self._provenance)
        for change in transitions(self._log, dataset, self.since):
            old, new = map(lines_of, change.texts(self._log, self._bodies))
            if self.gathering is not None:
                self.gathering.add(graph.value, change.iri, new)
            gone.extend(_without(old, new))
            come.extend(_without(new, old))
            come_provenance.extend(self._provenance_lines(change.iri, change.after))
            if change.before is not None:
                gone_provenance.extend(self._stale_provenance(change.iri, change.before))
        for lines in (gone, come, gone_provenance, come_provenance):
            lines.flush()
        self._loads.wait()  # another dataset may state less, and must see what this one states
        if not any(True for _ in self._store.quads_for_pattern(None, None, None, graph)):
            self._store.remove_graph(graph)

    def describe_versions(self) -> None:
        """Add what is known of the versions since, and their validation reports."""
        for version in list(rows.versions(self._log, "sequence > ?", (self.since,))):
            text = rows.version_triples(self._log, self._base, version)
            self._loads.add(text.split("\n"), self._provenance)
            (report,) = self._log.execute(
                "SELECT report_triples FROM event WHERE sequence = ?", (version.sequence,)
            ).fetchone()
            if report is not None:
                graph = ox.NamedNode(report_graph(self._base, version.sequence))
                self._loads.add(unpack_text(report).split("\n"), graph)

    def replace_vocabulary(self) -> None:
        """Make the graph of the code lists what the log has."""
        row = self._log.execute(
            "SELECT content FROM vocabulary WHERE sequence > ?", (self.since,)
        ).fetchone()
        if row is None:
            return
        graph = ox.NamedNode(vocabulary_graph(self._base))
        wanted = dict.fromkeys(unpack_text(row[0]).split("\n"))
        stale = [
            quad
            for quad in self._store.quads_for_pattern(None, None, None, graph)
            if wanted.pop(f"{quad.triple} .", quad) is quad
        ]
        for quad in stale:
            self._store.remove(quad)
        added = self._loads.into(graph)
        for line in wanted:
            added.extend((line,))
        added.flush()

    def _provenance_lines(self, iri: str, state: State | None) -> tuple[str, ...]:
        return record_lines(self._base, iri, state.sequence, state.verdict) if state else ()

    def _stale_provenance(self, iri: str, before: State) -> list[str]:
        rows_ = self._log.execute(
            "SELECT seq_from, verdict FROM record WHERE iri = ? AND seq_to IS NULL", (iri,)
        )
        present = {
            line
            for sequence, verdict in rows_
            for line in record_lines(self._base, iri, sequence, verdict)
        }
        return [line for line in self._provenance_lines(iri, before) if line not in present]

    def _remove(self, dataset: int, graph: ox.NamedNode, lines: list[str]) -> None:
        self._removals_left -= len(lines)
        if self._removals_left < 0:
            raise _SoonerMadeAnew
        others = self._datasets - {graph}
        kept = set(still_stated(self._log, dataset, lines))
        for quad in _parse(line for line in lines if line not in kept):
            triple = quad.subject, quad.predicate, quad.object
            self._store.remove(ox.Quad(*triple, graph))
            holders = self._store.quads_for_pattern(*triple, None) if others else ()
            if not any(one.graph_name in others for one in holders):
                self._store.remove(ox.Quad(*triple, _DEFAULT))

    def _remove_provenance(self, lines: list[str]) -> None:
        for quad in _parse(lines):
            triple = quad.subject, quad.predicate, quad.object
            self._store.remove(ox.Quad(*triple, self._provenance))


def _without(lines: list[str], others: list[str]) -> Iterable[str]:
    known = set(others)
    return [line for line in lines if line not in known] if known else lines


def _parse(lines: Iterable[str]) -> Iterator[ox.Quad]:
    return ox.parse("\n".join(lines), ox.RdfFormat.N_TRIPLES, lenient=True)
