"""A document of a known family, and the stream of its records in flat memory."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from ..errors import LimitExceeded, MalformedDocument, UnsupportedDocument
from ..mapping import FAMILIES, MappingTable, load_mapping
from .prolog import Prolog, read_prolog
from .sources import BoundedStream, Source

_OTHERS = {
    "europassCredential": "a European Digital Credential (EDC v2)",
    "verifiablePresentation": "a presentation of European Digital Credentials (EDC v2)",
    "Candidate": "a Europass CV (Candidate)",
    "SkillsPassport": "a Europass CV (SkillsPassport)",
    "learnerinfo": "a Europass CV (2.x)",
    "elmo": "an EMREX document (ELMO)",
    "html": "a web page",
}
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_CHUNK_BYTES = 1 << 16
_MAX_STRAY_ELEMENTS = 100


@dataclass(frozen=True, slots=True)
class Document:
    """A document whose family is known; nothing but its beginning has been read yet.

    `version` is the schema version it is checked against ("3.1" or "3.3"), `declared` what its
    `xsdVersion` says (or None), `encoding` what its XML declaration says (or None).
    """

    source: Source
    table: MappingTable
    namespace: str
    version: str
    declared: str | None
    encoding: str | None

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.source.name


class RecordElement(NamedTuple):
    """One record of a document; `element` is emptied as soon as the next one is asked for.

    `path` is the record's place in the document, `line` that of its start tag.
    """

    element: etree._Element
    path: str
    line: int


def read_document(source: Source) -> Document:
    """Tell what document `source` holds.

    Raises:
        UnsupportedDocument: not a LOQ or AMS document; the message says what it looks like.
        MalformedDocument: not well-formed up to the root element, or it has a DOCTYPE.
    """
    with source.open() as stream:
        prolog = read_prolog(stream, source.name)
    for family in FAMILIES:
        table = load_mapping(family)
        if prolog.namespace in table.namespaces and prolog.name == table.root:
            return Document(
                source,
                table,
                prolog.namespace,
                table.namespaces[prolog.namespace],
                prolog.attributes.get("xsdVersion"),
                prolog.encoding,
            )
    raise UnsupportedDocument(_unsupported(source.name, prolog), file=source.name)


def _unsupported(name: str, prolog: Prolog) -> str:
    known = "; ".join(
        f"<{table.root}> in {', '.join(table.namespaces)}"
        for table in (load_mapping(family) for family in FAMILIES)
    )
    place = f"namespace {prolog.namespace}" if prolog.namespace else "no namespace"
    looks = _OTHERS.get(prolog.name)
    guess = f", which looks like {looks}" if looks else ""
    return (
        f"{name}: the root element is <{prolog.name}> in {place}{guess}; "
        f"known are {known}; and credentials"
    )


class RecordStream:
    """Iterates over the records of a document, once, in flat memory.

    After the last one, `skeleton` is the root element with its containers and whatever stood in
    them that is no record; `size` is the number of bytes read so far.
    """

    def __init__(self, document: Document):
        self._document = document
        self._containers = {
            f"{{{document.namespace}}}{name}": f"{{{document.namespace}}}{record.container}"
            for name, record in document.table.records.items()
        }
        self.skeleton: etree._Element | None = None
        self.size = 0

    def __iter__(self) -> Iterator[RecordElement]:
        """Yield the records.

        Raises:
            MalformedDocument: not well-formed, or not in the encoding it declares.
            LimitExceeded: a limit was met.
        """
        with self._document.source.open() as stream:
            try:
                yield from self._records(stream)
            except etree.XMLSyntaxError as error:
                raise self._malformed(error) from error

    def _records(self, stream: BoundedStream) -> Iterator[RecordElement]:
        events = etree.iterparse(
            stream,
            events=("end",),
            tag=list(self._containers),
            remove_comments=True,
            remove_pis=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        counts: dict[tuple[str, str], int] = {}
        last: etree._Element | None = None
        for _, element in events:
            container = self._container_of(element)
            if container is None:
                continue
            if last is not None:
                _forget(last)
            stream.mark()
            self.size = stream.taken
            name = etree.QName(element).localname
            ordinal = counts[container, name] = counts.get((container, name), 0) + 1
            path = f"/{self._document.table.root}/{container}/{name}[{ordinal}]"
            yield RecordElement(element, path, element.sourceline or 0)
            last = element
        if last is not None:
            _forget(last)
        self.skeleton = events.root
        self.size = stream.taken

    def _container_of(self, element: etree._Element) -> str | None:
        parent = element.getparent()
        if parent is None or parent.tag != self._containers[element.tag]:
            return None
        root = parent.getparent()
        if root is None or root.getparent() is not None:
            return None
        return str(etree.QName(parent).localname)

    def _malformed(self, error: etree.XMLSyntaxError) -> MalformedDocument | LimitExceeded:
        name = self._document.name
        line, column = error.position
        text = str(error.msg).partition(", line ")[0]
        if "huge" in text.lower() or "excessive depth" in text.lower():
            return LimitExceeded(
                f"{name}:{line}: the parser's own limit was met: {text}",
                limit="parser",
                allowed=256,
                file=name,
                line=line,
            )
        wrong = self._undecodable()
        if wrong is not None:
            return MalformedDocument(
                f"{name}: byte {wrong:,} is not {self._document.encoding or 'UTF-8'}, "
                "which the document declares",
                file=name,
                line=line,
                offset=wrong,
            )
        return MalformedDocument(
            f"{name}:{line}:{column}: not well-formed XML: {text}",
            file=name,
            line=line,
            column=column,
        )

    def _undecodable(self) -> int | None:
        """Return the offset of the first byte that the declared encoding cannot explain."""
        decoder = codecs.getincrementaldecoder(self._document.encoding or "utf-8")()
        done = 0
        with self._document.source.open() as stream:
            while data := stream.read(_CHUNK_BYTES):
                stream.mark()
                pending = len(decoder.getstate()[0])
                try:
                    decoder.decode(data)
                except UnicodeDecodeError as error:
                    return done - pending + error.start
                done += len(data)
        return None


def refuse_too_deep(record: RecordElement, file: str, limit: int) -> None:
    """Refuse a record whose elements are nested deeper than `limit` below it.

    A record that has the structure of its schema cannot be: only others need to be asked.

    Raises:
        LimitExceeded: an element is deeper.
    """
    deepest = record.element.xpath("/".join("*" * (limit + 1)))
    if deepest:
        line = deepest[0].sourceline
        raise LimitExceeded(
            f"{file}:{line}: elements are nested deeper than the limit max_depth allows ({limit})",
            limit="max_depth",
            allowed=limit,
            file=file,
            line=line,
        )


def _forget(record: etree._Element) -> None:
    """Take a finished record out of its container; text behind it stays, to be complained about."""
    container = record.getparent()
    if container is None:
        return
    if record.tail and record.tail.strip():
        container.text = (container.text or "") + record.tail
    before = record.getprevious()
    if before is not None and len(container) > _MAX_STRAY_ELEMENTS:
        container.remove(before)
    container.remove(record)


def has_proof(document: Document) -> bool:
    """Tell whether the document names the XML Signature namespace anywhere."""
    decoder = codecs.getincrementaldecoder(document.encoding or "utf-8")("replace")
    kept = ""
    with document.source.open() as stream:
        while data := stream.read(_CHUNK_BYTES):
            stream.mark()
            text = kept + decoder.decode(data)
            if _SIGNATURE in text:
                return True
            kept = text[-len(_SIGNATURE) :]
    return False
