"""From bytes to records: find documents, tell what they are, and read them safely."""

from .document import (
    Document,
    RecordElement,
    RecordStream,
    has_proof,
    read_document,
    refuse_too_deep,
)
from .paths import element_name, element_path
from .sources import SUFFIXES, BoundedStream, Source, find_sources, last_name

__all__ = [
    "SUFFIXES",
    "BoundedStream",
    "Document",
    "RecordElement",
    "RecordStream",
    "Source",
    "element_name",
    "element_path",
    "find_sources",
    "has_proof",
    "last_name",
    "read_document",
    "refuse_too_deep",
]
