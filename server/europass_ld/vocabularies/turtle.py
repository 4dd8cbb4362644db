"""One list, one Turtle file: written sorted and one label per line, so that a change reads well.

What is written here is read back by `read_list`; official files of other shapes come in through
`imports`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path

import pyoxigraph as ox

from ..terms import PREFIXES, expand
from .model import Concept, Scheme, namespace_of

_PREFIXES = ("dct", "eld", "owl", "skos")
_LOCAL_NAME = re.compile(r"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*")

Values = dict[str, list[ox.Literal | ox.NamedNode]]
"""What one subject says: the objects by predicate IRI."""


def write_list(scheme: Scheme, concepts: Iterable[Concept]) -> Iterator[str]:
    """Yield a list as Turtle, in pieces that end with a line end; concepts are sorted by IRI."""
    ordered = sorted(concepts, key=attrgetter("iri"))
    namespace = _commonest_namespace(ordered)
    prefixes = {namespace: ""} | {PREFIXES[prefix]: prefix for prefix in _PREFIXES}
    for iri, prefix in [*prefixes.items(), (scheme.iri, "scheme")]:
        yield f"@prefix {prefix}: <{iri}> .\n"
    yield _block(scheme, scheme.iri, prefixes)
    for concept in ordered:
        yield _block(concept, scheme.iri, prefixes)


def read_list(path: Path) -> tuple[Scheme, list[Concept]]:
    """Read a file that `write_list` wrote.

    Raises:
        SyntaxError: the file is not Turtle.
        OSError: the file cannot be read.
    """
    schemes: list[Scheme] = []
    concepts: list[Concept] = []
    triples = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    for subject, group in groupby(triples, key=attrgetter("subject")):
        values = _by_predicate(group)
        if expand("skos:inScheme") in values:
            concepts.append(_concept(subject.value, values))
        else:
            schemes.append(_scheme(subject.value, values))
    return schemes[0], concepts


def read_heading(path: Path) -> tuple[Scheme, str]:
    """Read only the scheme of such a file, and the namespace that most of its codes are in."""
    triples = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    subject, group = next(groupby(triples, key=attrgetter("subject")))
    return _scheme(subject.value, _by_predicate(group)), triples.prefixes[""]


def _commonest_namespace(concepts: Iterable[Concept]) -> str:
    namespaces = Counter(namespace_of(concept.iri) for concept in concepts)
    return min(namespaces, key=lambda one: (-namespaces[one], one))


def _block(described: Scheme | Concept, scheme: str, prefixes: dict[str, str]) -> str:
    lines = []
    for predicate, statements in groupby(described.statements(), key=itemgetter(0)):
        values = [_short(value, scheme, prefixes) for _, value in statements]
        separator = " ,\n        " if predicate == "skos:prefLabel" else ", "
        lines.append(f"{predicate} {separator.join(values)}".replace("rdf:type", "a", 1))
    subject = _short(f"<{described.iri}>", scheme, prefixes)
    if isinstance(described, Concept):
        lines[:3] = [" ; ".join(lines[:3])]
    return f"\n{subject} " + " ;\n    ".join(lines) + " .\n"


def _short(term: str, scheme: str, prefixes: dict[str, str]) -> str:
    if not term.startswith("<"):
        return term
    iri = term[1:-1]
    if iri == scheme:
        return "scheme:"
    namespace = namespace_of(iri)
    local = iri.removeprefix(namespace)
    known = namespace in prefixes and _LOCAL_NAME.fullmatch(local)
    return f"{prefixes[namespace]}:{local}" if known else term


def _by_predicate(quads: Iterable[ox.Quad]) -> Values:
    values: Values = {}
    for quad in quads:
        if isinstance(quad.object, ox.Literal | ox.NamedNode):
            values.setdefault(quad.predicate.value, []).append(quad.object)
    return values


def _scheme(iri: str, values: Values) -> Scheme:
    return Scheme(
        iri,
        title=_first(values, "dct:title") or iri,
        version=_first(values, "owl:versionInfo") or "",
        closed=expand("eld:ClosedCodeList") in _all(values, "rdf:type"),
    )


def _concept(iri: str, values: Values) -> Concept:
    labels = values.get(expand("skos:prefLabel"), [])
    return Concept(
        iri,
        scheme=_all(values, "skos:inScheme")[0],
        notation=_first(values, "skos:notation") or "",
        labels={one.language or "": one.value for one in labels if isinstance(one, ox.Literal)},
        broader=_all(values, "skos:broader"),
        identifiers=_all(values, "dct:identifier"),
        matches=_all(values, "skos:exactMatch"),
        country=_first(values, "eld:country"),
        allowed_in=_all(values, "eld:allowedIn"),
    )


def _all(values: Values, predicate: str) -> tuple[str, ...]:
    return tuple(one.value for one in values.get(expand(predicate), ()))


def _first(values: Values, predicate: str) -> str | None:
    return next(iter(_all(values, predicate)), None)
