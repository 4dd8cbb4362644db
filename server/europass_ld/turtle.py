"""N-Triples lines to Turtle, as text: every N-Triples term is a Turtle term already.

A resource as Turtle is the commonest request there is, and this takes a quarter of the time of
parsing and serialising. The prefixes are those in use, always in the same order: a strong ETag
promises the same bytes. <https://www.w3.org/TR/turtle/>
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .terms import PREFIXES, RDF_TYPE

Part = tuple[str, str]
"""The IRI of a named graph, and N-Triples lines that it holds."""

_NEXT_PROPERTY = " ;\n\t"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_TYPE = f"<{RDF_TYPE}>"


def turtle(lines: str) -> str:
    """Write N-Triples lines as Turtle, each statement once, subjects in their first order."""
    used: set[str] = set()
    blocks = _blocks(lines, used)
    return _with_prefixes(blocks, used)


def turtle_prefixes() -> str:
    """Return the head of a document that `turtle_blocks` of any statements may follow.

    It declares all prefixes, used or not: what is used is known at the end of a document only.
    """
    return _with_prefixes((), set(PREFIXES))


def turtle_blocks(lines: str) -> str:
    """Write N-Triples lines as Turtle without a head.

    Of each subject there is one block: a line that begins with the subject, then lines that begin
    with a tab.
    """
    return "".join(_blocks(lines, set()))


def trig(parts: Iterable[Part]) -> str:
    """Write graphs, given as N-Triples lines, as TriG; one without a name is the default graph."""
    used: set[str] = set()
    blocks = [piece for graph, lines in parts for piece in _graph(graph, _blocks(lines, used))]
    return _with_prefixes(blocks, used)


def _graph(name: str, blocks: Iterable[str]) -> Iterator[str]:
    yield from (f"<{name}> {{\n", *blocks, "}\n") if name else blocks


def grouped(lines: str) -> dict[str, dict[str, dict[str, None]]]:
    """Return the objects by subject and predicate, all in their first order, as N-Triples terms."""
    subjects: dict[str, dict[str, dict[str, None]]] = {}
    # not splitlines: a literal may hold U+2028 and other ends of line as they are
    for line in lines.split("\n"):
        if line:
            subject, predicate, value = line.split(" ", 2)
            subjects.setdefault(subject, {}).setdefault(predicate, {})[value[:-2]] = None
    return subjects


def _blocks(lines: str, used: set[str]) -> list[str]:
    blocks = []
    for subject, properties in grouped(lines).items():
        stated = []
        for predicate, values in properties.items():
            verb = "a" if predicate == _TYPE else _term(predicate, used)
            objects = [one if one[-1] != ">" else _term(one, used) for one in values]
            stated.append(f"{verb} {' , '.join(objects)}")
        blocks.append(f"{subject} {_NEXT_PROPERTY.join(stated)} .\n")
    return blocks


def _with_prefixes(blocks: Iterable[str], used: set[str]) -> str:
    head = [f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items() if prefix in used]
    return "".join([*head, "\n", *blocks])


def _term(term: str, used: set[str]) -> str:
    """Return a term that ends in `>`, an IRI or a typed literal, with a prefix if one fits."""
    start = 0 if term[0] == "<" else term.rindex("^^") + 2
    found = _prefixed(term[start:])
    if found is None:
        return term
    used.add(found[0])
    return term[:start] + found[1] if start else found[1]


@lru_cache(maxsize=4096)
def _prefixed(term: str) -> tuple[str, str] | None:
    for prefix, namespace in PREFIXES.items():
        name = term[1:-1].removeprefix(namespace)
        if len(name) < len(term) - 2 and _NAME.fullmatch(name):
            return prefix, f"{prefix}:{name}"
    return None
