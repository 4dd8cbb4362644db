"""Accreditations out of a store: found by IRI and identifier, dataset by dataset."""

from datetime import date

import pyoxigraph as ox
import pytest

from europass_ld.accreditations import StoreAccreditations
from europass_ld.accreditations.description import read_accreditation
from europass_ld.accreditations.graphs import Graph
from europass_ld.terms import expand
from europass_ld.verify import Award, Coverage, Identifier, Organisation

from .making import CHEESE, COURSES, GULF, MILL, REGISTER, REVIEW, ROGUE

ISCED = "http://data.europa.eu/snb/isced-f/"
EQF = "http://data.europa.eu/snb/eqf/"
COUNTRY = "http://publications.europa.eu/resource/authority/country/"
ATU = "http://publications.europa.eu/resource/authority/atu/"
DIPLOMA = "https://donnees.formations.example/certification/btsa-lait"


def award(**stated: object) -> Award:
    """Return an award of the university in the field of databases, which its review covers."""
    values = {
        "organisation": Organisation(GULF),
        "on": date(2025, 1, 31),
        "fields": frozenset({f"{ISCED}0612"}),
        "eqf_level": f"{EQF}7",
        "credential_type": "http://data.europa.eu/snb/credential/6cf8e68c43",
        "jurisdiction": f"{COUNTRY}FIN",
        **stated,
    }
    return Award(**values)  # type: ignore[arg-type]


def covering(source: StoreAccreditations, asked: Award) -> set[tuple[str, str | None]]:
    """Return the accreditations that cover an award, and who publishes them."""
    return {
        (one.accreditation.iri, one.accreditation.source)
        for one in source.assess(asked).assessments
        if one.coverage is Coverage.COVERED
    }


def test_a_register_covers_with_all_narrower_fields(source: StoreAccreditations) -> None:
    """Databases are within information technology, for which the register accredits."""
    assert covering(source, award()) == {(REVIEW, REGISTER)}


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({"fields": frozenset({f"{ISCED}0913"})}, "it is for other fields of education"),
        ({"eqf_level": f"{EQF}5"}, "it is for other EQF levels"),
        ({"on": date(2023, 5, 31)}, "it began only on 2023-06-01"),
        ({"on": date(2029, 6, 1)}, "it ended on 2029-05-31"),
        ({"jurisdiction": f"{COUNTRY}USA"}, "it is for other jurisdictions"),
        (
            {"credential_type": "http://data.europa.eu/snb/credential/bdc47cb449"},
            "it is for other types of credentials",
        ),
    ],
)
def test_every_limit_of_the_register_counts(
    stated: dict[str, object], reason: str, source: StoreAccreditations
) -> None:
    """One thing outside the limits and the same award is not covered by it, and why is told."""
    result = source.assess(award(**stated))
    reviews = [
        one
        for one in result.assessments
        if (one.accreditation.iri, one.accreditation.source) == (REVIEW, REGISTER)
    ]
    assert [one.coverage for one in reviews] == [Coverage.NOT_COVERED]
    assert reason in reviews[0].reasons


def test_an_identifier_finds_what_the_register_knows_by_iri(source: StoreAccreditations) -> None:
    """The VAT number stands in the register of courses only; the agency names the IRI only."""
    known = Organisation("urn:epass:org:1", frozenset({Identifier("00000000101", "VAT", "FR")}))
    found = {(one.iri, one.source) for one in source.accreditations(known)}
    assert ("https://register.aqle.example/report/1012", REGISTER) in found
    result = source.assess(award(organisation=known))
    assert {one.accreditation.iri for one in result.assessments} == {one for one, _ in found}


def test_an_identifier_of_another_country_finds_nothing(source: StoreAccreditations) -> None:
    """The same number in another country is another organisation."""
    known = Organisation(identifiers=frozenset({Identifier("00000000101", "VAT", "BE")}))
    assert source.assess(award(organisation=known)).coverage is Coverage.NO_DATA
    assert source.accreditations(known) == ()


def test_a_programme_beside_a_qualification_covers_that_one_only(
    source: StoreAccreditations,
) -> None:
    """The accreditation of a programme in a register of courses is for its qualification."""
    asked = award(
        organisation=Organisation(CHEESE),
        qualification=DIPLOMA,
        fields=frozenset({f"{ISCED}0721"}),
        eqf_level=f"{EQF}5",
        jurisdiction=f"{COUNTRY}FRA",
    )
    licence = ("https://donnees.formations.example/accreditation/btsa-lait-2024", COURSES)
    assert covering(source, asked) == {licence}
    other = award(
        organisation=Organisation(CHEESE),
        qualification="https://donnees.formations.example/certification/other",
        jurisdiction=f"{COUNTRY}FRA",
    )
    assert covering(source, other) == set()


def test_a_refusal_is_none_and_says_so(source: StoreAccreditations) -> None:
    """An unfavourable decision in the register never covers."""
    school = Organisation("https://data.mitroo-mathisis.example/foreas/saronikos")
    asked = award(organisation=school, fields=frozenset({f"{ISCED}1041"}))
    (one,) = source.assess(asked).assessments
    assert one.coverage is Coverage.NOT_COVERED
    assert "its decision was not favourable" in one.reasons


def test_nobody_takes_the_accreditation_of_another(source: StoreAccreditations) -> None:
    """A dataset that points at an accreditation of another gets nothing of what that says."""
    mill = source.accreditations(Organisation(MILL))
    assert {one.source for one in mill} == {ROGUE.iri}
    assert not any(one.iri == REVIEW for one in mill)


def test_what_a_dataset_adds_to_an_accreditation_stays_its_own(source: StoreAccreditations) -> None:
    """That another dataset calls the review the cheese school's is that dataset's word alone."""
    cheese = [one for one in source.accreditations(Organisation(CHEESE)) if one.iri == REVIEW]
    assert [one.source for one in cheese] == [ROGUE.iri]
    (review,) = (one for one in source.accreditations(Organisation(GULF)) if one.iri == REVIEW)
    assert f"{EQF}1" not in review.eqf_levels


def test_unknown_words_decide_nothing(source: StoreAccreditations) -> None:
    """A decision in words that are not known here neither covers nor denies."""
    result = source.assess(award(organisation=Organisation(MILL)))
    assert result.coverage is Coverage.NO_DATA
    assert [one.reasons for one in result.assessments] == [
        ("its decision is stated in words that are not known here",)
    ]


@pytest.mark.parametrize("iri", ["no iri", "https://a b.example/", "", "urn:epass:org:1"])
def test_what_is_no_iri_finds_nothing(iri: str, source: StoreAccreditations) -> None:
    """A sealed statement may name its organisation in any way; that is no error here."""
    assert source.accreditations(Organisation(iri)) == ()


@pytest.mark.parametrize(
    ("code", "above"),
    [
        (f"{ISCED}0612", f"{ISCED}061"),
        (f"{ATU}AUT_1", f"{ATU}AUT"),
        (f"{ATU}AUT", f"{COUNTRY}AUT"),
        (f"{COUNTRY}FIN", f"{ATU}EUR"),
        ("http://data.europa.eu/nuts/code/AT332", "http://data.europa.eu/nuts/code/AT33"),
        ("http://data.europa.eu/nuts/code/AT", f"{COUNTRY}AUT"),
    ],
)
def test_codes_hang_together(code: str, above: str, source: StoreAccreditations) -> None:
    """Fields have narrower ones, regions countries, and countries of Europe are in Europe."""
    assert above in source.broader(code)
    assert source.broader("https://codes.example/none") == ()


@pytest.mark.parametrize(
    ("moment", "issued", "expires"),
    [
        ("2026-01-31T23:59:59-11:00", date(2026, 1, 31), date(2026, 1, 31)),
        ("2026-01-31Z", date(2026, 1, 31), date(2026, 1, 31)),
        ("-0044-03-15T00:00:00", date.min, date.min),
        ("12026-01-31T00:00:00", date.max, date.max),
        ("2026-02-30T00:00:00", date.max, date.min),
        ("soon", date.max, date.min),
        ("", date.max, date.min),
    ],
)
def test_days_are_read_where_they_were_written(moment: str, issued: date, expires: date) -> None:
    """No day is shifted by a time zone, and one that cannot be read covers nothing."""
    accreditation = "https://agency.example/1"
    store = ox.Store()
    for name in ("dct:issued", "elm:expiryDate"):
        property_ = ox.NamedNode(expand(name))
        store.add(ox.Quad(ox.NamedNode(accreditation), property_, ox.Literal(moment)))
    found = read_accreditation(accreditation, Graph(store), Organisation(GULF))
    assert (found.issued, found.expires) == (issued, expires)
