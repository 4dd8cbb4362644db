"""Fixtures: one set of invented parties, and what it takes for their seals to pass."""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import pytest

from europass_ld.verify import TrustStore

from .documents import ISSUER_IDENTIFIER, PROOF, XML, payload
from .pki import (
    END,
    QC_COMPLIANCE,
    QC_SEAL,
    Party,
    authority,
    name,
    ocsp_response,
    party,
    time_stamp,
    time_stamping_authority,
)
from .proving import ISSUER, did, keys
from .sealing import Evidence, JsonSeal, seal_json, seal_xml, to_json


@dataclass(frozen=True, eq=False)
class World:
    """The parties: an authority, a signer with an expired certificate, a time-stamper."""

    ca: Party
    signer: Party
    tsa_root: Party
    tsa: Party

    @cached_property
    def evidence(self) -> Evidence:
        """Everything that a seal of level LT carries."""
        stamp = partial(time_stamp, tsa=self.tsa, chain=[self.tsa_root])
        return Evidence(
            content_stamp=stamp,
            signature_stamp=stamp,
            ocsp=[ocsp_response(self.signer, self.ca)],
            certificates=[self.tsa_root.der],
        )

    def xml(self) -> bytes:
        """Return a sealed EDC v2 credential."""
        return self._xml

    @cached_property
    def _xml(self) -> bytes:
        return seal_xml(XML, self.signer, place=PROOF, evidence=self.evidence)

    def json(self) -> bytes:
        """Return a sealed EDC v3 credential."""
        return self._json

    @cached_property
    def _json(self) -> bytes:
        return to_json(seal_json(payload(), self.signer, JsonSeal(evidence=self.evidence)))


@pytest.fixture(scope="session")
def world() -> World:
    """Return the parties."""
    ca, tsa_root = authority(), authority("Test TSA root")
    signer = party(
        name("Example Seal", "Example School", ISSUER_IDENTIFIER),
        ca,
        end=END,
        qc=[QC_COMPLIANCE, QC_SEAL],
    )
    return World(ca, signer, tsa_root, time_stamping_authority(tsa_root, end=END))


@pytest.fixture(scope="session")
def trust_folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a trust folder of an operator who knows both authorities."""
    folder = tmp_path_factory.mktemp("trust")
    for kind, one in (("seals", world.ca), ("time-stamps", world.tsa_root)):
        (folder / "roots" / kind).mkdir(parents=True)
        (folder / "roots" / kind / "root.pem").write_bytes(one.pem)
    return folder


@pytest.fixture(scope="session")
def trust(trust_folder: Path) -> TrustStore:
    """Return the trust store of that folder."""
    return TrustStore.load(trust_folder)


@pytest.fixture(scope="session")
def proof_trust(tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    """Return the trust of an operator who knows the keys of the school with the proofs."""
    folder = tmp_path_factory.mktemp("proof-trust")
    methods = [did(keys()[kind]) for kind in ("ed25519", "p256", "p384")]
    listed = ", ".join(f'"{one}"' for one in methods)
    (folder / "issuers.toml").write_text(f'[keys]\n"{ISSUER}" = [{listed}]\n')
    return TrustStore.load(folder)
