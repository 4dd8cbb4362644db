"""The command that verifies credentials, on genuine and tampered ones."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, InvalidJWSSignature

from europass_ld.formats import RDF_FORMATS, Format
from tests.shared import corpus

from .test_documents import BROKEN, run

DIPLOMA = "edc-xml/official_hist_2022-08-31_ac765b9_EDC_DiplomaSupplement_AA.xml"
TAMPERED = "negative/derived_tampered_XAdES_Ana_familyName.xml"
_PUBLIC = PublicFormat.SubjectPublicKeyInfo
NOW = ("--at", "2026-11-23T12:00:00Z")


def trust(folder: Path) -> Path:
    """Return a trust folder with the EU lists of the corpus."""
    (folder / "lists").symlink_to(corpus() / "proofs" / "trusted-lists")
    return folder


def test_a_genuine_diploma_passes_by_the_eu_lists(tmp_path: Path) -> None:
    """With the lists it is TOTAL_PASSED and qualified; the verdict says as of which list."""
    file = corpus() / DIPLOMA
    result = run("verify", file, "--trust", trust(tmp_path), *NOW, "--json")
    assert result.exit_code == 0
    verdict = json.loads(result.stdout)
    assert (verdict["indication"], verdict["qualification"]) == ("TOTAL_PASSED", "AdESeal-QC")
    assert verdict["lists"]
    assert verdict["stale"] is True
    assert set(verdict["answers"]) == {
        "sealed-by",
        "seal",
        "accreditation",
        "validity",
        "subject",
    }


def test_without_anchors_nothing_passes() -> None:
    """No trust folder, no trust: INDETERMINATE, code 1, and why."""
    result = run("verify", corpus() / DIPLOMA, *NOW)
    assert result.exit_code == 1
    assert "INDETERMINATE/OUT_OF_BOUNDS_NO_POE" in result.stdout


def test_one_bad_file_makes_the_code_1(tmp_path: Path) -> None:
    """Every file is answered; a changed one is TOTAL_FAILED and nothing in it is relied on."""
    files = (corpus() / DIPLOMA, corpus() / TAMPERED)
    result = run("verify", *files, "--trust", trust(tmp_path), *NOW)
    assert result.exit_code == 1
    assert ": TOTAL_PASSED" in result.stdout
    assert ": TOTAL_FAILED/HASH_FAILURE" in result.stdout


def test_each_file_is_a_line_of_json() -> None:
    """A program reads line by line which file a report is on."""
    files = (corpus() / DIPLOMA, corpus() / TAMPERED)
    lines = run("verify", *files, *NOW, "--json").stdout.splitlines()
    assert [json.loads(one)["file"] for one in lines] == [str(one) for one in files]


def test_the_report_is_rdf_without_personal_data(tmp_path: Path) -> None:
    """It parses, names the verdict, and holds no name of a person."""
    out = tmp_path / "report.nt"
    options = ("--trust", trust(tmp_path), "--report", out)
    assert run("verify", corpus() / DIPLOMA, *options, *NOW).exit_code == 0
    text = out.read_text("utf-8")
    assert list(ox.parse(input=text, format=ox.RdfFormat.N_TRIPLES))
    assert "TOTAL_PASSED" in text
    assert "Andromeda" not in text


@pytest.mark.parametrize("one", RDF_FORMATS, ids=lambda one: one.name)
def test_the_report_is_in_the_format_of_its_ending(one: Format, tmp_path: Path) -> None:
    """Each RDF format says the same triples."""
    plain, out = tmp_path / "report.nt", tmp_path / f"report.{one.extension}"
    for path in (plain, out):
        run("verify", corpus() / DIPLOMA, "--report", path, *NOW)
    expected = set(ox.parse(path=str(plain), format=ox.RdfFormat.N_TRIPLES))
    assert isinstance(one.oxigraph, ox.RdfFormat)
    assert set(ox.parse(path=str(out), format=one.oxigraph)) == expected


def test_the_json_report_is_signed_with_the_operators_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An employer's own software checks it: the signature is over the very octets of the file."""
    private = ec.generate_private_key(ec.SECP256R1())
    key = tmp_path / "key.pem"
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setenv("EUROPASS_LD_SIGNING_KEY", str(key))
    monkeypatch.setenv("EUROPASS_LD_TRUST", str(trust(tmp_path)))
    out = tmp_path / "report.json"
    assert run("verify", corpus() / DIPLOMA, "--report", out, *NOW).exit_code == 0
    report = json.loads(out.read_bytes())
    assert report["indication"] == "TOTAL_PASSED"
    assert "Andromeda" not in out.read_text("utf-8")
    token = JWS()
    token.deserialize((tmp_path / "report.json.jws").read_text().strip())
    known = JWK.from_pem(private.public_key().public_bytes(Encoding.PEM, _PUBLIC))
    token.verify(known, detached_payload=out.read_bytes())
    with pytest.raises(InvalidJWSSignature):
        token.verify(known, detached_payload=out.read_bytes().replace(b"PASSED", b"FAILED"))


def test_a_json_report_needs_a_key(tmp_path: Path) -> None:
    """Without one nothing is verified and nothing written; the setting is named."""
    result = run("verify", corpus() / DIPLOMA, "--report", tmp_path / "report.json", *NOW)
    assert result.exit_code == 2
    assert "signing_key" in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_report_of_an_unknown_ending_is_a_usage_error(tmp_path: Path) -> None:
    """The endings that there are are named."""
    result = run("verify", corpus() / DIPLOMA, "--report", tmp_path / "report.pdf", *NOW)
    assert result.exit_code == 2
    assert ".ttl" in result.stderr


def test_what_has_no_seal_does_not_pass() -> None:
    """A document without a proof is told so, with code 1."""
    result = run("verify", BROKEN / "correct.xml", *NOW)
    assert result.exit_code == 1
    assert "TOTAL_FAILED" in result.stdout or "INDETERMINATE" in result.stdout


def test_usage_errors() -> None:
    """A missing file, a moment that is none and a missing trust folder give code 2."""
    assert run("verify", "nowhere.xml").exit_code == 2
    assert run("verify", BROKEN / "correct.xml", "--at", "yesterday").exit_code == 2
    assert run("verify", BROKEN / "correct.xml", "--trust", "nowhere").exit_code == 2
