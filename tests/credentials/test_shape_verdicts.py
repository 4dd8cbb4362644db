"""Our shapes of the credential profiles against the official ones: equal verdicts."""

import re
from collections import Counter
from functools import cache

import pytest

from europass_ld.validate.report import ShapeResult
from europass_ld.validate.shapes import RustValidator, load_validator
from tests.conformance.shapes_oracle import MUTATIONS, Key, key, mutated
from tests.credentials.shapes_oracle import PROFILES, every_property, lifted_documents, official

_COMPONENTS = {
    "edc": "Class Datatype MaxCount MaxInclusive MinCount Node NodeKind Or UniqueLang",
    "edc-full": "Class MaxCount MinCount Node NodeKind",
    "edc-accredited": "Class MaxCount MinCount Node",
    "edc-diploma-supplement": "Class Datatype MaxCount MinCount Node NodeKind",
    "edc-issued-by-mandate": "Class Datatype MaxCount MinCount",
    "edc-converted": "Class MinCount",
    "pid": "Class Datatype MaxCount MinCount NodeKind UniqueLang",
}
"""What is found wrong with the data that each profile is tried on: every component it has."""


def _verdicts(results: list[ShapeResult]) -> set[Key]:
    return {key(result) for result in results}


@cache
def _official_validator(profile: str) -> RustValidator:
    return RustValidator(official(*PROFILES[profile]))


def _official(profile: str, ntriples: str) -> set[Key]:
    return _verdicts(_official_validator(profile).validate(ntriples))


def _ours(profile: str, ntriples: str) -> set[Key]:
    return _verdicts(load_validator(profile, best_practice=False).validate(ntriples))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_property_gets_the_official_verdict(profile: str) -> None:
    """Each constraint on each property of each class is there, and no other."""
    ntriples = every_property(profile)
    expected = _official(profile, ntriples)
    found = _ours(profile, ntriples)
    assert found == expected
    paths = set(re.findall(r"shacl#path> <([^>]+)>", official(PROFILES[profile][-1]).ntriples))
    assert {path for _, path, _, _ in expected} >= paths
    assert {component for _, _, component, _ in expected} == set(_COMPONENTS[profile].split())


@pytest.mark.parametrize("profile", PROFILES)
def test_documents_get_the_official_verdict(profile: str) -> None:
    """Real credentials and our own ones get the same verdict."""
    documents = lifted_documents()
    assert len(documents) >= 12
    for name, ntriples in documents:
        assert _ours(profile, ntriples) == _official(profile, ntriples), name


def _mutable() -> list[tuple[str, str]]:
    """The documents in which every kind of change can be made: one changes web addresses."""
    return [one for one in lifted_documents() if "elm/contentUrl>" in one[1]]


def test_mutations_get_the_official_verdict() -> None:
    """Hundreds of random changes to credentials are judged alike."""
    seen: Counter[str] = Counter()
    for number, (name, ntriples) in enumerate(_mutable()):
        profile = list(PROFILES)[number % len(PROFILES)]
        for what, changed in mutated(ntriples, 2 * len(MUTATIONS)):
            assert _ours(profile, changed) == _official(profile, changed), f"{name}: {what}"
            seen[what.split()[0]] += 1
    assert seen.total() >= 300
    assert len(seen) == len(MUTATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_many_mutations_get_the_official_verdict(profile: str) -> None:
    """Thousands of random changes are judged alike, in every profile."""
    for name, ntriples in _mutable():
        for what, changed in mutated(ntriples, 4 * len(MUTATIONS)):
            assert _ours(profile, changed) == _official(profile, changed), f"{name}: {what}"


def test_the_other_engine_reads_our_shapes() -> None:
    """The pure Python engine finds the same in our own credential."""
    ntriples = next(text for name, text in lifted_documents() if name == "credential.jsonld")
    rust = load_validator("edc-full", best_practice=False).validate(ntriples)
    oracle = load_validator("edc-full", "pyshacl", best_practice=False).validate(ntriples)
    assert Counter(map(key, rust)) == Counter(map(key, oracle))
