"""Every parser against whatever there is: documented exceptions only, and no hang."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import core
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from europass_ld.verify import Policy, SubIndication, TrustStore, asn1, verify
from europass_ld.verify.certificates import load_certificate, name_text
from europass_ld.verify.outcome import Rejection
from europass_ld.verify.policy import DEFAULT_POLICY
from europass_ld.verify.proof import parse_time
from europass_ld.verify.revocation import RevocationData
from europass_ld.verify.statement.credentials import read_document
from europass_ld.verify.strict_json import decode_base64, decode_base64url, loads
from europass_ld.verify.time_stamps import verify_token
from europass_ld.verify.trust.lists import read_list
from europass_ld.verify.xades import verify_xades
from europass_ld.verify.xml import parse

from .conftest import World
from .documents import credential
from .pki import NOW, SEALED, encoded, oid, revocation_list, time_stamp
from .proving import load_context, proven
from .sealing import JsonSeal, b64, seal_json, to_json

FEW = settings(
    max_examples=150,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)
_NAMES = ("payload", "signatures", "signature", "protected", "header", "proof", "@context", "type")
DOCUMENTS = st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=5), JSON, max_size=6)


def _mutations(document: bytes) -> st.SearchStrategy[bytes]:
    """Return documents with a few stretches replaced, repeated or left out."""

    def mutate(edits: list[tuple[int, int, bytes]]) -> bytes:
        changed = document
        for place, length, new in edits:
            at = place % (len(document) + 1)
            changed = changed[:at] + new + changed[at + length :]
        return changed

    edit = st.tuples(st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=12))
    return st.lists(edit, min_size=1, max_size=4).map(mutate)


def _never_breaks(data: bytes, trust: TrustStore) -> None:
    report = verify(data, trust=trust, now=NOW, contexts=load_context)
    assert report.sub_indication is not SubIndication.VERIFIER_FAILURE, report.message
    assert len(report.answers) == 5
    report.to_json()
    report.to_ntriples("urn:report")


@given(st.binary(max_size=300))
@example(b"eyJ.eyJ.eyJ")
@example(b"\xff\xfe<\x00a\x00/\x00>\x00")
@example(b"{}")
@FEW
def test_any_octets(trust: TrustStore, data: bytes) -> None:
    """Any octets get a verdict, never an exception."""
    _never_breaks(data, trust)


@given(DOCUMENTS)
@FEW
def test_any_json(trust: TrustStore, document: dict[str, Any]) -> None:
    """Any JSON object with the members that proofs have gets a verdict."""
    _never_breaks(json.dumps(document).encode(), trust)


@given(st.data())
@FEW
def test_mutated_seals(world: World, trust: TrustStore, data: st.DataObject) -> None:
    """Sealed documents with changed stretches get a verdict, and pass only if nothing changed."""
    original = data.draw(st.sampled_from([world.xml(), world.json()]))
    changed = data.draw(_mutations(original))
    _never_breaks(changed, trust)
    report = verify(changed, trust=trust, now=NOW)
    if report.passed:
        assert report.signed_octets == verify(original, trust=trust, now=NOW).signed_octets


@given(st.data())
@FEW
def test_mutated_proofs(proof_trust: TrustStore, data: st.DataObject) -> None:
    """The same for Data Integrity."""
    suite = data.draw(st.sampled_from(["eddsa-jcs-2022", "eddsa-rdfc-2022"]))
    original = json.dumps(proven(suite)).encode()
    changed = data.draw(_mutations(original))
    _never_breaks(changed, proof_trust)


@given(JSON)
@FEW
def test_any_header(world: World, trust: TrustStore, value: Any) -> None:
    """A protected header with any value for any known member, rightly signed, gets a verdict."""
    for name in (
        "alg",
        "crit",
        "x5c",
        "x5t#S256",
        "x5t#o",
        "sigX5ts",
        "sigT",
        "adoTst",
        "iat",
        "b64",
    ):

        def change(header: dict[str, Any], name: str = name) -> None:
            header[name] = value

        how = JsonSeal(algorithm="ES256", change=change)
        try:
            data = to_json(seal_json("{}", world.signer, how))
        except (UnicodeEncodeError, AttributeError):
            continue
        _never_breaks(data, trust)


@given(JSON)
@FEW
def test_any_unsigned_item(world: World, trust: TrustStore, value: Any) -> None:
    """Any value in the unsigned part of a JAdES seal gets a verdict."""
    for item in (value, {"sigTst": value}, {"xVals": value}, {"rVals": value}, {"tstVD": value}):
        document = json.loads(world.json())
        document["signatures"][0]["header"] = {"etsiU": [item]}
        _never_breaks(json.dumps(document).encode(), trust)


@given(
    st.recursive(
        JSON,
        lambda inner: st.dictionaries(
            st.sampled_from(
                [
                    "issuer",
                    "credentialSubject",
                    "hasClaim",
                    "awardedBy",
                    "id",
                    "type",
                    "specifiedBy",
                    "EQFLevel",
                    "identifier",
                    "notation",
                    "location",
                ]
            ),
            inner,
            max_size=5,
        ),
    )
)
@FEW
def test_any_statement(value: Any) -> None:
    """Any credential is read, or refused for a date in it."""
    document = {**credential(), **(value if isinstance(value, dict) else {"issuer": value})}
    with suppress(Rejection):
        read_document({**document, "type": "VerifiableCredential"})


@given(st.binary(max_size=80))
@FEW
def test_any_der(data: bytes) -> None:
    """The reader of DER takes apart or raises ValueError."""
    try:
        values = list(asn1.values(data))
    except ValueError:
        return
    assert b"".join(one.octets for one in values) == data
    for value in values:
        for read in (
            asn1.integer,
            asn1.boolean,
            asn1.bit_string,
            asn1.object_identifier,
            asn1.time,
            asn1.text,
            asn1.members,
        ):
            try:
                read(value)
            except ValueError:
                continue


@given(st.integers())
@FEW
def test_integers_as_another_library_writes_them(number: int) -> None:
    """INTEGER is read as asn1crypto writes it."""
    assert asn1.integer(asn1.only(core.Integer(number).dump(), asn1.INTEGER)) == number


@given(
    st.lists(st.integers(0, 2**40), min_size=0, max_size=6),
    st.sampled_from([(0, 39), (1, 39), (2, 999)]),
    st.data(),
)
@FEW
def test_object_identifiers_as_another_library_writes_them(
    arcs: list[int], start: tuple[int, int], data: st.DataObject
) -> None:
    """OBJECT IDENTIFIER is read as asn1crypto writes it."""
    first, most = start
    dotted = ".".join(map(str, [first, data.draw(st.integers(0, most)), *arcs]))
    assert asn1.object_identifier(asn1.only(oid(dotted), asn1.OBJECT_IDENTIFIER)) == dotted


@given(st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31)))  # noqa: DTZ001 - made aware
@FEW
def test_times_as_another_library_writes_them(moment: datetime) -> None:
    """UTCTime and GeneralizedTime are read as asn1crypto writes them."""
    aware = moment.replace(tzinfo=UTC)
    general = core.GeneralizedTime(aware).dump()
    assert asn1.time(asn1.only(general, asn1.GENERALIZED_TIME)) == aware
    short = aware.replace(microsecond=0)
    assert asn1.time(asn1.only(core.UTCTime(short).dump(), asn1.UTC_TIME)) == short


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x05\x02\x01\x01",
        b"\x30\x82\x00\x03\x02\x01\x01",
        b"\x1f\x81\x00\x00",
        b"\x30\x03\x02\x01\x01\x00",
        b"\x30\x04\x02\x01\x01",
        b"\x30\x85\x01\x00\x00\x00\x00",
    ],
)
def test_what_is_not_der(octets: bytes) -> None:
    """Indefinite or padded lengths, long tags, truncation and leftovers are refused."""
    with pytest.raises(ValueError, match=r"DER|tag"):
        asn1.members(asn1.only(octets, asn1.SEQUENCE))


@pytest.mark.parametrize(
    ("tag", "content"),
    [
        (asn1.INTEGER, b""),
        (asn1.INTEGER, b"\x00\x01"),
        (asn1.INTEGER, b"\xff\xff"),
        (asn1.BOOLEAN, b"\x01"),
        (asn1.BIT_STRING, b""),
        (asn1.BIT_STRING, b"\x08\x00"),
        (asn1.BIT_STRING, b"\x01\x01"),
        (asn1.OBJECT_IDENTIFIER, b""),
        (asn1.OBJECT_IDENTIFIER, b"\x2a\x80\x01"),
        (asn1.OBJECT_IDENTIFIER, b"\x2a\x86"),
        (asn1.UTC_TIME, b"2401010000Z"),
        (asn1.GENERALIZED_TIME, b"20240101000000"),
        (asn1.GENERALIZED_TIME, b"20240101000000+0100"),
        (asn1.GENERALIZED_TIME, b"20241301000000Z"),
        (asn1.SEQUENCE, b""),
    ],
)
def test_values_in_another_form(tag: int, content: bytes) -> None:
    """Values that could be written in more than one way are read in one only."""
    readers = {
        asn1.INTEGER: asn1.integer,
        asn1.BOOLEAN: asn1.boolean,
        asn1.BIT_STRING: asn1.bit_string,
        asn1.OBJECT_IDENTIFIER: asn1.object_identifier,
        asn1.UTC_TIME: asn1.time,
        asn1.GENERALIZED_TIME: asn1.time,
        asn1.SEQUENCE: asn1.text,
    }
    value = asn1.only(encoded(tag, content), tag)
    with pytest.raises(ValueError):  # noqa: PT011 - any
        readers[tag](value)


@given(st.data())
@FEW
def test_any_certificate(world: World, data: st.DataObject) -> None:
    """A certificate is read, or refused as malformed; whatever it holds is then asked in vain."""
    der = data.draw(_mutations(world.signer.der))
    try:
        certificate = load_certificate(der)
    except Rejection:
        return
    name_text(certificate.subject)
    for ask in (
        certificate.key_usage,
        certificate.basic_constraints,
        certificate.policies,
        certificate.extended_key_usage,
        lambda: certificate.key,
        lambda: certificate.attribute("CN"),
    ):
        try:
            ask()
        except (ValueError, Rejection):
            continue


@given(st.data())
@FEW
def test_any_time_stamp(world: World, data: st.DataObject) -> None:
    """A time-stamp token is whole or rejected."""
    token = time_stamp(b"x", world.tsa)
    changed = data.draw(_mutations(token) | st.binary(max_size=60))
    with suppress(Rejection):
        assert verify_token(changed, b"x", DEFAULT_POLICY).time == SEALED


@given(st.data())
@FEW
def test_any_revocation_data(world: World, data: st.DataObject) -> None:
    """OCSP responses and CRLs that are malformed are as good as none, and raise nothing."""
    response = data.draw(_mutations(world.evidence.ocsp[0]))
    listed = data.draw(_mutations(revocation_list(world.ca)))
    certificates = [load_certificate(one.der) for one in (world.signer, world.ca)]
    known = RevocationData([response, listed], [listed, response], NOW)
    status = known.status(certificates[0], certificates[1], NOW, DEFAULT_POLICY)
    assert status is None or status.revoked_at is None


@given(st.text(max_size=40))
@FEW
def test_any_text(text: str) -> None:
    """Times, base64 and base64url are read or rejected, and base64 in one form only."""
    for read in (decode_base64, decode_base64url):
        try:
            octets = read(text, "it")
        except Rejection:
            continue
        assert text in (b64(octets), b64(octets).rstrip("=").replace("+", "-").replace("/", "_"))
    with suppress(Rejection):
        assert parse_time(text).tzinfo is not None


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@FEW
def test_any_xml_or_list(data: bytes) -> None:
    """XML, XAdES and trusted lists are read or rejected."""
    for read in (
        lambda: parse(data, DEFAULT_POLICY),
        lambda: verify_xades(data, DEFAULT_POLICY),
        lambda: read_list(data, "", DEFAULT_POLICY),
        lambda: loads(data, Policy(max_depth=5, max_nodes=50)),
    ):
        try:
            read()
        except Rejection:
            continue
