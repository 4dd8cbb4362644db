"""Bring up the graphs that follow from the records: what is derived, its quality, its history.

Nothing of them is in the log: from the log comes the rest, and from the rest come these. After a
small change only that is worked out again which depends on it (see `dependants`). After a large
one, and for a new store, all records are read, and what follows is compared with what the graphs
hold; a record costs less than it does the other way, about a third at 10 MB.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

import pyoxigraph as ox

from .. import __version__, resources
from ..derive import (
    METRIC,
    Countries,
    Derivation,
    FormerState,
    Gathering,
    codes_of,
    derived_graph,
    difference,
    history,
    history_graph,
    lines_about,
    lines_about_levels,
    quality,
    quality_graph,
)
from ..terms import expand
from ..vocabularies import CodeLists, load_code_lists
from . import rows
from .bodies import Bodies
from .dependants import Dependants
from .loads import Loads
from .provenance import version_iri
from .statements import lines_of, shared_among

_COST_OF_ONE = 3
_BATCH = 1000
_VERDICTS = {
    "conforms": expand("eld:conforms"),
    "warnings": expand("eld:conformsWithWarnings"),
}


def rules() -> str:
    """Return what decides how things are derived; where it is another, all is derived anew."""
    return f"{__version__} {resources.version('mappings')} {_code_lists().version}"


def draw_consequences(
    loads: Loads,
    log: sqlite3.Connection,
    base: str,
    *,
    since: int,
    before: ox.Store | None,
    gathering: Gathering | None,
) -> None:
    """Bring the graphs `{base}id/graph/derived`, `…/quality` and `…/history` up from `since`.

    What is added goes through `loads`. `before` is the store as it was then, by the same `rules`;
    without it all is worked out anew. `gathering` has had all records added to it, if they had to
    be read already.

    Raises:
        OSError: the disk is full or broken; the store is in no defined state then.
    """
    derived, measured = ox.NamedNode(derived_graph(base)), ox.NamedNode(quality_graph(base))
    if gathering is not None or before is None or _is_large(log, since):
        gathering = gathering or _gather(log, base)
        gathering.settle(loads.store)
        datasets = rows.datasets(log)
        countries = Countries(gathering, codes_of(_code_lists()), datasets)
        parts = _derived_parts(gathering, countries)
        _change(loads, derived, difference(loads.store, derived.value, parts))
        parts = _quality_parts(gathering, countries, base)
        _change(loads, measured, difference(loads.store, measured.value, parts))
    else:
        dependants = Dependants(loads.store, before, log, base, since, codes_of(_code_lists()))
        _change(loads, derived, dependants.derived())
        _change(loads, measured, dependants.quality())
    # a state that is over never changes
    states = ((("", part)) for part in history(_former_states(log, base, since), base=base))
    _change(loads, ox.NamedNode(history_graph(base)), states)


def _is_large(log: sqlite3.Connection, since: int) -> bool:
    """Whether so many records are other than at `since` that all are sooner derived anew."""
    changed, live = log.execute(
        "SELECT count(*) FILTER (WHERE seq_from > ?1 OR seq_to > ?1), "
        "count(*) FILTER (WHERE seq_to IS NULL) FROM record",
        (since,),
    ).fetchone()
    return bool(changed * _COST_OF_ONE > live)


def _gather(log: sqlite3.Connection, base: str) -> Gathering:
    gathering, bodies = Gathering(shared_among(base)), Bodies(log)
    for dataset, iri, dictionary, content in log.execute(
        "SELECT dataset.iri, record.iri, dictionary, content FROM record "
        "JOIN dataset ON dataset.id = dataset JOIN body ON body.id = body WHERE seq_to IS NULL"
    ):
        gathering.add(dataset, iri, lines_of(bodies.unpack(dictionary, content)[1]))
    return gathering


def _derived_parts(gathering: Gathering, countries: Countries) -> Iterator[str]:
    """Yield the derived graph in parts, and count in passing which records have what."""
    yield lines_about_levels(_code_lists())
    derivation = Derivation(gathering, codes_of(_code_lists()), countries)
    records = iter(gathering.records())
    while batch := list(islice(records, _BATCH)):
        part = []
        for record in batch:
            statements = derivation.about(record)
            gathering.count_coverage(record, statements)
            part.append(lines_about(record, statements))
        yield "".join(part)


def _quality_parts(gathering: Gathering, countries: Countries, base: str) -> Iterator[str]:
    yield METRIC
    for dataset, its_countries in countries.of_datasets.items():
        parts = quality(base, dataset, gathering.counts[dataset], its_countries)
        while batch := list(islice(parts, _BATCH)):
            yield "".join(map(str, batch))


def _change(loads: Loads, graph: ox.NamedNode, changes: Iterable[tuple[str, str]]) -> None:
    """Remove and add N-Triples."""
    lines = loads.into(graph)
    for removed, added in changes:
        for quad in ox.parse(input=removed, format=ox.RdfFormat.N_TRIPLES):
            loads.store.remove(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
        lines.extend(lines_of(added))
    lines.flush()


@cache
def _code_lists() -> CodeLists:
    """The shipped code lists: what follows must not depend on the machine it is worked out on."""
    return load_code_lists()


def _former_states(log: sqlite3.Connection, base: str, since: int) -> Iterator[FormerState]:
    states = log.execute(
        "SELECT iri, name.text, seq_from, seq_to, verdict FROM record "
        "JOIN name ON name.id = record.type WHERE seq_to > ? AND verdict != 'redacted' "
        "ORDER BY record.id",
        (since,),
    )
    for iri, type_iri, begin, end, verdict in states:
        yield FormerState(
            iri, type_iri, version_iri(base, begin), version_iri(base, end), _VERDICTS[verdict]
        )
