"""Where results go: whole into a file or onto standard output, or not at all."""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from ..errors import ConfigurationError
from ..formats import Format
from ..terms import PREFIXES

_IN_MEMORY_BYTES = 10_000_000


@contextmanager
def whole_output(output: Path | None) -> Iterator[BinaryIO]:
    """Give a file to write to; it becomes `output` (or goes out) only when nothing failed.

    Raises:
        ConfigurationError: `output` cannot be written.
    """
    if output is None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as spool:
            yield spool  # type: ignore[misc]
            spool.seek(0)
            shutil.copyfileobj(spool, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        return
    try:
        with tempfile.NamedTemporaryFile(
            dir=output.parent, prefix=f".{output.name}.", delete=False
        ) as file:
            draft = Path(file.name)
            try:
                yield file  # type: ignore[misc]
            except BaseException:
                draft.unlink()
                raise
        draft.chmod(0o644)
        draft.replace(output)
    except OSError as error:
        raise ConfigurationError(
            f"{output}: cannot be written: {error.strerror or error}", source=str(output)
        ) from error


def write_rdf(lines: Iterable[str], out: BinaryIO, chosen: Format) -> None:
    """Write N-Triples text in another RDF format."""
    if not isinstance(chosen.oxigraph, ox.RdfFormat):
        raise ConfigurationError(f"{chosen.title} is no RDF format", setting="format")
    if chosen.name in {"nt", "nq"}:
        out.writelines(text.encode() for text in lines)
        return
    quads = (quad for text in lines for quad in ox.parse(input=text, format=ox.RdfFormat.N_TRIPLES))
    ox.serialize(quads, out, format=chosen.oxigraph, prefixes=dict(PREFIXES))
