"""From JSON-LD credentials to statements, through PyLD and with the contexts that ship here.

JSON-LD drops what it does not understand, and in a signed document that is how a reader comes to
believe something else than was signed. So here everything that would be dropped is an error: a
member without meaning in the contexts, a class or relation that is only a relative IRI, a context
that is not one of ours, one that stands in the document itself. PyLD reports members only
(`on_property_dropped`); relative IRIs it resolves against an invented base, which is therefore set
to one that is recognised.

Nothing is fetched. See <https://www.w3.org/TR/json-ld11-api/>.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from .. import resources
from ..documents.credentials import CREDENTIALS_V1, EDC_AP
from ..errors import UnmappableValue, UnmappedElement
from ..terms import PREFIXES, XSD_STRING, expand
from .edc.statements import CONTENT, Statements, literal
from .edc.values import Place, ProblemKind
from .names import is_iri, language_tag

CONTEXT_FILES: Mapping[str, str] = {
    CREDENTIALS_V1: "credentials-v1.jsonld",
    EDC_AP: "edc-ap.jsonld",
}
"""The contexts that a credential may name, and their files in `ontology/context`."""

_RELATIVE = "https://relative.invalid/"
_KEYWORDS = frozenset({"@context", "@id", "@type", "@value", "@language"})
_PROOF = "https://w3id.org/security#proof"
_SCHEMES = ("http://", "https://", "urn:")
_XSD = PREFIXES["xsd"]
_MENDED = {
    "http://data.europa.eu/m8glatitude": expand("clv:latitude"),
    "http://data.europa.eu/m8glongitude": expand("clv:longitude"),
    expand("elm:areaDialingCode"): expand("elm:areaDialing"),
    expand("elm:nationalID"): expand("elm:nationalId"),
    expand("elm:resultDestribution"): expand("elm:resultDistribution"),
}
"""Properties that the official context misspells: no shape and no ontology knows them."""

_LITERALS = {
    expand("dct:modified"): expand("xsd:dateTime"),
    expand("elm:descriptionHtml"): expand("rdf:HTML"),
}
"""Properties of literals for which the official context announces IRIs."""


@cache
def load_context(iri: str) -> Mapping[str, Any] | None:
    """Return the JSON-LD context document of an IRI, or None if it is none of ours."""
    if iri not in CONTEXT_FILES:
        return None
    path = resources.find("ontology") / "context" / CONTEXT_FILES[iri]
    return dict(json.loads(path.read_text(encoding="utf-8")))


def lift_jsonld(document: Mapping[str, Any], out: Statements) -> str:
    """State in `out` what `document` says; return the IRI of its outermost node.

    A node without an identifier gets one from `out.name_node`; proofs are left aside.

    Raises:
        UnmappedElement: something in it has no meaning in its contexts; the message says where.
        UnmappableValue: a value is neither an IRI nor a literal that RDF knows.
    """
    if CREDENTIALS_V1 not in _listed(document.get("@context")):
        raise _unmapped(f"the context {CREDENTIALS_V1} is missing", "/@context")
    prepared = _Prepared(out)
    named = prepared.node(document, "")
    expanded = _expand(named, prepared)
    writer = _Writer(out, prepared)
    for node in expanded:
        writer.node(node, Place(None, ""))
    return writer.name(str(named["@id"]), Place(None, ""))


class _Prepared:
    """The document with a name for each of its nodes, and where each of them stands."""

    def __init__(self, out: Statements):
        self._out = out
        self.pointers: dict[str, str] = {}
        self.members: dict[tuple[str, str], str] = {}
        self.first: dict[str, str] = {}

    def node(self, given: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        """Return a copy of a node object with its name in `@id`."""
        if "id" in given and "@id" in given:
            raise _unmapped("two identifiers", f"{pointer}/id")
        named = {key: value for key, value in given.items() if key not in {"id", "proof"}}
        iri = given.get("id", given.get("@id"))
        if iri is None:
            iri = self._out.name_node()
        if not isinstance(iri, str):
            raise _unmapped("an identifier that is no string", f"{pointer}/id")
        named["@id"] = iri
        self.pointers.setdefault(iri, pointer)
        for key, value in named.items():
            if key != "@id":
                self._note(iri, key, pointer)
                named[key] = self._value(key, value, f"{pointer}/{_escaped(key)}")
        return named

    def _note(self, iri: str, key: str, pointer: str) -> None:
        where = f"{pointer}/{_escaped(key)}"
        if key.startswith("@") and key not in _KEYWORDS:
            raise _unmapped(f"the JSON-LD keyword {key}, which no credential needs", where)
        self.first.setdefault(key, where)
        self.members.setdefault((iri, _terms()[0].get(key, key)), where)

    def _value(self, key: str, value: Any, pointer: str) -> Any:
        if key == "@context":
            _check_contexts(value, pointer)
        elif isinstance(value, list):
            return [self._item(key, one, f"{pointer}/{n}") for n, one in enumerate(value)]
        elif not isinstance(value, dict) or key not in _terms()[1]:
            return self._item(key, value, pointer)
        return value

    def _item(self, key: str, value: Any, pointer: str) -> Any:
        """Name what is no language map: such a map stands alone, never in a list."""
        if isinstance(value, list):
            return [self._item(key, one, f"{pointer}/{n}") for n, one in enumerate(value)]
        if isinstance(value, dict):
            return self._object(value, pointer)
        if isinstance(value, str) and (datatype := _LITERALS.get(_terms()[0].get(key, ""))):
            return {"@value": value, "@type": datatype}
        return value

    def _object(self, value: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
        if "@value" not in value:
            return self.node(value, pointer)
        if not value.keys() <= {"@value", "@type", "type", "@language"}:
            raise _unmapped("a value with more than a type or a language", pointer)
        return value


def _check_contexts(value: Any, pointer: str) -> None:
    for one in _listed(value):
        if not isinstance(one, str):
            raise _unmapped(
                "a context inside the document, which could change any meaning", pointer
            )
        if one not in CONTEXT_FILES:
            known = ", ".join(CONTEXT_FILES)
            raise _unmapped(f"the unknown context {one} (known: {known})", pointer)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def _terms() -> tuple[Mapping[str, str], frozenset[str]]:
    """The property IRI of each term of our contexts, and the terms that hold language maps."""
    properties: dict[str, str] = {}
    languages: set[str] = set()
    for iri in CONTEXT_FILES:
        context = (load_context(iri) or {})["@context"]
        scoped = [one["@context"] for one in context.values() if _has_scope(one)]
        for one in (context, *scoped):
            for term, definition in one.items():
                if isinstance(definition, dict):
                    prefix, _, name = definition["@id"].partition(":")
                    known = {**context, **one}.get(prefix)
                    properties[term] = f"{known}{name}" if known else definition["@id"]
                    if definition.get("@container") == "@language":
                        languages.add(term)
    return properties, frozenset(languages)


def _has_scope(definition: Any) -> bool:
    return isinstance(definition, dict) and "@context" in definition


def _expand(document: Mapping[str, Any], prepared: _Prepared) -> list[dict[str, Any]]:
    def dropped(member: str | None) -> None:
        where = prepared.first.get(member or "", "")
        raise _unmapped(f"the member {member or '(unknown)'}, which no context explains", where)

    def load(iri: str, _options: object) -> dict[str, Any]:
        return {
            "contextUrl": None,
            "documentUrl": iri,
            "contentType": "application/ld+json",
            "document": load_context(iri),
        }

    # A resolver of our own: PyLD's is shared by the process and would remember other contexts.
    options = {
        "documentLoader": load,
        "contextResolver": ContextResolver({}, load),
        "base": _RELATIVE,
        "processingMode": "json-ld-1.1",
    }
    try:
        return list(jsonld.expand(dict(document), options, on_property_dropped=dropped))
    except jsonld.JsonLdError as error:
        raise _unmapped(f"JSON-LD that cannot be expanded: {error.code}", "") from error


class _Writer:
    """Writes expanded nodes as statements."""

    def __init__(self, out: Statements, prepared: _Prepared):
        self._out = out
        self._prepared = prepared
        self._blank: dict[str, str] = {}
        self._told: set[str] = set()

    def node(self, node: Mapping[str, Any], where: Place) -> str:
        """State what a node object says; return its IRI. `where` is what refers to it."""
        subject = self.name(str(node["@id"]), where)
        pointer = self._prepared.pointers.get(str(node["@id"]))
        if pointer is not None:
            self._out.places.setdefault((subject, None), Place(None, pointer))
        for one in node.get("@type", ()):
            self._out.type(subject, _checked(one, "the class", self._place(node, "type")))
        for key, values in node.items():
            if not key.startswith("@") and key != _PROOF:
                self._property(node, subject, key, values)
        return subject

    def name(self, given: str, where: Place) -> str:
        """Return the IRI of a node; a blank node gets a name of ours."""
        if given.startswith("_:"):
            if given not in self._blank:
                self._blank[given] = self._out.name_node()
            return self._blank[given]
        return _checked(given, "the identifier", where)

    def _property(
        self, node: Mapping[str, Any], subject: str, key: str, values: list[dict[str, Any]]
    ) -> None:
        place = self._place(node, key)
        if not key.startswith(_SCHEMES):
            raise _unmapped(f"the property {key}, whose prefix no context explains", place.path)
        predicate = _MENDED.get(key, key)
        if predicate != key and key not in self._told:
            self._told.add(key)
            message = f"the official context writes {key} for what the model calls {predicate}"
            self._out.problem(message, place, ProblemKind.NOTED, accepted=predicate)
        for value in values:
            for one in _flattened(value):
                self._object(subject, predicate, one, place)

    def _object(self, subject: str, predicate: str, value: Mapping[str, Any], place: Place) -> None:
        if "@value" not in value:
            self._out.link(subject, predicate, self.node(value, place), place)
        elif predicate == CONTENT and isinstance(value["@value"], str):
            self._out.content(subject, value["@value"], place)
        else:
            self._out.add(subject, predicate, _literal(value, place), place)

    def _place(self, node: Mapping[str, Any], key: str) -> Place:
        iri = str(node["@id"])
        pointer = self._prepared.members.get((iri, key), self._prepared.pointers.get(iri, ""))
        return Place(None, pointer)


def _checked(given: Any, what: str, place: Place) -> str:
    text = str(given)
    if text.startswith(_RELATIVE) or not is_iri(text):
        raise UnmappableValue(
            f"{what} at {place.path or '/'} is not an absolute IRI",
            path=place.path,
            line=None,
            value=text.removeprefix(_RELATIVE),
        )
    return text


def _flattened(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the nodes of a graph in its stead: a presentation's credentials are statements too."""
    if "@graph" in value:
        yield from value["@graph"]
    else:
        yield value


def _literal(value: Mapping[str, Any], place: Place) -> str:
    content = value["@value"]
    datatype = _checked(value["@type"], "the datatype", place) if "@type" in value else None
    if "@language" in value:
        tag = language_tag(str(value["@language"]))
        if tag is None:
            raise UnmappableValue(
                f"a text at {place.path} has no language tag", path=place.path, line=None
            )
        return literal(str(content), language=tag)
    if isinstance(content, bool):
        return literal(str(content).lower(), datatype=datatype or f"{_XSD}boolean")
    if isinstance(content, int):
        return literal(str(content), datatype=datatype or f"{_XSD}integer")
    if isinstance(content, float):
        return _number(content, datatype)
    return literal(str(content), datatype=datatype or XSD_STRING)


def _number(content: float, datatype: str | None) -> str:
    """Write a number with a fraction.

    Where a decimal is announced it is written as one. JSON-LD would write a double's notation,
    which is no decimal at all: <https://www.w3.org/TR/json-ld11-api/#data-round-tripping>.
    """
    if datatype and datatype != f"{_XSD}double":
        return literal(format(Decimal(repr(content)), "f"), datatype=datatype)
    mantissa, _, exponent = f"{content:.15E}".partition("E")
    mantissa = mantissa.rstrip("0")
    mantissa += "0" if mantissa.endswith(".") else ""
    return literal(f"{mantissa}E{int(exponent)}", datatype=f"{_XSD}double")


def _escaped(key: str) -> str:
    """Return a member's name as a JSON pointer writes it (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _unmapped(what: str, where: str) -> UnmappedElement:
    return UnmappedElement(f"{where or '/'}: {what}", path=where, line=None)
