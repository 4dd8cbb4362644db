"""The statement of EDC v2: a credential or a presentation in XML."""

from collections.abc import Iterator
from datetime import datetime

from ..accreditation import Award
from ..organisations import Identifier, Organisation, identifiers, read_identifier
from ..policy import Policy
from ..report import Subject
from ..xml import Element, parse
from .values import (
    EMPTY_STATEMENT,
    MOST_FIELDS,
    Budget,
    Statement,
    limited,
    read_time,
    unique,
)

_SNB = "{http://data.europa.eu/snb}"
_VP = "{http://data.europa.eu/snb/vp}"
_W3C = "{http://data.europa.eu/europass/model/credentials/w3c#}"
_LEGAL_IDENTIFIERS = {"registration": "NTR", "vatIdentifier": "VAT", "taxIdentifier": "VAT"}
_PERSON = {
    "fullName": "full name",
    "givenNames": "given name",
    "familyName": "family name",
    "dateOfBirth": "date of birth",
    "placeOfBirth": "place of birth",
    "nationalId": "national identifier",
    "identifier": "identifier",
    "citizenshipCountry": "citizenship",
}


def read_xml(data: bytes, policy: Policy) -> Statement:
    """Return the statement of a credential or presentation; anything else says nothing.

    Raises:
        Rejection: a date in it cannot be read, or it says more than is ever needed.
    """
    root = parse(data, policy)
    if root.tag == f"{_SNB}europassCredential":
        return _credential(root, Budget())
    return _presentation(root) if root.tag == f"{_VP}verifiablePresentation" else EMPTY_STATEMENT


def _presentation(root: Element) -> Statement:
    budget = Budget()
    held = [_credential(one, budget) for one in root.iterchildren(f"{_SNB}europassCredential")]
    issuer = root.find(f"{_VP}issuer")
    return Statement(
        credential=root.get("id") or next((one.credential for one in held), None),
        issuer=Organisation() if issuer is None else _organisation(issuer),
        mandated=unique(one.issuer for one in held),
        issued=max((one.issued for one in held if one.issued), default=None),
        valid_from=max((one.valid_from for one in held if one.valid_from), default=None),
        valid_until=min((one.valid_until for one in held if one.valid_until), default=None),
        subjects=unique(each for one in held for each in one.subjects),
        awards=unique(each for one in held for each in one.awards),
    )


def _credential(element: Element, budget: Budget) -> Statement:
    budget.spend()
    described = _described(element)
    issuer = _referred(element.find(f"{_W3C}issuer"), described)
    organisation = Organisation() if issuer is None else _organisation(issuer)
    issued, start, end = (
        read_time(element.findtext(f"{_W3C}{name}"))
        for name in ("issued", "validFrom", "validUntil")
    )
    subjects = element.findall(f"{_SNB}credentialSubject")
    kind = _code(element.find(f"{_SNB}type"))
    return Statement(
        credential=element.get(f"{_W3C}id") or element.get("id"),
        issuer=organisation,
        issued=issued,
        valid_from=start,
        valid_until=end,
        subjects=tuple(_subject(one) for one in subjects),
        awards=unique(
            award
            for one in subjects
            for claim in _claims(one, budget)
            if (award := _award(claim, described, organisation, issued or start, kind)) is not None
        ),
    )


def _described(credential: Element) -> dict[str, Element]:
    """Return the entries of the containers at the end of a credential, by id."""
    containers = (
        "learningSpecificationReferences",
        "learningActivitySpecificationReferences",
        "entitlementSpecificationReferences",
        "agentReferences",
        "awardingProcessReferences",
    )
    return {
        entry.get("id"): entry
        for name in containers
        for entry in credential.iterfind(f"{_SNB}{name}/*")
        if entry.get("id")
    }


def _referred(element: Element | None, described: dict[str, Element]) -> Element | None:
    """Return what an element refers to by `idref`, or the element itself."""
    if element is None:
        return None
    reference = element.get("idref")
    return element if reference is None else described.get(reference)


def _claims(subject: Element, budget: Budget) -> Iterator[Element]:
    for container in ("achievements", "activities", "entitlements"):
        for one in subject.iterfind(f"{_SNB}{container}/{_SNB}*"):
            budget.spend()
            yield one


def _award(
    claim: Element,
    described: dict[str, Element],
    issuer: Organisation,
    made: datetime | None,
    kind: str | None,
) -> Award | None:
    """Return what a claim says was awarded; without any date there is nothing to ask."""
    process = _referred(claim.find(f"{_SNB}wasAwardedBy"), described)
    body = None if process is None else _referred(process.find(f"{_SNB}awardingBody"), described)
    awarded = (read_time(process.findtext(f"{_SNB}date")) if process is not None else None) or made
    if awarded is None:
        return None
    specification = _referred(claim.find(f"{_SNB}specifiedBy"), described)
    found = claim if specification is None else specification
    codes = limited(found.iterfind(f"{_SNB}hasISCED-FCode"), "fields", MOST_FIELDS)
    fields = (_code(one) for one in codes)
    return Award(
        organisation=issuer if body is None else _organisation(body),
        on=awarded.date(),
        qualification=None if specification is None else specification.get("id"),
        fields=frozenset(one for one in fields if one),
        eqf_level=_code(found.find(f"{_SNB}eqfLevel")),
        credential_type=kind,
        jurisdiction=_country(process, body),
    )


def _country(*places: Element | None) -> str | None:
    for place in places:
        if place is not None:
            for name in ("location", "hasLocation"):
                path = f"{_SNB}{name}/{_SNB}hasAddress/{_SNB}country"
                if code := _code(place.find(path)):
                    return code
    return None


def _code(element: Element | None) -> str | None:
    return None if element is None else element.get("uri") or None


def _organisation(element: Element) -> Organisation:
    return Organisation(
        iri=element.get("id"),
        identifiers=identifiers(limited(_identifiers(element), "identifiers")),
        names=tuple(_texts(element, "prefLabel")) or tuple(_texts(element, "altLabel")),
    )


def _identifiers(element: Element) -> Iterator[Identifier]:
    for one in element.iterchildren("{*}*"):
        name = one.tag.rpartition("}")[2]
        if name in _LEGAL_IDENTIFIERS:
            scheme = _LEGAL_IDENTIFIERS[name]
            yield read_identifier(one.text or "", scheme, one.get("spatialID") or "")
        elif name == "identifier":
            scheme = one.get("schemeID") or one.get("schemeName") or one.get("schemeAgencyName")
            yield read_identifier(one.text or "", scheme or "")


def _texts(element: Element, name: str) -> Iterator[str]:
    found = limited(element.iterfind(f"{{*}}{name}/{{*}}text"), "names")
    for one in sorted(found, key=lambda text: text.get("lang") != "en"):
        if one.text:
            yield one.text


def _subject(element: Element) -> Subject:
    given, family, full = (
        next(_texts(element, name), "") for name in ("givenNames", "familyName", "fullName")
    )
    return Subject(
        id=element.get("id"),
        name=full or f"{given} {family}".strip() or None,
        date_of_birth=element.findtext(f"{_SNB}dateOfBirth"),
        identified_by=tuple(
            word for name, word in _PERSON.items() if element.find(f"{_SNB}{name}") is not None
        ),
    )
