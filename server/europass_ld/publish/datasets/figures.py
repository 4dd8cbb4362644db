"""The figures of the home page and of the list of datasets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from ...store import Dataset, Version
from ...terms import expand
from ..description import Link
from ..labels import Label, best, last_part
from ..site import Site

_DERIVED = ox.NamedNode(expand("prov:wasDerivedFrom"))
_COUNTRIES = "http://publications.europa.eu/resource/authority/country/"


@dataclass(frozen=True, slots=True)
class Conformity:
    """Of the records `delivered` last, how many conform, and how many of these with `warnings`."""

    conforming: int
    delivered: int
    warnings: int

    @property
    def percent(self) -> int:
        """The share that conforms, in whole percent; it is 100 only when all do."""
        if self.conforming == self.delivered:
            return 100
        return min(99, round(100 * self.conforming / self.delivered))


@dataclass(frozen=True, slots=True)
class Summary:
    """A dataset with its figures; `latest` is None before its first version."""

    dataset: Dataset
    link: Link
    publisher: Label | None
    country: Label | None
    counts: Mapping[str, int]
    latest: Version | None
    conformity: Conformity | None

    @property
    def records(self) -> int:
        """How many records the dataset holds now."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a store: its datasets, records by class IRI, countries, and when it last changed."""

    summaries: tuple[Summary, ...]
    counts: Mapping[str, int]
    countries: tuple[Label, ...]
    updated: str | None

    @property
    def conformity(self) -> Conformity | None:
        """What holds of the latest versions of all datasets together."""
        known = [one.conformity for one in self.summaries if one.conformity]
        if not known:
            return None
        return Conformity(
            sum(one.conforming for one in known),
            sum(one.delivered for one in known),
            sum(one.warnings for one in known),
        )

    @property
    def records(self) -> int:
        """How many records there are in all datasets."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Brought:
    """A record that a version brought in its present state; `added` if it was new then."""

    link: Link
    added: bool


def figures(current: Site, wanted: Sequence[str]) -> Figures:
    """Return the figures of the state that is being read."""
    reader = current.reader
    summaries = tuple(summary(current, one, wanted) for one in reader.datasets())
    countries = {one.country.text: one.country for one in summaries if one.country}
    events = reader.events()
    return Figures(
        summaries,
        _largest_first(reader.count_by_type()),
        tuple(countries[name] for name in sorted(countries)),
        events[-1].time if events else None,
    )


def summary(current: Site, dataset: Dataset, wanted: Sequence[str]) -> Summary:
    """Return a dataset with its figures."""
    versions = current.reader.versions(dataset.iri)
    latest = versions[-1] if versions else None
    return Summary(
        dataset,
        current.dataset_link(dataset.iri, wanted),
        best(dataset.publisher_name, wanted) or _named(current, dataset.publisher, wanted),
        _named(current, dataset.country, wanted),
        _largest_first(current.reader.count_by_type(dataset.iri)),
        latest,
        _conformity(current, latest) if latest else None,
    )


def brought_by(
    current: Site, version: Version, wanted: Sequence[str], *, page: int
) -> tuple[list[Brought], bool]:
    """Return one page of the records that are as `version` brought them, and if there are more.

    What a later version changed again or deleted is not among them.
    """
    reader, size = current.reader, current.settings.page_size
    found = reader.store.quads_for_pattern(
        None, _DERIVED, ox.NamedNode(f"{current.base}id/version/{version.sequence}")
    )
    subjects = [quad.subject for quad in islice(found, (page - 1) * size, page * size + 1)]
    iris = [one.value for one in subjects if isinstance(one, ox.NamedNode)]
    listed = [
        Brought(current.link(iri, wanted), one.first_version == version.number)
        for iri in iris[:size]
        for one in reader.describe(iri)
        if one.dataset == version.dataset
    ]
    return listed, len(iris) > size


def _conformity(current: Site, latest: Version) -> Conformity | None:
    report = current.reports.report(latest.dataset, latest.number)
    delivered = latest.records + latest.counts.refused
    if report is None or not delivered:
        return None
    return Conformity(latest.records, delivered, report.records_with("warning"))


def _named(current: Site, text: str | None, wanted: Sequence[str]) -> Label | None:
    """Return what an IRI or a country's code is called; a text that is neither as it is."""
    if not text:
        return None
    if ":" in text:
        return current.names.name(text, wanted) or Label(last_part(text))
    return current.names.name(_COUNTRIES + text, wanted) or Label(text)


def _largest_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
