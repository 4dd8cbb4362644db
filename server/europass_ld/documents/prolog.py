"""The beginning of a document: encoding, DOCTYPE, root element. Nothing further is read.

Expat stops at the first start tag, so a document is told, or refused, before anything in it could
be expanded, fetched or built. It knows no network and is given no way to an external entity.
"""

import codecs
from dataclasses import dataclass
from xml.parsers import expat

from ..errors import DocumentError, MalformedDocument, UnsupportedDocument
from .sources import BoundedStream

_CHUNK_BYTES = 4_096
_MAX_PROLOG_BYTES = 1_000_000
_NOT_XML = (
    (b"%PDF", "a PDF file"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8", "an image"),
)


@dataclass(frozen=True, slots=True)
class Prolog:
    """What the beginning says: declared encoding (or None), root element and its attributes.

    `prefix` is the prefix of the root element, "" for a default namespace.
    """

    encoding: str | None
    name: str
    namespace: str
    prefix: str
    attributes: dict[str, str]


class _RootSeen(Exception):
    """Raised inside expat at the first start tag."""


def read_prolog(stream: BoundedStream, name: str) -> Prolog:
    """Return what the beginning of `stream` says; `name` is for messages.

    Raises:
        UnsupportedDocument: it is no XML.
        MalformedDocument: it is not well-formed up to the root element, or has a DOCTYPE.
    """
    found: dict[str, str | None] = {"encoding": None}
    roots: list[Prolog] = []

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        found["encoding"] = encoding

    def doctype(*_: object) -> None:
        raise MalformedDocument(
            f"{name}:{parser.CurrentLineNumber}: a DOCTYPE is never accepted; "
            "Europass documents need none",
            file=name,
            line=parser.CurrentLineNumber,
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        parts = tag.split(" ")
        namespace, local = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
        prefix = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - expat's triplet
        roots.append(Prolog(found["encoding"], local, namespace, prefix, attributes))
        raise _RootSeen

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.namespace_prefixes = True
    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    _feed(parser, stream, name)
    return roots[0]


def _feed(parser: expat.XMLParserType, stream: BoundedStream, name: str) -> None:
    first = data = stream.read(_CHUNK_BYTES)
    try:
        while data and stream.taken <= _MAX_PROLOG_BYTES:
            parser.Parse(data, False)
            data = stream.read(_CHUNK_BYTES)
        parser.Parse(b"", True)
    except _RootSeen:
        return
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _not_well_formed(first, error, name) from error
    raise MalformedDocument(f"{name}: no root element in it", file=name)


def _not_well_formed(first: bytes, error: Exception, name: str) -> DocumentError:
    if not first:
        return MalformedDocument(f"{name}: the file is empty", file=name)
    start = first.removeprefix(codecs.BOM_UTF8).lstrip()
    for magic, kind in _NOT_XML:
        if start.startswith(magic):
            return UnsupportedDocument(
                f"{name}: looks like {kind}; known are LOQ and AMS documents in XML", file=name
            )
    if not isinstance(error, expat.ExpatError):
        return MalformedDocument(f"{name}: the declared encoding is unknown: {error}", file=name)
    return MalformedDocument(
        f"{name}:{error.lineno}:{error.offset + 1}: not well-formed XML: "
        f"{expat.errors.messages[error.code]}",
        file=name,
        line=error.lineno,
        column=error.offset + 1,
    )
