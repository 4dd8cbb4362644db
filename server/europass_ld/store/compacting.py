"""When the files of an RDF store are worth putting together.

Loading leaves many files, and each look-up has to look into all that may hold what it is for.
Measured on two cores: after a first load of 100 MB of documents (80 files) a look-up takes two to
three times as long as in the 23 files that are left of them, after one of 20 MB (45 files) half as
long again. To make those 23 takes 3 s.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox

_SMALL_BYTES = 8 << 20
_MANY, _TOO_MANY = 30, 60
_MUCH = 0.05


def is_worth_compacting(directory: Path) -> bool:
    """Tell of a store that nobody writes whether compacting it will speed look-ups up.

    That is so for too many small files, and for many of them if they hold much of all.
    """
    sizes = list(_sizes(directory))
    small = [size for size in sizes if size < _SMALL_BYTES]
    much = sum(small) > sum(sizes) * _MUCH
    return len(small) > (_MANY if much else _TOO_MANY)


def compact(directory: Path) -> None:
    """Put the files of a store together that nobody else has open.

    Raises:
        OSError: the disk is full or broken.
    """
    store = ox.Store(directory)
    store.optimize()
    store.flush()


def _sizes(directory: Path) -> Iterator[int]:
    for one in directory.glob("*.sst"):
        with suppress(FileNotFoundError):  # the engine puts some together by itself
            yield one.stat().st_size
