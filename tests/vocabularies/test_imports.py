"""Lists that the operator brings in: found, stored, in force, and taken back."""

import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.errors import ConfigurationError, MalformedDocument, UnsupportedDocument
from europass_ld.vocabularies import (
    CodeList,
    CodeLists,
    import_vocabulary,
    imported_lists,
    load_code_lists,
)

COUNTRY = "http://publications.europa.eu/resource/authority/country"
EQF = "http://data.europa.eu/snb/eqf"
NUTS = "http://data.europa.eu/nuts"
ESCO = "http://data.europa.eu/esco"

AUTHORITY_TABLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:at="http://publications.europa.eu/ontology/authority/"
    xmlns:owl="http://www.w3.org/2002/07/owl#"
    xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:ConceptScheme rdf:about="{COUNTRY}" at:table.id="country">
    <owl:versionInfo>20991231-0</owl:versionInfo>
    <skos:prefLabel xml:lang="en">Countries of tomorrow</skos:prefLabel>
  </skos:ConceptScheme>
  <skos:Concept rdf:about="{COUNTRY}/DEU" at:deprecated="false">
    <skos:inScheme rdf:resource="{COUNTRY}"/>
    <skos:notation rdf:datatype="http://publications.europa.eu/ontology/euvoc#ISO_3166_1_ALPHA_2"
      >DE</skos:notation>
    <skos:prefLabel xml:lang="de">Bundesrepublik Deutschland</skos:prefLabel>
  </skos:Concept>
  <skos:Concept rdf:about="{COUNTRY}/ATL">
    <skos:topConceptOf rdf:resource="{COUNTRY}"/>
    <skos:prefLabel xml:lang="en">Atlantis</skos:prefLabel>
    <skos:prefLabel xml:lang="pl">Atlantyda</skos:prefLabel>
    <skos:definition xml:lang="en">An island.</skos:definition>
  </skos:Concept>
</rdf:RDF>
"""

REGIONS = f"""
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix code: <{NUTS}/code/> .
@prefix edition: <{NUTS}/scheme/> .

edition:2097 a skos:ConceptScheme ; dct:hasVersion "2097" .
edition:2099 a skos:ConceptScheme ; dct:hasVersion "2099/1" .

code:DEX1 a skos:Concept ; skos:inScheme edition:2099 ; skos:broader code:DEX ;
    xl:prefLabel [ xl:literalForm "Nordseeland"@de ] .
code:DEX a skos:Concept ; skos:inScheme edition:2099 , edition:2097 ; skos:broader code:DE ;
    skos:prefLabel "Seeland" .
code:DEA29 a skos:Concept ; skos:inScheme edition:2097 .
"""

SKILLS = f"""
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<{ESCO}/concept-scheme/skills> a skos:ConceptScheme ;
    skos:hasTopConcept <{ESCO}/skill/S> .
<{ESCO}/skill/S> a skos:Concept ; skos:notation "S" ; skos:prefLabel "skills"@en .
<{ESCO}/skill/0001> a skos:Concept ; skos:inScheme <{ESCO}/concept-scheme/skills> ;
    skos:broader <{ESCO}/skill/S> ; skos:prefLabel "weld"@en , "schweißen"@de .
"""

Load = Callable[[], CodeLists]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return the operator's directory; the first import makes it."""
    return tmp_path / "imported"


@pytest.fixture
def load(tmp_path: Path, directory: Path) -> Load:
    """Return a function that loads the lists with the imports."""
    return lambda: load_code_lists(imported=directory, cache=tmp_path / "cache")


def written(tmp_path: Path, name: str, text: str) -> Path:
    """Return a file with that text."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def status(lists: CodeLists, name: str) -> CodeList:
    """Return the status of one list."""
    return next(one for one in lists.lists() if one.name == name)


def test_authority_table_extends(tmp_path: Path, directory: Path, load: Load) -> None:
    """An EU authority table adds its codes and names; what only the shipped list knows stays."""
    imported = import_vocabulary(written(tmp_path, "country.rdf", AUTHORITY_TABLE), directory)
    assert (imported.name, imported.scheme, imported.version) == ("country", COUNTRY, "20991231-0")
    assert (imported.size, imported.mode, imported.file) == (2, "extend", "country.rdf")
    lists = load()
    assert f"{COUNTRY}/ATL" in lists.codes("country", "3.1", "loq")
    assert f"{COUNTRY}/FRA" in lists.codes("country", "3.1")
    assert lists.label(f"{COUNTRY}/ATL", ("pl",)) == ("Atlantyda", "pl")
    assert lists.label(f"{COUNTRY}/DEU", ("de",)) == ("Bundesrepublik Deutschland", "de")
    assert lists.label(f"{COUNTRY}/DEU", ("fr",)) == ("Allemagne", "fr")
    assert lists.notation(f"{COUNTRY}/DEU") == "DEU"
    assert lists.nearest(("country",), f"{COUNTRY}/atlantyda", "3.1") == f"{COUNTRY}/ATL"


def test_status_of_an_import(tmp_path: Path, directory: Path, load: Load) -> None:
    """The list says where it comes from, in which version, and how many codes it now has."""
    before = load()
    imported = import_vocabulary(written(tmp_path, "country.rdf", AUTHORITY_TABLE), directory)
    assert status(load(), "country") == CodeList(
        name="country",
        scheme=COUNTRY,
        title="Countries and territories",
        closed=False,
        version="20991231-0",
        size=255,
        source="extended",
        file="country.rdf",
        imported_at=imported.imported_at,
    )
    assert status(load(), "eqf") == status(before, "eqf")
    assert imported_lists(directory) == (imported,)


def test_turtle_replaces(tmp_path: Path, directory: Path, load: Load) -> None:
    """In mode replace only the imported codes are valid; a closed list stays closed."""
    text = f"""
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    <{EQF}/25831c2> a skos:ConceptScheme .
    <{EQF}/6> a skos:Concept ; skos:inScheme <{EQF}/25831c2> ; skos:prefLabel "Niveau 6"@fr .
    <{EQF}/9> a skos:Concept ; skos:inScheme <{EQF}/25831c2> ; skos:prefLabel "Niveau 9"@fr .
    """
    file = written(tmp_path, "eqf.ttl", text)
    imported = import_vocabulary(file, directory, mode="replace")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}", imported.version)
    lists = load()
    assert lists.codes("eqf", "3.3") == {f"{EQF}/6", f"{EQF}/9"}
    assert lists.labels(f"{EQF}/6") == {"en": "Level 6", "fr": "Niveau 6"}
    assert lists.concept(f"{EQF}/7") is None
    assert status(lists, "eqf").source == "replaced"
    assert status(lists, "eqf").closed


def test_edition_with_a_scheme_of_its_own(tmp_path: Path, directory: Path, load: Load) -> None:
    """NUTS has a scheme per edition: one is named, and its codes join the shipped scheme."""
    file = written(tmp_path, "nuts.ttl", REGIONS)
    with pytest.raises(
        ConfigurationError, match=r"scheme/2097> \(2 concepts\).*2099> \(2"
    ) as error:
        import_vocabulary(file, directory)
    assert error.value.setting == "scheme"
    imported = import_vocabulary(file, directory, scheme=f"{NUTS}/scheme/2099")
    assert (imported.name, imported.scheme, imported.version) == ("nuts", NUTS, "2099/1")
    lists = load()
    new = f"{NUTS}/code/DEX1"
    assert {new, f"{NUTS}/code/DEA29"} <= lists.codes("nuts", "3.3")
    assert lists.scheme(new) == NUTS
    assert lists.broader(new) == (f"{NUTS}/code/DEX",)
    assert lists.label(new, ("en",)) == ("Nordseeland", "de")
    assert lists.label(f"{NUTS}/code/DEX", ("en",)) == ("Seeland", "und")


def test_new_list(tmp_path: Path, directory: Path, load: Load) -> None:
    """A scheme that is not shipped becomes a list of its own, named after the scheme's end."""
    imported = import_vocabulary(written(tmp_path, "esco.ttl", SKILLS), directory)
    assert imported.name == "skills"
    lists = load()
    assert lists.lists()[-1] == status(lists, "skills")
    assert status(lists, "skills").source == "imported"
    assert not status(lists, "skills").closed
    assert lists.scheme(f"{ESCO}/skill/0001") == f"{ESCO}/concept-scheme/skills"
    assert lists.broader(f"{ESCO}/skill/0001") == (f"{ESCO}/skill/S",)
    assert lists.notation(f"{ESCO}/skill/S") == "S"
    assert lists.notation(f"{ESCO}/skill/0001") == "0001"
    assert len(lists.codes("skills", "3.1")) == 2


def test_new_list_takes_no_name_of_another(tmp_path: Path, directory: Path, load: Load) -> None:
    """ESCO's own ISCED-F has other IRIs than the shipped one, and is kept apart from it."""
    scheme = f"{ESCO}/concept-scheme/isced-f"
    text = f"""
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    <{ESCO}/isced-f/0613> a skos:Concept ; skos:inScheme <{scheme}> .
    """
    first = import_vocabulary(written(tmp_path, "isced.ttl", text), directory)
    other = text.replace("esco", "esco-two")
    second = import_vocabulary(written(tmp_path, "other.ttl", other), directory)
    assert len({first.name, second.name, "isced-f"}) == 3
    assert status(load(), "isced-f").source == "shipped"


@pytest.mark.parametrize(
    "format_", [ox.RdfFormat.RDF_XML, ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES]
)
def test_published_lists_come_back(
    tmp_path: Path, directory: Path, load: Load, format_: ox.RdfFormat
) -> None:
    """What this server publishes, another one can import, in any format: the same codes, names."""
    shipped = load()
    iris = shipped.codes("skill-reuse-level", "3.3")
    graph = "\n".join(shipped.triples(iris)).encode()
    file = tmp_path / f"levels.{format_.file_extension}"
    with file.open("wb") as stream:
        ox.serialize(ox.parse(graph, format=ox.RdfFormat.N_TRIPLES), stream, format_)
    imported = import_vocabulary(file, directory, mode="replace")
    assert (imported.name, imported.version) == ("skill-reuse-level", "ELM 3.3.1")
    again = load()
    assert again.codes("skill-reuse-level", "3.3") == iris
    assert set(again.triples(iris)) == set(shipped.triples(iris))


def test_newest_import_is_in_force(tmp_path: Path, directory: Path, load: Load) -> None:
    """Versions stand side by side; the last import counts, and deleting it takes it back."""
    text = AUTHORITY_TABLE
    import_vocabulary(written(tmp_path, "country.rdf", text), directory)
    newer = text.replace("20991231-0", "21000101-0").replace("ATL", "LEM")
    second = import_vocabulary(written(tmp_path, "country.rdf", newer), directory)
    assert [one.version for one in imported_lists(directory)] == ["20991231-0", "21000101-0"]
    assert status(load(), "country").version == "21000101-0"
    assert f"{COUNTRY}/ATL" not in load().codes("country", "3.3")
    second.path.unlink()
    second.path.with_suffix(".json").unlink()
    assert f"{COUNTRY}/ATL" in load().codes("country", "3.3")


def test_earlier_version_again(tmp_path: Path, directory: Path, load: Load) -> None:
    """Importing an earlier version once more puts it in force."""
    first = written(tmp_path, "first.rdf", AUTHORITY_TABLE)
    second = written(tmp_path, "second.rdf", AUTHORITY_TABLE.replace("20991231", "21000101"))
    for file in (first, second, first):
        import_vocabulary(file, directory)
    assert len(imported_lists(directory)) == 2
    assert status(load(), "country").file == "first.rdf"


def test_no_import_yet(directory: Path, load: Load) -> None:
    """A directory that is not there yet means no imports."""
    assert imported_lists(directory) == ()
    assert {one.source for one in load().lists()} == {"shipped"}


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("table.xlsx", "", UnsupportedDocument),
        ("table.ttl", "", UnsupportedDocument),
        ("table.ttl", "<https://example.org/a> a <https://example.org/b> .", UnsupportedDocument),
        ("table.ttl", "<https://example.org/a> a\n skos:Concept .", MalformedDocument),
        ("table.xml", "<html><body>Not found</body></html>", MalformedDocument),
        ("table.xml", "<rdf:RDF", MalformedDocument),
    ],
)
def test_not_a_vocabulary(
    tmp_path: Path, directory: Path, name: str, text: str, error: type[Exception]
) -> None:
    """What is no SKOS is refused with the file's name, and leaves nothing behind."""
    with pytest.raises(error, match=re.escape(name)):
        import_vocabulary(written(tmp_path, name, text), directory)
    assert not directory.exists()


def test_malformed_file_names_the_line(tmp_path: Path, directory: Path) -> None:
    """The position of a syntax error is told."""
    file = written(tmp_path, "table.ttl", "<https://example.org/a> a\n skos:Concept .")
    with pytest.raises(MalformedDocument) as error:
        import_vocabulary(file, directory)
    assert (error.value.file, error.value.line) == ("table.ttl", 2)


def test_scheme_that_is_not_there(tmp_path: Path, directory: Path) -> None:
    """A scheme that the file does not hold is a mistake of the caller's, with the real ones."""
    file = written(tmp_path, "country.rdf", AUTHORITY_TABLE)
    with pytest.raises(ConfigurationError, match=re.escape(COUNTRY)) as error:
        import_vocabulary(file, directory, scheme="https://example.org/none")
    assert (error.value.setting, error.value.source) == ("scheme", "https://example.org/none")


def test_missing_file(tmp_path: Path, directory: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ConfigurationError, match=r"none\.ttl: No such file"):
        import_vocabulary(tmp_path / "none.ttl", directory)


def test_directory_cannot_be_written(tmp_path: Path) -> None:
    """A place that cannot be written is named."""
    file = written(tmp_path, "country.rdf", AUTHORITY_TABLE)
    with pytest.raises(ConfigurationError) as error:
        import_vocabulary(file, file)
    assert error.value.setting == "directory"


@pytest.mark.parametrize("damage", ["", "[]", '{"name": "country"}', "gone"])
def test_damaged_import(tmp_path: Path, directory: Path, load: Load, damage: str) -> None:
    """A damaged import is never passed over silently: codes would be judged by another list."""
    imported = import_vocabulary(written(tmp_path, "country.rdf", AUTHORITY_TABLE), directory)
    file = imported.path.with_suffix(".json")
    if damage == "gone":
        imported.path.unlink()
    else:
        file.write_text(damage, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(file.name)) as error:
        load()
    assert (error.value.setting, error.value.source) == ("imported", str(file))


@pytest.mark.parametrize("text", ["", "@prefix", "<https://example.org/a> a <https://"])
@pytest.mark.parametrize("source", [AUTHORITY_TABLE, AUTHORITY_TABLE.replace(COUNTRY, ESCO)])
def test_damaged_codes(tmp_path: Path, directory: Path, load: Load, source: str, text: str) -> None:
    """A cut file of codes is named, whether its list is a shipped one or a new one."""
    imported = import_vocabulary(written(tmp_path, "table.rdf", source), directory)
    imported.path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is damaged") as error:
        load()
    assert error.value.source == str(imported.path)
