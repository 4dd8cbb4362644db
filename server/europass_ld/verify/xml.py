"""Parsing, canonical form and strict access: what XML signatures need of XML.

Exclusive XML Canonicalization 1.0 <https://www.w3.org/TR/xml-exc-c14n/>, without comments.
"""

import base64
import binascii
import codecs
import re
from typing import Any

from lxml import etree

from .outcome import malformed, over_limit, unsupported
from .policy import Policy

DS = "{http://www.w3.org/2000/09/xmldsig#}"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_MAX_NAMESPACE_DECLARATIONS = 5_000
"""Exclusive canonicalisation looks through what is in scope at each element."""

_MAX_ATTRIBUTES = 64
"""Canonicalisation sorts the attributes of an element, in quadratic time."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_declared_encoding = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']*)"
).match
_ACCEPTED_ENCODING = re.compile(
    rb"utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d", re.IGNORECASE
)
"""Those in which markup has the octets of ASCII; UTF-16 is told by its mark."""
_has_many_attributes = etree.XPath(f"boolean(//*[@*[{_MAX_ATTRIBUTES + 1}]])")

Element = Any
"""An lxml element; the library has no types of its own."""


def parse(data: bytes, policy: Policy) -> Element:
    """Return the root element of an XML document.

    Raises:
        Rejection: not well-formed, with a DOCTYPE, or past a limit.
    """
    _check_counts(_ascii_compatible(data), policy)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise malformed(f"not well-formed XML (line {line}, column {column})") from error
    except ValueError as error:
        raise malformed("not XML") from error
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise malformed("a DOCTYPE is never accepted")
    if _has_many_attributes(root):
        raise over_limit("too many attributes of one XML element", _MAX_ATTRIBUTES)
    return root


def _ascii_compatible(data: bytes) -> bytes:
    """Return the document in an encoding in which its markup can be counted.

    Raises:
        Rejection: it is in an encoding that is not accepted.
    """
    if data.startswith(_UTF_16):
        data = data.decode("utf-16", errors="replace").encode()
    else:
        declared = _declared_encoding(data)
        if declared is not None and not _ACCEPTED_ENCODING.fullmatch(declared[1]):
            raise malformed("XML in an encoding that is not accepted")
    if b"\0" in data:
        raise malformed("not XML, which has no null characters")
    return data


def _check_counts(data: bytes, policy: Policy) -> None:
    if data.count(b"<") > 2 * policy.max_nodes:
        raise over_limit("too many XML elements", policy.max_nodes)
    if data.count(b"xmlns") > _MAX_NAMESPACE_DECLARATIONS:
        raise over_limit("too many namespace declarations", _MAX_NAMESPACE_DECLARATIONS)


def child(parent: Element, tag: str) -> Element:
    """Return the one child of `parent` with the name `tag`.

    Raises:
        Rejection: there is none, or several.
    """
    found = optional_child(parent, tag)
    if found is None:
        raise malformed(f"{_local(tag)} is missing in {_local(parent.tag)}")
    return found


def optional_child(parent: Element, tag: str) -> Element | None:
    """Return the one child of `parent` with the name `tag`, or None.

    Raises:
        Rejection: there are several.
    """
    found = parent.findall(tag)
    if len(found) > 1:
        raise malformed(f"{_local(tag)} stands {len(found)} times in {_local(parent.tag)}")
    return found[0] if found else None


def only_children(parent: Element, *tags: str) -> list[Element]:
    """Return the child elements of `parent`, whose names must all be among `tags`.

    Raises:
        Rejection: another element, or text that is not blank.
    """
    found = []
    for one in parent.iterchildren():
        if one.tag is etree.Comment:
            continue
        if one.tag not in tags:
            raise malformed(
                f"{_local(parent.tag)} holds {_local(one.tag)}, which has no place there"
            )
        found.append(one)
    if any(text.strip() for text in parent.xpath("text()")):
        raise malformed(f"{_local(parent.tag)} holds text")
    return found


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else "a processing instruction"


def text_of(element: Element) -> str:
    """Return the text of an element without child elements.

    Raises:
        Rejection: it has children, be it comments.
    """
    if len(element):
        raise malformed(f"{_local(element.tag)} holds more than text")
    return element.text or ""


def algorithm_of(element: Element) -> str:
    """Return the Algorithm attribute of an element, "" without one."""
    return element.get("Algorithm") or ""


def decode_base64(element: Element) -> bytes:
    """Return the octets in an element of type xsd:base64Binary.

    Raises:
        Rejection: not canonical base64 (white space is allowed between the characters).
    """
    compact = "".join(text_of(element).split())
    try:
        octets = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed(f"{_local(element.tag)} is not base64") from error
    if base64.b64encode(octets).decode() != compact:
        raise malformed(f"{_local(element.tag)} is not in canonical base64")
    return octets


def check_canonicalization(method: Element) -> None:
    """Make sure that an element names exclusive canonicalisation and nothing beside.

    Nothing else occurs in the accepted profiles, and inclusive canonicalisation takes a time that
    grows with the cube of the namespaces in scope.

    Raises:
        Rejection: another method, or InclusiveNamespaces.
    """
    named = algorithm_of(method)
    if named != EXCLUSIVE:
        raise unsupported(f"the canonicalisation {named or '(none)'} is not accepted")
    only_children(method)


def canonicalize(node: Element) -> bytes:
    """Return the exclusive canonical form, without comments, of an element or a whole document.

    A document is given as its tree; processing instructions beside the root element belong to it.

    Raises:
        Rejection: there is none.
    """
    try:
        octets: bytes = etree.tostring(node, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError as error:
        raise malformed("XML that has no canonical form (a relative namespace)") from error
    return octets


def cut_out(element: Element) -> None:
    """Remove `element` from its document, but not the text behind it."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)
