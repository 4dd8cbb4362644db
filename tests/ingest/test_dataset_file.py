"""dataset.toml: what it may say, and what is said of a bad one."""

from pathlib import Path

import pytest

from europass_ld.errors import ConfigurationError
from europass_ld.ingest.dataset_file import read_dataset_file

GOOD = """
iri = "https://e.example/dataset"
title = { en = "Courses", pt-BR = "Cursos" }
publisher = { iri = "https://e.example/", name = { en = "Agency" } }
country = "FIN"
family = "loq"
files = ["a.xml"]
"""


def write(folder: Path, text: str) -> Path:
    """Write a dataset.toml beside one document."""
    (folder / "a.xml").write_text("<a/>")
    path = folder / "dataset.toml"
    path.write_text(text)
    return path


def test_a_good_file(tmp_path: Path) -> None:
    """Everything it says arrives, language tags in lower case, files as paths."""
    dataset, files = read_dataset_file(write(tmp_path, GOOD))
    assert dataset.iri == "https://e.example/dataset"
    assert dataset.title == {"en": "Courses", "pt-br": "Cursos"}
    assert (dataset.publisher, dataset.country) == ("https://e.example/", "FIN")
    assert dataset.delivery == "complete"
    assert files == [tmp_path / "a.xml"]


def test_what_is_for_the_catalogue(tmp_path: Path) -> None:
    """Themes, keywords, languages and the landing page arrive."""
    more = """
themes = ["EDUC", "SOCI"]
keywords = { en = ["training", "courses"], FI = ["koulutus"] }
languages = ["FIN", "SWE"]
landing_page = "https://e.example/data"
"""
    dataset, _ = read_dataset_file(write(tmp_path, GOOD + more))
    assert dataset.themes == ("EDUC", "SOCI")
    assert dataset.keywords == {"en": ("training", "courses"), "fi": ("koulutus",)}
    assert dataset.languages == ("FIN", "SWE")
    assert dataset.landing_page == "https://e.example/data"


def test_files_beside_it_by_default(tmp_path: Path) -> None:
    """Without files, every document beside it belongs to the delivery."""
    path = write(tmp_path, GOOD.replace('files = ["a.xml"]', ""))
    (tmp_path / "b.xml.gz").write_bytes(b"")
    (tmp_path / "notes.md").write_text("")
    assert read_dataset_file(path)[1] == [tmp_path / "a.xml", tmp_path / "b.xml.gz"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('iri = "https://e.example/dataset"', "", "iri: this key is needed"),
        ('"https://e.example/dataset"', '"no iri"', "iri: 'no iri' is not accepted"),
        ('country = "FIN"', "country = 1", "country: 1 is not accepted"),
        ('country = "FIN"', 'colour = "blue"', "colour: unknown key"),
        ('family = "loq"', 'family = "edc"', "expected: loq or ams"),
        ('["a.xml"]', '["none.xml"]', "there is no file"),
        ("title = {", "title = [", "cannot be read"),
        ('{ en = "Agency" }', '"Agency"', "publisher"),
        ('country = "FIN"', 'themes = ["SPORT"]', "expected: a list of AGRI, ECON"),
        ('country = "FIN"', "themes = [{}]", r"themes: \[{}\] is not accepted"),
        ('country = "FIN"', 'languages = ["fi"]', "expected: a list of codes of three letters"),
        ('country = "FIN"', 'keywords = { en = "one" }', "expected: lists of texts by language"),
        ('country = "FIN"', 'landing_page = "no iri"', "landing_page: 'no iri'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    """The error names the file, the key, the value and what is accepted."""
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_dataset_file(path)
    assert str(path) in str(caught.value)
