"""N-Triples lines to any of the formats; no names are looked up and no template is filled here."""

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from ..formats import Format
from ..rdfxml import rdf_xml
from ..terms import PREFIXES
from ..turtle import Part, grouped, trig, turtle

_PREFIXES = dict(PREFIXES)


def serialize(parts: Sequence[Part], format_: Format) -> bytes:
    """Write what some graphs hold, each statement once, what is said of a subject together.

    TriG and N-Quads say which graph holds what; the other formats are of the merged triples. A
    graph without a name is the default graph.
    """
    if format_.name == "trig":
        return trig(parts).encode()
    if format_.name == "nq":
        return "".join(
            _together(lines, f" <{graph}>" if graph else "") for graph, lines in parts
        ).encode()
    lines = "".join(lines for _, lines in parts)
    if format_.name == "ttl":
        return turtle(lines).encode()
    if format_.name == "nt":
        return _together(lines).encode()
    if format_.name == "rdfxml":
        return rdf_xml(_together(lines))
    return _written(_together(lines), format_)


def with_default_graph(parts: Sequence[Part]) -> list[Part]:
    """Return graphs with what they state together before them, as the default graph.

    So is the store's dataset made, and a client that asks the default graph of a document finds
    something: those who take N-Quads or TriG before all else often do.
    """
    return [("", "".join(lines for _, lines in parts)), *parts]


def parse_lines(lines: str) -> Iterable[ox.Quad]:
    """Yield the triples of N-Triples lines, as quads of the default graph."""
    return ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)


def parts_of(quads: Iterable[ox.Quad]) -> list[Part]:
    """Return quads of named graphs as parts; those of the default graph are left out."""
    graphs: dict[str, list[str]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, ox.NamedNode):
            graphs.setdefault(quad.graph_name.value, []).append(f"{quad.triple} .\n")
    return [(graph, "".join(lines)) for graph, lines in graphs.items()]


def _together(lines: str, graph: str = "") -> str:
    return "".join(
        f"{subject} {predicate} {value}{graph} .\n"
        for subject, properties in grouped(lines).items()
        for predicate, values in properties.items()
        for value in values
    )


def _written(lines: str, format_: Format) -> bytes:
    assert isinstance(format_.oxigraph, ox.RdfFormat)  # noqa: S101 - for the type checker
    triples = (quad.triple for quad in parse_lines(lines))
    written = ox.serialize(triples, format=format_.oxigraph, prefixes=_PREFIXES)
    assert written is not None  # noqa: S101 - it is None only where a file was given
    return written
