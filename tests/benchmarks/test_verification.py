"""What a verification costs, where it goes, and the floor below which it cannot go.

Caches are emptied before each run: every certificate is as one that was never seen before.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from europass_ld.verify import SignedDocument, TrustStore, verify
from europass_ld.verify.algorithms import load_key
from europass_ld.verify.certificates import load_certificate
from europass_ld.verify.jades import verify_jades
from europass_ld.verify.policy import DEFAULT_POLICY
from europass_ld.verify.proof import Seal
from europass_ld.verify.statement import read_statement
from europass_ld.verify.strict_json import loads
from europass_ld.verify.time_stamps import verify_token
from europass_ld.verify.xades import verify_xades
from europass_ld.verify.xml import canonicalize, parse
from tests.shared import corpus
from tests.verify.documents import PROOF, XML
from tests.verify.pki import (
    NOW,
    authority,
    name,
    ocsp_response,
    party,
    rsa_key,
    time_stamp,
    time_stamping_authority,
)
from tests.verify.samples import eu_trust_folder
from tests.verify.sealing import Evidence, seal_xml

from .conftest import Report
from .measure import Figure, best, duration

pytestmark = pytest.mark.benchmark

THEN = datetime(2026, 11, 23, tzinfo=UTC)
REPETITIONS = 15
SMALL_BYTES = 28_000
MOST_TIMES_THE_FLOOR = 10
"""The floor is to parse, canonicalise and hash once and to check each signature, and no more."""

Step = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """A document that passes, with the trust and the time for it, and what a sketch once took."""

    title: str
    data: bytes
    trust: TrustStore
    now: datetime
    goal: float

    @property
    def is_xml(self) -> bool:
        """Whether it is XML."""
        return self.data.lstrip().startswith(b"<")

    def verify(self) -> None:
        """Verify it as if for the first time."""
        load_certificate.cache_clear()
        load_key.cache_clear()
        assert verify(self.data, trust=self.trust, now=self.now).passed

    def seal(self) -> Seal:
        """Verify what is mathematics."""
        load_certificate.cache_clear()
        load_key.cache_clear()
        if self.is_xml:
            return verify_xades(self.data, DEFAULT_POLICY)
        return verify_jades(loads(self.data, DEFAULT_POLICY), DEFAULT_POLICY)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """Return the two genuine samples, and a small one made here, sealed with RSA as they are."""
    proofs = corpus() / "proofs"
    folder = eu_trust_folder(tmp_path_factory.mktemp("eu"), operator_roots=True)
    eu = TrustStore.load(folder)
    participation = (proofs / "jades" / "elm__Sample-CertOfPart-signed.jsonld").read_bytes()
    diploma = (proofs / "xades" / "elm__EDC_DiplomaSupplement_AA.xml").read_bytes()
    return [
        Case("JAdES, 131 KB", participation, eu, THEN, 0.0115),
        _small(tmp_path_factory.mktemp("small")),
        Case("XAdES, 0.9 MB", diploma, eu, THEN, 0.023),
    ]


def _small(folder: Path) -> Case:
    ca = authority(key=rsa_key(2048))
    tsa_root = authority("TSA root", key=rsa_key(2048))
    signer = party(name("Signer"), ca, key=rsa_key(2048))
    tsa = time_stamping_authority(tsa_root, key=rsa_key(2048))
    for kind, one in (("seals", ca), ("time-stamps", tsa_root)):
        (folder / "roots" / kind).mkdir(parents=True)
        (folder / "roots" / kind / "root.pem").write_bytes(one.pem)
    stamp = partial(time_stamp, tsa=tsa, chain=[tsa_root])
    evidence = Evidence(stamp, stamp, [tsa_root.der], [ocsp_response(signer, ca)])
    text = b"<note>%s</note>" % (b"Welding, advanced. " * 30)
    document = XML.replace(b"<proof/>", text * 23 + b"<proof/>")
    data = seal_xml(document, signer, place=PROOF, evidence=evidence)
    assert abs(len(data) - SMALL_BYTES) < 2_000
    return Case("XAdES, 28 KB", data, TrustStore.load(folder), NOW, 0.0086)


def _steps(case: Case, seal: Seal) -> Mapping[str, Step]:
    """Return the steps of a verification that can be run alone."""
    octets, evidence = seal.signed_document.octets, seal.evidence
    data = case.data
    stamps = [
        *((one, seal.content_imprint) for one in evidence.content_time_stamps),
        *((one, seal.signature_imprint) for one in evidence.signature_time_stamps),
    ]
    steps: dict[str, Step] = {
        "parse": (lambda: parse(data, DEFAULT_POLICY))
        if case.is_xml
        else (lambda: loads(data, DEFAULT_POLICY)),
        "digest": lambda: hashlib.sha256(octets).digest(),
        "signature": _signature_check(),
        "time-stamps": lambda: [verify_token(one, of, DEFAULT_POLICY) for one, of in stamps],
        "read the statement": lambda: read_statement(
            SignedDocument(octets, seal.signed_document.media_type), DEFAULT_POLICY
        ),
    }
    if case.is_xml:
        tree = parse(data, DEFAULT_POLICY).getroottree()
        steps["canonicalise"] = lambda: canonicalize(tree)
    return steps


def _signature_check() -> Step:
    """Return one bare check of an RSA signature of 2,048 bits."""
    key = rsa_key(2048)
    signature = key.sign(b"x", padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key()
    return lambda: public.verify(signature, b"x", padding.PKCS1v15(), hashes.SHA256())


def test_verifications(cases: list[Case], report: Report) -> None:
    """Each format takes no more than the sketch did, and stays near the floor."""
    for case in cases:
        seal = case.seal()
        steps = _steps(case, seal)
        seconds = best(
            {"all": case.verify, "mathematics": case.seal, **steps}, repetitions=REPETITIONS
        )
        total = seconds.pop("all")
        goal = f"≤ {duration(case.goal)} (sketch)"
        rate = f"{1 / total:.0f} per s and core"
        report(Figure(case.title, duration(total), "", rate, total / case.goal, goal))
        checks = 1 + 3 * len(seal.evidence.signature_time_stamps) + 2
        floor = sum(seconds.get(one, 0) for one in ("parse", "canonicalise", "digest"))
        floor += checks * seconds["signature"]
        what = f"{case.title}, all of it"
        target = f"≤ {MOST_TIMES_THE_FLOOR} x"
        report(Figure(what, duration(total), "the floor", duration(floor), total / floor, target))
        for title, one in seconds.items():
            report(Figure(f"{case.title}, {title}", duration(one), ratio=one / total))
        rest = total - sum(
            seconds[one] for one in ("mathematics", "time-stamps", "read the statement")
        )
        title = f"{case.title}, path, revocation, answers"
        report(Figure(title, duration(max(rest, 0)), ratio=max(rest, 0) / total))
        assert total <= MOST_TIMES_THE_FLOOR * floor


def test_signature_floor(report: Report) -> None:
    """What one RSA check takes in pyca, beside OpenSSL's own measure of it."""
    ours = best({"pyca": _signature_check()}, repetitions=200)["pyca"]
    report(Figure("RSA 2,048 check, pyca", duration(ours), "openssl speed", _openssl_speed()))


def _openssl_speed() -> str:
    command = shutil.which("openssl")
    if command is None:
        return "not installed"
    done = subprocess.run(
        [command, "speed", "-seconds", "1", "rsa2048"], capture_output=True, check=True, text=True
    )
    found = re.search(r"rsa 2048 bits\s+([\d.]+)s\s+([\d.]+)s", done.stdout)
    return duration(float(found[2])) if found else "?"


def test_loading_trust(tmp_path: Path, report: Report) -> None:
    """The lists of the snapshot are verified and read in well under a second."""
    folder = eu_trust_folder(tmp_path)
    trust = TrustStore.load(folder)
    services = sum(len(one.services) for one in trust.lists.values())

    def load() -> None:
        load_certificate.cache_clear()
        TrustStore.load(folder)

    seconds = best({"load": load}, repetitions=3)["load"]
    size = sum(one.stat().st_size for one in (folder / "lists").glob("*.xml")) / 1e6
    what = f"trust store: 7 lists, {size:.1f} MB, {services} services"
    report(Figure(what, duration(seconds), "", f"{size / seconds:.0f} MB/s"))
