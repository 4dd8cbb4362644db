"""Make dumps in a process of their own: python -m europass_ld.harvest.remake.

Its arguments are those of `make_dump`: directory, dataset, number, how many versions to keep, and
the file of the signing key if there is one. It runs at the lowest priority; why it could not make
the dumps stands on standard error. Ended by a signal, it takes away what it has begun.
"""

import os
import signal
import sys
from pathlib import Path

from ..errors import EuropassError
from ..store import Version
from .dumps import make_dump

_NICENESS = 19
_INTERRUPTED = 130


def arguments(directory: Path, version: Version, *, keep: int, key: Path | None) -> list[str]:
    """Return the arguments for the dumps of a version; `key` is the file of the signing key."""
    return [
        str(directory),
        version.dataset,
        str(version.number),
        str(keep),
        *([str(key)] if key else []),
    ]


def _main(directory: str, dataset: str, number: str, keep: str, *key: str) -> int:
    os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signing_key = Path(key[0]) if key else None
    try:
        make_dump(Path(directory), dataset, int(number), keep=int(keep), signing_key=signing_key)
    except EuropassError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
