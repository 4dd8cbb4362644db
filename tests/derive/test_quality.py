"""The graph of quality, counted by hand."""

import pyoxigraph as ox
import pytest

from europass_ld.derive.counts import expected_properties
from europass_ld.terms import expand

from .stores import PROLOGUE, rows, store_of

TEXT = """
:d1 a dcat:Dataset ; dct:spatial "FIN" .
:d2 a dcat:Dataset .
:d1 {
  :o1 a elm:LearningOpportunity ; dct:title "A"@en, "A"@fi ; elm:location :l ;
    elm:duration "P1Y"^^xsd:duration .
  :o2 a elm:LearningOpportunity ; dct:title "B"@en ; elm:providedBy :p .
  :o3 a elm:LearningOpportunity .
  :p a elm:Organisation ; elm:location :l .
  :l a dct:Location ; elm:spatialCode nuts:EE .
  nuts:EE a skos:Concept .
}
:d2 { :o1 a elm:LearningOpportunity . }
"""
# Countries: o1 Estonia (place), o2 Estonia (provider), o3 Finland (dataset d1).


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """The store of `TEXT`."""
    return store_of(TEXT)[0]


def measurements(store: ox.Store, dataset: str, name: str) -> list[list[str]]:
    """Return country, number of records, those without a value and the share that has one."""
    return rows(
        store,
        f"""{PROLOGUE} SELECT ?country ?all ?missing ?share {{ GRAPH ?quality {{
            ?one a dqv:QualityMeasurement ; dqv:isMeasurementOf eld:coverage ;
              dqv:computedOn {dataset} ; void:class elm:LearningOpportunity ; void:property {name} ;
              void:entities ?all ; eld:withoutValue ?missing ; dqv:value ?share .
            OPTIONAL {{ ?one dct:spatial ?country }} }} }} ORDER BY ?country""",
    )


NOBODY_IN_FINLAND = ["country:FIN", "1", "1", "0"]
TWO_THIRDS = [["-", "3", "1", "0.666667"], ["country:EST", "2", "0", "1"], NOBODY_IN_FINLAND]
A_THIRD = [["-", "3", "2", "0.333333"], ["country:EST", "2", "1", "0.5"], NOBODY_IN_FINLAND]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dct:title", TWO_THIRDS),
        ("elm:duration", A_THIRD),
        ("eld:durationDays", A_THIRD),
        ("elm:priceDetail", [["-", "3", "3", "0"]]),
        ("elm:EQFLevel", []),
    ],
)
def test_coverage(store: ox.Store, name: str, expected: list[list[str]]) -> None:
    """Two titles are one; what nobody has is measured once, properties of other classes never."""
    assert measurements(store, ":d1", name) == expected


def test_a_dataset_is_measured_by_its_own_graph(store: ox.Store) -> None:
    """That d1 has a title for o1 does not cover it in d2; what is derived is of the record."""
    assert measurements(store, ":d2", "dct:title") == [["-", "1", "1", "0"]]
    assert measurements(store, ":d2", "elm:duration") == [["-", "1", "1", "0"]]
    assert measurements(store, ":d2", "eld:durationDays") == [
        ["-", "1", "0", "1"],
        ["country:EST", "1", "0", "1"],
    ]


def test_partitions(store: ox.Store) -> None:
    """Classes with their numbers, and how often each uses a property; concepts count, too."""
    found = rows(
        store,
        PROLOGUE
        + """SELECT ?class ?entities ?triples ?subjects { GRAPH ?quality {
            :d1 void:classPartition ?part . ?part void:class ?class ; void:entities ?entities .
            OPTIONAL { ?part void:propertyPartition ?used . ?used void:property dct:title ;
              void:triples ?triples ; void:distinctSubjects ?subjects } } } ORDER BY ?class""",
    )
    assert found == [
        ["elm:LearningOpportunity", "3", "3", "2"],
        ["elm:Organisation", "1", "-", "-"],
        ["dct:Location", "1", "-", "-"],
        ["skos:Concept", "1", "-", "-"],
    ]


def test_the_dataset_as_a_whole(store: ox.Store) -> None:
    """All triples of its graph, and its country for those who compare."""
    found = rows(
        store,
        PROLOGUE
        + """SELECT ?triples ?country ?subjects { GRAPH ?quality {
            :d1 a void:Dataset ; void:triples ?triples ; dct:spatial ?country ;
              void:propertyPartition ?used . ?used void:property rdf:type ;
              void:distinctSubjects ?subjects } }""",
    )
    # 6 types, 3 titles, 2 locations, 1 duration, 1 provider, 1 code
    assert found == [["14", "country:FIN", "6"]]


def test_what_may_be_expected() -> None:
    """The properties of the mapping, of both families, and the derived ones; no nested classes."""
    expected = expected_properties()
    assert expand("elm:EQFLevel") in expected[expand("elm:Qualification")]
    assert expand("elm:EQFLevel") not in expected[expand("elm:LearningOpportunity")]
    assert expand("eld:reachedEQFLevel") in expected[expand("elm:LearningOpportunity")]
    assert expand("elm:limitAbstractProgramme") in expected[expand("elm:Accreditation")]
    assert expand("elm:limitQualification") in expected[expand("elm:Accreditation")]
    assert expand("elm:PriceDetail") not in expected
