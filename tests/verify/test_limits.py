"""Documents made to cost time and memory: bounded, and told apart from broken ones."""

import json
import subprocess
import sys

import pytest

from europass_ld.verify import Policy, SubIndication, TrustStore, verify

from .conftest import World
from .pki import NOW

OTHERS = {
    "many elements with attributes": "HASH_FAILURE",
    "one proof over many numbers": "KEY_NOT_BOUND_TO_ISSUER",
    "many namespaces to canonicalise": "HASH_FAILURE",
    "many claims": "NO_CERTIFICATE_CHAIN_FOUND",
    "many fields": "NO_CERTIFICATE_CHAIN_FOUND",
    "many identifiers": "NO_CERTIFICATE_CHAIN_FOUND",
    "many times one credential": "NO_CERTIFICATE_CHAIN_FOUND",
    "many claims in XML": "NO_CERTIFICATE_CHAIN_FOUND",
}
"""Poisonous documents that are cheap enough to be read to their end."""
SECONDS = 10
"""Far more than any of them takes, for machines that do other things at the same time."""


@pytest.fixture(scope="module")
def found() -> dict[str, list[object]]:
    """Return what came of each poisonous document, in a process of bounded memory."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.verify.poison"], capture_output=True, check=True, timeout=240
    )
    results: dict[str, list[object]] = json.loads(done.stdout)
    return results


def test_poison_is_bounded(found: dict[str, list[object]]) -> None:
    """Each ends soon and in bounded memory, with a clear sub-indication."""
    assert len(found) == 34
    for title, (indication, sub_indication, message, seconds) in found.items():
        assert indication != "TOTAL_PASSED", title
        if title in OTHERS:
            assert sub_indication == OTHERS[title], message
        else:
            assert sub_indication in ("LIMIT_EXCEEDED", "FORMAT_FAILURE"), (title, message)
        assert isinstance(seconds, float), title
        assert seconds < SECONDS, (title, seconds)


def test_a_limit_is_named(found: dict[str, list[object]]) -> None:
    """Whoever meets a limit reads which one, and how much is allowed."""
    assert found["a thousand certificates in x5c"][1:3] == [
        "LIMIT_EXCEEDED",
        "too many certificates (the limit is 64)",
    ]
    assert found["17 MB of spaces"][2] == (
        "the document is too large in bytes (the limit is 16,777,216)"
    )


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Policy(max_document_bytes=1_000), "too large"),
        (Policy(max_nodes=3), "JSON values"),
        (Policy(max_depth=1), "nested"),
        (Policy(max_certificates=1), "certificates"),
        (Policy(max_time_stamps=1), "time-stamps"),
        (Policy(max_revocation_values=0), "OCSP"),
        (Policy(max_evidence_bytes=500), "evidence"),
    ],
)
def test_each_limit_holds(policy: Policy, message: str, world: World, trust: TrustStore) -> None:
    """Each limit of the policy, made small, stops a document that is good otherwise."""
    report = verify(world.json(), trust=trust, now=NOW, policy=policy)
    assert report.sub_indication is SubIndication.LIMIT_EXCEEDED
    assert message in report.message


@pytest.mark.parametrize("policy", [Policy(max_path_length=1), Policy(max_path_steps=0)])
def test_paths_are_limited_too(policy: Policy, world: World, trust: TrustStore) -> None:
    """A path that is longer, or harder to find, than allowed is no path."""
    assert not verify(world.json(), trust=trust, now=NOW, policy=policy).passed
