"""JAdES seals on JSON: JWS in JSON serialisation or compact, with the certificate in `x5c`.

JWS is RFC 7515 <https://www.rfc-editor.org/rfc/rfc7515>, the unencoded payload RFC 7797
<https://www.rfc-editor.org/rfc/rfc7797>, JAdES ETSI TS 119 182-1
<https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/>. A key is taken from nowhere but
`x5c`, and only what is in the protected header is believed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .algorithms import JOSE_SIGNATURES, check_signature, check_strength, digest
from .certificates import Certificate
from .outcome import (
    ProofFormat,
    SubIndication,
    indeterminate,
    malformed,
    unsupported,
)
from .policy import Policy
from .proof import Evidence, Seal, parse_time
from .report import SignedDocument
from .strict_json import decode_base64, decode_base64url, expect_list, expect_object, loads

_REGISTERED = frozenset(
    ("alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit")
)
_UNDERSTOOD = frozenset(
    ("b64", "sigT", "adoTst", "x5t#o", "sigX5ts", "iat", "sigPl", "srCms", "srAts")
)
_OTHER_KEYS = ("jku", "jwk", "x5u")
_SIGNATURE_MEMBERS = {"protected", "header", "signature"}
_SIGNING_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DIGESTS = {
    "S384": "sha384",
    "S512": "sha512",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


@dataclass(frozen=True, slots=True)
class _Jws:
    """The parts of a JWS, each of the right kind; `payload` is as it stands in the document."""

    payload: str
    protected: str
    header: Mapping[str, Any]
    unprotected: Mapping[str, Any]
    signature: bytes
    signature_text: str
    profile: str


def verify_compact(data: bytes, policy: Policy) -> Seal:
    """Verify a JWS in compact serialisation, as far as mathematics goes.

    Raises:
        Rejection: no such JWS, another profile, or the seal does not hold.
    """
    parts = data.decode("ascii", "replace").strip().split(".")
    if len(parts) != 3:  # noqa: PLR2004 - RFC 7515, section 7.1
        raise malformed("a compact JWS has three parts")
    protected, payload, signature = parts
    members = {"payload": payload, "protected": protected, "signature": signature}
    if not payload:
        del members["payload"]
    jws = _read(members, members, "compact", policy)
    if not _encoded(jws):
        raise unsupported("an unencoded payload in compact serialisation")
    return _verify(jws, policy)


def verify_jades(document: Mapping[str, Any], policy: Policy) -> Seal:
    """Verify a JWS in general or flattened JSON serialisation, as far as mathematics goes.

    Raises:
        Rejection: no seal, several, another profile, or the seal does not hold.
    """
    if "signatures" not in document:
        _check_members(document, {"payload", *_SIGNATURE_MEMBERS}, "the JWS")
        return _verify(_read(document, document, "flattened JSON", policy), policy)
    _check_members(document, {"payload", "signatures"}, "the JWS")
    signatures = document["signatures"]
    if signatures == []:
        raise indeterminate(SubIndication.NO_SIGNATURE, "the document carries no seal")
    entries = expect_list(signatures, "signatures")
    if len(entries) > 1:
        raise malformed(f"{len(entries)} signatures: exactly one seal is accepted")
    entry = expect_object(entries[0], "a signature")
    _check_members(entry, _SIGNATURE_MEMBERS, "the signature")
    return _verify(_read(document, entry, "general JSON", policy), policy)


def _check_members(value: Mapping[str, Any], known: set[str], what: str) -> None:
    if set(value) - known:
        raise malformed(f"{what} has members that are not signed and have no place there")


def _read(
    document: Mapping[str, Any], entry: Mapping[str, Any], profile: str, policy: Policy
) -> _Jws:
    protected, signature = entry.get("protected"), entry.get("signature")
    if not isinstance(protected, str) or not protected or not isinstance(signature, str):
        raise malformed("a signature has a protected header and a value")
    octets = decode_base64url(protected, "the protected header")
    header = expect_object(loads(octets, policy), "the protected header")
    unprotected = expect_object(entry.get("header", {}), "the unprotected header")
    _check_members(unprotected, {"etsiU"}, "the unprotected header")
    if "etsiU" in header:
        raise malformed("etsiU stands in the protected header")
    if "payload" not in document or "sigD" in header:
        raise indeterminate(SubIndication.SIGNED_DATA_NOT_FOUND, "what was sealed is not in here")
    payload = document["payload"]
    if not isinstance(payload, str):
        raise malformed("the payload is not a string")
    value = decode_base64url(signature, "the signature value")
    return _Jws(payload, protected, header, unprotected, value, signature, profile)


def _verify(jws: _Jws, policy: Policy) -> Seal:
    algorithm = JOSE_SIGNATURES.get(str(jws.header.get("alg")))
    if algorithm is None or not isinstance(jws.header["alg"], str):
        raise unsupported("the signature algorithm is not accepted")
    _check_header(jws.header)
    signing_input = jws.payload.encode("utf-8")
    payload = decode_base64url(jws.payload, "the payload") if _encoded(jws) else signing_input
    evidence = Evidence(policy)
    certificate = _signing_certificate(jws.header, evidence)
    check_strength(certificate.key, policy.min_rsa_bits)
    signed = jws.protected.encode("ascii") + b"." + signing_input
    check_signature(certificate.key, algorithm, jws.signature, signed)
    _collect(jws, evidence, policy)
    return Seal(
        format=ProofFormat.JADES,
        profile=f"{jws.profile}, {'' if _encoded(jws) else 'un'}encoded payload",
        signed_document=SignedDocument(payload, "application/ld+json"),
        certificate=certificate,
        algorithm=jws.header["alg"],
        claimed_signing_time=_signing_time(jws.header),
        content_imprint=signing_input,
        signature_imprint=jws.signature_text.encode("ascii"),
        evidence=evidence,
    )


def _encoded(jws: _Jws) -> bool:
    return jws.header.get("b64") is not False


def _check_header(header: Mapping[str, Any]) -> None:
    critical = header.get("crit", [])
    if "crit" in header:
        names = expect_list(critical, "crit")
        if any(not isinstance(one, str) for one in names) or len(set(names)) != len(names):
            raise malformed("crit is not a list of different names")
        if any(one in _REGISTERED or one not in header for one in names):
            raise malformed("crit names what it must not, or what is not there")
        if any(one not in _UNDERSTOOD for one in names):
            raise unsupported("crit names an extension that is not understood here")
    if any(one in header for one in _OTHER_KEYS):
        raise unsupported("the header names a key in another way than by x5c")
    if "b64" in header and ("b64" not in critical or not isinstance(header["b64"], bool)):
        raise malformed("b64 is not true or false, or not in crit")
    if "sigT" in header and "iat" in header:
        raise malformed("two signing times")


def _signing_certificate(header: Mapping[str, Any], evidence: Evidence) -> Certificate:
    """Return the first certificate of x5c, to which the header is bound by a signed digest."""
    if "x5c" not in header:
        raise indeterminate(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "the seal carries no certificate (x5c)"
        )
    for one in expect_list(header["x5c"], "x5c"):
        evidence.add_certificate(decode_base64(one, "x5c"), needed=True)
    certificate = evidence.certificates[0]
    digests = list(_named_digests(header))
    if len(digests) != 1 or digest(digests[0][0], certificate.der) != digests[0][1]:
        raise indeterminate(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            "the certificate is not the one whose digest was signed",
        )
    return certificate


def _named_digests(header: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    found = []
    if "x5t#S256" in header:
        found.append(("sha256", decode_base64url(header["x5t#S256"], "x5t#S256")))
    others = [header["x5t#o"]] if "x5t#o" in header else []
    if "sigX5ts" in header:
        others += expect_list(header["sigX5ts"], "sigX5ts")[:1]
    for one in others:
        entry = expect_object(one, "a certificate digest")
        name = _DIGESTS.get(str(entry.get("digAlg")))
        if name is None:
            raise unsupported("a certificate digest by a hash that is not accepted")
        found.append((name, decode_base64url(entry.get("digVal"), "digVal")))
    return found


def _signing_time(header: Mapping[str, Any]) -> datetime | None:
    if "sigT" in header:
        text = header["sigT"]
        if not isinstance(text, str) or not _SIGNING_TIME.fullmatch(text):
            raise malformed("sigT is not a time of its form")
        return parse_time(text)
    if "iat" not in header:
        return None
    seconds = header["iat"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise malformed("iat is not a number")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise malformed("iat is not a time") from error


def _collect(jws: _Jws, evidence: Evidence, policy: Policy) -> None:
    """Take in the time-stamps, certificates and revocation data that came with the seal."""
    if "adoTst" in jws.header:
        _add_time_stamps(jws.header["adoTst"], evidence, content=True)
    if "etsiU" not in jws.unprotected:
        return
    for item in expect_list(jws.unprotected["etsiU"], "etsiU"):
        if isinstance(item, str):
            item = loads(decode_base64url(item, "etsiU"), policy)  # noqa: PLW2901 - decoded in place
        entry = expect_object(item, "an item of etsiU")
        if len(entry) != 1:
            raise malformed("an item of etsiU has one member")
        ((name, value),) = entry.items()
        _add_item(name, value, evidence)


def _add_item(name: str, value: Any, evidence: Evidence) -> None:
    if name == "sigTst":
        _add_time_stamps(value, evidence, content=False)
    elif name == "arcTst":
        evidence.add_archive_time_stamp()
    elif name == "xVals":
        _add_certificates(value, evidence)
    elif name == "rVals":
        _add_revocation(value, evidence)
    elif name in ("tstVD", "anyValData"):
        held = expect_object(value, name)
        _add_certificates(held.get("xVals", []), evidence)
        _add_revocation(held.get("rVals", {}), evidence)
    else:
        raise malformed("etsiU holds an item that is not understood")


def _add_time_stamps(value: Any, evidence: Evidence, *, content: bool) -> None:
    held = expect_object(value, "a time-stamp container")
    for one in expect_list(held.get("tstTokens"), "tstTokens"):
        token = expect_object(one, "a time-stamp")
        evidence.add_time_stamp(decode_base64(token.get("val"), "a time-stamp"), content=content)


def _add_certificates(value: Any, evidence: Evidence) -> None:
    if not isinstance(value, list):
        raise malformed("xVals is not an array")
    for one in value:
        held = expect_object(one, "an item of xVals").get("x509Cert")
        if held is not None:
            val = expect_object(held, "x509Cert").get("val")
            evidence.add_certificate(decode_base64(val, "x509Cert"))


def _add_revocation(value: Any, evidence: Evidence) -> None:
    held = expect_object(value, "rVals")
    for name, add in (
        ("ocspVals", evidence.add_ocsp_response),
        ("crlVals", evidence.add_revocation_list),
    ):
        entries = held.get(name, [])
        if not isinstance(entries, list):
            raise malformed(f"{name} is not an array")
        for one in entries:
            add(decode_base64(expect_object(one, f"an item of {name}").get("val"), name))
