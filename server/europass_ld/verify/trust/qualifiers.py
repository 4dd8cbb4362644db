"""Rules by which a list corrects what certificates say of themselves.

ETSI TS 119 612, clause 5.5.9.2 (qualifications extension): where a certificate meets the criteria
of a rule, the rule's qualifiers hold for it. Criteria that are not known here make the rule
undecided, and an undecided rule leaves the qualification undetermined.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .. import asn1
from ..certificates import Certificate
from ..xml import Element

_SIE = "{http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#}"
_TYPES = "{http://uri.etsi.org/02231/v2/additionaltypes#}"
_XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
_QUALIFIER = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/"
_KEY_USAGE_BITS = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "crlSign",
    "encipherOnly",
    "decipherOnly",
)


@dataclass(frozen=True, slots=True)
class KeyUsageCriterion:
    """Key usage bits that must be set, or must not."""

    bits: tuple[tuple[int, bool], ...]

    def meets(self, certificate: Certificate) -> bool:
        """Tell whether every bit is as it must be."""
        usage = certificate.key_usage() or frozenset()
        return all((bit in usage) is wanted for bit, wanted in self.bits)


@dataclass(frozen=True, slots=True)
class PolicyCriterion:
    """Certificate policies, all of which must be stated."""

    policies: frozenset[str]

    def meets(self, certificate: Certificate) -> bool:
        """Tell whether the certificate states all of the policies."""
        return self.policies <= certificate.policies()


@dataclass(frozen=True, slots=True)
class AttributeCriterion:
    """Attributes that the subject's name must have."""

    attributes: frozenset[str]

    def meets(self, certificate: Certificate) -> bool:
        """Tell whether the subject has all of the attributes."""
        return self.attributes <= set(_attribute_types(certificate.subject))


@dataclass(frozen=True, slots=True)
class PurposeCriterion:
    """Key purposes, all of which must be stated."""

    purposes: frozenset[str]

    def meets(self, certificate: Certificate) -> bool:
        """Tell whether the certificate states all of the purposes."""
        return self.purposes <= (certificate.extended_key_usage() or frozenset())


Criterion = KeyUsageCriterion | PolicyCriterion | AttributeCriterion | PurposeCriterion


@dataclass(frozen=True, slots=True)
class Criteria:
    """Criteria of which `asserts` says how many must be met: all, atLeastOne or none.

    `unknown`: among them is one that is not known here.
    """

    asserts: str
    criteria: tuple["Criterion | Criteria", ...]
    unknown: bool

    def meets(self, certificate: Certificate) -> bool | None:
        """Tell whether the certificate meets the criteria; None where that is not known."""
        results = [one.meets(certificate) for one in self.criteria]
        if self.unknown:
            results.append(None)
        if self.asserts == "all":
            return _all(results)
        found = _any(results)
        if self.asserts == "none":
            return None if found is None else not found
        return found if self.asserts == "atLeastOne" else None


def _all(results: list[bool | None]) -> bool | None:
    if False in results:
        return False
    return None if None in results else True


def _any(results: list[bool | None]) -> bool | None:
    if True in results:
        return True
    return None if None in results else False


@dataclass(frozen=True, slots=True)
class QualifierRule:
    """Qualifiers, by their short names such as NotQualified, and for which certificates."""

    qualifiers: frozenset[str]
    criteria: Criteria

    def applies(self, certificate: Certificate) -> bool | None:
        """Tell whether the rule is for a certificate; None where that is not known."""
        try:
            return self.criteria.meets(certificate)
        except ValueError:
            return None


def read_rules(extension: Element) -> Iterator[QualifierRule]:
    """Yield the rules in an extension of a service."""
    for element in extension.iterfind(f"{_SIE}Qualifications/{_SIE}QualificationElement"):
        held = element.find(f"{_SIE}CriteriaList")
        names = (
            (one.get("uri") or "").removeprefix(_QUALIFIER)
            for one in element.iterfind(f"{_SIE}Qualifiers/{_SIE}Qualifier")
        )
        criteria = Criteria("", (), unknown=True) if held is None else _criteria(held)
        yield QualifierRule(frozenset(names), criteria)


def _criteria(element: Element) -> Criteria:
    found: list[Criterion | Criteria] = []
    unknown = False
    for one in element.iterchildren("{*}*"):
        if one.tag == f"{_SIE}CriteriaList":
            found.append(_criteria(one))
        elif one.tag == f"{_SIE}otherCriteriaList":
            others = [_other(each) for each in one.iterchildren("{*}*")]
            found += [each for each in others if each is not None]
            unknown = unknown or None in others
        elif one.tag == f"{_SIE}KeyUsage":
            found.append(_key_usage(one))
        elif one.tag == f"{_SIE}PolicySet":
            found.append(PolicyCriterion(frozenset(_identifiers(one))))
        elif one.tag != f"{_SIE}Description":
            unknown = True
    return Criteria(element.get("assert") or "", tuple(found), unknown)


def _key_usage(element: Element) -> Criterion | Criteria:
    bits = [
        (one.get("name"), (one.text or "").strip() in ("true", "1"))
        for one in element.iterfind(f"{_SIE}KeyUsageBit")
    ]
    if any(name not in _KEY_USAGE_BITS for name, _ in bits):
        return Criteria("", (), unknown=True)
    return KeyUsageCriterion(tuple((_KEY_USAGE_BITS.index(name), wanted) for name, wanted in bits))


def _other(element: Element) -> Criterion | None:
    if element.tag == f"{_TYPES}CertSubjectDNAttribute":
        return AttributeCriterion(frozenset(_identifiers(element)))
    if element.tag == f"{_TYPES}ExtendedKeyUsage":
        return PurposeCriterion(frozenset(_identifiers(element)))
    return None


def _identifiers(element: Element) -> Iterator[str]:
    for one in element.iter(f"{_XADES}Identifier"):
        yield (one.text or "").strip().removeprefix("urn:oid:")


def _attribute_types(name: bytes) -> Iterator[str]:
    for relative in asn1.members(asn1.only(name, asn1.SEQUENCE)):
        for attribute in asn1.members(relative):
            yield asn1.object_identifier(asn1.members(attribute)[0])
