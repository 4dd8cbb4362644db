"""Reconciliation Service API 0.2: candidates for a text and properties, and values of records.

No Flask here. Which records are looked at is what the index of titles and identifiers finds, and
what stands at the other end of a property; each is then scored (`matching`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import pyoxigraph as ox

from ...mapping import FAMILIES, load_mapping
from ...store import Description
from ...terms import expand
from ..addresses import is_iri
from ..labels import TITLES, Label, best, last_part
from ..site import Site
from .matching import Features, best_similarity
from .reconciliation_queries import ExtensionQuery, PropertyQuery, ReconciliationQuery
from .record_facts import IDENTIFYING, Facts, facts, only
from .record_index import fold

_LOOKED_AT = 40
"""Records that are scored for one query, beside those that an identifier or a property finds."""

_POINTING = 100
_TITLES_ONLY = only(one.value for one in TITLES)
_INTEGERS = frozenset(
    expand(f"xsd:{name}") for name in ("integer", "int", "positiveInteger", "nonNegativeInteger")
)
_NUMBERS = frozenset(expand(f"xsd:{name}") for name in ("decimal", "double", "float"))
_MOMENT = expand("xsd:dateTime")


class Reconciler:
    """Reconciles for readers of these languages; one object serves one request."""

    def __init__(self, current: Site, languages: Sequence[str]):
        self._current = current
        self._languages = languages
        self._code = cache(lambda iri: current.names.name(iri, languages))
        self._source = cache(lambda iri: current.dataset_link(iri, languages).label.text)

    def result(self, query: ReconciliationQuery) -> list[dict[str, Any]]:
        """Return the candidates for a query, best first."""
        identified = set(self._identified(query.text))
        records = self._current.reader.describe_all(self._candidates(query, identified))
        scored = [
            (self._features(query, said, identified=iri in identified), iri, said)
            for iri, descriptions in records.items()
            if descriptions and _is_of(descriptions, query)
            for said in (_Said(iri, descriptions, whole=bool(query.properties)),)
        ]
        scored.sort(key=lambda one: (-one[0].score, one[1]))
        matching = [features for features, _, _ in scored if features.complete]
        return [
            {
                **self.entity(said),
                "score": features.score,
                "match": features.complete and len(matching) == 1,
                "features": features.listed(),
            }
            for features, _, said in scored[: query.limit]
            if features.score > 0
        ]

    def suggested(self, prefix: str, *, limit: int, offset: int) -> list[dict[str, Any]]:
        """Return the records whose names begin with a text, or have its words."""
        found = self._current.index.search(prefix, limit=limit, offset=offset)
        identified = [] if offset else self._identified(prefix.strip())
        return [
            {key: value for key, value in self.entity(said).items() if key != "type"}
            | {"notable": said.types}
            for said in self.said_of([*identified, *found])
        ]

    def said_of(self, iris: Iterable[str]) -> list["_Said"]:
        """Return what is said of those of the IRIs that are records."""
        records = self._current.reader.describe_all(dict.fromkeys(iris))
        return [_Said(iri, descriptions) for iri, descriptions in records.items() if descriptions]

    def entity(self, said: "_Said") -> dict[str, Any]:
        """Return what a client shows of a record."""
        label = best(said.titles, self._languages) or Label(last_part(said.iri))
        types = [self.term(one) for one in said.types]
        shown = [*(one["name"] for one in types), *(self._source(one) for one in said.datasets)]
        return {
            "id": said.iri,
            "name": label.text,
            "description": " · ".join(shown),
            "type": types,
        }

    def term(self, iri: str) -> dict[str, str]:
        """Return a class or property with its name."""
        return {"id": iri, "name": self._current.terms.label(iri, self._languages).text}

    def extended(self, query: ExtensionQuery) -> dict[str, Any]:
        """Return the values of properties of records, in the languages that are wanted."""
        known = {said.iri: said for said in self.said_of(query.iris)}
        rows = {
            iri: {
                name: list(self._values(known[iri].facts, predicate)) if iri in known else []
                for name, predicate in query.properties.items()
            }
            for iri in query.iris
        }
        meta = [
            {"id": name, "name": self.term(predicate)["name"]}
            for name, predicate in query.properties.items()
        ]
        return {"meta": meta, "rows": rows}

    def _identified(self, text: str) -> list[str]:
        if not text:
            return []
        iris = [text] if is_iri(text) and self._current.reader.describe(text) else []
        return [*iris, *self._current.index.identified_by(text)[:_LOOKED_AT]]

    def _candidates(self, query: ReconciliationQuery, identified: Iterable[str]) -> dict[str, None]:
        found = dict.fromkeys(identified)
        if query.text:
            most = max(_LOOKED_AT, query.limit)
            alike = self._current.index.alike(query.text, types=query.types, limit=most)
            found |= dict.fromkeys(alike)
        for one in query.properties:
            if one.iri in IDENTIFYING:
                for value in one.values:
                    found |= dict.fromkeys(self._current.index.identified_by(value)[:_LOOKED_AT])
            elif not query.text:
                found |= dict.fromkeys(self._pointing(one))
        return found

    def _pointing(self, asked: PropertyQuery) -> Iterator[str]:
        """Yield the subjects that have one of these IRIs as a value of the property."""
        if not is_iri(asked.iri):
            return
        for value in (*asked.iris, *asked.values):
            if is_iri(value):
                quads = self._current.reader.store.quads_for_pattern(
                    None, ox.NamedNode(asked.iri), ox.NamedNode(value), ox.DefaultGraph()
                )
                for quad in islice(quads, _POINTING):
                    yield str(getattr(quad.subject, "value", ""))

    def _features(self, query: ReconciliationQuery, said: "_Said", *, identified: bool) -> Features:
        name = None
        if query.text:
            name = best_similarity([fold(query.text)], [fold(one) for one in said.names])
        return Features(
            name,
            {one.iri: self._agreement(one, said.facts) for one in query.properties},
            identified=identified,
        )

    def _agreement(self, asked: PropertyQuery, known: Facts) -> float:
        """Return how alike the values of a record's property are to those that are asked for."""
        values = known.values.get(asked.iri, ())
        present = {one.value for one in values}
        if present & {*asked.iris, *asked.values}:
            return 1.0
        texts = [fold(text) for one in values for text in self._texts(one, known)]
        return best_similarity([fold(one) for one in asked.values], texts)

    def _texts(self, value: ox.NamedNode | ox.Literal, known: Facts) -> Iterator[str]:
        """Yield what a value is called: itself, what a nested node says, the name of a code."""
        if isinstance(value, ox.Literal):
            yield value.value
        elif value.value in known.nodes:
            for inside in known.nodes[value.value].values():
                yield from (one.value for one in inside if isinstance(one, ox.Literal))
        else:
            label = self._code(value.value)
            if label:
                yield label.text

    def _values(self, known: Facts, predicate: str) -> Iterator[dict[str, Any]]:
        values = known.values.get(predicate, ())
        literals = [one for one in values if isinstance(one, ox.Literal)]
        by_language = {one.language: one.value for one in literals if one.language}
        wanted = best(by_language, self._languages)
        for literal in literals:
            if literal.language in {None, wanted.language if wanted else None}:
                yield _cell(literal)
        for node in values:
            if isinstance(node, ox.NamedNode):
                yield from self._linked(node, known)

    def _linked(self, node: ox.NamedNode, known: Facts) -> Iterator[dict[str, Any]]:
        if node.value in known.nodes:
            yield from ({"str": text} for text in self._texts(node, known))
        else:
            label = self._code(node.value)
            yield {"id": node.value, "name": label.text if label else last_part(node.value)}


class _Said:
    """What all datasets that have a record say of it; no more than its titles unless `whole`."""

    def __init__(self, iri: str, records: Sequence[Description], *, whole: bool = True):
        self.iri = iri
        triples = "".join(one.record.triples for one in records)
        self.facts = facts(iri, triples, None if whole else _TITLES_ONLY)
        self.titles: Mapping[str, str] = self.facts.titles()
        self.names = self.facts.names()
        self.types = list(dict.fromkeys(one.record.type for one in records))
        self.datasets = [one.dataset for one in records]


def properties_of(types: Iterable[str] = ()) -> list[str]:
    """Return the properties that records of these classes may have; of all without any."""
    known = _properties()
    chosen = [known[one] for one in types if one in known] or list(known.values())
    return list(dict.fromkeys(name for properties in chosen for name in properties))


@cache
def _properties() -> Mapping[str, tuple[str, ...]]:
    records = [one for family in FAMILIES for one in load_mapping(family).records.values()]
    return {
        record.class_iri: tuple(
            child.property
            for other in records
            if other.class_iri == record.class_iri
            for child in other.children
        )
        for record in records
    }


def _is_of(records: Sequence[Description], query: ReconciliationQuery) -> bool:
    types = {one.record.type for one in records}
    if query.every_type:
        return types.issuperset(query.types)
    return not query.types or not types.isdisjoint(query.types)


def _cell(literal: ox.Literal) -> dict[str, Any]:
    """Return a literal as a value of the API; what its type does not hold stays a text."""
    datatype, text = literal.datatype.value, literal.value
    try:
        if datatype in _INTEGERS:
            return {"int": int(text)}
        if datatype in _NUMBERS:
            return {"float": float(text)}
    except ValueError:
        return {"str": text}
    return {"date": text} if datatype == _MOMENT else {"str": text}
