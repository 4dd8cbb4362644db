"""Identifiers of items, and the sets they are in.

An identifier is `oai:`, the host of the store's base, the name of the dataset, and the record's
IRI, percent-encoded where the syntax of URIs asks for it (RFC 3986, section 2.1
<https://www.rfc-editor.org/rfc/rfc3986#section-2.1>): `#`, `%` and all beyond ASCII.

The sets are `dataset:{name}`, `country:{code}` (that of the dataset) and `type:{class}`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from ...mapping import FAMILIES, load_mapping
from ...store import Activity, Dataset
from ..names import dataset_name

_KEPT = "/:?@;,=$!*'()~-._&+"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a set holds: the records of some datasets, of one class if `type` says which."""

    datasets: tuple[Dataset, ...]
    type: str | None = None


class Items:
    """The identifiers and sets of a repository, with the datasets that it has now."""

    def __init__(self, base: str, datasets: Sequence[Dataset]):
        self.datasets = tuple(datasets)
        self._host = urlsplit(base).hostname
        self._by_name = {dataset_name(one.iri): one for one in datasets}
        self._by_iri = {one.iri: one for one in datasets}

    def identifier(self, item: Activity) -> str:
        """Return the identifier of an item."""
        return f"oai:{self._host}:{dataset_name(item.dataset)}:{quote(item.iri, safe=_KEPT)}"

    def find(self, identifier: str) -> tuple[str, str] | None:
        """Return the dataset and the record that an identifier names; None if it is not ours."""
        scheme, _, rest = identifier.partition(":")
        host, _, rest = rest.partition(":")
        name, _, record = rest.partition(":")
        dataset = self._by_name.get(name)
        iri = unquote(record)
        if scheme != "oai" or host != self._host or dataset is None:
            return None
        return (dataset.iri, iri) if quote(iri, safe=_KEPT) == record else None

    def dataset(self, item: Activity) -> Dataset:
        """Return the dataset of an item."""
        return self._by_iri[item.dataset]

    def sets_of(self, item: Activity) -> Iterator[str]:
        """Yield the sets that an item is in."""
        dataset = self.dataset(item)
        yield f"dataset:{dataset_name(dataset.iri)}"
        if dataset.country:
            yield f"country:{_last(dataset.country)}"
        yield f"type:{_last(item.type)}"

    def sets(self) -> Iterator[tuple[str, str]]:
        """Yield all sets with their names, those that hold others first."""
        yield "dataset", "All datasets"
        for name, dataset in self._by_name.items():
            titles = dataset.title
            yield f"dataset:{name}", titles.get("en") or next(iter(titles.values()), dataset.iri)
        yield "country", "All datasets that state their country"
        for code in sorted({_last(one.country) for one in self.datasets if one.country}):
            yield f"country:{code}", code
        yield "type", "Records of all classes"
        for name in sorted(_types()):
            yield f"type:{name}", name

    def wanted(self, set_spec: str) -> Wanted | None:
        """Return what a set holds, "" being all there is; None when there is no such set."""
        kind, _, name = set_spec.partition(":")
        if not name:
            stated = tuple(one for one in self.datasets if one.country)
            everything = {"": self.datasets, "dataset": self.datasets, "type": self.datasets}
            found = {**everything, "country": stated}.get(kind)
            return None if found is None else Wanted(found)
        if kind == "dataset" and name in self._by_name:
            return Wanted((self._by_name[name],))
        if kind == "country":
            return Wanted(_in_country(self.datasets, name))
        if kind == "type" and name in _types():
            return Wanted(self.datasets, _types()[name])
        return None


def _in_country(datasets: Iterable[Dataset], code: str) -> tuple[Dataset, ...]:
    return tuple(one for one in datasets if one.country and _last(one.country) == code)


def _types() -> dict[str, str]:
    """Return the classes of records by the last part of their IRIs."""
    tables = [load_mapping(family) for family in FAMILIES]
    classes = {one.class_iri for table in tables for one in table.records.values()}
    return {_last(iri): iri for iri in classes}


def _last(iri: str) -> str:
    return iri.rstrip("/").rpartition("/")[2].rpartition("#")[2]
