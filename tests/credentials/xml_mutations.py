"""Credentials with one change each, always the same ones, for comparing verdicts."""

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import NamedTuple

from lxml import etree

from europass_ld.documents.credentials import SNB

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_VALUES = (
    "",
    " 7 ",
    "twelve",
    "1.5",
    "-3",
    "2024-02-30",
    "2024-06-20",
    "2024-06-20T10:00:00Z",
    "P1Y",
    "true",
    "mailto:a@example.org",
    "https://example.org/x",
    "urn:epass:org:1",
    "urn:epass:nowhere",
    "en",
    "xx",
    "text/plain",
    "AAAA",
    "%%%",
)


class Mutation(NamedTuple):
    """What was done, and the document."""

    name: str
    root: etree._Element


Change = Callable[[etree._Element, random.Random], str]
"""Changes a document at an element; returns what was done."""


def _delete(element: etree._Element, _: random.Random) -> str:
    parent = element.getparent()
    parent.remove(element)
    return "delete"


def _repeat(element: etree._Element, _: random.Random) -> str:
    element.addnext(deepcopy(element))
    return "repeat"


def _swap(element: etree._Element, _: random.Random) -> str:
    following = element.getnext()
    if following is not None:
        following.addnext(element)
    return "swap with the next"


def _misspell(element: etree._Element, _: random.Random) -> str:
    element.tag = f"{element.tag}x"
    return "misspell"


def _no_namespace(element: etree._Element, _: random.Random) -> str:
    element.tag = etree.QName(element).localname
    return "take out of its namespace"


def _write(element: etree._Element, chance: random.Random) -> str:
    value = chance.choice(_VALUES)
    element.text = value
    return f"write {value!r} into"


def _empty(element: etree._Element, _: random.Random) -> str:
    for child in list(element):
        element.remove(child)
    element.text = None
    return "empty"


def _insert(element: etree._Element, chance: random.Random) -> str:
    name = chance.choice(["identifier", "title", "hasPart", "note", "unknown"])
    element.insert(0, etree.Element(f"{{{SNB}}}{name}"))
    return f"insert {name} into"


def _copy_elsewhere(element: etree._Element, chance: random.Random) -> str:
    others = [one for one in element.getroottree().iter() if one is not element]
    other = deepcopy(chance.choice(others))
    other.tail = None
    element.addprevious(other)
    return f"put {etree.QName(other).localname} before"


def _unset(element: etree._Element, chance: random.Random) -> str:
    if element.attrib:
        name = chance.choice(sorted(map(str, element.attrib)))
        del element.attrib[name]
        return f"take the attribute {etree.QName(name).localname} from"
    return "leave"


def _set(element: etree._Element, chance: random.Random) -> str:
    value = chance.choice(_VALUES)
    known = sorted(map(str, element.attrib))
    name = chance.choice([*known, *known, "schemeID", "uri", "unknown"])
    element.set(name, value)
    return f"set {etree.QName(name).localname} to {value!r} on"


def _same_id(element: etree._Element, chance: random.Random) -> str:
    named = [one for one in element.getroottree().iter() if one.get("id")]
    chance.choice(named).set("id", chance.choice(named).get("id"))
    return "give one element the identifier of another in the document of"


CHANGES: tuple[Change, ...] = (
    *(_delete, _repeat, _swap, _misspell, _no_namespace, _write, _write, _empty, _insert),
    *(_copy_elsewhere, _unset, _set, _set, _same_id),
)


def mutations(root: etree._Element, number: int) -> Iterator[Mutation]:
    """Yield `number` changed copies of a document; nothing inside a signature is changed."""
    for seed in range(number):
        chance = random.Random(seed)  # noqa: S311 - for tests
        copy = deepcopy(root)
        elements = [one for one in copy.iterdescendants() if not _is_signature(one)]
        element = chance.choice(elements)
        name = element.getroottree().getpath(element)
        what = CHANGES[seed % len(CHANGES)](element, chance)
        yield Mutation(f"{seed}: {what} {etree.QName(element).localname} ({name})", copy)


def _is_signature(element: etree._Element) -> bool:
    if element.tag == _SIGNATURE:
        return True
    return next(element.iterancestors(_SIGNATURE), None) is not None
