"""Statements as one nested JSON object: JSON-LD for those who read JSON.

What a record states is framed at the record: nodes stand where they are referred to, keys are the
names of the Europass XML, texts are by language, codes and other records are IRIs. The context is
in the document, no larger than it must be, so the object is the whole and every JSON-LD processor
gets the same triples from it.
JSON-LD 1.1 Framing <https://www.w3.org/TR/json-ld11-framing/>
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import pyoxigraph as ox

from .. import resources
from ..terms import RDF_TYPE, XSD_STRING, compact, expand
from .things import Statements, statements

Json = dict[str, object]
_Value = ox.NamedNode | ox.Literal
_NATIVE: Mapping[str, Callable[[str], object]] = {
    expand("xsd:boolean"): lambda text: text == "true",
    expand("xsd:integer"): int,
}
"""Datatypes whose canonical form is that of a JSON value."""


def framed(lines: str, iris: Sequence[str]) -> Json:
    """Return what N-Triples lines state about `iris`, with what these point at, as JSON-LD.

    One of them is the object itself; several stand in an array under `@graph`.
    """
    frame = _Frame(statements(lines))
    objects = [frame.node(iri, ()) for iri in iris]
    return {"@context": frame.context()} | (
        objects[0] if len(objects) == 1 else {"@graph": objects}
    )


class _Frame:
    """Makes objects, and remembers which terms of the context they use."""

    def __init__(self, stated: Statements):
        self._stated = stated
        self._used: dict[str, object] = {}

    def context(self) -> Json:
        """Return the part of the context that the objects need."""
        terms = _terms()
        prefixes = {
            str(curie).partition(":")[0]
            for row in self._used.values()
            for curie in (row.values() if isinstance(row, Mapping) else (row,))
        }
        needed = {name: terms[name] for name in terms if name in prefixes}
        return {"@version": 1.1, **needed, "id": "@id", **dict(sorted(self._used.items()))}

    def node(self, iri: str, within: tuple[str, ...]) -> Json:
        """Return a node as an object; `within` are those that it is nested in."""
        made: Json = {"id": iri}
        for predicate, values in self._stated.get(iri, {}).items():
            if predicate == RDF_TYPE:
                made["@type"] = _alone([self._class(one.value) for one in values])
                continue
            name, row = _by_property().get(predicate, (predicate, None))
            if row is not None:
                self._used[name] = row
            made[name] = self._values(row, values, (*within, iri))
        return made

    def _class(self, iri: str) -> str:
        name, row = _by_property().get(iri, (iri, None))
        if row is not None:
            self._used[name] = row
        return name

    def _values(self, row: object, values: Sequence[_Value], within: tuple[str, ...]) -> object:
        form = row if isinstance(row, Mapping) else {}
        if form.get("@container") == "@language" and all(_has_language(one) for one in values):
            return _by_language(values)
        if form.get("@container") == "@language":  # a text without a language has no key there
            return _alone([_expanded(one) for one in values])
        return _alone([self._value(form.get("@type"), one, within) for one in values])

    def _value(self, type_: object, value: _Value, within: tuple[str, ...]) -> object:
        if isinstance(value, ox.NamedNode):
            if value.value in self._stated and value.value not in within:
                return self.node(value.value, within)
            return value.value if type_ == "@id" else {"id": value.value}
        datatype = value.datatype.value
        if value.language or (type_ is None and datatype != XSD_STRING):
            return _expanded(value)
        if type_ is not None and type_ != compact(datatype):
            return _expanded(value)
        native = _NATIVE.get(datatype)
        return native(value.value) if native else value.value


def _has_language(value: _Value) -> bool:
    return isinstance(value, ox.Literal) and value.language is not None


def _by_language(values: Sequence[_Value]) -> Json:
    texts: dict[str, list[object]] = {}
    for one in values:
        if isinstance(one, ox.Literal):
            texts.setdefault(str(one.language), []).append(one.value)
    return {tag: _alone(said) for tag, said in texts.items()}


def _expanded(value: _Value) -> Json:
    if isinstance(value, ox.NamedNode):
        return {"id": value.value}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    if value.datatype.value == XSD_STRING:
        return {"@value": value.value}
    return {"@value": value.value, "@type": value.datatype.value}


def _alone(values: Sequence[object]) -> object:
    return values[0] if len(values) == 1 else list(values)


@cache
def _terms() -> Mapping[str, object]:
    path = resources.find("ontology") / "context" / "loq-ams.jsonld"
    terms: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))["@context"]
    return terms


@cache
def _by_property() -> Mapping[str, tuple[str, object]]:
    """Return terms with their rows by the IRI of the property or class that they stand for."""
    found: dict[str, tuple[str, object]] = {}
    for name, row in _terms().items():
        curie = str(row["@id"] if isinstance(row, Mapping) else row)
        if ":" in curie and "/" not in curie:
            found.setdefault(expand(curie), (name, row))
    return found
