"""Other verifiers on the same documents: where they disagree with ours, and why ours is right.

Each disagreement is listed by the attack that shows it, under its reason. A new one fails the test,
and so does one that has gone away: the lists stay true. Only mathematics is compared (does the
signature fit what stands there?), with the key of the certificate that the document carries.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from tests.shared import corpus

from . import tampering_json, tampering_xml
from .conftest import World
from .documents import PROOF, XML
from .oracles import (
    jwcrypto_accepts,
    ours_json,
    ours_xml,
    signxml_accepts,
    xmlsec_accepts,
)
from .sealing import TRANSFORMS, seal_xml

Reasons = Mapping[str, frozenset[str]]

XMLSEC: Reasons = {
    "A DOCTYPE can change what stands there before it is canonicalised, and differently for each "
    "reader: no credential needs one.": frozenset(
        {
            "a DOCTYPE",
            "an external DOCTYPE",
            "an empty DOCTYPE",
            "an attribute default by DOCTYPE",
        }
    ),
    "The transform takes every ds:Signature out of what is signed: what is in a second one is not "
    "signed, and would be read as if it were.": frozenset(
        {"two seals", "content in a second ds:Signature"}
    ),
    "What is in the signature beside the signed properties is not signed; a seal has nothing there "
    "that a reader could take for content.": frozenset(
        {
            "content in an extra ds:Object",
            "content beside the qualifying properties",
            "content in the qualifying properties",
            "content in the unsigned properties",
            "content among the unsigned properties",
            "content beside the certificate",
            "content in KeyInfo",
            "text in the signature",
            "an unknown unsigned property",
        }
    ),
    "XAdES is more than XML Signature: its signed properties must be one and belong to this "
    "signature, and its time-stamps must be readable. xmlsec knows nothing of them.": frozenset(
        {"two signed properties", "Target points elsewhere", "the time-stamp is not base64"}
    ),
    "A seal stands in the root or in its proof; deeper down it would be part of what it seals.": (
        frozenset({"the seal stands deeper"})
    ),
    "Comments split text: two readers can take two different values for one digest or path.": (
        frozenset({"comment in a digest", "an XPath with a comment"})
    ),
    "1,024 bits can be broken; ETSI TS 119 312 asks for more.": frozenset(
        {"resealed with a key of 1,024 bits"}
    ),
}
SIGNXML: Reasons = {
    "A reference to the whole document covers the processing instructions beside the root element; "
    "signxml canonicalises the root element alone.": frozenset(
        {"a processing instruction stands before"}
    ),
    "Only the first of several equal parts is looked at; another reader may look at the last.": (
        frozenset({"two signature values", "two SignedInfo", "two KeyInfo"})
    ),
    "It was given the signer's certificate and does not look at the one that the document "
    "carries; a seal must name its certificate and carry it.": frozenset(
        {
            "no KeyInfo",
            "the certificate is swapped",
            "no certificate",
            "a certificate that is none",
            "the time-stamper's certificate for the signer's",
        }
    ),
    "What is in the signature beside the signed properties is not signed.": frozenset(
        {
            "content in an extra ds:Object",
            "content beside the qualifying properties",
            "content in the qualifying properties",
            "content in the unsigned properties",
            "content among the unsigned properties",
            "content beside the certificate",
            "content in KeyInfo",
            "content in the signature",
            "text in the signature",
            "an unknown unsigned property",
        }
    ),
    "XAdES is more than XML Signature.": frozenset(
        {"Target points elsewhere", "the time-stamp is not base64"}
    ),
    "A seal stands in the root or in its proof.": frozenset({"the seal stands deeper"}),
    "Comments split text.": frozenset({"comment in a digest"}),
}
JWCRYPTO: Reasons = {
    "Two readers that differ on a duplicate member, or on what is no JSON, read two documents.": (
        frozenset(
            {
                "a first, other payload",
                "a number that is none",
                "a duplicate member in an item of etsiU",
            }
        )
    ),
    "What is not signed must not stand beside what is.": frozenset(
        {
            "a member beside payload",
            "a member beside the signature",
            "kid in the unprotected header",
            "signature and signatures",
            "an unknown item in etsiU",
            "an item of two members in etsiU",
        }
    ),
    "One good signature among several is enough for it; whose statement is it then?": frozenset(
        {"two seals", "a second seal, of an attacker", "a first seal, of an attacker"}
    ),
    "Octets have one base64url form; a document that can be changed unnoticed has no digest.": (
        frozenset({"padding in the signature", "unused bits in the signature"})
    ),
    "RFC 7515, section 4.1.11, and RFC 7797, section 6: crit names b64, no registered member, none "
    "twice, and is never empty.": frozenset(
        {
            "crit forgets b64",
            "crit names a registered member",
            "crit names one twice",
            "crit is empty",
        }
    ),
    "ETSI TS 119 182-1: the signing time, the certificate and its digest are part of the seal, "
    "each once and in its form; a detached payload is not in the document.": frozenset(
        {
            "two signing times",
            "a signing time of another form",
            "iat is a text",
            "a detached payload",
            "no x5c",
            "an empty x5c",
            "x5c that is none",
            "no certificate digest",
            "the digest of another certificate",
            "two certificate digests",
            "etsiU is emptied",
            "etsiU is an object",
        }
    ),
    "A key comes from x5c and from nowhere else.": frozenset(
        {"an attacker's key in jwk", "a key from the web", "a certificate from the web"}
    ),
    "1,024 bits can be broken.": frozenset({"resealed with a key of 1,024 bits"}),
}


@dataclass(frozen=True, eq=False)
class Enveloped(World):
    """The same world, whose XML is sealed by the one transform that signxml knows."""

    def xml(self) -> bytes:
        """Return a sealed EDC v2 credential."""
        return self._enveloped

    @cached_property
    def _enveloped(self) -> bytes:
        return seal_xml(
            XML, self.signer, place=PROOF, evidence=self.evidence, profile="enveloped-signature"
        )


def _disagreements(
    documents: Iterator[tuple[str, bytes]],
    ours: Callable[[bytes], bool],
    theirs: Callable[[bytes], bool],
) -> dict[str, tuple[bool, bool]]:
    """Return the verdicts, ours and theirs, on the documents where they differ."""
    found = {}
    for title, document in documents:
        verdicts = ours(document), theirs(document)
        if verdicts[0] is not verdicts[1]:
            found[title.partition(": ")[2]] = verdicts
    return found


def _stricter(reasons: Reasons) -> dict[str, tuple[bool, bool]]:
    return {title: (False, True) for titles in reasons.values() for title in titles}


def _attacks(
    attacks: Mapping[str, Callable[[World], bytes]], world: World
) -> Iterator[tuple[str, bytes]]:
    """Yield the documents after those attacks that the world's documents can suffer."""
    for title, attack in attacks.items():
        try:
            yield title, attack(world)
        except (AssertionError, AttributeError, ValueError):
            continue


def test_xmlsec(world: World) -> None:
    """Xmlsec agrees but for the listed documents; on each of them ours is the stricter."""
    documents = list(_attacks(tampering_xml.attacks(), world))
    assert len(documents) > 130
    found = _disagreements(iter(documents), ours_xml, xmlsec_accepts)
    assert found == _stricter(XMLSEC)


def test_signxml(world: World) -> None:
    """signxml, on the transform that it knows, agrees but for the listed documents."""
    enveloped = Enveloped(world.ca, world.signer, world.tsa_root, world.tsa)
    documents = [
        one
        for one in _attacks(tampering_xml.attacks(), enveloped)
        if b"xmldsig-filter2" not in one[1]
    ]
    assert len(documents) > 80
    signer = world.signer.certificate
    found = _disagreements(iter(documents), ours_xml, lambda one: signxml_accepts(one, signer))
    assert found == _stricter(SIGNXML)


def test_jwcrypto(world: World) -> None:
    """Jwcrypto agrees but for the listed documents; on each of them ours is the stricter."""
    documents = list(_attacks(tampering_json.attacks(), world))
    assert len(documents) > 110
    signer = world.signer.certificate
    found = _disagreements(iter(documents), ours_json, lambda one: jwcrypto_accepts(one, signer))
    assert found == _stricter(JWCRYPTO)


@pytest.mark.parametrize("profile", TRANSFORMS)
def test_good_documents(profile: str, world: World) -> None:
    """All accept what is good, but that signxml skips transforms it does not know.

    It leaves the signature in what it digests, so that no EDC credential ever verifies with it.
    """
    document = seal_xml(XML, world.signer, place=PROOF, profile=profile)
    assert ours_xml(document)
    assert xmlsec_accepts(document)
    known = profile == "enveloped-signature"
    assert signxml_accepts(document, world.signer.certificate) is known
    assert ours_json(world.json())
    assert jwcrypto_accepts(world.json(), world.signer.certificate)


def _genuine(pattern: str) -> list[Path]:
    return sorted((corpus() / "proofs").glob(pattern))


@pytest.mark.parametrize("file", _genuine("trusted-lists/*"), ids=lambda one: one.name[8:40])
def test_genuine_lists(file: Path) -> None:
    """On the genuine trusted lists ours and xmlsec agree, but for Norway's key of 2,032 bits."""
    document = file.read_bytes()
    assert xmlsec_accepts(document)
    assert ours_xml(document) is ("norway" not in file.name)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("proofs/xades/elm__EDC_DiplomaSupplement_AA.xml", True),
        ("proofs/xades/edci__Credential_EPAS_476.xml", False),
        ("proofs/xades/edci__Credential_EPAS_476_error.xml", False),
        ("negative/derived_tampered_XAdES_Ana_familyName.xml", False),
    ],
)
def test_genuine_xml(name: str, whole: bool) -> None:
    """On genuine and broken XML credentials ours and xmlsec agree."""
    document = (corpus() / name).read_bytes()
    assert ours_xml(document) is whole
    assert xmlsec_accepts(document) is whole


@pytest.mark.parametrize("file", _genuine("jades/*"), ids=lambda one: one.name)
def test_genuine_json(file: Path, world: World) -> None:
    """On the genuine JSON credentials ours and jwcrypto agree."""
    document = file.read_bytes()
    assert ours_json(document)
    assert jwcrypto_accepts(document, world.signer.certificate)
