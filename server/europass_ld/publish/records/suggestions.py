"""Did you mean …: IRIs that are known and near to one that is not."""

from collections.abc import Iterator
from urllib.parse import quote, unquote

import pyoxigraph as ox

from ..addresses import PATH_SAFE, document_of
from ..site import Site

_MOST = 5
_SLASHES_OF_A_HOST = 3
_MOST_TO_LOOK_THROUGH = 5_000
"""Records in a store up to which a missing one is worth a walk over all of them (0.1 s)."""


def suggestions(current: Site, iri: str) -> list[str]:
    """Return a few known IRIs: the same one written otherwise, else neighbours below its path."""
    reader = current.reader
    same = [one for one in dict.fromkeys(variants(iri)) if reader.describe(one)]
    nearby = same or reader.fragments(document_of(iri)) or _siblings(current, iri)
    return list(nearby[:_MOST])


def variants(iri: str) -> Iterator[str]:
    """Yield other ways to write an IRI that people and programs confuse with it."""
    for scheme, other in (("https://", "http://"), ("http://", "https://")):
        if iri.startswith(scheme):
            yield from _spellings(other + iri.removeprefix(scheme))
            yield from _spellings(iri)
    yield iri.rstrip("/").rpartition("/")[0]


def _siblings(current: Site, iri: str) -> list[str]:
    """Return IRIs below the same path, if it is one: the whole of a host is no neighbourhood."""
    parent = iri.rstrip("/").rpartition("/")[0] + "/"
    if parent.count("/") <= _SLASHES_OF_A_HOST:
        return []
    if sum(current.reader.count_by_type().values()) > _MOST_TO_LOOK_THROUGH:
        return []
    found = current.reader.query(
        f"SELECT DISTINCT ?near {{ ?near a ?class"
        f" FILTER(STRSTARTS(STR(?near), {ox.Literal(parent)})) }} LIMIT {_MOST}"
    )
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
    return sorted(str(one["near"].value) for one in found)


def _spellings(iri: str) -> Iterator[str]:
    yield iri
    yield iri.removesuffix("/") if iri.endswith("/") else f"{iri}/"
    yield unquote(iri)
    yield quote(iri, safe=PATH_SAFE + "?#[]")
    yield iri.rstrip(".,;)>")
