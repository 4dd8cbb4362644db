"""Trusted lists: from the Official Journal to anchors, in both formats, now and in the past."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import files
from pathlib import Path

import pytest
from lxml import etree

from europass_ld.errors import ConfigurationError
from europass_ld.verify import Policy, Qualification, Question, Status, TrustStore, verify
from europass_ld.verify.trust import resolution
from europass_ld.verify.trust.journal import NOTICES
from europass_ld.verify.trust.store import version_of
from tests.shared import corpus

from .conftest import World
from .lists import (
    CA_QC,
    GRANTED,
    ISSUED,
    NEW,
    OLD,
    QTST,
    WITHDRAWN,
    ListOptions,
    Service,
    State,
    Union,
    trusted_list,
)
from .pki import NOW, SEALED, authority, name, party, rsa_key

Write = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture(scope="module")
def union() -> Union:
    """Return a union with fresh keys."""
    return Union.create()


@pytest.fixture
def write(tmp_path: Path, union: Union) -> Write:
    """Return a function that makes a trust folder of lists, which trusts the union's key."""

    def written(lists: Mapping[str, bytes]) -> Path:
        (tmp_path / "lists").mkdir()
        (tmp_path / "list-signers").mkdir()
        (tmp_path / "list-signers" / "top.pem").write_bytes(union.top.pem)
        for file, data in lists.items():
            (tmp_path / "lists" / file).write_bytes(data)
        return tmp_path

    return written


def _services(world: World, *states: State) -> tuple[Service, Service]:
    stamps = Service(world.tsa_root, QTST)
    return Service(world.ca, states=states or (State(),)), stamps


@pytest.mark.parametrize("version", [OLD, NEW])
def test_both_formats_make_a_seal_pass(
    version: int, union: Union, world: World, write: Write
) -> None:
    """A list of either format, found through a list of lists of either, anchors a seal."""
    folder = write(
        {
            "eu.xml": union.list_of_lists(version=version),
            "xx.xml": union.list(*_services(world), version=version),
        }
    )
    trust = TrustStore.load(folder)
    assert trust.problems == ()
    for document in (world.xml(), world.json()):
        report = verify(document, trust=trust, now=NOW)
        assert report.passed, report.message
        assert report.qualification is Qualification.ADESEAL_QC
        assert not report.stale
        assert report.answer(Question.SEAL).status is Status.YES
        assert report.anchor is not None
        assert (report.anchor.source, report.anchor.territory) == ("trusted list", "XX")
        assert [str(one) for one in report.lists] == [
            "as of list 400 (EU) of 2034-12-01",
            "as of list 7 (XX) of 2034-12-01",
        ]


def test_unknown_version_is_refused(union: Union, world: World, write: Write) -> None:
    """A list of a format that nobody here has read is not guessed at."""
    folder = write(
        {"eu.xml": union.list_of_lists(), "xx.xml": union.list(*_services(world), version=7)}
    )
    trust = TrustStore.load(folder)
    assert not trust.lists
    assert [one.file for one in trust.problems] == ["xx.xml"]
    assert "version 7" in trust.problems[0].message


def test_stale_list_is_never_plain_green(union: Union, world: World, write: Write) -> None:
    """A list past its next update leads to a pass with a reserve, or to none, by policy."""
    due = NOW - timedelta(days=1)
    folder = write(
        {
            "eu.xml": union.list_of_lists(),
            "xx.xml": union.list(*_services(world), next_update=due),
        }
    )
    trust = TrustStore.load(folder)
    report = verify(world.json(), trust=trust, now=NOW)
    assert report.passed
    assert report.stale
    for question in (Question.SEAL, Question.SEALED_BY):
        assert report.answer(question).status is Status.YES_WITH_RESERVE
    reasons = " ".join(one.text for one in report.answer(Question.SEAL).reasons)
    assert "as of list 7 (XX) of 2034-12-01; its next update was due 2035-05-31" in reasons
    strict = Policy(accept_stale_lists=False)
    assert not verify(world.json(), trust=trust, now=NOW, policy=strict).passed


def test_stale_list_of_lists_counts_too(union: Union, world: World, write: Write) -> None:
    """That the list of lists is stale is no less a reserve than that a national one is."""
    due = NOW - timedelta(days=1)
    folder = write(
        {
            "eu.xml": union.list_of_lists(next_update=due),
            "xx.xml": union.list(*_services(world)),
        }
    )
    trust = TrustStore.load(folder)
    report = verify(world.json(), trust=trust, now=NOW)
    assert [one.stale for one in report.lists] == [True, False]
    assert report.answer(Question.SEAL).status is Status.YES_WITH_RESERVE
    strict = Policy(accept_stale_lists=False)
    assert not verify(world.json(), trust=trust, now=NOW, policy=strict).passed


def test_closed_list_is_stale(union: Union, world: World, write: Write) -> None:
    """A list without a next update is the last one of its kind: it is no fresh knowledge."""
    folder = write(
        {
            "eu.xml": union.list_of_lists(),
            "xx.xml": union.list(*_services(world), next_update=None),
        }
    )
    trust = TrustStore.load(folder)
    assert version_of(trust.lists["XX"], NOW).stale


def test_list_by_another_signer_is_refused(union: Union, world: World, write: Write) -> None:
    """A whole list whose signer the list of lists does not name anchors nothing."""
    stranger = authority("Scheme operator of XX")
    options = ListOptions(services=_services(world))
    folder = write({"eu.xml": union.list_of_lists(), "xx.xml": trusted_list(stranger, options)})
    trust = TrustStore.load(folder)
    assert not trust.lists
    assert not trust.seal_anchors
    assert "its signer is not one that is named" in trust.problems[0].message


def test_list_of_another_country_is_refused(union: Union, world: World, write: Write) -> None:
    """The signer of one country cannot seal the list of another."""
    folder = write(
        {
            "eu.xml": union.list_of_lists(),
            "yy.xml": union.list(*_services(world), territory="YY"),
        }
    )
    assert not TrustStore.load(folder).lists


def test_changed_list_is_refused(union: Union, world: World, write: Write) -> None:
    """One changed character in a list, and it anchors nothing."""
    listed = union.list(*_services(world)).replace(b"withdrawn", b"granted")
    changed = listed.replace(b"Utopia Trust", b"Utopia Crust")
    trust = TrustStore.load(write({"eu.xml": union.list_of_lists(), "xx.xml": changed}))
    assert not trust.lists
    assert "changed since it was sealed" in trust.problems[0].message


def test_nothing_without_a_list_of_lists(world: World, write: Write) -> None:
    """A national list alone, or under a list of lists by a stranger, anchors nothing."""
    other = Union.create()
    folder = write({"eu.xml": other.list_of_lists(), "xx.xml": other.list(*_services(world))})
    trust = TrustStore.load(folder)
    assert trust.list_of_lists is None
    assert not trust.seal_anchors
    assert {one.file for one in trust.problems} == {"eu.xml", "xx.xml"}


def test_newest_list_wins(union: Union, world: World, write: Write) -> None:
    """Of several verified lists of a country the one with the highest number counts."""
    withdrawn = State(status=WITHDRAWN, since=ISSUED)
    folder = write(
        {
            "eu.xml": union.list_of_lists(),
            "a.xml": union.list(*_services(world, withdrawn), number=9),
            "b.xml": union.list(*_services(world), number=8),
        }
    )
    assert TrustStore.load(folder).lists["XX"].sequence_number == 9


def test_pivots_lead_to_new_keys(union: Union, world: World, write: Write) -> None:
    """A list of lists under a new key counts if the ones before it lead to that key."""
    later = replace(union, top=authority("List of lists, second key"))
    pivot = union.list_of_lists(
        number=390, issued=ISSUED - timedelta(days=400), pointers=[("EU", True, [later.top])]
    )
    lists = {"eu.xml": later.list_of_lists(), "xx.xml": union.list(*_services(world))}
    trust = TrustStore.load(write({"pivot.xml": pivot, **lists}))
    assert trust.list_of_lists is not None
    assert trust.list_of_lists.sequence_number == 400
    assert "XX" in trust.lists


def test_without_the_pivot_new_keys_are_strangers(union: Union, world: World, write: Write) -> None:
    """The same lists without the pivot lead nowhere."""
    later = replace(union, top=authority("List of lists, second key"))
    lists = {"eu.xml": later.list_of_lists(), "xx.xml": union.list(*_services(world))}
    assert TrustStore.load(write(lists)).list_of_lists is None


def test_old_key_cannot_seal_a_list_of_lists_later(union: Union, write: Write) -> None:
    """A published key whose certificate has expired seals no newer list of lists."""
    expired = party(name("Old key"), ca=True, end=ISSUED - timedelta(days=1))
    folder = write({"eu.xml": replace(union, top=expired).list_of_lists()})
    (folder / "list-signers" / "old.pem").write_bytes(expired.pem)
    assert TrustStore.load(folder).list_of_lists is None


def test_service_must_be_granted_when_the_seal_was_made(
    union: Union, world: World, write: Write
) -> None:
    """A service that was withdrawn before the seal anchors nothing; one withdrawn later does."""
    before = State(since=SEALED - timedelta(days=1), status=WITHDRAWN)
    after = State(since=SEALED + timedelta(days=1), status=WITHDRAWN)
    folder = write({"eu.xml": union.list_of_lists(), "xx.xml": b""})
    for first, passes in ((before, False), (after, True)):
        services = _services(world, first, State())
        (folder / "lists" / "xx.xml").write_bytes(union.list(*services))
        report = verify(world.json(), trust=TrustStore.load(folder), now=NOW)
        assert report.passed is passes, report.message


def test_stamps_need_a_granted_service_too(union: Union, world: World, write: Write) -> None:
    """A time-stamp of a service that was not granted then moves no time."""
    services = (Service(world.ca), Service(world.tsa_root, QTST, [State(status=WITHDRAWN)]))
    folder = write({"eu.xml": union.list_of_lists(), "xx.xml": union.list(*services)})
    report = verify(world.json(), trust=TrustStore.load(folder), now=NOW)
    assert report.sub_indication == "OUT_OF_BOUNDS_NO_POE"
    assert not any(one.trusted for one in report.time_stamps)


def test_time_stamping_service_anchors_no_seal(union: Union, world: World, write: Write) -> None:
    """What may time-stamp may not issue certificates for seals, and the other way round."""
    services = (Service(world.ca, QTST), Service(world.tsa_root))
    folder = write({"eu.xml": union.list_of_lists(), "xx.xml": union.list(*services)})
    report = verify(world.json(), trust=TrustStore.load(folder), now=NOW)
    assert report.anchor is None
    assert not any(one.trusted for one in report.time_stamps)


def test_unreadable_certificate_does_no_harm(union: Union, world: World, write: Write) -> None:
    """A list with one certificate that cannot be read still serves all others."""
    broken = (
        f"<TSPService><ServiceInformation><ServiceTypeIdentifier>{CA_QC}</ServiceTypeIdentifier>"
        "<ServiceDigitalIdentity><DigitalId><X509Certificate>AAAA</X509Certificate></DigitalId>"
        "<DigitalId><X509Certificate>!</X509Certificate></DigitalId></ServiceDigitalIdentity>"
        f"<ServiceStatus>{GRANTED}</ServiceStatus>"
        "<StatusStartingTime>2020-01-01T00:00:00Z</StatusStartingTime>"
        "</ServiceInformation></TSPService>"
    )
    listed = union.list(*_services(world), more_services=broken)
    trust = TrustStore.load(write({"eu.xml": union.list_of_lists(), "xx.xml": listed}))
    assert [len(one.certificates) for one in trust.lists["XX"].services] == [1, 1, 0]
    assert verify(world.json(), trust=trust, now=NOW).passed


def test_weak_list_signer_is_a_decision_of_the_policy(
    union: Union, world: World, write: Write
) -> None:
    """A list sealed with fewer than 2,048 bits counts only if the operator says so."""
    weak = party(name("Weak operator"), key=rsa_key(2032), ca=True)
    top = union.list_of_lists(pointers=[("EU", True, [union.top]), ("XX", False, [weak])])
    listed = trusted_list(weak, ListOptions(services=_services(world)))
    folder = write({"eu.xml": top, "xx.xml": listed})
    assert not TrustStore.load(folder).lists
    assert "2032 bits" in TrustStore.load(folder).problems[0].message
    assert TrustStore.load(folder, Policy(min_list_rsa_bits=2032)).lists


def test_missing_folder_is_named(tmp_path: Path) -> None:
    """A trust folder that is not there is an error that names it."""
    with pytest.raises(ConfigurationError, match="nowhere"):
        TrustStore.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("roots/seals/a.pem", b"no certificate"),
        ("roots/seals/a.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        ("issuers.toml", b"keys = 1"),
        ("issuers.toml", b'[keys]\n"https://a.example" = ["did:web:a.example"]'),
        ("issuers.toml", b"[other]"),
    ],
)
def test_operators_own_files_must_be_right(tmp_path: Path, file: str, content: bytes) -> None:
    """What the operator put there is never left out in silence."""
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=path.name):
        TrustStore.load(tmp_path)


def test_both_notices_are_known() -> None:
    """The Official Journal's notices of 2019 and 2026 share one certificate of fourteen."""
    old, new = (NOTICES[one].certificates for one in ("C 276/2019", "C/2026/1944"))
    assert (len(old), len(new), len(old & new)) == (8, 6, 1)
    assert Policy().journal_notices == set(NOTICES)


@pytest.mark.parametrize(
    ("notice", "file"),
    [("C 276/2019", "bootstrap-0.cert.pem"), ("C/2026/1944", "bootstrap-1.cert.pem")],
)
def test_notices_are_as_another_project_reads_them(notice: str, file: str) -> None:
    """PyHanko carries the certificates of both notices; ours are the digests of the same ones."""
    (found,) = (one for one in files("pyhanko") or () if one.name == file)
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", found.read_text(), re.DOTALL)
    digests = {hashlib.sha256(base64.b64decode(one)).hexdigest() for one in blocks}
    assert digests == NOTICES[notice].certificates


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_way_begins_at_either_notice(
    notice: str,
    version: int,
    union: Union,
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A key of either notice starts it, and one of neither does not; nothing else is needed."""
    digest = hashlib.sha256(union.top.der).hexdigest()
    known = {one: replace(held, certificates=frozenset()) for one, held in NOTICES.items()}
    (tmp_path / "lists").mkdir()
    top, country = union.list_of_lists(version=version), union.list(*_services(world))
    (tmp_path / "lists" / "eu.xml").write_bytes(top)
    (tmp_path / "lists" / "xx.xml").write_bytes(country)
    monkeypatch.setattr(resolution, "NOTICES", known)
    assert TrustStore.load(tmp_path).list_of_lists is None
    rotated = {**known, notice: replace(known[notice], certificates=frozenset({digest}))}
    monkeypatch.setattr(resolution, "NOTICES", rotated)
    assert verify(world.json(), trust=TrustStore.load(tmp_path), now=NOW).passed


def test_unknown_notice_is_an_error(tmp_path: Path) -> None:
    """A notice that nobody knows is a mistake, not a notice without certificates."""
    with pytest.raises(ConfigurationError, match="C 1/1999"):
        TrustStore.load(tmp_path, Policy(journal_notices=frozenset({"C 1/1999"})))


# --- the real lists of 2023


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a trust folder with the real lists."""
    folder = tmp_path_factory.mktemp("eu")
    (folder / "lists").symlink_to(corpus() / "proofs" / "trusted-lists")
    return folder


def test_real_lists_are_reached_from_the_journal(snapshot: Path) -> None:
    """From the notice of 2019 along two pivots to the list of lists, and to three countries."""
    trust = TrustStore.load(snapshot)
    assert trust.list_of_lists is not None
    assert trust.list_of_lists.sequence_number == 332
    numbers = {one: listed.sequence_number for one, listed in trust.lists.items()}
    assert numbers == {"BE": 66, "EE": 62, "ES": 146}
    (problem,) = trust.problems
    assert "2032 bits" in problem.message


def test_addresses_of_newer_lists(snapshot: Path, tmp_path: Path) -> None:
    """What an update would fetch: the list of lists, two pivots, and the lists of 31 countries."""
    addresses = TrustStore.load(snapshot).addresses
    assert addresses[0] == TrustStore.load(tmp_path).addresses[0]
    assert sum("pivot" in one for one in addresses) == 2
    assert "https://tl-norway.no/TSL/NO_TSL.XML" in addresses
    assert len(addresses) == 3 + 31


def test_norway_is_a_decision(snapshot: Path) -> None:
    """Norway's list, sealed with 2,032 bits, comes in when the policy says so."""
    trust = TrustStore.load(snapshot, Policy(min_list_rsa_bits=2032))
    assert "NO" in trust.lists
    assert trust.problems == ()


def test_without_the_old_notice_the_old_lists_lead_nowhere(snapshot: Path) -> None:
    """An operator who drops the notice of 2019 keeps only what the one of 2026 leads to."""
    # One certificate stands in both notices, and it sealed the pivots.
    trust = TrustStore.load(snapshot, Policy(journal_notices=frozenset({"C/2026/1944"})))
    assert trust.list_of_lists is not None
    trust = TrustStore.load(snapshot, Policy(journal_notices=frozenset()))
    assert trust.list_of_lists is None


def test_real_history(snapshot: Path) -> None:
    """A service's states are those of the time asked for: granted now, another scheme before."""
    services = [
        one for listed in TrustStore.load(snapshot).lists.values() for one in listed.services
    ]
    assert len(services) == 392
    assert sum(one.granted_at(SEALED) for one in services) == _granted_now(snapshot)
    before_the_regulation = datetime(2016, 1, 1, tzinfo=UTC)
    assert not any(one.granted_at(before_the_regulation) for one in services)
    assert not any(one.at(datetime(1990, 1, 1, tzinfo=UTC)) for one in services)


def _granted_now(snapshot: Path) -> int:
    """Count services by looking at the text of the files, list by list."""
    count = 0
    for file in (snapshot / "lists").glob("*.xml"):
        if "norway" in file.name:
            continue
        for service in etree.parse(file).iterfind(".//{*}TSPService/{*}ServiceInformation"):
            kind, status = (
                service.findtext(f"{{*}}{one}")
                for one in ("ServiceTypeIdentifier", "ServiceStatus")
            )
            count += kind in (CA_QC, QTST) and status == GRANTED
    return count


def test_real_certificates_are_all_read(snapshot: Path) -> None:
    """Every service of the real lists has a certificate that our strict reader reads."""
    services = [
        one for listed in TrustStore.load(snapshot).lists.values() for one in listed.services
    ]
    assert [one.name for one in services if not one.certificates] == []
