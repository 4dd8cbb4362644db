"""Documents that somebody tampered with: none of them passes, whatever was done to it.

The attacks stand in `tampering_xml`, `tampering_json` and `tampering_proofs` as functions from a
good document to a bad one. A document counts once, by its octets.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from europass_ld.verify import Indication, SubIndication, TrustStore, verify
from tests.shared import corpus

from . import tampering_json, tampering_proofs, tampering_xml
from .conftest import World
from .pki import NOW
from .proving import load_context, untouched
from .samples import eu_trust_folder

Attack = Callable[[World], bytes]
ATTACKS: Mapping[str, Attack] = {
    **tampering_xml.attacks(),
    **tampering_json.attacks(),
    **tampering_proofs.attacks(),
}
FLIPS: Mapping[str, Attack] = {**tampering_xml.flips(), **tampering_json.flips()}


def _proves_nothing(document: bytes, trust: TrustStore) -> str:
    report = verify(document, trust=trust, now=NOW, contexts=load_context)
    assert report.indication is not Indication.TOTAL_PASSED
    assert report.sub_indication is not None
    assert report.sub_indication is not SubIndication.VERIFIER_FAILURE, report.message
    assert report.message
    return report.sub_indication


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_does_not_pass(
    name: str, world: World, trust: TrustStore, proof_trust: TrustStore
) -> None:
    """A document after this attack gets no TOTAL_PASSED, and the verifier does not stumble."""
    chosen = proof_trust if name.startswith("proof:") else trust
    _proves_nothing(ATTACKS[name](world), chosen)


@pytest.mark.parametrize("name", FLIPS)
def test_flipped_bit_does_not_pass(name: str, world: World, trust: TrustStore) -> None:
    """One flipped bit in a signed or protected region is one too many."""
    _proves_nothing(FLIPS[name](world), trust)


def test_untouched_documents_pass(world: World, trust: TrustStore, proof_trust: TrustStore) -> None:
    """The documents that the attacks start from pass, so it is the attack that fails them."""
    for document in (world.xml(), world.json()):
        assert verify(document, trust=trust, now=NOW).passed
    for document in untouched():
        report = verify(document, trust=proof_trust, now=NOW, contexts=load_context)
        assert report.passed, report.message


GENUINE = [
    *(
        ("edc-xml/official_hist_2022-08-31_ac765b9_EDC_DiplomaSupplement_AA.xml", one)
        for one in ("the content", "SignedInfo", "SignatureValue", "the signed properties")
    ),
    *(
        ("proofs/jades/elm__Sample-CertOfPart-signed.jsonld", one)
        for one in ("payload", "protected", "signature")
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "region"), GENUINE)
def test_flipped_bit_in_a_genuine_document(
    name: str, region: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The genuine credentials, too, pass as they are and with no bit changed."""
    folder = tmp_path_factory.mktemp("genuine")
    trust = TrustStore.load(eu_trust_folder(folder, operator_roots=True))
    now = datetime(2026, 11, 23, tzinfo=UTC)
    document = (corpus() / name).read_bytes()
    assert verify(document, trust=trust, now=now).passed
    module = tampering_xml if name.endswith(".xml") else tampering_json
    for number in range(20):
        changed = module.flip_in(document, region, number)
        assert not verify(changed, trust=trust, now=now).passed


def test_attacks_are_many_and_different(world: World) -> None:
    """At least 150 distinct documents were tried, besides the single bits."""
    attacks = {sha256(attack(world)).digest() for attack in ATTACKS.values()}
    flips = {sha256(flip(world)).digest() for flip in FLIPS.values()}
    assert len(attacks) == len(ATTACKS) >= 150
    assert len(flips) == len(FLIPS) >= 100
