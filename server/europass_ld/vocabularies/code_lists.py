"""The code lists as the rest of the package sees them: sets to check against, names to show."""

import hashlib
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import platformdirs

from .. import resources
from .database import concept_from_row, list_from_row, open_database
from .imports import lists_in_force
from .model import CodeList, Concept, Scheme, triples
from .nearest import Index, nearest

SCHEMA_VERSIONS = ("3.1", "3.3")
"""The versions of the official schemas whose lists are known."""

_CONCEPTS = (
    "SELECT list.scheme, iri, notation, allowed_in, details"
    " FROM concept JOIN list ON list.position = concept.list"
)
_REMEMBERED_SUGGESTIONS = 4096


def load_code_lists(*, imported: Path | None = None, cache: Path | None = None) -> "CodeLists":
    """Return the code lists that ship with the package.

    `imported`: the directory that `import_vocabulary` writes to; its lists extend or replace the
    shipped ones. `cache`: where the compiled form is kept; the user's cache directory by default.

    Raises:
        ConfigurationError: what stands in `imported` is not as `import_vocabulary` wrote it.
    """
    shipped = (resources.find("data") / "vocabularies").glob("*.ttl")
    overlays = lists_in_force(imported) if imported else ()
    directory = cache or platformdirs.user_cache_path("europass-ld")
    return CodeLists(open_database(shipped, overlays, directory))


class CodeLists:
    """All code lists, unchangeable; may be shared by threads.

    Lists are called by their short names ("eqf", "isced-f"), codes by their IRIs. Get one from
    `load_code_lists`.
    """

    def __init__(self, connection: sqlite3.Connection):
        self._connection = connection
        self._lock = Lock()
        self._codes: dict[str, tuple[frozenset[str], dict[str, str]]] = {}
        self._indexes: dict[str, Index] = {}
        rows = self._rows("SELECT * FROM list ORDER BY position")
        self._positions: dict[str, int] = {row[0]: row[-1] for row in rows}
        self._lists = tuple(list_from_row(row) for row in rows)
        self._suggest = lru_cache(_REMEMBERED_SUGGESTIONS)(self._find_nearest)
        weakref.finalize(self, connection.close)

    def lists(self) -> tuple[CodeList, ...]:
        """Return what is known of each list: the shipped ones by name, then the imported ones."""
        return self._lists

    @property
    def version(self) -> str:
        """A short digest of all lists with their versions: what provenance calls their version."""
        facts = [(one.name, one.scheme, one.version, one.size, one.source) for one in self._lists]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]

    def codes(self, name: str, version: str, family: str | None = None) -> frozenset[str]:
        """Return the IRIs that list `name` has in schema version "3.1" or "3.3".

        A few codes stand in the schema of one family only ("loq", "ams"); without `family` they are
        included.

        Raises:
            KeyError: no list of that name.
            ValueError: no such version.
        """
        if version not in SCHEMA_VERSIONS:
            raise ValueError(f"no schema version {version!r} (known: {SCHEMA_VERSIONS})")
        if name not in self._codes:
            self._codes[name] = self._select(name)
        everywhere, restricted = self._codes[name]
        wanted = f"{family or ''}-{version}"
        further = {
            iri
            for iri, schemas in restricted.items()
            if any(schema.endswith(wanted) for schema in schemas.split())
        }
        return everywhere | further if further else everywhere

    def concepts(self, name: str, version: str, family: str | None = None) -> Iterator[Concept]:
        """Yield the concepts of a list in the order of their IRIs; see `codes`."""
        codes = self.codes(name, version, family)
        return (one for one in self._concepts(name) if one.iri in codes)

    def concept(self, iri: str) -> Concept | None:
        """Return the concept of a code, or None if no list has it."""
        rows = self._rows(f"{_CONCEPTS} WHERE iri = ? ORDER BY list LIMIT 1", iri)
        return concept_from_row(rows[0]) if rows else None

    def scheme(self, iri: str) -> str | None:
        """Return the IRI of the scheme that a code stands in."""
        concept = self.concept(iri)
        return concept.scheme if concept else None

    def notation(self, iri: str) -> str | None:
        """Return the code itself ("0613", "DEA29")."""
        concept = self.concept(iri)
        return concept.notation if concept else None

    def broader(self, iri: str) -> tuple[str, ...]:
        """Return the IRIs of the codes directly above; none for a top code or an unknown one."""
        concept = self.concept(iri)
        return concept.broader if concept else ()

    def labels(self, iri: str) -> Mapping[str, str]:
        """Return the names of a code by language tag; empty if the list gives none."""
        concept = self.concept(iri)
        return concept.labels if concept else {}

    def label(self, iri: str, languages: Sequence[str]) -> tuple[str, str] | None:
        """Return the name of a code and its language tag.

        The first of `languages` that there is wins ("de-AT" finds "de", RFC 4647 section 3.4), then
        English, then any. A code without a name is its own name, in language "". None: unknown.
        """
        concept = self.concept(iri)
        if concept is None:
            return None
        ranges = [*(tag for one in languages for tag in _truncated(one)), "en", *concept.labels]
        for tag in ranges:
            if tag in concept.labels:
                return concept.labels[tag], tag
        return concept.notation, ""

    def nearest(
        self, names: Sequence[str], iri: str, version: str, family: str | None = None
    ) -> str | None:
        """Return the code that was probably meant by an unknown `iri`, or None.

        `names`: the lists that are accepted where it stood; `version` and `family` as in `codes`.
        The time is bounded, whatever `iri` is.
        """
        return self._suggest(tuple(names), iri, version, family)

    def triples(self, iris: Iterable[str]) -> Iterator[str]:
        """Yield N-Triples lines that describe codes and schemes; unknown IRIs are skipped.

        With a code comes its scheme.

        A line has no line end. Each concept and each scheme is described once.
        """
        schemes: set[str] = set()
        for iri in dict.fromkeys(iris):
            concept = self.concept(iri)
            if concept:
                yield from triples(concept)
            schemes.add(concept.scheme if concept else iri)
        for one in self._lists:
            if one.scheme in schemes:
                yield from triples(_scheme(one))

    def all_triples(self) -> Iterator[str]:
        """Yield N-Triples lines (without line ends) that describe every list and every code."""
        for one in self._lists:
            yield from self.list_triples(one.name)

    def list_triples(self, name: str) -> Iterator[str]:
        """Yield N-Triples lines (without line ends) that describe a list and its codes.

        Raises:
            KeyError: no list of that name.
        """
        concepts = self._concepts(name)
        yield from triples(_scheme(next(one for one in self._lists if one.name == name)))
        for concept in concepts:
            yield from triples(concept)

    def _select(self, name: str) -> tuple[frozenset[str], dict[str, str]]:
        query = "SELECT iri, allowed_in FROM concept WHERE list = ?"
        schemas = dict(self._rows(query, self._position(name)))
        return (
            frozenset(iri for iri, allowed_in in schemas.items() if not allowed_in),
            {iri: allowed_in for iri, allowed_in in schemas.items() if allowed_in},
        )

    def _concepts(self, name: str) -> list[Concept]:
        rows = self._rows(f"{_CONCEPTS} WHERE list = ? ORDER BY iri", self._position(name))
        return [concept_from_row(row) for row in rows]

    def _find_nearest(
        self, names: tuple[str, ...], iri: str, version: str, family: str | None
    ) -> str | None:
        for name in names:
            if name not in self._indexes:
                self._indexes[name] = Index(self._concepts(name))
        lists = [self.codes(name, version, family) for name in names]
        return nearest(iri, [self._indexes[name] for name in names], lists)

    def _position(self, name: str) -> int:
        if name not in self._positions:
            raise KeyError(f"no code list {name!r} (known: {', '.join(self._positions)})")
        return self._positions[name]

    def _rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()


def _scheme(one: CodeList) -> Scheme:
    return Scheme(one.scheme, one.title, one.version, one.closed)


def _truncated(language: str) -> Iterator[str]:
    """Yield a language tag and its shorter forms: de-AT, de."""
    parts = language.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])
