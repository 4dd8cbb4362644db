"""The forms in which records are given to harvesters: Dublin Core, RDF/XML, Europass XML."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from ...errors import LiftError, LimitExceeded
from ...mapping import load_mapping
from ...profiles import VERSIONS, closure_xml
from ...rdfxml import rdf_xml
from ...store import Activity, Dataset, Reader
from ...terms import expand

_DC = (
    ("title", ("dct:title", "skos:prefLabel", "rov:legalName", "elm:geographicName")),
    ("description", ("dct:description",)),
    ("subject", ("elm:ISCEDFCode", "elm:educationSubject", "dct:subject")),
    ("language", ("dct:language",)),
    ("publisher", ("dct:publisher",)),
    ("contributor", ("elm:providedBy", "elm:accreditingAgent")),
    ("date", ("dct:issued", "dct:modified")),
    ("coverage", ("dct:spatial", "elm:spatialCode")),
)
_DC_OPEN = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ '
    'http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a record is written from: the item, its dataset and its N-Triples lines.

    `most_bytes` limits what a Europass document of it may hold.
    """

    reader: Reader
    item: Activity
    dataset: Dataset
    triples: str
    most_bytes: int


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A form of records: its prefix, the namespace and the address of its schema.

    `families` are those of the datasets whose records have it; `write` gives the XML, without
    declaration, or None where a record cannot be written so.
    """

    prefix: str
    namespace: str
    schema: str
    families: frozenset[str]
    write: Callable[[Source], str | None]


def metadata_formats(base: str) -> dict[str, MetadataFormat]:
    """Return the formats by prefix; the schemas of Europass XML stand below `base`."""
    every = frozenset({"loq", "ams"})
    dublin_core = "http://www.openarchives.org/OAI/2.0/oai_dc"
    formats = [
        MetadataFormat("oai_dc", f"{dublin_core}/", f"{dublin_core}.xsd", every, _dublin_core),
        MetadataFormat(
            "rdf",
            expand("rdf:"),
            "http://www.openarchives.org/OAI/2.0/rdf.xsd",
            every,
            lambda source: rdf_xml(source.triples).decode().partition("?>")[2].strip(),
        ),
        *(_europass(family, base) for family in sorted(every)),
    ]
    return {one.prefix: one for one in formats}


def _europass(family: str, base: str) -> MetadataFormat:
    version = VERSIONS[0]
    return MetadataFormat(
        f"elm_{family}",
        load_mapping(family).namespace(version),
        f"{base}about/schemas/{family}-{version}.xsd",
        frozenset({family}),
        _closure,
    )


def _closure(source: Source) -> str | None:
    try:
        document = closure_xml(
            source.reader,
            source.item.iri,
            dataset=source.item.dataset,
            most_bytes=source.most_bytes,
        )
    except (LiftError, LimitExceeded):
        return None
    text = document.decode()
    return text.partition("?>")[2].strip() if text.startswith("<?xml") else text


def _dublin_core(source: Source) -> str:
    elements = "".join(
        f"<dc:{name}{'' if language is None else f' xml:lang={quoteattr(language)}'}>"
        f"{escape(text)}</dc:{name}>"
        for name, text, language in _statements(source)
    )
    return f"{_DC_OPEN}{elements}</oai_dc:dc>"


def _statements(source: Source) -> Iterator[tuple[str, str, str | None]]:
    """Yield element, text and language of what Dublin Core has a place for."""
    stated = _own(source.triples, source.item.iri)
    yield "identifier", source.item.iri, None
    yield "type", source.item.type, None
    for element, curies in _DC:
        for curie in curies:
            for one in stated.get(expand(curie), ()):
                yield element, one.value, one.language if isinstance(one, ox.Literal) else None
    yield "source", source.dataset.iri, None
    if source.dataset.licence:
        yield "rights", source.dataset.licence, None


def _own(triples: str, subject: str) -> Mapping[str, list[ox.Literal | ox.NamedNode]]:
    """Return what is said of the record itself, by property."""
    start = f"<{subject}> "
    own = "".join(f"{line}\n" for line in triples.split("\n") if line.startswith(start))
    found: dict[str, list[ox.Literal | ox.NamedNode]] = {}
    for quad in ox.parse(own, format=ox.RdfFormat.N_TRIPLES, lenient=True):
        if isinstance(quad.object, ox.Literal | ox.NamedNode):
            found.setdefault(quad.predicate.value, []).append(quad.object)
    return found
