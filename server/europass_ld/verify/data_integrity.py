"""W3C Data Integrity proofs on JSON-LD.

<https://www.w3.org/TR/vc-data-integrity/>, with the cryptosuites of
<https://www.w3.org/TR/vc-di-eddsa/> and <https://www.w3.org/TR/vc-di-ecdsa/>. Every proof of a set
and every link of a chain must hold. A key names itself, so that it is the issuer's, and who the
issuer is, must be known from elsewhere: the operator's table of issuers.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ed25519

from .canonicalization import canonical_datasets
from .did_key import Key, decode_base58, digest_of, resolve, verifies
from .findings import Findings, Task
from .outcome import (
    ProofFormat,
    Status,
    SubIndication,
    failed,
    indeterminate,
    malformed,
    over_limit,
    unsupported,
)
from .proof import parse_time
from .report import AnchorFact, SignedDocument, Signer
from .sources import DocumentLoader
from .statement import read_statement
from .strict_json import expect_list, expect_object

_SUITES = frozenset(
    {
        "eddsa-rdfc-2022",
        "ecdsa-rdfc-2019",
        "eddsa-jcs-2022",
        "ecdsa-jcs-2019",
        "Ed25519Signature2020",
    }
)
_OPTIONS = frozenset(
    {
        "id",
        "type",
        "cryptosuite",
        "created",
        "expires",
        "verificationMethod",
        "proofPurpose",
        "previousProof",
        "proofValue",
        "nonce",
        "@context",
    }
)
_MOST_CONTEXTS = 64

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Proof:
    """A proof that was read: its options, its suite and its key."""

    options: Document
    suite: str
    method: str
    key: Key
    previous: tuple[Document, ...]

    @property
    def config(self) -> dict[str, Any]:
        """The options that are signed: all but the signature itself."""
        return {name: value for name, value in self.options.items() if name != "proofValue"}


def verify_data_integrity(document: Document, task: Task, findings: Findings) -> None:
    """Decide whether the proofs of a document hold and are the issuer's.

    Raises:
        Rejection: they are not; `findings` hold what was found until then.
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    values = _check_contexts(unsecured)
    proofs = list(_proofs(document["proof"], task))
    task = _share(task, len(proofs), values)
    findings.format = ProofFormat.DATA_INTEGRITY
    findings.profile = ", ".join(dict.fromkeys(one.suite for one in proofs))
    signed = [(one, _verify(one, unsecured, task)) for one in proofs]
    findings.check("signature", Status.YES, f"{findings.profile}; nothing signed has been changed")
    _check_times(proofs, task, findings)
    _check_keys(signed, task, findings)


def _share(task: Task, proofs: int, values: int) -> Task:
    """Divide what one document may cost among its proofs, each of which goes over all of it.

    Raises:
        Rejection: there is too much of it for so many proofs.
    """
    policy = task.policy
    if values * proofs > policy.max_nodes:
        raise over_limit("too many JSON values for so many proofs", policy.max_nodes)
    seconds = max(1, policy.canonicalization_seconds // max(1, proofs))
    return replace(task, policy=replace(policy, canonicalization_seconds=seconds))


def _check_contexts(document: Document) -> int:
    """Refuse contexts that stand in the document itself, or below its top; count its values."""
    values = 0
    if any(not isinstance(one, str) for one in _contexts_of(document)):
        raise unsupported("a context that stands in the document itself")
    waiting = [value for name, value in document.items() if name != "@context"]
    while waiting:
        one = waiting.pop()
        values += 1
        if isinstance(one, dict):
            if "@context" in one:
                raise unsupported("a context that stands below the top of the document")
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return values


def _contexts_of(document: Document) -> list[Any]:
    contexts = document.get("@context")
    if contexts is None:
        raise malformed("a JSON-LD document without @context")
    return contexts if isinstance(contexts, list) else [contexts]


def _proofs(value: object, task: Task) -> Iterator[_Proof]:
    entries = expect_list(value, "proof") if isinstance(value, list) else [value]
    if len(entries) > task.policy.max_proofs:
        raise over_limit("too many proofs", task.policy.max_proofs)
    options = [expect_object(one, "a proof") for one in entries]
    by_id: dict[str, Document] = {}
    for one in options:
        if isinstance(one.get("id"), str):
            if one["id"] in by_id:
                raise malformed("two proofs with one identifier")
            by_id[one["id"]] = one
    _check_chain(by_id)
    for one in options:
        yield _read(one, by_id)


def _previous(options: Document) -> list[Any]:
    named = options.get("previousProof", [])
    return named if isinstance(named, list) else [named]


def _check_chain(by_id: Mapping[str, Document]) -> None:
    """Refuse a chain that leads nowhere or back to itself."""
    done: set[str] = set()
    while len(done) < len(by_id):
        ready = {
            name
            for name, one in by_id.items()
            if name not in done and all(previous in done for previous in _previous(one))
        }
        if not ready:
            raise malformed("a chain of proofs that leads nowhere or back to itself")
        done |= ready


def _read(options: Document, by_id: Mapping[str, Document]) -> _Proof:
    if set(options) - _OPTIONS:
        raise unsupported("a proof with an option that is not processed here")
    kind = options.get("type")
    suite = options.get("cryptosuite") if kind == "DataIntegrityProof" else kind
    if not isinstance(suite, str) or suite not in _SUITES:
        raise unsupported("a proof of a kind that is not accepted")
    if kind != "DataIntegrityProof" and "cryptosuite" in options:
        raise unsupported("a proof that is of two kinds")
    if options.get("proofPurpose") != "assertionMethod":
        raise unsupported("a proof that was made for another purpose than to assert")
    previous = _previous(options)
    if any(not isinstance(one, str) or one not in by_id for one in previous):
        raise malformed("a proof that rests on one that is not there")
    method = options.get("verificationMethod")
    key = resolve(method)
    if isinstance(key, ed25519.Ed25519PublicKey) is not suite.lower().startswith("ed"):
        raise failed(SubIndication.SIG_CRYPTO_FAILURE, "the key does not fit the cryptosuite")
    return _Proof(options, suite, str(method), key, tuple(by_id[one] for one in previous))


def _verify(proof: _Proof, unsecured: Document, task: Task) -> SignedDocument:
    """Return the signed octets of the document, once the proof was found to hold over them."""
    secured = {**unsecured, "proof": list(proof.previous)} if proof.previous else unsecured
    canonicalize = _canonical_json if "jcs" in proof.suite else _canonical_rdf
    config, hashed, signed = canonicalize(proof, secured, unsecured, task)
    name = digest_of(proof.key)
    data = b"".join(hashlib.new(name, one).digest() for one in (config, hashed))
    signature = decode_base58(proof.options.get("proofValue"), "the proof value")
    if not verifies(proof.key, signature, data):
        raise failed(
            SubIndication.SIG_CRYPTO_FAILURE, "the proof value does not fit what was signed"
        )
    return signed


def _canonical_json(
    proof: _Proof, secured: Document, unsecured: Document, task: Task
) -> tuple[bytes, bytes, SignedDocument]:
    """Canonicalise by RFC 8785 <https://www.rfc-editor.org/rfc/rfc8785>."""
    del task
    if "@context" in proof.options and proof.options["@context"] != secured.get("@context"):
        raise unsupported("the proof was made under other contexts than the document has")
    try:
        config, alone = (rfc8785.dumps(dict(one)) for one in (proof.config, unsecured))
        hashed = alone if secured is unsecured else rfc8785.dumps(dict(secured))
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise malformed("a value that canonical JSON cannot hold") from error
    return config, hashed, SignedDocument(alone, "application/ld+json")


def _canonical_rdf(
    proof: _Proof, secured: Document, unsecured: Document, task: Task
) -> tuple[bytes, bytes, SignedDocument]:
    if "@context" in proof.options:
        raise unsupported("a proof with a context of its own")
    config = {**proof.config, "@context": unsecured["@context"]}
    contexts = _load_contexts(_contexts_of(unsecured), task.contexts)
    documents: Sequence[Document] = (config, secured, unsecured)
    if secured is unsecured:
        documents = (config, secured)
    datasets = canonical_datasets(documents, contexts, digest_of(proof.key), task.policy)
    return datasets[0], datasets[1], SignedDocument(datasets[-1], "application/n-quads")


def _load_contexts(
    names: Sequence[str], loader: DocumentLoader | None
) -> dict[str, Mapping[str, Any]]:
    """Return the context documents that are named, and those that they name themselves."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        loaded = loader(name) if loader else None
        if loaded is None:
            raise indeterminate(
                SubIndication.CONTEXT_NOT_AVAILABLE,
                "a context of the document is not among the local ones",
            )
        found[name] = loaded
        waiting += _names_in(loaded)
        if len(found) > _MOST_CONTEXTS:
            raise over_limit("too many contexts", _MOST_CONTEXTS)
    return found


def _names_in(document: object) -> Iterator[str]:
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            for name, value in one.items():
                if name in ("@context", "@import"):
                    listed = value if isinstance(value, list) else [value]
                    yield from (each for each in listed if isinstance(each, str))
                waiting.append(value)
        elif isinstance(one, list):
            waiting += one


def _check_times(proofs: Sequence[_Proof], task: Task, findings: Findings) -> None:
    created = [_time(one, "created") for one in proofs]
    expires = [_time(one, "expires") for one in proofs]
    findings.claimed_signing_time = max((one for one in created if one), default=None)
    findings.best_signature_time = task.now
    if any(one and one > task.now + task.policy.clock_skew for one in created):
        raise unsupported("the proof says it was made in the future")
    if any(one and one <= task.now for one in expires):
        raise indeterminate(SubIndication.OUT_OF_BOUNDS_NO_POE, "the proof has expired")


def _time(proof: _Proof, name: str) -> Any:
    value = proof.options.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise malformed(f"{name} is not a time")
    return parse_time(value)


def _check_keys(
    signed: Sequence[tuple[_Proof, SignedDocument]], task: Task, findings: Findings
) -> None:
    """Find the proof whose key is the issuer's, by the operator's word.

    Raises:
        Rejection: KEY_NOT_BOUND_TO_ISSUER, or NO_CERTIFICATE_CHAIN_FOUND where the issuer is
            nothing but a key.
    """
    proof, document = signed[0]
    findings.signed_document, findings.signer = document, Signer(key=proof.method)
    by_itself = False
    for one, octets in signed:
        did = one.method.partition("#")[0]
        issuer = read_statement(octets, task.policy).issuer.iri or ""
        by_itself = by_itself or did == issuer
        if did in task.trust.issuer_keys.get(issuer, ()):
            findings.signed_document, findings.signer = octets, Signer(key=one.method)
            findings.anchor = AnchorFact(issuer, None, "operator")
            findings.check("path", Status.YES, "the operator knows the key as the issuer's")
            return
    if by_itself:
        raise indeterminate(
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            "the issuer is named by the key itself, and nothing says who holds it",
        )
    raise indeterminate(
        SubIndication.KEY_NOT_BOUND_TO_ISSUER,
        "the proof holds, but nothing says that its key is the issuer's",
    )
