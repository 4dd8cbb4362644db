"""The question in texts: what is understood, and what is refused with a reason."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.accreditations import StoreAccreditations, read_award
from europass_ld.verify import Award, Identifier
from europass_ld.vocabularies import CodeLists

from .making import CHEESE, GULF


def ask(source: StoreAccreditations, code_lists: CodeLists, **question: Any) -> Award:
    """Read a question about the university, unless it says otherwise."""
    asked = {"organisation": [GULF], "on": "2025-01-31", **question}
    return read_award(code_lists, source.describe, **asked)


def test_short_codes_and_iris_are_one(source: StoreAccreditations, code_lists: CodeLists) -> None:
    """7 is the IRI of EQF level 7, and so on; empty values of a form state nothing."""
    short = ask(
        source,
        code_lists,
        eqf="7",
        field=["0612"],
        jurisdiction="FIN",
        credential_type="6cf8e68c43",
    )
    assert short == ask(
        source,
        code_lists,
        eqf="http://data.europa.eu/snb/eqf/7",
        field=["http://data.europa.eu/snb/isced-f/0612", ""],
        jurisdiction="http://publications.europa.eu/resource/authority/atu/FIN",
        credential_type="http://data.europa.eu/snb/credential/6cf8e68c43",
        qualification="",
    )
    assert short.on == date(2025, 1, 31)


def test_an_iri_brings_its_identifiers(source: StoreAccreditations, code_lists: CodeLists) -> None:
    """What the store knows of an IRI, and what is stated beside it, identify one organisation."""
    found = ask(source, code_lists, organisation=[CHEESE, "LEIXG-5299000J2N45DDNE4Y28"])
    assert Identifier("FR00000000101", "VAT", "FR") in found.organisation.identifiers
    assert Identifier("5299000J2N45DDNE4Y28", "LEI", "XG") in found.organisation.identifiers


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"organisation": []}, "organisation is missing"),
        ({"organisation": ["", " "]}, "organisation is missing"),
        ({"organisation": ["Cheese School"]}, "neither an IRI nor an identifier"),
        ({"organisation": [GULF, CHEESE]}, "one IRI is accepted"),
        ({"on": "31.1.2025"}, "no date such as 2026-01-31"),
        ({"on": ""}, "no date"),
        ({"eqf": "9"}, "no code of the list eqf"),
        ({"field": ["7777"]}, "no code of the list isced-f"),
        ({"field": ["http://data.europa.eu/snb/eqf/7"]}, "no code of the list isced-f"),
        ({"jurisdiction": "Finland"}, "no code of the list atu"),
    ],
)
def test_what_cannot_be_read_is_told(
    question: dict[str, Any], reason: str, source: StoreAccreditations, code_lists: CodeLists
) -> None:
    """The message names the part of the question and what is accepted."""
    with pytest.raises(ValueError, match=reason):
        ask(source, code_lists, **question)


@given(text=st.text(), code=st.text())
def test_any_text_is_read_or_refused(
    text: str, code: str, source: StoreAccreditations, code_lists: CodeLists
) -> None:
    """Nothing but the documented error, whatever stands in the question."""
    try:
        ask(source, code_lists, organisation=[text], on=text, eqf=code, jurisdiction=code)
    except ValueError:
        return
