"""From triples to what a page shows: labelled rows in the mapping's order, nested nodes inline.

No IO and no Flask here: what things are called comes in as a function.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from ..mapping import FAMILIES, load_mapping
from ..terms import GENID_PATH, RDF_TYPE, expand
from .labels import Label, best, texts
from .language import Language
from .literals import Passage, passage
from .negotiation import best_language

Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Statements = Mapping[str, Sequence[tuple[str, Object]]]
"""What is said, by subject: predicates and objects in the order they were stated."""

_TITLE = expand("dct:title")
_LANGUAGE = expand("dct:language")
_CONTENT_URL = expand("elm:contentUrl")
_VALUE = expand("rdf:value")
_UNIT = expand("elm:unit")
_ANY_URI = expand("xsd:anyURI")
_LATITUDE = expand("clv:latitude")
_LONGITUDE = expand("clv:longitude")
_FIRST = tuple(expand(one) for one in ("dct:title", "skos:prefLabel", "dct:description"))
_DEEPEST = 16
_MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class Link:
    """Something with a page: `address` is where to go (None: nowhere), `iri` what it is.

    `note` stands after it: the language of a web page, the currency of an amount.
    """

    iri: str
    label: Label
    address: str | None
    external: bool = False
    note: Label | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """One statement in one or several languages; `others` are not the reader's."""

    best: tuple[Passage, ...]
    others: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """A point in degrees, north and east positive."""

    latitude: float
    longitude: float

    @property
    def in_europe(self) -> bool:
        """Whether the point is on the map that pages show."""
        return 33 <= self.latitude <= 72 and -25 <= self.longitude <= 45  # noqa: PLR2004 - the map's edges


@dataclass(frozen=True, slots=True)
class Nested:
    """A node without an identifier of its own, shown where it is mentioned."""

    rows: "tuple[Row, ...]"


Value = Link | Texts | Position | Nested


@dataclass(frozen=True, slots=True)
class Side:
    """What some of the sources say; `sources` are their numbers from 0, all of them when empty.

    `more` is how many values are not shown.
    """

    values: tuple[Value, ...]
    sources: tuple[int, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One property: more than one side where the sources differ."""

    iri: str
    label: Label
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """How a page finds names: of properties and classes, and of anything else.

    `languages` are the reader's, for data; `language` is the one that the page is written in.
    """

    term: Callable[[str], Label]
    link: Callable[[str], Link]
    languages: Sequence[str]
    language: Language


def statements(triples: Iterable[ox.Triple | ox.Quad]) -> dict[str, list[tuple[str, Object]]]:
    """Group triples by subject, in the order they come; a repeated one counts once."""
    grouped: dict[str, dict[tuple[str, Object], None]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode):
            said = grouped.setdefault(triple.subject.value, {})
            said[triple.predicate.value, triple.object] = None
    return {subject: list(said) for subject, said in grouped.items()}


def describe(
    iri: str,
    sources: Sequence[Statements],
    base: str,
    words: Words,
    is_nested: Callable[[str], bool] | None = None,
) -> tuple[Row, ...]:
    """Return the rows that describe `iri`, with all that the `sources` say side by side.

    `is_nested` tells which nodes are shown where they are mentioned; without it, those that this
    server named because nobody else did.
    """
    own = base + GENID_PATH
    return _Describer(sources, is_nested or (lambda one: one.startswith(own)), words).rows(iri)


class _Describer:
    def __init__(
        self,
        sources: Sequence[Statements],
        is_nested: Callable[[str], bool],
        words: Words,
        above: frozenset[str] = frozenset(),
    ):
        self._sources = sources
        self._is_nested = is_nested
        self._words = words
        self._above = above

    def rows(self, iri: str) -> tuple[Row, ...]:
        said = [source.get(iri, ()) for source in self._sources]
        properties = dict.fromkeys(
            predicate for source in said for predicate, _ in source if predicate != RDF_TYPE
        )
        types = [str(value.value) for source in said for value in _types(source)]
        place = self._place(types)
        return tuple(self._row(iri, one) for one in sorted(properties, key=place))

    def _place(self, types: Sequence[str]) -> Callable[[str], tuple[int, str]]:
        order = next((_ORDER[one] for one in types if one in _ORDER), {})
        common = {one: place - len(_FIRST) for place, one in enumerate(_FIRST)}

        def place(predicate: str) -> tuple[int, str]:
            known = order.get(predicate, common.get(predicate, len(order)))
            return known, self._words.term(predicate).text.casefold()

        return place

    def _row(self, iri: str, predicate: str) -> Row:
        sides: dict[frozenset[str], list[int]] = {}
        for number, source in enumerate(self._sources):
            objects = _objects(source, iri, predicate)
            if objects:
                alone = len(self._sources) == 1
                key = frozenset() if alone else self._contents(source, objects)
                sides.setdefault(key, []).append(number)
        everybody = tuple(range(len(self._sources)))
        shown = [
            self._side(numbers[0], iri, predicate, () if tuple(numbers) == everybody else numbers)
            for numbers in sides.values()
        ]
        return Row(predicate, self._words.term(predicate), tuple(shown))

    def _side(self, number: int, iri: str, predicate: str, sources: Sequence[int]) -> Side:
        objects = _objects(self._sources[number], iri, predicate)
        literals = [one for one in objects if isinstance(one, ox.Literal)]
        resources = [one for one in objects if not isinstance(one, ox.Literal)]
        values: list[Value] = [*self._literals(literals)]
        for one in resources[:_MOST_VALUES]:
            values += self._resource(number, one)
        return Side(tuple(values), tuple(sources), max(0, len(resources) - _MOST_VALUES))

    def _literals(self, literals: Sequence[ox.Literal]) -> Iterator[Value]:
        addresses = [one for one in literals if one.datatype.value == _ANY_URI]
        for one in addresses:
            yield self._words.link(one.value)
        texts = [one for one in literals if one not in addresses]
        tags = {one.language for one in texts if one.language}
        best = best_language(tags, self._words.languages)
        if texts:
            yield Texts(
                tuple(
                    passage(one, self._words.language)
                    for one in texts
                    if one.language in {None, best}
                ),
                tuple(
                    passage(one, self._words.language)
                    for one in texts
                    if one.language not in {None, best}
                ),
            )

    def _resource(self, number: int, value: Object) -> tuple[Value, ...]:
        """Return a link, or the nested node itself; one that says a single thing is that thing."""
        iri = value.value if isinstance(value, ox.NamedNode) else str(value)
        said = self._sources[number].get(iri)
        deep = iri in self._above or len(self._above) >= _DEEPEST
        if not said or deep or not self._is_nested(iri):
            return (self._words.link(iri),)
        short = _position(said) or self._web_page(said) or self._amount(said)
        if short:
            return (short,)
        above = self._above | {iri}
        rows = _Describer([self._sources[number]], self._is_nested, self._words, above).rows(iri)
        if not rows:
            return (self._words.link(iri),)
        return rows[0].sides[0].values if len(rows) == 1 else (Nested(rows),)

    def _web_page(self, said: Sequence[tuple[str, Object]]) -> Link | None:
        """Return an address with a title and a language as a link, if it is no more than that."""
        stated = _single(said, {_CONTENT_URL, _TITLE, _LANGUAGE}, repeatable=_TITLE)
        address = stated.get(_CONTENT_URL)
        if not isinstance(address, ox.Literal):
            return None
        language = stated.get(_LANGUAGE)
        note = (
            self._words.link(language.value).label if isinstance(language, ox.NamedNode) else None
        )
        link = self._words.link(address.value)
        return replace(
            link, label=best(texts(said), self._words.languages) or link.label, note=note
        )

    def _amount(self, said: Sequence[tuple[str, Object]]) -> Link | None:
        """Return a number and its unit as one text, if there is no more."""
        stated = _single(said, {_VALUE, _UNIT})
        value, unit = stated.get(_VALUE), stated.get(_UNIT)
        if not isinstance(value, ox.Literal) or not isinstance(unit, ox.NamedNode):
            return None
        return Link(unit.value, Label(value.value), None, note=self._words.link(unit.value).label)

    def _contents(self, source: Statements, objects: Iterable[Object]) -> frozenset[str]:
        return frozenset(self._content(source, one) for one in objects)

    def _content(self, source: Statements, value: Object, depth: int = 0) -> str:
        """Return what a value says, so that nested nodes are the same when they say the same."""
        if not isinstance(value, ox.NamedNode) or depth > _DEEPEST:
            return str(value)
        if not self._is_nested(value.value):
            return str(value)
        said = source.get(value.value, ())
        inside = sorted(f"{one} {self._content(source, other, depth + 1)}" for one, other in said)
        return f"[{' '.join(inside)}]"


def positions(rows: Iterable[Row]) -> Iterator[Position]:
    """Yield the points on the map in rows, nested ones too."""
    for row in rows:
        for side in row.sides:
            for value in side.values:
                if isinstance(value, Position):
                    yield value
                elif isinstance(value, Nested):
                    yield from positions(value.rows)


def _objects(source: Statements, iri: str, predicate: str) -> list[Object]:
    return [value for one, value in source.get(iri, ()) if one == predicate]


def _single(
    said: Sequence[tuple[str, Object]], expected: set[str], *, repeatable: str = ""
) -> dict[str, Object]:
    """Return what is said once by property; nothing at all if anything else is said."""
    found: dict[str, Object] = {}
    for predicate, value in said:
        if predicate == RDF_TYPE:
            continue
        if predicate not in expected or (predicate in found and predicate != repeatable):
            return {}
        found[predicate] = value
    return found


def _types(said: Iterable[tuple[str, Object]]) -> list[ox.NamedNode]:
    return [
        value
        for predicate, value in said
        if predicate == RDF_TYPE and isinstance(value, ox.NamedNode)
    ]


def _position(said: Iterable[tuple[str, Object]]) -> Position | None:
    numbers = {predicate: value.value for predicate, value in said if isinstance(value, ox.Literal)}
    try:
        position = Position(float(numbers[_LATITUDE]), float(numbers[_LONGITUDE]))
    except (KeyError, ValueError):
        return None
    on_earth = abs(position.latitude) <= 90 and abs(position.longitude) <= 180  # noqa: PLR2004 - degrees
    return position if on_earth else None


def _orders() -> dict[str, dict[str, int]]:
    orders: dict[str, dict[str, int]] = {}
    for family in FAMILIES:
        table = load_mapping(family)
        for mapped in (*table.records.values(), *table.nodes.values()):
            order = orders.setdefault(mapped.class_iri, {})
            for child in mapped.children:
                order.setdefault(child.property, len(order))
    return orders


_ORDER = _orders()
