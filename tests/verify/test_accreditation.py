"""Whether accreditations cover an award: by organisation, limits and date, as values."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.verify import (
    Accreditation,
    Award,
    Coverage,
    Identifier,
    Organisation,
    assess,
)
from europass_ld.verify.organisations import (
    read_identifier,
    same_identifier,
    same_organisation,
)

ISCED = "http://data.europa.eu/snb/isced-f/"
EQF = "http://data.europa.eu/snb/eqf/"
COUNTRY = "http://publications.europa.eu/resource/authority/country/"
ATU = "http://publications.europa.eu/resource/authority/atu/"
VAT = Identifier("12345678", "VAT", "AT")
SCHOOL = Organisation("https://school.example/", frozenset({VAT}), ("School",))
OTHER = Organisation("https://other.example/", frozenset({Identifier("9", "VAT", "AT")}))
ACCREDITATION = Accreditation(
    iri="https://agency.example/report/1",
    organisation=SCHOOL,
    issued=date(2020, 1, 1),
    expires=date(2024, 12, 31),
)
AWARD = Award(
    organisation=SCHOOL,
    on=date(2024, 2, 20),
    qualification="https://school.example/welder",
    fields=frozenset({f"{ISCED}0715"}),
    eqf_level=f"{EQF}4",
    credential_type="http://data.europa.eu/snb/credential/6dff8a0f87",
    jurisdiction=f"{COUNTRY}AUT",
)


def _broader(code: str) -> tuple[str, ...]:
    """Return the code above: ISCED-F by its digits, regions by their underscores."""
    if code.startswith(ISCED) and len(code) > len(ISCED) + 2:
        return (code[:-1],)
    head, mark, _ = code.rpartition("_")
    return (head,) if mark and code.startswith(ATU) else ()


def _coverage(award: Award, *accreditations: Accreditation) -> Coverage:
    return assess(award, accreditations, _broader).coverage


def test_unlimited_accreditation_covers() -> None:
    """An accreditation without limits covers whatever the organisation awards in its time."""
    result = assess(AWARD, [ACCREDITATION], _broader)
    assert result.coverage is Coverage.COVERED
    assert [one.accreditation for one in result.assessments] == [ACCREDITATION]


def test_nothing_known_is_no_data() -> None:
    """No accreditation, or only those of others, is no data; it is no refusal."""
    assert _coverage(AWARD) is Coverage.NO_DATA
    result = assess(AWARD, [replace(ACCREDITATION, organisation=OTHER)], _broader)
    assert (result.coverage, result.assessments) == (Coverage.NO_DATA, ())


@pytest.mark.parametrize(
    ("on", "coverage"),
    [
        (date(2019, 12, 31), Coverage.NOT_COVERED),
        (date(2020, 1, 1), Coverage.COVERED),
        (date(2024, 12, 31), Coverage.COVERED),
        (date(2025, 1, 1), Coverage.NOT_COVERED),
    ],
)
def test_the_date_of_the_award_decides(on: date, coverage: Coverage) -> None:
    """Both days at the ends of the period count, and the day of the award is what is asked."""
    assert _coverage(replace(AWARD, on=on), ACCREDITATION) is coverage


def test_the_generic_type_is_no_type() -> None:
    """A credential that only says it is one may be of the type that is accredited, or not."""
    limited = replace(ACCREDITATION, credential_types=frozenset({AWARD.credential_type or ""}))
    generic = replace(AWARD, credential_type="http://data.europa.eu/snb/credential/e34929035b")
    assert _coverage(AWARD, limited) is Coverage.COVERED
    assert _coverage(generic, limited) is Coverage.NO_DATA


def test_names_within_a_document_name_no_qualification() -> None:
    """What a credential calls a qualification for itself is no other qualification."""
    limited = replace(ACCREDITATION, qualifications=frozenset({AWARD.qualification or ""}))
    local = replace(AWARD, qualification="urn:epass:qualification:1")
    assert _coverage(AWARD, limited) is Coverage.COVERED
    assert _coverage(local, limited) is Coverage.NO_DATA


def test_a_programme_and_an_unknown_decision_are_no_data() -> None:
    """What cannot be compared neither covers nor denies."""
    programme = replace(ACCREDITATION, programmes=frozenset({"https://agency.example/p/1"}))
    assert _coverage(AWARD, programme) is Coverage.NO_DATA
    assert _coverage(AWARD, replace(ACCREDITATION, favourable=None)) is Coverage.NO_DATA


def test_open_period() -> None:
    """A period without an end has none."""
    endless = replace(ACCREDITATION, issued=None, expires=None)
    assert _coverage(replace(AWARD, on=date(1950, 1, 1)), endless) is Coverage.COVERED


@pytest.mark.parametrize(
    ("change", "coverage"),
    [
        ({"fields": {f"{ISCED}0715"}}, Coverage.COVERED),
        ({"fields": {f"{ISCED}071"}}, Coverage.COVERED),
        ({"fields": {f"{ISCED}07"}}, Coverage.COVERED),
        ({"fields": {f"{ISCED}0714"}}, Coverage.NOT_COVERED),
        ({"fields": {f"{ISCED}08", f"{ISCED}07"}}, Coverage.COVERED),
        ({"eqf_levels": {f"{EQF}4", f"{EQF}5"}}, Coverage.COVERED),
        ({"eqf_levels": {f"{EQF}6"}}, Coverage.NOT_COVERED),
        ({"credential_types": {AWARD.credential_type}}, Coverage.COVERED),
        ({"credential_types": {"urn:other"}}, Coverage.NOT_COVERED),
        ({"qualifications": {"https://school.example/welder"}}, Coverage.COVERED),
        ({"qualifications": {"https://school.example/baker"}}, Coverage.NOT_COVERED),
        ({"jurisdictions": {f"{COUNTRY}AUT"}}, Coverage.COVERED),
        ({"jurisdictions": {f"{ATU}AUT"}}, Coverage.COVERED),
        ({"jurisdictions": {f"{COUNTRY}DEU"}}, Coverage.NOT_COVERED),
        ({"jurisdictions": {f"{ATU}AUT_BL"}}, Coverage.NOT_COVERED),
        ({"favourable": False}, Coverage.NOT_COVERED),
    ],
)
def test_each_limit(change: dict[str, object], coverage: Coverage) -> None:
    """Field with what is narrower, EQF level, type, qualification and jurisdiction each limit."""
    frozen: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, set) else value
        for name, value in change.items()
    }
    result = assess(AWARD, [replace(ACCREDITATION, **frozen)], _broader)
    assert result.coverage is coverage
    assert bool(result.assessments[0].reasons) is (coverage is not Coverage.COVERED)


def test_region_in_an_accredited_country() -> None:
    """An award in a region lies in its country."""
    regional = replace(AWARD, jurisdiction=f"{ATU}AUT_BL_EIS")
    national = replace(ACCREDITATION, jurisdictions=frozenset({f"{COUNTRY}AUT"}))
    assert _coverage(regional, national) is Coverage.COVERED


def test_redundant_codes_do_not_widen() -> None:
    """An award that lists 07 and 071 beside 0715 is still only in 0715."""
    redundant = frozenset({f"{ISCED}07", f"{ISCED}071", f"{ISCED}0715"})
    narrow = replace(ACCREDITATION, fields=frozenset({f"{ISCED}0715"}))
    assert _coverage(replace(AWARD, fields=redundant), narrow) is Coverage.COVERED
    two = frozenset({f"{ISCED}0715", f"{ISCED}0811"})
    assert _coverage(replace(AWARD, fields=two), narrow) is Coverage.NOT_COVERED


@pytest.mark.parametrize(
    ("limit", "unstated"),
    [
        ({"fields": frozenset({f"{ISCED}07"})}, {"fields": frozenset()}),
        ({"eqf_levels": frozenset({f"{EQF}4"})}, {"eqf_level": None}),
        ({"credential_types": frozenset({"urn:a"})}, {"credential_type": None}),
        ({"qualifications": frozenset({"urn:a"})}, {"qualification": None}),
        ({"jurisdictions": frozenset({f"{COUNTRY}AUT"})}, {"jurisdiction": None}),
    ],
)
def test_what_is_not_stated_is_not_decided(
    limit: dict[str, frozenset[str]], unstated: dict[str, object]
) -> None:
    """A limit that the award says nothing about leaves it open, with the reason."""
    accreditation = replace(ACCREDITATION, **limit)  # type: ignore[arg-type]
    award = replace(AWARD, **unstated)  # type: ignore[arg-type]
    result = assess(award, [accreditation], _broader)
    assert result.coverage is Coverage.NO_DATA
    assert "does not state" in result.assessments[0].reasons[0]


def test_one_that_covers_is_enough() -> None:
    """Others that do not cover take nothing away; all are in the result."""
    expired = replace(ACCREDITATION, iri="urn:old", expires=date(2021, 1, 1))
    result = assess(AWARD, [expired, ACCREDITATION], _broader)
    assert result.coverage is Coverage.COVERED
    assert len(result.assessments) == 2


def test_circular_codes_end() -> None:
    """A code list that goes round in circles does not hang the check."""
    limited = replace(ACCREDITATION, fields=frozenset({"urn:x"}))
    circular = replace(AWARD, fields=frozenset({"urn:a"}))
    above = {"urn:a": ["urn:b"], "urn:b": ["urn:a"]}
    result = assess(circular, [limited], lambda code: above.get(code, []))
    assert result.coverage is Coverage.NOT_COVERED


# --- organisations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VATES-A00000000", Identifier("A00000000", "VAT", "ES")),
        ("VATBE-0949.383.342", Identifier("0949383342", "VAT", "BE")),
        ("NTRGR-12 34", Identifier("1234", "NTR", "EL")),
        ("LEIXG-254900ZNYA1FLUQ9U393", Identifier("254900ZNYA1FLUQ9U393", "LEI", "XG")),
        ("PSDFI-FSA-1", Identifier("FSA1", "PSD", "FI")),
    ],
)
def test_semantic_identifiers(text: str, expected: Identifier) -> None:
    """VATxx-, NTRxx-, PSDxx- and LEIXG- are taken apart, whatever else was said of them."""
    assert read_identifier(text, "other", "ZZ") == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("VATES-A00000000", ("A00000000", "VAT", "ES"), True),
        ("VATES-A00000000", ("A00000000", "VAT", f"{COUNTRY}ESP"), True),
        ("VATES-A00000000", ("ESA00000000", "VAT", "ES"), True),
        ("VATES-A00000000", ("A00000000", "VAT", "PT"), False),
        ("VATES-A00000000", ("A00000000", "NTR", "ES"), False),
        ("VATES-A00000000", ("A00000000", "", ""), False),
        ("VATES-A00000000", ("A00000001", "VAT", "ES"), False),
        ("VATEL-123", ("123", "VAT", "GR"), True),
        ("LEIXG-AB12", ("AB12", "LEI", ""), True),
        ("NTRFI-0123456-7", ("01234567", "NTR", f"{COUNTRY}FIN"), True),
    ],
)
def test_same_identifier(one: str, other: tuple[str, str, str], same: bool) -> None:
    """Scheme, country and value decide; punctuation and a repeated country do not."""
    assert same_identifier(read_identifier(one), read_identifier(*other)) is same


def test_local_identifiers_name_nobody() -> None:
    """The same urn:epass: in two documents is two organisations; another IRI is one."""
    local = Organisation("urn:epass:org:1")
    assert not same_organisation(local, local)
    assert same_organisation(Organisation("urn:a"), Organisation("urn:a"))
    assert not same_organisation(Organisation(), Organisation())


def test_organisations_by_identifier_only() -> None:
    """Two IRIs and one VAT number are one organisation."""
    assert same_organisation(SCHOOL, Organisation("https://elsewhere.example/", frozenset({VAT})))


@given(st.text(max_size=40), st.text(max_size=8), st.text(max_size=8))
@settings(max_examples=200)
def test_any_text_is_read(text: str, scheme: str, country: str) -> None:
    """No text of an identifier is an error, and reading is stable."""
    found = read_identifier(text, scheme, country)
    assert read_identifier(found.value, found.scheme, found.country).value == found.value
