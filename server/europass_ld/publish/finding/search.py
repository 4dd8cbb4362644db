"""A simple search: records whose titles hold all the words, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..description import Link
from ..labels import Label, best
from ..site import Site

LONGEST = 200
"""Characters of a search; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, and the classes it is of."""

    link: Link
    kinds: tuple[Label, ...]


def search(current: Site, text: str, wanted: Sequence[str], *, page: int) -> tuple[list[Hit], bool]:
    """Return one page of the records whose titles hold all words of `text`, and if there are more.

    Those that begin with it come first (see `RecordIndex.search`).
    """
    size = current.settings.page_size
    iris = current.index.search(text[:LONGEST], limit=size + 1, offset=(page - 1) * size)
    return [_hit(current, iri, wanted) for iri in iris[:size]], len(iris) > size


def _hit(current: Site, iri: str, wanted: Sequence[str]) -> Hit:
    records = current.reader.describe(iri)
    kinds = dict.fromkeys(one.record.type for one in records)
    title = best(current.names.titles(iri), wanted) or Label(iri)
    return Hit(
        Link(iri, title, current.address(iri)),
        tuple(current.terms.label(one, wanted) for one in kinds),
    )
