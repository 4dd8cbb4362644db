"""The shipped lists against the official ones, list by list and schema by schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.core import get_cldr_version
from lxml import etree

from europass_ld import resources
from europass_ld.vocabularies import SCHEMA_VERSIONS, CodeLists
from europass_ld.vocabularies.turtle import write_list
from tests.shared import corpus
from tests.tools.build_vocabularies import CLDR, LISTS, build

XS = "{http://www.w3.org/2001/XMLSchema}"
SHIPPED = resources.find("data") / "vocabularies"


def enumerations(folder: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield every named enumeration of a folder of schemas: its type's name and its values."""
    for file in folder.glob("*.xsd"):
        for simple_type in etree.parse(file).iter(f"{XS}simpleType"):
            values = [one.get("value", "") for one in simple_type.iter(f"{XS}enumeration")]
            yield simple_type.get("name", ""), frozenset(values)


@pytest.mark.parametrize("family", ["loq", "ams"])
@pytest.mark.parametrize("version", SCHEMA_VERSIONS)
def test_same_codes_as_official(code_lists: CodeLists, family: str, version: str) -> None:
    """A schema's own lists have exactly the codes that ours have for that family and version."""
    folder = corpus() / "official" / f"elm-{version}" / "xsd" / family / "cv"
    names = {spec.type: name for name, spec in LISTS.items()}
    official = {names[type_]: values for type_, values in enumerations(folder)}
    assert len(official) == {"loq": 26, "ams": 9}[family]
    for name, values in official.items():
        assert code_lists.codes(name, version, family) == values, name


def test_official_names(code_lists: CodeLists) -> None:
    """Every name that an official list gives is the English (of NUTS: undetermined) label."""
    folder = corpus() / "official" / "elm-3.1" / "xsd" / "loq" / "cv"
    named = 0
    for file in folder.glob("*.xsd"):
        language = "und" if file.stem == "nuts" else "en"
        for one in etree.parse(file).iter(f"{XS}enumeration"):
            name = " ".join("".join(one.itertext()).split())
            if name:
                named += 1
                assert code_lists.labels(one.get("value", ""))[language] == name
    assert named == 7113


@pytest.mark.parametrize("name", sorted(LISTS))
def test_files_are_what_the_tool_writes(name: str) -> None:
    """Nobody edited a file by hand: building it again gives the same bytes."""
    if get_cldr_version() != CLDR:
        pytest.skip(f"needs babel with CLDR {CLDR}, this one has {get_cldr_version()}")
    scheme, concepts = build(corpus() / "official", name)
    text = "".join(write_list(scheme, concepts))
    assert (SHIPPED / f"{name}.ttl").read_text(encoding="utf-8") == text


def test_no_list_is_forgotten(code_lists: CodeLists) -> None:
    """The tool, the folder and the loaded lists know the same names."""
    assert sorted(LISTS) == sorted(file.stem for file in SHIPPED.glob("*.ttl"))
    assert sorted(LISTS) == sorted(one.name for one in code_lists.lists())


def test_readme_knows_every_list(code_lists: CodeLists) -> None:
    """The table in the folder's README is that of the lists as they are."""
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for one in code_lists.lists():
        state = "closed" if one.closed else "evolving"
        row = f"| {one.name} | {one.title} | `{one.scheme}` | {one.size} | {state} |"
        assert row in readme
