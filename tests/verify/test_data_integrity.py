"""W3C Data Integrity: every vector of the corpus, and whose key it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from europass_ld.verify import (
    Indication,
    Policy,
    Question,
    Status,
    SubIndication,
    TrustStore,
    verify,
)
from europass_ld.verify.did_key import decode_base58, resolve
from europass_ld.verify.outcome import Rejection
from tests.shared import corpus

from .pki import NOW
from .proving import ISSUER, SUITES, base58, chained, did, keys, load_context, proven, secured
from .samples import context_loader


def _vectors() -> list[Path]:
    return sorted((corpus() / "proofs" / "data-integrity").iterdir())


VECTORS = _vectors()


def _methods(document: dict[str, Any]) -> Iterator[str]:
    proofs = document["proof"]
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        yield proof["verificationMethod"].partition("#")[0]


@pytest.fixture(scope="module")
def vector_trust(tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    """Return the trust of an operator who knows the keys of the vectors' issuers."""
    known: dict[str, set[str]] = {}
    for file in VECTORS:
        document = json.loads(file.read_text(encoding="utf-8"))
        issuer = document["issuer"]
        name = issuer if isinstance(issuer, str) else issuer["id"]
        known.setdefault(name, set()).update(_methods(document))
    lines = [f'"{name}" = {json.dumps(sorted(methods))}' for name, methods in known.items()]
    folder = tmp_path_factory.mktemp("vectors")
    (folder / "issuers.toml").write_text("[keys]\n" + "\n".join(lines), encoding="utf-8")
    return TrustStore.load(folder)


def test_all_vectors_are_there() -> None:
    """The corpus has nine vectors, of all five suites, of a set and of a chain."""
    assert len(VECTORS) == 9
    assert sum("proof-set-chain" in one.name for one in VECTORS) == 2


@pytest.mark.parametrize("file", VECTORS, ids=lambda one: one.stem)
def test_vector_passes_for_whom_its_key_is_known(file: Path, vector_trust: TrustStore) -> None:
    """Each vector's proofs hold, and pass once the operator says whose keys they are."""
    report = verify(file.read_bytes(), trust=vector_trust, now=NOW, contexts=context_loader())
    assert report.passed, report.message
    assert report.answer(Question.SEALED_BY).status is Status.YES
    assert report.signed_document is not None
    media_type = "application/ld+json" if "jcs" in file.name else "application/n-quads"
    assert report.signed_document.media_type == media_type
    assert b"proofValue" not in report.signed_document.octets


@pytest.mark.parametrize("file", VECTORS, ids=lambda one: one.stem)
def test_vector_does_not_pass_for_strangers(file: Path, trust: TrustStore) -> None:
    """Without that knowledge the proofs hold, but nothing says that the keys are the issuer's."""
    report = verify(file.read_bytes(), trust=trust, now=NOW, contexts=context_loader())
    assert report.indication is Indication.INDETERMINATE
    assert report.sub_indication is SubIndication.KEY_NOT_BOUND_TO_ISSUER
    assert (report.checks[0].name, report.checks[0].status) == ("signature", Status.YES)
    assert report.signed_document is not None


def test_contexts_are_never_fetched(trust: TrustStore) -> None:
    """Without local contexts, RDF-based proofs wait; JCS proofs do not need any."""
    found = {
        file.name: verify(file.read_bytes(), trust=trust, now=NOW).sub_indication
        for file in VECTORS
    }
    for name, sub_indication in found.items():
        jcs = "jcs" in name
        assert (sub_indication is SubIndication.CONTEXT_NOT_AVAILABLE) is not jcs


def test_issuer_that_is_only_a_key(trust: TrustStore) -> None:
    """A credential whose issuer is the key itself is bound, but vouched for by nobody."""
    document = secured(issuer=did(keys()["ed25519"]))
    report = verify(json.dumps(document).encode(), trust=trust, now=NOW, contexts=load_context)
    assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


@pytest.mark.parametrize("suite", SUITES)
def test_our_own_proofs_pass(suite: str, proof_trust: TrustStore) -> None:
    """Each suite works on credentials made here, with our own context."""
    data = json.dumps(proven(suite)).encode()
    report = verify(data, trust=proof_trust, now=NOW, contexts=load_context)
    assert report.passed, report.message
    assert report.profile == suite
    assert report.anchor is not None
    assert (report.anchor.name, report.anchor.source) == (ISSUER, "operator")


def test_proofs_of_different_order_and_space_pass(proof_trust: TrustStore) -> None:
    """How the JSON is written is not signed: members in another order, other white space."""
    document = proven()
    shuffled = dict(reversed(document.items()))
    for text in (json.dumps(shuffled), json.dumps(document, indent=4)):
        assert verify(text.encode(), trust=proof_trust, now=NOW, contexts=load_context).passed


def test_chain_gives_the_document_alone(proof_trust: TrustStore) -> None:
    """Of a chain only the credential goes on to be lifted, not the proofs that were signed too."""
    data = json.dumps(chained()).encode()
    report = verify(data, trust=proof_trust, now=NOW, contexts=load_context)
    assert report.passed
    assert report.signed_document is not None
    assert b"proofPurpose" not in report.signed_document.octets
    assert report.credential == "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"


def test_number_of_proofs_is_bounded(proof_trust: TrustStore) -> None:
    """More proofs than the policy allows are not looked at."""
    document = {**proven(), "proof": [proven()["proof"]] * 3}
    report = verify(
        json.dumps(document).encode(),
        trust=proof_trust,
        now=NOW,
        contexts=load_context,
        policy=Policy(max_proofs=2),
    )
    assert report.sub_indication is SubIndication.LIMIT_EXCEEDED


@pytest.mark.parametrize("octets", [b"", b"\0", b"\0\0\x01", b"\xff" * 64, bytes(range(32))])
def test_base58_round_trip(octets: bytes) -> None:
    """Leading zeros are kept, and nothing else is lost."""
    assert decode_base58(base58(octets), "it") == octets


@pytest.mark.parametrize("text", ["", "u123", "z0", "zI", "zé", "z" * 300, 7])
def test_what_is_no_base58(text: object) -> None:
    """Another base, a foreign character, or more than any key needs is refused."""
    with pytest.raises(Rejection, match="base58"):
        decode_base58(text, "it")


def test_points_that_are_on_no_curve() -> None:
    """A key of the right length that is no point of the curve is refused."""
    encoded = base58(b"\x80\x24\x02" + b"\xff" * 32)
    with pytest.raises(Rejection, match="not one of its kind"):
        resolve(f"did:key:{encoded}#{encoded}")
