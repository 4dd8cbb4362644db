"""Which EQF level a level of a national framework was referenced to.

The official list of national levels does not say it, and their numbers are no answer: the Irish
framework has ten levels, the Slovenian ten others, the French one of this list Roman numerals. The
facts are those of the referencing reports that the countries gave to the EQF Advisory Group, as
listed by Cedefop <https://www.cedefop.europa.eu/en/tools/nqfs-online-tool> and compared at
<https://europass.europa.eu/en/compare-qualifications>.

Left out, because nothing was referenced when this was written: the frameworks of the
German-speaking Community of Belgium, of Bosnia and Herzegovina and of Spain; entry and preparatory
levels below EQF level 1; Welsh entry levels, which are one code for several levels; and level 7.1
of Montenegro, of which the sources differ.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ..vocabularies import SCHEMA_VERSIONS, CodeLists

_SAME = ", ".join(f"{level}={level}" for level in range(1, 9))
_UNITED_KINGDOM = "1=2, 2=3, 3=4, 4=5, 5=5, 6=6, 7=7, 8=8"
_REFERENCED: Mapping[str, str] = MappingProxyType(
    {
        "c_009d9566": _SAME,  # Hungary
        "c_01169e3f": "1=1, 2=1, 3=2, 4=3, 5=4, 6=5, 7=6, 8=6, 9=7, 10=8",  # Ireland
        "c_027221dd": "3=1, 4=2, 5=3, 6=4, 7=5, 8=5, 9=6, 10=6, 11=7, 12=8",  # Scotland
        "c_02d8bc18": _SAME,  # Italy
        "c_0ea90db7": _SAME,  # Greece
        "c_0f8ae85c": "1=1, 2=2, 3=3, 4=4, 5=4, 6=5, 7=6, 8=7, 9=8, 10=8",  # Slovenia
        "c_1205be37": _SAME,  # Türkiye
        "c_20b3be22": _SAME,  # Luxembourg
        "c_2b5d39b2": f"{_SAME}, 5 A=5, 5 B=5, 6 A=6, 6 B=6, 7 A=7, 7 B=7",  # North Macedonia
        "c_2d1fde14": _SAME,  # Finland
        "c_2e41fe05": "1=2, 2=3, 3=4, 4=5, 5.1=6, 5.2=6, 6.1=7, 6.2=7, 7=8",  # Iceland
        "c_36ff4631": _UNITED_KINGDOM,  # Wales
        "c_4538e0af": _SAME,  # Austria
        "c_4e6a97ff": _SAME,  # Slovakia
        "c_54f4d62a": _SAME,  # Malta
        "c_59d0b819": f"{_SAME}, 4.1=4, 4.2=4, 7.1=7, 7.2=7, 8.1=8, 8.2=8",  # Croatia
        "c_5a1e9f89": _SAME,  # Portugal
        "c_5c66dcbc": f"{_SAME}, 4+=4",  # Netherlands
        "c_61ba90ec": _SAME,  # Denmark
        "c_69e1fd15": f"{_SAME}, 6.1=6, 6.2=6, 7.1=7, 7.2=7",  # Serbia
        "c_776b98db": f"{_SAME}, 1.1=1, 1.2=1, 4.1=4, 4.2=4, 7.2=7",  # Montenegro
        "c_97cf01c4": _SAME,  # Poland
        "c_a6d433f4": _SAME,  # Lithuania
        "c_ac40cadc": _SAME,  # Latvia
        "c_ae44d998": "2=2, 3=3, 4=4, 5.1=5, 5.2=5, 6.1=6, 6.2=6, 7=7, 8=8",  # Norway
        "c_af98ac9a": _SAME,  # Czechia
        "c_afce1c3a": f"{_SAME}, 5a=5, 5b=5, 5c=5, 7a=7, 7b=7, 7c=7",  # Cyprus
        "c_bc619568": _SAME,  # Liechtenstein
        "c_c534839f": _SAME,  # Bulgaria
        # France, the levels before 2019
        "c_c8bc1cb9": "I-Doctorat=8, I-Master=7, II-Grade de Licence=6, III=5, IV=4, V=3",
        "c_d0a601e6": f"{_UNITED_KINGDOM}, Entry 3=1",  # England and Northern Ireland
        "c_d3b1f75e": _SAME,  # Albania
        "c_d932c882": _SAME,  # Sweden
        "c_df7373da": _SAME,  # Romania
        "c_e9fb041f": _SAME,  # Estonia
        "c_ed96825f": _SAME,  # Flemish Community of Belgium
        "c_ef113b94": _SAME,  # Germany
        "c_f3b785c7": _SAME,  # French Community of Belgium
        "c_f4790dbf": _SAME,  # Kosovo
        "c_fcd47fb1": _SAME,  # Switzerland, vocational and professional education
    }
)
"""By the code of a framework: what follows "Level" in the name of its level, and the EQF level."""

_LEVEL = re.compile(r".*?(Entry )?Level (.+)")
_EQF = "http://data.europa.eu/snb/eqf/"


def referenced_levels(code_lists: CodeLists) -> Iterator[tuple[str, str]]:
    """Yield the IRIs of national levels, in order, with the EQF level each was referenced to."""
    known = {
        framework: dict(one.split("=") for one in levels.split(", "))
        for framework, levels in _REFERENCED.items()
    }
    for concept in code_lists.concepts("nqf", SCHEMA_VERSIONS[-1]):
        named = _LEVEL.fullmatch(concept.labels.get("en", ""))
        name = "".join(named.groups("")) if named else ""
        for framework in concept.broader:
            level = known.get(framework.rpartition("/")[2], {}).get(name)
            if level:
                yield concept.iri, f"{_EQF}{level}"
