"""Identifiers of organisations: reading them, and telling whether two name the same one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SEMANTIC = re.compile(r"(VAT|NTR|PSD|LEI)([A-Z]{2})-(.+)", re.DOTALL)
_LOCAL = "urn:epass:"
_NOISE = re.compile(r"[^0-9A-Z]")
COUNTRIES = {
    "AUT": "AT", "BEL": "BE", "BGR": "BG", "CYP": "CY", "CZE": "CZ", "DEU": "DE", "DNK": "DK",
    "ESP": "ES", "EST": "EE", "FIN": "FI", "FRA": "FR", "GRC": "EL", "HRV": "HR", "HUN": "HU",
    "IRL": "IE", "ISL": "IS", "ITA": "IT", "LIE": "LI", "LTU": "LT", "LUX": "LU", "LVA": "LV",
    "MLT": "MT", "NLD": "NL", "NOR": "NO", "POL": "PL", "PRT": "PT", "ROU": "RO", "SVK": "SK",
    "SVN": "SI", "SWE": "SE", "CHE": "CH", "GBR": "GB", "UKR": "UA", "TUR": "TR", "SRB": "RS",
    "MKD": "MK", "MNE": "ME", "ALB": "AL", "BIH": "BA", "GEO": "GE", "MDA": "MD",
}  # fmt: skip
"""The last part of the IRIs in the EU's country list, and the code in VAT numbers."""


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """An identifier of an organisation.

    `scheme` says whose it is where that is known: "VAT", "NTR", "LEI", or a scheme's name or IRI.
    `country` is an ISO 3166-1 alpha-2 code or "". `value` is without its prefix.
    """

    value: str
    scheme: str = ""
    country: str = ""

    @property
    def comparable(self) -> "Identifier | None":
        """The form that is equal for identifiers that name the same; None where it names nobody.

        A number may repeat its country (BE0949383342). A Legal Entity Identifier has no country. An
        identifier without a scheme names nobody.
        """
        if not self.scheme:
            return None
        if self.scheme == "LEI":
            return Identifier(self.value, "LEI")
        return Identifier(self.value.removeprefix(self.country), self.scheme, self.country)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation by everything that it can be known by."""

    iri: str | None = None
    identifiers: frozenset[Identifier] = frozenset()
    names: tuple[str, ...] = ()


UNKNOWN = Organisation()


def read_identifier(text: str, scheme: str = "", country: str = "") -> Identifier:
    """Return an identifier from its text.

    A text like VATES-B00000000 (ETSI EN 319 412-1, clause 5.1.4
    <https://www.etsi.org/deliver/etsi_en/319400_319499/31941201/>) says itself what it is; any
    other has `scheme` and `country` (a two-letter code, or an IRI of the EU's country list).
    """
    text = text.strip()
    semantic = _SEMANTIC.fullmatch(text)
    if semantic:
        scheme, country, text = semantic.groups()
    return Identifier(_plain(text), scheme, _country(country))


def _country(code: str) -> str:
    code = code.rpartition("/")[2].upper()
    code = COUNTRIES.get(code, code)
    return "EL" if code == "GR" else code


def _plain(text: str) -> str:
    """Leave out what is only there to be read: case, dots, dashes and spaces."""
    return _NOISE.sub("", text.upper()) or text


def same_identifier(one: Identifier, other: Identifier) -> bool:
    """Tell whether two identifiers are one: of the same scheme and country, with the same value."""
    return one.comparable is not None and one.comparable == other.comparable


def is_local(iri: str) -> bool:
    """Tell whether an IRI means something only within the credential it stands in."""
    return iri.startswith(_LOCAL)


def same_organisation(one: Organisation, other: Organisation) -> bool:
    """Tell whether two descriptions are of one organisation, by IRI or by any identifier."""
    if one.iri is not None and one.iri == other.iri and not is_local(one.iri):
        return True
    return any(
        same_identifier(mine, theirs) for mine in one.identifiers for theirs in other.identifiers
    )


def identifiers(found: Iterable[Identifier]) -> frozenset[Identifier]:
    """Return the identifiers that have a value."""
    return frozenset(one for one in found if one.value)
