"""The dump of an earlier version, and the pieces of the newest one that come from it.

What did not change is taken over, also as it is compressed; the rest is made anew, so that the
outcome is what writing the whole would give. Only the newest version can be had like this: what is
still stated, only the log as it is now can tell.
"""

import hashlib
from bisect import bisect_left
from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

from ..store import Changes, LogReader, Version
from .forms import GZIP, ZSTD
from .manifest import MANIFEST, read_manifest
from .packing import parts_and_texts
from .pieces import Item, Piece, Row, Texts, cut, cuts, read_index
from .rows import Change, Content


class NotDerivable(Exception):
    """What comes from a former dump is not what the log counts."""


@dataclass(frozen=True, slots=True)
class Former:
    """The dump of an earlier version in `folder`, its rows by name, and what changed since."""

    folder: Path
    rows: Mapping[str, Row]
    changes: Changes

    def pieces(self, content: Content) -> Iterator[Piece]:
        """Yield the pieces of a content of the newest version, of which there is a former row.

        Raises:
            NotDerivable: these were not its pieces.
            LiftError: it cannot be written in this form.
        """
        lines = 0
        for piece in self._pieces(content):
            lines += piece.texts[0].count(b"\n")
            yield piece
        if lines != (content.lines or lines):
            raise NotDerivable(f"{lines:,} lines, not {content.lines:,}")

    def _pieces(self, content: Content) -> Iterator[Piece]:
        row = self.rows[content.name]
        changed = content.changed(self.changes)
        keys = sorted(changed)
        pieces = self._as_they_were(row)
        follows_the_same = True
        for first, end in pairwise([*_stable(row.keys, changed, content.every), len(row.keys)]):
            run = islice(pieces, end - first)
            touched = _between(
                keys, row.keys[first], row.keys[end] if end < len(row.keys) else None
            )
            if touched:
                items = (item for piece in run for item in content.split(piece.texts))
                yield from cut(_changed(items, touched, changed), content.every)
                follows_the_same = False
            else:
                for piece in run:
                    yield piece if follows_the_same else replace(piece, packed=None)
                    follows_the_same = True

    def _as_they_were(self, row: Row) -> Iterator[Piece]:
        columns = [
            parts_and_texts(
                self.folder / f"{form}.{GZIP.name}", self.folder / f"{form}.{ZSTD.name}", lengths
            )
            for form, lengths in row.lengths.items()
        ]
        for key, *column in zip(row.keys, *columns, strict=True):
            parts, texts = zip(*column, strict=True)
            yield Piece(key, texts, parts)


def find_former(reader: LogReader, version: Version, folder: Path) -> Former | None:
    """Return the last dump in the folder of a dataset from which that of a version can come.

    None when there is none, or when it is not as its manifest says, or the version not the newest.
    """
    *earlier, newest = reader.versions(version.dataset)
    if newest.number != version.number:
        return None
    for one in reversed(earlier):
        there = folder / str(one.number)
        if there.is_dir():
            changes = reader.changes(version.dataset, one.sequence) if _is_intact(there) else None
            return Former(there, read_index(there), changes) if changes else None
    return None


def _is_intact(folder: Path) -> bool:
    """Tell whether the files of a dump are those of its manifest."""
    for file in read_manifest(folder / MANIFEST)["files"]:
        with (folder / file["name"].partition(".")[2]).open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != file["sha256"]:
                return False
    return True


def _stable(keys: Sequence[str], changed: Container[str], every: int) -> Iterator[int]:
    """Yield the positions of pieces that begin where the newest version is cut as well."""
    for position, key in enumerate(keys):
        if position == 0 or (cuts(key, every) and key not in changed):
            yield position


def _between(keys: Sequence[str], first: str, end: str | None) -> Sequence[str]:
    """Return the sorted keys from the first on, up to and without the end if there is one."""
    return keys[bisect_left(keys, first) : len(keys) if end is None else bisect_left(keys, end)]


def _changed(
    items: Iterable[Item], keys: Iterable[str], changed: Mapping[str, Change]
) -> Iterator[Item]:
    """Yield the items as they are now; `keys` are those of `changed` that belong among them."""
    waiting = deque(keys)
    for key, texts in items:
        while waiting and waiting[0] <= key:
            one = waiting.popleft()
            yield from _now(one, changed[one], texts if one == key else None)
            if one == key:
                break
        else:
            yield key, texts
    for one in waiting:
        yield from _now(one, changed[one], None)


def _now(key: str, change: Change, before: Texts | None) -> Iterator[Item]:
    texts = change(before)
    if texts is not None:
        yield key, texts
