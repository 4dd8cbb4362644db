"""Credentials of invented people, and a store that keeps them."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from tests.cli.test_documents import run
from tests.shared import ROOT
from tests.verify.conftest import World
from tests.verify.documents import PROOF
from tests.verify.sealing import JsonSeal, seal_json, seal_xml, to_json

DATA = ROOT / "tests" / "credentials" / "data"
SAMPLE = ROOT / "data" / "samples" / "broken" / "correct.xml"
CONVERTED = DATA / "every-element.xml"
CANARY_FILE = "canary.jsonld"
CANARIES = ("Canarina", "Zwitscher", "1815-12-10", "canary-in-the-mine")
"""What is in the canary credential and nowhere else: names, a date of birth, an identifier."""
ADA, GRACE = "Owner Ada", "Owner Grace"
BASE = Settings().base


def canary(**members: object) -> bytes:
    """Return an EDC v3 credential without a seal whose person is made of canaries."""
    document = json.loads((DATA / "credential.jsonld").read_text("utf-8"))
    document["id"] = "urn:credential:canary-in-the-mine"
    document["credentialSubject"] |= {
        "id": "urn:epass:person:canary-in-the-mine",
        "givenName": {"en": "Canarina"},
        "familyName": {"en": "Zwitscher"},
        "fullName": {"en": "Canarina Zwitscher"},
        "dateOfBirth": "1815-12-10T00:00:00Z",
    }
    return json.dumps({**document, **members}).encode()


def sealed_xml(world: World) -> bytes:
    """Return an EDC v2 credential with a seal that the parties' trust folder vouches for."""
    data = CONVERTED.read_bytes()
    return seal_xml(data, world.signer, place=PROOF, evidence=world.evidence)


def sealed_json(world: World) -> bytes:
    """Return the canary credential with such a seal."""
    how = JsonSeal(evidence=world.evidence)
    return to_json(seal_json(canary().decode(), world.signer, how))


@dataclass(frozen=True)
class Kept:
    """A store: its directory, a token of each of two owners, the IRIs of their credentials."""

    store: Path
    ada: str
    grace: str
    canary: str
    converted: str
    hers: str


def load(store: Path, file: Path, owner: str, *options: object) -> str:
    """Keep a credential without a seal; return its IRI."""
    result = run(
        "load", file, "--store", store, "--owner", owner, "--accept", "unsealed", "--json", *options
    )
    assert result.exit_code == 0, result.output
    iri: str = json.loads(result.stdout)["credential"]
    return iri


def token(store: Path, owner: str) -> str:
    """Make a token."""
    result = run("token", "create", "--store", store, "--owner", owner)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def copied(store: Path, folder: Path) -> Path:
    """Return a copy of a store, to change."""
    return Path(shutil.copytree(store, folder / "store", symlinks=True))


def keep_all(published: Path, folder: Path) -> Kept:
    """Add two credentials of Ada's and one of Grace's to a copy of a store."""
    store = copied(published, folder)
    file = folder / CANARY_FILE
    file.write_bytes(canary())
    found = load(store, file, ADA), load(store, CONVERTED, ADA)
    file.unlink()
    hers = load(store, DATA / "presentation.jsonld", GRACE)
    return Kept(store, token(store, ADA), token(store, GRACE), *found, hers)


@contextmanager
def serving(store: Path, **settings: Any) -> Iterator[Flask]:
    """Serve a store, and end what runs for it."""
    app = create_app(store, Settings(**settings))
    try:
        yield app
    finally:
        site_of(app).close()
