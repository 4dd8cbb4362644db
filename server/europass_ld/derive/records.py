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
from typing import NamedTuple

import pyoxigraph as ox

from ..vocabularies import CodeLists
from .codes import Codes, codes_of
from .columns import Kind, column, records
from .countries import Countries, DescribedDataset
from .names import line, link, typed
from .referencing import referenced_levels
from .values import DAYS_A_YEAR, days, days_of, decimal, number

_BATCH = 1000
_EURO = "http://publications.europa.eu/resource/authority/currency/EUR"
_ECTS = "http://data.europa.eu/snb/education-credit/6fcec5c5af"

Statement = tuple[str, str]
"""A prefix:name of a property, and a value as N-Triples."""


class _Rule(NamedTuple):
    """What a record states (see `column`), and what follows from it."""

    derive: Callable[[Sequence[str], Codes], Iterable[Statement]]
    pattern: str
    value: str = "?value"


def derive(
    store: ox.Store, code_lists: CodeLists, *, datasets: Iterable[DescribedDataset]
) -> Iterator[str]:
    """Yield the derived graph as N-Triples text, in parts.

    Read are the merged default graph and the graphs of `datasets`. The same content gives the same
    text, in canonical form and without blank nodes; each part has all that is said of its subjects.
    A record of two kinds is described as the first of them.
    """
    codes = codes_of(code_lists)
    countries = Countries(store, codes, datasets)
    yield "".join(
        line(level, "eld:referencedEQFLevel", link(eqf))
        for level, eqf in referenced_levels(code_lists)
    )
    described: set[str] = set()
    for kind in Kind:
        iris = [iri for iri in records(store, kind) if iri not in described]
        described.update(iris)
        for start in range(0, len(iris), _BATCH):
            yield _describe(store, codes, countries, kind, iris[start : start + _BATCH])


def _describe(
    store: ox.Store, codes: Codes, countries: Countries, kind: Kind, iris: Sequence[str]
) -> str:
    """Return what follows from some records of one kind, which may be any selection of them."""
    lines: dict[str, set[str]] = {iri: set() for iri in iris}
    for rule in _RULES[kind]:
        for iri, values in column(store, iris, rule.pattern, rule.value).items():
            lines[iri].update(line(iri, name, value) for name, value in rule.derive(values, codes))
    for iri, name, value in countries.statements(kind, iris):
        lines[iri].add(line(iri, name, link(value)))
    return "".join(one for iri in iris for one in sorted(lines[iri]))


def _isced(given: Sequence[str], codes: Codes) -> Iterator[Statement]:
    lineages = [codes.isced(code) for code in given]
    above = {code for _, *broader in lineages for code in broader}
    for code in {code for lineage in lineages for code in lineage}:
        if code not in above:
            yield "eld:iscedMostSpecific", link(code)
        level = codes.isced_level(code)
        if level:
            yield level, link(code)


def _duration(given: Sequence[str], _: Codes) -> Iterator[Statement]:
    for one in filter(None, map(days, given)):
        yield "eld:durationDays", typed(decimal(one), "decimal")
        yield "eld:durationYears", typed(decimal(one / DAYS_A_YEAR), "decimal")


def _price(given: Sequence[str], _: Codes) -> Iterator[Statement]:
    stated = (text.partition(" ") for text in given)
    prices = [(one, price) for one, _, text in stated if (price := number(text)) is not None]
    currencies = {one for one, _ in prices}
    if not currencies:
        return
    currency = _EURO if _EURO in currencies else min(currencies)
    amounts = [price for one, price in prices if one == currency]
    yield "eld:priceCurrency", link(currency)
    yield "eld:lowestPrice", typed(decimal(min(amounts)), "decimal")
    yield "eld:highestPrice", typed(decimal(max(amounts)), "decimal")


def _credits(given: Sequence[str], _: Codes) -> Iterator[Statement]:
    for points in given:
        credit = number(points)
        if credit is not None:
            yield "eld:ects", typed(decimal(credit), "decimal")


def _first(name: str) -> Callable[[Sequence[str], Codes], Iterator[Statement]]:
    return lambda given, _: ((name, typed(day, "date")) for day in days_of(given)[:1])


def _last(name: str) -> Callable[[Sequence[str], Codes], Iterator[Statement]]:
    return lambda given, _: ((name, typed(day, "date")) for day in days_of(given)[-1:])


def _languages(name: str) -> Callable[[Sequence[str], Codes], Iterator[Statement]]:
    return lambda given, codes: (
        (name, link(one)) for one in filter(None, map(codes.language, given))
    )


def _levels(given: Sequence[str], _: Codes) -> Iterator[Statement]:
    return (("eld:reachedEQFLevel", link(level)) for level in given)


def _valid_from(given: Sequence[str], _: Codes) -> Iterator[Statement]:
    """Take the day of `dct:valid` (V), if there is one, else of `dct:issued` (I)."""
    for mark in ("V", "I"):
        first = days_of(one[1:] for one in given if one[0] == mark)[:1]
        if first:
            yield "eld:validFrom", typed(first[0], "date")
            return


_LEADS_TO = "?record elm:learningAchievementSpecification"
_END, _DEADLINE = (
    "?record dct:temporal/elm:endDate ?value",
    "?record elm:applicationDeadline ?value",
)
_TEXTS = (
    _Rule(_languages("eld:titleLanguage"), "?record dct:title ?text", "LANG(?text)"),
    _Rule(_languages("eld:descriptionLanguage"), "?record dct:description ?text", "LANG(?text)"),
)
_RULES: Mapping[Kind, Sequence[_Rule]] = {
    Kind.OPPORTUNITY: (
        _Rule(_isced, f"{_LEADS_TO}/elm:ISCEDFCode ?value"),
        _Rule(_levels, f"{_LEADS_TO}/elm:EQFLevel ?value"),
        _Rule(_duration, "?record elm:duration ?value"),
        _Rule(_first("eld:openFrom"), "?record dct:temporal/elm:startDate ?value"),
        _Rule(_last("eld:openUntil"), f"{{ {_END} }} UNION {{ {_DEADLINE} }}"),
        _Rule(_last("eld:applyUntil"), _DEADLINE),
        _Rule(
            _price,
            "?record elm:priceDetail/elm:amount ?price . "
            "?price rdf:value ?amount ; elm:unit ?currency",
            'CONCAT(STR(?currency), " ", STR(?amount))',
        ),
        *_TEXTS,
    ),
    Kind.SPECIFICATION: (
        _Rule(_isced, "?record elm:ISCEDFCode ?value"),
        _Rule(
            _credits,
            f"?record elm:creditPoint ?credit . ?credit elm:framework <{_ECTS}> ; elm:point ?value",
        ),
        *_TEXTS,
    ),
    Kind.ORGANISATION: (),
    Kind.ACCREDITATION: (
        _Rule(
            _valid_from,
            'VALUES (?property ?mark) { (dct:valid "V") (dct:issued "I") } '
            "?record ?property ?value",
            "CONCAT(?mark, STR(?value))",
        ),
        _Rule(_last("eld:validUntil"), "?record elm:expiryDate ?value"),
        *_TEXTS,
    ),
}
