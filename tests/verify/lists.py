"""Trusted lists of an invented country, sealed with keys made here, in both formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from .pki import START, Party, authority
from .sealing import b64, seal_xml

TSL = "http://uri.etsi.org/02231/v2#"
_BASE = "http://uri.etsi.org/TrstSvc/"
CA_QC = f"{_BASE}Svctype/CA/QC"
QTST = f"{_BASE}Svctype/TSA/QTST"
GRANTED = f"{_BASE}TrustedList/Svcstatus/granted"
WITHDRAWN = f"{_BASE}TrustedList/Svcstatus/withdrawn"
SEALS = f"{_BASE}TrustedList/SvcInfoExt/ForeSeals"
SIGNATURES = f"{_BASE}TrustedList/SvcInfoExt/ForeSignatures"
OLD, NEW = 5, 6
"""What lists say for their version: TS 119 612 v2.1.1 and v2.4.1."""
ISSUED = datetime(2034, 12, 1, tzinfo=UTC)
_SIE = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"
_TYPES = "http://uri.etsi.org/02231/v2/additionaltypes#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"


@dataclass(frozen=True)
class State:
    """A state of a service; `extensions` is XML put beside what it is for."""

    since: datetime = START - timedelta(days=3650)
    status: str = GRANTED
    purposes: Sequence[str] = (SEALS, SIGNATURES)
    extensions: str = ""


@dataclass(frozen=True)
class Service:
    """A service with its states, newest first."""

    party: Party
    kind: str = CA_QC
    states: Sequence[State] = (State(),)


@dataclass(frozen=True)
class ListOptions:
    """What a list says of itself.

    `locations` are addresses in its scheme information (pivots), `host` where its pointers lead to;
    `more_services` is XML.
    """

    territory: str = "XX"
    version: int = NEW
    number: int = 7
    issued: datetime = ISSUED
    next_update: datetime | None = ISSUED + timedelta(days=365)
    services: Sequence[Service] = ()
    pointers: Sequence[tuple[str, bool, Sequence[Party]]] = ()
    list_of_lists: bool = False
    locations: Sequence[str] = ()
    host: str = "https://lists.example"
    more_services: str = ""


def trusted_list(signer: Party, options: ListOptions) -> bytes:
    """Return a sealed list."""
    kind = "EUlistofthelists" if options.list_of_lists else "EUgeneric"
    due = (
        f"<dateTime>{options.next_update:%Y-%m-%dT%H:%M:%SZ}</dateTime>"
        if options.next_update
        else ""
    )
    locations = "".join(f'<URI xml:lang="en">{one}</URI>' for one in options.locations)
    pointers = "".join(_pointer(*one, options.host) for one in options.pointers)
    text = (
        f'<TrustServiceStatusList xmlns="{TSL}" Id="list" TSLTag="http://uri.etsi.org/19612/TSLTag">'
        f"<SchemeInformation><TSLVersionIdentifier>{options.version}</TSLVersionIdentifier>"
        f"<TSLSequenceNumber>{options.number}</TSLSequenceNumber>"
        f"<TSLType>{_BASE}TrustedList/TSLType/{kind}</TSLType>"
        f"<SchemeInformationURI>{locations}</SchemeInformationURI>"
        f"<SchemeTerritory>{options.territory}</SchemeTerritory>"
        f"<PointersToOtherTSL>{pointers}"
        "</PointersToOtherTSL>"
        f"<ListIssueDateTime>{options.issued:%Y-%m-%dT%H:%M:%SZ}</ListIssueDateTime>"
        f"<NextUpdate>{due}</NextUpdate></SchemeInformation>"
        "<TrustServiceProviderList><TrustServiceProvider><TSPInformation><TSPName>"
        '<Name xml:lang="en">Utopia Trust</Name></TSPName></TSPInformation>'
        f"<TSPServices>{''.join(_service(one) for one in options.services)}"
        f"{options.more_services}</TSPServices></TrustServiceProvider></TrustServiceProviderList>"
        "</TrustServiceStatusList>"
    )
    return seal_xml(text.encode(), signer, profile="enveloped-signature", when=options.issued)


def _pointer(territory: str, list_of_lists: bool, signers: Sequence[Party], host: str) -> str:
    kind = "EUlistofthelists" if list_of_lists else "EUgeneric"
    return (
        f"<OtherTSLPointer><ServiceDigitalIdentities>{_identity(*signers)}"
        "</ServiceDigitalIdentities>"
        f"<TSLLocation>{host}/{territory}.xml</TSLLocation><AdditionalInformation>"
        f"<OtherInformation><TSLType>{_BASE}TrustedList/TSLType/{kind}</TSLType></OtherInformation>"
        f"<OtherInformation><SchemeTerritory>{territory}</SchemeTerritory></OtherInformation>"
        f'<OtherInformation><t:MimeType xmlns:t="{_TYPES}">application/vnd.etsi.tsl+xml'
        "</t:MimeType></OtherInformation></AdditionalInformation></OtherTSLPointer>"
    )


def _identity(*parties: Party) -> str:
    held = "".join(
        f"<DigitalId><X509Certificate>{b64(one.der)}</X509Certificate></DigitalId>"
        for one in parties
    )
    return f"<ServiceDigitalIdentity>{held}</ServiceDigitalIdentity>"


def _service(service: Service) -> str:
    first, *earlier = service.states
    history = "".join(
        f"<ServiceHistoryInstance>{_information(service, one)}</ServiceHistoryInstance>"
        for one in earlier
    )
    return (
        f"<TSPService><ServiceInformation>{_information(service, first)}</ServiceInformation>"
        f"<ServiceHistory>{history}</ServiceHistory></TSPService>"
    )


def _information(service: Service, state: State) -> str:
    purposes = "".join(
        '<Extension Critical="true"><AdditionalServiceInformation>'
        f'<URI xml:lang="en">{one}</URI></AdditionalServiceInformation></Extension>'
        for one in state.purposes
    )
    return (
        f"<ServiceTypeIdentifier>{service.kind}</ServiceTypeIdentifier>"
        '<ServiceName><Name xml:lang="en">Utopia service</Name></ServiceName>'
        f"{_identity(service.party)}<ServiceStatus>{state.status}</ServiceStatus>"
        f"<StatusStartingTime>{state.since:%Y-%m-%dT%H:%M:%SZ}</StatusStartingTime>"
        f"<ServiceInformationExtensions>{purposes}{state.extensions}"
        "</ServiceInformationExtensions>"
    )


def qualifications(qualifier: str, criteria: str, asserts: str = "all") -> str:
    """Return an extension with one rule; `criteria` is XML with the prefixes s, x and t."""
    return (
        f'<Extension Critical="true"><s:Qualifications xmlns:s="{_SIE}" xmlns:x="{_XADES}" '
        f'xmlns:t="{_TYPES}"><s:QualificationElement><s:Qualifiers>'
        f'<s:Qualifier uri="{_BASE}TrustedList/SvcInfoExt/{qualifier}"/></s:Qualifiers>'
        f'<s:CriteriaList assert="{escape(asserts)}">{criteria}</s:CriteriaList>'
        "</s:QualificationElement></s:Qualifications></Extension>"
    )


@dataclass(frozen=True)
class Union:
    """Keys of an invented union: who seals the list of lists, and who seals a country's list."""

    top: Party
    country: Party

    @classmethod
    def create(cls) -> "Union":
        """Return a union with fresh keys."""
        return cls(authority("List of lists"), authority("Scheme operator of XX"))

    def list_of_lists(self, **options: object) -> bytes:
        """Return the list of lists, which points at itself and at the country's list."""
        given = {
            "territory": "EU",
            "number": 400,
            "list_of_lists": True,
            "pointers": [("EU", True, [self.top]), ("XX", False, [self.country])],
            **options,
        }
        return trusted_list(self.top, ListOptions(**given))  # type: ignore[arg-type]

    def list(self, *services: Service, **options: object) -> bytes:
        """Return the country's list."""
        given = {"services": services, **options}
        return trusted_list(self.country, ListOptions(**given))  # type: ignore[arg-type]
