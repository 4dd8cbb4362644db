"""What the values in EDC v2 XML come to, and how its elements are told from each other."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from ...terms import expand
from ...vocabularies import SCHEMA_VERSIONS, CodeLists
from .statements import literal
from .table import Row

HTML = "http://publications.europa.eu/resource/authority/file-type/HTML"
CREDIT_SYSTEMS = {
    "http://data.europa.eu/europass/educationalCreditPointSystem/ects": (
        "http://data.europa.eu/snb/education-credit/6fcec5c5af"
    ),
    "http://data.europa.eu/europass/educationalCreditPointSystem/ecvet": (
        "http://data.europa.eu/snb/education-credit/60b314e826"
    ),
}
"""The two credit systems that EDC v2 names, and their codes in the list of the EU."""

_DATE = re.compile(r"(-?\d{4,}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+(?:\.0*)?", re.ASCII)


def typed(text: str, kind: str) -> str:
    """Return a literal of the XSD datatype that `kind` names.

    A date becomes midnight of that day, with the time zone that it has or with none: it is never
    converted, so 1999-10-02 stays the second of October wherever it is read.
    """
    if kind == "string":
        return literal(" ".join(text.split()))
    text = text.strip()
    if kind == "date":
        match = _DATE.fullmatch(text)
        text = f"{match[1]}T00:00:00{match[2] or ''}" if match else text
        kind = "dateTime"
    return literal(text, datatype=expand(f"xsd:{kind}"))


def share(text: str) -> str:
    """Return a percentage: whole where it is, as ELM v3 wants it, but never rounded."""
    if _WHOLE.fullmatch(text.strip()):
        return typed(text.partition(".")[0], "integer")
    return typed(text, "decimal")


@lru_cache(maxsize=4)
def by_code(name: str, code_lists: CodeLists) -> dict[str, str]:
    """Return the IRIs of a list's concepts by each of the codes they have, in lower case."""
    found: dict[str, str] = {}
    for concept in code_lists.concepts(name, SCHEMA_VERSIONS[-1]):
        for code in (*concept.identifiers, concept.notation):
            found.setdefault(code.lower(), concept.iri)
    return found


def identifier(element: etree._Element, where: str, namespace: str) -> str | None:
    """Return the identifier of an element: an attribute (`@name`), or the text of a child."""
    if where.startswith("@"):
        value = element.get(Row(where[1:], "").tag("") if ":" in where else where[1:])
    else:
        value = element.findtext(f"{{{namespace}}}{where}")
    return value.strip() or None if value else None


def identifiers(root: etree._Element) -> Iterator[str]:
    """Yield all identifiers below `root`, as often as they are given."""
    for element in root.iter():
        if (value := element.get("id")) is not None:
            yield value.strip()
        elif etree.QName(element).localname == "id" and element.text:
            yield element.text.strip()


def fingerprint(element: etree._Element) -> object:
    """Return a value that equal elements share, however they are indented."""
    children = tuple(fingerprint(child) for child in element)
    text = element.text if not children else None
    return (element.tag, frozenset(element.attrib.items()), text, children)
