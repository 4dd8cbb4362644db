"""Where the content of the store comes from, as RDF.

Each version is described in the graph `{base}id/graph/provenance`, and each live record points
there to the version that brought its present state and says whether it conforms: two quads a
record, which is 4 % of what is stored. File and line of a record stay in the log, where pages find
them; as quads they would cost as much again.
"""

import base64
from collections.abc import Iterator

from ..terms import RDF_TYPE, expand
from .values import SourceFile, Verdict, Version

_DERIVED_FROM = f"> <{expand('prov:wasDerivedFrom')}> <"
_VERDICTS = {
    "conforms": f"> <{expand('eld:verdict')}> <{expand('eld:conforms')}> .",
    "warnings": f"> <{expand('eld:verdict')}> <{expand('eld:conformsWithWarnings')}> .",
}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def provenance_graph(base: str) -> str:
    """Return the IRI of the graph of provenance."""
    return f"{base}id/graph/provenance"


def vocabulary_graph(base: str) -> str:
    """Return the IRI of the graph of the code lists."""
    return f"{base}id/graph/vocabulary"


def report_graph(base: str, sequence: int) -> str:
    """Return the IRI of the graph that holds the validation report of a version."""
    return f"{base}id/graph/report/{sequence}"


def version_iri(base: str, sequence: int) -> str:
    """Return the IRI of a version."""
    return f"{base}id/version/{sequence}"


def record_lines(base: str, iri: str, sequence: int, verdict: Verdict) -> tuple[str, str]:
    """Return the N-Triples lines (without line ends) on the present state of a record."""
    return (
        f"<{iri}{_DERIVED_FROM}{version_iri(base, sequence)}> .",
        f"<{iri}{_VERDICTS[verdict]}",
    )


def version_lines(base: str, version: Version, *, previous: int | None, origin: int | None) -> str:
    """Return the N-Triples on a version.

    `previous` is the sequence of the dataset's version before it, `origin` that of the version it
    went back to; None where there is none.
    """
    return "".join(f"{line}\n" for line in _version_lines(base, version, previous, origin))


def _version_lines(
    base: str, version: Version, previous: int | None, origin: int | None
) -> Iterator[str]:
    iri = version_iri(base, version.sequence)
    facts = version.facts
    yield _link(iri, RDF_TYPE, expand("eld:DatasetVersion"))
    yield _link(iri, RDF_TYPE, expand("prov:Entity"))
    yield _link(iri, "dct:isVersionOf", version.dataset)
    yield _link(iri, "dqv:hasQualityMetadata", report_graph(base, version.sequence))
    yield _literal(iri, "dcat:version", str(version.number))
    yield _literal(iri, "eld:sequence", str(version.sequence), "xsd:integer")
    yield _literal(iri, "prov:generatedAtTime", version.time, "xsd:dateTime")
    yield _literal(iri, "void:entities", str(version.records), "xsd:integer")
    yield _literal(iri, "void:triples", str(version.triples), "xsd:integer")
    yield _literal(iri, "eld:mappingVersion", facts.mapping_version)
    yield _literal(iri, "eld:shapesVersion", facts.shapes_version)
    yield _literal(iri, "eld:vocabularyVersion", facts.vocabulary_version)
    yield _literal(iri, "schema:schemaVersion", facts.schema_version)
    yield _literal(iri, "schema:softwareVersion", facts.software_version)
    if previous is not None:
        yield _link(iri, "prov:wasRevisionOf", version_iri(base, previous))
    if origin is not None:
        yield _link(iri, "prov:wasDerivedFrom", version_iri(base, origin))
    for file in facts.files:
        yield from _file_lines(iri, file)


def _file_lines(version: str, file: SourceFile) -> Iterator[str]:
    # a file is named by its content: RFC 6920 <https://www.rfc-editor.org/rfc/rfc6920#section-3>
    digest = base64.urlsafe_b64encode(bytes.fromhex(file.sha256)).decode().rstrip("=")
    iri = f"ni:///sha-256;{digest}"
    yield _link(version, "prov:wasDerivedFrom", iri)
    yield _link(iri, RDF_TYPE, expand("prov:Entity"))
    yield _literal(iri, "eld:sourceFile", file.name)
    yield _literal(iri, "dcat:byteSize", str(file.size), "xsd:nonNegativeInteger")


def _link(subject: str, predicate: str, target: str) -> str:
    return f"<{subject}> <{_full(predicate)}> <{target}> ."


def _literal(subject: str, predicate: str, text: str, datatype: str | None = None) -> str:
    suffix = f"^^<{expand(datatype)}>" if datatype else ""
    return f'<{subject}> <{_full(predicate)}> "{text.translate(_ESCAPES)}"{suffix} .'


def _full(predicate: str) -> str:
    return predicate if predicate.startswith("http") else expand(predicate)
