"""Send what is text in fewer bytes, to those who say that they can read it.

RFC 9110, sections 8.4 and 12.5.3 <https://www.rfc-editor.org/rfc/rfc9110#section-8.4>; Brotli is
RFC 7932, Zstandard RFC 8878.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard
from flask import Response

from ..negotiation import choose_coding

_SMALL = 500
"""Bytes of a body that is left as it is: nothing would be gained."""
_TEXTS = frozenset(
    {
        "application/n-triples",
        "application/n-quads",
        "application/trig",
        "application/rdf+xml",
        "application/json",
        "application/xml",
        "image/svg+xml",
    }
)


class _Encoder(Protocol):
    def part(self, data: bytes) -> bytes: ...
    def end(self) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(5, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def part(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._stream.flush()


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Compressor(quality=4)

    def part(self, data: bytes) -> bytes:
        return bytes(self._stream.process(data) + self._stream.flush())

    def end(self) -> bytes:
        return bytes(self._stream.finish())


class _Zstandard:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor(level=3).compressobj()

    def part(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._stream.flush()


_ENCODERS: dict[str, Callable[[], _Encoder]] = {
    "zstd": _Zstandard,
    "br": _Brotli,
    "gzip": _Gzip,
}


def encode(response: Response, accepted: str | None) -> None:
    """Encode the body of a response, if it is text and Accept-Encoding allows a coding."""
    if response.direct_passthrough or not _is_text(response.mimetype or ""):
        return
    if "Accept-Encoding" not in response.headers.get("Vary", ""):
        response.vary.add("Accept-Encoding")
    coding = choose_coding(accepted)
    if coding is None or "Content-Encoding" in response.headers:
        return
    if response.is_streamed:
        response.response = encoded(response.iter_encoded(), coding)
    else:
        body = response.get_data()
        if len(body) < _SMALL:
            return
        response.set_data(b"".join(encoded((body,), coding)))
    response.headers["Content-Encoding"] = coding
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):  # a strong one is of the bytes that are sent
        response.headers["ETag"] = f'{tag[:-1]}-{coding}"'


def encoded(parts: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield parts in a coding, each so that it can be read when it comes."""
    encoder = _ENCODERS[coding]()
    for part in parts:
        yield encoder.part(part)
    yield encoder.end()


def _is_text(mimetype: str) -> bool:
    return (
        mimetype.startswith("text/") or mimetype in _TEXTS or mimetype.endswith(("+json", "+xml"))
    )
