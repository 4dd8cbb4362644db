"""Attacks on JSON-LD with Data Integrity proofs."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .conftest import World
from .proving import (
    CONTEXT,
    ISSUER,
    SUITES,
    Json,
    Key,
    chained,
    did,
    document,
    keys,
    prove,
    proven,
    secured,
)

Attack = Callable[[World], bytes]


def attacks() -> dict[str, Attack]:
    """Return all attacks by name."""
    found: dict[str, Attack] = {}
    for suite in SUITES:
        for title, change in _on_each().items():
            found[f"proof: {suite}, {title}"] = _edit(partial(proven, suite), change)
    for group in (_contexts, _proofs, _chains, _keys):
        found |= {f"proof: {title}": attack for title, attack in group()}
    return found


def _edit(make: Callable[[], Json], change: Callable[[Json], object]) -> Attack:
    def attack(world: World) -> bytes:
        del world
        secured_document = copy.deepcopy(make())
        change(secured_document)
        return json.dumps(secured_document).encode()

    return attack


def _on_each() -> dict[str, Callable[[Json], object]]:
    return {
        "the claim is changed": lambda one: one["credentialSubject"].update(degree="Doctor"),
        "the issuer is changed": lambda one: one.update(issuer="https://evil.example/"),
        "a claim is added": lambda one: one.update(validUntil="2099-01-01T00:00:00Z"),
        "the claim is removed": lambda one: one["credentialSubject"].pop("degree"),
        "created is changed": lambda one: one["proof"].update(created="2023-03-01T09:00:00Z"),
        "the purpose is changed": lambda one: one["proof"].update(proofPurpose="authentication"),
        "a nonce is added": lambda one: one["proof"].update(nonce="x"),
        "the proof value is of base64": lambda one: one["proof"].update(
            proofValue="u" + one["proof"]["proofValue"][1:]
        ),
        "the proof value is cut short": lambda one: one["proof"].update(
            proofValue=one["proof"]["proofValue"][:-1]
        ),
        "the key is a stranger's": lambda one: one["proof"].update(
            verificationMethod=_method(keys()["stranger"])
        ),
    }


def _method(key: Key) -> str:
    identifier = did(key)
    return f"{identifier}#{identifier.removeprefix('did:key:')}"


def _contexts() -> Iterator[tuple[str, Attack]]:
    inline = {"degree": "https://school.example/terms#nickname"}
    yield "a context in the document", _edit(proven, lambda one: one["@context"].append(inline))
    yield (
        "a context in the subject",
        _edit(proven, lambda one: one["credentialSubject"].update({"@context": CONTEXT})),
    )
    yield (
        "an unknown context",
        _edit(proven, lambda one: one["@context"].append("https://evil.example")),
    )
    yield "no context", _edit(proven, lambda one: one.pop("@context"))
    yield (
        "a context is repeated",
        _edit(lambda: secured(SUITES[1]), lambda one: one["@context"].append(CONTEXT)),
    )
    yield (
        "a term without a meaning",
        _edit(proven, lambda one: one["credentialSubject"].update(grade="best")),
    )
    yield (
        "a term without a meaning, signed over",
        _edit(
            lambda: secured(credentialSubject={"id": "did:example:ada", "grade": "best"}),
            lambda _: None,
        ),
    )
    yield (
        "a relative reference",
        _edit(lambda: secured(credentialSubject={"id": "ada", "degree": "Welder"}), lambda _: None),
    )
    yield (
        "a type without a meaning",
        _edit(lambda: secured(type=["VerifiableCredential", "Nonsense"]), lambda _: None),
    )
    yield (
        "a JCS proof under other contexts",
        _edit(lambda: secured(SUITES[1]), lambda one: one["proof"].update({"@context": []})),
    )


def _proofs() -> Iterator[tuple[str, Attack]]:
    yield "no proof", _edit(proven, lambda one: one.pop("proof"))
    yield "an empty proof", _edit(proven, lambda one: one.update(proof=[]))
    yield "a proof that is a text", _edit(proven, lambda one: one.update(proof="yes"))
    yield "no proof value", _edit(proven, lambda one: one["proof"].pop("proofValue"))
    yield (
        "another suite",
        _edit(proven, lambda one: one["proof"].update(cryptosuite="eddsa-jcs-2022")),
    )
    yield (
        "the suite of another key",
        _edit(proven, lambda one: one["proof"].update(cryptosuite="ecdsa-rdfc-2019")),
    )
    yield (
        "an unknown suite",
        _edit(proven, lambda one: one["proof"].update(cryptosuite="bbs-2023")),
    )
    yield "the older type", _edit(proven, _make_older)
    yield (
        "an unknown type",
        _edit(proven, lambda one: one["proof"].update(type="JsonWebSignature")),
    )
    yield "an option that nobody knows", _edit(proven, lambda one: one["proof"].update(evil="x"))
    yield "a domain", _edit(proven, lambda one: one["proof"].update(domain="x"))
    yield "it has expired", lambda _: _with_options(expires="2025-01-01T00:00:00Z")
    yield "it is from the future", lambda _: _with_options(created="2099-01-01T00:00:00Z")
    yield "created is no time", lambda _: _with_options(created="yesterday")
    yield "a second, broken proof", _edit(proven, _add_broken)
    yield "nine proofs", _edit(proven, lambda one: one.update(proof=[one["proof"]] * 9))
    yield "two proofs of one identifier", _edit(chained, _rename)
    yield (
        "a duplicate member",
        lambda _: (
            json.dumps(proven())
            .replace('"degree": "Welder"', '"degree": "Doctor", "degree": "Welder"')
            .encode()
        ),
    )


def _make_older(one: Json) -> None:
    one["proof"]["type"] = "Ed25519Signature2020"
    del one["proof"]["cryptosuite"]


def _with_options(**options: Any) -> bytes:
    unsecured = document()
    proof = prove(unsecured, keys()["ed25519"], SUITES[0], **options)
    return json.dumps({**unsecured, "proof": proof}).encode()


def _add_broken(one: Json) -> None:
    one["proof"] = [one["proof"], {**one["proof"], "created": "2023-01-01T00:00:00Z"}]


def _rename(one: Json) -> None:
    one["proof"][1]["id"] = one["proof"][0]["id"]


def _chains() -> Iterator[tuple[str, Attack]]:
    yield "the first link is removed", _edit(chained, lambda one: one["proof"].pop(0))
    yield (
        "the first link is changed",
        _edit(chained, lambda one: one["proof"][0].update(created="2023-01-01T00:00:00Z")),
    )
    yield "the link is cut", _edit(chained, lambda one: one["proof"][1].pop("previousProof"))
    yield (
        "the chain is a ring",
        _edit(chained, lambda one: one["proof"][0].update(previousProof="urn:uuid:second")),
    )
    yield (
        "the chain leads to itself",
        _edit(chained, lambda one: one["proof"][1].update(previousProof="urn:uuid:second")),
    )


def _keys() -> Iterator[tuple[str, Attack]]:
    for title, method in {
        "did:web": "did:web:evil.example#key",
        "a page": "https://evil.example/key",
        "another fragment": f"{did(keys()['ed25519'])}#zOther",
        "no fragment": did(keys()["ed25519"]),
        "a key of no kind": "did:key:z11#z11",
        "no base58": "did:key:z0O#z0O",
    }.items():
        yield f"the key is {title}", _edit(proven, _named(method))
    yield "no key", _edit(proven, lambda one: one["proof"].pop("verificationMethod"))
    yield "signed by a stranger", lambda _: _by_stranger(ISSUER)
    yield (
        "signed by a stranger who is the issuer",
        lambda _: _by_stranger(did(keys()["stranger"])),
    )
    yield (
        "the issuer's own key beside a stranger's issuer",
        lambda _: json.dumps(secured(issuer=did(keys()["ed25519"]))).encode(),
    )


def _named(method: str) -> Callable[[Json], None]:
    def change(one: Json) -> None:
        one["proof"]["verificationMethod"] = method

    return change


def _by_stranger(issuer: str) -> bytes:
    unsecured = document(issuer=issuer)
    proof = prove(unsecured, keys()["stranger"], SUITES[0])
    return json.dumps({**unsecured, "proof": proof}).encode()
