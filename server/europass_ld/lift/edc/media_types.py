"""Which type bytes are of, told from the bytes: what a document calls them proves nothing."""

import re

_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM.{12}[\x0c\x28\x6c\x7c]\x00\x00\x00", re.DOTALL), "image/bmp"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "image/tiff"),
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"PK\x03\x04"), "application/zip"),
    (re.compile(rb"\x1f\x8b"), "application/gzip"),
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml\s|[A-Za-z_][\w.-]*[\s:/>])")
_SVG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?svg[\s>]")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)[\s>]", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_LOOKED_AT = 4_096

_FILE_TYPES = "http://publications.europa.eu/resource/authority/file-type/"
_NAMES = (
    ("PNG", "image/png"),
    ("JPEG", "image/jpeg"),
    ("GIF", "image/gif"),
    ("BMP", "image/bmp"),
    ("TIFF", "image/tiff"),
    ("SVG", "image/svg+xml"),
    ("PDF", "application/pdf"),
)
"""How the codes of the EU's file type list begin, for the types that can be told from bytes."""


def contradicts(code: str, found: str) -> bool:
    """Tell whether `code` (an IRI of the file type list) names another type than was `found`."""
    name = code.removeprefix(_FILE_TYPES)
    return any(name.startswith(start) and found != known for start, known in _NAMES)


def media_type(data: bytes) -> str:
    """Return the media type of `data`: `application/octet-stream` where nothing else is certain."""
    start = data[:_LOOKED_AT]
    for signature, name in _SIGNATURES:
        if signature.match(start):
            return name
    if _HTML.match(start):
        return "text/html"
    if _XML.match(start):
        return "image/svg+xml" if _SVG.search(start) else "application/xml"
    if not data or _BINARY.search(start):
        return "application/octet-stream"
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:
            return "application/octet-stream"
    return "text/plain"
