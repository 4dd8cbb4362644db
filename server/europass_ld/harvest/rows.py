"""What the rows of a dump hold: statements by subject, and records as XML by class and IRI."""

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby

from ..profiles import DatasetXml
from ..store import Changes, LogReader, Version, lines_of, n_quads
from ..turtle import turtle_blocks, turtle_prefixes
from .forms import NQ, TTL, XML, Form
from .pieces import Item, Texts

Change = Callable[[Texts | None], Texts | None]
"""From what stood under a key to what stands there now; None for nothing."""

_HEAD = ""
_SUBJECT_IN_QUADS = re.compile(rb"^(\S+) .*\n(?:\1 .*\n)*", re.MULTILINE)
_SUBJECT_IN_TURTLE = re.compile(rb"^(<\S+) .*\n(?:\t.*\n)*", re.MULTILINE)


class Content(ABC):
    """The content of one row: `forms` are written together, cut before one item in `every`.

    `lines` is how many the first form must have, where that is known.
    """

    name: str
    forms: tuple[Form, ...]
    every: int
    lines: int | None = None

    @abstractmethod
    def items(self) -> Iterator[Item]:
        """Yield all items in flat memory.

        Raises:
            LiftError: what the version holds cannot be said in these forms.
        """

    @abstractmethod
    def split(self, texts: Texts) -> Iterator[Item]:
        """Yield the items of which a piece was made."""

    @abstractmethod
    def changed(self, changes: Changes) -> Mapping[str, Change]:
        """Return by key what makes the items of the newest version from those of another.

        What it returns raises `LiftError` as `items` does.
        """


class Statements(Content):
    """N-Quads and Turtle of a version: an item holds what is stated about one subject."""

    name = "statements"
    forms = (NQ, TTL)
    every = 16

    def __init__(self, reader: LogReader, version: Version):
        self.lines = version.triples
        self._reader = reader
        self._version = version
        self._end = f" <{version.dataset}> ."

    def items(self) -> Iterator[Item]:
        """Yield all items in the order of canonical N-Quads, and before them what Turtle needs."""
        yield _HEAD, (b"", turtle_prefixes().encode())
        dataset, sequence = self._version.dataset, self._version.sequence
        for part in self._reader.statements(dataset, sequence=sequence):
            for subject, lines in groupby(part, _subject):
                yield subject, self._texts(list(lines))

    def split(self, texts: Texts) -> Iterator[Item]:
        """Yield the items of which a piece was made."""
        quads, turtle = texts
        blocks = list(_SUBJECT_IN_TURTLE.finditer(turtle))
        head = turtle[: blocks[0].start() if blocks else len(turtle)]
        if head:
            yield _HEAD, (b"", head)
        for one, block in zip(_SUBJECT_IN_QUADS.finditer(quads), blocks, strict=True):
            yield one[1].decode(), (one[0], block[0])

    def changed(self, changes: Changes) -> Mapping[str, Change]:
        """Return, by subject, what takes lines away and adds others."""
        gone, come = _by_subject(changes.gone), _by_subject(changes.come)
        return {
            subject: partial(self._change, gone[subject], come[subject])
            for subject in gone.keys() | come.keys()
        }

    def _change(self, gone: set[str], come: set[str], before: Texts | None) -> Texts | None:
        quads = lines_of(before[0].decode()) if before else []
        stated = {f"{line.removesuffix(self._end)} ." for line in quads}
        lines = (stated - gone) | come
        return self._texts(sorted(lines)) if lines else None

    def _texts(self, lines: list[str]) -> Texts:
        (quads,) = n_quads([lines], self._version.dataset)
        return quads, turtle_blocks("\n".join(lines)).encode()


class Records(Content):
    """Europass XML of a version: an item holds a record, or what stands around records."""

    forms = (XML,)
    every = 8

    def __init__(self, reader: LogReader, version: Version):
        self.name = reader.dataset(version.dataset).family
        self._document = DatasetXml(reader, version.dataset, sequence=version.sequence)

    def items(self) -> Iterator[Item]:
        """Yield all items in the order of the document."""
        return ((key, (text,)) for key, text in self._document.items())

    def split(self, texts: Texts) -> Iterator[Item]:
        """Yield the items of which a piece was made."""
        (text,) = texts
        return ((key, (item,)) for key, item in self._document.split(text))

    def changed(self, changes: Changes) -> Mapping[str, Change]:
        """Return, by key, what writes a record anew."""
        keys = self._document.affected(changes.records)
        return {key: partial(self._change, key) for key in keys}

    def _change(self, key: str, _before: Texts | None) -> Texts | None:
        text = self._document.present(key)
        return None if text is None else (text,)


def contents(reader: LogReader, version: Version) -> tuple[Content, ...]:
    """Return the contents of the rows of a version's dump."""
    return Statements(reader, version), Records(reader, version)


def _subject(line: str) -> str:
    return line.partition(" ")[0]


def _by_subject(lines: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        found[_subject(line)].add(line)
    return found
