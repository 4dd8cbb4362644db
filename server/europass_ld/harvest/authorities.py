"""Values that DCAT-AP takes from the EU's authority tables, and from IANA's list of media types.

<https://op.europa.eu/en/web/eu-vocabularies/authority-tables>; which property takes which table:
<https://semiceu.github.io/DCAT-AP/releases/3.0.1/#controlled-vocs>.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from .graphs import term, text

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"

THEMES: Mapping[str, str] = MappingProxyType(
    {
        "AGRI": "Agriculture, fisheries, forestry and food",
        "ECON": "Economy and finance",
        "EDUC": "Education, culture and sport",
        "ENER": "Energy",
        "ENVI": "Environment",
        "GOVE": "Government and public sector",
        "HEAL": "Health",
        "INTR": "International issues",
        "JUST": "Justice, legal system and public safety",
        "OP_DATPRO": "Provisional data",
        "REGI": "Regions and cities",
        "SOCI": "Population and society",
        "TECH": "Science and technology",
        "TRAN": "Transport",
    }
)
"""The data themes by code, with their English names."""

_CREATIVE_COMMONS = {
    "publicdomain/zero/1.0": "CC0",
    "publicdomain/mark/1.0": "CC_PDM_1_0",
    **{
        f"licenses/{name}/{version}.0": f"CC_{code}_{version}_0"
        for version in ("3", "4")
        for name, code in {
            "by": "BY",
            "by-sa": "BYSA",
            "by-nd": "BYND",
            "by-nc": "BYNC",
            "by-nc-sa": "BYNCSA",
            "by-nc-nd": "BYNCND",
        }.items()
    },
}


def authority(table: str, code: str) -> str:
    """Return the IRI of a code of an authority table, such as `country` and `AUT`."""
    return f"{_AUTHORITY}{table}/{code}"


def media_type(name: str) -> str:
    """Return the IRI of a media type."""
    return _MEDIA_TYPES + name


def licence(iri: str) -> str:
    """Return the IRI that the EU has for a licence of Creative Commons, any other one unchanged."""
    _, found, rest = iri.partition("creativecommons.org/")
    code = _CREATIVE_COMMONS.get(rest.rstrip("/")) if found else None
    return authority("licence", code) if code else iri


def described(code: str, kind: str, label: str | None = None) -> Iterator[str]:
    """Yield what a document says of a code it uses: its class (`skos:Concept`), and its name."""
    yield term(code, "rdf:type", kind)
    if label is not None:
        yield text(code, "skos:prefLabel", label, "en")
