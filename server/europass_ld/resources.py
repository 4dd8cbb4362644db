"""Find the declarative folders that ship with the package.

They stand at the repository's root while developing and inside the package (`_resources/`) once
built into a wheel. Nothing else in the code computes such a path.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["ontology", "shapes", "mappings", "schemas", "data"]

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "_resources"
_CHECKOUT = _PACKAGE.parents[1]


def find(kind: Kind) -> Path:
    """Return the directory that holds the resources of `kind`.

    Raises:
        ValueError: no such kind.
        FileNotFoundError: the installation is broken.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"unknown kind of resource: {kind!r} (known: {get_args(Kind)})")
    root = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
    directory = root / kind
    if not directory.is_dir():
        raise FileNotFoundError(f"no {kind}/ directory in {root}: the installation is broken")
    return directory


def demonstration() -> Path:
    """Return the folder of the demonstration: `diploma.jsonld`, and `trust`, which is for it."""
    return find("data") / "demonstration"


@cache
def version(kind: Kind) -> str:
    """Return a short digest of all resources of `kind`: what provenance calls their version."""
    digest = hashlib.sha256()
    folder = find(kind)
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".md":
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
