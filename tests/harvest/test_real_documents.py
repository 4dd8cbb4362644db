"""Dumps of real documents: officially valid XML that loads to the same dataset."""

from pathlib import Path

import pytest
from lxml import etree

from europass_ld.harvest import make_dump
from tests.shared import corpus

from .dumping import checked, content, load

pytestmark = pytest.mark.slow

DATASET = "https://x.example/dataset"
REAL = (
    "loq/official_HEAD_v3.1.0_loq.xml",
    "loq/official_HEAD_v3.1.0_loq_withLearningAchievementSpecification.xml",
    "loq/official_hist_2024-01-18_ff8b05e_loq.xml",
    "loq/oph_fi_unit_test_records_ELM3.1.xml",
    "loq/oph_fi_unit_test_records_ELM3.3.xml",
    "ams/official_HEAD_v3.1.0_ams.xml",
)


@pytest.mark.parametrize("name", REAL)
def test_a_dump_stands_for_the_document(name: str, tmp_path: Path) -> None:
    """The XML is valid by the official schema, and its own dumps have the same contents."""
    load(tmp_path / "first", corpus() / name, dataset=DATASET)
    found = make_dump(tmp_path / "first", DATASET, 1, keep=1)
    again = tmp_path / "again.xml"
    again.write_bytes(content(found / "xml.gz"))
    family = name.partition("/")[0]
    schema = corpus() / "official" / "elm-3.3" / "xsd" / family / f"{family}.xsd"
    etree.XMLSchema(etree.parse(schema)).assertValid(etree.parse(again))
    load(tmp_path / "second", again, dataset=DATASET)
    once, twice = (
        [one["contentSha256"] for one in checked(folder)["files"]]
        for folder in (found, make_dump(tmp_path / "second", DATASET, 1, keep=1))
    )
    assert once == twice
