"""From what lifting and validation found to the parts that are kept."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import pyoxigraph as ox

from ..documents.credentials import CredentialDocument, ProofKind
from ..lift.credentials import LiftedCredential
from ..terms import expand
from ..validate.report import ValidationReport
from .credential_record import (
    ADDED,
    FACTS,
    ORIGINAL,
    STATEMENT,
    VALIDATION,
    Facts,
    KeptAddition,
    KeptFile,
)

_TITLE = ox.NamedNode(expand("dct:title"))
_DISPLAY = ox.NamedNode(expand("elm:displayParameter"))


def parts_of(
    lifted: LiftedCredential,
    document: CredentialDocument,
    data: bytes,
    report: ValidationReport,
    now: datetime,
) -> Mapping[str, bytes]:
    """Return the parts of a credential by name; `data` are the octets as they were received.

    The original that a conversion cites as its evidence is the part that is there anyway.
    """
    contents = {one.iri.rpartition("/")[2]: one for one in lifted.blobs}
    files = tuple(
        KeptFile(
            name,
            ORIGINAL if one.data == data else name,
            one.media_type,
            one.size,
            one.media_object,
        )
        for name, one in contents.items()
    )
    facts = Facts(
        family=lifted.family,
        version=lifted.version,
        iri=lifted.iri,
        titles=_titles(lifted),
        kept=now,
        sha256=sha256(data).hexdigest(),
        size=len(data),
        media_type=_media_type(document),
        converted=lifted.converted,
        files=files,
        additions=tuple(
            KeptAddition(one.subject, one.property, one.value, one.reason)
            for one in lifted.additions
        ),
    )
    return {
        ORIGINAL: data,
        STATEMENT: lifted.sealed.encode(),
        ADDED: lifted.added.encode(),
        FACTS: facts.to_bytes(),
        VALIDATION: report.to_json().encode(),
        **{one.part: contents[one.name].data for one in files if one.part != ORIGINAL},
    }


def _media_type(document: CredentialDocument) -> str:
    if document.family == "edc-xml":
        return "application/xml"
    if document.proof is ProofKind.COMPACT_JWS:
        return "application/jose"
    return "application/jose+json" if document.proof is ProofKind.JADES else "application/ld+json"


def _titles(lifted: LiftedCredential) -> dict[str, str]:
    """Return the titles of the first credential by language; "" stands for none."""
    store = ox.Store()
    store.load(lifted.sealed.encode(), format=ox.RdfFormat.N_TRIPLES)
    top = ox.NamedNode(next((one.iri for one in lifted.credentials), lifted.iri))
    shown = [quad.object for quad in store.quads_for_pattern(top, _DISPLAY, None)]
    titles: dict[str, str] = {}
    for holder in (top, *shown):
        if isinstance(holder, ox.NamedNode):
            for quad in store.quads_for_pattern(holder, _TITLE, None):
                if isinstance(quad.object, ox.Literal):
                    titles.setdefault(quad.object.language or "", quad.object.value)
    return titles
