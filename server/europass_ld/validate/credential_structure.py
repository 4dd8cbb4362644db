"""Whether EDC v2 XML is as its XML Schema wants it, keys and references included.

A credential is small and held in memory, so libxml2 looks at it whole.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import islice

from lxml import etree

from .. import resources
from .diagnosis import StructureProblem

_NAMESPACE = re.compile(r"\{[^}]*\}")
_EXPECTED = re.compile(r" Expected is (?:one of )?\( (.*) \)\.$")
_KEY = re.compile(r"Duplicate key-sequence|No match found for key-sequence")
_MOST = 100
_ELEMENT = re.compile(r"Element '([^']+)'")


def check_structure(root: etree._Element, schema: str) -> list[StructureProblem]:
    """Return what the schema `schema` (a file in `schemas/edc-v2`, without ending) finds wrong.

    Of many mistakes the first are enough: to say where one is takes a walk through the document.
    """
    compiled = _schema(schema)
    if compiled.validate(root):
        return []
    prefixes = {
        prefix: iri
        for one in root.iter()
        for prefix, iri in one.nsmap.items()
        if prefix is not None
    }
    first = islice(compiled.error_log, _MOST)
    return [_problem(one, _path(one, root, prefixes), schema) for one in first]


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(resources.find("schemas") / "edc-v2" / f"{name}.xsd"))


def _problem(error: etree._LogEntry, path: str, schema: str) -> StructureProblem:
    message = _NAMESPACE.sub("", error.message)
    expected = _EXPECTED.search(message)
    accepted = "what the schema says"
    if expected:
        accepted = expected[1]
    elif _KEY.search(message):
        accepted = "identifiers that are unique, and references that lead to one of them"
    return StructureProblem(
        error.line,
        path,
        _EXPECTED.sub("", message),
        None,
        accepted,
        f"schemas/edc-v2/{schema}.xsd",
    )


def _path(error: etree._LogEntry, root: etree._Element, prefixes: Mapping[str, str]) -> str:
    """Return the names on the way to the element that an error is about.

    libxml2 counts the way out (`/*/*[3]`); of references it gives name and line only.
    """
    if error.path:
        found = root.xpath(error.path, namespaces=prefixes)
    else:
        name = _ELEMENT.match(_NAMESPACE.sub("", error.message))
        named = root.iter(f"{{*}}{name[1]}") if name else iter(())
        found = [one for one in named if one.sourceline == error.line]
    if not found:
        return ""
    steps = []
    for one in [found[0], *found[0].iterancestors()]:
        local = etree.QName(one).localname
        number = 1 + sum(1 for _ in one.itersiblings(one.tag, preceding=True))
        steps.append(f"{local}[{number}]" if number > 1 else local)
    return "/".join(reversed(steps))
