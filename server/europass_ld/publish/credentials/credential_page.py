"""The page of a credential as a value: what it says, and apart from it what conversion added."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from ...ingest import KeptAddition, KeptCredential, KeptFile
from ...plain import plain_text
from ...terms import RDF_TYPE, SKOS_CONCEPT, expand
from ..description import Link, Row, Statements, Words, describe, statements
from ..labels import Label, best, last_part, texts
from ..serialization import parse_lines
from ..site import Site, interface

_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a page shows; other files may hold scripts, and are only offered."""
_CODES = frozenset({SKOS_CONCEPT, expand("skos:ConceptScheme")})
_MAIN = frozenset(
    expand(f"elm:{one}")
    for one in (
        "EuropeanDigitalCredential",
        "EuropeanDigitalPresentation",
        "Person",
        "Organisation",
        "Group",
        "LearningAchievement",
        "LearningActivity",
        "LearningAssessment",
        "LearningEntitlement",
        "LearningAchievementSpecification",
        "LearningActivitySpecification",
        "LearningAssessmentSpecification",
        "LearningEntitlementSpecification",
        "Qualification",
        "LearningOpportunity",
        "Accreditation",
    )
)
"""The kinds of thing that have a place of their own on the page."""
_NAMES = tuple(expand(one) for one in ("foaf:fullName", "elm:fullName"))
_GIVEN, _FAMILY = expand("foaf:givenName"), expand("foaf:familyName")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a credential describes: `anchor` is where the page has it."""

    anchor: str
    title: Label
    kinds: tuple[Label, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """One statement of ours: what it is about, what it says, and why we made it."""

    subject: Link
    property: Label
    value: Link
    reason: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that the credential carries; `picture` is whether the page may show it."""

    file: KeptFile
    address: str
    picture: bool


def things(
    site: Site, credential: KeptCredential, path: str, wanted: Sequence[str]
) -> tuple[list[Thing], list[Added], list[ShownFile]]:
    """Return what a credential says, what conversion added to it, and the files it carries.

    `path` is the address of the credential on this server.
    """
    facts = credential.facts()
    said = statements(parse_lines(credential.statement()))
    nested = _nested(said, f"{credential.iri}/")
    shown = [one for one in said if one not in nested and not _is_code(said[one])]
    if facts.iri in shown:
        shown = [facts.iri, *(one for one in shown if one != facts.iri)]
    anchors = {iri: f"n{number}" for number, iri in enumerate(shown)}
    files = [
        ShownFile(one, f"{path}/{one.name}", one.media_type in _PICTURES) for one in facts.files
    ]
    links = _Links(site, said, anchors, {f"{credential.iri}/{one.file.name}": one for one in files})
    words = Words(
        term=lambda iri: site.terms.label(iri, wanted),
        link=lambda iri: links.link(iri, wanted),
        languages=wanted,
        language=interface(),
    )
    described = [
        Thing(
            anchors[iri],
            links.title(iri, wanted),
            tuple(site.terms.label(kind, wanted) for kind in _kinds(said[iri])),
            describe(iri, [said], site.base, words, nested.__contains__),
        )
        for iri in shown
    ]
    added = [
        Added(
            words.link(one.subject), words.term(one.property), _value(one.value, words), one.reason
        )
        for one in facts.additions
    ]
    return described, added, files


@dataclass(frozen=True, slots=True)
class _Links:
    site: Site
    said: Statements
    anchors: Mapping[str, str]
    files: Mapping[str, ShownFile]

    def link(self, iri: str, wanted: Sequence[str]) -> Link:
        """Return a link to a thing on the same page, a file, or whatever else an IRI names."""
        if iri in self.anchors:
            return Link(iri, self.title(iri, wanted), f"#{self.anchors[iri]}")
        if iri in self.files:
            file = self.files[iri]
            return Link(
                iri, Label(f"{file.file.media_type}, {file.file.size:,} bytes"), file.address
            )
        found = self.site.link(iri, wanted)
        named = best(texts(self.said.get(iri, ())), wanted)
        return Link(iri, named, found.address, found.external) if named else found

    def title(self, iri: str, wanted: Sequence[str]) -> Label:
        """Return what a thing is called, in the statement itself."""
        said = self.said.get(iri, ())
        return (
            best(texts(said), wanted)
            or _person(said, wanted)
            or next((self.site.terms.label(kind, wanted) for kind in _kinds(said)), None)
            or Label(last_part(iri))
        )


def _nested(said: Statements, own: str) -> frozenset[str]:
    """Return the nodes that are shown where they are mentioned.

    They are nothing that people ask for by name, one other thing mentions them, and a thing that
    has a place on the page leads to them.
    """
    mentioned = Counter(one for about in said.values() for one in _mentions(about))
    able = {
        iri
        for iri, about in said.items()
        if mentioned[iri] == 1
        and (iri.startswith(own) or _MAIN.isdisjoint(_kinds(about)))
        and not _is_code(about)
    }
    reached: set[str] = set()
    waiting = [iri for iri in said if iri not in able]
    while waiting:
        new = [one for one in _mentions(said[waiting.pop()]) if one in able and one not in reached]
        reached.update(new)
        waiting += new
    return frozenset(reached)


def _mentions(about: Sequence[tuple[str, object]]) -> Iterator[str]:
    return (value.value for _, value in about if isinstance(value, ox.NamedNode))


def _kinds(said: Sequence[tuple[str, object]]) -> list[str]:
    return [
        value.value
        for predicate, value in said
        if predicate == RDF_TYPE and isinstance(value, ox.NamedNode)
    ]


def _is_code(said: Sequence[tuple[str, object]]) -> bool:
    return not _CODES.isdisjoint(_kinds(said))


def _person(said: Sequence[tuple[str, object]], wanted: Sequence[str]) -> Label | None:
    names: dict[str, dict[str, str]] = {}
    for predicate, value in said:
        if isinstance(value, ox.Literal):
            names.setdefault(predicate, {}).setdefault(value.language or "", value.value)
    for one in _NAMES:
        if one in names:
            return best(names[one], wanted)
    given, family = (best(names.get(one, {}), wanted) for one in (_GIVEN, _FAMILY))
    parts = [one for one in (given, family) if one]
    return Label(" ".join(one.text for one in parts), parts[0].language) if parts else None


def _added(one: KeptAddition, words: Words) -> Added:
    value = _value(one.value, words)
    return Added(words.link(one.subject), words.term(one.property), value, one.reason)


def _value(term: str, words: Words) -> Link:
    if term.startswith("<"):
        return words.link(term[1:-1])
    text = next(iter(parse_lines(f"<x:s> <x:p> {term} .\n"))).object
    shown = text.value if isinstance(text, ox.Literal) else term
    return Link(term, Label(plain_text(shown)), None)
