"""Credentials of invented people, as the tests seal them."""

import json
from typing import Any

ISSUER_IDENTIFIER = "VATXX-12345678"

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<europassCredential xmlns="http://data.europa.eu/snb"
    xmlns:cred="http://data.europa.eu/europass/model/credentials/w3c#"
    cred:id="urn:credential:11111111-2222-3333-4444-555555555555" xsdVersion="0.10.0">
  <type targetFrameworkUrl="http://data.europa.eu/snb/credential/25831c2"
    uri="http://data.europa.eu/snb/credential/6dff8a0f87"/>
  <cred:validFrom>2024-02-01T00:00:00+01:00</cred:validFrom>
  <cred:issued>2024-03-01T10:00:00+01:00</cred:issued>
  <cred:validUntil>2090-12-31T00:00:00+01:00</cred:validUntil>
  <cred:issuer idref="urn:epass:org:1"/>
  <credentialSubject id="urn:epass:person:1">
    <nationalId spatialID="XX">998877</nationalId>
    <fullName><text lang="en">Ada Example</text></fullName>
    <dateOfBirth>1999-12-31</dateOfBirth>
    <achievements><learningAchievement id="urn:epass:learningAchievement:1">
      <title><text lang="en">Welding, advanced</text></title>
      <wasAwardedBy idref="urn:epass:awardingProcess:1"/>
      <specifiedBy idref="urn:epass:qualification:1"/>
    </learningAchievement></achievements>
  </credentialSubject>
  <learningSpecificationReferences><qualification id="urn:epass:qualification:1">
    <title><text lang="en">Welder</text></title>
    <hasISCED-FCode uri="http://data.europa.eu/snb/isced-f/0715"/>
    <eqfLevel uri="http://data.europa.eu/snb/eqf/4"/>
  </qualification></learningSpecificationReferences>
  <agentReferences><organization id="urn:epass:org:1">
    <registration spatialID="XX">REG-0001</registration>
    <vatIdentifier spatialID="XX">12.345.678</vatIdentifier>
    <prefLabel><text lang="en">Example School</text></prefLabel>
    <hasLocation><hasAddress>
      <country uri="http://publications.europa.eu/resource/authority/country/AUT"/>
    </hasAddress></hasLocation>
  </organization></agentReferences>
  <awardingProcessReferences><awardingProcess id="urn:epass:awardingProcess:1">
    <awardingBody idref="urn:epass:org:1"/>
    <date>2024-02-20T00:00:00+01:00</date>
  </awardingProcess></awardingProcessReferences>
  <proof/>
</europassCredential>
"""
PROOF = "{http://data.europa.eu/snb}proof"


def credential(**changes: Any) -> dict[str, Any]:
    """Return an EDC v3 credential with some members changed (None: left out)."""
    organisation = {
        "id": "urn:epass:org:1",
        "type": "Organisation",
        "legalName": {"en": "Example School"},
        "eIDASIdentifier": {
            "id": "urn:epass:legalIdentifier:1",
            "type": "LegalIdentifier",
            "notation": ISSUER_IDENTIFIER,
        },
    }
    document = {
        "id": "urn:credential:66666666-7777-8888-9999-000000000000",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuer": organisation,
        "issuanceDate": "2024-03-01T09:00:00Z",
        "issued": "2024-03-01T09:00:00Z",
        "validFrom": "2024-02-01T00:00:00Z",
        "validUntil": "2090-12-31T00:00:00Z",
        "credentialProfiles": {"id": "http://data.europa.eu/snb/credential/e34929035b"},
        "credentialSubject": {
            "id": "urn:epass:person:1",
            "type": "Person",
            "fullName": {"en": "Ada Example"},
            "dateOfBirth": "1999-12-31T00:00:00Z",
            "hasClaim": {
                "id": "urn:epass:learningAchievement:1",
                "type": "LearningAchievement",
                "title": {"en": "Welding, advanced"},
                "awardedBy": {
                    "type": "AwardingProcess",
                    "awardingBody": {"id": "urn:epass:org:1"},
                    "awardingDate": "2024-02-20T00:00:00Z",
                },
                "specifiedBy": {
                    "id": "https://school.example/qualification/welder",
                    "type": "Qualification",
                    "EQFLevel": {"id": "http://data.europa.eu/snb/eqf/4"},
                    "thematicArea": [{"id": "http://data.europa.eu/snb/isced-f/0715"}],
                },
            },
        },
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "http://data.europa.eu/snb/model/context/edc-ap",
        ],
    }
    merged = {**document, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def payload(**changes: Any) -> str:
    """Return the credential as the text that is sealed."""
    return json.dumps(credential(**changes), ensure_ascii=False)
