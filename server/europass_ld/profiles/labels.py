"""What things are called and of which class they are: all that a list or a hover text needs."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ..store import Reader
from ..terms import GENID_PATH, RDF_TYPE, expand
from ..vocabularies import CodeLists
from .things import TITLES

_TITLES = frozenset(f"<{expand(one)}>" for one in TITLES)
_KEPT = frozenset(
    f"<{expand(one)}>" for one in ("rdf:type", "rdfs:label", "skos:prefLabel", "skos:altLabel")
)
_TYPE = f"<{RDF_TYPE}>"
_LABEL = f"<{expand('rdfs:label')}>"
_PREFERRED = f"<{expand('skos:prefLabel')}>"


def labels(reader: Reader, code_lists: CodeLists, lines: str) -> str:
    """Return N-Triples lines with the names and classes of what other lines are about.

    Whatever kind of title a record has is its `rdfs:label`. Records and codes that the lines point
    at have theirs too; of a code that is its `skos:prefLabel`.
    """
    stated = dict.fromkeys(_names(lines.split("\n")))
    named = {line.partition(" ")[0] for line in stated if f" {_LABEL} " in line}
    for node in dict.fromkeys(_objects(lines)):
        if node not in named and GENID_PATH not in node:
            stated |= dict.fromkeys(_named(reader, code_lists, node))
    return "".join(f"{line}\n" for line in stated)


def _names(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        subject, _, rest = line.partition(" ")
        predicate, _, value = rest.partition(" ")
        if predicate in _TITLES and GENID_PATH not in subject:
            yield f"{subject} {_LABEL} {value}"
        if predicate in _KEPT and GENID_PATH not in subject:
            yield line


def _objects(lines: str) -> Iterator[str]:
    for line in lines.split("\n"):
        _, _, rest = line.partition(" ")
        predicate, _, value = rest.partition(" ")
        if value.startswith("<") and predicate != _TYPE:
            yield value[:-2]


def _named(reader: Reader, code_lists: CodeLists, node: str) -> Iterator[str]:
    iri = node[1:-1]
    for tag, text in code_lists.labels(iri).items():
        label = ox.Literal(text) if tag == "und" else ox.Literal(text, language=tag)
        yield f"{node} {_PREFERRED} {label} ."
    for one in reader.describe(iri):
        own = (line for line in one.record.triples.split("\n") if line.startswith(f"{node} "))
        yield from _names(own)
