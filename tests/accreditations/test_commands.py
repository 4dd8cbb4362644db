"""The commands that ask the accreditations of a store."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.test_documents import run
from tests.verify.documents import payload
from tests.verify.pki import authority
from tests.verify.sealing import seal_json, to_json

from .making import AGENCY, CHEESE, GULF, REGISTER, REVIEW, WELDING

QUESTION = (
    *("--organisation", GULF, "--on", "2025-01-31", "--eqf", "7", "--field", "0612"),
    *("--credential-type", "6cf8e68c43", "--jurisdiction", "FIN"),
)


def test_covered_is_said_with_what_it_rests_on(directory: Path) -> None:
    """The code is 0; the accreditation and the dataset that publishes it are named."""
    result = run("accreditation", *QUESTION, "--store", directory)
    assert result.exit_code == 0
    assert result.stdout.startswith("covered\n")
    assert f"{REVIEW}: covered" in result.stdout
    assert f"published in {REGISTER}" in result.stdout


def test_programs_get_json(directory: Path) -> None:
    """The award as it was understood, the coverage, and each accreditation with its reasons."""
    result = run("accreditation", *QUESTION, "--store", directory, "--json")
    answer = json.loads(result.stdout)
    assert answer["coverage"] == "covered"
    assert answer["award"]["on"] == "2025-01-31"
    assert answer["award"]["fields"] == ["http://data.europa.eu/snb/isced-f/0612"]
    found = {(one["accreditation"], one["source"]): one for one in answer["assessments"]}
    review = found[REVIEW, REGISTER]
    assert (review["coverage"], review["reasons"]) == ("covered", [])
    assert (review["issued"], review["expires"]) == ("2023-06-01", "2029-05-31")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (("--organisation", CHEESE, "--on", "2010-01-01", "--eqf", "7"), "not covered\n"),
        (("--organisation", "VATFR-99", "--on", "2025-01-31"), "no data\n"),
    ],
)
def test_anything_else_is_code_1(question: tuple[str, ...], words: str, directory: Path) -> None:
    """Neither what is not covered nor what is not known is a yes."""
    result = run("accreditation", *question, "--store", directory)
    assert result.exit_code == 1
    assert result.stdout.startswith(words)


def test_a_question_that_cannot_be_read_is_code_2(directory: Path, tmp_path: Path) -> None:
    """What is accepted is said; without a store there is nothing to ask."""
    result = run("accreditation", *QUESTION, "--eqf", "9", "--store", directory)
    assert result.exit_code == 2
    assert "'9' is no code of the list eqf" in result.stderr
    assert run("accreditation", *QUESTION, "--store", tmp_path).exit_code == 2


def test_verify_asks_the_store(directory: Path, tmp_path: Path) -> None:
    """The third question about a sealed credential is answered from the published datasets."""
    file = tmp_path / "credential.jsonld"
    file.write_bytes(to_json(seal_json(payload(credentialProfiles=None), authority())))
    verdict = json.loads(run("verify", file, "--store", directory, "--json").stdout)
    assert verdict["answers"]["accreditation"]["status"] == "yes"
    (award,) = verdict["accreditations"]
    assert [one["accreditation"] for one in award["assessments"]] == [WELDING]
    assert award["assessments"][0]["source"] == AGENCY.iri
    assert datetime.fromisoformat(verdict["verified_at"]).tzinfo == UTC
    alone = json.loads(run("verify", file, "--json").stdout)
    assert alone["answers"]["accreditation"]["status"] == "no-data"
