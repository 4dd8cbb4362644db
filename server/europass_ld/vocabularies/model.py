"""The values of the code lists: a concept, the scheme it stands in, and a list's status."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from ..terms import SKOS_CONCEPT, expand

Source = Literal["shipped", "extended", "replaced", "imported"]
Mode = Literal["extend", "replace"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A concept scheme: its IRI, title and version.

    `closed`: a code that is not in it is wrong, not merely newer than the list.
    """

    iri: str
    title: str
    version: str
    closed: bool = False

    def statements(self) -> Iterator[tuple[str, str]]:
        """Yield what is said of the scheme: prefix:name of a property, value as in N-Triples."""
        yield "rdf:type", f"<{expand('skos:ConceptScheme')}>"
        kind = "eld:ClosedCodeList" if self.closed else "eld:EvolvingCodeList"
        yield "rdf:type", f"<{expand(kind)}>"
        yield "dct:title", _text(self.title, "en")
        yield "owl:versionInfo", _text(self.version)


@dataclass(frozen=True, slots=True)
class Concept:
    """One code of a list.

    `labels`: skos:prefLabel by language tag ("und" where the list does not say which language).
    `identifiers`: other codes of the same thing (ISO 639-1, ISO 639-2/B, ISO 3166-1 alpha-2).
    `matches`: the same thing in another list. `country`: where a qualifications framework holds.
    `allowed_in`: the only schemas that have the code ("ams-3.3"); empty means all of them.
    """

    iri: str
    scheme: str
    notation: str
    labels: Mapping[str, str] = field(default_factory=dict)
    broader: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    country: str | None = None
    allowed_in: tuple[str, ...] = ()

    def statements(self) -> Iterator[tuple[str, str]]:
        """Yield what is said of the concept: prefix:name of a property, value as in N-Triples."""
        yield "rdf:type", f"<{SKOS_CONCEPT}>"
        yield "skos:inScheme", f"<{self.scheme}>"
        yield "skos:notation", _text(self.notation)
        yield from (("dct:identifier", _text(one)) for one in self.identifiers)
        yield from (("skos:broader", f"<{one}>") for one in self.broader)
        yield from (("skos:exactMatch", f"<{one}>") for one in self.matches)
        if self.country:
            yield "eld:country", f"<{self.country}>"
        yield from (("eld:allowedIn", _text(one)) for one in self.allowed_in)
        for language, label in sorted(self.labels.items()):
            yield "skos:prefLabel", _text(label, language)


def triples(described: Scheme | Concept) -> Iterator[str]:
    """Yield the N-Triples lines, without line ends, that describe a scheme or a concept."""
    for predicate, value in described.statements():
        yield f"<{described.iri}> <{expand(predicate)}> {value} ."


@dataclass(frozen=True, slots=True)
class CodeList:
    """What is known of a code list as a whole.

    `size` counts its codes over all schema versions. `source`: "shipped" with the package,
    "extended" or "replaced" by an import, or "imported" (a scheme that is not shipped); `file` is
    the name of the file it came from, `imported_at` when (ISO 8601, UTC; None where shipped).
    """

    name: str
    scheme: str
    title: str
    closed: bool
    version: str
    size: int
    source: Source = "shipped"
    file: str = ""
    imported_at: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class ImportedList:
    """One version of a list that the operator imported.

    `name`: the shipped list that it extends or replaces (`mode`), or a new name. `path`: the Turtle
    file it was stored in. `file`, `digest`: name and SHA-256 of the file it was read from.
    `imported_at`: ISO 8601, UTC.
    """

    name: str
    imported_at: str
    scheme: str
    title: str
    version: str
    size: int
    mode: Mode
    file: str
    digest: str
    path: Path


def namespace_of(iri: str) -> str:
    """Return a code's IRI up to and with its last slash or hash."""
    return iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]


def _text(value: str, language: str | None = None) -> str:
    return str(ox.Literal(value, language=language))
