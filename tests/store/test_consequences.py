"""What follows from the records is the same, changed step by step or worked out from nothing."""

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from europass_ld.derive import derived_graph
from europass_ld.derive.referencing import referenced_levels
from europass_ld.store import (
    Dataset,
    Reader,
    Record,
    Store,
    consequences,
    content_hash,
    view,
)
from europass_ld.terms import RDF_TYPE, expand
from europass_ld.vocabularies import load_code_lists

from .making import BASE, CATALOGUE, GENID, OTHER, iri, load
from .making import record as qualification

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - waits for no disk
COUNTRIES = "http://publications.europa.eu/resource/authority/country/"
ISCED = "http://data.europa.eu/snb/isced-f/"

NAMES = {
    "elm:LearningOpportunity": ("o1", "o2"),
    "elm:Qualification": ("q1", "q2"),
    "elm:Organisation": ("p1", "p2"),
    "dct:Location": ("l1", "l2"),
    "elm:LearningOutcome": ("q1", "t1"),
}
LINKS = {
    "elm:LearningOpportunity": (
        ("elm:learningAchievementSpecification", ("q1", "q2")),
        ("elm:providedBy", ("p1", "p2")),
        ("elm:location", ("l1", "l2")),
    ),
    "elm:Qualification": (("elm:learningOutcome", ("t1",)),),
    "elm:Organisation": (("elm:location", ("l1", "l2")),),
    "dct:Location": (),
    "elm:LearningOutcome": (),
}
LINES = {
    "elm:LearningOpportunity": (
        f'{expand("elm:duration")}> "P1Y"^^<{expand("xsd:duration")}> .',
        f'{expand("dct:title")}> "Course"@en .',
        f'{expand("dct:title")}> "Kurssi \\"1\\""@fi .',
    ),
    "elm:Qualification": (
        f"{expand('elm:ISCEDFCode')}> <{ISCED}0613> .",
        f"{expand('elm:ISCEDFCode')}> <{ISCED}07> .",
        f"{expand('elm:EQFLevel')}> <http://data.europa.eu/snb/eqf/6> .",
    ),
    "elm:Organisation": (f'{expand("dct:title")}> "School"@en .',),
    "dct:Location": (
        f"{expand('elm:spatialCode')}> <{COUNTRIES}FIN> .",
        f"{expand('elm:spatialCode')}> <http://data.europa.eu/nuts/code/EE> .",
    ),
    "elm:LearningOutcome": (f'{expand("dct:title")}> "To know"@en .',),
}
LEVEL, _ = next(iter(referenced_levels(load_code_lists())))
ELSEWHERE = (
    f"<{LEVEL}> <{RDF_TYPE}> <{expand('skos:Concept')}> .",
    f"<{COUNTRIES}FIN> <{RDF_TYPE}> <{expand('skos:Concept')}> .",
    f'<{COUNTRIES}FIN> <{expand("skos:prefLabel")}> "Finland"@en .',
    f"<{iri('q1')}> <{expand('elm:ISCEDFCode')}> <{ISCED}061> .",
    f"<{iri('q1')}> <{RDF_TYPE}> <{expand('elm:Qualification')}> .",
    f"<{iri('o2')}> <{expand('elm:location')}> <{iri('l1')}> .",
    f'<a:c> <a:nested> <{GENID}concept.1> .\n<{GENID}concept.1> <a:q> "x" .',
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw a record of any class, with what it states of itself, of a nested node and of others."""
    kind = draw(st.sampled_from(sorted(NAMES)))
    name = draw(st.sampled_from(NAMES[kind]))
    lines = [f"<{iri(name)}> <{RDF_TYPE}> <{expand(kind)}> ."]
    for link, names in LINKS[kind]:
        targets = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
        lines += [f"<{iri(name)}> <{expand(link)}> <{iri(target)}> ." for target in targets]
    stated = draw(st.lists(st.sampled_from(LINES[kind]), max_size=3, unique=True))
    lines += [f"<{iri(name)}> <{line}" for line in stated]
    if kind == "elm:LearningOpportunity":
        lines += _price(name, draw(st.sampled_from(["0", "12.5"])))
    lines += draw(st.lists(st.sampled_from(ELSEWHERE), max_size=2, unique=True))
    made = qualification(name)
    triples = "".join(f"{line}\n" for line in lines)
    return replace(made, type=expand(kind), digest=repr(triples).encode(), triples=triples)


def _price(name: str, amount: str) -> Iterable[str]:
    detail, node = f"<{GENID}{name}.price>", f"<{GENID}{name}.amount>"
    yield f"<{iri(name)}> <{expand('elm:priceDetail')}> {detail} ."
    yield f"{detail} <{expand('elm:amount')}> {node} ."
    yield f'{node} <{expand("rdf:value")}> "{amount}"^^<{expand("xsd:decimal")}> .'
    euro = "http://publications.europa.eu/resource/authority/currency/EUR"
    yield f"{node} <{expand('elm:unit')}> <{euro}> ."


DATASETS = st.builds(
    replace,
    st.sampled_from([CATALOGUE, OTHER]),
    country=st.sampled_from([None, None, "FIN", "IRL"]),
    publisher=st.sampled_from([None, iri("p1")]),
)
DELIVERIES = st.lists(records(), max_size=7, unique_by=lambda one: one.iri)
LOADS = st.tuples(DATASETS, DELIVERIES, st.booleans())
REVERTS = st.tuples(st.sampled_from([CATALOGUE.iri, OTHER.iri]), st.integers(1, 4))
EVENTS = st.lists(st.one_of(LOADS, LOADS, LOADS, REVERTS), min_size=2, max_size=8)


def happen(store: Store, event: tuple[object, ...]) -> None:
    """Load a delivery, go back to a version, or (version 4) withdraw, if there is what it takes."""
    match event:
        case Dataset() as dataset, list() as delivered, bool() as partial:
            load(store, dataset, *delivered, partial=partial)
        case str() as dataset, int() as number:
            latest = store.latest(dataset)
            if latest and number == 4:
                store.withdraw(dataset)
            elif latest and number <= latest.number:
                store.revert(dataset, number)


def contents(store: ox.Store) -> dict[str, str]:
    """Return the hash of each graph."""
    graphs = [ox.DefaultGraph(), *store.named_graphs()]
    return {
        str(graph): content_hash(store.quads_for_pattern(None, None, None, graph))
        for graph in graphs
    }


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("examples", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_step_by_step_or_from_nothing(examples: int) -> None:
    """After any events every graph is what a store made from the log alone has."""

    @given(events=EVENTS)
    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    def check(events: list[tuple[object, ...]]) -> None:
        with tempfile.TemporaryDirectory(dir=MEMORY) as name:
            directory = Path(name) / "store"
            with Store.create(directory, BASE) as store:
                with patch.object(consequences, "_COST_OF_ONE", 0):
                    for event in events:
                        happen(store, event)
                    with Reader(directory) as reader:
                        step_by_step = contents(reader.store)
                store.rebuild()
            with Reader(directory) as reader:
                assert step_by_step == contents(reader.store), events

    check()


def test_other_rules_derive_all_anew(store: Store, directory: Path) -> None:
    """What an older version of this software derived does not stay beside what this one does."""
    with (
        patch.object(consequences, "lines_about", return_value=""),
        patch.object(view, "rules", return_value="those of an older version"),
    ):
        load(store, CATALOGUE, *map(qualification, "abcdef"))
    load(store, CATALOGUE, qualification("a", "Other"), partial=True)
    with Reader(directory) as reader:
        derived = ox.NamedNode(derived_graph(BASE))
        found = reader.store.quads_for_pattern(ox.NamedNode(iri("f")), None, None, derived)
        assert [quad.predicate.value for quad in found] == [expand("eld:titleLanguage")]


def test_country_of_a_dataset_reaches_what_another_dataset_makes_a_record(
    store: Store, directory: Path
) -> None:
    """A dataset's country holds for its records also where only another one says their kind."""
    about = replace(qualification("q1"), type=expand("elm:LearningOutcome"))
    outcome = f"<{iri('q1')}> <{RDF_TYPE}> <{expand('elm:LearningOutcome')}> .\n"
    load(store, OTHER, replace(about, triples=outcome))
    load(store, CATALOGUE, qualification("q1"))
    with patch.object(consequences, "_COST_OF_ONE", 0):
        load(store, replace(OTHER, country="IRL"), partial=True)
    with Reader(directory) as reader:
        step_by_step = contents(reader.store)
    store.rebuild()
    with Reader(directory) as reader:
        assert step_by_step == contents(reader.store)
