"""What a credential document is: its family, version and kind, and which proof it carries.

Two families: "edc-xml" (EDC v2, elements of `http://data.europa.eu/snb`) and "edc-jsonld" (EDC v3
and other W3C credentials). Nothing is verified here and nothing of the content is believed: the
answer only says which verifier and which lifter are to look at the document.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from lxml import etree

from ..errors import MalformedDocument, UnsupportedDocument
from .limits import DEFAULT_LIMITS, CredentialLimits
from .safe_xml import read_xml
from .strict_json import read_json

SNB = "http://data.europa.eu/snb"
"""The namespace of EDC v2 credentials."""
SNB_PRESENTATION = "http://data.europa.eu/snb/vp"
"""The namespace of what stands around them in a presentation."""
SNB_DRAFT = "http://data.europa.eu/europass/model/credentials#"
"""The namespace of the first drafts of EDC v2."""
W3C_DRAFT = "http://data.europa.eu/europass/model/credentials/w3c#"
"""The namespace of identifier, dates and issuer in EDC v2."""

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
"""The context of W3C Verifiable Credentials 1.1."""
EDC_AP = "http://data.europa.eu/snb/model/context/edc-ap"
"""The context of European Digital Credentials (EDC v3, in the European Learning Model)."""

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_SCHEMA_FILE = re.compile(
    r"(generic|diplomasupplement|accreditation|mandated|shared)schema"
    r"(?:_(generic|dp|accred))?(?:_(1\.[0-2]))?\.xsd"
)
_PROFILES = {
    "generic": "generic",
    "diplomasupplement": "diploma-supplement",
    "dp": "diploma-supplement",
    "accreditation": "accredited",
    "accred": "accredited",
}
_AUTHORED = frozenset({"0.10.0", "1.0"})
_CREDENTIAL_TYPES = frozenset({"VerifiableCredential", "EuropeanDigitalCredential"})
_PRESENTATION_TYPES = frozenset({"VerifiablePresentation", "EuropeanDigitalPresentation"})
_COMPACT_JWS = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_OTHER_XML = MappingProxyType(
    {
        "Courses": "learning opportunities or qualifications (LOQ): validate and load take it",
        "Accreditations": "accreditations (AMS): validate and load take it",
        "Candidate": "a Europass CV (Candidate)",
        "SkillsPassport": "a Europass CV (SkillsPassport)",
        "learnerinfo": "a Europass CV (2.x)",
        "elmo": "an EMREX document (ELMO)",
        "html": "a web page",
    }
)


class ProofKind(StrEnum):
    """Which proof a document carries, told from its form alone."""

    NONE = "none"
    XADES = "xades"
    JADES = "jades"
    """A JWS in its JSON serialisation, around the credential."""
    COMPACT_JWS = "jws-compact"
    DATA_INTEGRITY = "data-integrity"
    """A `proof` member, whatever its cryptosuite."""


@dataclass(frozen=True, slots=True)
class CredentialDocument:
    """What a document turned out to be.

    `version`: for "edc-xml" that of the schemas (1.0, 1.1, 1.2; "draft" for what is older), for
    "edc-jsonld" that of the W3C data model ("1.1", "2.0"). `profile`: generic, diploma-supplement
    or accredited, as the document names its schema ("edc-xml" only, else None). `presentation`:
    a presentation around credentials. `schema`: our XML Schema for it, without ending, in
    `schemas/edc-v2` ("edc-xml" only; None for drafts). `contexts`: the JSON-LD contexts it names.
    """

    family: str
    version: str
    presentation: bool
    proof: ProofKind
    profile: str | None = None
    schema: str | None = None
    contexts: tuple[str, ...] = ()


def detect_credential(
    data: bytes, name: str = "document", limits: CredentialLimits = DEFAULT_LIMITS
) -> CredentialDocument:
    """Tell what `data` is, from the octets as they were received; `name` is for messages.

    Raises:
        UnsupportedDocument: no credential of a known family; the message says what it looks like.
        MalformedDocument: not well-formed, a DOCTYPE, a repeated JSON member.
        LimitExceeded: larger or deeper than `limits` allow.
    """
    limits.check_size(len(data), name)
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"<":
        return describe_xml(read_xml(data, name, limits), name)
    if start in {b"{", b"["}:
        return _describe_json(read_json(data, name, limits), name, limits)
    if _COMPACT_JWS.fullmatch(data.strip()):
        return _describe_compact(data.strip(), name, limits)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # XML in UTF-16
        return describe_xml(read_xml(data, name, limits), name)
    what = "an empty file" if not data.strip() else "neither XML nor JSON nor a compact JWS"
    raise UnsupportedDocument(f"{name}: no credential: {what}", file=name)


def describe_xml(root: etree._Element, name: str) -> CredentialDocument:
    """Tell what the XML document below `root` is; see `detect_credential`."""
    tag = etree.QName(root)
    proof = ProofKind.XADES if next(root.iter(_SIGNATURE), None) is not None else ProofKind.NONE
    if tag.localname == "verifiablePresentation" and tag.namespace == SNB_PRESENTATION:
        return _xml_document(root, proof, root.find(f"{{{SNB}}}europassCredential"))
    if tag.localname == "europassCredential" and tag.namespace in {SNB, SNB_DRAFT, None}:
        return _xml_document(root, proof, root if tag.namespace == SNB else None)
    place = f"namespace {tag.namespace}" if tag.namespace else "no namespace"
    looks = _OTHER_XML.get(tag.localname)
    guess = f", which looks like {looks}" if looks else ""
    raise UnsupportedDocument(
        f"{name}: the root element is <{tag.localname}> in {place}{guess}; known credentials are "
        f"<europassCredential> in {SNB} and <verifiablePresentation> in {SNB_PRESENTATION}",
        file=name,
    )


def _xml_document(
    root: etree._Element, proof: ProofKind, credential: etree._Element | None
) -> CredentialDocument:
    """Describe a document; without a `credential` of a known namespace in it, it is a draft.

    The version is that in the name of the schema which it says it follows (none in it: 1.0), else
    the last one.
    """
    locations = str(root.get(_SCHEMA_LOCATION) or "").split()
    named = next((found for one in locations if (found := _SCHEMA_FILE.search(one))), None)
    kind, inner, version = named.groups() if named else ("generic", None, "1.2")
    version = version or "1.0"
    declared = credential.get("xsdVersion", "0.10.0") if credential is not None else ""
    draft = declared.strip() not in _AUTHORED
    presentation = etree.QName(root).localname == "verifiablePresentation"
    return CredentialDocument(
        "edc-xml",
        "draft" if draft else version,
        presentation,
        proof,
        profile=_PROFILES.get(inner or kind, "generic"),
        schema=None if draft else _schema(presentation, kind, version),
    )


def _schema(presentation: bool, kind: str, version: str) -> str:
    if not presentation:
        return f"credential-{version}"
    if version == "1.2" or kind not in {"mandated", "shared"}:
        return "presentation-1.2"
    return f"{kind}-{version}"


def _describe_json(value: Any, name: str, limits: CredentialLimits) -> CredentialDocument:
    if not isinstance(value, dict):
        raise UnsupportedDocument(f"{name}: no credential: JSON that is no object", file=name)
    if "payload" in value and ("signatures" in value or "signature" in value):
        payload = value["payload"]
        if not isinstance(payload, str):
            raise MalformedDocument(f"{name}: the payload of a JWS must be a string", file=name)
        inner = payload.encode() if payload.lstrip().startswith("{") else _decoded(payload, name)
        return _sealed(inner, ProofKind.JADES, name, limits)
    proof = ProofKind.DATA_INTEGRITY if "proof" in value else ProofKind.NONE
    return describe_jsonld(value, name, proof)


def _describe_compact(data: bytes, name: str, limits: CredentialLimits) -> CredentialDocument:
    _, payload, _ = data.decode("ascii").split(".")
    if not payload:
        raise UnsupportedDocument(
            f"{name}: a compact JWS with a detached payload; the credential must be in it",
            file=name,
        )
    return _sealed(_decoded(payload, name), ProofKind.COMPACT_JWS, name, limits)


def _decoded(text: str, name: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        message = f"{name}: the payload of a JWS is not base64url"
        raise MalformedDocument(message, file=name) from error


def _sealed(
    payload: bytes, proof: ProofKind, name: str, limits: CredentialLimits
) -> CredentialDocument:
    value = read_json(payload, f"{name}, payload", limits)
    if not isinstance(value, dict):
        raise UnsupportedDocument(f"{name}: the payload of the JWS is no credential", file=name)
    if "vc" in value or "vp" in value:
        raise UnsupportedDocument(
            f"{name}: a JSON Web Token with a credential in its claims (VC-JWT), not supported; "
            "known are credentials that are the whole payload",
            file=name,
        )
    return describe_jsonld(value, name, proof)


def describe_jsonld(
    value: Mapping[str, Any], name: str, proof: ProofKind = ProofKind.NONE
) -> CredentialDocument:
    """Tell what a JSON-LD document is; `proof` is what was found around it."""
    contexts = tuple(_contexts(value.get("@context")))
    types = set(_strings(value.get("type", value.get("@type"))))
    if not contexts or not types & (_CREDENTIAL_TYPES | _PRESENTATION_TYPES):
        raise UnsupportedDocument(f"{name}: {_looks_like(value)}", file=name)
    version = "2.0" if "https://www.w3.org/ns/credentials/v2" in contexts else "1.1"
    presentation = bool(types & _PRESENTATION_TYPES) and not types & _CREDENTIAL_TYPES
    return CredentialDocument("edc-jsonld", version, presentation, proof, contexts=contexts)


def _looks_like(value: Mapping[str, Any]) -> str:
    if "credential" in value:
        return (
            "an upload for the European issuer, which will seal what its member `credential` "
            "holds; take that member out to examine it"
        )
    if "@graph" in value or "@context" in value:
        return "JSON-LD, but neither a credential nor a presentation by its type"
    return "JSON, but no credential: it has no @context with the type of a credential"


def _contexts(context: Any) -> Iterator[str]:
    for one in context if isinstance(context, list) else [context]:
        if isinstance(one, str):
            yield one


def _strings(value: Any) -> Iterator[str]:
    return (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
