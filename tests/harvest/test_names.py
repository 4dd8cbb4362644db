"""Names for harvesters: readable, their own, and found again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.harvest.names import activity_iri, activity_record, dataset_name


@pytest.mark.parametrize(
    ("iri", "readable"),
    [
        ("https://data.example/dataset/learning-opportunities", "learning-opportunities-"),
        ("https://data.example/Données%20ouvertes/", "donn-es-20ouvertes-"),
        ("https://data.example/数据", ""),
        ("urn:x:" + "long" * 30, "urn-x-longlong"),
    ],
)
def test_dataset_names(iri: str, readable: str) -> None:
    """A name begins as the IRI ends, and is short, plain, and not that of another IRI."""
    name = dataset_name(iri)
    assert name.startswith(readable)
    assert re.fullmatch(r"[a-z0-9-]{8,49}", name)
    assert dataset_name(f"{iri}#") != name


@given(st.text(min_size=1))
def test_activity_names_are_undone(record: str) -> None:
    """The record of an activity is found in its IRI, whatever characters it has."""
    name = activity_iri("https://ld.example/", 7, record).rpartition("/")[2]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", name)
    assert activity_record(name) == record


@given(st.text())
def test_what_is_no_activity_name(text: str) -> None:
    """A text either is the name of exactly one record or of none."""
    record = activity_record(text)
    assert record is None or activity_iri("", 0, record).endswith(f"/{text}")
