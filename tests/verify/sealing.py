"""Seals that the tests make themselves: written from the specifications, not from the verifier."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from .pki import SEALED, Party

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
TRANSFORMS = {
    "xpath": (
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
        "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"
    ),
    "xpath-filter2": (
        '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2">'
        '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">'
        "/descendant::ds:Signature</f:XPath></ds:Transform>"
    ),
    "enveloped-signature": f'<ds:Transform Algorithm="{DS}enveloped-signature"/>',
}
TimeStamper = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Evidence:
    """What a seal is to carry: how to time-stamp, and what says nothing was revoked."""

    content_stamp: TimeStamper | None = None
    signature_stamp: TimeStamper | None = None
    certificates: Sequence[bytes] = ()
    ocsp: Sequence[bytes] = ()
    crls: Sequence[bytes] = ()
    archive: int = 0


NOTHING = Evidence()


def b64(octets: bytes) -> str:
    """Return base64."""
    return base64.b64encode(octets).decode()


def b64url(octets: bytes) -> str:
    """Return unpadded base64url."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    """Return the octets of unpadded base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(
    key: Any, octets: bytes, *, pss: bool = False, digest: hashes.HashAlgorithm | None = None
) -> bytes:
    """Return a signature as XML and JOSE write it: RSA's value, or r and s alone."""
    chosen = digest or hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        mask = padding.PSS(padding.MGF1(chosen), chosen.digest_size) if pss else padding.PKCS1v15()
        return key.sign(octets, mask, chosen)
    half = (key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(chosen)))
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def canonical(node: Any) -> bytes:
    """Return the exclusive canonical form of an element or a tree."""
    octets: bytes = etree.tostring(node, method="c14n", exclusive=True, with_comments=False)
    return octets


def seal_xml(
    document: bytes,
    signer: Party,
    *,
    place: str = ".",
    profile: str = "xpath-filter2",
    when: datetime = SEALED,
    evidence: Evidence = NOTHING,
    chain: Sequence[Party] = (),
) -> bytes:
    """Return an XML document with a XAdES seal put at the end of the element at `place`."""
    root = etree.fromstring(document)
    digest = b64(hashlib.sha256(canonical(root.getroottree())).digest())
    stamp = evidence.content_stamp
    content = stamp(canonical(root.getroottree())) if stamp else None
    signature = etree.fromstring(_signature(signer, chain, profile, when, digest, content))
    root.find(place).append(signature)
    properties = signature.find(f".//{{{XADES}}}SignedProperties")
    values = signature.findall(f".//{{{DS}}}Reference/{{{DS}}}DigestValue")
    values[1].text = b64(hashlib.sha256(canonical(properties)).digest())
    value = signature.find(f"{{{DS}}}SignatureValue")
    value.text = b64(sign(signer.key, canonical(signature.find(f"{{{DS}}}SignedInfo"))))
    _add_unsigned(signature, value, evidence)
    octets: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return octets


def _signature(
    signer: Party,
    chain: Sequence[Party],
    profile: str,
    when: datetime,
    digest: str,
    content: bytes | None,
) -> str:
    kind = "ecdsa" if isinstance(signer.key, ec.EllipticCurvePrivateKey) else "rsa"
    transform = f'<ds:Transform Algorithm="{_C14N}"/>'
    method = f'<ds:DigestMethod Algorithm="{_SHA256}"/>'
    certificates = "".join(
        f"<ds:X509Certificate>{b64(one.der)}</ds:X509Certificate>" for one in (signer, *chain)
    )
    stamped = (
        ""
        if content is None
        else "<xades:SignedDataObjectProperties><xades:AllDataObjectsTimeStamp>"
        f'<ds:CanonicalizationMethod Algorithm="{_C14N}"/>'
        f"<xades:EncapsulatedTimeStamp>{b64(content)}</xades:EncapsulatedTimeStamp>"
        "</xades:AllDataObjectsTimeStamp></xades:SignedDataObjectProperties>"
    )
    return (
        f'<ds:Signature xmlns:ds="{DS}" Id="seal"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{_C14N}"/>'
        f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{kind}-sha256"/>'
        f'<ds:Reference URI=""><ds:Transforms>{TRANSFORMS[profile]}{transform}</ds:Transforms>'
        f"{method}<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
        f'<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#signed">'
        f"<ds:Transforms>{transform}</ds:Transforms>{method}<ds:DigestValue/></ds:Reference>"
        "</ds:SignedInfo><ds:SignatureValue/>"
        f"<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo><ds:Object>"
        f'<xades:QualifyingProperties xmlns:xades="{XADES}" Target="#seal">'
        '<xades:SignedProperties Id="signed"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{when:%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
        f"<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>{method}"
        f"<ds:DigestValue>{b64(hashlib.sha256(signer.der).digest())}</ds:DigestValue>"
        "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
        f"</xades:SignedSignatureProperties>{stamped}</xades:SignedProperties>"
        "</xades:QualifyingProperties></ds:Object></ds:Signature>"
    )


def _add_unsigned(signature: Any, value: Any, evidence: Evidence) -> None:
    parts = []
    if evidence.signature_stamp:
        token = b64(evidence.signature_stamp(canonical(value)))
        parts.append(
            f'<xades:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm="{_C14N}"/>'
            f"<xades:EncapsulatedTimeStamp>{token}</xades:EncapsulatedTimeStamp>"
            "</xades:SignatureTimeStamp>"
        )
    if evidence.certificates:
        held = "".join(
            f"<xades:EncapsulatedX509Certificate>{b64(one)}</xades:EncapsulatedX509Certificate>"
            for one in evidence.certificates
        )
        parts.append(f"<xades:CertificateValues>{held}</xades:CertificateValues>")
    if evidence.ocsp or evidence.crls:
        parts.append(_revocation_values(evidence))
    parts += [
        '<a:ArchiveTimeStamp xmlns:a="http://uri.etsi.org/01903/v1.4.1#"/>'
    ] * evidence.archive
    if not parts:
        return
    unsigned = etree.fromstring(
        f'<xades:UnsignedProperties xmlns:xades="{XADES}" xmlns:ds="{DS}">'
        f"<xades:UnsignedSignatureProperties>{''.join(parts)}"
        "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
    )
    signature.find(f".//{{{XADES}}}QualifyingProperties").append(unsigned)


def _revocation_values(evidence: Evidence) -> str:
    responses = "".join(
        f"<xades:EncapsulatedOCSPValue>{b64(one)}</xades:EncapsulatedOCSPValue>"
        for one in evidence.ocsp
    )
    lists = "".join(
        f"<xades:EncapsulatedCRLValue>{b64(one)}</xades:EncapsulatedCRLValue>"
        for one in evidence.crls
    )
    return (
        f"<xades:RevocationValues><xades:CRLValues>{lists}</xades:CRLValues>"
        f"<xades:OCSPValues>{responses}</xades:OCSPValues></xades:RevocationValues>"
    )


@dataclass(frozen=True)
class JsonSeal:
    """How to make a JAdES seal; `change` may spoil the header before it is signed."""

    algorithm: str | None = None
    encoded: bool = False
    when: datetime = SEALED
    evidence: Evidence = NOTHING
    chain: Sequence[Party] = ()
    change: Callable[[dict[str, Any]], None] = field(default=lambda _: None)


PLAIN = JsonSeal()


def seal_json(payload: str, signer: Party, how: JsonSeal = PLAIN) -> dict[str, Any]:
    """Return a JWS in general JSON serialisation, as a value to be written by `to_json`."""
    default = "ES256" if isinstance(signer.key, ec.EllipticCurvePrivateKey) else "RS256"
    algorithm = how.algorithm or default
    text = b64url(payload.encode()) if how.encoded else payload
    header: dict[str, Any] = {
        "alg": algorithm,
        "x5c": [b64(one.der) for one in (signer, *how.chain)],
        "x5t#S256": b64url(hashlib.sha256(signer.der).digest()),
        "sigT": f"{how.when:%Y-%m-%dT%H:%M:%SZ}",
        "crit": ["sigT"],
    }
    if not how.encoded:
        header |= {"b64": False, "crit": ["b64", "sigT"]}
    if how.evidence.content_stamp:
        header["adoTst"] = _tokens(how.evidence.content_stamp(text.encode()))
        header["crit"].append("adoTst")
    how.change(header)
    protected = b64url(json.dumps(header).encode())
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}.get(
        algorithm[2:], hashes.SHA256()
    )
    value = sign(
        signer.key,
        f"{protected}.{text}".encode(),
        pss=algorithm.startswith("PS"),
        digest=digest,
    )
    entry: dict[str, Any] = {"protected": protected, "signature": b64url(value)}
    items = list(_items(how.evidence, entry["signature"]))
    if items:
        entry["header"] = {"etsiU": [b64url(json.dumps(one).encode()) for one in items]}
    return {"payload": text, "signatures": [entry]}


def _tokens(token: bytes) -> dict[str, Any]:
    return {"tstTokens": [{"val": b64(token)}]}


def _items(evidence: Evidence, signature: str) -> Sequence[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    if evidence.signature_stamp:
        found.append({"sigTst": _tokens(evidence.signature_stamp(signature.encode()))})
    if evidence.certificates:
        values = [{"x509Cert": {"val": b64(one)}} for one in evidence.certificates]
        found.append({"xVals": values})
    if evidence.ocsp or evidence.crls:
        revocation = {
            "ocspVals": [{"val": b64(one)} for one in evidence.ocsp],
            "crlVals": [{"val": b64(one)} for one in evidence.crls],
        }
        found.append({"rVals": revocation})
    return [*found, *([{"arcTst": {}}] * evidence.archive)]


def to_json(document: Mapping[str, Any]) -> bytes:
    """Return JSON text as a document."""
    return json.dumps(document, ensure_ascii=False).encode()


def to_compact(document: Mapping[str, Any]) -> bytes:
    """Return a JWS in compact serialisation."""
    entry = document["signatures"][0]
    return f"{entry['protected']}.{document['payload']}.{entry['signature']}".encode()
