"""The forms of a dump: what a version of a dataset is written as, and how it is compressed.

The same records give the same bytes, whenever and wherever they are written: order comes from the
content, and no time gets in.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

import zstandard

from .. import formats
from ..profiles import dataset_xml
from ..store import Reader, Version, n_quads
from ..turtle import turtle_in_parts

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Form:
    """One form: `name` is its suffix, `write` yields a version of a dataset in it."""

    name: str
    title: str
    media_type: str
    write: Callable[[Reader, Version], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Compression:
    """One way to compress: `name` is its suffix, `open` returns what compresses into a file.

    Closing that leaves the file open.
    """

    name: str
    media_type: str
    open: Callable[[BinaryIO], BinaryIO]


def _quads(reader: Reader, version: Version) -> Iterator[bytes]:
    parts = reader.statements(version.dataset, sequence=version.sequence)
    return n_quads(parts, version.dataset)


def _turtle(reader: Reader, version: Version) -> Iterator[bytes]:
    parts = reader.statements(version.dataset, sequence=version.sequence)
    texts = ("".join(f"{line}\n" for line in lines) for lines in parts)
    return (text.encode() for text in turtle_in_parts(texts))


def _xml(reader: Reader, version: Version) -> Iterator[bytes]:
    return dataset_xml(reader, version.dataset, sequence=version.sequence)


def _gzip(file: BinaryIO) -> BinaryIO:
    # neither name nor time: RFC 1952, section 2.3.1
    return gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0)  # type: ignore[return-value]


def _zstd(file: BinaryIO) -> BinaryIO:
    packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
    return packer.stream_writer(file, closefd=False)


def _rdf(name: str, write: Callable[[Reader, Version], Iterator[bytes]]) -> Form:
    known = formats.by_name(name)
    assert known is not None  # noqa: S101 - the table has it
    return Form(name, known.title, known.media_type, write)


FORMS = (
    _rdf("nq", _quads),
    _rdf("ttl", _turtle),
    Form("xml", "Europass XML", "application/xml", _xml),
)
COMPRESSIONS = (
    Compression("gz", "application/gzip", _gzip),
    Compression("zst", "application/zstd", _zstd),
)
SUFFIXES: Mapping[str, tuple[Form, Compression]] = MappingProxyType(
    {
        f"{form.name}.{compression.name}": (form, compression)
        for form in FORMS
        for compression in COMPRESSIONS
    }
)
"""What the name of a dump ends in, and what it then is."""


def suffixes(form: Form) -> Iterable[str]:
    """Return the suffixes under which a form is written."""
    return (name for name, (one, _) in SUFFIXES.items() if one is form)
