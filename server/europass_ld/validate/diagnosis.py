"""All that is wrong with the structure of one element, in sentences for the people who made it.

The content model says what may stand where; whether a value is of its datatype is libxml2's word.
Only elements that were found wrong come here, so clarity goes before speed.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from lxml import etree

from .content_model import Attribute, Content, ContentModel

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_XSI_TYPE = f"{_XSI}type"
_XSI_NIL = f"{_XSI}nil"
_XSI_HINTS = {f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"}
_XS = "http://www.w3.org/2001/XMLSchema"
_WHITE_SPACE = " \t\r\n"
_SPACES = re.compile(f"[{_WHITE_SPACE}]+")
_LONGEST_VALUE = 120

_PREFIXES = {
    "http://www.w3.org/2004/02/skos/core#": "skos:",
    "http://purl.org/dc/terms/": "dc:",
    "http://www.w3.org/ns/locn#": "locn:",
    "http://data.europa.eu/m8g/": "clv:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi:",
}

_DATATYPES = {
    "anyURI": ("an IRI", "https://example.org/course/1"),
    "boolean": ("true or false", "true"),
    "dateTime": ("a date with time", "2026-09-01T08:00:00+02:00"),
    "decimal": ("a number", "150.00"),
    "duration": ("a duration", "P1Y6M (a year and six months) or PT40H (forty hours)"),
    "integer": ("a whole number", "1024"),
    "normalizedString": ("a language tag", "fi"),
    "XsdVersionType": ("a version of this schema", "3.1.0"),
}


@dataclass(frozen=True, slots=True)
class StructureProblem:
    """One thing that is wrong with the structure of a record or document.

    `line` counts from 1; None where the element was not read from a file. `path` starts below the
    record (below the root, for a skeleton), such as `temporal/startDate` or `title[2]/@language`,
    and is empty for the record itself. `value` is what was met (its first 120 characters),
    `accepted` what may stand there, `source` the schema file and type that say so.
    """

    line: int | None
    path: str
    message: str
    value: str | None
    accepted: str
    source: str


def shown(tag: object) -> str:
    """The name of an element or attribute as people write it: prefixed only where it is usual."""
    name = etree.QName(str(tag))
    return f"{_PREFIXES.get(name.namespace or '', '')}{name.localname}"


def source_of(content: Content) -> str:
    """The schema file and type that say what an element may hold."""
    return f"{content.source}, {content.name}"


@cache
def children_of(content: Content) -> str:
    """The child elements that `content` allows, in their order."""
    return ", ".join(shown(particle.tag) for particle in content.particles) or "nothing"


def diagnose(model: ContentModel, element: etree._Element) -> list[StructureProblem]:
    """Return all that `model` finds wrong with a global element, in the order of lines."""
    tag = element.tag
    content = model.elements.get(tag)
    if content is None:
        message = f"{shown(tag)} is not a record"
        accepted = ", ".join(shown(known) for known in model.elements)
        return [StructureProblem(element.sourceline, "", message, None, accepted, "")]
    problems = _problems(model, _place(model, element, content, "", ""))
    return sorted(problems, key=lambda problem: problem.line or 0)


@dataclass(frozen=True, slots=True)
class _Place:
    """An element beside what it may hold, its path, and the source of that claim."""

    element: etree._Element
    content: Content
    path: str
    source: str

    @property
    def name(self) -> str:
        return shown(self.element.tag)

    def below(self, step: str) -> str:
        return f"{self.path}/{step}" if self.path else step

    def problem(
        self, message: str, accepted: str, *, value: str | None = None, attribute: str = ""
    ) -> StructureProblem:
        path = self.below(f"@{attribute}") if attribute else self.path
        value = None if value is None else _cut(value)
        return StructureProblem(
            self.element.sourceline, path, message, value, accepted, self.source
        )


def _place(
    model: ContentModel, element: etree._Element, declared: Content, path: str, source: str
) -> _Place:
    """Take the type that xsi:type names, if it may stand in for the declared one."""
    content = declared
    if named := _named_type(element):
        found = model.types.get(f"{{{named[0]}}}{named[1]}")
        content = found if found is not None and found.extends(declared) else declared
    return _Place(element, content, path, source_of(content) if content.source else source)


def _named_type(element: etree._Element) -> tuple[str | None, str] | None:
    """The namespace and name of the type that xsi:type names."""
    if (named := element.get(_XSI_TYPE)) is None:
        return None
    prefix, _, name = named.strip(_WHITE_SPACE).rpartition(":")
    return element.nsmap.get(prefix or None), name


def _problems(model: ContentModel, place: _Place) -> Iterator[StructureProblem]:
    yield from _attributes(model, place)
    if place.content.kind == "text":
        yield from _value(model, place)
    elif place.content.kind == "empty":
        yield from _nothing(place)
    else:
        yield from _children(model, place)


def _attributes(model: ContentModel, place: _Place) -> Iterator[StructureProblem]:
    allowed = place.content.attributes
    missing = [
        one for one in allowed.values() if one.required and one.name not in place.element.attrib
    ]
    for tag, value in place.element.attrib.items():
        if tag == _XSI_TYPE:
            yield from _another_type(place, value)
        elif tag in allowed:
            yield from _lexical(model, place, value, allowed[tag].datatype, shown(tag))
        elif tag not in _XSI_HINTS:
            own = etree.QName(tag).localname.lower()
            near = get_close_matches(own, [one.name for one in missing], n=1)
            meant = allowed[near[0]] if near else None
            missing = [one for one in missing if one is not meant]
            yield _unknown_attribute(place, tag, value, meant)
    for attribute in missing:
        message = f"{place.name} lacks the attribute {attribute.name}"
        kind, _ = _DATATYPES[attribute.datatype]
        yield place.problem(message, f"{attribute.name}: {kind}")


def _unknown_attribute(
    place: _Place, tag: str, value: str, meant: Attribute | None
) -> StructureProblem:
    accepted = ", ".join(place.content.attributes) or "no attribute"
    message = f"{place.name} has the unknown attribute {shown(tag)}"
    if meant is not None:
        message += f"; perhaps {meant.name} is meant"
    elif tag == _XSI_NIL:
        message = f"{place.name} has xsi:nil; leave the element out instead"
    return place.problem(message, accepted, value=value, attribute=shown(tag))


def _another_type(place: _Place, value: str) -> Iterator[StructureProblem]:
    """A type that may not stand in for the declared one; built-in types are left to libxml2."""
    namespace, name = _named_type(place.element) or (None, "")
    if namespace != _XS and name != place.content.name:
        message = f"{place.name} may not be of the type {_cut(value)}"
        yield place.problem(message, place.content.name, value=value, attribute="xsi:type")


def _value(model: ContentModel, place: _Place) -> Iterator[StructureProblem]:
    for child in _elements(place.element):
        message = (
            f"{place.name} holds the element {shown(child.tag)}, but only text may stand in it"
            " (markup in a text is written with &lt; and &gt;)"
        )
        yield place.problem(message, "text")
        return
    value = "".join(_texts(place.element))
    yield from _lexical(model, place, value, place.content.datatype)


def _lexical(
    model: ContentModel, place: _Place, value: str, datatype: str, attribute: str = ""
) -> Iterator[StructureProblem]:
    if model.accepts(datatype, value):
        return
    subject = f"the attribute {attribute} of {place.name}" if attribute else place.name
    kind, example = _DATATYPES[datatype]
    is_what = f"is '{_cut(value)}'" if value.strip(_WHITE_SPACE) else "is empty"
    message = f"{subject} {is_what}, which is not {kind}"
    accepted = f"{kind}, such as {example}"
    yield place.problem(message, accepted, value=value, attribute=attribute)


def _nothing(place: _Place) -> Iterator[StructureProblem]:
    if children := _elements(place.element):
        message = f"{place.name} must be empty, but holds the element {shown(children[0].tag)}"
        yield place.problem(message, "nothing")
    elif text := "".join(_texts(place.element)):
        message = f"{place.name} must be empty: no text, space or line break may stand in it"
        yield place.problem(message, "nothing", value=text)


@dataclass(frozen=True, slots=True, eq=False)
class _Child:
    """A child element: its path, its index among all, and its place in the order (-1: none)."""

    element: etree._Element
    path: str
    index: int
    order: int

    @property
    def name(self) -> str:
        return shown(self.element.tag)


def _children(model: ContentModel, place: _Place) -> Iterator[StructureProblem]:
    content = place.content
    children = _with_paths(place)
    known = [child for child in children if child.order >= 0]
    unknown = [child for child in children if child.order < 0]
    misfits = _misfits(known) if content.kind == "sequence" else set()
    surplus = _surplus(known, misfits, content)
    yield from _stray_text(place)
    meant = {tag: _meant(tag, content) for tag in {child.element.tag for child in unknown}}
    yield from (_unknown(child, meant[child.element.tag], place) for child in unknown)
    yield from _missing(known, set(meant.values()), place)
    yield from (_too_many(child, place) for child in surplus)
    yield from _misplaced(known, misfits, surplus, place)
    for child in known:
        declared = content.particles[child.order].content
        inner = _place(model, child.element, declared, child.path, place.source)
        yield from _problems(model, inner)


def _with_paths(place: _Place) -> list[_Child]:
    """The child elements; one that has namesakes is numbered among them in its path."""
    elements = _elements(place.element)
    names = [shown(element.tag) for element in elements]
    total, seen = Counter(names), Counter[str]()
    children = []
    for index, (element, name) in enumerate(zip(elements, names, strict=True)):
        seen[name] += 1
        step = f"{name}[{seen[name]}]" if total[name] > 1 else name
        order = place.content.places.get(element.tag, -1)
        children.append(_Child(element, place.below(step), index, order))
    return children


def _stray_text(place: _Place) -> Iterator[StructureProblem]:
    for text in _texts(place.element):
        if text.strip(_WHITE_SPACE):
            message = f"text stands between the elements of {place.name}"
            yield place.problem(message, children_of(place.content), value=text)


def _unknown(child: _Child, meant: str | None, place: _Place) -> StructureProblem:
    message = f"{child.name} cannot stand in {place.name}"
    if meant and etree.QName(meant).localname == etree.QName(child.element).localname:
        message = f"{child.name} {_namespace_remark(child.element.tag, meant)}"
    elif meant:
        message += f"; perhaps {shown(meant)} is meant"
    line, accepted = child.element.sourceline, children_of(place.content)
    return StructureProblem(line, child.path, message, None, accepted, place.source)


def _meant(tag: str, content: Content) -> str | None:
    """The expanded name of the allowed child whose name is the same as `tag`'s, or nearly so."""
    by_name = {etree.QName(one).localname: one for one in content.places}
    near = get_close_matches(etree.QName(tag).localname, by_name, n=1, cutoff=0.75)
    return by_name[near[0]] if near else None


def _namespace_remark(tag: str, meant: str) -> str:
    namespace, right = etree.QName(tag).namespace, etree.QName(meant).namespace
    where = f"in the namespace {namespace}" if namespace else "in no namespace"
    return f"is {where}, but belongs in {right}"


def _missing(
    known: list[_Child], meant: set[str | None], place: _Place
) -> Iterator[StructureProblem]:
    """Report what should stand here and does not; a misspelt element counts as standing here."""
    number = Counter(child.order for child in known)
    for order, particle in enumerate(place.content.particles):
        if number[order] < particle.least and particle.tag not in meant:
            name = shown(particle.tag)
            times = "once" if particle.most == 1 else "once or more"
            yield place.problem(f"{place.name} has no {name}", f"{name}, {times}")


def _misfits(known: list[_Child]) -> set[_Child]:
    """The fewest children that would have to be moved to bring all into their order."""
    orders = [child.order for child in known]
    ends: list[int] = []  # where the best ordered run of each length ends
    before: list[int] = []  # the step before each child in its run, -1 at the start
    for index, order in enumerate(orders):
        length = bisect_right(ends, order, key=orders.__getitem__)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [index]
    misfits = set(known)
    step = ends[-1] if ends else -1
    while step >= 0:
        misfits.discard(known[step])
        step = before[step]
    return misfits


def _surplus(known: list[_Child], misfits: set[_Child], content: Content) -> list[_Child]:
    """The children beyond what is allowed: misplaced ones first, then the last ones."""
    same: dict[int, list[_Child]] = {}
    for child in reversed(known):
        same.setdefault(child.order, []).append(child)
    surplus = []
    for order, children in same.items():
        most = content.particles[order].most
        if most is not None and len(children) > most:
            children.sort(key=lambda child: child not in misfits)
            surplus += children[: len(children) - most]
    return surplus


def _too_many(child: _Child, place: _Place) -> StructureProblem:
    most = place.content.particles[child.order].most
    message = f"{child.name} stands more than {'once' if most == 1 else f'{most} times'}"
    line, accepted = child.element.sourceline, f"{child.name}, {most} at most"
    return StructureProblem(
        line, child.path, f"{message} in {place.name}", None, accepted, place.source
    )


def _misplaced(
    known: list[_Child], misfits: set[_Child], surplus: list[_Child], place: _Place
) -> Iterator[StructureProblem]:
    """Say which of the children that stand in order each misplaced one should precede or follow."""
    ordered = [child for child in known if child not in misfits]
    orders = [child.order for child in ordered]
    for child in sorted(misfits.difference(surplus), key=lambda child: child.index):
        next_one = bisect_right(orders, child.order)
        if next_one < len(ordered) and ordered[next_one].index < child.index:
            where = f"before {ordered[next_one].name}"
        else:
            where = f"after {ordered[bisect_left(orders, child.order) - 1].name}"
        message = f"{child.name} is in the wrong place: in {place.name} it must come {where}"
        line, accepted = child.element.sourceline, children_of(place.content)
        yield StructureProblem(line, child.path, message, None, accepted, place.source)


def _elements(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _texts(element: etree._Element) -> list[str]:
    """The pieces of text that stand directly in an element, around its children and comments."""
    pieces = [element.text, *(child.tail for child in element)]
    return [piece for piece in pieces if piece]


def _cut(value: str) -> str:
    """The beginning of a value on one line, with characters that nobody sees spelt out."""
    line = _SPACES.sub(" ", value.strip(_WHITE_SPACE)[:_LONGEST_VALUE])
    plain = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line)
    return plain if len(value) <= _LONGEST_VALUE else f"{plain}…"
