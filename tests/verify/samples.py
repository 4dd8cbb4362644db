"""The genuine samples, and the trust they were made under."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from asn1crypto import cms, pem

from tests.shared import corpus

CONTEXTS = {
    "https://www.w3.org/2018/credentials/v1": "credentials_v1",
    "https://www.w3.org/ns/credentials/v2": "credentials_v2",
    "https://www.w3.org/ns/credentials/examples/v2": "examples_v2",
    "https://w3id.org/citizenship/v4rc1": "citizenship_v4rc1",
    "https://w3id.org/security/data-integrity/v1": "data-integrity_v1",
    "https://w3id.org/security/data-integrity/v2": "data-integrity_v2",
    "https://w3id.org/security/multikey/v1": "multikey_v1",
    "https://w3id.org/security/suites/ed25519-2020/v1": "ed25519-2020_v1",
}


def context_loader() -> Callable[[str], Mapping[str, Any] | None]:
    """Return a loader of the contexts in the corpus."""
    folder = corpus() / "proofs" / "contexts"

    def load(iri: str) -> Mapping[str, Any] | None:
        name = CONTEXTS.get(iri)
        if name is None:
            return None
        document: Mapping[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return document

    return load


def unsigned_items(document: Path) -> Iterator[tuple[str, Any]]:
    """Yield the items of etsiU of a JAdES sample."""
    for item in json.loads(document.read_text("utf-8"))["signatures"][0]["header"]["etsiU"]:
        yield from json.loads(base64.urlsafe_b64decode(item + "===")).items()


def time_stamping_roots() -> dict[str, bytes]:
    """Return, as PEM, the self-signed certificates in the samples' signature time-stamps."""
    roots: dict[str, bytes] = {}
    for sample in sorted((corpus() / "proofs" / "jades").iterdir()):
        for name, value in unsigned_items(sample):
            if name == "sigTst":
                token = base64.b64decode(value["tstTokens"][0]["val"])
                for held in cms.ContentInfo.load(token)["content"]["certificates"]:
                    if held.chosen.self_signed != "no":
                        roots[held.chosen.sha256.hex()] = pem.armor("CERTIFICATE", held.dump())
    return roots


def eu_trust_folder(folder: Path, *, operator_roots: bool = False) -> Path:
    """Make `folder` a trust folder with the real lists, and the samples' test roots if asked."""
    (folder / "lists").symlink_to(corpus() / "proofs" / "trusted-lists")
    if operator_roots:
        stamps = folder / "roots" / "time-stamps"
        stamps.mkdir(parents=True)
        for name, root in time_stamping_roots().items():
            (stamps / f"{name}.pem").write_bytes(root)
    return folder
