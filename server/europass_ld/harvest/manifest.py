"""The manifest of the dumps of a version: what an aggregator checks its downloads against.

A JSON object with `dataset` (its IRI), `version`, `sequence` (the state of the store that brought
it), `modified`, `complete` (always true: a dump holds all records of the dataset, also where
deliveries are partial), `records`, `triples`, `canonicalHash` (SHA-256 of the dataset's graph as
canonical N-Quads <https://www.w3.org/TR/rdf-canon/>, which is what the N-Quads dump holds), and
`files`: each with `name` (relative to the manifest's address), `mediaType`, `compression`, `size`
and `sha256` of the file, and `contentSize` and `contentSha256` of what is in it. `omitted` says,
by the suffix of a form, why there is none in it: XML cannot say everything that RDF can.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..store import Version
from .forms import Compression, Form

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Measure:
    """Size in bytes and SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DumpFile:
    """One file of a dump: its form, its compression, and the measures of itself and its content."""

    form: Form
    compression: Compression
    file: Measure
    content: Measure

    @property
    def suffix(self) -> str:
        """What its name ends in, without the dot before it."""
        return f"{self.form.name}.{self.compression.name}"


def manifest(version: Version, files: Iterable[DumpFile], omitted: Mapping[str, str]) -> bytes:
    """Return the manifest of a version's dumps as JSON; the reasons in `omitted` are by form."""
    files = list(files)
    (quads,) = {one.content.sha256 for one in files if one.form.name == "nq"}
    members = {
        "dataset": version.dataset,
        "version": version.number,
        "sequence": version.sequence,
        "modified": version.time,
        "complete": True,
        "records": version.records,
        "triples": version.triples,
        "canonicalHash": quads,
        "files": [_file(version.number, one) for one in files],
        "omitted": dict(omitted),
    }
    return f"{json.dumps(members, ensure_ascii=False, indent=1)}\n".encode()


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Read a manifest; its members are those that this module's text names.

    Raises:
        OSError: it is not there.
    """
    members: Mapping[str, Any] = json.loads(path.read_bytes())
    return members


def _file(number: int, one: DumpFile) -> dict[str, str | int]:
    return {
        "name": f"{number}.{one.suffix}",
        "mediaType": one.form.media_type,
        "compression": one.compression.media_type,
        "size": one.file.size,
        "sha256": one.file.sha256,
        "contentSize": one.content.size,
        "contentSha256": one.content.sha256,
    }
