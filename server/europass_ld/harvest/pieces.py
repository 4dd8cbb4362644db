"""Pieces of dumps: where they are cut, and the index of those that a dump consists of.

A dump is a row of items by key, each with its text in one form or more. It is cut before an item
whose key says so, and before one with which a piece would become too long: so where it is cut
depends on nothing that comes later, and after a cut of the first kind on nothing that came
earlier. What lies between two such cuts is the same in two versions when its items are.

The index stands beside the files, in `pieces.json`. It says by which rules they were made, and for
each row the keys with which its pieces begin, and by form how long these are, as they are and in
the gz file. Nobody outside needs it.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__, resources

INDEX = "pieces.json"

Texts = tuple[bytes, ...]
"""The text of an item or a piece in each form of its row."""
Item = tuple[str, Texts]
"""A key, and what stands under it."""

_MOST_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Piece:
    """Items that follow each other; `key` is that of the first.

    `packed` are the texts as they stand in gz files, where this piece and the one before it are
    those of a dump that is there.
    """

    key: str
    texts: Texts
    packed: Texts | None = None


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths in bytes of all pieces in one form: texts, and what they are in the gz file."""

    texts: list[int] = field(default_factory=list)
    packed: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """The pieces of one row: the keys with which they begin, and their lengths by form."""

    keys: list[str]
    lengths: dict[str, Lengths]


def rules() -> str:
    """Return what decides the bytes of a piece of given items: only alike ones may be mixed."""
    versions = (resources.version(kind) for kind in ("mappings", "schemas"))
    return " ".join([__version__, *versions, zlib.ZLIB_RUNTIME_VERSION])


def cuts(key: str, every: int) -> bool:
    """Tell whether a dump is cut before the item with a key, as before one in `every`."""
    return zlib.crc32(key.encode()) % every == 0


def cut(items: Iterable[Item], every: int) -> Iterator[Piece]:
    """Yield the pieces that items consist of: of `every` items on the average, and about 1 MB."""
    first, size = "", 0
    held: list[Texts] = []
    for key, texts in items:
        if held and (cuts(key, every) or size >= _MOST_BYTES):
            yield _piece(first, held)
            held, size = [], 0
        if not held:
            first = key
        held.append(texts)
        size += sum(map(len, texts))
    if held:
        yield _piece(first, held)


def _piece(key: str, texts: Iterable[Texts]) -> Piece:
    return Piece(key, tuple(b"".join(one) for one in zip(*texts, strict=True)))


def write_index(rows: Mapping[str, Row]) -> bytes:
    """Return the index of the rows of a dump, by name."""
    members = {
        name: {
            "keys": row.keys,
            "lengths": {form: [one.texts, one.packed] for form, one in row.lengths.items()},
        }
        for name, row in rows.items()
    }
    return json.dumps({"rules": rules(), "rows": members}, ensure_ascii=False).encode()


def read_index(folder: Path) -> dict[str, Row]:
    """Return the rows of the dump in a folder; none where it was made by other rules."""
    try:
        members = json.loads((folder / INDEX).read_bytes())
    except FileNotFoundError:  # software of another time made it
        return {}
    if members["rules"] != rules():
        return {}
    return {
        name: Row(row["keys"], {form: Lengths(*one) for form, one in row["lengths"].items()})
        for name, row in members["rows"].items()
    }
