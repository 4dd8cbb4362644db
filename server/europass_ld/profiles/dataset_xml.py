"""A whole dataset as Europass XML, in items that can be replaced one by one."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import unescape

from ..lift import Frame
from ..mapping import load_mapping
from ..store import LogReader, Record
from .elements import VERSIONS, elements

Item = tuple[str, bytes]
"""A key, and what the document holds under it. Items stand in the order of their keys."""

_START, _END = "", "~"
_RECORD = rb'    <(\w+) id="([^"]*)"'


class DatasetXml:
    """The document of all records of a dataset, as they were after the event `sequence` or are.

    Its items are the records, by class and IRI, and what stands before, between and after these.
    The same state gives the same bytes on every machine. References to what another dataset
    describes are kept as they are.

    Raises:
        UnknownDataset: no such dataset.
    """

    def __init__(self, reader: LogReader, dataset: str, *, sequence: int | None = None):
        self._reader = reader
        self._dataset = dataset
        self._sequence = sequence
        self._table = load_mapping(reader.dataset(dataset).family)
        self._classes = list(self._table.records.values())
        self._places = {one.name.encode(): place for place, one in enumerate(self._classes)}
        self._frame = Frame(self._table, VERSIONS[0])
        self._framing = {_START: self._frame.start, _END: self._frame.end}
        for container in self._table.containers:
            places = self._places_in(container)
            self._framing[f"{places[0]:02}"] = self._frame.opening(container)
            self._framing[f"{places[-1]:02}~"] = self._frame.closing(container)
        self._keys = {text: key for key, text in self._framing.items()}
        begins = b"|".join([*map(re.escape, self._keys), _RECORD])
        self._begins = re.compile(b"^(?:%s)" % begins, re.MULTILINE)

    def items(self) -> Iterator[Item]:
        """Yield all items in flat memory.

        Raises:
            LiftError: the schema has no place for something that a record says.
        """
        yield _START, self._frame.start
        for container in self._table.containers:
            records = self._records_in(container)
            first = next(records, None)
            if first is not None:
                yield self._item(self._frame.opening(container))
                yield first
                yield from records
                yield self._item(self._frame.closing(container))
        yield _END, self._frame.end

    def split(self, text: bytes) -> Iterator[Item]:
        """Yield the items of which a part of the document consists."""
        found = list(self._begins.finditer(text))
        ends = [*(one.start() for one in found[1:]), len(text)]
        for item, end in zip(found, ends, strict=True):
            name, iri = item.groups()
            key = _key(self._places[name], unescape(iri.decode())) if name else self._keys[item[0]]
            yield key, text[item.start() : end]

    def affected(self, records: Iterable[tuple[str, str]]) -> set[str]:
        """Return the keys of records (class IRI and IRI), and of all that stands around any."""
        places = {one.class_iri: place for place, one in enumerate(self._classes)}
        keys = {_key(places[one], iri) for one, iri in records if one in places}
        return keys.union(self._framing)

    def present(self, key: str) -> bytes | None:
        """Return what the document holds under a key now, whatever its `sequence`; None: nothing.

        Raises:
            LiftError: as `items`.
        """
        place, is_record, iri = key.partition(" ")
        if not is_record:
            return self._framing[key] if key in self._needed() else None
        class_iri = self._classes[int(place)].class_iri
        here = self._dataset, class_iri
        described = self._reader.describe(iri)
        records = [one.record for one in described if (one.dataset, one.record.type) == here]
        return next(self._texts(records), None)

    def _needed(self) -> set[str]:
        """Return the keys of what stands around the records there are now."""
        counts = self._reader.count_by_type(self._dataset)
        containers = {str(one.container) for one in self._classes if one.class_iri in counts}
        around = self._frame.opening, self._frame.closing
        return {_START, _END} | {self._keys[text(one)] for one in containers for text in around}

    def _places_in(self, container: str) -> list[int]:
        return [place for place, one in enumerate(self._classes) if one.container == container]

    def _records_in(self, container: str) -> Iterator[Item]:
        for place in self._places_in(container):
            for page in self._pages(self._classes[place].class_iri):
                for record, text in zip(page, self._texts(page), strict=True):
                    yield _key(place, record.iri), text

    def _pages(self, class_iri: str) -> Iterator[tuple[Record, ...]]:
        last = ""
        while page := self._reader.live_records(
            self._dataset, class_iri, sequence=self._sequence, after=last
        ):
            yield page
            last = page[-1].iri

    def _texts(self, records: Iterable[Record]) -> Iterator[bytes]:
        return map(self._frame.record, elements(records, self._table, VERSIONS[0]))

    def _item(self, framing: bytes) -> Item:
        return self._keys[framing], framing


def _key(place: int, iri: str) -> str:
    return f"{place:02} {iri}"
