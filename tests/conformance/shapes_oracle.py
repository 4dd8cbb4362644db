"""What the tests of the shapes share: official shapes, lifted documents, mutations of their RDF."""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from europass_ld.config import Settings
from europass_ld.documents import RecordStream, find_sources, read_document
from europass_ld.lift import Lifter
from europass_ld.terms import RDF_TYPE, expand
from europass_ld.validate.report import Severity, ShapeResult
from europass_ld.validate.shapes_graph import ShapesGraph
from tests.shared import corpus

BASE = "http://127.0.0.1:8000/"
FAMILIES = ("loq", "ams")

Triple = tuple[str, str, str]
"""Subject, predicate and object in N-Triples syntax."""

_LINE = re.compile(r"(<[^>]*>|_:\S+) (<[^>]*>) (.*) \.")
_JAVA = (
    ('"^(?i)(http|https)', '"^([hH][tT][tT][pP]|[hH][tT][tT][pP][sS])'),
    (r"[%[\\p{L}\\p{Nl}\\p{Nd}]]", r"[%\\w]"),
    (r"[[A-Fa-f0-9]\\:\\.]", "[A-Fa-f0-9:.]"),
)


def official_turtle(family: str) -> str:
    """Return the official shapes graph of a family as it is."""
    folder = corpus() / "official/elm-3.1/shapes"
    return (folder / f"{family.upper()}-constraints.ttl").read_text(encoding="utf-8")


@cache
def official_shapes(family: str) -> ShapesGraph:
    """Return the official shapes graph with its Java regular expressions made portable."""
    turtle = official_turtle(family)
    for java, portable in _JAVA:
        turtle = turtle.replace(java, portable)
    quads = ox.parse(turtle, ox.RdfFormat.TURTLE)
    triples = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    return ShapesGraph((triples or b"").decode(), {})


def lift(path: Path) -> tuple[str, list[tuple[str, str, str, int]]]:
    """Return a document's family, and of each record its IRI, class IRI, N-Triples and line."""
    settings = Settings()
    document = read_document(next(find_sources([path], settings)))
    lifter = Lifter(document.table, document.namespace, BASE)
    lifted = (lifter.record(one.element) for one in RecordStream(document))
    return document.table.family, [
        (one.iri, one.class_iri, one.triples, one.line) for one in lifted
    ]


@cache
def lifted_corpus() -> tuple[tuple[str, str, str], ...]:
    """Return name, family and N-Triples of every document of the corpus that can be lifted."""
    folder = corpus()
    paths = sorted([*folder.glob("loq/*.xml"), *folder.glob("ams/*.xml")])
    paths += sorted(folder.glob("negative/derived_loq_*.xml"))
    found = []
    for path in paths:
        family, records = lift(path)
        found.append((path.name, family, "".join(triples for _, _, triples, _ in records)))
    return tuple(found)


def parse(ntriples: str) -> list[Triple]:
    """Return the triples of an N-Triples text, each once, in their order."""
    found = (_LINE.fullmatch(line) for line in ntriples.splitlines())
    return list(dict.fromkeys((one[1], one[2], one[3]) for one in found if one))


def write(triples: list[Triple]) -> str:
    """Return triples as N-Triples text."""
    return "".join(f"{' '.join(triple)} .\n" for triple in triples)


Key = tuple[str, str | None, str, str | None]


def key(result: ShapeResult) -> Key:
    """Return what makes a verdict: focus node, path, component, value."""
    return result.focus, result.path, result.component, result.value


# One mutation changes a list of triples in place; it gets a random source that is seeded.
Mutation = Callable[[list[Triple], random.Random], None]

_TYPE = f"<{RDF_TYPE}>"
_LITERAL = re.compile(r'(".*")(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?')


def _pick(triples: list[Triple], chance: random.Random, start: str = "") -> int:
    """Return the number of a triple that is no type and whose object starts with `start`."""
    numbers = [
        number
        for number, (_, predicate, value) in enumerate(triples)
        if predicate != _TYPE and value.startswith(start)
    ]
    return chance.choice(numbers)


def _drop(triples: list[Triple], chance: random.Random) -> None:
    del triples[_pick(triples, chance)]


def _drop_property(triples: list[Triple], chance: random.Random) -> None:
    subject, predicate, _ = triples[_pick(triples, chance)]
    triples[:] = [one for one in triples if one[:2] != (subject, predicate)]


def _drop_type(triples: list[Triple], chance: random.Random) -> None:
    numbers = [number for number, one in enumerate(triples) if one[1] == _TYPE]
    del triples[chance.choice(numbers)]


def _retype(triples: list[Triple], chance: random.Random) -> None:
    numbers = [number for number, one in enumerate(triples) if one[1] == _TYPE]
    number = chance.choice(numbers)
    subject, predicate, _ = triples[number]
    triples[number] = (subject, predicate, triples[chance.choice(numbers)][2])


def _repeat_literal(triples: list[Triple], chance: random.Random) -> None:
    subject, predicate, value = triples[_pick(triples, chance, '"')]
    triples.append((subject, predicate, f'"another {value[1:]}'))


def _repeat_object(triples: list[Triple], chance: random.Random) -> None:
    subject, predicate, _ = triples[_pick(triples, chance, "<")]
    triples.append((subject, predicate, triples[_pick(triples, chance, "<")][2]))


def _untag(triples: list[Triple], chance: random.Random) -> None:
    number = _pick(triples, chance, '"')
    subject, predicate, value = triples[number]
    match = _LITERAL.fullmatch(value)
    triples[number] = (subject, predicate, match[1] if match else value)


def _tag(triples: list[Triple], chance: random.Random) -> None:
    number = _pick(triples, chance, '"')
    subject, predicate, value = triples[number]
    match = _LITERAL.fullmatch(value)
    triples[number] = (subject, predicate, f"{match[1]}@fi" if match else value)


def _wrong_datatype(triples: list[Triple], chance: random.Random) -> None:
    number = _pick(triples, chance, '"')
    subject, predicate, value = triples[number]
    match = _LITERAL.fullmatch(value)
    datatype = chance.choice(["date", "gYear", "string", "dateTime", "integer", "decimal"])
    lexical = match[1] if match else value
    triples[number] = (subject, predicate, f"{lexical}^^<{expand('xsd:')}{datatype}>")


def _unknown_property(triples: list[Triple], chance: random.Random) -> None:
    subject = triples[_pick(triples, chance)][0]
    name = chance.choice(["dct:creator", "elm:colour", "skos:prefLabel", "elm:status", "dct:type"])
    triples.append((subject, f"<{expand(name)}>", '"x"'))


def _dangle(triples: list[Triple], chance: random.Random) -> None:
    number = _pick(triples, chance, "<")
    subject, predicate, _ = triples[number]
    triples[number] = (subject, predicate, "<https://data.example.org/nowhere>")


def _point_elsewhere(triples: list[Triple], chance: random.Random) -> None:
    number = _pick(triples, chance, "<")
    subject, predicate, _ = triples[number]
    triples[number] = (subject, predicate, chance.choice(triples)[0])


def _literal_for_iri(triples: list[Triple], chance: random.Random) -> None:
    number = _pick(triples, chance, "<")
    subject, predicate, value = triples[number]
    triples[number] = (subject, predicate, f'"{value[1:-1]}"')


def _iri_for_literal(triples: list[Triple], chance: random.Random) -> None:
    number = _pick(triples, chance, '"')
    subject, predicate, _ = triples[number]
    triples[number] = (subject, predicate, "<https://data.example.org/thing>")


def _other_scheme(triples: list[Triple], chance: random.Random) -> None:
    name = f"<{expand('elm:contentUrl')}>"
    numbers = [number for number, one in enumerate(triples) if one[1] == name]
    number = chance.choice(numbers)
    address = chance.choice(["ftp://example.org/x", "HTTP://example.org", "www.example.org", ""])
    subject, predicate, _ = triples[number]
    triples[number] = (subject, predicate, f'"{address}"^^<{expand("xsd:anyURI")}>')


def _same_name_twice(triples: list[Triple], chance: random.Random) -> None:
    names = {f"<{expand(curie)}>" for curie in ("skos:prefLabel", "rov:legalName", "dct:title")}
    subject, _, value = chance.choice([one for one in triples if one[1] in names])
    triples.append((subject, f"<{expand('skos:altLabel')}>", value))


def _soft_reference(triples: list[Triple], chance: random.Random) -> None:
    subject = chance.choice([one for one in triples if one[1] == _TYPE])[0]
    name = chance.choice(["dct:publisher", "elm:isPartOf", "elm:generalisationOf"])
    value = chance.choice(["<https://data.example.org/nowhere>", '"nobody"', subject])
    triples.append(
        (subject, f"<{expand(name)}>", chance.choice([value, chance.choice(triples)[0]]))
    )


MUTATIONS: tuple[Mutation, ...] = (
    _drop,
    _drop_property,
    _drop_type,
    _retype,
    _repeat_literal,
    _repeat_object,
    _untag,
    _tag,
    _wrong_datatype,
    _unknown_property,
    _dangle,
    _point_elsewhere,
    _literal_for_iri,
    _iri_for_literal,
    _other_scheme,
    _same_name_twice,
    _soft_reference,
)


def mutated(ntriples: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield `number` mutations of a data graph, always the same: what was done, and the result."""
    triples = parse(ntriples)
    for seed in range(number):
        chance = random.Random(seed)  # noqa: S311 - for tests
        mutation = MUTATIONS[seed % len(MUTATIONS)]
        changed = list(triples)
        for _ in range(1 + seed % 3):
            mutation(changed, chance)
        yield f"{mutation.__name__.strip('_')} {seed}", write(changed)


SOFT = frozenset(expand(name) for name in ("dct:publisher", "elm:isPartOf", "elm:generalisationOf"))
"""The properties whose target a document need not describe."""


def as_ours(results: list[ShapeResult], ntriples: str) -> dict[Key, Severity]:
    """Return the official verdicts as ours must be: equal but for the explained differences.

    1. What a soft property names without describing it is a Warning of a shape of its own.
    2. What it names and describes as something else, or as no node at all, stays an Error; it
       comes from "one of these classes, or not described", where the official shape may have
       "of this class". A literal gets both.
    3. A scheme agency in AMS is given once at most, so two in one language are not also wrong for
       being in one language.
    """
    found: dict[Key, Severity] = {}
    for result in results:
        focus, path, component, value = key(result)
        if path in SOFT and component in {"Or", "Class"}:
            described = f"{value} {_TYPE} " in ntriples
            if not described:
                found[focus, path, "Node", value] = Severity.WARNING
            if described or str(value).startswith('"'):
                found[focus, path, "Or", value] = Severity.ERROR
        elif path != expand("adms:schemeAgency") or component != "UniqueLang":
            found[key(result)] = Severity.ERROR
    return found


def every_property(family: str) -> str:
    """Return a data graph in which each class meets each of its properties with every value.

    One focus node for each of: no value; a node of every class that a property refers to; an
    undescribed IRI; literals of all kinds, alone and in pairs; web resources with all kinds of
    addresses. So for every constraint of the official shapes there is a node that meets it and
    one that breaks it.
    """
    facts = parse(official_shapes(family).ntriples)
    targets = {s: o for s, p, o in facts if p == _sh("targetClass")}
    paths = {s: o for s, p, o in facts if p == _sh("path")}
    owned = [(targets[s], paths[o]) for s, p, o in facts if p == _sh("property") and s in targets]
    classes = sorted(set(targets.values()))
    ranges = sorted({o for _, p, o in facts if p == _sh("class")})
    lines = [f"{_thing(one)} {_TYPE} {one} .\n" for one in ranges]
    lines += _web_resources()
    values = [[], *([_thing(one)] for one in ranges), *_VALUES]
    values += [[f"<https://data.example.org/web/{number}>"] for number in range(len(_ADDRESSES))]
    foreign = f"<{expand('elm:colour')}>"
    for number, (one, path) in enumerate(owned + [(one, foreign) for one in classes]):
        for variant, some in enumerate(values):
            focus = f"<https://data.example.org/{number}/{variant}>"
            lines.append(f"{focus} {_TYPE} {one} .\n")
            lines += [f"{focus} {path} {value} .\n" for value in some]
            lines += [f"{focus} {other} {value} .\n" for other in _NAMES for value in some[:1]]
    return "".join(lines)


_ADDRESSES = (
    *('"https://example.org"', '"HTTP://example.org"', '"http:"', '"ftp://example.org"'),
    *('"www.example.org"', '""', '"not an address"', '"mailto:a@example.org"'),
)
_VALUES = [
    ["<https://data.example.org/nowhere>"],
    ['"text"@en'],
    ['"text"@en', '"other"@en'],
    ['"text"@en', '"text"@fi'],
    ['"text"'],
    ['"text"', '"other"'],
    *(
        [f'"{text}"^^<{expand(f"xsd:{kind}")}>']
        for kind, text in (
            ("dateTime", "2026-01-31T12:00:00Z"),
            ("dateTime", "yesterday"),
            ("duration", "P1Y"),
            ("decimal", "1.5"),
            ("integer", "15"),
            ("boolean", "true"),
            ("anyURI", "https://example.org"),
            ("date", "2026-01-31"),
        )
    ),
    ["<https://data.example.org/nowhere>", "<https://data.example.org/nowhere2>"],
]
_NAMES = (f"<{expand('skos:altLabel')}>",)


def _sh(name: str) -> str:
    return f"<{expand(f'sh:{name}')}>"


def _thing(class_iri: str) -> str:
    return f"<https://data.example.org/thing/{re.sub('[^A-Za-z]', '', class_iri)}>"


def _web_resources() -> Iterator[str]:
    for number, address in enumerate(_ADDRESSES):
        focus = f"<https://data.example.org/web/{number}>"
        yield f"{focus} {_TYPE} <{expand('elm:WebResource')}> .\n"
        yield f"{focus} <{expand('elm:contentUrl')}> {address}^^<{expand('xsd:anyURI')}> .\n"
