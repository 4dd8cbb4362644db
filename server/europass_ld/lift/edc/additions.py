"""What conversion from EDC v2 adds: what ELM v3 asks for and v2 cannot say.

Nothing here was sealed by anybody. It is kept out of the sealed statement, in a graph of its own,
where each new node says what it was concluded from (prov:wasDerivedFrom) and by what
(prov:wasGeneratedBy). What cannot be concluded is not invented: a finished image of the credential
(elm:individualDisplay) stays missing, and so does a claim where a credential has none.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from ...terms import RDF_TYPE, SKOS_CONCEPT, expand
from .statements import CONTENT_URL, Statement, Statements, literal
from .values import Addition, Blob, NameNode

_CLAIMS = frozenset(
    expand(f"elm:Learning{kind}") for kind in ("Achievement", "Activity", "Assessment")
) | {expand("elm:LearningEntitlement")}
_TO_PARTS = tuple(
    f"elm:{name}"
    for name in ("provenBy", "influencedBy", "entitlesTo", "hasPart", "influences", "entitledBy")
)
_COUNTRIES = "http://publications.europa.eu/resource/authority/country"
_BASE64 = "http://data.europa.eu/snb/encoding/6146cde7dd"
_CONVERTED = "http://data.europa.eu/snb/credential/c_7e400154"
_CREDENTIAL_TYPES = "http://data.europa.eu/snb/credential/25831c2"
_CONVERSION = "http://data.europa.eu/snb/evidence-type/c_c4f849d7"
_EVIDENCE_TYPES = "http://data.europa.eu/snb/evidence-type/25831c2"
_SHAPES = "http://data.europa.eu/snb/model/ap/edc-converted"
_XML = "http://publications.europa.eu/resource/authority/file-type/XML"
_ESCO = {
    "elm:relatedESCOSkill": (
        "http://data.europa.eu/esco/skill/",
        "http://data.europa.eu/esco/concept-scheme/skills",
    ),
    "elm:limitOccupation": (
        "http://data.europa.eu/esco/occupation/",
        "http://data.europa.eu/esco/concept-scheme/occupations",
    ),
}
"""How the IRIs of ESCO begin, and its lists: EDC v2 names a class of ESCO in their stead."""
_EIDAS = re.compile(r"(?:VAT|NTR|PSD|LEI)[A-Z]{2}-\S+")
"""How an organization identifier in an eIDAS certificate looks: ETSI EN 319 412-1, 5.1.4
<https://www.etsi.org/deliver/etsi_en/319400_319499/31941201/>."""

_FROM_CREDENTIAL = "the credential was converted from EDC v2"


class Additions:
    """Concludes what is missing from the statements of one document."""

    def __init__(self, sealed: Statements):
        self.found: list[Addition] = []
        self._name_node: NameNode = sealed.name_node
        self._statements: dict[Statement, None] = {}
        self._facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in sealed:
            self._facts[subject][predicate].append(value)
        self._activity = self._name_node()

    def text(self) -> str:
        """Return what was added as N-Triples."""
        return "".join(f"<{s}> <{p}> {value} .\n" for s, p, value in self._statements)

    def conclude(self, credentials: list[str], original: Blob) -> None:
        """Add all that can be concluded; `original` is what the credentials were converted from."""
        self._state(self._activity, RDF_TYPE, f"<{expand('prov:Activity')}>")
        self._state(
            self._activity,
            expand("dct:description"),
            literal(
                "Conversion from EDC v2 (XML) to ELM v3; nothing of it is sealed", language="en"
            ),
        )
        for iri in credentials:
            self._state(self._activity, expand("prov:used"), f"<{iri}>")
        for iri in credentials:
            self._credential(iri)
            self._evidence(iri, original)
            self._awards(iri)
        self._checks()
        self._locations()
        self._organisations()
        self._media_objects()
        self._esco()

    def _credential(self, iri: str) -> None:
        self._concept(iri, "elm:credentialProfiles", _CONVERTED, _CREDENTIAL_TYPES)
        self._add(iri, "cred:credentialSchema", f"<{_SHAPES}>", iri, _FROM_CREDENTIAL)
        self._state(_SHAPES, RDF_TYPE, f"<{expand('elm:ShaclValidator2017')}>")
        issued = self._values(iri, "cred:issued")
        if not self._values(iri, "cred:validFrom"):
            for value in issued[:1]:
                reason = "without a start of validity, it holds from when it was issued"
                self._add(iri, "cred:validFrom", value, iri, reason)
        for old, new in (("validFrom", "issuanceDate"), ("validUntil", "expirationDate")):
            for value in self._values(iri, f"cred:{old}"):
                reason = f"W3C credentials call {old} also {new}"
                self._add(iri, f"cred:{new}", value, iri, reason)

    def _evidence(self, iri: str, original: Blob) -> None:
        evidence = self._node("elm:Evidence", iri)
        self._add(iri, "cred:evidence", f"<{evidence}>", iri, "the original, as it was sealed")
        self._concept(evidence, "dct:type", _CONVERSION, _EVIDENCE_TYPES)
        media = original.media_object
        self._state(evidence, expand("elm:embeddedEvidence"), f"<{media}>")
        self._state(media, RDF_TYPE, f"<{expand('elm:MediaObject')}>")
        self._state(media, expand("elm:contentType"), f"<{_XML}>")
        self._state(_XML, RDF_TYPE, f"<{SKOS_CONCEPT}>")
        self._state(media, expand("elm:contentEncoding"), f"<{_BASE64}>")
        self._state(_BASE64, RDF_TYPE, f"<{SKOS_CONCEPT}>")
        size = literal(str(original.size), datatype=expand("xsd:integer"))
        self._state(media, expand("elm:contentSize"), size)
        self._state(media, CONTENT_URL, f"<{original.iri}>")

    def _awards(self, iri: str) -> None:
        """Give each claim without an award the one of the claim around it, or the issuer's."""
        issuers = self._values(iri, "cred:issuer")
        process = ""
        for claim, around in self._claims(iri):
            if self._values(claim, "elm:awardedBy"):
                continue
            if around:
                reason = "a claim was awarded together with the one that it belongs to"
                self._award(claim, around, around[1:-1], reason)
            elif issuers:
                process = process or self._process(issuers[0])
                reason = "a claim without an awarding body was made by the issuer of the credential"
                self._award(claim, process, issuers[0][1:-1], reason)

    def _award(self, claim: str, process: str, source: str, reason: str) -> None:
        self._add(claim, "elm:awardedBy", process, source, reason)
        self._facts[claim][expand("elm:awardedBy")].append(process)

    def _process(self, issuer: str) -> str:
        node = self._node("elm:AwardingProcess", issuer[1:-1])
        self._state(node, expand("elm:awardingBody"), issuer)
        return f"<{node}>"

    def _claims(self, credential: str) -> Iterator[tuple[str, str]]:
        """Yield each claim with the award of what is around it ("" if there is none)."""
        waiting = [
            (claim[1:-1], "")
            for subject in self._values(credential, "cred:credentialSubject")
            for claim in self._values(subject[1:-1], "elm:hasClaim")
        ]
        waiting += [
            (used[1:-1], f"<{process}>")
            for process in self._of_class("elm:AwardingProcess")
            for used in self._values(process, "elm:used")
        ]
        seen: set[str] = set()
        for claim, around in waiting:  # grows while it is walked through
            if claim in seen or not self._is_claim(claim):
                continue
            seen.add(claim)
            yield claim, around
            award = next(iter(self._values(claim, "elm:awardedBy")), around)
            parts = (part for name in _TO_PARTS for part in self._values(claim, name))
            waiting.extend((part[1:-1], award) for part in parts)

    def _is_claim(self, iri: str) -> bool:
        return any(value[1:-1] in _CLAIMS for value in self._values(iri, "rdf:type"))

    def _checks(self) -> None:
        for presentation in list(self._facts):
            inside = self._values(presentation, "cred:verifiableCredential")
            for check in self._values(presentation, "elm:verificationCheck"):
                for credential in inside[:1]:
                    reason = "a check in a presentation is about the credential in it"
                    self._add(check[1:-1], "elm:subject", credential, presentation, reason)

    def _locations(self) -> None:
        for iri in self._of_class("dct:Location"):
            codes = self._values(iri, "elm:spatialCode")
            countries = [one for one in codes if one.startswith(f"<{_COUNTRIES}/")]
            if self._values(iri, "elm:address") or len(countries) != 1:
                continue
            address = self._node("elm:Address", iri)
            self._state(address, expand("elm:countryCode"), countries[0])
            self._add(iri, "elm:address", f"<{address}>", iri, "the place is given as a country")

    def _organisations(self) -> None:
        for iri in self._of_class("elm:Organisation"):
            country = self._country(iri)
            for name in ("rov:registration", "elm:vatIdentifier", "elm:taxIdentifier"):
                for value in self._values(iri, name):
                    self._identifier(value[1:-1], country, iri)
            if self._values(iri, "elm:eidasLegalIdentifier"):
                continue
            for value in self._values(iri, "rov:registration"):
                for notation in self._values(value[1:-1], "skos:notation"):
                    if _EIDAS.fullmatch(notation.strip('"')):
                        self._eidas(iri, value[1:-1], notation)

    def _identifier(self, iri: str, country: str, organisation: str) -> None:
        if country and not self._values(iri, "dct:spatial"):
            reason = "a register is taken to be of the country in which the organisation is"
            self._add(iri, "dct:spatial", country, organisation, reason)
            self._facts[iri][expand("dct:spatial")].append(country)

    def _eidas(self, organisation: str, registration: str, notation: str) -> None:
        node = self._node("elm:LegalIdentifier", registration)
        self._state(node, expand("skos:notation"), notation)
        for spatial in self._values(registration, "dct:spatial")[:1]:
            self._state(node, expand("dct:spatial"), spatial)
        reason = "the registration has the form of an identifier in an eIDAS certificate"
        self._add(organisation, "elm:eidasLegalIdentifier", f"<{node}>", registration, reason)

    def _country(self, organisation: str) -> str:
        """Return the one country of an organisation's addresses, or "" if there is not just one."""
        found = {
            country
            for place in self._values(organisation, "elm:location")
            for address in self._values(place[1:-1], "elm:address")
            for country in self._values(address[1:-1], "elm:countryCode")
        }
        return found.pop() if len(found) == 1 else ""

    def _media_objects(self) -> None:
        for iri in self._of_class("elm:MediaObject"):
            if not self._values(iri, "elm:contentEncoding"):
                reason = "content in EDC v2 is always base64"
                self._add(iri, "elm:contentEncoding", f"<{_BASE64}>", iri, reason)
                self._state(_BASE64, RDF_TYPE, f"<{SKOS_CONCEPT}>")

    def _esco(self) -> None:
        codes = {
            (value[1:-1], scheme)
            for facts in list(self._facts.values())
            for curie, (start, scheme) in _ESCO.items()
            for value in facts.get(expand(curie), ())
            if value[1:-1].startswith(start)
        }
        for code, scheme in sorted(codes):
            if f"<{scheme}>" not in self._values(code, "skos:inScheme"):
                reason = "by its IRI, the code is one of ESCO's list"
                self._add(code, "skos:inScheme", f"<{scheme}>", code, reason)
                self._state(scheme, RDF_TYPE, f"<{expand('skos:ConceptScheme')}>")

    def _of_class(self, curie: str) -> list[str]:
        wanted = f"<{expand(curie)}>"
        return [iri for iri, facts in list(self._facts.items()) if wanted in facts[RDF_TYPE]]

    def _values(self, subject: str, curie: str) -> list[str]:
        return self._facts[subject].get(expand(curie), [])

    def _node(self, curie: str, source: str) -> str:
        """Return a new node of a class, with where it comes from."""
        node = self._name_node()
        self._state(node, RDF_TYPE, f"<{expand(curie)}>")
        self._state(node, expand("prov:wasDerivedFrom"), f"<{source}>")
        self._state(node, expand("prov:wasGeneratedBy"), f"<{self._activity}>")
        return node

    def _concept(self, subject: str, curie: str, concept: str, scheme: str) -> None:
        self._add(subject, curie, f"<{concept}>", subject, _FROM_CREDENTIAL)
        self._state(concept, RDF_TYPE, f"<{SKOS_CONCEPT}>")
        self._state(concept, expand("skos:inScheme"), f"<{scheme}>")
        self._state(scheme, RDF_TYPE, f"<{expand('skos:ConceptScheme')}>")

    def _add(self, subject: str, curie: str, value: str, source: str, reason: str) -> None:
        self._state(subject, expand(curie), value)
        self.found.append(Addition(subject, expand(curie), value, source, reason))

    def _state(self, subject: str, predicate: str, value: str) -> None:
        self._statements[subject, predicate, value] = None
