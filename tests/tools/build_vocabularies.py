"""Write data/vocabularies/*.ttl from the official code lists.

Run it from the project's root when an official list changes::

    python -m tests.tools.build_vocabularies [--official ../shared/corpus/official]

The official schemas give the IRIs, the English names and which schema allows a code; CLDR (through
babel) gives names of countries, languages and currencies in the official languages of the EU;
hierarchies are read off the codes. data/vocabularies/README.md says more.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from babel import Locale
from babel.core import get_global
from lxml import etree

from europass_ld import resources
from europass_ld.vocabularies.model import Concept, Scheme, namespace_of
from europass_ld.vocabularies.turtle import write_list
from tests.shared import SHARED

OFFICIAL = SHARED / "corpus" / "official"
VERSIONS = ("3.1", "3.3")
FAMILIES = ("loq", "ams")
RELEASE = "ELM 3.3.1"
CLDR = "49"  # of the names in the files as they are

EU_LANGUAGES = (
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()  # noqa: SIM905
)
UNDETERMINED = "und"  # BCP 47: names of regions are given in a language the list does not state

AUTHORITY = "http://publications.europa.eu/resource/authority"
COUNTRY = f"{AUTHORITY}/country/"
XS = "{http://www.w3.org/2001/XMLSchema}"


@dataclass(frozen=True, slots=True)
class Official:
    """Where a list stands in the official schemas: file, simple type, scheme IRI; and our title."""

    file: str
    type: str
    scheme: str
    title: str
    closed: bool = True


def _snb(name: str, file: str, type_: str, title: str) -> Official:
    return Official(file, type_, f"http://data.europa.eu/snb/{name}/25831c2", title)


LISTS = {
    "accreditation": _snb(
        "accreditation",
        "europass-accreditation-types",
        "AccreditationTypesEnumType",
        "Types of accreditation",
    ),
    "accreditation-status": _snb(
        "status", "loq_individuals", "AccreditationStatusEnumType", "Accreditation statuses"
    ),
    "assessment": _snb(
        "assessment",
        "europass-learning-assessment-types",
        "LearningAssessmentTypesEnumType",
        "Types of assessment",
    ),
    "atu": Official(
        "atu",
        "AdministrativeTerritorialUnitEnumType",
        f"{AUTHORITY}/atu",
        "Administrative territorial units",
        closed=False,
    ),
    "country": Official(
        "country",
        "CountryEnumType",
        f"{AUTHORITY}/country",
        "Countries and territories",
        closed=False,
    ),
    "credential": _snb(
        "credential",
        "europass-credential-types",
        "CredentialTypesEnumType",
        "Types of credential",
    ),
    "currency": Official(
        "currency", "CurrencyEnumType", f"{AUTHORITY}/currency", "Currencies", closed=False
    ),
    "education-credit": _snb(
        "education-credit", "credit-points", "CreditPointsEnumType", "Credit systems"
    ),
    "encoding": _snb(
        "encoding",
        "europass-content-encoding-types",
        "ContentEncodingTypesEnumType",
        "Content encodings",
    ),
    "entitlement": _snb(
        "entitlement",
        "europass-learning-entitlement-types",
        "LearningEntitlementTypesEnumType",
        "Types of entitlement",
    ),
    "entitlement-status": _snb(
        "entitlement-status",
        "europass-learning-entitlement-statuses",
        "LearningEntitlementStatusesEnumType",
        "Entitlement statuses",
    ),
    "eqf": _snb(
        "eqf", "eqf", "EQFLevelEnumType", "Levels of the European Qualifications Framework"
    ),
    "file-type": Official(
        "file-type", "FileTypeEnumType", f"{AUTHORITY}/file-type", "File types", closed=False
    ),
    "isced-f": _snb(
        "isced-f", "isced-f", "ISCED-FEnumType", "Fields of education and training (ISCED-F 2013)"
    ),
    "language": Official(
        "language", "LanguageEnumType", f"{AUTHORITY}/language", "Languages", closed=False
    ),
    "learning-activity": _snb(
        "learning-activity",
        "europass-learning-activity-types",
        "LearningActivityTypesEnumType",
        "Types of learning activity",
    ),
    "learning-opportunity": _snb(
        "learning-opportunity",
        "europass-learning-opportunity-types",
        "LearningOpportunityTypesEnumType",
        "Types of learning opportunity",
    ),
    "learning-schedule": _snb(
        "learning-schedule",
        "europass-learning-schedule-types",
        "LearningScheduleTypesEnumType",
        "Types of schedule",
    ),
    "learning-setting": _snb(
        "learning-setting",
        "europass-learning-setting-types",
        "LearningSettingTypesEnumType",
        "Learning settings",
    ),
    "mode": _snb(
        "learning-assessment",
        "europass-modes",
        "ModesOfLearningandAssessmentEnumType",
        "Modes of learning and assessment",
    ),
    "nqf": replace(
        _snb("qdr", "nqf", "NQFLevelEnumType", "National qualifications frameworks, their levels"),
        closed=False,
    ),
    "nuts": Official(
        "nuts",
        "NutsCodeEnumType",
        "http://data.europa.eu/nuts",
        "Territorial units for statistics (NUTS)",
        closed=False,
    ),
    "qualification-topic": Official(
        "loq_individuals",
        "SubjectTypeCodeEnumType",
        "http://data.europa.eu/snb/qualification-topics",
        "Topics of notes on qualifications and learning opportunities",
    ),
    "skill-reuse-level": _snb(
        "skill-reuse-level",
        "skill-reuse-levels",
        "SkillReuseLevelEnumType",
        "How widely a skill can be reused",
    ),
    "skill-type": _snb("skill-type", "skill-types", "SkillTypesEnumType", "Types of skill"),
    "target-group": _snb(
        "target-group", "europass-target-groups", "TargetGroupsEnumType", "Target groups"
    ),
}

# The names of levels start with the framework's short name; which framework that is, and where it
# holds, its full name says.
FRAMEWORKS = {
    "AQF": ("Albanian Qualifications Framework", "ALB"),
    "AT: NQF": ("Austrian National Qualifications Framework", "AUT"),
    "BH NQF": ("Bosnia and Herzegovina Qualifications Framework", "BIH"),
    "BQF": ("Bulgarian Qualifications Framework", "BGR"),
    "CFC": ("Qualifications Framework of the French Community of Belgium", "BEL"),
    "CLQ": ("Luxembourg Qualifications Framework", "LUX"),
    "CQFW": ("Credit and Qualifications Framework for Wales", "GBR"),
    "CROQF": ("Croatian Qualifications Framework", "HRV"),
    "CyQF": ("Cypriot National Qualifications Framework", "CYP"),
    "DK NQF": ("Danish National Qualifications Framework", "DNK"),
    "DQR": ("German National Qualifications Framework", "DEU"),
    "EstQF": ("Estonian Qualifications Framework", "EST"),
    "FQF": ("Flemish qualifications framework", "BEL"),
    "FiNQF": ("Finnish National Qualifications Framework", "FIN"),
    "HQF": ("Hellenic National Qualifications Framework", "GRC"),
    "HuQF": ("Hungarian National Qualifications Framework", "HUN"),
    "IE NQF": ("Irish National Framework of Qualifications", "IRL"),
    "ISQF": ("Icelandic Qualifications Framework", "ISL"),
    "IT NQF": ("Italian Qualifications Framework", "ITA"),
    "KS NQF": ("Kosovo National Qualifications Framework", "1A0"),
    "LQF": ("Latvian Qualifications Framework", "LVA"),
    "LTQF": ("Lithuanian National Qualifications Framework", "LTU"),
    "ME NQF": ("Montenegrin Qualifications Framework", "MNE"),
    "MECU": ("Spanish Qualifications Framework for Lifelong Learning", "ESP"),
    "MQF": ("Maltese National Qualifications Framework", "MLT"),
    "NKR": ("Norwegian Qualifications Framework", "NOR"),
    "NLQF": ("Dutch National Qualifications Framework", "NLD"),
    "NNMQF": ("North Macedonian Qualifications Framework", "MKD"),
    "NQF RNCP": ("French National Qualifications Framework", "FRA"),
    "NQF VPET": (
        "National Qualifications Framework of Swiss Vocational and Professional Education",
        "CHE",
    ),
    "NQFL": (
        "National Qualifications Framework for Lifelong Learning for Liechtenstein",
        "LIE",
    ),
    "NQFS": ("Serbian Qualifications Framework", "SRB"),
    "NSK": ("Czech National Register of Qualifications", "CZE"),
    "PQF": ("Polish National Qualifications Framework", "POL"),
    "QDG": ("Qualifications Framework of the German-speaking Community of Belgium", "BEL"),
    "QNQ": ("Portuguese National Qualifications Framework", "PRT"),
    "ROQF": ("Romanian National Qualifications Framework", "ROU"),
    "RQF": (
        "Regulated Qualifications Framework (RQF) for England and Northern Ireland",
        "GBR",
    ),
    "SCQF": ("Scottish Credit and Qualifications Framework", "GBR"),
    "SKKR": ("Slovak National Qualifications Framework", "SVK"),
    "SQF": ("Slovenian Qualifications Framework", "SVN"),
    "SeQF": ("Swedish National Qualifications Framework", "SWE"),
    "TQF": ("Turkish Qualifications Framework", "TUR"),
}

# Codes of the country table that are no ISO 3166-1 alpha-3 code, as CLDR calls the same territory.
TERRITORIES = {"1A0": "XK", "XKX": "XK", "EUR": "EU", "FQ0": "TF"}
NOT_ISO_3166 = {"XK", "EU", "CP"}  # two-letter codes of CLDR that the standard does not assign

# CLDR replaces a member of a macrolanguage by the macrolanguage, whose name is not the member's
# (MOL is no member but a withdrawn code).
MACROLANGUAGE_MEMBERS = set(
    "ADP ALS ARB AYR AZJ CLS CMN CWD DRH EKK ESK FAT FUC GAZ GUG IKE KHK KMR KNC KNG KPV "  # noqa: SIM905
    "LVS MOL NPI OJG ORY PBU PES PLT PRP QUZ SRC SWH UZN YDD ZSM ZYB".split()
)
ISO_639_1 = {"tgl": "tl", "twi": "tw"}  # which CLDR replaces by fil and ak
PARTS_OF_UK = {"ENG", "SCT", "NIR", "CYM"}  # atu/CYM is Wales (Cymru), country/CYM the Caymans
WITHDRAWN = {"DDR", "FXX"}  # ISO 3166-3: CLDR keeps them as other names of DEU and FRA
NUTS_COUNTRIES = {"EL": "GR", "UK": "GB"}  # where NUTS leaves ISO 3166-1


def read_official(official: Path, spec: Official) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the codes of a list: IRI -> (English name or "", the only schemas that have it)."""
    names: dict[str, str] = {}
    found: defaultdict[str, list[str]] = defaultdict(list)
    schemas = []
    for version in VERSIONS:
        for family in FAMILIES:
            file = official / f"elm-{version}" / "xsd" / family / "cv" / f"{spec.file}.xsd"
            if file.exists():
                schemas.append(f"{family}-{version}")
                for iri, name in _enumeration(file, spec.type):
                    names[iri] = names.get(iri) or name
                    if schemas[-1] not in found[iri]:
                        found[iri].append(schemas[-1])
    return {
        iri: (name, () if found[iri] == schemas else tuple(found[iri]))
        for iri, name in names.items()
    }


def _enumeration(file: Path, type_: str) -> Iterator[tuple[str, str]]:
    for simple_type in etree.parse(file).iter(f"{XS}simpleType"):
        if simple_type.get("name") == type_:
            for value in simple_type.iter(f"{XS}enumeration"):
                yield value.get("value", ""), " ".join("".join(value.itertext()).split())


def build(official: Path, name: str) -> tuple[Scheme, list[Concept]]:
    """Return the scheme and the concepts of one list."""
    spec = LISTS[name]
    concepts = {
        iri: Concept(
            iri,
            scheme=spec.scheme,
            notation=iri.removeprefix(namespace_of(iri)),
            labels={"en": label} if label else {},
            allowed_in=allowed_in,
        )
        for iri, (label, allowed_in) in read_official(official, spec).items()
    }
    scheme = Scheme(spec.scheme, spec.title, RELEASE, spec.closed)
    if name in ENRICH:
        concepts = ENRICH[name](concepts)
    return scheme, list(concepts.values())


Concepts = dict[str, Concept]


def _with_labels(concept: Concept, labels: Mapping[str, str]) -> Concept:
    return replace(concept, labels={**labels, **concept.labels})


@cache
def _locale(language: str) -> Locale:
    return Locale(language)


def _cldr(table: str, code: str) -> dict[str, str]:
    names = ((language, getattr(_locale(language), table).get(code)) for language in EU_LANGUAGES)
    return {language: name for language, name in names if name}


def territory_of(notation: str) -> str | None:
    """Return CLDR's two-letter code of a code of the country table."""
    aliases = get_global("territory_aliases").get(notation, ())
    return TERRITORIES.get(notation) or (aliases[0] if len(aliases) == 1 else None)


def countries(concepts: Concepts) -> Concepts:
    """Add the names in all languages, ISO 3166-1 alpha-2 codes and what the EU writes instead."""
    of_nuts = {territory: code for code, territory in NUTS_COUNTRIES.items()}
    for iri, concept in concepts.items():
        territory = territory_of(concept.notation)
        if territory:
            iso = territory not in NOT_ISO_3166 and concept.notation not in TERRITORIES
            codes = (territory, of_nuts.get(territory, territory)) if iso else ()
            concepts[iri] = replace(
                _with_labels(concept, _cldr("territories", territory)),
                identifiers=tuple(dict.fromkeys(codes)),
            )
    return concepts


def languages(concepts: Concepts) -> Concepts:
    """Add the names in all languages and the codes of ISO 639-1 and ISO 639-2/B."""
    codes = _standard_codes([concept.notation.lower() for concept in concepts.values()])
    for iri, concept in concepts.items():
        code = concept.notation.lower()
        standard = codes.get(code, ())
        names = _cldr("languages", code) or _cldr("languages", next(iter(standard), code))
        concepts[iri] = replace(_with_labels(concept, names), identifiers=standard)
    return concepts


def _standard_codes(listed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the two-letter code of a listed code, and the further three-letter ones it had."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for code, short in ({**get_global("language_aliases"), **ISO_639_1}).items():
        if len(code) == 3 and len(short) == 2 and code.upper() not in MACROLANGUAGE_MEMBERS:
            groups[short].append(code)
    codes: dict[str, tuple[str, ...]] = {}
    for short, group in groups.items():
        members = [code for code in group if code in listed]
        if len(members) > 1:
            raise SystemExit(f"CLDR calls several languages {short}: {members}; say which one is")
        others = (code for code in sorted(group) if code not in members)
        codes |= dict.fromkeys(members, (short, *others))
    return codes


def currencies(concepts: Concepts) -> Concepts:
    """Add the names in all languages."""
    return {
        iri: _with_labels(concept, _cldr("currencies", concept.notation))
        for iri, concept in concepts.items()
    }


def prefixes(concepts: Concepts) -> Concepts:
    """Put each code below the longest other code that it starts with."""
    by_notation = {concept.notation: iri for iri, concept in concepts.items()}
    for iri, concept in concepts.items():
        code = concept.notation
        starts = (code[:length] for length in range(len(code) - 1, 1, -1))
        parent = next((by_notation[start] for start in starts if start in by_notation), None)
        if parent:
            concepts[iri] = replace(concept, broader=(parent,))
    return concepts


def nuts(concepts: Concepts) -> Concepts:
    """Add hierarchy and countries; the list gives names in the region's own languages."""
    by_territory = {
        territory_of(code): code
        for code in get_global("territory_aliases")
        if code.isalpha() and code not in WITHDRAWN
    }
    for iri, concept in concepts.items():
        concepts[iri] = replace(concept, labels={UNDETERMINED: concept.labels["en"]})
        if len(concept.notation) == 2:
            territory = NUTS_COUNTRIES.get(concept.notation, concept.notation)
            concepts[iri] = _same_country(concepts[iri], by_territory[territory], territory)
    return prefixes(concepts)


def atu(concepts: Concepts) -> Concepts:
    """Add countries and, where a code starts with another one (ENG_BRG_LND), hierarchy."""
    by_notation = {concept.notation: iri for iri, concept in concepts.items()}
    for iri, concept in concepts.items():
        parts = concept.notation.split("_")
        starts = ("_".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
        parent = next((by_notation[start] for start in starts if start in by_notation), None)
        if concept.notation in PARTS_OF_UK:
            parent = by_notation["GBR"]
        if parent:
            concepts[iri] = replace(concept, broader=(parent,))
        elif territory := territory_of(concept.notation):
            concepts[iri] = _same_country(concept, concept.notation, territory)
    return concepts


def _same_country(concept: Concept, code: str, territory: str) -> Concept:
    matched = replace(concept, matches=(COUNTRY + code,))
    return _with_labels(matched, _cldr("territories", territory))


def frameworks(concepts: Concepts) -> Concepts:
    """Put levels below their frameworks and say where a framework holds."""
    by_name = {concept.labels["en"]: iri for iri, concept in concepts.items()}
    countries_of = dict(FRAMEWORKS.values())
    for iri, concept in concepts.items():
        name = concept.labels["en"]
        if name in countries_of:
            concepts[iri] = replace(concept, country=COUNTRY + countries_of[name])
        else:
            short = max((one for one in FRAMEWORKS if name.startswith(f"{one} ")), key=len)
            concepts[iri] = replace(concept, broader=(by_name[FRAMEWORKS[short][0]],))
    return concepts


ENRICH: dict[str, Callable[[Concepts], Concepts]] = {
    "atu": atu,
    "country": countries,
    "currency": currencies,
    "isced-f": prefixes,
    "language": languages,
    "nqf": frameworks,
    "nuts": nuts,
}


def main() -> None:
    """Write every list."""
    parser = argparse.ArgumentParser(description="Write data/vocabularies from the official lists")
    parser.add_argument("--official", type=Path, default=OFFICIAL)
    parser.add_argument("--output", type=Path, default=resources.find("data") / "vocabularies")
    options = parser.parse_args()
    for name in LISTS:
        scheme, concepts = build(options.official, name)
        text = "".join(write_list(scheme, concepts))
        (options.output / f"{name}.ttl").write_text(text, encoding="utf-8")
        print(f"{name}: {len(concepts)} codes, {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main()
