"""Statements of the default graph and of named graphs, as text in the formats that have both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from ..formats import Format
from ..terms import expand
from ..turtle import Part, trig, turtle


@dataclass(frozen=True, slots=True)
class Document:
    """N-Triples lines of the default graph, and of named graphs."""

    description: str
    parts: Sequence[Part] = ()


def write(document: Document, format_: Format) -> bytes:
    """Write a document as TriG, N-Quads or JSON-LD; the same bytes each time."""
    if format_.name == "trig":
        return f"{turtle(document.description)}{trig(document.parts)}".encode()
    quads = "".join([document.description, *map(_quads, document.parts)])
    if format_.name == "nq":
        return quads.encode()
    assert isinstance(format_.oxigraph, ox.RdfFormat)  # noqa: S101 - for the type checker
    parsed = ox.parse(quads, format=ox.RdfFormat.N_QUADS)
    written = ox.serialize(parsed, format=format_.oxigraph)
    assert written is not None  # noqa: S101 - it is None only where a file was given
    return written


def _quads(part: Part) -> str:
    graph, lines = part
    return lines.replace(" .\n", f" <{graph}> .\n")


def link(subject: str, predicate: str, target: str) -> str:
    """Return the N-Triples line that links two IRIs; the predicate is given with its prefix."""
    return f"<{subject}> <{expand(predicate)}> <{target}> .\n"


def term(subject: str, predicate: str, name: str) -> str:
    """Return the N-Triples line whose object is a term, given with its prefix."""
    return link(subject, predicate, expand(name))


def text(subject: str, predicate: str, words: str, language: str | None = None) -> str:
    """Return the N-Triples line of a text, in a language if it is in one."""
    return f"<{subject}> <{expand(predicate)}> {ox.Literal(words, language=language)} .\n"


def texts(subject: str, predicate: str, by_language: Mapping[str, str]) -> str:
    """Return the N-Triples lines of a text in several languages."""
    return "".join(text(subject, predicate, words, tag) for tag, words in by_language.items())


def value(subject: str, predicate: str, text: str, datatype: str) -> str:
    """Return the N-Triples line of a typed literal whose text needs no escapes."""
    return f'<{subject}> <{expand(predicate)}> "{text}"^^<{expand(datatype)}> .\n'


def lines(*groups: Iterable[str]) -> str:
    """Join lines of N-Triples."""
    return "".join(line for group in groups for line in group)
