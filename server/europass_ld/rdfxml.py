"""N-Triples lines to RDF/XML, the same bytes each time: <https://www.w3.org/TR/rdf-syntax-grammar/>."""

import re

import pyoxigraph as ox

from .terms import PREFIXES

_PREFIXES = dict(PREFIXES)
_XML_PREFIXES = tuple(
    (prefix.encode(), f' xmlns:{prefix}="{namespace}"'.encode())
    for prefix, namespace in (*_PREFIXES.items(), ("its", "http://www.w3.org/2005/11/its"))
)


def rdf_xml(lines: str) -> bytes:
    """Write N-Triples lines as RDF/XML.

    The engine declares all prefixes that it is given, in another order each time; here they are
    those in use, in our order, because a strong ETag promises the same bytes.
    """
    triples = (quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))
    xml = ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=_PREFIXES)
    assert xml is not None  # noqa: S101 - it is None only where a file was given
    head, root, rest = xml.partition(b"<rdf:RDF")
    _, end, body = rest.partition(b">")
    used = {b"rdf", *re.findall(rb"[</\s](\w+):", body)}
    declared = [attribute for prefix, attribute in _XML_PREFIXES if prefix in used]
    return b"".join((head, root, *declared, end, body))
