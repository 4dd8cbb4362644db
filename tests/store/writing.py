"""A process that writes without end, to be killed, or limited, or read beside: python -m … DIR.

Each round loads records that say which round it is, so that a reader can tell one whole state from
a mixture of two. It prints the number of a round when it is published, and an error when one is
not.
"""

import random
import resource
import sys
from pathlib import Path

from europass_ld.errors import StoreUnavailable
from europass_ld.store import Record, Store

from .making import CATALOGUE, OTHER, load, record


def state(round_number: int) -> list[Record]:
    """Return the records of a round: how many there are, and what they say, changes with it."""
    chosen = random.Random(round_number)  # noqa: S311 - only to vary
    names = chosen.sample(range(200), chosen.randrange(1, 200))
    return [record(f"r{name}", f"Round {round_number}" if name % 3 else "Always") for name in names]


def main(directory: Path, largest_file: int) -> None:
    """Write round after round, alternately to two datasets, until something stops it."""
    if largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    with Store.open(directory, wait=10) as store:
        start = store.sequence + 1
        for number in range(start, start + 100_000):
            try:
                load(store, CATALOGUE if number % 2 else OTHER, *state(number))
            except StoreUnavailable as error:
                print("unavailable", error, flush=True)  # noqa: T201
                return
            print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
