"""The commands that need no store take credentials too."""

import json
from pathlib import Path

import pytest

from europass_ld.terms import expand
from tests.cli.test_documents import run
from tests.shared import corpus
from tests.verify.conftest import World

from .making import CONVERTED, DATA, canary, sealed_json

TAMPERED = "negative/derived_tampered_JAdES_CertOfPart_familyName.jsonld"


def test_detect_tells_credentials(world: World, tmp_path: Path) -> None:
    """Family, version and proof of each format, for a program and for people."""
    (tmp_path / "sealed.json").write_bytes(sealed_json(world))
    result = run("detect", "--json", CONVERTED, tmp_path / "sealed.json")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["family"], one["version"], one["proof"]) for one in told] == [
        ("edc-xml", "1.2", False),
        ("edc-jsonld", "1.1", True),
    ]
    assert "(edc-xml) 1.2" in run("detect", CONVERTED).stdout


@pytest.mark.parametrize("name", ["every-element.xml", "credential.jsonld", "presentation.jsonld"])
def test_validate_checks_credentials(name: str) -> None:
    """Ours conform; whether anybody sealed them is not asked."""
    result = run("validate", DATA / name)
    assert result.exit_code == 0
    assert result.stdout.startswith("Conforms")


def test_validate_says_what_is_wrong(tmp_path: Path) -> None:
    """With the file, the JSON pointer and the value, to whoever has the file."""
    file = tmp_path / "wrong.json"
    file.write_bytes(canary(issuanceDate="yesterday"))
    result = run("validate", "--json", file)
    assert result.exit_code == 1
    finding = next(
        one for one in json.loads(result.stdout)["findings"] if one["severity"] == "error"
    )
    assert (finding["file"], finding["path"]) == (str(file), "/issuanceDate")
    assert run("validate", corpus() / TAMPERED).exit_code == 1


def test_lift_writes_what_the_seal_is_on(world: World, tmp_path: Path) -> None:
    """What is signed, and neither the proof nor what conversion would add."""
    (tmp_path / "sealed.json").write_bytes(sealed_json(world))
    assert "Canarina" in run("lift", tmp_path / "sealed.json").stdout
    converted = run("lift", CONVERTED, "--format", "ttl").stdout
    assert "Ship electrician" in converted
    assert expand("prov:wasDerivedFrom") not in run("lift", CONVERTED).stdout
    broken = run("lift", corpus() / TAMPERED)
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert "what is sealed cannot be told" in broken.stderr
