"""The distributions of a dataset in DCAT-AP: the files of its dumps, and its event stream."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..store import Dataset, Version
from .authorities import authority, described, licence, media_type
from .forms import SUFFIXES, Compression, Form
from .graphs import link, term, text, value
from .names import dataset_name

_FILE_TYPES = {"nq": "RDF_N_QUADS", "ttl": "RDF_TURTLE", "xml": "XML"}
_STREAM_STANDARDS = ("https://w3id.org/ldes/specification", "https://w3id.org/tree/specification")


class Distributions:
    """Describes distributions; `catalogue` is the IRI below which they are named."""

    def __init__(
        self,
        catalogue: str,
        base: str,
        manifests: Callable[[Version], Mapping[str, Any] | None],
    ):
        self._catalogue = catalogue
        self._base = base
        self._manifests = manifests

    def of_version(
        self, dataset: Dataset, version: Version, *, latest: bool
    ) -> Iterator[tuple[str, str]]:
        """Yield IRI and N-Triples lines of each file of a version's dumps.

        With `latest` they are those at the addresses of the newest version, which stay when there
        is a newer one. Sizes and checksums are there when the dumps are.
        """
        manifest = self._manifests(version) or {"files": [], "omitted": {}}
        files = {one["name"].partition(".")[2]: one for one in manifest["files"]}
        number = "latest" if latest else str(version.number)
        name = dataset_name(dataset.iri)
        for suffix, (form, compression) in SUFFIXES.items():
            if form.name not in manifest["omitted"]:
                iri = f"{self._catalogue}#{name}-{number}-{suffix.replace('.', '-')}"
                address = f"{self._base}dumps/{name}/{number}.{suffix}"
                parts = (
                    self._common(iri, dataset, version),
                    _file(iri, address, form, compression),
                    _measures(iri, files.get(suffix)),
                )
                yield iri, "".join(line for part in parts for line in part)

    def stream(self, dataset: Dataset) -> tuple[str, str]:
        """Return IRI and N-Triples lines of the event stream of a dataset."""
        name = dataset_name(dataset.iri)
        iri = f"{self._catalogue}#{name}-stream"
        address = f"{self._base}feeds/records/{name}"
        trig = media_type("application/trig")
        lines = [
            term(iri, "rdf:type", "dcat:Distribution"),
            text(iri, "dct:title", "Event stream of the records", "en"),
            link(iri, "dcat:accessURL", address),
            link(iri, "dcat:accessService", f"{self._catalogue}#records"),
            link(iri, "dcat:mediaType", trig),
            *described(trig, "dct:MediaType"),
            *self._licence(iri, dataset),
            *_available(iri),
        ]
        for standard in _STREAM_STANDARDS:
            lines += [
                link(iri, "dct:conformsTo", standard),
                term(standard, "rdf:type", "dct:Standard"),
            ]
        return iri, "".join(lines)

    def _common(self, iri: str, dataset: Dataset, version: Version) -> Iterator[str]:
        yield term(iri, "rdf:type", "dcat:Distribution")
        yield value(iri, "dct:modified", version.time, "xsd:dateTime")
        yield from self._licence(iri, dataset)
        yield from _available(iri)
        for code in dataset.languages:
            yield link(iri, "dct:language", authority("language", code))

    def _licence(self, iri: str, dataset: Dataset) -> Iterator[str]:
        if dataset.licence:
            yield link(iri, "dct:license", licence(dataset.licence))


def _file(iri: str, address: str, form: Form, compression: Compression) -> Iterator[str]:
    yield text(iri, "dct:title", f"{form.title}, {compression.name}", "en")
    yield link(iri, "dcat:accessURL", address)
    yield link(iri, "dcat:downloadURL", address)
    file_type = authority("file-type", _FILE_TYPES[form.name])
    yield link(iri, "dct:format", file_type)
    yield from described(file_type, "dct:MediaTypeOrExtent")
    for predicate, name in (
        ("dcat:mediaType", form.media_type),
        ("dcat:compressFormat", compression.media_type),
    ):
        yield link(iri, predicate, media_type(name))
        yield from described(media_type(name), "dct:MediaType")


def _measures(iri: str, file: Mapping[str, Any] | None) -> Iterator[str]:
    if file is None:
        return
    checksum = f"{iri}-checksum"
    yield value(iri, "dcat:byteSize", str(file["size"]), "xsd:nonNegativeInteger")
    yield link(iri, "spdx:checksum", checksum)
    yield term(checksum, "rdf:type", "spdx:Checksum")
    yield term(checksum, "spdx:algorithm", "spdx:checksumAlgorithm_sha256")
    yield value(checksum, "spdx:checksumValue", file["sha256"], "xsd:hexBinary")
    yield term(_ALGORITHM, "rdf:type", "spdx:ChecksumAlgorithm")


def _available(iri: str) -> Iterator[str]:
    stable = authority("planned-availability", "STABLE")
    yield link(iri, "dcatap:availability", stable)
    yield from described(stable, "skos:Concept", "Stable")


_ALGORITHM = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
