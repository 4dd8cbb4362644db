"""Make a past state in a process of its own: python -m europass_ld.store.remake DIR STATE KEEP.

A server that made it itself would answer nobody else as fast meanwhile. It runs at the lowest
priority; why it could not make the state stands on standard error.
"""

import os
import sys
from pathlib import Path

from ..errors import StoreError
from .past import generation_at

_NICENESS = 19


def _main(directory: str, sequence: str, keep: str) -> int:
    os.nice(_NICENESS)
    try:
        generation_at(Path(directory), int(sequence), keep=int(keep))
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
