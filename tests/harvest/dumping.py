"""Stores with sample documents, and dumps as an aggregator reads them."""

import gzip
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import zstandard

from europass_ld import resources
from europass_ld.config import Settings
from europass_ld.ingest import LoadOptions, load_delivery, plan_deliveries
from europass_ld.store import Store
from europass_ld.vocabularies import load_code_lists

BASE = "https://ld.example.org/"
SAMPLES = resources.find("data") / "samples"
SETTINGS = Settings()
FIRST, SECOND = (SAMPLES / "fi-koulutustarjonta" / version for version in ("v1", "v2"))
REGISTER = SAMPLES / "be-quality-register"


def load(directory: Path, *paths: Path, dataset: str | None = None) -> None:
    """Load deliveries into a store, which is made if it is not there."""
    is_there = directory.exists()
    with Store.open(directory) if is_there else Store.create(directory, BASE) as store:
        for plan in plan_deliveries(paths, SETTINGS, base=store.base, dataset=dataset):
            result = load_delivery(store, plan, SETTINGS, load_code_lists(), LoadOptions())
            assert result.outcome == "published", result.report.to_text()


def content(path: Path) -> bytes:
    """Return what is in a compressed file."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()


def checked(folder: Path, *, forms: int = 3) -> Mapping[str, Any]:
    """Return the manifest in a folder of dumps, having checked all that it says of the files."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    for file in manifest["files"]:
        path = folder / file["name"].partition(".")[2]
        data, inside = path.read_bytes(), content(path)
        assert (len(data), len(inside)) == (file["size"], file["contentSize"])
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        assert hashlib.sha256(inside).hexdigest() == file["contentSha256"]
    assert len(manifest["files"]) == 2 * forms
    assert len(manifest["omitted"]) == 3 - forms
    return manifest


def triples(data: bytes, format_: ox.RdfFormat) -> set[ox.Triple]:
    """Return the triples of an RDF document."""
    return {quad.triple for quad in ox.parse(data, format_)}
