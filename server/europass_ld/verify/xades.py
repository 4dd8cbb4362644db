"""XAdES seals on XML: exactly the profiles found on credentials and trusted lists, nothing else.

XML Signature <https://www.w3.org/TR/xmldsig-core1/>, XAdES in ETSI EN 319 132-1
<https://www.etsi.org/deliver/etsi_en/319100_319199/31913201/>. One enveloped signature, two
references, exclusive canonicalisation. All three accepted transforms take every ds:Signature out
of what is signed, so there may be only one. No XPath of a document is ever run: the transforms are
recognised by their text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from .algorithms import (
    XML_DIGESTS,
    XML_SIGNATURES,
    Algorithm,
    check_signature,
    check_strength,
    digest,
)
from .certificates import Certificate
from .outcome import (
    ProofFormat,
    SubIndication,
    failed,
    indeterminate,
    malformed,
    too_weak,
    unsupported,
)
from .policy import Policy
from .proof import Evidence, Seal, parse_time
from .report import SignedDocument
from .xml import (
    DS,
    Element,
    algorithm_of,
    canonicalize,
    check_canonicalization,
    child,
    cut_out,
    decode_base64,
    only_children,
    optional_child,
    parse,
    text_of,
)

_XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
_XADES_141 = "{http://uri.etsi.org/01903/v1.4.1#}"
_DS_NAMESPACE = DS.strip("{}")
_FILTER = "http://www.w3.org/2002/06/xmldsig-filter2"
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_ENVELOPED = f"{_DS_NAMESPACE}enveloped-signature"
_SIGNED_PROPERTIES_TYPES = (
    "http://uri.etsi.org/01903#SignedProperties",
    "http://uri.etsi.org/01903/v1.3.2#SignedProperties",
)
_SHA1 = f"{_DS_NAMESPACE}sha1"
_WEAK = (_SHA1, f"{_DS_NAMESPACE}rsa-sha1", f"{_DS_NAMESPACE}dsa-sha1")
_SIGNATURE_PARTS = tuple(
    f"{DS}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo", "Object")
)
_UNSIGNED_PROPERTIES = (
    f"{_XADES}SignatureTimeStamp",
    f"{_XADES}CertificateValues",
    f"{_XADES}RevocationValues",
    f"{_XADES}AttrAuthoritiesCertValues",
    f"{_XADES}AttributeRevocationValues",
    f"{_XADES}CompleteCertificateRefs",
    f"{_XADES}CompleteRevocationRefs",
    f"{_XADES}SigAndRefsTimeStamp",
    f"{_XADES}ArchiveTimeStamp",
    f"{_XADES_141}ArchiveTimeStamp",
    f"{_XADES_141}TimeStampValidationData",
)
_X509_DATA = f"{DS}X509Data"
_KEY_INFO = (_X509_DATA, f"{DS}KeyValue", f"{DS}KeyName")
_X509_PARTS = tuple(
    f"{DS}{name}"
    for name in ("X509Certificate", "X509IssuerSerial", "X509SKI", "X509SubjectName", "X509CRL")
)
_HOLDERS = etree.XPath("//@*[. = $one or . = $other]")
_IDS = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The elements of a signature, each in its only accepted place."""

    signature: Element
    signed_info: Element
    value: Element
    key_info: Element
    signed_properties: Element
    unsigned_properties: Element | None
    document_reference: Element
    properties_reference: Element


def verify_xades(data: bytes, policy: Policy, min_rsa_bits: int | None = None) -> Seal:
    """Verify the one seal of an XML document, as far as mathematics goes.

    `min_rsa_bits` replaces that of the policy for the seal's own key.

    Raises:
        Rejection: no seal, another profile, or the seal does not hold.
    """
    root = parse(data, policy)
    parts = _parts(root, _the_signature(root))
    evidence = Evidence(policy)
    for one in _certificates(parts.key_info):
        evidence.add_certificate(decode_base64(one), needed=True)
    certificate = _signing_certificate(parts, evidence)
    check_strength(certificate.key, min_rsa_bits or policy.min_rsa_bits)
    algorithm = _check_value(parts, certificate)
    _check_digest(parts.properties_reference, canonicalize(parts.signed_properties))
    _collect(parts, evidence)
    imprint = canonicalize(parts.value)
    profile = _profile(parts.document_reference)
    cut_out(parts.signature)
    octets = canonicalize(root.getroottree())
    _check_digest(parts.document_reference, octets)
    return Seal(
        format=ProofFormat.XADES,
        profile=profile,
        signed_document=SignedDocument(octets, "application/xml"),
        certificate=certificate,
        algorithm=str(algorithm),
        claimed_signing_time=_signing_time(parts.signed_properties),
        content_imprint=octets,
        signature_imprint=imprint,
        evidence=evidence,
    )


def _the_signature(root: Element) -> Element:
    signatures = list(root.iter(f"{DS}Signature"))
    if not signatures:
        raise indeterminate(SubIndication.NO_SIGNATURE, "the document carries no seal")
    if len(signatures) > 1:
        raise malformed(
            f"{len(signatures)} signatures: each hides what is in it from the others, "
            "so only one is accepted"
        )
    signature = signatures[0]
    parent = signature.getparent()
    if parent is None:
        raise malformed("the signature envelops the document instead of standing in it")
    in_proof = str(parent.tag).rpartition("}")[2] == "proof" and parent.getparent() is root
    if parent is not root and not in_proof:
        raise malformed("the signature stands deeper in the document than a seal does")
    return signature


def _parts(root: Element, signature: Element) -> _Parts:
    held = only_children(signature, *_SIGNATURE_PARTS)
    if [one.tag for one in held] != list(_SIGNATURE_PARTS):
        raise malformed("a signature has one each of SignedInfo, SignatureValue, KeyInfo, Object")
    signed_info, value, key_info, container = held
    qualifying = _only(container, f"{_XADES}QualifyingProperties")
    only_children(qualifying, f"{_XADES}SignedProperties", f"{_XADES}UnsignedProperties")
    properties = child(qualifying, f"{_XADES}SignedProperties")
    _check_ids(root, signature, qualifying, properties)
    document, about = _references(signed_info, properties)
    return _Parts(
        signature,
        signed_info,
        value,
        key_info,
        properties,
        optional_child(qualifying, f"{_XADES}UnsignedProperties"),
        document,
        about,
    )


def _only(parent: Element, tag: str) -> Element:
    only_children(parent, tag)
    return child(parent, tag)


def _check_ids(root: Element, signature: Element, qualifying: Element, signed: Element) -> None:
    """Make sure that the references lead where they seem to: each identifier stands once."""
    one, other = signature.get("Id"), signed.get("Id")
    if not one or not other or qualifying.get("Target") != f"#{one}":
        raise malformed("QualifyingProperties does not point at its signature")
    holders = [str(held) for held in _HOLDERS(root, one=one, other=other) if held.attrname in _IDS]
    if sorted(holders) != sorted((one, other)):
        raise malformed("an identifier that the signature uses stands twice")


def _references(signed_info: Element, signed: Element) -> tuple[Element, Element]:
    method, algorithm, *references = only_children(
        signed_info,
        f"{DS}CanonicalizationMethod",
        f"{DS}SignatureMethod",
        f"{DS}Reference",
    ) or (None, None)
    if method is None or algorithm is None or len(references) != 2:  # noqa: PLR2004 - as it says
        raise unsupported("SignedInfo has two references: the document and the signed properties")
    about = [one for one in references if one.get("Type") in _SIGNED_PROPERTIES_TYPES]
    document = [one for one in references if one not in about]
    if len(about) != 1:
        raise unsupported("SignedInfo has one reference to the signed properties")
    if about[0].get("URI") != f"#{signed.get('Id') or ''}":
        raise unsupported("the reference does not point at the signed properties")
    if document[0].get("URI") != "":
        raise unsupported("the reference does not cover the whole document")
    return document[0], about[0]


def _certificates(key_info: Element) -> Iterator[Element]:
    """Yield the certificates; other ways to name a key may stand beside and are not looked at."""
    for held in only_children(key_info, *_KEY_INFO):
        if held.tag == _X509_DATA:
            for one in only_children(held, *_X509_PARTS):
                if one.tag == _X509_PARTS[0]:
                    yield one


def _signing_certificate(parts: _Parts, evidence: Evidence) -> Certificate:
    """Return the certificate that the signed properties name by its digest."""
    signed = child(parts.signed_properties, f"{_XADES}SignedSignatureProperties")
    named = optional_child(signed, f"{_XADES}SigningCertificateV2")
    if named is None:
        named = optional_child(signed, f"{_XADES}SigningCertificate")
    first = None if named is None else named.find(f"{_XADES}Cert")
    if first is None:
        raise _no_certificate("the signed properties name no signing certificate")
    reference = child(first, f"{_XADES}CertDigest")
    algorithm = algorithm_of(child(reference, f"{DS}DigestMethod"))
    expected = decode_base64(child(reference, f"{DS}DigestValue"))
    name = _digest_name(algorithm)
    for certificate in evidence.certificates:
        if digest(name, certificate.der) == expected:
            return certificate
    raise _no_certificate("no certificate of the seal has the digest that was signed")


def _no_certificate(message: str) -> Exception:
    return indeterminate(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, message)


def _check_value(parts: _Parts, certificate: Certificate) -> Algorithm:
    check_canonicalization(child(parts.signed_info, f"{DS}CanonicalizationMethod"))
    named = algorithm_of(child(parts.signed_info, f"{DS}SignatureMethod"))
    if named not in XML_SIGNATURES:
        raise _refused(named, "signature algorithm")
    algorithm = XML_SIGNATURES[named]
    check_signature(
        certificate.key, algorithm, decode_base64(parts.value), canonicalize(parts.signed_info)
    )
    return algorithm


def _refused(named: str, what: str) -> Exception:
    refusal = too_weak if named in _WEAK else unsupported
    return refusal(f"the {what} {named or '(none)'} is not accepted")


def _digest_name(algorithm: str) -> str:
    if algorithm not in XML_DIGESTS:
        raise _refused(algorithm, "digest")
    return XML_DIGESTS[algorithm]


def _check_digest(reference: Element, octets: bytes) -> None:
    only_children(reference, f"{DS}Transforms", f"{DS}DigestMethod", f"{DS}DigestValue")
    transforms = only_children(child(reference, f"{DS}Transforms"), f"{DS}Transform")
    about_properties = reference.get("Type") in _SIGNED_PROPERTIES_TYPES
    if len(transforms) != (1 if about_properties else 2):
        raise unsupported("a reference with other transforms than those of the profile")
    check_canonicalization(transforms[-1])
    name = _digest_name(algorithm_of(child(reference, f"{DS}DigestMethod")))
    if digest(name, octets) != decode_base64(child(reference, f"{DS}DigestValue")):
        what = "the signed properties have" if about_properties else "the document has"
        raise failed(SubIndication.HASH_FAILURE, f"{what} been changed since it was sealed")


def _profile(reference: Element) -> str:
    """Return the name of the transform that takes the signature out of the document."""
    first = child(reference, f"{DS}Transforms").find(f"{DS}Transform")
    named = algorithm_of(first)
    if named == _ENVELOPED:
        only_children(first)
        return "enveloped-signature"
    if named == _XPATH and _says(first, DS, "not(ancestor-or-self::ds:Signature)"):
        return "xpath"
    if named == _FILTER and _says(first, f"{{{_FILTER}}}", "/descendant::ds:Signature", "subtract"):
        return "xpath-filter2"
    raise unsupported("a transform other than those that take out the signature")


def _says(transform: Element, namespace: str, expression: str, kind: str | None = None) -> bool:
    xpath = _only(transform, f"{namespace}XPath")
    return (
        text_of(xpath).strip() == expression
        and xpath.get("Filter") == kind
        and xpath.nsmap.get("ds") == _DS_NAMESPACE
    )


def _signing_time(signed_properties: Element) -> datetime | None:
    signed = child(signed_properties, f"{_XADES}SignedSignatureProperties")
    element = optional_child(signed, f"{_XADES}SigningTime")
    return None if element is None else parse_time(text_of(element))


def _collect(parts: _Parts, evidence: Evidence) -> None:
    """Take in the time-stamps, certificates and revocation data that came with the seal."""
    data_objects = optional_child(parts.signed_properties, f"{_XADES}SignedDataObjectProperties")
    if data_objects is not None:
        for stamp in data_objects.findall(f"{_XADES}AllDataObjectsTimeStamp"):
            _add_time_stamps(stamp, evidence, content=True)
        if data_objects.find(f"{_XADES}IndividualDataObjectsTimeStamp") is not None:
            raise unsupported("a content time-stamp over parts of the document")
    if parts.unsigned_properties is None:
        return
    unsigned = _only(parts.unsigned_properties, f"{_XADES}UnsignedSignatureProperties")
    for one in only_children(unsigned, *_UNSIGNED_PROPERTIES):
        if one.tag == f"{_XADES}SignatureTimeStamp":
            _add_time_stamps(one, evidence, content=False)
        elif one.tag.endswith("}ArchiveTimeStamp"):
            evidence.add_archive_time_stamp()
        else:
            _add_values(one, evidence)


def _add_time_stamps(stamp: Element, evidence: Evidence, *, content: bool) -> None:
    method = optional_child(stamp, f"{DS}CanonicalizationMethod")
    if method is None:
        raise unsupported("a time-stamp that does not say how what it is over was canonicalised")
    check_canonicalization(method)
    for token in stamp.findall(f"{_XADES}EncapsulatedTimeStamp"):
        evidence.add_time_stamp(decode_base64(token), content=content)


def _add_values(values: Element, evidence: Evidence) -> None:
    for one in values.iter(f"{_XADES}EncapsulatedX509Certificate"):
        evidence.add_certificate(decode_base64(one))
    for one in values.iter(f"{_XADES}EncapsulatedOCSPValue"):
        evidence.add_ocsp_response(decode_base64(one))
    for one in values.iter(f"{_XADES}EncapsulatedCRLValue"):
        evidence.add_revocation_list(decode_base64(one))
