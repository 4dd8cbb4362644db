"""One number for the content of a set of quads."""

import hashlib
from collections.abc import Iterable

import pyoxigraph as ox


def content_hash(quads: Iterable[ox.Quad]) -> str:
    """Return the SHA-256 (hexadecimal) of the quads as sorted N-Quads.

    There are no blank nodes in this store, so sorting is all that canonicalisation takes:
    RDF Dataset Canonicalization, section 4.1 <https://www.w3.org/TR/rdf-canon/>.
    """
    digest = hashlib.sha256()
    for line in sorted({f"{quad} .\n" for quad in quads}):
        digest.update(line.encode())
    return digest.hexdigest()
