"""Each rule for the country of a record, and which of them is taken."""

import pyoxigraph as ox
import pytest

from europass_ld.derive import derived_graph

from .stores import BASE, rows, short, store_of

IN_FINLAND = ":fi a dct:Location ; elm:spatialCode nuts:FI1B1 ."
IN_ESTONIA = ":ee a dct:Location ; elm:address :address . :address elm:countryCode country:EST ."


def countries(text: str, dataset: str = "", subject: str = "x") -> dict[str, list[str]]:
    """Return what is derived about the country of one subject of a dataset `:d`."""
    store, _ = store_of(f":d a dcat:Dataset {dataset} . :d {{ {text} }}")
    found: dict[str, list[str]] = {}
    node = ox.NamedNode(f"https://data.example.org/{subject}")
    for quad in store.quads_for_pattern(node, None, None, ox.NamedNode(derived_graph(BASE))):
        name = short(quad.predicate)
        if "ountry" in name:
            found.setdefault(name, []).append(short(quad.object))
    return {name: sorted(values) for name, values in found.items()}


def test_all_candidates_of_an_opportunity_are_kept() -> None:
    """A Finnish school that teaches in Estonia for a German level, in an Irish register."""
    found = countries(
        ":x a elm:LearningOpportunity ; elm:location :ee ; elm:providedBy :p ;"
        " elm:learningAchievementSpecification :q ."
        ":p a elm:Organisation ; elm:location :fi ."
        ":q a elm:Qualification ; elm:NQFLevel nqf:c_12a84182 ."
        f"{IN_FINLAND} {IN_ESTONIA}",
        '; dct:spatial "IRL"',
    )
    assert found == {
        "eld:countryFromPlace": ["country:EST"],
        "eld:countryFromProvider": ["country:FIN"],
        "eld:countryFromFramework": ["country:DEU"],
        "eld:countryFromDataset": ["country:IRL"],
        "eld:derivedCountry": ["country:EST"],
        "eld:countryRule": ["eld:countryFromPlace"],
    }


def test_a_qualification_belongs_to_its_framework_first() -> None:
    """Its level says more than who awards it, and that more than who teaches towards it."""
    said = (
        ":x a elm:Qualification ; elm:awardingOpportunity :w {} . :w elm:awardingBody :b ."
        ":o elm:learningAchievementSpecification :x ; elm:providedBy :p ."
        ":b a elm:Organisation ; elm:location :ee . :p a elm:Organisation ; elm:location :fi ."
        f"{IN_FINLAND} {IN_ESTONIA}"
    )
    with_level = countries(said.format("; elm:NQFLevel nqf:c_12a84182"))
    assert with_level["eld:derivedCountry"] == ["country:DEU"]
    assert with_level["eld:countryFromAwardingBody"] == ["country:EST"]
    assert with_level["eld:countryFromProvider"] == ["country:FIN"]
    without = countries(said.format(""))
    assert without["eld:countryRule"] == ["eld:countryFromAwardingBody"]
    assert without["eld:derivedCountry"] == ["country:EST"]


def test_two_providers_are_two_countries() -> None:
    """A joint programme belongs to both; one of them is only known by its VAT number."""
    found = countries(
        ":x a elm:LearningOpportunity ; elm:providedBy :p, :b ."
        ":p a elm:Organisation ; elm:location :fi ."
        ":b a elm:Organisation ; elm:vatIdentifier :vat . :vat dct:spatial country:EST ."
        f"{IN_FINLAND}"
    )
    assert found["eld:derivedCountry"] == ["country:EST", "country:FIN"]


def test_identifiers_only_where_there_is_no_place() -> None:
    """An organisation is where it works, not where it is registered."""
    text = (
        ":x a elm:Organisation ; rov:registration :r {} . :r dct:spatial country:EST . "
        + IN_FINLAND
    )
    assert countries(text.format("; elm:location :fi"))["eld:derivedCountry"] == ["country:FIN"]
    assert countries(text.format("")) == {
        "eld:countryFromIdentifier": ["country:EST"],
        "eld:derivedCountry": ["country:EST"],
        "eld:countryRule": ["eld:countryFromIdentifier"],
    }


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("country:SWE", "country:SWE"),
        ("nuts:EL522", "country:GRC"),
        ("nuts:UKI", "country:GBR"),
        ("nuts:PT1A0", "country:PRT"),
        ("atu:AUT", "country:AUT"),
        ("nuts:ZZ999", None),
        (":somewhere", None),
    ],
)
def test_spatial_codes(code: str, country: str | None) -> None:
    """Countries, regions (older and newer than the list) and administrative units lead to it."""
    found = countries(
        f":x a elm:Organisation ; elm:location :l . :l a dct:Location ; elm:spatialCode {code} ."
    )
    assert found.get("eld:derivedCountry") == (country and [country])


def test_an_accreditation_is_where_the_accredited_are() -> None:
    """Its jurisdictions are a candidate, and stand in where the organisation is not described."""
    text = ":x a elm:Accreditation ; elm:organisation :p ; elm:limitJurisdiction atu:FRA . "
    described = countries(text + f":p a elm:Organisation ; elm:location :fi . {IN_FINLAND}")
    assert described["eld:derivedCountry"] == ["country:FIN"]
    assert described["eld:countryFromJurisdiction"] == ["country:FRA"]
    assert countries(text)["eld:countryRule"] == ["eld:countryFromJurisdiction"]


@pytest.mark.parametrize(
    ("dataset", "country"),
    [
        ('; dct:spatial "FIN"', "country:FIN"),
        ('; dct:spatial "fi"', "country:FIN"),
        ("; dct:spatial country:FIN", "country:FIN"),
        ("; dct:publisher :p", "country:EST"),
        ('; dct:spatial "Suomi" ; dct:publisher :p', "country:EST"),
        ("; dct:publisher :unknown", None),
        ("", None),
    ],
)
def test_the_country_of_a_dataset(dataset: str, country: str | None) -> None:
    """The stated country goes first, as code or IRI; else that of the publisher."""
    found = countries(
        f":x a elm:LearningOpportunity . :p a elm:Organisation ; elm:location :ee . {IN_ESTONIA}",
        dataset,
    )
    assert found.get("eld:countryFromDataset") == (country and [country])


def test_two_datasets_are_two_candidates() -> None:
    """A record that two datasets describe gets the countries of both."""
    store, _ = store_of(
        ':d1 a dcat:Dataset ; dct:spatial "FIN" . :d2 a dcat:Dataset ; dct:spatial "EST" .'
        ":d1 { :x a elm:LearningOpportunity } :d2 { :x a elm:LearningOpportunity }"
    )
    found = rows(
        store,
        "SELECT ?c { GRAPH ?g { ?x <https://europass-ld.github.io/terms#countryFromDataset> ?c } } "
        "ORDER BY ?c",
    )
    assert found == [["country:EST"], ["country:FIN"]]
