"""The example queries of `data/queries/`: what researchers ask, as SPARQL that runs as it is."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from . import resources
from .terms import expand

QueryKind = Literal["select", "ask", "construct"]

_TEXTS: dict[str, QueryKind] = {
    expand("sh:select"): "select",
    expand("sh:ask"): "ask",
    expand("sh:construct"): "construct",
}
_LABEL, _COMMENT = expand("rdfs:label"), expand("rdfs:comment")
_KEYWORDS = expand("schema:keywords")


@dataclass(frozen=True, slots=True)
class ExampleQuery:
    """A query with what is said of it, in English.

    `id` is the name of its file without the ending; the ids are in the order to show them in.
    `comment` says in sentences what is asked, and what is easily got wrong. `text` is the query,
    `kind` its form.
    """

    id: str
    label: str
    comment: str
    text: str
    kind: QueryKind
    keywords: tuple[str, ...] = ()


@cache
def load_queries() -> tuple[ExampleQuery, ...]:
    """Return the example queries that ship with the package, in order.

    Raises:
        ValueError: a file does not describe exactly one query; it is broken.
    """
    folder = resources.find("data") / "queries"
    return tuple(map(_read, sorted(folder.glob("*.ttl"))))


def _read(path: Path) -> ExampleQuery:
    said: dict[str, list[str]] = {}
    for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
        if isinstance(quad.object, ox.Literal):
            said.setdefault(quad.predicate.value, []).append(quad.object.value)
    try:
        ((kind, text),) = ((_TEXTS[one], said[one]) for one in said if one in _TEXTS)
        (query,), (label,), (comment,) = text, said[_LABEL], said[_COMMENT]
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path}: describes no query, or more than one") from error
    keywords = tuple(sorted(said.get(_KEYWORDS, ())))
    return ExampleQuery(path.stem, label, comment, query.strip() + "\n", kind, keywords)
