"""The official shapes of the credential profiles beside ours, and data that tells them apart."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import count

import pyoxigraph as ox

from europass_ld.lift.credentials import LiftedCredential, lift_credential
from europass_ld.terms import RDF_TYPE, expand
from europass_ld.validate.shapes_graph import ShapesGraph
from europass_ld.vocabularies import CodeLists, load_code_lists
from tests.conformance.shapes_oracle import parse
from tests.credentials.schema_oracle import CORPUS, DATA

PROFILES = {
    "edc": ("EDC-generic-no-cv",),
    "edc-full": ("EDC-generic-no-cv", "EDC-generic-full"),
    "edc-accredited": ("EDC-generic-no-cv", "EDC-generic-full", "EDC-accredited"),
    "edc-diploma-supplement": (
        "EDC-generic-no-cv",
        "EDC-generic-full",
        "EDC-accredited",
        "EDC-diplomaSupplement",
    ),
    "edc-issued-by-mandate": (
        "EDC-generic-no-cv",
        "EDC-generic-full",
        "EDC-issuedByMandate",
    ),
    "edc-converted": ("EDC-generic-no-cv", "EDC-generic-full", "EDC-converted"),
    "pid": ("PID-constraints",),
}
"""Our profiles, and the official files that each of them stands for: a file and what it imports."""

_SH = expand("sh:")
_TYPE = f"<{RDF_TYPE}>"


@cache
def official(*names: str) -> ShapesGraph:
    """Return the shapes graph of official files, with its one misspelt property set right."""
    triples = []
    for name in names:
        path = CORPUS / f"official/elm-3.1/shapes/{name}.ttl"
        text = path.read_text(encoding="utf-8").replace(":patronimycName", ":patronymicName")
        quads = ox.parse(text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        triples += [quad.triple for quad in quads]
    ntriples = ox.serialize(dict.fromkeys(triples), format=ox.RdfFormat.N_TRIPLES) or b""
    return ShapesGraph(ntriples.decode(), {})


def every_property(profile: str) -> str:
    """Return data in which each class meets each of its properties with values of all kinds.

    One focus node for each of: no value; a thing of each class that any shape names for the
    property, and of two others; a code of each list; an undescribed IRI; literals of all kinds,
    alone and in pairs. Only what a profile adds to those that it imports is gone through.
    """
    facts = parse(official(PROFILES[profile][-1]).ntriples)
    target = {s: o for s, p, o in facts if p == f"<{_SH}targetClass>"}
    path = {s: o for s, p, o in facts if p == f"<{_SH}path>"}
    owned = dict.fromkeys(
        (target[s], path[o]) for s, p, o in facts if p == f"<{_SH}property>" and s in target
    )
    everything = parse(official(*PROFILES[profile]).ntriples)
    named = sorted({o for s, p, o in everything if p in {f"<{_SH}class>", f"<{_SH}targetClass>"}})
    schemes = sorted({o for s, p, o in everything if p == f"<{_SH}hasValue>"})
    codes = [(f"<https://data.example.org/code/{number}>",) for number in range(len(schemes) + 3)]
    lines = [f"{_thing(one)} {_TYPE} {one} .\n" for one in named]
    lines += _codes(schemes)
    expected = _expected(everything)
    for number, (one, predicate) in enumerate(owned):
        some_classes = named if number % _THOROUGH == 0 else named[number % _THOROUGH :: _THOROUGH]
        things = [(_thing(each),) for each in {*some_classes, *expected[predicate]}]
        for variant, some in enumerate([(), *things, *codes, *_VALUES]):
            focus = f"<https://data.example.org/{number}/{variant}>"
            lines.append(f"{focus} {_TYPE} {one} .\n")
            lines += [f"{focus} {predicate} {value} .\n" for value in some]
    return "".join(lines)


_THOROUGH = 30
"""One property in so many meets a thing of every class, the others every so-many-th."""


def _expected(facts: list[tuple[str, str, str]]) -> dict[str, set[str]]:
    """Return, by property, the classes that any shape may ask for as its values."""
    told: dict[tuple[str, str], list[str]] = {}
    for s, p, o in facts:
        told.setdefault((s, p), []).append(o)
    found: dict[str, set[str]] = {}
    for (shape, predicate), paths in told.items():
        if predicate != f"<{_SH}path>":
            continue
        shapes, cells = [shape], told.get((shape, f"<{_SH}or>"), [])
        while cells:
            shapes += told.get((cells[0], f"<{expand('rdf:first')}>"), [])
            cells = told.get((cells[0], f"<{expand('rdf:rest')}>"), [])
        for path in paths:
            classes = found.setdefault(path, set())
            for one in shapes:
                classes.update(told.get((one, f"<{_SH}class>"), []))
    return found


def _codes(schemes: list[str]) -> Iterator[str]:
    """Yield a code in each scheme, and three that say it wrong: no scheme, untyped, a literal."""
    concept, in_scheme = f"<{expand('skos:Concept')}>", f"<{expand('skos:inScheme')}>"
    untyped = "<https://data.example.org/scheme>"
    for number, scheme in enumerate([*schemes, None, untyped, '"scheme"']):
        code = f"<https://data.example.org/code/{number}>"
        yield f"{code} {_TYPE} {concept} .\n"
        if scheme:
            yield f"{code} {in_scheme} {scheme} .\n"
        if scheme in schemes:
            yield f"{scheme} {_TYPE} <{expand('skos:ConceptScheme')}> .\n"


def _thing(class_iri: str) -> str:
    return f"<https://data.example.org/thing/{re.sub('[^A-Za-z]', '', class_iri)}>"


_VALUES: list[tuple[str, ...]] = [
    ("<https://data.example.org/nowhere>",),
    ("<https://data.example.org/nowhere>", "<https://data.example.org/nowhere2>"),
    ('"text"@en',),
    ('"text"@en', '"other"@en'),
    ('"text"@en', '"text"@fi'),
    ('"text"',),
    ('"text"', '"other"'),
    *(
        (f'"{text}"^^<{expand(kind)}>',)
        for kind, text in (
            ("xsd:dateTime", "2026-01-31T12:00:00Z"),
            ("xsd:dateTime", "yesterday"),
            ("xsd:date", "2026-01-31"),
            ("xsd:duration", "P1Y"),
            ("xsd:decimal", "1.5"),
            ("xsd:integer", "15"),
            ("xsd:positiveInteger", "15"),
            ("xsd:positiveInteger", "150"),
            ("xsd:positiveInteger", "0"),
            ("xsd:boolean", "true"),
            ("xsd:anyURI", "https://example.org"),
            ("rdf:HTML", "<p>x</p>"),
        )
    ),
]


@cache
def code_lists() -> CodeLists:
    """Return the code lists, one value for all tests: opening them takes a while."""
    return load_code_lists()


def lift(data: bytes, media_type: str = "application/xml") -> LiftedCredential:
    """Lift a document, with names for its nodes that are the same every time."""
    numbers = count(1)
    return lift_credential(
        data,
        media_type=media_type,
        name_node=lambda: f"https://names.example/{next(numbers)}",
        code_lists=code_lists(),
    )


@cache
def lifted_documents() -> tuple[tuple[str, str], ...]:
    """Return the name and all triples of every document that can be lifted."""
    found = []
    for path in (*sorted(CORPUS.glob("edc-xml/*.xml")), *sorted(DATA.glob("*.xml"))):
        lifted = lift(path.read_bytes())
        found.append((path.name, lifted.sealed + lifted.added))
    found += [
        (path.name, lift(path.read_bytes(), "application/ld+json").sealed)
        for path in sorted(DATA.glob("*.jsonld"))
    ]
    return tuple(found)
