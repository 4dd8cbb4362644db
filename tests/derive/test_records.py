"""The derived graph: what follows from a record, and the form in which it is said."""

from collections import Counter
from collections.abc import Iterable

import pyoxigraph as ox
import pytest

from europass_ld.derive import derived_graph

from .stores import BASE, Dataset, derived, merge, rows, short, store_of, turtle

GRAPH = ox.NamedNode(derived_graph(BASE))


def said(text: str, subject: str = "x") -> dict[str, list[str]]:
    """Return what is derived about one subject of a dataset `:d`, as `short` writes it."""
    store, _ = store_of(f":d a dcat:Dataset . :d {{ {text} }}")
    found: dict[str, list[str]] = {}
    node = ox.NamedNode(f"https://data.example.org/{subject}")
    for quad in store.quads_for_pattern(node, None, None, GRAPH):
        found.setdefault(short(quad.predicate), []).append(short(quad.object))
    return {name: sorted(values) for name, values in found.items()}


def test_isced_levels_stated_together() -> None:
    """06, 061 and 0613 are one field at each level, and only 0613 is the most specific."""
    found = said(":x a elm:Qualification ; elm:ISCEDFCode isced:06, isced:061, isced:0613 .")
    assert found == {
        "eld:iscedBroad": ["isced:06"],
        "eld:iscedNarrow": ["isced:061"],
        "eld:iscedDetailed": ["isced:0613"],
        "eld:iscedMostSpecific": ["isced:0613"],
    }


def test_isced_of_two_fields_and_an_unknown_code() -> None:
    """A broad code with none under it is itself the most specific; an unknown one has no level."""
    found = said(
        ":x a elm:LearningAchievementSpecification ;"
        " elm:ISCEDFCode isced:07, isced:0613, isced:999999 ."
    )
    assert found["eld:iscedMostSpecific"] == ["isced:0613", "isced:07", "isced:999999"]
    assert found["eld:iscedBroad"] == ["isced:06", "isced:07"]
    assert found["eld:iscedNarrow"] == ["isced:061"]


def test_an_opportunity_reaches_what_it_leads_to() -> None:
    """EQF and ISCED-F come from all achievements, the most specific code among all of them."""
    found = said(
        ":x a elm:LearningOpportunity ; elm:learningAchievementSpecification :q1, :q2 ."
        ":q1 a elm:Qualification ; elm:EQFLevel eqf:6 ; elm:ISCEDFCode isced:06 ."
        ":q2 a elm:Qualification ; elm:EQFLevel eqf:7 ; elm:ISCEDFCode isced:0613 ."
    )
    assert found["eld:reachedEQFLevel"] == ["eqf:6", "eqf:7"]
    assert found["eld:iscedMostSpecific"] == ["isced:0613"]


def test_days_of_an_opportunity() -> None:
    """It is open from the earliest start to the latest of ends and deadlines."""
    found = said(
        ":x a elm:LearningOpportunity ; dct:temporal :t1, :t2 ;"
        ' elm:applicationDeadline "2027-11-30T15:00:00+02:00"^^xsd:dateTime,'
        ' "2026-03-01T15:00:00Z"^^xsd:dateTime .'
        ':t1 elm:startDate "2026-09-01T00:00:00"^^xsd:dateTime ;'
        ' elm:endDate "2027-05-31T00:00:00Z"^^xsd:dateTime .'
        ':t2 elm:startDate "2026-01-15T00:30:00+02:00"^^xsd:dateTime .'
    )
    assert found == {
        "eld:openFrom": ["2026-01-15"],
        "eld:openUntil": ["2027-11-30"],
        "eld:applyUntil": ["2027-11-30"],
    }


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ("", {}),
        (":a1", {"EUR": ["0", "0"]}),
        (":a1, :a2", {"EUR": ["0", "10.5"]}),
        (":a2, :a3", {"EUR": ["10.5", "10.5"]}),
        (":a3, :a4", {"NOK": ["9", "9"]}),
        (":a5", {}),
    ],
)
def test_prices(amounts: str, expected: dict[str, list[str]]) -> None:
    """Zero is a price, euro goes before other currencies, and what is no number is no price."""
    details = "".join(
        f":a{number} elm:amount :v{number} . "
        f":v{number} rdf:value {value} ; elm:unit currency:{unit} ."
        for number, value, unit in (
            (1, '"0"^^xsd:decimal', "EUR"),
            (2, "10.50", "EUR"),
            (3, "8000.0", "SEK"),
            (4, "9.0", "NOK"),
            (5, '"free of charge"', "EUR"),
        )
    )
    stated = f"; elm:priceDetail {amounts}" if amounts else ""
    found = said(f":x a elm:LearningOpportunity {stated} . {details}")
    assert found == {
        name: [value]
        for currency, (lowest, highest) in expected.items()
        for name, value in (
            ("eld:priceCurrency", f"currency:{currency}"),
            ("eld:lowestPrice", lowest),
            ("eld:highestPrice", highest),
        )
    }


def test_duration_and_credits() -> None:
    """Both are decimals; a duration of nothing and credits that are no number give nothing."""
    ects = "<http://data.europa.eu/snb/education-credit/6fcec5c5af>"
    assert said(':x a elm:LearningOpportunity ; elm:duration "P6M"^^xsd:duration .') == {
        "eld:durationDays": ["182.62125"],
        "eld:durationYears": ["0.5"],
    }
    assert said(':x a elm:LearningOpportunity ; elm:duration "PT0S"^^xsd:duration .') == {}
    text = ":x a elm:Qualification ; elm:creditPoint :c . :c elm:framework %s ; elm:point %s ."
    assert said(text % (ects, '"7,5"')) == {"eld:ects": ["7.5"]}
    assert said(text % (ects, '"15-20"')) == {}
    assert said(text % (":other", '"60"')) == {}


def test_validity_of_an_accreditation() -> None:
    """The day it is valid from goes before the day of issue, even when it is later."""
    found = said(
        ':x a elm:Accreditation ; dct:issued "2025-01-01T00:00:00Z"^^xsd:dateTime ;'
        ' dct:valid "2025-03-01T00:00:00Z"^^xsd:dateTime ;'
        ' elm:expiryDate "2030-03-01T00:00:00Z"^^xsd:dateTime .'
    )
    assert found == {"eld:validFrom": ["2025-03-01"], "eld:validUntil": ["2030-03-01"]}


def test_languages_of_texts() -> None:
    """Tags become languages of the EU's list, whatever their region; unknown tags are left out."""
    found = said(
        ':x a elm:LearningOpportunity ; dct:title "A"@pt-br, "B"@pt, "C"@fi, "D"@x-own ;'
        ' dct:description "E"@swe .'
    )
    assert found["eld:titleLanguage"] == ["language:FIN", "language:POR"]
    assert found["eld:descriptionLanguage"] == ["language:SWE"]


def test_national_levels_are_in_it() -> None:
    """What a national level was referenced to can be joined with the qualifications."""
    store, _ = store_of(":d a dcat:Dataset .")
    level = ox.NamedNode("http://data.europa.eu/snb/qdr/c_218a7e54")
    (quad,) = store.quads_for_pattern(level, None, None, GRAPH)
    assert short(quad.object) == "eqf:6"


def derived_lines(store: ox.Store, graphs: Iterable[Dataset]) -> list[str]:
    """Return the lines of the derived graph."""
    return "".join(derived(store, graphs)).splitlines()


def test_form(samples: ox.Store) -> None:
    """The text is what the store gives back: canonical, each triple once, and no blank node."""
    lines = derived_lines(samples, [])
    assert len(lines) == len(set(lines)) > 3000
    assert not any("_:" in line for line in lines)
    store = ox.Store()
    store.load("\n".join(lines).encode(), ox.RdfFormat.N_TRIPLES)
    assert {f"{quad.triple} ." for quad in store} == set(lines)


def test_nothing_of_it_is_in_the_default_graph(samples: ox.Store) -> None:
    """Whoever counts triples of a record counts what its publisher said."""
    (found,) = rows(
        samples,
        'SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STRSTARTS(STR(?p), "https://europass-ld.")) }',
    )
    assert found == ["0"]


def test_order_of_loading_does_not_matter(samples: ox.Store) -> None:
    """The same content gives the same text, whatever the order."""
    quads = sorted(samples, key=str)
    again = ox.Store()
    again.extend(reversed(quads))
    assert derived_lines(again, []) == derived_lines(samples, [])


def test_each_part_says_all_about_its_subjects() -> None:
    """A record of two kinds stands in one part, so that comparing part by part is right."""
    text = ':x a elm:LearningOpportunity, elm:Qualification ; dct:title "A"@en .'
    store = ox.Store()
    store.extend(turtle(f":d {{ {text} }}"))
    merge(store, [Dataset("https://data.example.org/d")])
    parts = derived(store, [])
    subjects = Counter(
        subject for part in parts for subject in {line.split(" ")[0] for line in part.splitlines()}
    )
    assert "<https://data.example.org/x>" in subjects
    assert max(subjects.values()) == 1
