"""Suggestions for wrong codes: what was probably meant, and in bounded time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.vocabularies import CodeLists

AUTHORITY = "http://publications.europa.eu/resource/authority"
SNB = "http://data.europa.eu/snb"
NUTS = "http://data.europa.eu/nuts/code"


@pytest.mark.parametrize(
    ("names", "wrong", "meant"),
    [
        (("eqf",), f"{SNB}/eqf/9", f"{SNB}/eqf/8"),
        (("eqf",), f"{SNB}/eqf/0", f"{SNB}/eqf/1"),
        (("eqf",), f"{SNB}/eqf/12", f"{SNB}/eqf/8"),
        (("eqf",), f"{SNB}/eqf/6/", f"{SNB}/eqf/6"),
        (("eqf",), "https://data.europa.eu/snb/eqf/6", f"{SNB}/eqf/6"),
        (("eqf",), "http://data.europa.eu/SNB/EQF/6 ", f"{SNB}/eqf/6"),
        (("eqf",), "http://data.europa.eu/esco/eqf/6", f"{SNB}/eqf/6"),
        (("eqf",), f"{SNB}/eqf/level%206", f"{SNB}/eqf/6"),
        (("isced-f",), f"{SNB}/isced-f/613", f"{SNB}/isced-f/0613"),
        (("isced-f",), f"{SNB}/isced-f/06139", f"{SNB}/isced-f/0613"),
        (("language",), f"{AUTHORITY}/language/eng", f"{AUTHORITY}/language/ENG"),
        (("language",), f"{AUTHORITY}/language/de", f"{AUTHORITY}/language/DEU"),
        (("language",), f"{AUTHORITY}/language/GER", f"{AUTHORITY}/language/DEU"),
        (("language",), f"{AUTHORITY}/language/de-AT", f"{AUTHORITY}/language/DEU"),
        (("language",), f"{AUTHORITY}/language/Deutsch", f"{AUTHORITY}/language/DEU"),
        (("language",), f"{AUTHORITY}/language/Finish", f"{AUTHORITY}/language/FIN"),
        (("country", "nuts"), f"{AUTHORITY}/country/DE", f"{AUTHORITY}/country/DEU"),
        (("country", "nuts"), f"{AUTHORITY}/country/UK", f"{AUTHORITY}/country/GBR"),
        (("nuts", "country"), f"{AUTHORITY}/country/EL", f"{AUTHORITY}/country/GRC"),
        (("country", "nuts"), "http://data.europa.eu/nuts/DEA29", f"{NUTS}/DEA29"),
        (("country", "nuts"), f"{NUTS}/DEA2XYZ", f"{NUTS}/DEA2"),
        (("atu",), f"{AUTHORITY}/atu/DEU_LD_XXX", f"{AUTHORITY}/atu/DEU"),
        (
            ("learning-setting",),
            f"{SNB}/learning-setting/formal",
            f"{SNB}/learning-setting/6fd4685715",
        ),
        (
            ("learning-opportunity",),
            f"{SNB}/learning-opportunity/05035c1cbe",
            f"{SNB}/learning-opportunity/05053c1cbe",
        ),
    ],
)
def test_meant(code_lists: CodeLists, names: tuple[str, ...], wrong: str, meant: str) -> None:
    """The usual slips are recognised: case, scheme, slash, zero, other standard, name, typo."""
    assert code_lists.nearest(names, wrong, "3.3") == meant


@pytest.mark.parametrize(
    "wrong", ["", "/", "https://example.org/zzzzzzzzzzzzzz", "\N{SNOWMAN}", "x" * 1_000_000]
)
def test_nothing_is_near(code_lists: CodeLists, wrong: str) -> None:
    """Where nothing resembles it, nothing is suggested."""
    assert code_lists.nearest(("learning-opportunity", "mode"), wrong, "3.3") is None


def test_only_codes_of_the_schema(code_lists: CodeLists) -> None:
    """A code that the schema lacks is suggested neither for another one nor for itself."""
    code = f"{SNB}/accreditation/c_1f1a469a"
    wrong = code[:-1] + "b"
    assert code_lists.nearest(("accreditation",), wrong, "3.3", "ams") == code
    assert code_lists.nearest(("accreditation",), wrong, "3.3", "loq") is None
    assert code_lists.nearest(("accreditation",), code, "3.3", "loq") is None
    assert code_lists.nearest(("accreditation",), code, "3.1") is None


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400), names=st.sampled_from([("language",), ("country", "nuts")]))
def test_any_text(code_lists: CodeLists, text: str, names: tuple[str, ...]) -> None:
    """Whatever stands in a document, the answer is None or a code of one of the lists."""
    found = code_lists.nearest(names, text, "3.3")
    assert found is None or any(found in code_lists.codes(name, "3.3") for name in names)


def test_bounded_time(code_lists: CodeLists) -> None:
    """A file full of different wrong languages does not hold up validation (0.5 ms each here)."""
    start = time.perf_counter()
    for number in range(200):
        code_lists.nearest(("language",), f"{AUTHORITY}/language/Sprache{number}", "3.3")
    assert time.perf_counter() - start < 5
