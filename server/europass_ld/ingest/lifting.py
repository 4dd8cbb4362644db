"""Lift a document outside any store, and lower RDF to a document that is valid."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import BinaryIO

import pyoxigraph as ox

from ..config import Settings
from ..documents import BoundedStream, Document, RecordStream, Source, read_document
from ..errors import LiftError, UnmappableValue
from ..lift import Lifter, lower
from ..mapping import load_mapping
from ..validate.structure import StructureValidator


def lift_document(source: Source, settings: Settings) -> Iterator[str]:
    """Yield the N-Triples text of a document, record by record.

    Raises:
        UnsupportedDocument, MalformedDocument, LimitExceeded: the document cannot be read.
        LiftError: its structure is wrong, or a value has no place in RDF; the message names the
            first such place.
    """
    document = read_document(source)
    lifter = Lifter(
        document.table,
        document.namespace,
        settings.base,
        max_text_length=settings.max_text_length,
    )
    structure = StructureValidator(document.table.family, document.version, document.namespace)
    stream = RecordStream(document)
    for record in stream:
        for problem in structure.record(record.element):
            raise _wrong(source, problem.message, record.path, problem.path, problem.line)
        lifted = lifter.record(record.element)
        for found in lifted.problems:
            if found.fatal:
                raise UnmappableValue(
                    f"{source.name}:{found.line}: {found.message} ({found.value!r})",
                    path=f"{record.path}/{found.path}",
                    line=found.line,
                    value=found.value,
                )
        yield lifted.triples
    for problem in structure.skeleton(stream.skeleton):
        raise _wrong(source, problem.message, "", problem.path, problem.line)


def lower_document(
    triples: Iterable[ox.Quad | ox.Triple], out: BinaryIO, *, version: str, settings: Settings
) -> str:
    """Write RDF to `out` as a document of `version` and return its family.

    Raises:
        LiftError: the mapping cannot write it, or that version of the schema does not allow it.
    """
    start = out.tell()
    family = lower(triples, out, version=version)
    out.seek(start)
    document = Document(
        Source(
            "the XML",
            lambda: nullcontext(BoundedStream(out, "the XML", None, settings)),
            stored=out.tell() - start,
        ),
        load_mapping(family),
        load_mapping(family).namespace(version),
        version,
        declared=None,
        encoding=None,
    )
    structure = StructureValidator(family, version, document.namespace)
    for record in RecordStream(document):
        structure.require(record.element, record.element.get("id"))
    return family


def _wrong(source: Source, message: str, record: str, path: str, line: int | None) -> LiftError:
    full = f"{record}/{path}".rstrip("/")
    return LiftError(
        f"{source.name}:{line}: {message}, at {full} (europass-ld validate lists everything)",
        path=full,
        line=line,
    )
