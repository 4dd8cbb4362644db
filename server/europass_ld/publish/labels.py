"""What things are called: terms by the ontology, codes by their lists, records by their titles."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from ..plain import plain_text
from ..store import Reader
from ..terms import RDF_TYPE, expand
from ..vocabularies import CodeLists
from .negotiation import best_language

TITLES = tuple(
    ox.NamedNode(expand(one))
    for one in ("dct:title", "skos:prefLabel", "rov:legalName", "foaf:name", "elm:geographicName")
)
"""The properties that hold what a thing is called, in the order of preference."""

_LABEL = ox.NamedNode(expand("rdfs:label"))
_TYPE = ox.NamedNode(RDF_TYPE)
_CLASSES = tuple(ox.NamedNode(expand(one)) for one in ("owl:Class", "rdfs:Class"))
_PROPERTIES = tuple(
    ox.NamedNode(expand(one))
    for one in ("owl:ObjectProperty", "owl:DatatypeProperty", "rdf:Property")
)
_COMMENT = ox.NamedNode(expand("rdfs:comment"))


@dataclass(frozen=True, slots=True)
class Label:
    """A text with its language tag; an empty tag where the text is in no language (an IRI)."""

    text: str
    language: str = ""


class Terms:
    """A folder of Turtle files, read once: what they say, what things are called and mean.

    Relative IRIs are relative to the file's name below `base`.
    """

    def __init__(self, directory: Path, base: str):
        self._graph = ox.Store()
        for path in sorted(directory.glob("*.ttl")):
            self._graph.bulk_load(
                path=path, format=ox.RdfFormat.TURTLE, base_iri=f"{base}{path.name}"
            )

    def label(self, iri: str, languages: Sequence[str]) -> Label:
        """Return what a term is called; a term that is not known by the end of its IRI."""
        return self.known_label(iri, languages) or Label(_in_words(last_part(iri)))

    def known_label(self, iri: str, languages: Sequence[str]) -> Label | None:
        """Return what a term is called; None when the ontology does not say."""
        return best(self._texts(iri, _LABEL), languages)

    def definition(self, iri: str, languages: Sequence[str]) -> Label | None:
        """Return what a term means; None when the ontology does not say."""
        return best(self._texts(iri, _COMMENT), languages)

    def triples(self, iri: str) -> tuple[ox.Triple, ...]:
        """Return all that the ontology says about a term."""
        return tuple(quad.triple for quad in self._about(iri, None))

    def listed(
        self, classes: bool, languages: Sequence[str]
    ) -> list[tuple[str, Label, Label | None]]:
        """Return the classes, or else the properties: IRI, label, definition, by label."""
        kinds = _CLASSES if classes else _PROPERTIES
        found = {
            quad.subject.value
            for kind in kinds
            for quad in self._graph.quads_for_pattern(None, _TYPE, kind)
            if isinstance(quad.subject, ox.NamedNode)
        }
        terms = [
            (one, self.label(one, languages), self.definition(one, languages)) for one in found
        ]
        return sorted(terms, key=lambda term: (term[1].text.casefold(), term[0]))

    def lines(self) -> str:
        """Return the whole ontology as N-Triples lines, always in the same order."""
        return "".join(sorted(f"{quad.triple} .\n" for quad in self._graph))

    def _about(self, iri: str, predicate: ox.NamedNode | None) -> Iterator[ox.Quad]:
        try:
            return self._graph.quads_for_pattern(ox.NamedNode(iri), predicate, None)
        except ValueError:
            return iter(())

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one such object in a process
    def _texts(self, iri: str, predicate: ox.NamedNode) -> Mapping[str, str]:
        return {
            quad.object.language or "": quad.object.value
            for quad in self._about(iri, predicate)
            if isinstance(quad.object, ox.Literal)
        }


class Names:
    """What anything is called that a page may link to."""

    def __init__(self, terms: Terms, code_lists: CodeLists, reader: Reader):
        self._terms = terms
        self._code_lists = code_lists
        self._reader = reader

    def name(self, iri: str, languages: Sequence[str]) -> Label | None:
        """Return what a code, a record or a term is called; None when nothing here says so."""
        label = self._code_lists.label(iri, languages)
        if label:
            return Label(label[0], "" if label[1] == "und" else label[1])
        return best(self.titles(iri), languages) or self._terms.known_label(iri, languages)

    def titles(self, iri: str) -> dict[str, str]:
        """Return the titles of a thing in the store by language tag."""
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return {}
        return texts(
            (quad.predicate.value, quad.object)
            for quad in self._reader.store.quads_for_pattern(node, None, None)
        )


def texts(statements: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return the titles among predicates and objects: those of the best property that is there."""
    found: dict[str, dict[str, str]] = {}
    for predicate, value in statements:
        if isinstance(value, ox.Literal):
            found.setdefault(predicate, {}).setdefault(value.language or "", value.value)
    return next((found[one.value] for one in TITLES if one.value in found), {})


def best(by_language: Mapping[str, str], languages: Sequence[str]) -> Label | None:
    """Return the text that suits a reader best, without markup; None when there is no text."""
    tag = best_language(by_language, languages)
    return None if tag is None else Label(plain_text(by_language[tag]), tag)


def last_part(iri: str) -> str:
    """Return what follows the last `#`, `/` or `:` of an IRI; all of it when nothing does."""
    end = iri.rstrip("#/:")
    for separator in "#/:":
        end = end.rpartition(separator)[2]
    return end or iri


def _in_words(name: str) -> str:
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()
    return words[:1].upper() + words[1:]
