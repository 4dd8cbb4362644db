"""The catalogue: datasets, their versions and distributions, and services, in DCAT-AP 3.0.1.

<https://semiceu.github.io/DCAT-AP/releases/3.0.1/>. Its nodes that have no address of their own are
fragments of the catalogue's: `{base}catalogue#…`. The same state gives the same statements.

====================  =============================================================================
entity                what it is
====================  =============================================================================
dcat:Catalog          this server
dcat:Dataset          a dataset under its publisher's IRI; its latest versions under ours
dcat:Distribution     a file of a dump; the event stream of a dataset
dcat:DataService      what serves all datasets: SPARQL, the event stream
foaf:Agent            a publisher, and the operator
vcard:Kind            where to write to
dct:LicenseDocument   a licence
====================  =============================================================================
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..derive.names import quality_graph
from ..store import Dataset, Reader, Version
from ..store.provenance import report_graph, version_iri
from .authorities import THEMES, authority, described, licence
from .distributions import Distributions
from .graphs import link, term, text, texts, value
from .names import dataset_name
from .services import SERVICES, Service

Manifests = Callable[[Version], Mapping[str, Any] | None]
"""Returns the manifest of the dumps of a version, None where they are not made."""

_TITLE = "Learning opportunities, qualifications and accreditations"
_DESCRIPTION = (
    "What European authorities publish as Europass XML, as linked data in the European Learning"
    " Model: checked, with every version, where it came from, and whether it conforms."
)
_FAMILIES = {
    "loq": "Learning opportunities and qualifications, as the publisher describes them.",
    "ams": "Accreditations, as the publisher describes them.",
}
_MODEL = "http://data.europa.eu/snb/model/elm"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who publishes the catalogue: IRI, name, and an address that starts with mailto: or https:."""

    iri: str
    name: str
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity: its IRI, its class (`dcat:Dataset`), and the N-Triples lines that describe it."""

    iri: str
    kind: str
    lines: str


class Catalogue:
    """The catalogue of what a reader has; of each dataset its newest `versions` are listed."""

    def __init__(self, reader: Reader, manifests: Manifests, operator: Operator, *, versions: int):
        self.iri = f"{reader.base}catalogue"
        self._reader = reader
        self._operator = operator
        self._versions = versions
        self._distributions = Distributions(self.iri, reader.base, manifests)

    def entities(self) -> Iterator[Entity]:
        """Yield all entities, each once: the catalogue, its services, its datasets with theirs.

        Datasets that are withdrawn have no place in it.
        """
        datasets = [one for one in self._reader.datasets() if not self._is_withdrawn(one)]
        seen: set[str] = set()
        of_datasets = (one for dataset in datasets for one in self.of_dataset(dataset))
        for one in (*self._of_catalogue(datasets), *self._of_services(datasets), *of_datasets):
            if one.iri not in seen:
                seen.add(one.iri)
                yield one

    def of_dataset(self, dataset: Dataset) -> Iterator[Entity]:
        """Yield a dataset, and what describes it: versions, distributions, agents."""
        versions = self._reader.versions(dataset.iri)
        newest = versions[: -self._versions - 1 : -1]
        yield Entity(dataset.iri, "dcat:Dataset", "".join(self._dataset(dataset, versions)))
        for version in newest:
            iri = version_iri(self._reader.base, version.sequence)
            yield Entity(iri, "dcat:Dataset", "".join(self._version(dataset, version)))
        for latest, version in ((True, newest[0]), *((False, one) for one in newest)):
            for iri, lines in self._distributions.of_version(dataset, version, latest=latest):
                yield Entity(iri, "dcat:Distribution", lines)
        iri, lines = self._distributions.stream(dataset)
        yield Entity(iri, "dcat:Distribution", lines)
        if dataset.publisher:
            yield self._agent(dataset.publisher, dataset.publisher_name)
        if dataset.contact:
            yield self._kind(self._contact_iri(dataset), dataset.contact, dataset.publisher_name)
        if dataset.licence:
            iri = licence(dataset.licence)
            yield Entity(iri, "dct:LicenseDocument", term(iri, "rdf:type", "dct:LicenseDocument"))

    def _is_withdrawn(self, dataset: Dataset) -> bool:
        return self._reader.versions(dataset.iri)[-1].kind == "withdraw"

    def _of_catalogue(self, datasets: Iterable[Dataset]) -> Iterator[Entity]:
        operator = self._operator
        yield Entity(self.iri, "dcat:Catalog", "".join(self._catalogue(datasets)))
        yield self._agent(operator.iri, {"en": operator.name})
        if operator.contact:
            yield self._kind(f"{self.iri}#contact", operator.contact, {"en": operator.name})

    def _of_services(self, datasets: Iterable[Dataset]) -> Iterator[Entity]:
        for one in SERVICES:
            lines = "".join(self._service(one, datasets))
            yield Entity(f"{self.iri}#{one.name}", "dcat:DataService", lines)

    def _catalogue(self, datasets: Iterable[Dataset]) -> Iterator[str]:
        iri, base = self.iri, self._reader.base
        yield term(iri, "rdf:type", "dcat:Catalog")
        yield text(iri, "dct:title", _TITLE, "en")
        yield text(iri, "dct:description", _DESCRIPTION, "en")
        yield link(iri, "dct:publisher", self._operator.iri)
        yield link(iri, "foaf:homepage", base)
        yield term(base, "rdf:type", "foaf:Document")
        yield value(iri, "dct:issued", self._reader.created, "xsd:dateTime")
        yield value(iri, "dct:modified", self._reader.changed, "xsd:dateTime")
        scheme = authority("data-theme", "")[:-1]
        yield link(iri, "dcat:themeTaxonomy", scheme)
        yield term(scheme, "rdf:type", "skos:ConceptScheme")
        yield text(scheme, "dct:title", "Data theme", "en")
        english = authority("language", "ENG")
        yield link(iri, "dct:language", english)
        yield from described(english, "dct:LinguisticSystem")
        for code in sorted({one.country for one in datasets if one.country}):
            yield link(iri, "dct:spatial", authority("country", code))
        for dataset in datasets:
            yield link(iri, "dcat:dataset", dataset.iri)
        for service in SERVICES:
            yield link(iri, "dcat:service", f"{iri}#{service.name}")

    def _service(self, service: Service, datasets: Iterable[Dataset]) -> Iterator[str]:
        iri, endpoint = f"{self.iri}#{service.name}", self._reader.base + service.path
        yield term(iri, "rdf:type", "dcat:DataService")
        yield text(iri, "dct:title", service.title, "en")
        yield text(iri, "dct:description", service.description, "en")
        description = endpoint + service.description_query
        yield link(iri, "dcat:endpointURL", endpoint)
        yield link(iri, "dcat:endpointDescription", description)
        for one in sorted({endpoint, description}):
            yield term(one, "rdf:type", "rdfs:Resource")
        yield link(iri, "dct:publisher", self._operator.iri)
        if self._operator.contact:
            yield link(iri, "dcat:contactPoint", f"{self.iri}#contact")
        yield from self._access(iri)
        for standard in service.standards:
            yield link(iri, "dct:conformsTo", standard)
            yield term(standard, "rdf:type", "dct:Standard")
        for dataset in datasets:
            yield link(iri, "dcat:servesDataset", dataset.iri)

    def _dataset(self, dataset: Dataset, versions: tuple[Version, ...]) -> Iterator[str]:
        iri, latest = dataset.iri, versions[-1]
        yield from self._common(iri, dataset, latest)
        yield texts(iri, "dct:title", dataset.title)
        yield text(iri, "dct:identifier", iri)
        yield value(iri, "dct:issued", versions[0].time, "xsd:dateTime")
        yield link(iri, "dcat:hasCurrentVersion", version_iri(self._reader.base, latest.sequence))
        for version in versions:
            yield link(iri, "dcat:hasVersion", version_iri(self._reader.base, version.sequence))
        for distribution, _ in self._distributions.of_version(dataset, latest, latest=True):
            yield link(iri, "dcat:distribution", distribution)
        yield link(iri, "dcat:distribution", self._distributions.stream(dataset)[0])
        yield link(iri, "dqv:hasQualityMetadata", quality_graph(self._reader.base))
        # versions that are not described in full are datasets too
        for version in versions[: -self._versions]:
            yield from self._old_version(dataset, version)

    def _old_version(self, dataset: Dataset, version: Version) -> Iterator[str]:
        iri = version_iri(self._reader.base, version.sequence)
        yield term(iri, "rdf:type", "dcat:Dataset")
        yield from self._titles_of_version(iri, dataset, version)

    def _version(self, dataset: Dataset, version: Version) -> Iterator[str]:
        base, iri = self._reader.base, version_iri(self._reader.base, version.sequence)
        yield from self._common(iri, dataset, version)
        yield from self._titles_of_version(iri, dataset, version)
        yield value(iri, "dct:issued", version.time, "xsd:dateTime")
        yield link(iri, "dcat:isVersionOf", dataset.iri)
        previous = self._previous(version)
        if previous:
            yield link(iri, "dcat:prev", version_iri(base, previous.sequence))
            yield link(iri, "dcat:previousVersion", version_iri(base, previous.sequence))
        counts = version.counts
        notes = f"{counts.added} added, {counts.changed} changed, {counts.deleted} deleted"
        yield text(iri, "adms:versionNotes", notes, "en")
        for distribution, _ in self._distributions.of_version(dataset, version, latest=False):
            yield link(iri, "dcat:distribution", distribution)

    def _titles_of_version(self, iri: str, dataset: Dataset, version: Version) -> Iterator[str]:
        titles = {tag: f"{words} ({version.number})" for tag, words in dataset.title.items()}
        yield texts(iri, "dct:title", titles)
        yield from self._description(iri, dataset)

    def _previous(self, version: Version) -> Version | None:
        versions = self._reader.versions(version.dataset)
        return versions[version.number - 2] if version.number > 1 else None

    def _common(self, iri: str, dataset: Dataset, version: Version) -> Iterator[str]:
        """Yield what a dataset and its versions have in common."""
        yield term(iri, "rdf:type", "dcat:Dataset")
        yield from self._description(iri, dataset)
        yield value(iri, "dct:modified", version.time, "xsd:dateTime")
        yield text(iri, "dcat:version", str(version.number))
        yield value(iri, "void:triples", str(version.triples), "xsd:integer")
        yield value(iri, "void:entities", str(version.records), "xsd:integer")
        yield link(iri, "dct:conformsTo", _MODEL)
        yield term(_MODEL, "rdf:type", "dct:Standard")
        yield link(iri, "dqv:hasQualityMetadata", report_graph(self._reader.base, version.sequence))
        yield from self._conformance(iri, version)
        yield from self._access(iri)
        yield from self._about(iri, dataset)
        if dataset.publisher:
            yield link(iri, "dct:publisher", dataset.publisher)
        if dataset.contact:
            yield link(iri, "dcat:contactPoint", self._contact_iri(dataset))
        if dataset.licence:
            yield link(iri, "dct:license", licence(dataset.licence))

    def _conformance(self, iri: str, version: Version) -> Iterator[str]:
        delivered = version.records + version.counts.refused
        if delivered:
            measurement = f"{self.iri}#conformance-{version.sequence}"
            share = f"{version.records / delivered:.4f}"
            yield link(iri, "dqv:hasQualityMeasurement", measurement)
            yield term(measurement, "rdf:type", "dqv:QualityMeasurement")
            yield term(measurement, "dqv:isMeasurementOf", "eld:conformance")
            yield value(measurement, "dqv:value", share, "xsd:decimal")

    def _description(self, iri: str, dataset: Dataset) -> Iterator[str]:
        yield texts(
            iri, "dct:description", dataset.description or {"en": _FAMILIES[dataset.family]}
        )

    def _about(self, iri: str, dataset: Dataset) -> Iterator[str]:
        for code in dataset.themes or ("EDUC",):
            theme = authority("data-theme", code)
            yield link(iri, "dcat:theme", theme)
            yield from described(theme, "skos:Concept", THEMES[code])
        for tag, words in dataset.keywords.items():
            for one in words:
                yield text(iri, "dcat:keyword", one, tag)
        for code in dataset.languages:
            language = authority("language", code)
            yield link(iri, "dct:language", language)
            yield from described(language, "dct:LinguisticSystem")
        if dataset.country:
            country = authority("country", dataset.country)
            yield link(iri, "dct:spatial", country)
            yield from described(country, "dct:Location")
        if dataset.frequency:
            frequency = authority("frequency", dataset.frequency)
            yield link(iri, "dct:accrualPeriodicity", frequency)
            yield from described(frequency, "dct:Frequency")
        if dataset.landing_page:
            yield link(iri, "dcat:landingPage", dataset.landing_page)
            yield term(dataset.landing_page, "rdf:type", "foaf:Document")

    def _access(self, iri: str) -> Iterator[str]:
        public = authority("access-right", "PUBLIC")
        yield link(iri, "dct:accessRights", public)
        yield from described(public, "dct:RightsStatement")

    def _contact_iri(self, dataset: Dataset) -> str:
        return f"{self.iri}#contact-{dataset_name(dataset.iri)}"

    def _agent(self, iri: str, names: Mapping[str, str]) -> Entity:
        named = texts(iri, "foaf:name", names) or text(iri, "foaf:name", iri)
        return Entity(iri, "foaf:Agent", term(iri, "rdf:type", "foaf:Agent") + named)

    def _kind(self, iri: str, address: str, names: Mapping[str, str]) -> Entity:
        way = "vcard:hasEmail" if address.startswith("mailto:") else "vcard:hasURL"
        lines = term(iri, "rdf:type", "vcard:Kind") + texts(iri, "vcard:fn", names)
        return Entity(iri, "vcard:Kind", lines + link(iri, way, address))
