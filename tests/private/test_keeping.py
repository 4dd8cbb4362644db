"""Loading credentials: what is kept, what is refused, and that nothing of it is said."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from europass_ld.config import load_settings
from europass_ld.ingest import KeptCredential, kept_credential
from europass_ld.store import Reader
from europass_ld.terms import expand
from europass_ld.vault import open_vault
from tests.cli.test_documents import run
from tests.shared import corpus
from tests.verify.conftest import World

from .making import (
    BASE,
    CANARIES,
    CONVERTED,
    DATA,
    SAMPLE,
    canary,
    copied,
    load,
    sealed_json,
    sealed_xml,
)

DIPLOMA = "edc-xml/official_hist_2022-08-31_ac765b9_EDC_DiplomaSupplement_AA.xml"
UNSEALED = ("--accept", "unsealed")


@pytest.fixture(scope="module")
def store(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store for all tests; where each keeps its credentials is its own."""
    return copied(published, tmp_path_factory.mktemp("keeping"))


@pytest.fixture(autouse=True)
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where this test keeps credentials."""
    monkeypatch.setenv("EUROPASS_LD_PRIVATE", str(tmp_path / "private"))
    return tmp_path / "private"


def keep(store: Path, *arguments: object, code: int = 0) -> list[dict[str, Any]]:
    """Load credentials; return what is said of each."""
    result = run("load", *arguments, "--store", store, "--owner", "Ada", "--json")
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def credential(store: Path, iri: str, owner: str = "Ada") -> KeptCredential:
    """Return what was kept."""
    vault = open_vault(store, load_settings()[0])
    assert vault is not None
    found = vault.owners.named(owner)
    assert found is not None
    return kept_credential(vault, BASE, found.id, UUID(iri.rpartition("/")[2]))


def test_a_sealed_credential_is_kept(
    world: World, trust_folder: Path, tmp_path: Path, store: Path
) -> None:
    """TOTAL_PASSED: the octets come back as they were, and only what was signed was lifted."""
    for name, data in (("xades.xml", sealed_xml(world)), ("jades.json", sealed_json(world))):
        (tmp_path / name).write_bytes(data)
        (said,) = keep(store, tmp_path / name, "--trust", trust_folder)
        assert (said["outcome"], said["indication"]) == ("kept", "TOTAL_PASSED")
        kept = credential(store, said["credential"])
        assert kept.original() == data
        assert "givenName" in kept.statement()
        assert "Signature" not in kept.statement()
        assert kept.report().passed
        assert kept.facts().converted is (name == "xades.xml")


def test_a_genuine_diploma_is_kept_with_its_pictures(tmp_path: Path, store: Path) -> None:
    """The real diploma supplement: files typed by their bytes, none of them a literal in RDF."""
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "lists").symlink_to(corpus() / "proofs" / "trusted-lists")
    (said,) = keep(store, corpus() / DIPLOMA, "--trust", tmp_path / "trust")
    assert (said["outcome"], said["findings"]["error"]) == ("kept", 0)
    kept = credential(store, said["credential"])
    facts = kept.facts()
    assert {"image/png", "image/jpeg", "application/xml"} <= {one.media_type for one in facts.files}
    for one in facts.files:
        _, data = kept.file(one.name)
        assert len(data) == one.size
    assert max(len(line) for line in kept.statement().splitlines()) < 20_000
    assert facts.titles["en"]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("derived_tampered_XAdES_Ana_familyName.xml", "HASH_FAILURE"),
        ("derived_tampered_JAdES_CertOfPart_familyName.jsonld", "SIG_CRYPTO_FAILURE"),
    ],
)
def test_a_failed_seal_is_never_accepted(name: str, verdict: str, store: Path) -> None:
    """Tampered documents are refused whatever is accepted, and nothing of them is kept."""
    accepted = ("--accept", "indeterminate", *UNSEALED)
    (said,) = keep(store, corpus() / "negative" / name, *accepted, code=1)
    assert (said["outcome"], said["sub_indication"]) == ("refused", verdict)
    vault = open_vault(store, load_settings()[0])
    assert vault is not None
    assert list(vault.owners) == []


def test_what_is_not_sealed_or_not_trusted_needs_to_be_accepted(
    canary_file: Path, world: World, tmp_path: Path, store: Path
) -> None:
    """Each is refused by default, and kept with its own option only, with the verdict."""
    distrusted = tmp_path / "distrusted.xml"
    distrusted.write_bytes(sealed_xml(world))
    for file, option, other in (
        (canary_file, "unsealed", "indeterminate"),
        (distrusted, "indeterminate", "unsealed"),
    ):
        for given in ((), ("--accept", other)):
            (said,) = keep(store, file, *given, code=1)
            assert said["outcome"] == "refused"
            assert f"--accept {option}" in said["reason"]
        (said,) = keep(store, file, "--accept", option)
        assert said["outcome"] == "kept"
        verdict = credential(store, said["credential"]).report().verdict
        assert verdict.startswith("INDETERMINATE/")


def test_what_cannot_be_known_to_be_signed_is_not_lifted(store: Path) -> None:
    """A seal whose octets were not established is refused although indeterminate is accepted."""
    name = "vc-di-eddsa__eddsa-rdfc-2022__signedDataInt.json"
    file = corpus() / "proofs" / "data-integrity" / name
    (said,) = keep(store, file, "--accept", "indeterminate", code=1)
    assert said["sub_indication"] == "CONTEXT_NOT_AVAILABLE"
    assert "may be read" in said["reason"]


def test_nothing_that_is_said_quotes_the_document(tmp_path: Path, store: Path) -> None:
    """Of what does not conform, rules and places are named, never what stands there."""
    wrong = json.loads(canary())
    wrong["credentialSubject"]["dateOfBirth"] = "1815-12-10, in the morning"
    wrong["issuanceDate"] = "Canarina"
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    for options in ((), ("--json",)):
        result = run(
            "load",
            tmp_path / "wrong.json",
            *("--store", store, "--owner", "Ada", *UNSEALED, *options),
        )
        assert result.exit_code == 1
        assert "shape/" in result.output
        assert not [one for one in CANARIES if one in result.output]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "no object"),
        (b'{"a": 1}', "no @context"),
        (canary(**{"@context": "https://elsewhere.example/context"}), "context"),
        (canary(inTheMine="Canarina"), "inTheMine"),
    ],
)
def test_garbage_is_refused(data: bytes, words: str, tmp_path: Path, store: Path) -> None:
    """What is no credential, or has a term nobody defined, is refused, with the reason."""
    (tmp_path / "garbage.json").write_bytes(data)
    (said,) = keep(store, tmp_path / "garbage.json", *UNSEALED, code=1)
    assert words in said["reason"]
    assert not [one for one in CANARIES if one in json.dumps(said)]


def test_a_mixed_folder(canary_file: Path, tmp_path: Path, store: Path) -> None:
    """Datasets are published, credentials kept, JSON that is neither is passed over."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    (folder / "other.json").write_text('{"a": 1}')
    (folder / "one.jsonld").write_bytes(canary_file.read_bytes())
    (folder / "two.xml.gz").write_bytes(gzip.compress(CONVERTED.read_bytes()))
    with zipfile.ZipFile(folder / "three.zip", "w") as archive:
        archive.write(DATA / "presentation.jsonld", "p.json")
        archive.write(DATA / "version-1.0.xml", "v.xml")
    said = keep(store, folder, *UNSEALED)
    assert [one["outcome"] for one in said] == ["kept"] * 4 + ["unchanged"]
    assert [Path(one["file"]).name for one in said[:4]] == [
        "one.jsonld",
        "three.zip!p.json",
        "three.zip!v.xml",
        "two.xml.gz",
    ]
    reader = Reader(store)
    assert len(reader.datasets()) == 1
    assert "credentials/" not in "\n".join(str(quad) for quad in reader.store)


def test_a_folder_of_credentials_needs_no_dataset(tmp_path: Path, store: Path) -> None:
    """Where there are only credentials, none of them is taken for a dataset."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "c.json").write_bytes(canary())
    assert len(keep(store, tmp_path / "in", *UNSEALED)) == 1
    assert len(Reader(store).datasets()) == 1


def test_the_owner_must_be_named(canary_file: Path, tmp_path: Path) -> None:
    """Without --owner credentials are a usage error, before anything is made."""
    result = run("load", canary_file, "--store", tmp_path / "store")
    assert result.exit_code == 2
    assert "--owner" in result.output
    assert not (tmp_path / "store").exists()


def test_the_same_again_is_the_same(canary_file: Path, store: Path) -> None:
    """A second load of the same octets keeps one; for another owner it is another one."""
    first = load(store, canary_file, "Ada")
    assert load(store, canary_file, "Ada") == first
    other = load(store, canary_file, "Grace")
    assert other != first
    assert UUID(other.rpartition("/")[2]).version == 4


def test_a_dry_run_keeps_nothing(canary_file: Path, store: Path, private: Path) -> None:
    """It says what would be, and makes no file for the credential."""
    (said,) = keep(store, canary_file, *UNSEALED, "--dry-run")
    assert (said["outcome"], said["credential"]) == ("dry run", None)
    assert not list(private.glob("credentials/*"))


def test_limits(canary_file: Path, monkeypatch: pytest.MonkeyPatch, store: Path) -> None:
    """The largest credential and the most of one owner are settings."""
    monkeypatch.setenv("EUROPASS_LD_MAX_CREDENTIAL_BYTES", str(canary_file.stat().st_size - 1))
    (said,) = keep(store, canary_file, *UNSEALED, code=1)
    assert "max_credential_bytes" in said["reason"]
    monkeypatch.delenv("EUROPASS_LD_MAX_CREDENTIAL_BYTES")
    monkeypatch.setenv("EUROPASS_LD_MAX_CREDENTIALS", "1")
    keep(store, canary_file, *UNSEALED)
    (said,) = keep(store, CONVERTED, *UNSEALED, code=1)
    assert "max_credentials" in said["reason"]


def test_what_conversion_adds_stands_apart(store: Path) -> None:
    """An award nobody stated is in the added graph only, and says what it was derived from."""
    kept = credential(store, load(store, CONVERTED, "Ada"))
    added = kept.added()
    assert expand("prov:wasDerivedFrom") in added
    assert expand("prov:wasDerivedFrom") not in kept.statement()
    assert {one.reason for one in kept.facts().additions}
    evidence = next(one for one in kept.facts().files if one.part == "original")
    assert kept.file(evidence.name)[1] == CONVERTED.read_bytes()


def test_no_document_writes_its_own_verdict(tmp_path: Path, store: Path) -> None:
    """A document that carries the terms of reports, or names our graphs, changes no verdict."""
    proved = CONVERTED.read_text("utf-8").replace(
        "urn:credential:00000000-0000-4000-8000-000000000001",
        f"{BASE}credentials/00000000-0000-4000-8000-000000000001/verification/1",
    )
    (tmp_path / "liar.xml").write_text(proved, "utf-8")
    liar = credential(store, load(store, tmp_path / "liar.xml", "Ada"))
    honest = credential(store, load(store, CONVERTED, "Ada"))
    assert liar.report().verdict == honest.report().verdict == "INDETERMINATE/NO_SIGNATURE"
    for term in ("eld:indication", "eld:VerificationReport", "elm:VerificationCheck"):
        assert expand(term) not in liar.statement()
    assert f"<{liar.iri}/verification/1>" in liar.report().ntriples
    assert f"<{liar.iri}" not in "".join(
        line.split(" ")[0] for line in liar.statement().splitlines() if "verification" in line
    )
