"""Documents with one mistake each, made from real ones: what a validator must tell apart.

Every mutation is one change that a publisher's program could make. Many break a document, some do
not (a comment, another form of the same date): both verdicts must come out right. The same corpus
always gives the same mutations, in the same order, with the same names.
"""

import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

NAMESPACES = {
    ("loq", "3.1"): "http://data.europa.eu/snb/model/ap/loq-constraints/",
    ("loq", "3.3"): "http://data.europa.eu/snb/model/application-profile/loq-constraints/",
    ("ams", "3.1"): "http://data.europa.eu/snb/model/ap/ams-constraints/",
    ("ams", "3.3"): "http://data.europa.eu/snb/model/application-profile/ams-constraints/",
}
UNCHANGED = "leave as it is"
_SOURCES = (
    ("sample", "loq", "loq/official_HEAD_v3.1.0_loq.xml"),
    (
        "specifications",
        "loq",
        "loq/official_HEAD_v3.1.0_loq_withLearningAchievementSpecification.xml",
    ),
    ("accreditations", "ams", "ams/official_HEAD_v3.1.0_ams.xml"),
    ("finland", "loq", "loq/oph_fi_unit_test_records_ELM3.1.xml"),
)
_LARGE = 50_000  # characters; the official samples say everything many times
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SKOS = "http://www.w3.org/2004/02/skos/core#"

_DATE_TIMES = (
    "2021-08-04",
    "04.08.2021",
    "2021-13-04T00:00:00",
    "2021-02-30T00:00:00Z",
    "2021-08-04T25:00:00Z",
    "2021-08-04 08:00:00",
    "",
    "2021-08-04T08:00:00",
    "2021-08-04T24:00:00Z",
    " 2021-08-04T08:00:00.250+02:00\n",
)
_DURATIONS = ("1 year", "P", "P1Y6", "PT", "P1.5Y", "P6M1Y", "", "P0Y0M", "-P1D", "PT40H", "P1Y6M")
_DECIMALS = ("1,50", "1e3", "EUR 5", "NaN", "", "007", "+1.50", ".5")
_INTEGERS = ("1.0", "many", "1 024", "", "-0", " 12 ")
_BOOLEANS = ("yes", "True", "2", "", "1", " false ")
_IRIS = (
    "http://[half",
    "http://example.org:port/",
    "%",
    "::",
    "with space",
    "",
    "urn:x:ä",
    "a/b?c#d",
)
_LANGUAGES = ("", "finnish language", "xx-")
_VALUES = {
    **dict.fromkeys(
        ("startDate", "endDate", "issued", "modified", "reviewDate", "expiryDate", "valid"),
        _DATE_TIMES,
    ),
    "applicationDeadline": _DATE_TIMES,
    **dict.fromkeys(("duration", "volumeOfLearning", "maximumDuration"), _DURATIONS),
    "value": _DECIMALS,
    "contentSize": _INTEGERS,
    "isPartialQualification": _BOOLEANS,
    **dict.fromkeys(("contentUrl", "schemeId", "emailAddress", "creator", "inScheme"), _IRIS),
}
_ATTRIBUTE_VALUES = {
    "uri": _IRIS,
    "idref": _IRIS,
    "id": _IRIS,
    "type": _IRIS,
    "language": _LANGUAGES,
}

Change = Callable[[etree._Element], None]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A document with one change; the name says which document, which change and where."""

    name: str
    family: str
    version: str
    xml: bytes


def mutations(corpus: Path, *, every: int = 1) -> Iterator[Mutation]:
    """Yield the official samples and the Finnish documents, and then the mutations of each.

    `every` above 1 takes a fixed, evenly spread choice of about one in so many.
    """
    for (name, family, path), version in (
        (source, version) for source in _SOURCES for version in ("3.1", "3.3")
    ):
        root = _document(corpus / path, family, version)
        yield Mutation(f"{name} {version}: {UNCHANGED}", family, version, etree.tostring(root))
        for place, label, change in _changes(root):
            full = f"{name} {version}: {label}"
            if zlib.crc32(full.encode()) % every == 0:
                copy = deepcopy(root)
                change(next(one for at, one in enumerate(copy.iter()) if at == place))
                yield Mutation(full, family, version, etree.tostring(copy, encoding="UTF-8"))


@cache
def _document(path: Path, family: str, version: str) -> etree._Element:
    """A valid document without most of its repetitions, in the namespace of `version`."""
    text = path.read_text(encoding="utf-8")
    text = text.replace(NAMESPACES[family, "3.1"], NAMESPACES[family, version])
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))
    if root.get("xsdVersion"):
        root.set("xsdVersion", {"3.1": "3.1.0", "3.3": "3.3.1"}[version])
    if len(text) > _LARGE:
        _thin_out(root)
    return root


def _thin_out(root: etree._Element) -> None:
    """Keep one record of each kind, and in it one element of each name beside its parent's."""
    kinds = {one.get("id"): one.tag for one in root.iterfind("*/*[@id]")}
    _keep_first_of_each_name(root)
    kept = {kinds[one.get("id")]: one.get("id") for one in root.iterfind("*/*[@id]")}
    for reference in root.iterfind(".//*[@idref]"):
        kind = kinds.get(reference.get("idref"))
        if kind is not None:
            reference.set("idref", kept[kind])


def _keep_first_of_each_name(element: etree._Element) -> None:
    seen = set()
    for child in list(element):
        if child.tag in seen:
            element.remove(child)
        else:
            seen.add(child.tag)
            _keep_first_of_each_name(child)


def _changes(root: etree._Element) -> Iterator[tuple[int, str, Change]]:
    """Yield where, what and how; one place is taken for each pair of parent's and own name."""
    seen: set[tuple[str, str]] = set()
    for place, element in enumerate(root.iter(etree.Element)):
        depth = sum(1 for _ in element.iterancestors())
        parent = element.getparent()
        pair = ("" if parent is None else parent.tag, element.tag)
        if pair in seen:
            continue
        seen.add(pair)
        kinds = (_of_root, _of_container, _of_record)
        of_this = kinds[depth](element) if depth < len(kinds) else _of_nested(element)
        path = "/".join(_name(one) for one in [*reversed([*element.iterancestors()]), element])
        for label, change in of_this:
            yield place, f"{label} {path}", change


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _of_root(root: etree._Element) -> Iterator[tuple[str, Change]]:
    for version in ("3.0.0", "3.1.0", "3.2.0", "3.3.1", " 3.1.0 ", "3.1", "9.9.9", "", "draft"):
        yield f"declare version {version!r} in", _setting("xsdVersion", version)
    yield from _of_attributes(root)
    yield "put text into", _writing("courses")
    yield "put an unknown element into", _appending("nonsense")
    yield "put a comment into", _insert_comment
    yield "reverse the children of", _reverse
    yield "remove the children of", _empty
    yield "put a record directly into", _add_record


def _of_container(container: etree._Element) -> Iterator[tuple[str, Change]]:
    yield from _of_place(container)
    yield from _of_attributes(container)
    yield "put text into", _writing("see below")
    yield "put text behind the last record of", _add_tail
    yield "put a comment into", _insert_comment
    yield "put an unknown element into", _appending("nonsense")
    yield "remove the children of", _empty
    yield "reverse the children of", _reverse
    for other in (*container.itersiblings(preceding=True), *container.itersiblings()):
        yield f"put a record of {_name(other)} into", _borrowing(_name(other))


def _of_record(record: etree._Element) -> Iterator[tuple[str, Change]]:
    yield from _of_nested(record)
    yield "reverse the children of", _reverse
    yield "remove the children of", _empty
    yield "repeat exactly", _repeat_exactly


def _of_nested(element: etree._Element) -> Iterator[tuple[str, Change]]:
    yield from _of_place(element)
    yield from _of_attributes(element)
    yield "put a comment into", _insert_comment
    yield "put a processing instruction into", _insert_instruction
    yield "put an unknown element into", _appending("nonsense")
    yield "mark as nil", _setting(f"{{{_XSI}}}nil", "true")
    yield "mark as a legal identifier", _setting(f"{{{_XSI}}}type", "LegalIdentifierType")
    if len(element):
        yield "put an unknown element first into", _insert_unknown
        yield "put text into", _writing("see below")
    elif element.text and element.text.strip():
        yield "put markup into", _appending("b")
        yield "remove the text of", _empty
    else:
        yield "put a label into", _add_label
        yield "put text into", _writing("see below")
        yield "put a space into", _writing(" ")
    for value in _VALUES.get(_name(element), ()):
        yield f"write {value!r} into", _writing(value)
    if "uri" in element.attrib:
        yield "take an unknown code for", _setting("uri", f"{element.get('uri')}-none")
    if "idref" in element.attrib:
        yield "point to nothing from", _setting("idref", "urn:nobody")


def _of_place(element: etree._Element) -> Iterator[tuple[str, Change]]:
    yield "delete", _delete
    yield "repeat", _repeat
    yield "misspell", _misspell
    yield "take out of its namespace", _take_out_of_namespace
    yield "put into another namespace", _moving_to("urn:another")
    yield "put into the namespace of SKOS", _moving_to(_SKOS)
    if element.getprevious() is not None:
        yield "put first", _put_first
    if element.getnext() is not None:
        yield "put last", _put_last
        yield "exchange with the next", _exchange


def _of_attributes(element: etree._Element) -> Iterator[tuple[str, Change]]:
    yield "add an unknown attribute to", _setting("nonsense", "1")
    yield "add xml:lang to", _setting("{http://www.w3.org/XML/1998/namespace}lang", "fi")
    yield "add a schema location to", _setting(f"{{{_XSI}}}schemaLocation", "urn:x x.xsd")
    for name in map(str, element.attrib):
        yield f"delete the attribute {name} of", _deleting(name)
        yield f"misspell the attribute {name} of", _renaming(name)
        for value in _ATTRIBUTE_VALUES.get(name, ()):
            yield f"write {value!r} into the attribute {name} of", _setting(name, value)


def _setting(name: str, value: str) -> Change:
    return lambda element: element.set(name, value)


def _deleting(name: str) -> Change:
    return lambda element: element.attrib.pop(name)


def _renaming(name: str) -> Change:
    return lambda element: element.set(name.upper(), element.attrib.pop(name))


def _writing(text: str) -> Change:
    return lambda element: setattr(element, "text", text)


def _moving_to(namespace: str) -> Change:
    return lambda element: setattr(element, "tag", f"{{{namespace}}}{_name(element)}")


def _appending(name: str) -> Change:
    return lambda element: element.append(_beside(element, name))


def _borrowing(other: str) -> Change:
    """Put a copy of the first record of the container `other` into this one."""

    def change(container: etree._Element) -> None:
        source = container.getparent().find(f"{{*}}{other}")
        container.append(deepcopy(source[0]))

    return change


def _delete(element: etree._Element) -> None:
    element.getparent().remove(element)


def _repeat(element: etree._Element) -> None:
    """Repeat an element, with identifiers and notations of its own."""
    copy = deepcopy(element)
    for one in copy.iter():
        if "id" in one.attrib:
            one.set("id", f"{one.get('id')}-again")
        if one.tag == f"{{{_SKOS}}}notation":
            one.text = f"{one.text}-again"
    element.addnext(copy)


def _repeat_exactly(element: etree._Element) -> None:
    element.addnext(deepcopy(element))


def _misspell(element: etree._Element) -> None:
    element.tag = f"{element.tag}s"


def _take_out_of_namespace(element: etree._Element) -> None:
    element.tag = _name(element)


def _put_first(element: etree._Element) -> None:
    element.getparent().insert(0, element)


def _put_last(element: etree._Element) -> None:
    element.getparent().append(element)


def _exchange(element: etree._Element) -> None:
    element.getnext().addnext(element)


def _reverse(element: etree._Element) -> None:
    element[:] = reversed(list(element))


def _empty(element: etree._Element) -> None:
    element.text = None
    del element[:]


def _insert_unknown(element: etree._Element) -> None:
    element.insert(0, _beside(element, "nonsense"))


def _insert_comment(element: etree._Element) -> None:
    element.insert(0, etree.Comment("checked"))


def _insert_instruction(element: etree._Element) -> None:
    element.append(etree.ProcessingInstruction("layout", "wide"))


def _add_label(element: etree._Element) -> None:
    label = etree.SubElement(element, f"{{{_SKOS}}}prefLabel", language="en")
    label.text = "label"


def _add_tail(container: etree._Element) -> None:
    container[-1].tail = "end"


def _add_record(root: etree._Element) -> None:
    root.append(deepcopy(root[0][0]))


def _beside(element: etree._Element, name: str) -> etree._Element:
    """Make an element in the namespace of the document."""
    namespace = etree.QName(element.getroottree().getroot()).namespace
    return etree.Element(f"{{{namespace}}}{name}")
