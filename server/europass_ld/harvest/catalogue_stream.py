"""The DCAT-AP Feed: the entities of the catalogue as an event stream, each by its last activity.

<https://semiceu.github.io/LDES-DCAT-AP-feeds/>. Catalogue, datasets, distributions, services,
agents, contacts and licences are members here, and nothing else; records have a stream of their
own. An entity is told again with each version of a dataset that it belongs to; one that the
catalogue no longer lists is told as deleted. The description of an entity may change between two
versions, when its dumps are made or the operator changes a setting: an activity is named after what
it says too, so that whoever has seen one never takes it for another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from ..store import Reader
from .catalogue import Catalogue, Entity
from .graphs import Document, lines, term, value
from .tree import (
    NOT_BEFORE,
    activity_lines,
    page_lines,
    relation,
    retention_iri,
    root_lines,
    stream_iri,
)

SHAPE = "https://semiceu.github.io/LDES-DCAT-AP-feeds/shape.ttl#ActivityShape"


@dataclass(frozen=True, slots=True)
class Told:
    """When an entity was told of first and last, as sequences, and the time of the last."""

    first: int
    last: int
    time: str

    def and_then(self, other: "Told") -> "Told":
        """Return both in one."""
        last = max(self, other, key=lambda one: one.last)
        return Told(min(self.first, other.first), last.last, last.time)


@dataclass(frozen=True, slots=True)
class CatalogueActivity:
    """The last activity of an entity: its IRI, kind and moment, and what the entity is after it."""

    iri: str
    kind: str
    entity: str
    sequence: int
    time: str
    lines: str


class CatalogueStream:
    """The feed of a catalogue; `size` members make a page."""

    def __init__(self, reader: Reader, catalogue: Catalogue, size: int):
        self._reader = reader
        self._catalogue = catalogue
        self._size = size
        self.root = f"{reader.base}feeds/catalogue"

    @cached_property
    def activities(self) -> list[CatalogueActivity]:
        """All of its members, oldest first."""
        live = {one.iri: one for one in self._catalogue.entities()}
        found = [self._activity(live.get(iri), iri, told) for iri, told in self._told(live).items()]
        return sorted(found, key=lambda one: (one.sequence, one.entity))

    @property
    def pages(self) -> int:
        """How many pages there are, at least one: the catalogue is always told of."""
        return -(-len(self.activities) // self._size)

    def page_iri(self, number: int) -> str:
        """Return the address of a page; they are numbered from 1."""
        return f"{self.root}/pages/{number}"

    def root_document(self) -> Document:
        """Return the root: of each entity the stream keeps the last activity."""
        retention = retention_iri(self.root)
        return Document(
            lines(
                root_lines(self.root, SHAPE),
                (
                    value(retention, "ldes:versionAmount", "1", "xsd:integer"),
                    term(stream_iri(self.root), "rdf:type", "dcat:Dataset"),
                ),
                *map(self._to_page, range(1, self.pages + 1)),
            )
        )

    def page(self, number: int) -> list[CatalogueActivity]:
        """Return the members of a page; none where there is no such page."""
        return self.activities[(number - 1) * self._size : number * self._size]

    def page_document(self, number: int) -> Document:
        """Return a page."""
        return self._document(
            self.page(number),
            page_lines(self.root, self.page_iri(number), [one.iri for one in self.page(number)]),
        )

    def activity_document(self, iri: str) -> Document | None:
        """Return one activity; None if it is not the last one of an entity."""
        found = [one for one in self.activities if one.iri == iri]
        return self._document(found) if found else None

    def _document(self, activities: list[CatalogueActivity], head: str = "") -> Document:
        return Document(
            lines(
                head,
                *(activity_lines(one.iri, one.kind, one.entity, one.time) for one in activities),
            ),
            [(one.iri, one.lines) for one in activities if one.lines],
        )

    def _told(self, live: dict[str, Entity]) -> dict[str, Told]:
        """Return when each entity was told of, those that are no longer live too."""
        found: dict[str, Told] = {}
        everything = Told(0, 0, self._reader.created)
        for dataset in self._reader.datasets():
            versions = self._reader.versions(dataset.iri)
            told = Told(versions[0].sequence, versions[-1].sequence, versions[-1].time)
            everything = everything.and_then(told)
            for one in self._catalogue.of_dataset(dataset):
                found[one.iri] = found.get(one.iri, told).and_then(told)
        for iri in live:  # the catalogue, its services and its operator are about all datasets
            found.setdefault(iri, everything)
        return found

    def _activity(self, entity: Entity | None, iri: str, told: Told) -> CatalogueActivity:
        said = entity.lines if entity else ""
        kind = "as:Update" if told.first < told.last else "as:Create"
        digest = blake2b(f"{iri} {told.last} {said}".encode(), digest_size=12).hexdigest()
        return CatalogueActivity(
            iri=f"{self._reader.base}id/catalogue-activity/{told.last}/{digest}",
            kind=kind if entity else "as:Delete",
            entity=iri,
            sequence=told.last,
            time=told.time,
            lines=said,
        )

    def _to_page(self, number: int) -> Iterator[str]:
        time = self.page(number)[0].time
        yield from relation(self.root, f"from-{number}", self.page_iri(number), NOT_BEFORE, time)
