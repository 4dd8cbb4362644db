"""N-Triples lines to any of the formats; no names are looked up and no template is filled here."""

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from ..formats import DATASET_FORMATS, Format
from ..terms import PREFIXES

Part = tuple[str, str]
"""The IRI of a named graph, and N-Triples lines that it holds."""

_PREFIXES = dict(PREFIXES)
_WITH_GRAPHS = DATASET_FORMATS - {"jsonld"}


def serialize(parts: Sequence[Part], format_: Format) -> bytes:
    """Write what some graphs hold, each statement once, what is said of a subject together.

    Formats with named graphs say which graph holds what; the others are of the merged triples.
    """
    if format_.name in _WITH_GRAPHS:
        return _write(_quads(parts), format_)
    lines = _grouped("".join(lines for _, lines in parts))
    if format_.name == "nt":
        return lines.encode()
    return _write((quad.triple for quad in parse_lines(lines)), format_)


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


def _quads(parts: Iterable[Part]) -> Iterator[ox.Quad]:
    for graph, lines in parts:
        name = ox.NamedNode(graph)
        for quad in parse_lines(_grouped(lines)):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, name)


def _grouped(lines: str) -> str:
    """Put lines of one subject together, and of these the ones of one property."""
    subjects: dict[str, dict[str, dict[str, None]]] = {}
    # not splitlines: a literal may hold U+2028 and other ends of line as they are
    for line in lines.split("\n"):
        if line:
            subject, predicate, _ = line.split(" ", 2)
            subjects.setdefault(subject, {}).setdefault(predicate, {})[line] = None
    return "".join(
        f"{line}\n"
        for properties in subjects.values()
        for same in properties.values()
        for line in same
    )


def _write(statements: Iterable[ox.Triple] | Iterable[ox.Quad], format_: Format) -> bytes:
    assert isinstance(format_.oxigraph, ox.RdfFormat)  # noqa: S101 - for the type checker
    written = ox.serialize(statements, format=format_.oxigraph, prefixes=_PREFIXES)
    assert written is not None  # noqa: S101 - it is when nothing was given to write to
    if format_.name in {"ttl", "trig"}:
        return _with_turtle_prefixes(written)
    if format_.name == "rdfxml":
        return _with_xml_prefixes(written)
    return written


# The engine declares every prefix it is given, in another order each time; a strong ETag promises
# the same bytes, and a reader wants to see those that are used.


def _with_turtle_prefixes(written: bytes) -> bytes:
    body = written.split(b"\n", len(_PREFIXES))[-1]
    used = [line for prefix, line in _TURTLE_PREFIXES if prefix in body]
    return b"".join((*used, b"\n", body))


def _with_xml_prefixes(written: bytes) -> bytes:
    head, _, rest = written.partition(b"<rdf:RDF")
    _, _, body = rest.partition(b">")
    used = [attribute for prefix, attribute in _XML_PREFIXES if prefix in body]
    return b"".join((head, b"<rdf:RDF", *used, b">", body))


_TURTLE_PREFIXES = tuple(
    (f"{prefix}:".encode(), f"@prefix {prefix}: <{namespace}> .\n".encode())
    for prefix, namespace in _PREFIXES.items()
)
_XML_PREFIXES = tuple(
    (f"{prefix}:".encode(), f' xmlns:{prefix}="{namespace}"'.encode())
    for prefix, namespace in (*_PREFIXES.items(), ("its", "http://www.w3.org/2005/11/its"))
)
