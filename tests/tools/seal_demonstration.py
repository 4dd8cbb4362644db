"""Make the sealed credential of the demonstration: python -m tests.tools.seal_demonstration.

Writes `data/demonstration/`: a fictional diploma with a JAdES seal of level LT, and the trust
folder with the roots that were made for it. Keys are made anew each time and kept nowhere, so that
nobody can seal anything else by these roots.
"""

import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.shared import ROOT
from tests.verify.documents import payload
from tests.verify.pki import (
    FAR,
    QC_COMPLIANCE,
    QC_SEAL,
    Party,
    authority,
    name,
    ocsp_response,
    party,
    time_stamp,
    time_stamping_authority,
)
from tests.verify.sealing import Evidence, JsonSeal, seal_json, to_json

FOLDER = ROOT / "data" / "demonstration"
_SEALED = datetime(2024, 6, 12, 10, tzinfo=UTC)
_START = datetime(2024, 1, 1, tzinfo=UTC)
_UNIVERSITY = "https://data.koulutustarjonta.example/organisaatio/330"
_IDENTIFIER = "VATFI-00000330"
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_VALIDATOR = "ShaclValidator2017"


def _concept(iri: str) -> dict[str, object]:
    """Return a code of a list; the lists of ELM itself all have one name."""
    folder = iri.rpartition("/")[0]
    list_ = folder if iri.startswith(_AUTHORITY) else f"{folder}/25831c2"
    scheme = {"id": list_, "type": "ConceptScheme"}
    return {"id": iri, "type": "Concept", "inScheme": scheme}


_ADDRESS = {
    "id": f"{_UNIVERSITY}#address",
    "type": "Address",
    "countryCode": _concept(f"{_AUTHORITY}country/FIN"),
}
_IMAGE = {
    "id": "urn:epass:mediaObject:1",
    "type": "MediaObject",
    "content": (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
    ),
    "contentEncoding": _concept("http://data.europa.eu/snb/encoding/6146cde7dd"),
    "contentType": _concept(f"{_AUTHORITY}file-type/PNG"),
}
"""How it looks printed: the profile asks for a picture, and this is one white pixel."""
_DISPLAY = {
    "id": "urn:epass:individualDisplay:1",
    "type": "IndividualDisplay",
    "language": _concept(f"{_AUTHORITY}language/ENG"),
    "displayDetail": [
        {"id": "urn:epass:displayDetail:1", "type": "DisplayDetail", "image": _IMAGE, "page": 1}
    ],
}


def _diploma() -> str:
    """Return what is sealed: the degree of nobody, by a university that the samples describe."""
    place = {"id": f"{_UNIVERSITY}#place", "type": "Location", "address": _ADDRESS}
    title = {"en": "Master of Science in Statistics (fictional)"}
    return payload(
        id="urn:credential:2f6d0e5c-8d0b-4f4e-9b65-3f1f8a1c7e21",
        credentialProfiles=_concept("http://data.europa.eu/snb/credential/6cf8e68c43"),
        credentialSchema=[
            {"id": "http://data.europa.eu/snb/model/ap/edc-generic-full", "type": _VALIDATOR}
        ],
        issuanceDate="2024-06-12T10:00:00Z",
        issued="2024-06-12T10:00:00Z",
        validFrom="2024-06-12T00:00:00Z",
        validUntil=None,
        issuer={
            "id": _UNIVERSITY,
            "type": "Organisation",
            "legalName": {"en": "University of the Gulf of Bothnia"},
            "eIDASIdentifier": {
                "id": "urn:epass:legalIdentifier:1",
                "type": "LegalIdentifier",
                "notation": _IDENTIFIER,
                "spatial": _concept(f"{_AUTHORITY}country/FIN"),
            },
            "location": place,
        },
        displayParameter={
            "id": "urn:epass:displayParameter:1",
            "type": "DisplayParameter",
            "title": title,
            "primaryLanguage": _concept(f"{_AUTHORITY}language/ENG"),
            "language": [_concept(f"{_AUTHORITY}language/ENG")],
            "individualDisplay": [_DISPLAY],
        },
        credentialSubject={
            "id": "urn:epass:person:1",
            "type": "Person",
            "fullName": {"en": "Ada Example"},
            "dateOfBirth": "1999-12-31T00:00:00Z",
            "hasClaim": {
                "id": "urn:epass:learningAchievement:1",
                "type": "LearningAchievement",
                "title": title,
                "awardedBy": {
                    "id": "urn:epass:awardingProcess:1",
                    "type": "AwardingProcess",
                    "awardingBody": {"id": _UNIVERSITY},
                    "awardingDate": "2024-06-01T00:00:00Z",
                    "location": place,
                },
                "specifiedBy": {
                    "id": "urn:epass:qualification:1",
                    "type": "Qualification",
                    "title": title,
                    "eqfLevel": _concept("http://data.europa.eu/snb/eqf/7"),
                    "thematicArea": [_concept("http://data.europa.eu/snb/isced-f/0542")],
                },
            },
        },
    )


def main() -> None:
    """Make keys, seal, and write what is public."""
    root = authority("europass-ld demonstration root, worth nothing", start=_START)
    stamps = authority("europass-ld demonstration time-stamps, worth nothing", start=_START)
    signer = party(
        name("Demonstration seal", "University of the Gulf of Bothnia", _IDENTIFIER),
        root,
        start=_START,
        end=FAR,
        qc=[QC_COMPLIANCE, QC_SEAL],
    )
    stamp = partial(
        time_stamp,
        tsa=time_stamping_authority(stamps, start=_START),
        when=_SEALED,
        chain=[stamps],
    )
    evidence = Evidence(
        content_stamp=stamp,
        signature_stamp=stamp,
        ocsp=[ocsp_response(signer, root, when=_SEALED)],
        certificates=[stamps.der],
    )
    shutil.rmtree(FOLDER / "trust", ignore_errors=True)
    _write(FOLDER / "trust" / "roots" / "seals" / "demonstration.pem", root)
    _write(FOLDER / "trust" / "roots" / "time-stamps" / "demonstration.pem", stamps)
    sealed = seal_json(_diploma(), signer, JsonSeal(when=_SEALED, evidence=evidence))
    (FOLDER / "diploma.jsonld").write_bytes(to_json(sealed))


def _write(path: Path, root: Party) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(root.pem)


if __name__ == "__main__":
    main()
