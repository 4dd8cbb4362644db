"""The derived graph: what follows from the records and must not be asked for hop by hop.

==========================  =====  ==============================================================
property                    of     value
==========================  =====  ==============================================================
`eld:derivedCountry`        all    country, with `eld:countryRule` (see `countries`, which has the
                                   candidates of each rule too)
`eld:iscedMostSpecific`     O S    ISCED-F codes that no other code of the record lies under
`eld:iscedBroad` `Narrow`   O S    the codes of two, three and four digits that it has or that
`Detailed`                         stand above those it has, each once
`eld:reachedEQFLevel`       O      EQF level of a qualification that it leads to
`eld:durationDays` `Years`  O      decimal: its duration; none where it is zero
`eld:openFrom`              O      date: first day of its earliest period
`eld:openUntil`             O      date: latest of the last days and the application deadlines
`eld:applyUntil`            O      date: latest application deadline
`eld:lowestPrice`           O      decimal, with `eld:priceCurrency`: the lowest and highest of its
`eld:highestPrice`                 prices in one currency: euro where it has prices in euro, else
                                   the first in the order of codes; zero is a price
`eld:ects`                  S      decimal: its ECTS credits
`eld:validFrom`             A      date: the day it is valid from, else the day of issue
`eld:validUntil`            A      date: the day it expires
`eld:titleLanguage`         all    languages (of the EU's list) of its titles and descriptions
`eld:descriptionLanguage`
`eld:referencedEQFLevel`           of a national level: the EQF level it was referenced to
==========================  =====  ==============================================================

O: learning opportunities, which take EQF, ISCED-F and framework from the achievement
specifications they lead to; S: achievement specifications, qualifications among them;
A: accreditations; all: these and organisations. Days are those where the moment was written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..terms import expand
from ..vocabularies import CodeLists
from .codes import Codes
from .countries import Countries
from .names import line, link, typed
from .referencing import referenced_levels
from .statements import Kind, Statements, Step, iri_of, path, text_of, walk
from .values import DAYS_A_YEAR, days, days_of, decimal, number

_EURO = "http://publications.europa.eu/resource/authority/currency/EUR"
_ECTS = "<http://data.europa.eu/snb/education-credit/6fcec5c5af>"

OF_LEVELS = "eld:referencedEQFLevel"
"""What is derived of a level: from the code lists alone, whatever records say of it."""

Statement = tuple[str, str]
"""A prefix:name of a property, and a value as N-Triples."""
_Path = tuple[Step, ...]


class Derivation:
    """Derives what follows from records; of two kinds, a record is described as the first."""

    def __init__(self, statements: Statements, codes: Codes, countries: Countries):
        self._statements = statements
        self._codes = codes
        self._countries = countries

    def about(self, record: str) -> set[Statement]:
        """Return what follows from a record; nothing when it is none.

        The same content gives the same text, in canonical form and without blank nodes.
        """
        kind = self._statements.kind(record)
        if kind is None:
            return set()
        seen = _Record(self._statements, self._codes, record)
        found = {statement for rule in _RULES[kind] for statement in rule(seen)}
        for name, country in self._countries.statements(kind, record):
            found.add((name, link(country)))
        return found


def lines_about(record: str, statements: Iterable[Statement]) -> str:
    """Write what follows from a record as N-Triples, in order."""
    return "".join(sorted(line(record, name, value) for name, value in statements))


def lines_about_levels(code_lists: CodeLists) -> str:
    """Write what is derived of the levels of national frameworks, as N-Triples."""
    return "".join(
        line(level, OF_LEVELS, link(eqf)) for level, eqf in referenced_levels(code_lists)
    )


class _Record:
    """A record as the rules see it."""

    def __init__(self, statements: Statements, codes: Codes, iri: str):
        self._statements = statements
        self._iri = iri
        self.codes = codes

    def texts(self, *paths: _Path) -> list[str]:
        """Return the texts and IRIs that paths lead to."""
        return [text_of(term) for one in paths for term in self.nodes(one)]

    def nodes(self, steps: _Path) -> list[str]:
        """Return the terms that a path leads to."""
        return walk(self._statements, self._iri, steps)

    def values(self, term: str, predicate: str) -> Sequence[str]:
        """Return the values of a node that was led to."""
        node = iri_of(term)
        return self._statements.values(node, predicate) if node else ()

    def languages(self, predicate: str) -> Iterable[str]:
        """Return the languages (IRIs) of a text."""
        tags = self._statements.languages(self._iri, predicate)
        return filter(None, map(self.codes.language, tags))


_Rule = Callable[[_Record], Iterable[Statement]]


def _isced(steps: str) -> _Rule:
    codes = path(steps)

    def rule(record: _Record) -> Iterator[Statement]:
        lineages = [record.codes.isced(code) for code in record.texts(codes)]
        above = {code for _, *broader in lineages for code in broader}
        for code in {code for lineage in lineages for code in lineage}:
            if code not in above:
                yield "eld:iscedMostSpecific", link(code)
            level = record.codes.isced_level(code)
            if level:
                yield level, link(code)

    return rule


def _duration(record: _Record) -> Iterator[Statement]:
    for one in filter(None, map(days, record.texts(_DURATION))):
        yield "eld:durationDays", typed(decimal(one), "decimal")
        yield "eld:durationYears", typed(decimal(one / DAYS_A_YEAR), "decimal")


def _price(record: _Record) -> Iterator[Statement]:
    prices = [
        (iri_of(unit), price)
        for amount in record.nodes(_AMOUNT)
        for unit in record.values(amount, _UNIT)
        for text in record.values(amount, _VALUE)
        if (price := number(text_of(text))) is not None
    ]
    currencies = {one for one, _ in prices}
    if not currencies:
        return
    currency = _EURO if _EURO in currencies else min(currencies)
    amounts = [price for one, price in prices if one == currency]
    yield "eld:priceCurrency", link(currency)
    yield "eld:lowestPrice", typed(decimal(min(amounts)), "decimal")
    yield "eld:highestPrice", typed(decimal(max(amounts)), "decimal")


def _credits(record: _Record) -> Iterator[Statement]:
    for credit in record.nodes(_CREDIT):
        if _ECTS not in record.values(credit, _FRAMEWORK):
            continue
        for points in record.values(credit, _POINT):
            earned = number(text_of(points))
            if earned is not None:
                yield "eld:ects", typed(decimal(earned), "decimal")


def _first(name: str, *paths: str) -> _Rule:
    steps = tuple(map(path, paths))
    return lambda record: ((name, typed(day, "date")) for day in days_of(record.texts(*steps))[:1])


def _last(name: str, *paths: str) -> _Rule:
    steps = tuple(map(path, paths))
    return lambda record: ((name, typed(day, "date")) for day in days_of(record.texts(*steps))[-1:])


def _languages(name: str, property_: str) -> _Rule:
    predicate = expand(property_)
    return lambda record: ((name, link(one)) for one in record.languages(predicate))


def _levels(record: _Record) -> Iterator[Statement]:
    return (("eld:reachedEQFLevel", level) for level in record.nodes(_EQF_LEVEL))


def _valid_from(record: _Record) -> Iterator[Statement]:
    for stated in (_VALID, _ISSUED):
        first = days_of(record.texts(stated))[:1]
        if first:
            yield "eld:validFrom", typed(first[0], "date")
            return


_DURATION = path("elm:duration")
_AMOUNT = path("elm:priceDetail/elm:amount")
_CREDIT = path("elm:creditPoint")
_EQF_LEVEL = path("elm:learningAchievementSpecification/elm:EQFLevel")
_VALID, _ISSUED = path("dct:valid"), path("dct:issued")
_UNIT, _VALUE = expand("elm:unit"), expand("rdf:value")
_FRAMEWORK, _POINT = expand("elm:framework"), expand("elm:point")
_TEXTS = (
    _languages("eld:titleLanguage", "dct:title"),
    _languages("eld:descriptionLanguage", "dct:description"),
)
_RULES: Mapping[Kind, Sequence[_Rule]] = {
    Kind.OPPORTUNITY: (
        _isced("elm:learningAchievementSpecification/elm:ISCEDFCode"),
        _levels,
        _duration,
        _first("eld:openFrom", "dct:temporal/elm:startDate"),
        _last("eld:openUntil", "dct:temporal/elm:endDate", "elm:applicationDeadline"),
        _last("eld:applyUntil", "elm:applicationDeadline"),
        _price,
        *_TEXTS,
    ),
    Kind.SPECIFICATION: (_isced("elm:ISCEDFCode"), _credits, *_TEXTS),
    Kind.ORGANISATION: (),
    Kind.ACCREDITATION: (_valid_from, _last("eld:validUntil", "elm:expiryDate"), *_TEXTS),
}
