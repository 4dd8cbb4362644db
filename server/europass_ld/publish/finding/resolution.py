"""What a platform asks of an IRI or an identifier: name, class, level, field, and if it still is.

No Flask here; each look-up is bounded.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import pyoxigraph as ox

from ...derive import derived_graph
from ...store import Description
from ...terms import RDF_TYPE, expand
from ..addresses import is_iri
from ..labels import TITLES, Label, best
from ..problems import Refusal
from ..records.lookup import find, replaced_by
from ..site import Site
from .record_facts import Facts, facts, only

_EQF = ("elm:EQFLevel", "eld:reachedEQFLevel")
_FIELD = ("elm:ISCEDFCode", "eld:iscedDetailed", "eld:iscedNarrow", "eld:iscedBroad")
_WANTED = only((*(one.value for one in TITLES), expand(_EQF[0]), expand(_FIELD[0])))
_TYPES = only((RDF_TYPE,))


class Resolver:
    """Resolves for readers of these `languages`; `root` is the address of this server.

    One object serves one request: it keeps what codes are called.
    """

    def __init__(self, current: Site, languages: Sequence[str], root: str):
        self._current = current
        self._languages = languages
        self._root = root
        self._code = cache(self._called)
        self._term = cache(lambda iri: _named(iri, current.terms.label(iri, languages)))

    def iris(self, iris: Sequence[str]) -> list[dict[str, Any]]:
        """Return what is known of IRIs as JSON: `Entity` in `openapi.yaml`."""
        records = self._current.reader.describe_all(iris)
        return [
            self._live(iri, records[iri])
            if records[iri]
            else self._withdrawn(iri) or self._other(iri) or {"iri": iri, "status": "unknown"}
            for iri in iris
        ]

    def identifiers(self, notations: Sequence[str], *, most: int) -> list[dict[str, Any]]:
        """Return all that publishers gave each of these identifiers: `Identified`.

        Raises:
            Refusal: they are more than `most` records together.
        """
        found = {one: self._current.index.identified_by(one) for one in dict.fromkeys(notations)}
        listed = dict.fromkeys(iri for iris in found.values() for iri in iris)
        if len(listed) > most:
            raise Refusal(
                "too-many-entries",
                f"These identifiers stand for {len(listed)} records; {most} are answered at once.",
                limit=most,
            )
        entities = dict(zip(listed, self.iris(list(listed)), strict=True))
        return [
            {"identifier": one, "candidates": [entities[iri] for iri in found[one]]}
            for one in notations
        ]

    def _live(self, iri: str, records: Sequence[Description]) -> dict[str, Any]:
        said = [facts(iri, one.record.triples, _WANTED) for one in records]
        titles = {
            tag: text for one in reversed(said) for tag, text in one.titles().items()
        }  # where datasets differ, the first one's
        return {
            "iri": iri,
            "status": "live",
            "address": self._address(iri),
            **_label(best(titles, self._languages)),
            "types": self._terms(dict.fromkeys(one.record.type for one in records)),
            "eqf": self._coded(iri, said, *_EQF),
            "fields": self._coded(iri, said, *_FIELD),
            "replaced_by": replaced_by(self._current.reader, iri),
            "datasets": [one.dataset for one in records],
        }

    def _withdrawn(self, iri: str) -> dict[str, Any] | None:
        tombstone = self._current.reader.tombstone(iri)
        if tombstone is None:
            return None
        return {
            "iri": iri,
            "status": "withdrawn",
            "withdrawn": tombstone.time,
            "address": self._address(iri),
            "types": self._terms([tombstone.type]),
            "replaced_by": replaced_by(self._current.reader, iri),
            "datasets": list(tombstone.datasets),
        }

    def _other(self, iri: str) -> dict[str, Any] | None:
        """Return what is known of what is no record: a code, a term, a dataset."""
        if not is_iri(iri):
            return None
        found = find(self._current, iri)
        if found is None:
            return None
        types = [
            type_iri
            for _, lines in found.parts()
            for type_iri in facts(iri, lines, _TYPES).iris("rdf:type")
        ]
        return {
            "iri": iri,
            "status": "live",
            "address": self._address(iri),
            **_label(self._current.names.name(iri, self._languages)),
            "types": self._terms(dict.fromkeys(types)),
        }

    def _address(self, iri: str) -> str:
        return self._root + self._current.address(iri)

    def _coded(self, iri: str, said: Iterable[Facts], stated: str, *derived: str) -> list[Any]:
        """Return the codes that are stated, else those of the first derived property that is."""
        codes = dict.fromkeys(code for one in said for code in one.iris(stated))
        for name in derived:
            codes = codes or dict.fromkeys(self._derived(iri, name))
        return [self._code(code) for code in codes]

    def _derived(self, iri: str, name: str) -> list[str]:
        quads = self._current.reader.store.quads_for_pattern(
            ox.NamedNode(iri),
            ox.NamedNode(expand(name)),
            None,
            ox.NamedNode(derived_graph(self._current.base)),
        )
        return [quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)]

    def _terms(self, iris: Iterable[str]) -> list[dict[str, str]]:
        return [self._term(iri) for iri in iris]

    def _called(self, iri: str) -> dict[str, str]:
        return _named(iri, self._current.names.name(iri, self._languages))


def _named(iri: str, label: Label | None) -> dict[str, str]:
    return {"iri": iri, **_label(label)}


def _label(label: Label | None) -> dict[str, str]:
    """Return a label as members of an object; no language where the text is in none."""
    if label is None:
        return {}
    return {"label": label.text, **({"language": label.language} if label.language else {})}
