"""What the loaded lists answer, checked by hand at the places that matter."""

import pyoxigraph as ox
import pytest

from europass_ld import resources
from europass_ld.terms import expand
from europass_ld.vocabularies import CodeLists

AUTHORITY = "http://publications.europa.eu/resource/authority"
SNB = "http://data.europa.eu/snb"
NUTS = "http://data.europa.eu/nuts/code"

CLOSED = {
    "accreditation",
    "accreditation-status",
    "assessment",
    "credential",
    "education-credit",
    "encoding",
    "entitlement",
    "entitlement-status",
    "eqf",
    "isced-f",
    "learning-activity",
    "learning-opportunity",
    "learning-schedule",
    "learning-setting",
    "mode",
    "qualification-topic",
    "skill-reuse-level",
    "skill-type",
    "target-group",
}
EVOLVING = {"atu", "country", "currency", "file-type", "language", "nqf", "nuts"}


def test_closed_and_evolving(code_lists: CodeLists) -> None:
    """An unknown code is an error in these lists and only a warning in those."""
    assert {one.name for one in code_lists.lists() if one.closed} == CLOSED
    assert {one.name for one in code_lists.lists() if not one.closed} == EVOLVING


def test_status(code_lists: CodeLists) -> None:
    """A shipped list says its scheme, title, version, size and file."""
    eqf = next(one for one in code_lists.lists() if one.name == "eqf")
    assert eqf.scheme == f"{SNB}/eqf/25831c2"
    assert eqf.title == "Levels of the European Qualifications Framework"
    assert (eqf.version, eqf.size) == ("ELM 3.3.1", 8)
    assert (eqf.source, eqf.file, eqf.imported_at) == ("shipped", "eqf.ttl", None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("country", f"{AUTHORITY}/country/XKX"),
        ("accreditation", f"{SNB}/accreditation/c_1f1a469a"),
        ("accreditation", f"{SNB}/accreditation/c_64666c29"),
    ],
)
def test_codes_of_one_schema_only(code_lists: CodeLists, name: str, code: str) -> None:
    """Three codes came with 3.3, and only with the schema for accreditations."""
    assert code in code_lists.codes(name, "3.3")
    assert code in code_lists.codes(name, "3.3", "ams")
    assert code not in code_lists.codes(name, "3.3", "loq")
    assert code not in code_lists.codes(name, "3.1")
    assert code not in code_lists.codes(name, "3.1", "ams")


def test_unknown_list_or_version(code_lists: CodeLists) -> None:
    """A misspelt list or version is never an empty list."""
    with pytest.raises(KeyError, match=r"known: .*eqf"):
        code_lists.codes("EQF", "3.3")
    with pytest.raises(ValueError, match=r"3\.2"):
        code_lists.codes("eqf", "3.2")


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        (f"{SNB}/isced-f/0613", ["061", "06"]),
        (f"{NUTS}/DEA29", ["DEA2", "DEA", "DE"]),
        (f"{NUTS}/UKN10", ["UKN", "UK"]),
        (f"{AUTHORITY}/atu/ENG_BRG_LND_CMD", ["ENG", "GBR"]),
        (f"{AUTHORITY}/atu/SVK_OKR__BTS01", ["SVK"]),
        (f"{SNB}/eqf/6", []),
        (f"{AUTHORITY}/country/DEU", []),
    ],
)
def test_broader(code_lists: CodeLists, code: str, chain: list[str]) -> None:
    """Hierarchies follow the codes up to the top; a level that the list lacks is left out."""
    found = []
    while parents := code_lists.broader(code):
        (code,) = parents
        found.append(code_lists.notation(code))
    assert found == chain


def test_isced_f_is_one_forest(code_lists: CodeLists) -> None:
    """Broad fields of two digits are the only ones without anything above them."""
    for concept in code_lists.concepts("isced-f", "3.3"):
        assert bool(concept.broader) == (len(concept.notation) > 2)


def test_qualifications_frameworks(code_lists: CodeLists) -> None:
    """Each of 381 levels has its framework, each of 43 frameworks its country."""
    countries = code_lists.codes("country", "3.1")
    frameworks = {}
    levels = []
    for concept in code_lists.concepts("nqf", "3.3"):
        if concept.country:
            frameworks[concept.iri] = concept.country
        else:
            levels.append(concept)
    assert (len(frameworks), len(levels)) == (43, 381)
    assert set(frameworks.values()) <= countries
    assert all(set(level.broader) <= frameworks.keys() for level in levels)
    irish = f"{SNB}/qdr/c_670e54c7"
    assert code_lists.label(irish, ("en",)) == ("IE NQF Level 6", "en")
    (framework,) = code_lists.broader(irish)
    assert code_lists.label(framework, ()) == ("Irish National Framework of Qualifications", "en")
    assert frameworks[framework] == f"{AUTHORITY}/country/IRL"
    assert {len(level.broader) for level in levels} == {1}


@pytest.mark.parametrize(
    ("code", "language", "label"),
    [
        (f"{AUTHORITY}/country/DEU", "fr", "Allemagne"),
        (f"{AUTHORITY}/country/1A0", "de", "Kosovo"),
        (f"{AUTHORITY}/country/EUR", "fi", "Euroopan unioni"),
        (f"{AUTHORITY}/country/TUR", "en", "Turkey"),
        (f"{AUTHORITY}/language/FIN", "sv", "finska"),
        (f"{AUTHORITY}/language/GLE", "ga", "Gaeilge"),
        (f"{AUTHORITY}/language/ZHO", "en", "Chinese"),
        (f"{AUTHORITY}/language/CMN", "en", "Mandarin Chinese"),
        (f"{AUTHORITY}/currency/SEK", "pl", "korona szwedzka"),
        (f"{AUTHORITY}/atu/DEU", "de", "Deutschland"),
        (f"{NUTS}/EL", "en", "Greece"),
        (f"{NUTS}/EL", "und", "Ελλάδα"),
        (f"{NUTS}/DEA29", "und", "Heinsberg"),
        (f"{SNB}/isced-f/0613", "en", "Software and applications development and analysis"),
        (f"{SNB}/eqf/6", "en", "Level 6"),
    ],
)
def test_labels(code_lists: CodeLists, code: str, language: str, label: str) -> None:
    """Names stand under their languages; the official English one wins over CLDR's."""
    assert code_lists.labels(code)[language] == label


def test_every_eu_language(code_lists: CodeLists) -> None:
    """Member states and official languages have a name in each of the 24 official languages."""
    for code in [f"{AUTHORITY}/country/MLT", f"{AUTHORITY}/language/MLT"]:
        assert len(code_lists.labels(code)) == 24


def test_member_is_not_called_by_its_macrolanguage(code_lists: CodeLists) -> None:
    """CLDR replaces arb by ar and cmn by zh; neither takes over the other's names or codes."""
    assert code_lists.labels(f"{AUTHORITY}/language/ARB") == {}
    assert code_lists.labels(f"{AUTHORITY}/language/CMN").keys() == {"en"}
    short = [
        code
        for concept in code_lists.concepts("language", "3.3")
        for code in concept.identifiers
        if len(code) == 2
    ]
    assert len(short) == len(set(short)) == 183
    assert {"de", "fr", "zh", "ar", "sr", "no", "nb", "nn"} <= set(short)


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (("pl", "de"), ("Niemcy", "pl")),
        (("de-AT",), ("Deutschland", "de")),
        (("uk", "fr"), ("Allemagne", "fr")),
        (("uk",), ("Germany", "en")),
        ((), ("Germany", "en")),
    ],
)
def test_label_prefers(
    code_lists: CodeLists, languages: tuple[str, ...], expected: tuple[str, str]
) -> None:
    """The first wanted language that there is wins, then English."""
    assert code_lists.label(f"{AUTHORITY}/country/DEU", languages) == expected


def test_label_of_last_resort(code_lists: CodeLists) -> None:
    """Any name is better than none, the code better than nothing, and an unknown IRI has none."""
    assert code_lists.label(f"{NUTS}/DEA29", ("de",)) == ("Heinsberg", "und")
    assert code_lists.label(f"{AUTHORITY}/language/AAA", ("de",)) == ("AAA", "")
    assert code_lists.label("https://example.org/none", ("de",)) is None


def test_countries_of_regions(code_lists: CodeLists) -> None:
    """Regions lead to the country table: Wales is British, not the Cayman Islands."""

    def country(code: str) -> str:
        while parents := code_lists.broader(code):
            (code,) = parents
        concept = code_lists.concept(code)
        assert concept is not None
        return concept.matches[0].rpartition("/")[2]

    assert country(f"{NUTS}/EL30") == "GRC"
    assert country(f"{NUTS}/UKN10") == "GBR"
    assert country(f"{AUTHORITY}/atu/CYM") == "GBR"
    assert country(f"{AUTHORITY}/atu/AUT_BZK_GSS") == "AUT"
    tops = [one for one in code_lists.concepts("nuts", "3.3") if not one.broader]
    assert len(tops) == 37
    assert {one.matches[0] for one in tops} <= code_lists.codes("country", "3.1")


def test_scheme_and_notation(code_lists: CodeLists) -> None:
    """The scheme is the official IRI, the notation the end of the code's own."""
    assert code_lists.scheme(f"{NUTS}/DE") == "http://data.europa.eu/nuts"
    assert code_lists.scheme(f"{SNB}/learning-assessment/920fbb3cbe") == (
        f"{SNB}/learning-assessment/25831c2"
    )
    assert code_lists.notation(f"{SNB}/isced-f/00") == "00"
    assert code_lists.notation(f"{SNB}/qualification-topics#pathways") == "pathways"
    assert code_lists.scheme("https://example.org/none") is None
    assert code_lists.notation("https://example.org/none") is None


def test_triples_describe_codes_and_schemes(code_lists: CodeLists) -> None:
    """What is added beside a document: each code once, its scheme, nothing for an unknown IRI."""
    iris = [f"{SNB}/eqf/6", f"{SNB}/eqf/6", f"{SNB}/isced-f/061", "https://example.org/none"]
    lines = list(code_lists.triples(iris))
    graph = set(ox.parse("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES))
    assert len(graph) == len(lines)
    subjects = {quad.subject.value for quad in graph if isinstance(quad.subject, ox.NamedNode)}
    assert subjects == {
        f"{SNB}/eqf/6",
        f"{SNB}/isced-f/061",
        f"{SNB}/eqf/25831c2",
        f"{SNB}/isced-f/25831c2",
    }
    assert f"<{SNB}/isced-f/061> <{expand('skos:broader')}> <{SNB}/isced-f/06> ." in lines


def test_all_triples_are_the_files(code_lists: CodeLists) -> None:
    """The published vocabulary graph says exactly what the Turtle files say."""
    published = "\n".join(code_lists.all_triples()).encode()
    shipped = {
        str(quad)
        for file in (resources.find("data") / "vocabularies").glob("*.ttl")
        for quad in ox.parse(path=str(file))
    }
    assert {str(quad) for quad in ox.parse(published, format=ox.RdfFormat.N_TRIPLES)} == shipped
    assert len(shipped) > 80_000
