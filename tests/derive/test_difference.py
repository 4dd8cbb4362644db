"""Differences bring a graph to what was derived, and no further."""

from collections.abc import Iterable

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.derive import difference, history
from europass_ld.derive.history import FormerState

from .stores import BASE

GRAPH = ox.NamedNode("https://ld.example.org/id/graph/derived")

names = st.sampled_from("abcd").map("<https://data.example.org/{}>".format)
literals = st.sampled_from(
    ['"1"', '"a\\nb"', '"é"@en', '"x\u2028y"', '"1.5"^^<https://a.b/decimal>']
)
values = st.one_of(names, literals)
triples = st.frozensets(st.builds("{} {} {} .\n".format, names, names, values), max_size=20)


def parts_of(lines: Iterable[str]) -> list[str]:
    """Return the lines in parts, each with all of its subject."""
    found: dict[str, list[str]] = {}
    for line in sorted(lines):
        found.setdefault(line.split(" ")[0], []).append(line)
    return ["".join(part) for part in found.values()]


def apply(store: ox.Store, changes: Iterable[tuple[str, str]]) -> int:
    """Apply changes to the graph and return how many triples they touched."""
    touched = 0
    for removed, added in changes:
        for quad in ox.parse(removed, ox.RdfFormat.N_TRIPLES):
            store.remove(ox.Quad(quad.subject, quad.predicate, quad.object, GRAPH))
            touched += 1
        store.load(added.encode(), ox.RdfFormat.N_TRIPLES, to_graph=GRAPH)
        touched += added.count(" .\n")
    return touched


@given(before=triples, after=triples)
@settings(max_examples=100, deadline=None)
def test_from_any_graph_to_any_other(before: frozenset[str], after: frozenset[str]) -> None:
    """The graph holds what was wanted; each triple that differs is touched once, no other."""
    store = ox.Store()
    apply(store, difference(store, GRAPH.value, parts_of(before)))
    node = ox.NamedNode("https://data.example.org/a")
    other = ox.Quad(node, node, node, ox.NamedNode("https://a.b/another-graph"))
    store.add(other)
    assert apply(store, difference(store, GRAPH.value, parts_of(after))) == len(before ^ after)
    held = store.quads_for_pattern(None, None, None, GRAPH)
    assert {f"{quad.triple} .\n" for quad in held} == after
    assert not list(difference(store, GRAPH.value, parts_of(after)))
    assert other in store


def test_former_states_are_nodes_of_their_own() -> None:
    """Two states of one record are two, and the same state is the same next year."""
    one = FormerState(
        "https://a.b/r", "https://a.b/C", "https://a.b/1", "https://a.b/2", "https://a.b/v"
    )
    two = one._replace(since="https://a.b/2", until="https://a.b/3")
    lines = "".join(history([one, two], base=BASE)).splitlines()
    assert len({line.split(" ")[0] for line in lines}) == 2
    assert len(lines) == 12
    assert "".join(history([two], base=BASE)).splitlines() == lines[6:]
