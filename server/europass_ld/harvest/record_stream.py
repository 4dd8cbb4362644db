"""The event stream of records: what happened to each record of each dataset, in pages.

Linked Data Event Streams <https://w3id.org/ldes/specification>, paged with TREE
<https://w3id.org/tree/specification>; members are activities of Activity Streams 2.0
<https://www.w3.org/TR/activitystreams-vocabulary/>. A stream has three kinds of node: its root,
which describes it and leads to each block of pages by the times between which it lies; the pages of
a block, each leading to the next; and its members, in the order of the log. What a record says
after an activity stands in a named graph that is called as the activity.

A page is closed as soon as another follows: then it stays as it is, unless something is redacted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from ..store import Activity, Reader
from .graphs import Document, lines, link, term, value
from .names import activity_iri, dataset_name
from .tree import (
    NOT_AFTER,
    NOT_BEFORE,
    activity_lines,
    page_lines,
    relation,
    retention_iri,
    root_lines,
    stream_iri,
)

PAGES_OF_A_BLOCK = 32
SHAPE = "about/shapes/record-activity.ttl#shape"
"""Where the shape of members stands below the base."""

_KINDS = {"added": "as:Create", "changed": "as:Update", "deleted": "as:Delete"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its activities, and the time of the first one after it, None if there is none yet.

    `tag` is another whenever the page is.
    """

    number: int
    activities: tuple[Activity, ...]
    next_time: str | None
    tag: str

    @property
    def time(self) -> str:
        """When the last of its activities happened."""
        return self.activities[-1].time


class RecordStream:
    """The stream of one dataset, or of all, as a reader has it; `size` members make a page.

    Raises:
        UnknownDataset: no such dataset.
    """

    def __init__(self, reader: Reader, size: int, dataset: str | None = None):
        name = f"/{dataset_name(dataset)}" if dataset else ""
        self._reader = reader
        self._size = size
        self._timeline = reader.timeline(dataset)
        self._dataset = dataset
        self.root = f"{reader.base}feeds/records{name}"
        self.iri = stream_iri(self.root)
        self.pages = -(-self._timeline.count // size)

    @property
    def time(self) -> str:
        """When its last activity happened; while there is none, when the store was made."""
        return self._timeline.time or self._reader.created

    def page_iri(self, number: int) -> str:
        """Return the address of a page; they are numbered from 1."""
        return f"{self.root}/pages/{number}"

    def root_document(self) -> Document:
        """Return the root. The stream has kept everything since the store was made."""
        every = self._reader.datasets()
        datasets = [self._dataset] if self._dataset else [one.iri for one in every]
        return Document(
            lines(
                root_lines(self.root, self._reader.base + SHAPE),
                (
                    term(self.iri, "ldes:sequencePath", "eld:sequence"),
                    value(
                        retention_iri(self.root),
                        "ldes:startingFrom",
                        self._reader.created,
                        "xsd:dateTime",
                    ),
                ),
                (link(self.iri, "prov:wasDerivedFrom", one) for one in datasets),
                *map(self._to_block, range(1, self.pages + 1, PAGES_OF_A_BLOCK)),
            )
        )

    def page(self, number: int) -> Page | None:
        """Return a page without what its records say; None where there is none."""
        if not 1 <= number <= self.pages:
            return None
        start = (number - 1) * self._size
        found = self._reader.activities(self._timeline, start=start, limit=self._size)
        after = start + self._size
        has_next = after < self._timeline.count
        next_time = self._timeline.moment(after).time if has_next else None
        return Page(number, found, next_time, _tag(found, next_time))

    def page_document(self, page: Page) -> Document:
        """Return a page with what its records say."""
        iri = self.page_iri(page.number)
        names = [self._name(one) for one in page.activities]
        description = lines(
            page_lines(self.root, iri, names),
            () if page.next_time is None else self._to_next(page.number, page.next_time),
            map(_activity_lines, names, page.activities),
        )
        return Document(description, self._parts(page.activities))

    def activity_document(self, activity: Activity) -> Document:
        """Return one activity, with what its record says."""
        return Document(_activity_lines(self._name(activity), activity), self._parts((activity,)))

    def _parts(self, activities: Sequence[Activity]) -> list[tuple[str, str]]:
        found = zip(activities, self._reader.triples(activities), strict=True)
        return [(self._name(one), triples) for one, triples in found if triples]

    def _name(self, activity: Activity) -> str:
        return activity_iri(self._reader.base, activity.sequence, activity.iri)

    def _to_block(self, number: int) -> Iterator[str]:
        """Yield the relations from the root to a block, which lies between two times."""
        last = min(number + PAGES_OF_A_BLOCK - 1, self.pages) * self._size
        begins = self._timeline.moment((number - 1) * self._size).time
        ends = self._timeline.moment(min(last, self._timeline.count) - 1).time
        target = self.page_iri(number)
        yield from relation(self.root, f"from-{number}", target, NOT_BEFORE, begins)
        if number + PAGES_OF_A_BLOCK <= self.pages:
            yield from relation(self.root, f"to-{number}", target, NOT_AFTER, ends)

    def _to_next(self, number: int, time: str) -> Iterator[str]:
        """Yield the relation to the next page; to that of another block, the root leads."""
        if number % PAGES_OF_A_BLOCK:
            here, there = self.page_iri(number), self.page_iri(number + 1)
            yield from relation(here, "next", there, NOT_BEFORE, time)


def _activity_lines(iri: str, activity: Activity) -> str:
    return lines(
        activity_lines(iri, _KINDS[activity.kind], activity.iri, activity.time),
        (
            link(iri, "as:target", activity.dataset),
            value(iri, "eld:sequence", str(activity.sequence), "xsd:integer"),
        ),
    )


def _tag(activities: Sequence[Activity], next_time: str | None) -> str:
    digest = blake2b((next_time or "").encode(), digest_size=16)
    for one in activities:
        digest.update(f"{one.sequence} {one.state} {one.kind} ".encode() + one.digest)
    return digest.hexdigest()
