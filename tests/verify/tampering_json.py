"""Attacks on JSON with a JAdES seal."""

import base64
import copy
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .conftest import World
from .documents import payload
from .pki import (
    END,
    NOW,
    SEALED,
    Party,
    authority,
    ocsp_response,
    party,
    rsa_key,
    time_stamp,
    time_stamping_authority,
)
from .sealing import (
    Evidence,
    JsonSeal,
    b64,
    b64url,
    seal_json,
    sign,
    to_compact,
    to_json,
    unb64url,
)

Attack = Callable[[World], bytes]
Json = dict[str, Any]


def _edit(change: Callable[[Json], object]) -> Attack:
    """Return an attack that changes the members of a good document."""

    def attack(world: World) -> bytes:
        document = json.loads(world.json())
        change(document)
        return to_json(document)

    return attack


def _entry(change: Callable[[Json], object]) -> Attack:
    return _edit(lambda document: change(document["signatures"][0]))


def _header(change: Callable[[Json], object]) -> Attack:
    """Return an attack that changes the protected header without signing it again."""

    def attack(world: World) -> bytes:
        document = json.loads(world.json())
        entry = document["signatures"][0]
        header = json.loads(unb64url(entry["protected"]))
        change(header)
        entry["protected"] = b64url(json.dumps(header).encode())
        return to_json(document)

    return attack


def _resealed(
    change: Callable[[Json], object] = lambda _: None,
    *,
    signer: Callable[[World], Party] = lambda world: world.signer,
    evidence: Callable[[World], Evidence] = lambda world: world.evidence,
    text: Callable[[], str] = payload,
    **options: Any,
) -> Attack:
    """Return an attack that seals anew, with a header that the profile does not have."""

    def attack(world: World) -> bytes:
        how = JsonSeal(evidence=evidence(world), change=change, **options)  # type: ignore[arg-type]
        return to_json(seal_json(text(), signer(world), how))

    return attack


def attacks() -> dict[str, Attack]:
    """Return all attacks by name."""
    found: dict[str, Attack] = {}
    for group in (_content, _members, _header_attacks, _algorithms, _keys, _unsigned):
        found |= {f"json: {title}": attack for title, attack in group()}
    return found


def _replace(old: str, new: str) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        assert old in document["payload"]
        document["payload"] = document["payload"].replace(old, new, 1)

    return change


def _content() -> Iterator[tuple[str, Attack]]:
    yield "a name is changed", _edit(_replace("Ada Example", "Eve Example"))
    yield "a level is raised", _edit(_replace("snb/eqf/4", "snb/eqf/8"))
    yield "the end is moved", _edit(_replace("2090-12-31", "2099-12-31"))
    yield "the issuer's number is changed", _edit(_replace("12345678", "12345679"))
    yield "a member is added", _edit(_replace('{"id"', '{"degree": "PhD", "id"'))
    yield "a duplicate member is added", _edit(_replace('"issuer"', '"issuer": {}, "issuer"'))
    yield (
        "a context is added",
        _edit(
            _replace('"http://data.europa.eu/snb/model/context/edc-ap"', '"https://evil.example"')
        ),
    )
    yield "a space is added", _edit(_replace('": ', '":  '))
    yield (
        "the payload is written anew",
        _edit(
            lambda document: document.update(
                payload=json.dumps(json.loads(document["payload"]), indent=1)
            )
        ),
    )
    yield (
        "the payload is an object",
        _edit(lambda document: document.update(payload=json.loads(document["payload"]))),
    )
    yield (
        "the payload is encoded",
        _edit(lambda document: document.update(payload=b64url(document["payload"].encode()))),
    )
    yield "the payload is empty", _edit(lambda document: document.update(payload=""))
    yield "there is no payload", _edit(lambda document: document.pop("payload"))
    yield "the payload alone", lambda world: json.loads(world.json())["payload"].encode()
    yield "a character is replaced by a look-alike", _edit(_replace("Ada", "\u0410da"))
    yield (
        "a line end behind the payload",
        _edit(lambda document: document.update(payload=document["payload"] + "\n")),
    )


def _text(change: Callable[[bytes], bytes]) -> Attack:
    return lambda world: change(world.json())


def _members() -> Iterator[tuple[str, Attack]]:
    yield "a first, other payload", _text(lambda text: text.replace(b"{", b'{"payload": "{}", ', 1))
    yield "a last, other payload", _text(lambda text: text[:-1] + b', "payload": "{}"}')
    yield "a member beside payload", _edit(lambda document: document.update(degree="PhD"))
    yield "a member beside the signature", _entry(lambda entry: entry.update(degree="PhD"))
    yield (
        "a member in the unprotected header",
        _entry(lambda entry: entry["header"].update(alg="none")),
    )
    yield "kid in the unprotected header", _entry(lambda entry: entry["header"].update(kid="x"))
    yield "no seal", _edit(lambda document: document.update(signatures=[]))
    yield (
        "two seals",
        _edit(
            lambda document: document["signatures"].append(copy.deepcopy(document["signatures"][0]))
        ),
    )
    yield "a second seal, of an attacker", _second_seal
    yield "a first seal, of an attacker", partial(_second_seal, first=True)
    yield (
        "signature and signatures",
        _edit(lambda document: document.update(signature=document["signatures"][0]["signature"])),
    )
    yield "no signature value", _entry(lambda entry: entry.pop("signature"))
    yield "an empty signature value", _entry(lambda entry: entry.update(signature=""))
    yield "no protected header", _entry(lambda entry: entry.pop("protected"))
    yield (
        "the protected header is an object",
        _entry(lambda entry: entry.update(protected=json.loads(unb64url(entry["protected"])))),
    )
    yield (
        "padding in the signature",
        _entry(lambda entry: entry.update(signature=entry["signature"] + "==")),
    )
    yield "unused bits in the signature", _loose_signature
    yield (
        "a line end in the protected header",
        _entry(lambda entry: entry.update(protected=entry["protected"] + "\n")),
    )
    yield (
        "the alphabet of base64",
        _entry(lambda entry: entry.update(protected=entry["protected"][:-1] + "+")),
    )
    yield "something stands behind", _text(lambda text: text + b"{}")
    yield "it is cut short", _text(lambda text: text[:-1])
    yield "a number that is none", _text(lambda text: text[:-1] + b', "x": NaN}')
    yield "UTF-16", _text(lambda text: text.decode().encode("utf-16"))
    yield "a lone surrogate", _text(lambda text: text.replace(b"Ada", b"Ada\\ud800", 1))
    yield "an octet that is not UTF-8", _text(lambda text: text.replace(b"Ada", b"Ad\xff", 1))
    yield "a seal in an array", _text(lambda text: b"[" + text + b"]")


def _second_seal(world: World, *, first: bool = False) -> bytes:
    document = json.loads(world.json())
    other = seal_json(document["payload"], _lookalike(world))["signatures"][0]
    document["signatures"].insert(0 if first else 1, other)
    return to_json(document)


def _loose_signature(world: World) -> bytes:
    document = json.loads(world.json())
    entry = document["signatures"][0]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(entry["signature"][-1])
    entry["signature"] = entry["signature"][:-1] + alphabet[last + 1]
    return to_json(document)


def _header_attacks() -> Iterator[tuple[str, Attack]]:
    yield "sigT is changed", _header(lambda header: header.update(sigT="2023-03-01T09:00:00Z"))
    yield "crit forgets b64", _resealed(lambda header: header.update(crit=["sigT", "adoTst"]))
    yield (
        "crit names what is unknown",
        _resealed(lambda header: header.update(crit=[*header["crit"], "evil"], evil=1)),
    )
    yield (
        "crit names what is not there",
        _resealed(lambda header: header.update(crit=[*header["crit"], "srCms"])),
    )
    yield (
        "crit names a registered member",
        _resealed(lambda header: header.update(crit=[*header["crit"], "alg"])),
    )
    yield (
        "crit names one twice",
        _resealed(lambda header: header.update(crit=[*header["crit"], "sigT"])),
    )
    yield "crit is empty", _resealed(lambda header: header.update(crit=[]))
    yield "crit is a text", _resealed(lambda header: header.update(crit="b64"))
    yield "b64 is a number", _resealed(lambda header: header.update(b64=0))
    yield "no signing time", _resealed(_without("sigT"))
    yield "two signing times", _resealed(lambda header: header.update(iat=1_700_000_000))
    yield (
        "a signing time of another form",
        _resealed(lambda header: header.update(sigT="1 March 2024")),
    )
    yield "a signing time in the future", _resealed(when=NOW + timedelta(days=1))
    yield "a signing time after the time-stamp", _resealed(when=SEALED + timedelta(days=1))
    yield (
        "iat is a text",
        _resealed(lambda header: (_without("sigT")(header), header.update(iat="1700000000"))),
    )
    yield (
        "a detached payload",
        _resealed(
            lambda header: header.update(sigD={"mId": "http://uri.etsi.org/19182/ObjectIdByURI"})
        ),
    )
    yield "a duplicate member in the header", _duplicate_in_header
    yield (
        "the header is no object",
        _entry(lambda entry: entry.update(protected=b64url(b'["alg"]'))),
    )
    yield "the header is no JSON", _entry(lambda entry: entry.update(protected=b64url(b"alg")))
    yield "etsiU in the protected header", _resealed(lambda header: header.update(etsiU=[]))


def _without(name: str) -> Callable[[Json], None]:
    def change(header: Json) -> None:
        del header[name]
        header["crit"].remove(name)

    return change


def _duplicate_in_header(world: World) -> bytes:
    document = json.loads(world.json())
    entry = document["signatures"][0]
    text = unb64url(entry["protected"])[:-1] + b', "alg": "none"}'
    entry["protected"] = b64url(text)
    entry["signature"] = b64url(
        sign(world.signer.key, f"{entry['protected']}.{document['payload']}".encode())
    )
    return to_json(document)


def _algorithms() -> Iterator[tuple[str, Attack]]:
    for algorithm in ("none", "HS256", "ES384", "RS256", "PS256", "ES256K", "EdDSA", "", "es256"):
        yield f"the header says {algorithm or 'nothing'}", _header(_saying(algorithm))
    yield "the header has no alg", _header(lambda header: header.pop("alg"))
    yield "alg is a list", _resealed(lambda header: header.update(alg=["ES256"]))
    yield "none, without a value", _none
    yield "HMAC with the public key", _confused
    yield "HMAC with the certificate", partial(_confused, with_certificate=True)


def _saying(algorithm: str) -> Callable[[Json], None]:
    return lambda header: header.update(alg=algorithm)


def _none(world: World) -> bytes:
    document = json.loads(_header(lambda header: header.update(alg="none"))(world))
    document["signatures"][0]["signature"] = ""
    return to_json(document)


def _confused(world: World, *, with_certificate: bool = False) -> bytes:
    document = json.loads(_header(lambda header: header.update(alg="HS256"))(world))
    public = world.signer.certificate.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    code = hmac.HMAC(world.signer.der if with_certificate else pem, hashes.SHA256())
    entry = document["signatures"][0]
    code.update(f"{entry['protected']}.{document['payload']}".encode())
    entry["signature"] = b64url(code.finalize())
    return to_json(document)


def _lookalike(world: World, *, issuer: Party | None = None, **options: Any) -> Party:
    genuine = world.signer.certificate
    return party(genuine.subject, issuer, serial=genuine.serial_number, end=END, **options)


def _keys() -> Iterator[tuple[str, Attack]]:
    yield (
        "x5c is swapped",
        lambda world: _header(lambda header: header.update(x5c=[b64(_lookalike(world).der)]))(
            world
        ),
    )
    yield "resealed with a look-alike", _resealed(signer=_lookalike)
    yield (
        "another name, resealed with a look-alike",
        _resealed(signer=_lookalike, text=lambda: payload().replace("Ada", "Eve")),
    )
    yield (
        "resealed by a look-alike authority",
        _resealed(signer=lambda world: _lookalike(world, issuer=authority())),
    )
    yield (
        "resealed by a look-alike with the real chain",
        lambda world: _resealed(signer=_lookalike, chain=[world.ca])(world),
    )
    yield (
        "resealed with a key of 1,024 bits",
        _resealed(signer=lambda world: _lookalike(world, issuer=world.ca, key=rsa_key(1024))),
    )
    yield (
        "an attacker's key in jwk",
        _resealed(lambda header: header.update(jwk={"kty": "EC"}), signer=_lookalike),
    )
    yield "a key from the web", _resealed(lambda header: header.update(jku="https://evil.example"))
    yield (
        "a certificate from the web",
        _resealed(lambda header: header.update(x5u="https://evil.example")),
    )
    yield "no x5c", _resealed(lambda header: header.pop("x5c"))
    yield "an empty x5c", _resealed(lambda header: header.update(x5c=[]))
    yield (
        "x5c in the wrong order",
        lambda world: _resealed(
            lambda header: header.update(x5c=[b64(world.ca.der), *header["x5c"]])
        )(world),
    )
    yield "x5c that is none", _resealed(lambda header: header.update(x5c=[b64(b"\x30\x00")]))
    yield "no certificate digest", _resealed(lambda header: header.pop("x5t#S256"))
    yield (
        "the digest of another certificate",
        lambda world: _resealed(
            lambda header: header.update(
                {"x5t#S256": b64url(hashlib.sha256(world.ca.der).digest())}
            )
        )(world),
    )
    yield (
        "two certificate digests",
        lambda world: _resealed(
            lambda header: header.update(
                {
                    "x5t#o": {
                        "digAlg": "S512",
                        "digVal": b64url(hashlib.sha512(world.signer.der).digest()),
                    }
                }
            )
        )(world),
    )
    yield (
        "compact, resealed with a look-alike",
        lambda world: to_compact(seal_json(payload(), _lookalike(world), JsonSeal(encoded=True))),
    )
    yield "compact, unencoded", lambda world: to_compact(seal_json("{}", world.signer))
    yield (
        "compact, without a payload",
        lambda world: to_compact(
            {**seal_json(payload(), world.signer, JsonSeal(encoded=True)), "payload": ""}
        ),
    )
    yield (
        "compact, four parts",
        lambda world: (
            to_compact(seal_json(payload(), world.signer, JsonSeal(encoded=True))) + b".x"
        ),
    )


def _item(items: Mapping[str, Any]) -> str:
    return b64url(json.dumps(items).encode())


def _without_item(name: str) -> Attack:
    def change(entry: Json) -> None:
        entry["header"]["etsiU"] = [
            one for one in entry["header"]["etsiU"] if name not in json.loads(unb64url(one))
        ]

    return _entry(change)


def _unsigned() -> Iterator[tuple[str, Attack]]:
    yield "the time-stamp is stripped", _without_item("sigTst")
    yield "the OCSP response is stripped", _without_item("rVals")
    yield "the unprotected header is stripped", _entry(lambda entry: entry.pop("header"))
    yield "etsiU is emptied", _entry(lambda entry: entry["header"].update(etsiU=[]))
    yield "etsiU is an object", _entry(lambda entry: entry["header"].update(etsiU={}))
    yield (
        "an unknown item in etsiU",
        _entry(lambda entry: entry["header"]["etsiU"].append(_item({"degree": "PhD"}))),
    )
    yield (
        "an item of two members in etsiU",
        _entry(
            lambda entry: entry["header"]["etsiU"].append(_item({"arcTst": {}, "degree": "PhD"}))
        ),
    )
    yield (
        "a duplicate member in an item of etsiU",
        _entry(
            lambda entry: entry["header"]["etsiU"].append(b64url(b'{"arcTst": {}, "arcTst": {}}'))
        ),
    )
    yield "the time-stamp is of another document", _transplant
    yield "the content time-stamp is put on the signature", _content_stamp_for_signature
    for title, make in _other_evidence().items():
        yield title, _resealed(evidence=_evidence_with(make))


def _other_evidence() -> dict[str, Callable[[World], dict[str, Any]]]:
    return {
        "the time-stamp is by a stranger": lambda _: {
            "signature_stamp": partial(time_stamp, tsa=time_stamping_authority())
        },
        "the time-stamp is by the signer": lambda world: {
            "signature_stamp": partial(time_stamp, tsa=world.signer)
        },
        "the time-stamp is over the payload": lambda world: {
            "signature_stamp": lambda _: time_stamp(payload().encode(), world.tsa)
        },
        "the content time-stamp is over something else": lambda world: {
            "content_stamp": lambda _: time_stamp(b"other", world.tsa)
        },
        "the OCSP response says revoked before": lambda world: {
            "ocsp": [ocsp_response(world.signer, world.ca, revoked=SEALED - timedelta(days=1))]
        },
        "the OCSP response is by a stranger": lambda world: {
            "ocsp": [ocsp_response(world.signer, authority())]
        },
    }


def _evidence_with(
    make: Callable[[World], dict[str, Any]],
) -> Callable[[World], Evidence]:
    return lambda world: replace(world.evidence, **make(world))


def _transplant(world: World) -> bytes:
    document = json.loads(world.json())
    how = JsonSeal(evidence=world.evidence)
    other = seal_json(payload(id="urn:credential:other"), world.signer, how)
    mine, theirs = (one["signatures"][0]["header"]["etsiU"] for one in (document, other))
    mine[0] = theirs[0]
    return to_json(document)


def _content_stamp_for_signature(world: World) -> bytes:
    document = json.loads(world.json())
    entry = document["signatures"][0]
    content = json.loads(unb64url(entry["protected"]))["adoTst"]
    entry["header"]["etsiU"][0] = _item({"sigTst": content})
    return to_json(document)


# --- single bits

REGIONS = {"payload": 20, "protected": 30, "signature": 20, "ocsp": 20, "time-stamp": 20}


def flips() -> dict[str, Attack]:
    """Return documents with one flipped bit, at places that are the same in each run."""
    return {
        f"json: bit {number} in the {region}": partial(_flip, region=region, number=number)
        for region, count in REGIONS.items()
        for number in range(count)
    }


def _flip(world: World, *, region: str, number: int) -> bytes:
    return flip_in(world.json(), region, number)


def flip_in(text: bytes, region: str, number: int) -> bytes:
    """Return a document with the one bit flipped that has this number in a region."""
    document = json.loads(text)
    entry = document["signatures"][0]
    if region == "payload":
        octets = document["payload"].encode()
        places = [at for at, octet in enumerate(octets) if octet < 0x80]
        document["payload"] = _flipped(octets, region, number, places, bits=5).decode()
    elif region in ("protected", "signature"):
        octets = unb64url(entry[region])
        entry[region] = b64url(_flipped(octets, region, number, range(len(octets))))
    else:
        _flip_item(entry, region, number)
    return to_json(document)


def _flipped(
    octets: bytes, region: str, number: int, places: Sequence[int], *, bits: int = 8
) -> bytes:
    choice = random.Random(region)  # noqa: S311 - places, no secrets
    changed = bytearray(octets)
    changed[choice.sample(places, REGIONS[region])[number]] ^= 1 << number % bits
    return bytes(changed)


def _flip_item(entry: Json, region: str, number: int) -> None:
    items = [json.loads(unb64url(one)) for one in entry["header"]["etsiU"]]
    for item in items:
        if region == "ocsp" and "rVals" in item:
            holder = item["rVals"]["ocspVals"][0]
            octets = base64.b64decode(holder["val"])
            holder["val"] = b64(_flipped(octets, region, number, range(len(octets))))
        if region == "time-stamp" and "sigTst" in item:
            holder = item["sigTst"]["tstTokens"][0]
            token = base64.b64decode(holder["val"])
            holder["val"] = b64(_flipped(token, region, number, _protected_part(token)))
    entry["header"]["etsiU"] = [_item(one) for one in items]


def _protected_part(token: bytes) -> list[int]:
    """Return where the stamped information of a token, and its signature, stand."""
    info = token.index(bytes.fromhex("060b2a864886f70d0109100104"))
    return [*range(info + 20, info + 90), *range(len(token) - 60, len(token))]
