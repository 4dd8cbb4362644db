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

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import pyoxigraph as ox

from ..terms import expand
from .codes import Codes
from .columns import Kind, column

_Found = Mapping[str, frozenset[str]]
"""The countries (IRIs) of codes, organisations or datasets, by IRI; what has none may be absent."""

_PLACES = (
    "?record elm:location ?place "
    "{ ?place elm:address/elm:countryCode ?value } UNION { ?place elm:spatialCode ?value }"
)
_IDENTIFIERS = (
    "?record rov:registration|elm:eidasLegalIdentifier|elm:vatIdentifier|elm:taxIdentifier ?id . "
    "?id dct:spatial ?value"
)
_GRAPHS = "GRAPH ?value { ?record a ?class }"
_RULES: Mapping[Kind, Sequence[tuple[str, str, str]]] = {
    Kind.OPPORTUNITY: (
        ("eld:countryFromPlace", _PLACES, "code"),
        ("eld:countryFromProvider", "?record elm:providedBy ?value", "organisation"),
        (
            "eld:countryFromFramework",
            "?record elm:learningAchievementSpecification/elm:NQFLevel ?value",
            "framework",
        ),
        ("eld:countryFromDataset", _GRAPHS, "dataset"),
    ),
    Kind.SPECIFICATION: (
        ("eld:countryFromFramework", "?record elm:NQFLevel ?value", "framework"),
        (
            "eld:countryFromAwardingBody",
            "?record elm:awardingOpportunity/elm:awardingBody ?value",
            "organisation",
        ),
        (
            "eld:countryFromProvider",
            "?offer elm:learningAchievementSpecification ?record ; elm:providedBy ?value",
            "organisation",
        ),
        ("eld:countryFromDataset", _GRAPHS, "dataset"),
    ),
    Kind.ORGANISATION: (
        ("eld:countryFromPlace", _PLACES, "code"),
        ("eld:countryFromIdentifier", _IDENTIFIERS, "code"),
    ),
    Kind.ACCREDITATION: (
        ("eld:countryFromAccredited", "?record elm:organisation ?value", "organisation"),
        ("eld:countryFromJurisdiction", "?record elm:limitJurisdiction ?value", "code"),
    ),
}
"""For each kind of record, the rules in their order: what gives it away, and what kind that is."""


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
    """Finds the countries of records in one store."""

    def __init__(self, store: ox.Store, codes: Codes, datasets: Iterable[DescribedDataset]):
        self._store = store
        self._codes = codes
        self._organisations: dict[str, frozenset[str]] = {}
        self._resolvers: Mapping[str, Callable[[Collection[str]], _Found]] = {
            "code": lambda given: _resolved(codes.country, given),
            "framework": lambda given: _resolved(codes.framework_country, given),
            "organisation": self._of_organisations,
            "dataset": lambda _: self._datasets,
        }
        self._datasets = {one.iri: self._find_dataset(one) for one in datasets}

    def statements(self, kind: Kind, iris: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Yield statements on the countries of records: record, prefix:name, IRI."""
        chosen: dict[str, str] = {}
        for rule, pattern, gives in _RULES[kind]:
            for iri, countries in self._found(iris, pattern, gives).items():
                names = [rule]
                if chosen.setdefault(iri, rule) == rule:
                    names.append("eld:derivedCountry")
                    yield iri, "eld:countryRule", expand(rule)
                yield from ((iri, name, country) for name in names for country in countries)

    def of_dataset(self, iri: str) -> frozenset[str]:
        """Return the countries of one of the datasets: its own, else those of its publisher."""
        return self._datasets[iri]

    def _found(self, iris: Collection[str], pattern: str, gives: str) -> _Found:
        values = column(self._store, iris, pattern)
        known = self._resolvers[gives]({one for given in values.values() for one in given})
        unions = {
            iri: frozenset[str]().union(*(known.get(one, ()) for one in given))
            for iri, given in values.items()
        }
        return {iri: countries for iri, countries in unions.items() if countries}

    def _of_organisations(self, iris: Collection[str]) -> _Found:
        new = [iri for iri in iris if iri not in self._organisations]
        self._organisations |= {iri: frozenset() for iri in new}
        for _, pattern, gives in reversed(_RULES[Kind.ORGANISATION]):
            self._organisations |= self._found(new, pattern, gives)
        return self._organisations

    def _find_dataset(self, dataset: DescribedDataset) -> frozenset[str]:
        stated = self._codes.country_named(dataset.country or "")
        if stated:
            return frozenset((stated,))
        publisher = dataset.publisher
        return self._of_organisations([publisher])[publisher] if publisher else frozenset()


def _resolved(resolve: Callable[[str], str | None], codes: Iterable[str]) -> _Found:
    return {code: frozenset((country,)) for code in codes if (country := resolve(code))}
