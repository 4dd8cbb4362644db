"""The statement of a JSON-LD credential or presentation.

Works on JSON as EDC v3 and the Verifiable Credentials data model
<https://www.w3.org/TR/vc-data-model-2.0/> have it, and on the nodes of a graph under the same
names (see `graph`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from ..accreditation import Award
from ..organisations import Identifier, Organisation, identifiers, read_identifier
from ..report import Subject
from .values import (
    EMPTY_STATEMENT,
    MOST_FIELDS,
    Budget,
    Statement,
    limited,
    read_time,
    unique,
)

Node = Mapping[str, Any]

_CREDENTIALS = {"VerifiableCredential", "EuropeanDigitalCredential"}
_PRESENTATIONS = {"VerifiablePresentation", "EuropeanDigitalPresentation"}
_LEGAL_IDENTIFIERS = {
    "eIDASIdentifier": "",
    "registration": "NTR",
    "vatIdentifier": "VAT",
    "taxIdentifier": "VAT",
}
_FIELDS = ("thematicArea", "ISCEDFCode")
"""What the context of EDC calls a field of education, and what a graph does."""
_PERSON = {
    "fullName": "full name",
    "givenName": "given name",
    "familyName": "family name",
    "dateOfBirth": "date of birth",
    "placeOfBirth": "place of birth",
    "nationalID": "national identifier",
    "identifier": "identifier",
    "citizenshipCountry": "citizenship",
}


@dataclass(frozen=True, slots=True)
class _Document:
    """A JSON-LD document whose nodes may be described once and named elsewhere by `id`."""

    nodes: dict[str, Node]
    budget: Budget = field(default_factory=Budget)

    def resolve(self, value: object) -> Node | None:
        """Return the node that a value is or names."""
        if isinstance(value, str):
            return self.nodes.setdefault(value, {"id": value})
        if not isinstance(value, dict):
            return None
        identifier = value.get("id")
        if len(value) == 1 and isinstance(identifier, str):
            return self.nodes.get(identifier, value)
        return value

    def all(self, node: Node, name: str) -> Iterator[Node]:
        """Yield the nodes that a member is or names, each once."""
        seen = set()
        for one in many(node.get(name)):
            found = self.resolve(one)
            if found is not None and id(found) not in seen:
                seen.add(id(found))
                yield found

    def one(self, node: Node, name: str) -> Node:
        """Return the first of them, or a node that says nothing."""
        return next(self.all(node, name), {})


def read_document(document: object) -> Statement:
    """Return the statement of a credential or presentation; anything else says nothing.

    Raises:
        Rejection: a date in it cannot be read, or it says more than is ever needed.
    """
    if not isinstance(document, dict):
        return EMPTY_STATEMENT
    within = _Document(_described(document))
    kinds = set(map(str, many(document.get("type"))))
    if kinds & _PRESENTATIONS:
        return _presentation(document, within)
    return _credential(document, within) if kinds & _CREDENTIALS else EMPTY_STATEMENT


def many(value: object) -> list[Any]:
    """Return a member's values as a list: none, one, or several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _described(document: Node) -> dict[str, Node]:
    """Return the first description of each node that has an id and says more than that."""
    found: dict[str, Node] = {}
    waiting: list[Any] = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            identifier = one.get("id")
            if isinstance(identifier, str) and len(one) > 1:
                found.setdefault(identifier, one)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


def _presentation(document: Node, within: _Document) -> Statement:
    held = [_credential(one, within) for one in within.all(document, "verifiableCredential")]
    issuer = within.one(document, "issuer") or within.one(document, "holder")
    return Statement(
        credential=_text(document.get("id")),
        issuer=_organisation(issuer, within),
        mandated=unique(one.issuer for one in held),
        valid_from=max((one.valid_from for one in held if one.valid_from), default=None),
        valid_until=min((one.valid_until for one in held if one.valid_until), default=None),
        status=next((one.status for one in held if one.status), None),
        subjects=unique(each for one in held for each in one.subjects),
        awards=unique(each for one in held for each in one.awards),
    )


def _credential(node: Node, within: _Document) -> Statement:
    within.budget.spend()
    issuer = _organisation(within.one(node, "issuer"), within)
    issued = _earliest(node, "issued", "issuanceDate")
    valid_from = _earliest(node, "validFrom", "issuanceDate")
    subjects = list(within.all(node, "credentialSubject"))
    profile = _text(within.one(node, "credentialProfiles").get("id"))
    made = issued or valid_from
    return Statement(
        credential=_text(node.get("id")),
        issuer=issuer,
        issued=issued,
        valid_from=valid_from,
        valid_until=_earliest(node, "validUntil", "expirationDate"),
        status=next(within.all(node, "credentialStatus"), None),
        subjects=tuple(_subject(one) for one in subjects),
        awards=unique(
            award
            for one in subjects
            for claim in within.all(one, "hasClaim")
            if (award := _award(claim, within, issuer, made, profile)) is not None
        ),
    )


def _earliest(node: Node, *names: str) -> datetime | None:
    times = [read_time(one) for name in names for one in many(node.get(name))]
    return min((one for one in times if one is not None), default=None)


def _award(
    claim: Node, within: _Document, issuer: Organisation, made: datetime | None, profile: str | None
) -> Award | None:
    """Return what a claim says was awarded; without any date there is nothing to ask."""
    within.budget.spend()
    process = within.one(claim, "awardedBy")
    body = within.one(process, "awardingBody")
    awarded = _earliest(process, "awardingDate") or made
    if awarded is None:
        return None
    specification = within.one(claim, "specifiedBy")
    place = within.one(process, "location") or within.one(body, "location")
    areas = chain.from_iterable(within.all(specification, one) for one in _FIELDS)
    codes = limited(areas, "fields", MOST_FIELDS)
    fields = (_text(one.get("id")) for one in codes)
    return Award(
        organisation=_organisation(body, within) if body else issuer,
        on=awarded.date(),
        qualification=_text(specification.get("id")),
        fields=frozenset(one for one in fields if one),
        eqf_level=_text(_level(specification, within).get("id")),
        credential_type=profile,
        jurisdiction=_text(within.one(within.one(place, "address"), "countryCode").get("id")),
    )


def _level(specification: Node, within: _Document) -> Node:
    return within.one(specification, "EQFLevel") or within.one(specification, "eqfLevel")


def _organisation(node: Node, within: _Document) -> Organisation:
    return Organisation(
        iri=_text(node.get("id")),
        identifiers=identifiers(limited(_identifiers(node, within), "identifiers")),
        names=tuple(_texts(node.get("legalName"))) or tuple(_texts(node.get("altLabel"))),
    )


def _identifiers(node: Node, within: _Document) -> Iterator[Identifier]:
    for name, scheme in _LEGAL_IDENTIFIERS.items():
        for one in within.all(node, name):
            country = _text(within.one(one, "spatial").get("id")) or ""
            yield from (
                read_identifier(text, scheme, country) for text in _texts(one.get("notation"))
            )
    for one in within.all(node, "identifier"):
        scheme = next(_texts(one.get("schemeName")), _text(one.get("schemeId")) or "")
        yield from (read_identifier(text, scheme) for text in _texts(one.get("notation")))


def _subject(node: Node) -> Subject:
    given, family = (next(_texts(node.get(name)), "") for name in ("givenName", "familyName"))
    return Subject(
        id=_text(node.get("id")),
        name=next(_texts(node.get("fullName")), f"{given} {family}".strip()) or None,
        date_of_birth=next(_texts(node.get("dateOfBirth")), None),
        identified_by=tuple(word for name, word in _PERSON.items() if node.get(name)),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> Iterator[str]:
    """Yield the strings of a member: plain, in a language map, or as a value object."""
    for one in limited(many(value), "names"):
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            languages = sorted(limited(one.items(), "names"), key=lambda item: item[0] != "en")
            yield from (
                text
                for _, each in languages
                for text in limited(many(each), "names")
                if isinstance(text, str)
            )
