"""What each element of a family may hold, read from our own XML Schemas.

libxml2 decides whether a record is valid: fast, but it gives up on an element at its first wrong
child. This model serves the slow path, where a record is wrong and a person must be told all that
is wrong, and whoever needs the order and number of child elements.

Only what `schemas/` uses is read: sequences, choices that repeat, groups, extension, simple
content, attributes; included files take the namespace of the file that includes them.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from lxml import etree

from .. import resources
from ..errors import ValidationError

_XS = "http://www.w3.org/2001/XMLSchema"

_BUILT_IN = (
    "anyURI",
    "boolean",
    "dateTime",
    "decimal",
    "duration",
    "integer",
    "normalizedString",
    "string",
)
_PARTICLES = ("sequence", "choice", "group", "element")

Kind = Literal["sequence", "choice", "text", "empty"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: the name of its datatype, and whether it must be there."""

    name: str
    datatype: str
    required: bool


@dataclass(frozen=True, eq=False)
class Content:
    """What an element may hold: child elements, a value of a datatype, or nothing.

    `name` is the schema's name of the type (the element's, where the type has none), `source` the
    file it stands in. `base` is the type that this one extends.
    """

    name: str
    source: str
    kind: Kind
    particles: tuple["Particle", ...] = ()
    datatype: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    base: "Content | None" = None

    @cached_property
    def places(self) -> dict[str, int]:
        """The expanded name of each child element, and its place in the order (from 0)."""
        return {particle.tag: place for place, particle in enumerate(self.particles)}

    def extends(self, other: "Content") -> bool:
        """Whether this is `other` or extends it, so that xsi:type may put it in its stead."""
        return self is other or (self.base is not None and self.base.extends(other))


@dataclass(frozen=True, slots=True)
class Particle:
    """A child element: expanded name, fewest and most times it may stand, and what it holds."""

    tag: str
    least: int
    most: int | None
    content: Content


@dataclass(frozen=True, slots=True)
class ContentModel:
    """One family in one version and namespace.

    `root` is the name of the document element. `elements` has that, the containers and the
    records by expanded name (`{namespace}name`), `types` the named types.
    """

    root: str
    elements: Mapping[str, Content]
    types: Mapping[str, Content]
    _datatypes: etree.XMLSchema

    def accepts(self, datatype: str, value: str) -> bool:
        """Whether `value` is a lexical form of `datatype`, white space around it apart.

        That belongs to the value of no datatype but strings (XML Schema part 2, section 4.3.6
        <https://www.w3.org/TR/xmlschema-2/#rf-whiteSpace>), and those accept anything.
        """
        element = etree.Element(datatype)
        element.text = value.strip(" \t\r\n")
        return bool(self._datatypes.validate(element))


def schema_document(family: str, version: str, namespace: str) -> etree._ElementTree:
    """Return the schema of a family and version, for documents in `namespace`.

    Publishers write the same documents in three namespaces (see `schemas/README.md`): the file
    names one of them, and this puts `namespace` in its place.

    Raises:
        ValidationError: there is no schema of that family and version.
    """
    folder = resources.find("schemas")
    path = folder / f"{family}-{version}.xsd"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.xsd")))
        raise ValidationError(f"no XML Schema for {family} {version} (there are: {known})")
    document = etree.parse(str(path))
    document.getroot().set("targetNamespace", namespace)
    return document


@lru_cache(maxsize=12)
def content_model(family: str, version: str, namespace: str) -> ContentModel:
    """Read the content model of a family and version, for documents in `namespace`.

    Raises:
        ValidationError: there is no schema of that family and version.
    """
    schema = schema_document(family, version, namespace).getroot()
    reader = _Reader(resources.find("schemas"))
    reader.collect(Path(f"{family}-{version}.xsd"), schema, namespace)
    elements = {tag: reader.element(tag) for tag in reader.declared("element", namespace)}
    types = {tag: reader.type(tag) for tag in reader.declared("complexType", namespace)}
    return ContentModel(next(iter(elements)), elements, types, reader.datatypes())


class _Reader:
    """Collects the declarations of a schema and of all it includes, and resolves their names."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._files: set[tuple[Path, str]] = set()
        self._found: dict[tuple[str, str], tuple[etree._Element, str]] = {}
        self._types: dict[str, Content] = {}

    def collect(self, file: Path, schema: etree._Element, namespace: str) -> None:
        """Collect what `schema` declares; without a namespace of its own it takes `namespace`."""
        for node in schema.iterchildren(etree.Element):
            kind = etree.QName(node).localname
            if kind in {"include", "import"}:
                self._follow(file, node, namespace)
            else:
                name = f"{{{namespace}}}{node.get('name')}"
                self._found[kind, name] = (node, f"schemas/{file.as_posix()}")

    def _follow(self, file: Path, node: etree._Element, namespace: str) -> None:
        path = (self._folder / file.parent / node.get("schemaLocation", "")).resolve()
        schema = etree.parse(str(path)).getroot()
        namespace = schema.get("targetNamespace", namespace)
        if (path, namespace) not in self._files:
            self._files.add((path, namespace))
            self.collect(path.relative_to(self._folder.resolve()), schema, namespace)

    def declared(self, kind: str, namespace: str) -> list[str]:
        """The expanded names of all global declarations of that kind in `namespace`."""
        start = f"{{{namespace}}}"
        return [name for found, name in self._found if found == kind and name.startswith(start)]

    def element(self, tag: str) -> Content:
        """What the global element `tag` may hold."""
        node, source = self._found["element", tag]
        return self._content(node, source, _namespace(tag))

    def type(self, tag: str) -> Content:
        """What an element of the type `tag` may hold."""
        if tag not in self._types:
            if ("complexType", tag) in self._found:
                node, source = self._found["complexType", tag]
                content = self._complex(node, source, _namespace(tag), node.get("name", ""))
            else:
                datatype = etree.QName(tag).localname
                content = Content(datatype, "", "text", datatype=datatype)
            self._types[tag] = content
        return self._types[tag]

    def datatypes(self) -> etree.XMLSchema:
        """A schema with one element for each datatype in use, named like it."""
        schema = etree.Element(f"{{{_XS}}}schema", nsmap={"xs": _XS})
        for name in _BUILT_IN:
            etree.SubElement(schema, f"{{{_XS}}}element", name=name, type=f"xs:{name}")
        for (kind, tag), (node, _) in self._found.items():
            if kind == "simpleType":
                name = etree.QName(tag).localname
                etree.SubElement(schema, f"{{{_XS}}}element", name=name, type=name)
                schema.append(deepcopy(node))
        return etree.XMLSchema(schema)

    def _content(self, node: etree._Element, source: str, namespace: str) -> Content:
        if "type" in node.attrib:
            return self.type(_expand(node, "type", namespace))
        return self._complex(node[0], source, namespace, node.get("name", ""))

    def _complex(self, node: etree._Element, source: str, namespace: str, name: str) -> Content:
        body = next(node.iter(f"{{{_XS}}}extension"), node)
        based_on = _expand(body, "base", namespace) if "base" in body.attrib else None
        attributes = {
            one.get("name", ""): Attribute(
                one.get("name", ""),
                etree.QName(_expand(one, "type", namespace)).localname,
                one.get("use") == "required",
            )
            for one in body.iterchildren(f"{{{_XS}}}attribute")
        }
        if node.find(f"{{{_XS}}}simpleContent") is not None:
            datatype = etree.QName(str(based_on)).localname
            return Content(name, source, "text", datatype=datatype, attributes=attributes)
        base = self.type(based_on) if based_on else None
        particles = (*(base.particles if base else ()), *self._particles(body, source, namespace))
        kind: Kind = "sequence" if particles else "empty"
        if body.find(f"{{{_XS}}}choice") is not None:
            kind = "choice"
        inherited = base.attributes if base else {}
        return Content(
            name, source, kind, particles, attributes={**inherited, **attributes}, base=base
        )

    def _particles(self, body: etree._Element, source: str, namespace: str) -> Iterator[Particle]:
        for node in body.iterchildren(*(f"{{{_XS}}}{one}" for one in _PARTICLES)):
            kind = etree.QName(node).localname
            if kind == "element":
                yield self._particle(node, source, namespace)
            elif kind == "group":
                group, where = self._found["group", _expand(node, "ref", namespace)]
                yield from self._particles(group, where, namespace)
            elif kind == "choice":
                for one in self._particles(node, source, namespace):
                    yield replace(one, least=0, most=None)
            else:
                yield from self._particles(node, source, namespace)

    def _particle(self, node: etree._Element, source: str, namespace: str) -> Particle:
        if "ref" in node.attrib:
            tag = _expand(node, "ref", namespace)
            content = self.element(tag)
        else:
            tag = f"{{{namespace}}}{node.get('name')}"
            content = self._content(node, source, namespace)
        most = node.get("maxOccurs", "1")
        return Particle(
            tag,
            int(node.get("minOccurs", "1")),
            None if most == "unbounded" else int(most),
            content,
        )


def _namespace(tag: str) -> str:
    return etree.QName(tag).namespace or ""


def _expand(node: etree._Element, attribute: str, namespace: str) -> str:
    """The expanded form of a name in an attribute; unprefixed, it is of `namespace`."""
    prefix, _, name = node.get(attribute, "").rpartition(":")
    return f"{{{node.nsmap[prefix] if prefix else namespace}}}{name}"
