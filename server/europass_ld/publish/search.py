"""A simple search: records whose titles hold all the words, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from .description import Link
from .labels import TITLES, Label, best
from .site import Site

LONGEST = 200
"""Characters of a search; what is longer is cut."""

_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, and the classes it is of."""

    link: Link
    kinds: tuple[Label, ...]


def search(current: Site, text: str, wanted: Sequence[str], *, page: int) -> tuple[list[Hit], bool]:
    """Return one page of the records whose titles hold all words of `text`, and if there are more.

    Upper and lower case are the same; a word may be part of a longer one.
    """
    words = text[:LONGEST].lower().split()[:_MOST_WORDS]
    if not words:
        return [], False
    size = current.settings.page_size
    found = current.reader.query(_query(current.genid, words, size + 1, (page - 1) * size))
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
    iris = [str(one["record"].value) for one in found]
    return [_hit(current, iri, wanted) for iri in iris[:size]], len(iris) > size


def _query(genid: str, words: Sequence[str], limit: int, offset: int) -> str:
    properties = " ".join(str(one) for one in TITLES)
    holds = " && ".join(f"CONTAINS(LCASE(STR(?title)), {ox.Literal(word)})" for word in words)
    return (
        f"SELECT DISTINCT ?record {{ VALUES ?property {{ {properties} }}"
        f" ?record ?property ?title ; a ?class ."
        f" FILTER({holds} && !STRSTARTS(STR(?record), {ox.Literal(genid)})) }}"
        f" LIMIT {limit} OFFSET {offset}"
    )


def _hit(current: Site, iri: str, wanted: Sequence[str]) -> Hit:
    records = current.reader.describe(iri)
    kinds = dict.fromkeys(one.record.type for one in records)
    title = best(current.names.titles(iri), wanted) or Label(iri)
    return Hit(
        Link(iri, title, current.address(iri)),
        tuple(current.terms.label(one, wanted) for one in kinds),
    )
