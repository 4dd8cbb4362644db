"""Seals that are good, in every accepted form, and what decides when their time is past."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from europass_ld.verify import (
    Indication,
    Level,
    Policy,
    ProofFormat,
    Qualification,
    Status,
    SubIndication,
    TrustStore,
    VerificationReport,
    verify,
)

from .conftest import World
from .documents import PROOF, XML, payload
from .pki import (
    FAR,
    NOW,
    SEALED,
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
from .sealing import NOTHING, Evidence, JsonSeal, seal_json, seal_xml, to_compact, to_json
from .tampering_xml import responder

FRESH = SEALED + timedelta(hours=1)
"""A time at which the signer's certificate is valid, so that no time-stamp is needed."""
LATE = SEALED + timedelta(days=30)


def _xml(world: World, **options: Any) -> bytes:
    return seal_xml(XML, world.signer, **{"place": PROOF, "evidence": world.evidence, **options})


def _with(world: World, **changes: Any) -> Evidence:
    return replace(world.evidence, **changes)


def _sealed(world: World, evidence: Evidence, signer: Party | None = None) -> list[bytes]:
    """Return one document of each format."""
    who = signer or world.signer
    return [
        seal_xml(XML, who, place=PROOF, evidence=evidence),
        to_json(seal_json(payload(), who, JsonSeal(evidence=evidence))),
    ]


def _reports(
    world: World, trust: TrustStore, evidence: Evidence, **options: Any
) -> list[VerificationReport]:
    given = {"now": NOW, **options}
    return [verify(one, trust=trust, **given) for one in _sealed(world, evidence)]


# --- forms


@pytest.mark.parametrize("profile", ["xpath", "xpath-filter2", "enveloped-signature"])
def test_each_transform_passes(profile: str, world: World, trust: TrustStore) -> None:
    """The three transforms that take the signature out are accepted, and named in the report."""
    report = verify(_xml(world, profile=profile), trust=trust, now=NOW)
    assert report.passed, report.message
    assert (report.format, report.profile) == (ProofFormat.XADES, profile)


def test_seal_may_stand_in_the_root(world: World, trust: TrustStore) -> None:
    """A seal directly below the root element is as good as one in a proof."""
    assert verify(_xml(world, place="."), trust=trust, now=NOW).passed


def _general(document: dict[str, Any]) -> bytes:
    return to_json(document)


def _flattened(document: dict[str, Any]) -> bytes:
    return to_json({"payload": document["payload"], **document["signatures"][0]})


@pytest.mark.parametrize("encoded", [True, False])
@pytest.mark.parametrize("write", [_general, _flattened])
def test_json_serialisations_pass(
    write: Callable[[dict[str, Any]], bytes], encoded: bool, world: World, trust: TrustStore
) -> None:
    """General and flattened, with the payload encoded or not: the signed octets are the same."""
    how = JsonSeal(encoded=encoded, evidence=world.evidence)
    report = verify(write(seal_json(payload(), world.signer, how)), trust=trust, now=NOW)
    assert report.passed, report.message
    assert report.signed_octets == payload().encode()
    assert report.format is ProofFormat.JADES


def test_compact_serialisation_passes(world: World, trust: TrustStore) -> None:
    """A compact JWS has no place for evidence; it passes while its certificate is valid."""
    data = to_compact(seal_json(payload(), world.signer, JsonSeal(encoded=True)))
    lax = Policy(require_revocation_data=False)
    report = verify(data + b"\n", trust=trust, now=FRESH, policy=lax)
    assert report.passed, report.message
    assert (report.level, report.profile) == (Level.B, "compact, encoded payload")
    assert verify(data, trust=trust, now=FRESH).sub_indication is SubIndication.TRY_LATER
    late = verify(data, trust=trust, now=NOW, policy=lax)
    assert late.sub_indication is SubIndication.OUT_OF_BOUNDS_NO_POE


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", partial(rsa_key, 2048)),
        ("RS384", partial(rsa_key, 2048)),
        ("RS512", partial(rsa_key, 2048)),
        ("PS256", partial(rsa_key, 2048)),
        ("PS384", partial(rsa_key, 2048)),
        ("PS512", partial(rsa_key, 2048)),
        ("ES256", partial(ec.generate_private_key, ec.SECP256R1())),
        ("ES384", partial(ec.generate_private_key, ec.SECP384R1())),
        ("ES512", partial(ec.generate_private_key, ec.SECP521R1())),
    ],
)
def test_each_algorithm_passes(
    algorithm: str, key: Callable[[], Any], world: World, trust: TrustStore
) -> None:
    """All nine accepted algorithms verify, with keys that fit them."""
    signer = party(name("Signer"), world.ca, key=key())
    evidence = _with(world, ocsp=[ocsp_response(signer, world.ca)])
    how = JsonSeal(algorithm=algorithm, evidence=evidence)
    report = verify(to_json(seal_json(payload(), signer, how)), trust=trust, now=NOW)
    assert report.passed, report.message


@pytest.mark.parametrize(("curve", "algorithm"), [(ec.SECP384R1(), "ES256")])
def test_curve_must_match(
    curve: ec.EllipticCurve, algorithm: str, world: World, trust: TrustStore
) -> None:
    """A key on another curve than the algorithm's is refused, even if the numbers work out."""
    signer = party(name("Signer"), world.ca, key=ec.generate_private_key(curve))
    how = JsonSeal(algorithm=algorithm, evidence=world.evidence)
    report = verify(to_json(seal_json(payload(), signer, how)), trust=trust, now=NOW)
    assert report.sub_indication is SubIndication.SIG_CRYPTO_FAILURE


def test_rsa_in_xml(world: World, trust: TrustStore) -> None:
    """XAdES with RSA passes as XAdES with elliptic curves does."""
    signer = party(name("Signer"), world.ca, key=rsa_key(2048))
    evidence = _with(world, ocsp=[ocsp_response(signer, world.ca)])
    data = seal_xml(XML, signer, place=PROOF, evidence=evidence)
    assert verify(data, trust=trust, now=NOW).passed


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"<proof>", b"<!-- nothing --><proof>"),
        lambda data: data.replace(b"Ada Example", b"Ada<!-- --> Example"),
        lambda data: data.replace(b"Ada Example", b"<![CDATA[Ada Example]]>"),
        lambda data: data.replace(b"Ada Example", b"&#65;da Example"),
        lambda data: data.replace(b'xsdVersion="0.10.0"', b"xsdVersion = '0.10.0'"),
        lambda data: data.replace(b'<eqfLevel uri="', b'<eqfLevel  uri="'),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.split(b"?>", 1)[1],
        lambda data: data.split(b"?>", 1)[1].decode().encode("utf-16"),
        lambda data: data.replace(b"\n", b"\r\n"),
    ],
)
def test_other_writings_of_the_same_xml(
    change: Callable[[bytes], bytes], world: World, trust: TrustStore
) -> None:
    """What canonical XML does not tell apart passes, and gives the very same signed octets."""
    document = world.xml()
    changed = change(document)
    assert changed != document
    reports = [verify(one, trust=trust, now=NOW) for one in (document, changed)]
    assert reports[1].passed, reports[1].message
    assert reports[0].signed_octets == reports[1].signed_octets


@pytest.mark.parametrize(
    "change",
    [
        lambda data: json.dumps(json.loads(data), indent=4).encode(),
        lambda data: json.dumps(json.loads(data), ensure_ascii=True).encode(),
        lambda data: json.dumps(dict(reversed(json.loads(data).items()))).encode(),
        lambda data: b" \n" + data + b"\n",
    ],
)
def test_other_writings_of_the_same_json(
    change: Callable[[bytes], bytes], world: World, trust: TrustStore
) -> None:
    """Around the payload JSON may be written anew: the signed octets are the same."""
    reports = [verify(one, trust=trust, now=NOW) for one in (world.json(), change(world.json()))]
    assert reports[1].passed, reports[1].message
    assert reports[0].signed_octets == reports[1].signed_octets


def test_levels(world: World, trust: TrustStore) -> None:
    """B, T and LT are told by what is carried; archive time-stamps are counted beside."""
    lax = Policy(require_revocation_data=False)
    for evidence, level in (
        (NOTHING, Level.B),
        (_with(world, ocsp=[]), Level.T),
        (world.evidence, Level.LT),
        (_with(world, archive=2), Level.LT),
    ):
        for report in _reports(world, trust, evidence, now=FRESH, policy=lax):
            assert report.passed, report.message
            assert report.level is level
            assert report.archive_time_stamps == evidence.archive


def test_operator_anchors_qualify_nobody(world: World, trust: TrustStore) -> None:
    """However qualified the certificate says it is: without a trusted list it is plain."""
    report = verify(world.json(), trust=trust, now=NOW)
    assert report.qualification is Qualification.ADESEAL


# --- paths


def _chain(world: World) -> tuple[Party, Party]:
    middle = party(name("Middle CA"), world.ca, ca=True, path_length=0)
    return middle, party(name("Signer"), middle)


def test_path_through_an_intermediate(world: World, trust: TrustStore) -> None:
    """A certificate in between is taken from the document, and needs revocation data too."""
    middle, signer = _chain(world)
    responses = [ocsp_response(signer, middle), ocsp_response(middle, world.ca)]
    full = _with(world, ocsp=responses, certificates=[middle.der, world.tsa_root.der])
    for data in _sealed(world, full, signer):
        assert verify(data, trust=trust, now=NOW).passed
    for data in _sealed(world, replace(full, ocsp=responses[:1]), signer):
        report = verify(data, trust=trust, now=NOW)
        assert report.sub_indication is SubIndication.TRY_LATER


def test_no_path_without_the_intermediate(world: World, trust: TrustStore) -> None:
    """Nothing is fetched: a missing certificate is a missing path."""
    middle, signer = _chain(world)
    evidence = _with(world, ocsp=[ocsp_response(signer, middle)])
    for data in _sealed(world, evidence, signer):
        report = verify(data, trust=trust, now=NOW)
        assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def _bad_intermediates() -> dict[str, Callable[[Party], Party]]:
    excluded = x509.NameConstraints(None, [x509.DNSName("evil.example")])
    subject = name("Middle CA")
    return {
        "no CA": lambda ca: party(subject, ca),
        "no right to sign certificates": lambda ca: party(
            subject, ca, ca=True, usage=["digital_signature"]
        ),
        "not yet valid": lambda ca: party(subject, ca, ca=True, start=LATE),
        "expired": lambda ca: party(subject, ca, ca=True, end=SEALED - timedelta(days=1)),
        "constrains names": lambda ca: party(subject, ca, ca=True, extensions=[(excluded, True)]),
        "of a stranger": lambda _: party(subject, authority(), ca=True),
        "weak": lambda ca: party(subject, ca, ca=True, key=rsa_key(1024)),
    }


@pytest.mark.parametrize("make", _bad_intermediates().values(), ids=_bad_intermediates())
def test_bad_intermediate_makes_no_path(
    make: Callable[[Party], Party], world: World, trust: TrustStore
) -> None:
    """An intermediate certificate that lacks what RFC 5280 asks for leads nowhere."""
    middle = make(world.ca)
    signer = party(name("Signer"), middle)
    evidence = _with(world, certificates=[middle.der, world.tsa_root.der])
    for data in _sealed(world, evidence, signer):
        report = verify(data, trust=trust, now=NOW)
        assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_path_length_constraint(world: World, trust: TrustStore) -> None:
    """A CA that may have no CA below it has none."""
    middle = party(name("Middle CA"), world.ca, ca=True, path_length=0)
    lower = party(name("Lower CA"), middle, ca=True)
    signer = party(name("Signer"), lower)
    evidence = _with(world, certificates=[lower.der, middle.der, world.tsa_root.der])
    for data in _sealed(world, evidence, signer):
        report = verify(data, trust=trust, now=NOW)
        assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


# --- time


def test_without_time_stamp_only_now_counts(world: World, trust: TrustStore) -> None:
    """Valid while the certificate is, undecided after: the claimed time proves nothing."""
    bare = _with(world, signature_stamp=None, content_stamp=None)
    lax = Policy(require_revocation_data=False)
    for report in _reports(world, trust, bare, now=FRESH, policy=lax):
        assert report.passed
        assert report.best_signature_time == FRESH
    for report in _reports(world, trust, bare, policy=lax):
        assert report.sub_indication is SubIndication.OUT_OF_BOUNDS_NO_POE


def test_earliest_trusted_time_stamp_counts(world: World, trust: TrustStore) -> None:
    """The best signature time is that of the trusted time-stamp, and the report says whose."""
    stamp = partial(time_stamp, tsa=world.tsa, when=FRESH)
    evidence = _with(
        world, signature_stamp=stamp, ocsp=[ocsp_response(world.signer, world.ca, when=FRESH)]
    )
    for report in _reports(world, trust, evidence):
        assert report.passed
        assert report.best_signature_time == FRESH
        (content, signature) = report.time_stamps
        assert (content.kind, content.trusted) == ("content", True)
        assert (signature.kind, signature.time, signature.trusted) == ("signature", FRESH, True)
        assert "Test TSA root" in (signature.anchor or "")


def test_untrusted_time_stamp_moves_nothing(world: World, trust: TrustStore) -> None:
    """A whole time-stamp by somebody unknown leaves a valid seal valid, and moves no time."""
    stamp = partial(time_stamp, tsa=time_stamping_authority())
    lax = Policy(require_revocation_data=False)
    reports = _reports(world, trust, _with(world, signature_stamp=stamp), now=FRESH, policy=lax)
    for report in reports:
        assert report.passed
        assert report.best_signature_time == FRESH
        assert not report.time_stamps[1].trusted


@pytest.mark.parametrize("days", [-1, 1])
def test_revoked_time_stamping_authority(days: int, world: World, trust: TrustStore) -> None:
    """A time-stamp of a revoked authority moves no time: who has its key may date back."""
    moment = SEALED + timedelta(days=days)
    revoked = ocsp_response(world.tsa, world.tsa_root, revoked=moment)
    evidence = _with(world, ocsp=[*world.evidence.ocsp, revoked])
    for report in _reports(world, trust, evidence):
        assert report.sub_indication is SubIndication.OUT_OF_BOUNDS_NO_POE


def test_revocation_data_of_time_stamps_can_be_required(world: World, trust: TrustStore) -> None:
    """With the stricter policy a time-stamp counts only if its authority is known to be good."""
    strict = Policy(require_time_stamp_revocation_data=True)
    for report in _reports(world, trust, world.evidence, policy=strict):
        assert not report.passed
    good = ocsp_response(world.tsa, world.tsa_root)
    evidence = _with(world, ocsp=[*world.evidence.ocsp, good])
    for report in _reports(world, trust, evidence, policy=strict):
        assert report.passed, report.message


# --- revocation


def test_revoked_after_the_seal_was_proven(world: World, trust: TrustStore) -> None:
    """A seal that is proven older than the revocation stands, and the report tells of it."""
    evidence = _with(world, ocsp=[ocsp_response(world.signer, world.ca, revoked=LATE, when=LATE)])
    for report in _reports(world, trust, evidence):
        assert report.passed, report.message
        check = next(one for one in report.checks if one.name == "revocation")
        assert check.status is Status.NO


def test_revoked_before_by_the_signers_own_word(world: World, trust: TrustStore) -> None:
    """A seal that says it was made after the revocation fails for good."""
    early = SEALED - timedelta(days=1)
    evidence = _with(world, ocsp=[ocsp_response(world.signer, world.ca, revoked=early)])
    for report in _reports(world, trust, evidence):
        assert report.indication is Indication.TOTAL_FAILED
        assert report.sub_indication is SubIndication.REVOKED
        assert report.signed_document is None


def test_revoked_and_not_proven_older(world: World, trust: TrustStore) -> None:
    """Without a trusted time-stamp a later revocation leaves it undecided."""
    evidence = _with(
        world,
        signature_stamp=None,
        content_stamp=None,
        ocsp=[ocsp_response(world.signer, world.ca, revoked=LATE, when=LATE)],
    )
    for report in _reports(world, trust, evidence, now=LATE + timedelta(days=1)):
        # the response is dated by the clock of the machine that runs the test
        assert report.sub_indication is SubIndication.TRY_LATER
    evidence = replace(
        evidence,
        ocsp=[],
        crls=[revocation_list(world.ca, when=LATE, revoked=[(world.signer, LATE)])],
    )
    for report in _reports(world, trust, evidence, now=LATE + timedelta(days=1)):
        assert report.indication is Indication.INDETERMINATE
        assert report.sub_indication is SubIndication.REVOKED_NO_POE


def test_crl_is_as_good_as_ocsp(world: World, trust: TrustStore) -> None:
    """A CRL of the right time proves that nothing was revoked, in DER and in PEM."""
    listed = revocation_list(world.ca)
    for one in (listed, pem.armor("X509 CRL", listed)):
        for report in _reports(world, trust, _with(world, ocsp=[], crls=[one])):
            assert report.passed, report.message


def test_delegatedresponder(world: World, trust: TrustStore) -> None:
    """A responder that the issuer delegated by a certificate may answer for it."""
    response = ocsp_response(world.signer, world.ca, responder=responder(world.ca))
    for report in _reports(world, trust, _with(world, ocsp=[response])):
        assert report.passed, report.message


def test_local_snapshots(world: World, trust_folder: Path, tmp_path: Path) -> None:
    """OCSP responses and CRLs in the trust folder serve documents that carry none."""
    folder = tmp_path / "trust"
    shutil.copytree(trust_folder, folder)
    (folder / "revocation").mkdir()
    (folder / "revocation" / "a.ocsp").write_bytes(ocsp_response(world.signer, world.ca))
    bare = _with(world, ocsp=[])
    for report in _reports(world, TrustStore.load(folder), bare):
        assert report.passed, report.message
    (folder / "revocation" / "a.ocsp").unlink()
    early = SEALED - timedelta(days=1)
    listed = revocation_list(world.ca, when=LATE, revoked=[(world.signer, early)])
    (folder / "revocation" / "a.crl").write_bytes(listed)
    for report in _reports(world, TrustStore.load(folder), world.evidence):
        assert report.sub_indication is SubIndication.REVOKED


def test_direct_trust_in_an_authority(world: World, tmp_path: Path) -> None:
    """An anchor may be the time-stamping authority's own certificate, as trusted lists have it."""
    for kind, one in (("seals", world.ca), ("time-stamps", world.tsa)):
        (tmp_path / "roots" / kind).mkdir(parents=True)
        (tmp_path / "roots" / kind / "a.pem").write_bytes(one.pem)
    assert verify(world.json(), trust=TrustStore.load(tmp_path), now=NOW).passed


def test_nothing_is_trusted_by_default(world: World) -> None:
    """An empty trust store lets nothing pass."""
    report = verify(world.json(), trust=TrustStore(), now=FRESH)
    assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_time_stamp_anchor_is_none_for_seals(world: World, tmp_path: Path) -> None:
    """An operator's anchor for time-stamps does not vouch for seals."""
    folder = tmp_path / "roots" / "time-stamps"
    folder.mkdir(parents=True)
    for number, one in enumerate((world.ca, world.tsa_root)):
        (folder / f"{number}.pem").write_bytes(one.pem)
    report = verify(world.json(), trust=TrustStore.load(tmp_path), now=NOW)
    assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_seal_by_a_key_without_an_organisation(world: World, trust: TrustStore) -> None:
    """A certificate without organisationIdentifier seals, but binds no issuer."""
    signer = party(name("Somebody"), world.ca, end=FAR)
    evidence = _with(world, ocsp=[ocsp_response(signer, world.ca)])
    for data in _sealed(world, evidence, signer):
        report = verify(data, trust=trust, now=NOW)
        assert report.passed
        assert report.answers[0].status is Status.UNCERTAIN
