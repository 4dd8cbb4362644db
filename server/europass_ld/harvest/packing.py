"""How dumps are compressed: gzip in parts that can be taken over as they are, zstd as a whole.

A gz file is one member (RFC 1952). Its deflate stream has a part for each piece, packed by a
compressor of its own that knows the piece before it, and ended at a byte by an empty stored block
(RFC 1951, section 3.2.4). So the bytes of a part depend on two pieces only, and all together take
no more room than a stream without parts would.

A zst file is one frame (RFC 8878), since many readers stop after the first. Blocks of a frame
cannot be taken over; so all is packed anew, at a level that takes a tenth of the time of one whose
files are a sixth smaller.
"""

import zlib
from collections.abc import Iterator, Sequence
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

from .pieces import Lengths

_GZIP_LEVEL = 6
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # neither name nor time nor kind of system
_LAST_BLOCK = b"\x03\0"  # and nothing in it
_WINDOW = 2**15
_ZSTD_LEVEL = 3
_AT_ONCE = 2**20


class Output(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> int:
        """Write all of them."""


class GzipPacker:
    """Writes a gz file; `lengths` are those of its parts in bytes."""

    def __init__(self, file: Output):
        self._file = file
        self._file.write(_GZIP_HEAD)
        self._before = b""
        self._check = 0
        self._size = 0
        self.lengths: list[int] = []

    def write(self, texts: Sequence[bytes], parts: Sequence[bytes | None]) -> None:
        """Add pieces, and for each the part that it is in the file if that is known."""
        packed = []
        for text, part in zip(texts, parts, strict=True):
            packed.append(_deflated(text, self._before) if part is None else part)
            self._before = text
        self._file.write(b"".join(packed))
        self.lengths += map(len, packed)
        self._measure(b"".join(texts))  # at once: each call of zlib hands the interpreter on

    def _measure(self, text: bytes) -> None:
        self._check = zlib.crc32(text, self._check)
        self._size += len(text)

    def close(self) -> None:
        """Write what stands at the end; the file stays open."""
        numbers = self._check, self._size % 2**32
        self._file.write(_LAST_BLOCK + b"".join(one.to_bytes(4, "little") for one in numbers))


def zstd_packer(file: Output) -> BinaryIO:
    """Return what writes a zst file; closing that leaves `file` open."""
    packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
    return packer.stream_writer(cast("BinaryIO", file), closefd=False)


def parts_and_texts(gz: Path, zst: Path, lengths: Lengths) -> Iterator[tuple[bytes, bytes]]:
    """Yield for each piece the part that it is in a gz file, and its text from a zst file."""
    with gz.open("rb", _AT_ONCE) as parts, zst.open("rb") as packed:
        parts.seek(len(_GZIP_HEAD))
        stream = zstandard.ZstdDecompressor().stream_reader(packed)
        texts = BufferedReader(cast("RawIOBase", stream), _AT_ONCE)
        for part, text in zip(lengths.packed, lengths.texts, strict=True):
            yield parts.read(part), texts.read(text)


def _deflated(text: bytes, before: bytes) -> bytes:
    window = before[-_WINDOW:]
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=window)
    return packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
