"""Every term that is derived can be shown to people: `ontology/derived.ttl`."""

import re

import pyoxigraph as ox
import pytest

from europass_ld import resources
from europass_ld.terms import PREFIXES, expand
from tests.shared import ROOT

ONTOLOGY = resources.find("ontology")
LANGUAGES = ["de", "en", "es", "fr", "it", "pl"]


def described(name: str) -> dict[str, list[tuple[str, ox.NamedNode | ox.Literal]]]:
    """Return what a file of the ontology says of our own terms."""
    found: dict[str, list[tuple[str, ox.NamedNode | ox.Literal]]] = {}
    for quad in ox.parse(path=ONTOLOGY / name, format=ox.RdfFormat.TURTLE):
        assert isinstance(quad.subject, ox.NamedNode)
        assert isinstance(quad.object, ox.NamedNode | ox.Literal)
        if quad.subject.value.startswith(PREFIXES["eld"]):
            term = quad.subject.value.removeprefix(PREFIXES["eld"])
            found.setdefault(term, []).append((quad.predicate.value, quad.object))
    return found


DERIVED, COMMON = described("derived.ttl"), described("europass-ld.ttl")


@pytest.mark.parametrize("term", DERIVED)
def test_labels_and_a_definition(term: str) -> None:
    """A label in each of six languages and one English definition of one or two sentences."""
    said = DERIVED[term]
    labels = [value for name, value in said if name == expand("rdfs:label")]
    assert sorted(one.language or "" for one in labels if isinstance(one, ox.Literal)) == LANGUAGES
    assert all(len(one.value) <= 52 and one.value[0].isupper() for one in labels)
    (definition,) = (value.value for name, value in said if name == expand("rdfs:comment"))
    assert definition.endswith(".")
    assert 1 <= len(re.findall(r"\.(?= |$)", definition)) <= 2


def test_terms_in_use_are_described() -> None:
    """Code and queries use no term that is not described, and nothing is described in vain."""
    used: set[str] = set()
    for folder in ("server/europass_ld/derive", "data/queries"):
        for path in (ROOT / folder).glob("*.*"):
            if path.suffix in {".py", ".ttl"}:
                used.update(re.findall(r"\beld:([A-Za-z]+)", path.read_text(encoding="utf-8")))
    assert used <= set(DERIVED) | set(COMMON)
    assert set(DERIVED) <= used


def test_no_term_is_described_twice() -> None:
    """The two files of our own terms do not overlap."""
    assert not set(DERIVED) & set(COMMON)
