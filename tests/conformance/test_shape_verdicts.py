"""Our shapes against the official ones, and the two engines against each other."""

import re
from collections import Counter

import pytest

from europass_ld.validate.report import Severity, ShapeResult
from europass_ld.validate.shapes import RustValidator, Validator, load_validator
from tests.conformance.shapes_oracle import (
    FAMILIES,
    MUTATIONS,
    Key,
    as_ours,
    every_property,
    key,
    lifted_corpus,
    mutated,
    official_shapes,
)

WARNINGS = {
    "official_HEAD_v3.1.0_ams.xml": 5,
    "official_hist_2023-04-28_8592218_ams.xml": 5,
    "official_HEAD_v3.1.0_loq.xml": 15,
    "official_HEAD_v3.1.0_loq_withLearningAchievementSpecification.xml": 11,
    "official_hist_2024-01-18_ff8b05e_loq.xml": 15,
}
"""How many publishers the official samples name without describing them."""


def _official(family: str) -> Validator:
    return RustValidator(official_shapes(family))


def _ours(results: list[ShapeResult]) -> dict[Key, Severity]:
    return {key(result): result.severity for result in results}


def _differences(family: str, ntriples: str) -> tuple[set[object], set[object]]:
    """Return the verdicts that only the official shapes give, and those that only ours give."""
    expected = as_ours(_official(family).validate(ntriples), ntriples)
    found = _ours(load_validator(family, best_practice=False).validate(ntriples))
    return set(expected.items() - found.items()), set(found.items() - expected.items())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_property_gets_the_official_verdict(family: str) -> None:
    """Proves that each constraint on each property of each class is there, and no other.

    And that this compares something: every component and every property comes up.
    """
    ntriples = every_property(family)
    results = _official(family).validate(ntriples)
    expected = as_ours(results, ntriples)
    assert _ours(load_validator(family, best_practice=False).validate(ntriples)) == expected
    components = {"Class", "Closed", "Datatype", "Disjoint", "MaxCount", "MinCount", "Node"}
    assert {one.component for one in results} == components | {"NodeKind", "Or", "UniqueLang"}
    paths = set(re.findall("shacl#path> <([^>]+)>", official_shapes(family).ntriples))
    assert paths <= {one.path for one in results}


def test_documents_get_the_official_verdict() -> None:
    """Proves that real documents, good and bad, get the same verdict."""
    documents = lifted_corpus()
    assert len(documents) >= 15
    for name, family, ntriples in documents:
        assert _differences(family, ntriples) == (set(), set()), name


def test_mutations_get_the_official_verdict() -> None:
    """Proves that hundreds of random changes to real documents are judged alike."""
    seen: Counter[str] = Counter()
    for name, family, ntriples in lifted_corpus():
        if not name.startswith(("official_HEAD", "oph")):
            continue
        for what, changed in mutated(ntriples, 4 * len(MUTATIONS)):
            assert _differences(family, changed) == (set(), set()), f"{name}: {what}"
            seen[what.split()[0]] += 1
    assert seen.total() >= 300
    assert len(seen) == len(MUTATIONS)


def test_samples_are_warned_of_publishers_only() -> None:
    """Proves that the official samples load although their publishers are not described."""
    for name, family, ntriples in lifted_corpus():
        if name not in WARNINGS:
            continue
        results = load_validator(family, best_practice=False).validate(ntriples)
        assert [one.severity for one in results] == [Severity.WARNING] * WARNINGS[name], name
        assert {one.source_shape.rpartition("#")[2] for one in results} == {"publisher-described"}


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("oph_fi_unit_test_records_ELM3.1.xml", set()),
        ("oph_fi_unit_test_records_ELM3.3.xml", set()),
        ("derived_loq_html.xml", set()),
        ("derived_loq_noUrl.xml", {"MinCount"}),
        ("derived_loq_noHome.xml", {"MinCount"}),
        ("derived_loq_dangling.xml", {"Class"}),
        ("derived_loq_date.xml", {"Datatype"}),
    ],
)
def test_verdicts_of_the_corpus(name: str, errors: set[str]) -> None:
    """Proves that documents with a known mistake get the Error that belongs to it, others none."""
    ntriples = next(text for one, _, text in lifted_corpus() if one == name)
    results = load_validator("loq").validate(ntriples)
    assert {one.component for one in results if one.severity is Severity.ERROR} == errors


def test_html_is_a_warning() -> None:
    """Proves that a script in a description is reported, and does not make a document wrong."""
    ntriples = next(text for one, _, text in lifted_corpus() if one == "derived_loq_html.xml")
    results = load_validator("loq").validate(ntriples)
    found = [one for one in results if "<script>" in (one.value or "")]
    assert [one.severity for one in found] == [Severity.WARNING]


# The engines. pySHACL is the oracle, but rdflib rewrites typed literals before pySHACL sees them
# (so those are compared without their value), takes as dateTime what is only a date, and cannot
# compare a date with what is none (so their order is not compared where one is wrong).


def _comparable(results: list[ShapeResult], *, dates: bool) -> Counter[tuple[object, ...]]:
    return Counter(
        (
            *key(one)[:3],
            None if one.value is None or "^^" in one.value else one.value,
            one.source_shape,
            one.severity,
            one.message,
            one.name,
        )
        for one in results
        if not _is_about_dates(one) and (dates or one.component != "LessThanOrEquals")
    )


def _is_about_dates(result: ShapeResult) -> bool:
    return result.component == "Datatype" and "dateTime>" in (result.value or "")


def _assert_engines_agree(family: str, ntriples: str, what: str) -> None:
    rust = load_validator(family).validate(ntriples)
    oracle = load_validator(family, "pyshacl").validate(ntriples)
    dates = not any(_is_about_dates(one) for one in rust)
    assert _comparable(rust, dates=dates) == _comparable(oracle, dates=dates), what


def test_engines_agree_on_documents() -> None:
    """Proves that the fast engine finds on real documents what pySHACL finds."""
    for name, family, ntriples in lifted_corpus():
        if name.startswith(("oph", "derived", "official_HEAD_v3.1.0_ams")):
            _assert_engines_agree(family, ntriples, name)


def test_engines_agree_on_mutations() -> None:
    """Proves that the engines agree on every kind of change."""
    name, family, ntriples = next(one for one in lifted_corpus() if one[0].startswith("oph"))
    for what, changed in mutated(ntriples, len(MUTATIONS)):
        _assert_engines_agree(family, changed, f"{name}: {what}")


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_engines_agree_on_every_property(family: str) -> None:
    """Proves that the engines agree on every constraint of every property."""
    _assert_engines_agree(family, every_property(family), family)


@pytest.mark.slow
def test_engines_agree_on_the_corpus_and_many_mutations() -> None:
    """Proves that the engines agree on all documents and on hundreds of changes to them."""
    for name, family, ntriples in lifted_corpus():
        _assert_engines_agree(family, ntriples, name)
        for what, changed in mutated(ntriples, len(MUTATIONS)):
            if len(ntriples) < 100_000:
                _assert_engines_agree(family, changed, f"{name}: {what}")
