"""Attacks on XML with a XAdES seal."""

import base64
import copy
import hashlib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from lxml import etree

from .conftest import World
from .documents import PROOF, XML
from .pki import (
    END,
    NOW,
    SEALED,
    START,
    Party,
    authority,
    name,
    ocsp_response,
    party,
    revocation_list,
    rsa_key,
    time_stamp,
    time_stamping_authority,
)
from .sealing import DS, XADES, Evidence, b64, seal_xml

Attack = Callable[[World], bytes]
_SNB = "{http://data.europa.eu/snb}"
_DS = f"{{{DS}}}"
_X = f"{{{XADES}}}"
_SHA256 = b"http://www.w3.org/2001/04/xmlenc#sha256"
_C14N = b"http://www.w3.org/2001/10/xml-exc-c14n#"


def _edit(change: Callable[[Any], object]) -> Attack:
    """Return an attack that changes the tree of a good document."""

    def attack(world: World) -> bytes:
        root = etree.fromstring(world.xml())
        change(root)
        octets: bytes = etree.tostring(root)
        return octets

    return attack


def _swap(old: bytes, new: bytes, *, count: int = 1) -> Attack:
    """Return an attack that replaces text in a good document."""

    def attack(world: World) -> bytes:
        document = world.xml()
        changed = document.replace(old, new, count)
        assert changed != document, old
        return changed

    return attack


def _signature(root: Any) -> Any:
    return root.find(f".//{_DS}Signature")


def _append(parent: Any, tag: str, text: str = "PhD") -> Any:
    child = etree.SubElement(parent, tag)
    child.text = text
    return child


def _reseal(
    change: Callable[[World], tuple[bytes, Party]] | None = None,
    *,
    evidence: Callable[[World], Evidence] = lambda world: world.evidence,
    **options: Any,
) -> Attack:
    """Return an attack that makes a seal anew, with another key, time or evidence."""

    def attack(world: World) -> bytes:
        document, signer = change(world) if change else (XML, world.signer)
        return seal_xml(document, signer, place=PROOF, evidence=evidence(world), **options)

    return attack


def _lookalike(world: World, *, issuer: Party | None = None, **options: Any) -> Party:
    """Return a party with the signer's names and serial number, and another key."""
    genuine = world.signer.certificate
    return party(genuine.subject, issuer, serial=genuine.serial_number, end=END, **options)


def attacks() -> dict[str, Attack]:
    """Return all attacks by name."""
    found: dict[str, Attack] = {}
    for group in (_content, _structure, _wrapping, _algorithms, _keys, _time, _revocation):
        found |= {f"xml: {title}": attack for title, attack in group()}
    return found


def _content() -> Iterator[tuple[str, Attack]]:
    yield "a name is changed", _swap(b"Ada Example", b"Eve Example")
    yield "a level is raised", _swap(b"snb/eqf/4", b"snb/eqf/8")
    yield "a date is changed", _swap(b"2024-02-20", b"2014-02-20")
    yield "the end is moved", _swap(b"2090-12-31", b"2099-12-31")
    yield "the issuer is renamed", _swap(b"Example School", b"Example Palace")
    yield "the issuer's number is changed", _swap(b"12.345.678", b"12.345.679")
    yield "an attribute is changed", _swap(b'xsdVersion="0.10.0"', b'xsdVersion="0.11.0"')
    yield "a namespace is changed", _swap(b'"http://data.europa.eu/snb"', b'"urn:evil"')
    yield "a space is added", _swap(b"Ada Example", b"Ada  Example")
    yield "a line end is added", _swap(b"<proof>", b"\n<proof>")
    yield "text goes into the proof", _edit(lambda root: _put_text(root.find(PROOF)))
    yield "text stands behind the seal", _edit(lambda root: _put_tail(_signature(root)))
    yield "an element is added", _edit(lambda root: _append(root, f"{_SNB}title"))
    yield (
        "an element goes into the proof",
        _edit(lambda root: _append(root.find(PROOF), f"{_SNB}title")),
    )
    yield (
        "an element is removed",
        _edit(lambda root: root.remove(root.find("{*}learningSpecificationReferences"))),
    )
    yield "two elements change places", _edit(lambda root: root.insert(0, root[-2]))
    yield "a processing instruction is put in", _swap(b"Ada Example", b"Ada<?x y?> Example")
    yield "a processing instruction stands before", _swap(b"<europass", b"<?x y?><europass")
    yield (
        "xml:lang is added",
        _edit(lambda root: root.set("{http://www.w3.org/XML/1998/namespace}lang", "en")),
    )
    yield (
        "xml:base is added",
        _edit(
            lambda root: root.set(
                "{http://www.w3.org/XML/1998/namespace}base", "https://evil.example"
            )
        ),
    )
    yield "it is printed prettily", _pretty
    yield "a decoy CDATA section is added", _swap(b"Ada Example", b"Ada Example<![CDATA[ PhD]]>")
    yield "a character is replaced by a look-alike", _swap(b"Ada", "\u0410da".encode())
    yield "a name is decomposed", _swap(b"Welder", "Wélder".encode())


def _put_text(element: Any) -> None:
    element.text = "PhD"


def _put_tail(element: Any) -> None:
    element.tail = "PhD"


def _pretty(world: World) -> bytes:
    parser = etree.XMLParser(remove_blank_text=True)
    octets: bytes = etree.tostring(etree.fromstring(world.xml(), parser), pretty_print=True)
    return octets


def _structure() -> Iterator[tuple[str, Attack]]:
    doctype = b'<!DOCTYPE europassCredential [<!ENTITY e "Eve Example">]>'
    yield "a DOCTYPE", _with_doctype(doctype)
    yield (
        "a DOCTYPE and its entity",
        lambda world: _with_doctype(doctype)(world).replace(b"Ada Example", b"&e;"),
    )
    yield "an external DOCTYPE", _with_doctype(b'<!DOCTYPE x SYSTEM "https://evil.example/x.dtd">')
    yield "an empty DOCTYPE", _with_doctype(b"<!DOCTYPE europassCredential>")
    yield (
        "an attribute default by DOCTYPE",
        _with_doctype(b'<!DOCTYPE x [<!ATTLIST europassCredential xsdVersion CDATA "1.0">]>'),
    )
    yield "it is not closed", lambda world: world.xml()[:-5]
    yield "something stands behind it", lambda world: world.xml() + b"<more/>"
    yield "two seals", _edit(lambda root: root.find(PROOF).append(copy.deepcopy(_signature(root))))
    yield "no seal", _edit(lambda root: root.find(PROOF).remove(_signature(root)))
    yield "no signature value", _edit(lambda root: _drop(root, f"{_DS}SignatureValue"))
    yield "two signature values", _edit(lambda root: _double(root, f"{_DS}SignatureValue"))
    yield "two SignedInfo", _edit(lambda root: _double(root, f"{_DS}SignedInfo"))
    yield "no KeyInfo", _edit(lambda root: _drop(root, f"{_DS}KeyInfo"))
    yield "two KeyInfo", _edit(lambda root: _double(root, f"{_DS}KeyInfo"))
    yield "no signed properties", _edit(lambda root: _drop(root, f"{_X}SignedProperties"))
    yield "two signed properties", _edit(lambda root: _double(root, f"{_X}SignedProperties"))
    yield "one reference is gone", _edit(lambda root: _drop(root, f"{_DS}Reference"))
    yield "a third reference", _edit(lambda root: _double(root, f"{_DS}Reference"))
    yield "comment in a digest", _swap(b"</ds:DigestValue>", b"<!-- --></ds:DigestValue>")
    yield "base64 that is not canonical", _edit(_loosen_base64)
    yield "Target points elsewhere", _swap(b'Target="#seal"', b'Target="#other"')
    yield "the properties' Id is taken", _edit(lambda root: root.set("Id", "signed"))
    yield "the properties' id is taken", _edit(lambda root: root.set("id", "signed"))
    yield "the signature's ID is taken", _edit(lambda root: root.set("ID", "seal"))
    yield "the seal stands deeper", _edit(_move_deeper)
    yield "the seal is the root", _seal_as_root


def _with_doctype(doctype: bytes) -> Attack:
    def attack(world: World) -> bytes:
        return re.sub(
            rb"^(<\?xml[^>]*\?>)?", lambda found: found[0] + doctype, world.xml(), count=1
        )

    return attack


def _drop(root: Any, tag: str) -> None:
    element = root.find(f".//{tag}")
    element.getparent().remove(element)


def _double(root: Any, tag: str) -> None:
    element = root.find(f".//{tag}")
    element.addnext(copy.deepcopy(element))


def _loosen_base64(root: Any) -> None:
    """Set unused bits at the end of a digest: the same octets for a lenient reader."""
    value = root.find(f".//{_DS}DigestValue")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = value.text[-2]
    value.text = f"{value.text[:-2]}{alphabet[alphabet.index(last) + 1]}="


def _move_deeper(root: Any) -> None:
    subject = root.find(f"{_SNB}credentialSubject")
    subject.append(_signature(root))


def _seal_as_root(world: World) -> bytes:
    root = etree.fromstring(world.xml())
    signature = copy.deepcopy(_signature(root))
    etree.SubElement(signature, f"{_DS}Object").append(root)
    octets: bytes = etree.tostring(signature)
    return octets


def _wrapping() -> Iterator[tuple[str, Attack]]:
    yield "content in a second ds:Signature", _edit(_hide_in_second_signature)
    yield "content in a ds:Signature in the subject", _edit(_hide_in_subject)
    yield (
        "content in an extra ds:Object",
        _edit(
            lambda root: _append(etree.SubElement(_signature(root), f"{_DS}Object"), f"{_SNB}title")
        ),
    )
    yield (
        "content beside the qualifying properties",
        _edit(lambda root: _append(root.find(f".//{_DS}Object"), f"{_SNB}title")),
    )
    yield (
        "content in the qualifying properties",
        _edit(lambda root: _append(root.find(f".//{_X}QualifyingProperties"), f"{_SNB}title")),
    )
    yield (
        "content in the unsigned properties",
        _edit(lambda root: _append(root.find(f".//{_X}UnsignedProperties"), f"{_SNB}title")),
    )
    yield (
        "content among the unsigned properties",
        _edit(
            lambda root: _append(root.find(f".//{_X}UnsignedSignatureProperties"), f"{_SNB}title")
        ),
    )
    yield "content in the signature", _edit(lambda root: _append(_signature(root), f"{_SNB}title"))
    yield (
        "content beside the certificate",
        _edit(lambda root: _append(root.find(f".//{_DS}X509Data"), f"{_SNB}title")),
    )
    yield (
        "content in KeyInfo",
        _edit(lambda root: _append(root.find(f".//{_DS}KeyInfo"), f"{_SNB}title")),
    )
    yield "text in the signature", _edit(lambda root: _put_text(_signature(root)))
    yield (
        "an unknown unsigned property",
        _edit(lambda root: _append(root.find(f".//{_X}UnsignedSignatureProperties"), f"{_X}Evil")),
    )
    yield "the document in a new root", _edit_wrap
    yield "the original in an object of an evil copy", _edit(_hide_original)
    yield "the original beside an evil copy", _wrap_twice


def _hide_in_second_signature(root: Any) -> None:
    fake = etree.SubElement(root, f"{_DS}Signature")
    _append(etree.SubElement(fake, f"{_DS}Object"), f"{_SNB}title")


def _hide_in_subject(root: Any) -> None:
    fake = etree.SubElement(root.find(f"{_SNB}credentialSubject"), f"{_DS}Signature")
    _append(fake, f"{_SNB}fullName")


def _edit_wrap(world: World) -> bytes:
    wrapper = etree.Element(f"{_SNB}europassCredential")
    wrapper.append(etree.fromstring(world.xml()))
    octets: bytes = etree.tostring(wrapper)
    return octets


def _hide_original(root: Any) -> None:
    original = copy.deepcopy(root)
    root.find(f".//{_SNB}fullName/{_SNB}text").text = "Eve Example"
    _signature(root).find(f"{_DS}Object").append(original)


def _wrap_twice(world: World) -> bytes:
    root = etree.fromstring(world.xml())
    original = copy.deepcopy(root)
    original.set("Id", "original")
    root.find(f".//{_SNB}fullName/{_SNB}text").text = "Eve Example"
    root.find(f".//{_DS}Reference").set("URI", "#original")
    root.find(PROOF).append(original)
    octets: bytes = etree.tostring(root)
    return octets


def _algorithms() -> Iterator[tuple[str, Attack]]:
    method = b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    for title, named in (
        ("HMAC", b"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        ("RSA", b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        ("SHA-1", b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"),
        ("RSA with SHA-1", b"http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ("DSA", b"http://www.w3.org/2000/09/xmldsig#dsa-sha1"),
        ("RSA-PSS", b"http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"),
        ("SHA-512", b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"),
        ("nothing", b""),
    ):
        yield f"the signature method says {title}", _swap(method, named)
    for title, named in (
        ("SHA-1", b"http://www.w3.org/2000/09/xmldsig#sha1"),
        ("MD5", b"http://www.w3.org/2001/04/xmldsig-more#md5"),
        ("SHA-512", b"http://www.w3.org/2001/04/xmlenc#sha512"),
    ):
        yield f"the digest method says {title}", _swap(_SHA256, named)
        yield f"every digest method says {title}", _swap(_SHA256, named, count=9)
    for title, named in (
        ("inclusive", b"http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("1.1", b"http://www.w3.org/2006/12/xml-c14n11"),
        ("with comments", b"http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
    ):
        yield f"the canonicalisation is {title}", _swap(_C14N, named)
    wide = b"/descendant::ds:Signature|/descendant::*[local-name()='fullName']"
    yield "the filter takes out more", _swap(b"/descendant::ds:Signature", wide)
    yield "the filter keeps instead", _swap(b'Filter="subtract"', b'Filter="intersect"')
    yield (
        "the filter's prefix means something else",
        _swap(b"<f:XPath ", b'<f:XPath xmlns:ds="urn:evil" '),
    )
    yield (
        "an XSLT transform",
        _swap(
            b"http://www.w3.org/2002/06/xmldsig-filter2",
            b"http://www.w3.org/TR/1999/REC-xslt-19991116",
        ),
    )
    yield (
        "a base64 transform",
        _edit(lambda root: root.find(f".//{_DS}Transform").set("Algorithm", f"{DS}base64")),
    )
    yield "a third transform", _edit(lambda root: _double(root, f"{_DS}Transform"))
    yield "no transforms", _edit(lambda root: _drop(root, f"{_DS}Transforms"))
    yield "an XPath with a comment", _edit(_comment_in_xpath)
    yield "the reference names an element", _swap(b'URI=""', b'URI="#seal"')
    yield "the reference names a place on the web", _swap(b'URI=""', b'URI="https://evil.example"')
    yield "the reference has no URI", _swap(b' URI=""', b"")
    yield (
        "both references are to the properties",
        _swap(
            b'<ds:Reference URI="">',
            b'<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#signed">',
        ),
    )


def _comment_in_xpath(root: Any) -> None:
    root.find(".//{http://www.w3.org/2002/06/xmldsig-filter2}XPath").append(etree.Comment("x"))


def _keys() -> Iterator[tuple[str, Attack]]:
    yield "the certificate is swapped", _swap_certificate
    yield "a look-alike certificate is put first", _put_first
    yield "resealed with a look-alike", _reseal(lambda world: (XML, _lookalike(world)))
    yield (
        "resealed with a changed name and a look-alike",
        _reseal(lambda world: (XML.replace(b"Ada", b"Eve"), _lookalike(world))),
    )
    yield (
        "resealed by a look-alike authority",
        _reseal(lambda world: (XML, _lookalike(world, issuer=authority()))),
    )
    yield (
        "resealed with a key of 1,024 bits",
        _reseal(lambda world: (XML, _lookalike(world, issuer=world.ca, key=rsa_key(1024)))),
    )
    yield (
        "resealed with the authority's own certificate",
        _reseal(
            lambda world: (XML, party(name("Sub"), world.ca, ca=True, usage=["digital_signature"]))
        ),
    )
    yield (
        "resealed with a certificate for encryption",
        _reseal(
            lambda world: (XML, _lookalike(world, issuer=world.ca, usage=["key_encipherment"]))
        ),
    )
    yield (
        "resealed with a certificate that another signer issued",
        _reseal(lambda world: (XML, _lookalike(world, issuer=world.signer))),
    )
    yield (
        "resealed with a certificate of an unknown critical extension",
        _reseal(
            lambda world: (
                XML,
                _lookalike(
                    world,
                    issuer=world.ca,
                    extensions=[
                        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b""), True)
                    ],
                ),
            )
        ),
    )
    yield "no certificate", _edit(lambda root: _drop(root, f"{_DS}X509Certificate"))
    yield "no certificate digest", _edit(lambda root: _drop(root, f"{_X}SigningCertificateV2"))
    yield (
        "a certificate that is none",
        _edit(lambda root: _set_text(root, f"{_DS}X509Certificate", b64(b"\x30\x03\x02\x01\x01"))),
    )
    yield "the time-stamper's certificate for the signer's", _edit_certificate_of_tsa


def _set_text(root: Any, tag: str, text: str) -> None:
    root.find(f".//{tag}").text = text


def _swap_certificate(world: World) -> bytes:
    root = etree.fromstring(world.xml())
    _set_text(root, f"{_DS}X509Certificate", b64(_lookalike(world).der))
    octets: bytes = etree.tostring(root)
    return octets


def _put_first(world: World) -> bytes:
    """Put a look-alike first and let the digest name it: only the value gives it away."""
    root = etree.fromstring(world.xml())
    other = _lookalike(world, issuer=world.ca)
    held = root.find(f".//{_DS}X509Certificate")
    held.addprevious(copy.deepcopy(held))
    held.getprevious().text = b64(other.der)
    digest = root.find(f".//{_X}CertDigest/{_DS}DigestValue")
    digest.text = b64(hashlib.sha256(other.der).digest())
    octets: bytes = etree.tostring(root)
    return octets


def _edit_certificate_of_tsa(world: World) -> bytes:
    root = etree.fromstring(world.xml())
    _set_text(root, f"{_DS}X509Certificate", b64(world.tsa.der))
    octets: bytes = etree.tostring(root)
    return octets


def _time() -> Iterator[tuple[str, Attack]]:
    stamp = f"{_X}SignatureTimeStamp"
    yield "the signature time-stamp is stripped", _edit(lambda root: _drop(root, stamp))
    yield (
        "all unsigned properties are stripped",
        _edit(lambda root: _drop(root, f"{_X}UnsignedProperties")),
    )
    yield "the time-stamp is of another document", _transplant
    yield "the content time-stamp is put on the signature", _edit(_content_stamp_for_signature)
    yield (
        "the time-stamp is by a stranger",
        _reseal(
            evidence=lambda world: replace(
                world.evidence, signature_stamp=partial(time_stamp, tsa=time_stamping_authority())
            )
        ),
    )
    yield (
        "the time-stamp is by the signer",
        _reseal(
            evidence=lambda world: replace(
                world.evidence, signature_stamp=partial(time_stamp, tsa=world.signer)
            )
        ),
    )
    yield (
        "the time-stamp names another authority's certificate",
        _reseal(
            evidence=lambda world: replace(
                world.evidence,
                signature_stamp=partial(time_stamp, tsa=world.tsa, named=world.tsa_root),
            )
        ),
    )
    yield (
        "the time-stamp is by SHA-1",
        _reseal(
            evidence=lambda world: replace(
                world.evidence,
                signature_stamp=partial(time_stamp, tsa=world.tsa, digest="sha1"),
            )
        ),
    )
    yield (
        "the time-stamp is from the future",
        _reseal(
            evidence=lambda world: replace(
                world.evidence,
                signature_stamp=partial(time_stamp, tsa=world.tsa, when=NOW + timedelta(days=1)),
            )
        ),
    )
    yield "the time-stamp is older than the seal says", _reseal(when=SEALED + timedelta(days=3))
    yield (
        "the time-stamp is older than the certificate",
        _reseal(
            when=START - timedelta(days=9),
            evidence=lambda world: replace(
                world.evidence,
                content_stamp=None,
                signature_stamp=partial(time_stamp, tsa=world.tsa, when=START - timedelta(days=3)),
            ),
        ),
    )
    yield (
        "the time-stamp's authority had no certificate yet",
        _reseal(
            evidence=lambda world: replace(
                world.evidence,
                signature_stamp=partial(
                    time_stamp,
                    tsa=time_stamping_authority(world.tsa_root, start=NOW - timedelta(days=1)),
                ),
            )
        ),
    )
    yield (
        "the time-stamp's authority is for other things too",
        _reseal(
            evidence=lambda world: replace(
                world.evidence,
                signature_stamp=partial(time_stamp, tsa=party(name("Not a TSA"), world.tsa_root)),
            )
        ),
    )
    yield (
        "the content time-stamp is later than the other",
        _reseal(
            evidence=lambda world: replace(
                world.evidence,
                content_stamp=partial(
                    time_stamp,
                    tsa=world.tsa,
                    when=SEALED + timedelta(hours=1),
                    chain=[world.tsa_root],
                ),
            )
        ),
    )
    yield (
        "the content time-stamp is over something else",
        _reseal(
            evidence=lambda world: replace(
                world.evidence, content_stamp=lambda _: time_stamp(b"other", world.tsa)
            )
        ),
    )
    yield (
        "the time-stamp is not base64",
        _edit(lambda root: _set_text(root, f"{stamp}/{_X}EncapsulatedTimeStamp", "!")),
    )
    yield "the time-stamp is cut short", _edit(_cut_stamp)
    yield "the signing time is changed", _swap(b"2024-03-01T09:00:00Z", b"2023-03-01T09:00:00Z")
    yield "the signing time is removed", _edit(lambda root: _drop(root, f"{_X}SigningTime"))
    yield "the signing time is in the future", _reseal(when=NOW + timedelta(days=1))


def _stamp_of(root: Any) -> Any:
    return root.find(f".//{_X}SignatureTimeStamp/{_X}EncapsulatedTimeStamp")


def _transplant(world: World) -> bytes:
    root = etree.fromstring(world.xml())
    other = etree.fromstring(
        seal_xml(XML.replace(b"Ada", b"Eve"), world.signer, place=PROOF, evidence=world.evidence)
    )
    _stamp_of(root).text = _stamp_of(other).text
    octets: bytes = etree.tostring(root)
    return octets


def _content_stamp_for_signature(root: Any) -> None:
    content = root.find(f".//{_X}AllDataObjectsTimeStamp/{_X}EncapsulatedTimeStamp")
    _stamp_of(root).text = content.text


def _cut_stamp(root: Any) -> None:
    element = _stamp_of(root)
    element.text = b64(base64.b64decode(element.text)[:-9])


def _revocation() -> Iterator[tuple[str, Attack]]:
    yield "the OCSP response is stripped", _edit(lambda root: _drop(root, f"{_X}RevocationValues"))
    for title, make in _other_evidence().items():
        yield title, _reseal(evidence=_evidence_with(make))


def _evidence_with(
    make: Callable[[World], dict[str, Any]],
) -> Callable[[World], Evidence]:
    return lambda world: replace(world.evidence, **make(world))


def _other_evidence() -> dict[str, Callable[[World], dict[str, Any]]]:
    early, late = SEALED - timedelta(days=30), SEALED + timedelta(days=30)
    return {
        "the OCSP response is of before the seal": lambda world: {
            "ocsp": [ocsp_response(world.signer, world.ca, when=early)]
        },
        "the OCSP response had run out": lambda world: {
            "ocsp": [
                ocsp_response(
                    world.signer, world.ca, when=early, next_update=early + timedelta(days=2)
                )
            ]
        },
        "the OCSP response says revoked before": lambda world: {
            "ocsp": [ocsp_response(world.signer, world.ca, revoked=early, when=late)]
        },
        "revoked before, and good by an older response": lambda world: {
            "ocsp": [
                ocsp_response(world.signer, world.ca),
                ocsp_response(world.signer, world.ca, revoked=early, when=late),
            ]
        },
        "the OCSP response is by a stranger": lambda world: {
            "ocsp": [ocsp_response(world.signer, authority())]
        },
        "the OCSP response is by the signer": lambda world: {
            "ocsp": [ocsp_response(world.signer, world.ca, responder=world.signer)]
        },
        "the OCSP responder is delegated by a stranger": lambda world: {
            "ocsp": [ocsp_response(world.signer, world.ca, responder=responder(authority()))]
        },
        "the OCSP responder has no right to answer": lambda world: {
            "ocsp": [
                ocsp_response(world.signer, world.ca, responder=party(name("Other"), world.ca))
            ]
        },
        "the OCSP responder may be revoked itself": lambda world: {
            "ocsp": [
                ocsp_response(world.signer, world.ca, responder=responder(world.ca, no_check=False))
            ]
        },
        "the OCSP response is about another certificate": lambda world: {
            "ocsp": [ocsp_response(_lookalike_number(world), world.ca)]
        },
        "the OCSP response is no response": lambda _: {"ocsp": [b"\x30\x03\x0a\x01\x00"]},
        "the CRL lists the certificate": lambda world: {
            "ocsp": [],
            "crls": [revocation_list(world.ca, revoked=[(world.signer, early)])],
        },
        "the CRL is by a stranger": lambda _: {
            "ocsp": [],
            "crls": [revocation_list(authority())],
        },
        "the CRL had run out": lambda world: {
            "ocsp": [],
            "crls": [revocation_list(world.ca, when=early)],
        },
        "the CRL is a delta": lambda world: {
            "ocsp": [],
            "crls": [revocation_list(world.ca, extensions=[(x509.DeltaCRLIndicator(1), True)])],
        },
        "the CRL is for authorities only": lambda world: {
            "ocsp": [],
            "crls": [revocation_list(world.ca, extensions=[(_point(ca_only=True), True)])],
        },
        "the CRL is for other reasons only": lambda world: {
            "ocsp": [],
            "crls": [
                revocation_list(
                    world.ca,
                    extensions=[
                        (_point(reasons=frozenset([x509.ReasonFlags.key_compromise])), True)
                    ],
                )
            ],
        },
    }


def _lookalike_number(world: World) -> Party:
    return party(name("Other"), world.ca, serial=world.signer.certificate.serial_number + 1)


def responder(issuer: Party, *, no_check: bool = True) -> Party:
    """Return a party that `issuer` lets answer for it."""
    extensions = [(x509.OCSPNoCheck(), False)] if no_check else []
    return party(
        name("Responder"),
        issuer,
        purpose=ExtendedKeyUsageOID.OCSP_SIGNING,
        extensions=extensions,
    )


def _point(
    *, ca_only: bool = False, reasons: frozenset[x509.ReasonFlags] | None = None
) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier("https://ca.example/crl")],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=ca_only,
        only_some_reasons=reasons,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )


# --- single bits

REGIONS = {
    "the content": (rb"<credentialSubject", rb"</credentialSubject>", 20),
    "SignedInfo": (rb"<ds:SignedInfo>", rb"</ds:SignedInfo>", 20),
    "SignatureValue": (rb"<ds:SignatureValue", rb"</ds:SignatureValue>", 20),
    "the signed properties": (rb"<xades:SignedProperties", rb"</xades:SignedProperties>", 30),
    "the certificate": (rb"<ds:X509Certificate>", rb"</ds:X509Certificate>", 20),
    "the OCSP response": (
        rb"<xades:EncapsulatedOCSPValue>",
        rb"</xades:EncapsulatedOCSPValue>",
        20,
    ),
}


def flips() -> dict[str, Attack]:
    """Return documents with one flipped bit, at places that are the same in each run."""
    return {
        f"xml: bit {number} in {region}": partial(_flip, region=region, number=number)
        for region, (_, _, count) in REGIONS.items()
        for number in range(count)
    }


def _flip(world: World, *, region: str, number: int) -> bytes:
    return flip_in(world.xml(), region, number)


def flip_in(document: bytes, region: str, number: int) -> bytes:
    """Return a document with the one bit flipped that has this number in a region."""
    start, end, count = REGIONS[region]
    changed = bytearray(document)
    begin = document.index(start) + len(start)
    choice = random.Random(region)  # noqa: S311 - places, no secrets
    places = choice.sample(range(begin, document.index(end, begin)), count)
    changed[places[number]] ^= 1 << number % 7
    return bytes(changed)
