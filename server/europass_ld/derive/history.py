"""The graph of history: states that records had and have no longer.

The store holds what records say now; which version brought it stands in the graph of provenance.
To compare two versions it takes the states in between too. Of each, only this is kept:

=======================  ==========================================================================
property                 value
=======================  ==========================================================================
rdf:type                 eld:FormerState
prov:specializationOf    the record
void:class               its class
prov:wasDerivedFrom      the version of the dataset that brought the state
eld:endedBy              the version that replaced or withdrew it
eld:verdict              whether the state conformed
=======================  ==========================================================================
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from ..terms import expand
from .names import line, link, node

_BATCH = 1000


class FormerState(NamedTuple):
    """A state of a record that is over; `since` and `until` are the IRIs of versions.

    `verdict` is the IRI of an `eld:Verdict`, `type` that of the record's class.
    """

    record: str
    type: str
    since: str
    until: str
    verdict: str


def history(states: Iterable[FormerState], *, base: str) -> Iterator[str]:
    """Yield the graph of history as N-Triples text, in parts (see `derive`).

    A state is named by its record and the version that brought it.
    """
    remaining = iter(states)
    while batch := list(islice(remaining, _BATCH)):
        yield "".join(_lines(state, base) for state in batch)


def _lines(state: FormerState, base: str) -> str:
    iri = node(base, "state", state.record, state.since)
    return "".join(
        line(iri, name, link(value))
        for name, value in (
            ("rdf:type", expand("eld:FormerState")),
            ("prov:specializationOf", state.record),
            ("void:class", state.type),
            ("prov:wasDerivedFrom", state.since),
            ("eld:endedBy", state.until),
            ("eld:verdict", state.verdict),
        )
    )
