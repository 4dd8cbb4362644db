"""The country of a record, by several rules that are kept apart.

No opportunity and no qualification states its country; each of these rules finds candidates:

=============================  ================================================================
`eld:countryFromPlace`         where it takes place, or where an organisation has its places:
                               countries of addresses, countries and regions of spatial codes
`eld:countryFromIdentifier`    where the legal, VAT or tax identifiers of an organisation hold
`eld:countryFromProvider`      of the organisations that provide it; for a qualification, that
                               provide an opportunity which leads to it
`eld:countryFromAwardingBody`  of the organisations that award it
`eld:countryFromAccredited`    of the organisations that an accreditation is given to
`eld:countryFromJurisdiction`  of the jurisdictions that an accreditation is limited to
`eld:countryFromFramework`     of the national framework that it has a level in; for an
                               opportunity, that what it leads to has a level in
`eld:countryFromDataset`       of the datasets that describe it: the country that the dataset
                               states, else that of its publisher
=============================  ================================================================

The country of an organisation is that of its places, else that of its identifiers. The first rule
for a kind of record (in the order of `_RULES`) that finds anything gives `eld:derivedCountry`,
more than one if it finds several, and `eld:countryRule` names it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from ..terms import expand
from .codes import Codes
from .statements import Kind, Statements, Step, iri_of, path, walk

_Rule = tuple[str, Sequence[tuple[Step, ...]], str]
"""A rule: its name, the paths to what gives a country away, and what kind of thing that is."""


def _rule(name: str, gives: str, *paths: str) -> _Rule:
    return name, tuple(map(path, paths)), gives


_FROM_PLACE = _rule(
    "eld:countryFromPlace",
    "code",
    "elm:location/elm:address/elm:countryCode",
    "elm:location/elm:spatialCode",
)
_FROM_DATASET = _rule("eld:countryFromDataset", "dataset")
_RULES: Mapping[Kind, Sequence[_Rule]] = {
    Kind.OPPORTUNITY: (
        _FROM_PLACE,
        _rule("eld:countryFromProvider", "organisation", "elm:providedBy"),
        _rule(
            "eld:countryFromFramework",
            "framework",
            "elm:learningAchievementSpecification/elm:NQFLevel",
        ),
        _FROM_DATASET,
    ),
    Kind.SPECIFICATION: (
        _rule("eld:countryFromFramework", "framework", "elm:NQFLevel"),
        _rule(
            "eld:countryFromAwardingBody",
            "organisation",
            "elm:awardingOpportunity/elm:awardingBody",
        ),
        _rule(
            "eld:countryFromProvider",
            "organisation",
            "^elm:learningAchievementSpecification/elm:providedBy",
        ),
        _FROM_DATASET,
    ),
    Kind.ORGANISATION: (
        _FROM_PLACE,
        _rule(
            "eld:countryFromIdentifier",
            "code",
            "rov:registration/dct:spatial",
            "elm:eidasLegalIdentifier/dct:spatial",
            "elm:vatIdentifier/dct:spatial",
            "elm:taxIdentifier/dct:spatial",
        ),
    ),
    Kind.ACCREDITATION: (
        _rule("eld:countryFromAccredited", "organisation", "elm:organisation"),
        _rule("eld:countryFromJurisdiction", "code", "elm:limitJurisdiction"),
    ),
}
"""For each kind of record, the rules in their order."""


class DescribedDataset(Protocol):
    """What deriving needs to know of a dataset.

    `iri` names its graph too; `country` is a code (`FIN`, `FI`) or an IRI of the list of
    countries; `publisher` is an IRI.
    """

    @property
    def iri(self) -> str: ...  # noqa: D102
    @property
    def country(self) -> str | None: ...  # noqa: D102
    @property
    def publisher(self) -> str | None: ...  # noqa: D102


class Countries:
    """Finds the countries of records."""

    def __init__(self, statements: Statements, codes: Codes, datasets: Iterable[DescribedDataset]):
        self._statements = statements
        self._codes = codes
        self._organisations: dict[str, frozenset[str]] = {}
        self._resolvers: Mapping[str, Callable[[str], Iterable[str]]] = {
            "code": lambda code: filter(None, (codes.country(code),)),
            "framework": lambda level: filter(None, (codes.framework_country(level),)),
            "organisation": self._of_organisation,
        }
        self.of_datasets = {one.iri: self._of_dataset(one) for one in datasets}

    def statements(self, kind: Kind, iri: str) -> Iterator[tuple[str, str]]:
        """Yield statements on the countries of a record: prefix:name, IRI."""
        is_first = True
        for rule in _RULES[kind]:
            countries = self._found(iri, rule)
            name, *_ = rule
            if countries and is_first:
                yield "eld:countryRule", expand(name)
                yield from (("eld:derivedCountry", country) for country in countries)
                is_first = False
            yield from ((name, country) for country in countries)

    def _found(self, iri: str, rule: _Rule) -> frozenset[str]:
        _, paths, gives = rule
        if gives == "dataset":
            graphs = self._statements.graphs(iri)
            return frozenset().union(*(self.of_datasets.get(one, ()) for one in graphs))
        found = {iri_of(term) for one in paths for term in walk(self._statements, iri, one)}
        resolve = self._resolvers[gives]
        return frozenset(country for one in found if one for country in resolve(one))

    def _of_organisation(self, iri: str) -> frozenset[str]:
        known = self._organisations.get(iri)
        if known is None:
            found = (self._found(iri, rule) for rule in _RULES[Kind.ORGANISATION])
            known = self._organisations[iri] = next(filter(None, found), frozenset())
        return known

    def _of_dataset(self, dataset: DescribedDataset) -> frozenset[str]:
        stated = self._codes.country_named(dataset.country or "")
        if stated:
            return frozenset((stated,))
        return self._of_organisation(dataset.publisher) if dataset.publisher else frozenset()
