"""The forms of a dump: what a version of a dataset is written as, and how it is compressed.

The same records give the same bytes, whenever and wherever they are written: order comes from the
content, and no time gets in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .. import formats


@dataclass(frozen=True, slots=True)
class Form:
    """One form: `name` is its suffix."""

    name: str
    title: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Compression:
    """One way to compress: `name` is its suffix."""

    name: str
    media_type: str


def _rdf(name: str) -> Form:
    known = formats.by_name(name)
    assert known is not None  # noqa: S101 - the table has it
    return Form(name, known.title, known.media_type)


NQ, TTL = _rdf("nq"), _rdf("ttl")
XML = Form("xml", "Europass XML", "application/xml")
FORMS = (NQ, TTL, XML)
GZIP = Compression("gz", "application/gzip")
ZSTD = Compression("zst", "application/zstd")
COMPRESSIONS = (GZIP, ZSTD)
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
