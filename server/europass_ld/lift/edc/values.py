"""What lifting a credential gives back. None of it shows its content when printed or logged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from .media_types import media_type

NameNode = Callable[[], str]
"""Gives a new IRI for a node that the document does not name: a different one on each call.

What is private gets random IRIs, never ones that are derived from the content: a digest of a date
of birth is a date of birth to whoever tries all dates.
"""


class Place(NamedTuple):
    """Where something stands: a line of XML (from 1) with a path, or a JSON pointer."""

    line: int | None
    path: str


class ProblemKind(StrEnum):
    """What became of a part that is not simply said in RDF."""

    UNMAPPABLE = "unmappable"
    """It could not be said at all: the statement is incomplete."""
    MENDED = "mended"
    """It is said as it was meant."""
    NOTED = "noted"
    """It is said; that an official artefact says it otherwise is none of the author's doing."""
    LEFT_OUT = "left-out"
    """ELM v3 has no place for it; the original has it."""


@dataclass(frozen=True, slots=True, repr=False)
class CredentialProblem:
    """A part of a credential that was not simply said; `value` is what stood there, if it helps."""

    kind: ProblemKind
    message: str
    place: Place
    value: str | None = None
    accepted: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Blob:
    """Bytes that a document carries: an image, an attachment, the original of a conversion.

    `iri` is what the RDF refers to (`media_object` schema:contentUrl `iri`) instead of holding a
    literal of megabytes. `media_type` is told from the bytes, whatever the document says.
    """

    iri: str
    media_object: str
    data: bytes

    @property
    def media_type(self) -> str:
        """The media type, from the first bytes."""
        return media_type(self.data)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data)

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes in hexadecimal."""
        return sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, repr=False)
class StatedCredential:
    """One credential of a document: its IRI, who issues it, whom it is about, its profiles."""

    iri: str
    issuer: str | None
    subjects: tuple[str, ...]
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Addition:
    """One statement that conversion added, because ELM v3 asks for it and EDC v2 cannot say it.

    `value` is a term in N-Triples syntax, `source` the IRI of what it was concluded from, `reason`
    a sentence for people.
    """

    subject: str
    property: str
    value: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LiftedCredential:
    """A credential or presentation as RDF.

    `iri` is the outermost thing: the presentation, if there is one, else the credential.
    `sealed` is N-Triples text of what the signed octets say and nothing else; `added` of what
    conversion concluded, in a graph of its own, each new node with prov:wasDerivedFrom. Media
    objects refer to `blobs` by schema:contentUrl; no literal holds their bytes.

    `places` says where each subject, and each property of a subject, stands in the source.
    `problems` are parts that became no RDF, were mended, or have no place in ELM v3. `source` are
    the octets that were lifted.
    """

    family: str
    version: str
    iri: str
    credentials: tuple[StatedCredential, ...]
    sealed: str
    added: str = ""
    additions: tuple[Addition, ...] = ()
    blobs: tuple[Blob, ...] = ()
    places: Mapping[tuple[str, str | None], Place] = field(default_factory=dict)
    problems: tuple[CredentialProblem, ...] = ()
    source: bytes = b""

    @property
    def usable(self) -> bool:
        """Whether no part of the sealed statement failed to become RDF."""
        return all(one.kind is not ProblemKind.UNMAPPABLE for one in self.problems)

    @property
    def converted(self) -> bool:
        """Whether this is EDC v2 brought into ELM v3: the seal holds for the original only."""
        return self.family == "edc-xml"
