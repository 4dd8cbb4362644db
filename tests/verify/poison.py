"""Documents made to cost time and memory, verified in a process that has little of both.

Run as a module it prints, as JSON, what each came to and the seconds it took.
"""

import json
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from europass_ld.verify import TrustStore, verify

from .documents import PROOF, XML, credential
from .pki import END, FAR, authority, name, party
from .proving import secured
from .sealing import DS, JsonSeal, b64, b64url, seal_json, seal_xml, to_json

MEGABYTE = 10**6
MEMORY = 1_500 * MEGABYTE
"""Address space of the whole process; the libraries alone take a third of it."""


def documents() -> Iterator[tuple[str, bytes]]:
    """Yield the documents by name."""
    yield from _json()
    yield from _xml()
    yield from _certificates()
    yield from _statements()
    yield from _proofs()


def _json() -> Iterator[tuple[str, bytes]]:
    half = 5 * MEGABYTE
    yield "10 MB of nested arrays", b'{"proof":' + b"[" * half + b"]" * half + b"}"
    yield "10 MB of open arrays", b'{"proof":' + b"[" * 2 * half
    yield "10 MB of nested objects", b'{"a":' * (2 * half // 5)
    yield "10 MB of empty arrays", b'{"proof":[' + b"[]," * (2 * half // 3) + b"[]]}"
    yield "10 MB of digits", b'{"proof":' + b"9" * 2 * half + b"}"
    yield "10 MB of backslashes", b'{"proof":"' + b"\\\\" * half + b'"}'
    yield "200 deep", b'{"payload":' + b"[" * 200 + b"]" * 200 + b"}"
    yield "nested in a header", _nested_header()
    yield "many members", b"{" + b",".join(b'"%d":0' % n for n in range(600_000)) + b"}"
    yield "17 MB of spaces", b" " * 17 * MEGABYTE + b"{}"


def _nested_header() -> bytes:
    protected = b64url(b"[" * MEGABYTE + b"]" * MEGABYTE)
    return to_json({"payload": "", "protected": protected, "signature": ""})


def _xml() -> Iterator[tuple[str, bytes]]:
    yield "10 MB of nested elements", b"<a>" * (10 * MEGABYTE // 3)
    yield "10 MB of empty elements", b"<a>" + b"<a/>" * (10 * MEGABYTE // 4) + b"</a>"
    attributes = b" ".join(b'a%d=""' % n for n in range(300_000))
    yield "many attributes", b"<a><a " + attributes + b"/>" + _signature() + b"</a>"
    full = b"<a " + b" ".join(b'a%d=""' % n for n in range(64)) + b"/>"
    yield "many elements with attributes", b"<a>" + full * 20_000 + _signature() + b"</a>"
    hidden = "".join(f'xmlns:p{n}="urn:{n}" ' for n in range(50_000))
    yield "many namespaces in UTF-16", f"<a {hidden}/>".encode("utf-16")
    yield "many namespaces in UTF-32", f"<a {hidden}/>".encode("utf-32")
    seven = b'<?xml version="1.0" encoding="UTF-7"?><a>' + b"+ADw-a/+AD4-" * 800_000 + b"</a>"
    yield "many elements in UTF-7", seven
    declared = b" ".join(b'xmlns:p%d="urn:%d"' % (n, n) for n in range(400_000))
    yield "many namespaces", b"<a " + declared + b"/>"
    yield "many namespaces to canonicalise", _namespaces(4_900)
    yield "one long text", b"<a>" + b"x" * 11 * MEGABYTE + b"</a>"
    entities = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    yield "a billion laughs", entities + b"]><a>&j;</a>"
    yield "many signatures", b"<a>" + f'<ds:Signature xmlns:ds="{DS}"/>'.encode() * 9_000 + b"</a>"


def _namespaces(count: int) -> bytes:
    """Return a signed-looking document in which each element uses a namespace of its own."""
    declared = b" ".join(b'xmlns:p%d="urn:%d"' % (n, n) for n in range(count))
    used = b"".join(b"<p%d:a/>" % n for n in range(count))
    return b"<a " + declared + b">" + used + _signature() + b"</a>"


def _signature() -> bytes:
    sealed = seal_xml(XML, authority(), place=PROOF)
    begin = sealed.index(b"<ds:Signature ")
    return sealed[begin : sealed.index(b"</ds:Signature>") + len(b"</ds:Signature>")]


def _certificates() -> Iterator[tuple[str, bytes]]:
    signer = party(name("Signer"), authority(), end=END)
    padded = [_variant(signer.der, n) for n in range(1_000)]

    def add(header: dict[str, object]) -> None:
        header["x5c"] = [b64(signer.der), *(b64(one) for one in padded)]

    yield "a thousand certificates in x5c", to_json(seal_json("{}", signer, JsonSeal(change=add)))
    document = seal_json("{}", signer)
    item = {"xVals": [{"x509Cert": {"val": b64(one)}} for one in padded]}
    document["signatures"][0]["header"] = {"etsiU": [b64url(json.dumps(item).encode())]}
    yield "a thousand certificates in etsiU", to_json(document)
    stamps = {"sigTst": {"tstTokens": [{"val": b64(b"0" * 100)}] * 1_000}}
    document["signatures"][0]["header"] = {"etsiU": [b64url(json.dumps(stamps).encode())]}
    yield "a thousand time-stamps", to_json(document)
    responses = {"rVals": {"ocspVals": [{"val": b64(b"0" * 100)}] * 1_000}}
    document["signatures"][0]["header"] = {"etsiU": [b64url(json.dumps(responses).encode())]}
    yield "a thousand OCSP responses", to_json(document)
    yield "a maze of certificates", _maze()


def _variant(der: bytes, number: int) -> bytes:
    """Return another readable certificate: the signature value is not looked at."""
    return der[:-4] + number.to_bytes(4, "big")


def _maze() -> bytes:
    """Return a seal under two authorities that certified each other thirty times, for nobody."""
    one, other = authority("CA one"), authority("CA other")
    signer = party(name("Signer"), one, end=FAR)
    pool = [
        party(subject.certificate.subject, issuer, key=subject.key, ca=True)
        for subject, issuer in [(one, other), (other, one)] * 30
    ]
    return to_json(seal_json("{}", signer, JsonSeal(chain=pool)))


def _proofs() -> Iterator[tuple[str, bytes]]:
    """Yield a large document under one proof that holds, and under as many as there may be."""
    large = secured("eddsa-jcs-2022", numbers=list(range(400_000)))
    yield "one proof over many numbers", to_json(large)
    yield "eight proofs over many numbers", to_json({**large, "proof": [large["proof"]] * 8})


def _statements() -> Iterator[tuple[str, bytes]]:
    """Yield seals that are whole, under nobody's key, on statements that go on and on."""
    signer = party(name("Signer"), authority())
    sealed = credential()
    person = sealed["credentialSubject"]
    claims = [{"awardedBy": {"awardingDate": f"{1 + n // 300:04}-01-01"}} for n in range(60_000)]
    codes = [{"id": f"https://codes.example/{n}"} for n in range(100_000)]
    known = [{"notation": f"VATXX-{n}"} for n in range(100_000)]
    parts = {
        "many claims": credential(credentialSubject={**person, "hasClaim": claims}),
        "many fields": credential(
            credentialSubject={**person, "hasClaim": [{"specifiedBy": {"ISCEDFCode": codes}}]}
        ),
        "many identifiers": credential(issuer={"id": "urn:epass:org:1", "identifier": known}),
        "many times one credential": {
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [sealed, *[{"id": sealed["id"]}] * 100_000],
        },
    }
    for title, document in parts.items():
        yield title, to_json(seal_json(json.dumps(document), signer))
    claim = b'<learningAchievement><wasAwardedBy idref="urn:epass:awardingProcess:1"/>'
    many = XML.replace(
        b"<achievements>", b"<achievements>" + (claim + b"</learningAchievement>") * 60_000
    )
    yield "many claims in XML", seal_xml(many, signer, place=PROOF)


def main() -> None:
    """Verify each document and print what came of it."""
    prepared = list(documents())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = {}
    for title, document in prepared:
        begin = time.monotonic()
        report = verify(document, trust=TrustStore(), now=datetime(2030, 1, 1, tzinfo=UTC))
        seconds = time.monotonic() - begin
        found[title] = [report.indication, report.sub_indication, report.message, seconds]
    print(json.dumps(found))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
