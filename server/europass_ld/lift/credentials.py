"""The one door for lifting credentials: signed octets in, statements and blobs out."""

from collections.abc import Iterator

import pyoxigraph as ox
from lxml import etree

from ..documents.credentials import describe_jsonld, describe_xml
from ..documents.limits import DEFAULT_LIMITS, CredentialLimits
from ..documents.safe_xml import read_xml
from ..documents.strict_json import read_json
from ..errors import LiftError, MalformedDocument
from ..terms import RDF_TYPE, expand
from ..vocabularies import CodeLists
from .edc.additions import Additions
from .edc.statements import CONTENT, Statements
from .edc.values import (
    Addition,
    Blob,
    CredentialProblem,
    LiftedCredential,
    NameNode,
    Place,
    ProblemKind,
    StatedCredential,
)
from .edc.xml import lift_xml
from .jsonld import lift_jsonld

__all__ = [
    "Addition",
    "Blob",
    "CredentialProblem",
    "LiftedCredential",
    "NameNode",
    "Place",
    "ProblemKind",
    "StatedCredential",
    "lift_credential",
]

_CREDENTIAL_CLASSES = frozenset(
    f"<{expand(curie)}>" for curie in ("cred:VerifiableCredential", "elm:EuropeanDigitalCredential")
)
_NAME = "credential"
_NOWHERE = Place(None, "")


def lift_credential(
    data: bytes,
    *,
    media_type: str,
    name_node: NameNode,
    code_lists: CodeLists,
    original: bytes | None = None,
    limits: CredentialLimits = DEFAULT_LIMITS,
) -> LiftedCredential:
    """Lift the octets that were signed, and no others, to RDF in the European Learning Model.

    `media_type` says what they are: application/xml (EDC v2, canonical XML), application/ld+json
    (EDC v3 and other W3C credentials), application/n-quads (the canonical dataset of a credential
    with a Data Integrity proof). `name_node` names nodes without an identifier; in a private store
    it must give random IRIs. `original` are the octets as they were received: conversion from EDC
    v2 keeps them as evidence (the signed octets, without it).

    What a proof says about itself is not lifted: that is for the verification report.

    Raises:
        UnsupportedDocument: no credential of a known family.
        MalformedDocument, LimitExceeded: it cannot be read.
        UnmappedElement, UnmappableValue: JSON-LD of which a part would be lost.
        LiftError: a media type or a dataset that is none of the above.
    """
    out = Statements(name_node)
    if media_type == "application/xml":
        root = read_xml(data, _NAME, limits)
        return _from_xml(root, data, out, code_lists, original or data)
    if media_type == "application/ld+json":
        value = read_json(data, _NAME, limits)
        if not isinstance(value, dict):
            raise MalformedDocument("a credential in JSON must be an object", file=_NAME)
        found = describe_jsonld(value, _NAME)
        iri = lift_jsonld(value, out)
        return _lifted(out, "edc-jsonld", found.version, iri, data)
    if media_type == "application/n-quads":
        iri = _from_nquads(data, out, limits)
        old = any(predicate == expand("cred:issuanceDate") for _, predicate, _ in out)
        return _lifted(out, "edc-jsonld", "1.1" if old else "2.0", iri, data)
    raise LiftError(f"no credential has the media type {media_type}", path="", line=None)


def _from_xml(
    root: etree._Element, data: bytes, out: Statements, code_lists: CodeLists, original: bytes
) -> LiftedCredential:
    version = describe_xml(root, _NAME).version
    iri = lift_xml(root, out, code_lists)
    additions = Additions(out)
    evidence = Blob(out.name_node(), out.name_node(), original)
    additions.conclude(_credentials(out), evidence)
    out.blobs[evidence.media_object, original] = evidence
    return _lifted(out, "edc-xml", version, iri, data, additions)


def _from_nquads(data: bytes, out: Statements, limits: CredentialLimits) -> str:
    """State what a canonical dataset says; return the IRI of the credential or presentation."""
    limits.check_size(len(data), _NAME)
    limits.check_values(data.count(b"\n"), _NAME)
    names: dict[str, str] = {}

    def name(node: ox.NamedNode | ox.BlankNode) -> str:
        if isinstance(node, ox.NamedNode):
            return node.value
        if node.value not in names:
            names[node.value] = out.name_node()
        return names[node.value]

    try:
        quads = list(ox.parse(data, ox.RdfFormat.N_QUADS))
    except SyntaxError as error:
        raise MalformedDocument(f"not N-Quads, line {error.lineno}", file=_NAME) from error
    for quad in quads:
        if not isinstance(quad.subject, ox.NamedNode | ox.BlankNode):
            raise MalformedDocument("a statement about a statement", file=_NAME)
        subject, predicate, value = name(quad.subject), quad.predicate.value, quad.object
        if isinstance(value, ox.NamedNode | ox.BlankNode):
            out.link(subject, predicate, name(value), _NOWHERE)
        elif isinstance(value, ox.Literal) and predicate == CONTENT:
            out.content(subject, value.value, _NOWHERE)
        else:
            out.add(subject, predicate, str(value), _NOWHERE)
    return _outermost(out)


def _outermost(out: Statements) -> str:
    objects = {value for _, predicate, value in out if predicate != RDF_TYPE}
    tops = [iri for iri in _typed(out, "Presentation") if f"<{iri}>" not in objects]
    tops += [iri for iri in _credentials(out) if f"<{iri}>" not in objects]
    if not tops:
        raise LiftError("no credential in the dataset", path="", line=None)
    return tops[0]


def _typed(out: Statements, ending: str) -> list[str]:
    return [s for s, p, value in out if p == RDF_TYPE and value.endswith(f"{ending}>")]


def _credentials(out: Statements) -> list[str]:
    found = (s for s, p, value in out if p == RDF_TYPE and value in _CREDENTIAL_CLASSES)
    return list(dict.fromkeys(found))


def _lifted(
    out: Statements,
    family: str,
    version: str,
    iri: str,
    data: bytes,
    additions: Additions | None = None,
) -> LiftedCredential:
    return LiftedCredential(
        family=family,
        version=version,
        iri=iri,
        credentials=tuple(_stated(out)),
        sealed=out.text(),
        added=additions.text() if additions else "",
        additions=tuple(additions.found) if additions else (),
        blobs=tuple(out.blobs.values()),
        places=out.places,
        problems=tuple(out.problems),
        source=data,
    )


def _stated(out: Statements) -> Iterator[StatedCredential]:
    facts: dict[str, dict[str, list[str]]] = {iri: {} for iri in _credentials(out)}
    for subject, predicate, value in out:
        if subject in facts and value.startswith("<"):
            facts[subject].setdefault(predicate, []).append(value[1:-1])
    for iri, said in facts.items():
        yield StatedCredential(
            iri,
            next(iter(said.get(expand("cred:issuer"), [])), None),
            tuple(said.get(expand("cred:credentialSubject"), [])),
            tuple(said.get(expand("elm:credentialProfiles"), [])),
        )
