"""Statements of one document while they are collected: every kind of document ends here.

Terms are kept in N-Triples syntax; a statement that is made twice stands once.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator

from ...terms import RDF_TYPE, SKOS_CONCEPT, XSD_STRING, expand
from ..literals import canonical
from .values import Blob, CredentialProblem, NameNode, Place, ProblemKind

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_XSD = expand("xsd:")
CONTENT = expand("elm:content")
CONTENT_URL = expand("schema:contentUrl")
"""From a media object to its bytes: <https://schema.org/contentUrl>."""

Statement = tuple[str, str, str]
"""Subject IRI, property IRI, and the value in N-Triples syntax."""


def literal(text: str, *, datatype: str | None = None, language: str | None = None) -> str:
    """Return a literal in N-Triples syntax, typed ones in canonical form."""
    if language is not None:
        return f'"{text.translate(_ESCAPES)}"@{language}'
    if datatype is None or datatype == XSD_STRING:
        return f'"{text.translate(_ESCAPES)}"'
    if datatype.startswith(_XSD):
        name = datatype.removeprefix(_XSD)
        text = canonical(text, "integer" if name == "positiveInteger" else name)
    return f'"{text.translate(_ESCAPES)}"^^<{datatype}>'


class Statements:
    """What a document says, where it says it, and what could not be said."""

    def __init__(self, name_node: NameNode):
        self.name_node = name_node
        self.blobs: dict[tuple[str, bytes], Blob] = {}
        self.places: dict[tuple[str, str | None], Place] = {}
        self.problems: list[CredentialProblem] = []
        self._found: dict[Statement, None] = {}

    def __iter__(self) -> Iterator[Statement]:
        """Yield the statements in the order they were first made."""
        return iter(self._found)

    def text(self) -> str:
        """Return the statements as N-Triples."""
        return "".join(f"<{s}> <{p}> {value} .\n" for s, p, value in self._found)

    def add(self, subject: str, predicate: str, value: str, place: Place | None = None) -> None:
        """State something; `value` is a term in N-Triples syntax."""
        self._found[subject, predicate, value] = None
        if place is not None:
            self.places.setdefault((subject, None), place)
            self.places.setdefault((subject, predicate), place)

    def link(self, subject: str, predicate: str, iri: str, place: Place | None = None) -> None:
        """State a relation to what `iri` names."""
        self.add(subject, predicate, f"<{iri}>", place)

    def type(self, subject: str, *classes: str) -> None:
        """State the classes of something."""
        for one in classes:
            self.link(subject, RDF_TYPE, one)

    def concept(self, subject: str, predicate: str, iri: str, place: Place | None = None) -> None:
        """State a relation to a concept."""
        self.link(subject, predicate, iri, place)
        self.type(iri, SKOS_CONCEPT)

    def content(self, subject: str, text: str, place: Place) -> None:
        """Keep the base64 text of a media object as a blob, and refer to it.

        Text that is no base64 is kept as it is, with a problem.
        """
        try:
            data = b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            data = text.encode("utf-8")
            self.problem("the content is not base64", place, accepted="base64")
        blob = self.blobs.get((subject, data))
        if blob is None:
            blob = self.blobs[subject, data] = Blob(self.name_node(), subject, data)
        self.link(subject, CONTENT_URL, blob.iri, place)
        self.places.setdefault((subject, CONTENT), place)

    def problem(
        self,
        message: str,
        place: Place,
        kind: ProblemKind = ProblemKind.UNMAPPABLE,
        *,
        value: str | None = None,
        accepted: str | None = None,
    ) -> None:
        """Note what could not be said, or had to be said differently."""
        self.problems.append(CredentialProblem(kind, message, place, value, accepted))
