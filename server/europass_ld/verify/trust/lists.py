"""Trusted lists: ETSI TS 119 612, as version 2.1.1 and as version 2.4.1 have them.

<https://www.etsi.org/deliver/etsi_ts/119600_119699/119612/>. Both use one namespace; the lists say
5 and 6 for their version. Only the octets that were sealed are read, and of them only what
verification needs: the services that issue qualified certificates or qualified time-stamps, each
with its history, and in the list of lists the pointers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..certificates import Certificate, readable
from ..outcome import Rejection, malformed, unsupported
from ..policy import Policy
from ..proof import parse_time
from ..xades import verify_xades
from ..xml import Element, decode_base64, parse
from .qualifiers import QualifierRule, read_rules

_TSL = "{http://uri.etsi.org/02231/v2#}"
_TYPES = "{http://uri.etsi.org/02231/v2/additionaltypes#}"
_ROOT = f"{_TSL}TrustServiceStatusList"
_MEDIA_TYPE = "application/vnd.etsi.tsl+xml"
_BASE = "http://uri.etsi.org/TrstSvc/"
_LIST_OF_LISTS = f"{_BASE}TrustedList/TSLType/EUlistofthelists"
_VERSIONS = ("5", "6")

CA_QC = f"{_BASE}Svctype/CA/QC"
QTST = f"{_BASE}Svctype/TSA/QTST"
GRANTED = f"{_BASE}TrustedList/Svcstatus/granted"
FOR_SEALS = f"{_BASE}TrustedList/SvcInfoExt/ForeSeals"
FOR_SIGNATURES = f"{_BASE}TrustedList/SvcInfoExt/ForeSignatures"

LIST_SIZE_FACTOR = 8
"""Trusted lists are larger than credentials: they may have this many times the policy's sizes."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What a service was from `since` on: its status, what it was for, and rules of the list."""

    since: datetime
    status: str
    purposes: frozenset[str] = frozenset()
    rules: tuple[QualifierRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A trust service; `states` are newest first, `certificates` its digital identities."""

    territory: str
    provider: str
    name: str
    type: str
    certificates: tuple[Certificate, ...]
    states: tuple[ServiceState, ...]

    def at(self, moment: datetime) -> ServiceState | None:
        """Return the state of the service at a time, or None before the list knew it."""
        return next((one for one in self.states if one.since <= moment), None)

    def granted_at(self, moment: datetime) -> bool:
        """Tell whether the service was qualified at a time."""
        state = self.at(moment)
        return state is not None and state.status == GRANTED


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a list says another list is, and the SHA-256 of the certificates that may seal it."""

    territory: str
    location: str
    certificates: frozenset[str]
    is_list_of_lists: bool


@dataclass(frozen=True, slots=True)
class TrustedList:
    """A list whose seal holds; `signer` still has to be one that a pointer names."""

    territory: str
    version: str
    sequence_number: int
    issued: datetime
    next_update: datetime | None
    is_list_of_lists: bool
    signer: Certificate
    digest: str
    services: tuple[Service, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    locations: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """The list in a few words: list 146 (ES)."""
        return f"list {self.sequence_number} ({self.territory})"


def read_list(data: bytes, digest: str, policy: Policy) -> TrustedList:
    """Verify the seal of a trusted list and read the sealed octets.

    `digest` is the SHA-256 of `data`, hexadecimal. Who sealed it is for the caller to judge.

    Raises:
        Rejection: the seal does not hold, or the octets are no trusted list.
    """
    limits = _limits(policy)
    seal = verify_xades(data, limits, policy.min_list_rsa_bits)
    root = parse(seal.signed_document.octets, limits)
    if root.tag != _ROOT:
        raise malformed("not a trusted list")
    scheme = root.find(f"{_TSL}SchemeInformation")
    if scheme is None:
        raise malformed("a trusted list without scheme information")
    version = _text(scheme, "TSLVersionIdentifier")
    if version not in _VERSIONS:
        raise unsupported(f"version {version} of trusted lists is not known")
    territory = _text(scheme, "SchemeTerritory")
    due = scheme.findtext(f"{_TSL}NextUpdate/{_TSL}dateTime")
    return TrustedList(
        territory=territory,
        version=version,
        sequence_number=_number(_text(scheme, "TSLSequenceNumber")),
        issued=parse_time(_text(scheme, "ListIssueDateTime")),
        next_update=parse_time(due) if due else None,
        is_list_of_lists=_text(scheme, "TSLType") == _LIST_OF_LISTS,
        signer=seal.certificate,
        digest=digest,
        services=tuple(_services(root, territory)),
        pointers=tuple(_pointers(scheme)),
        locations=tuple(_texts(scheme, f"{_TSL}SchemeInformationURI/{_TSL}URI")),
    )


def _limits(policy: Policy) -> Policy:
    return replace(policy, max_nodes=policy.max_nodes * LIST_SIZE_FACTOR)


def _text(parent: Element, name: str) -> str:
    found = (parent.findtext(f"{_TSL}{name}") or "").strip()
    if not found:
        raise malformed(f"a trusted list without {name}")
    return found


def _texts(parent: Element, path: str) -> Iterator[str]:
    return ((one.text or "").strip() for one in parent.iterfind(path))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise malformed("a sequence number that is none")
    return int(text)


def _certificates(parent: Element) -> tuple[Certificate, ...]:
    def octets() -> Iterator[bytes]:
        for one in parent.iter(f"{_TSL}X509Certificate"):
            try:
                yield decode_base64(one)
            except Rejection:
                continue

    return tuple(dict.fromkeys(readable(octets())))


def _pointers(scheme: Element) -> Iterator[Pointer]:
    path = f"{_TSL}PointersToOtherTSL/{_TSL}OtherTSLPointer"
    for one in scheme.iterfind(path):
        information = one.find(f"{_TSL}AdditionalInformation")
        if information is None or _descendant(information, f"{_TYPES}MimeType") != _MEDIA_TYPE:
            continue
        identities = one.find(f"{_TSL}ServiceDigitalIdentities")
        yield Pointer(
            _descendant(information, f"{_TSL}SchemeTerritory"),
            (one.findtext(f"{_TSL}TSLLocation") or "").strip(),
            frozenset(each.sha256 for each in _certificates(identities))
            if identities is not None
            else frozenset(),
            _descendant(information, f"{_TSL}TSLType") == _LIST_OF_LISTS,
        )


def _descendant(parent: Element, tag: str) -> str:
    return (parent.findtext(f".//{tag}") or "").strip()


def _services(root: Element, territory: str) -> Iterator[Service]:
    path = f"{_TSL}TrustServiceProviderList/{_TSL}TrustServiceProvider"
    for provider in root.iterfind(path):
        name = provider.findtext(f"{_TSL}TSPInformation/{_TSL}TSPName/{_TSL}Name") or ""
        for one in provider.iterfind(f"{_TSL}TSPServices/{_TSL}TSPService"):
            service = _service(one, territory, name.strip())
            if service is not None:
                yield service


def _service(element: Element, territory: str, provider: str) -> Service | None:
    information = element.find(f"{_TSL}ServiceInformation")
    if information is None:
        return None
    kind = (information.findtext(f"{_TSL}ServiceTypeIdentifier") or "").strip()
    identity = information.find(f"{_TSL}ServiceDigitalIdentity")
    if kind not in (CA_QC, QTST) or identity is None:
        return None
    history = element.iterfind(f"{_TSL}ServiceHistory/{_TSL}ServiceHistoryInstance")
    states = [_state(one) for one in (information, *history)]
    return Service(
        territory,
        provider,
        (information.findtext(f"{_TSL}ServiceName/{_TSL}Name") or "").strip(),
        kind,
        _certificates(identity),
        tuple(sorted(states, key=lambda one: one.since, reverse=True)),
    )


def _state(element: Element) -> ServiceState:
    extensions = f"{_TSL}ServiceInformationExtensions/{_TSL}Extension"
    purposes = _texts(element, f"{extensions}/{_TSL}AdditionalServiceInformation/{_TSL}URI")
    return ServiceState(
        parse_time(_text(element, "StatusStartingTime")),
        _text(element, "ServiceStatus"),
        frozenset(purposes),
        tuple(rule for one in element.iterfind(extensions) for rule in read_rules(one)),
    )
