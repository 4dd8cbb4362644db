"""The graphs that deriving fills, and how it writes triples."""

import hashlib

from ..terms import GENID_PATH, expand

_XSD = expand("xsd:")
_DIGEST_BYTES = 12


def derived_graph(base: str) -> str:
    """Return the IRI of the graph of derived statements."""
    return f"{base}id/graph/derived"


def quality_graph(base: str) -> str:
    """Return the IRI of the graph of counts and coverage."""
    return f"{base}id/graph/quality"


def history_graph(base: str) -> str:
    """Return the IRI of the graph of states that records no longer have."""
    return f"{base}id/graph/history"


def node(base: str, *path: str) -> str:
    """Return the IRI of a node that has no name of its own, the same for the same path."""
    digest = hashlib.blake2b("\0".join(path).encode(), digest_size=_DIGEST_BYTES)
    return f"{base}{GENID_PATH}{digest.hexdigest()}"


def link(iri: str) -> str:
    """Write an IRI as N-Triples."""
    return f"<{iri}>"


def typed(text: str, datatype: str) -> str:
    """Write a literal of an XSD datatype (`date`); the text needs no escapes."""
    return f'"{text}"^^<{_XSD}{datatype}>'


def line(subject: str, predicate: str, value: str) -> str:
    """Write a triple as a line; `predicate` is a prefix:name, `value` is N-Triples already."""
    return f"<{subject}> <{expand(predicate)}> {value} .\n"
