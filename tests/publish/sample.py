"""A small store for the tests of publishing: two datasets that differ, and hostile texts."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from europass_ld.store import (
    Dataset,
    Delivery,
    Record,
    SourceFile,
    Store,
    Version,
    VersionFacts,
)
from europass_ld.terms import GENID_PATH, RDF_TYPE, SKOS_CONCEPT, expand

BASE = "https://ld.example.org/"
GENID = f"{BASE}{GENID_PATH}"
HOST = "courses.example"
FIRST = f"{BASE}id/dataset/first"
SECOND = "https://other.example/dataset/second"
COURSE = f"https://{HOST}/course/1"
SCHOOL = f"https://{HOST}/school/1"
PLACE = f"https://{HOST}/place/1"
OUTCOME = f"https://{HOST}/outcome/9#2"
OUTCOMES = f"https://{HOST}/outcome/9"
HOSTILE = f"https://{HOST}/course/hostile?a=1&b='x'"
UMLAUT = f"https://{HOST}/ort/Köln"
GONE = f"https://{HOST}/course/gone"
NODE = f"{GENID}0123456789abcdef01234567.1"
ADDRESS_NODE = f"{GENID}0123456789abcdef01234567.2"
FULL_ADDRESS = f"{GENID}0123456789abcdef01234567.3"
GEOMETRY = f"{GENID}0123456789abcdef01234567.4"
EQF_5 = "http://data.europa.eu/snb/eqf/5"
COUNTRY = "http://publications.europa.eu/resource/authority/country/FIN"
FOLDER = "kept-out-of-sight"
"""Part of the name of the folder that the samples are said to have come from."""

SCRIPT = (
    "<script>alert(1)</script><p onclick='evil()'>Safe <b>bold</b> <a href='javascript:x'>l</a>"
)
IMAGE = "<img src=x onerror=alert(2)><a href='https://ok.example/'>ok</a>"


def iri(curie: str) -> str:
    """Return an IRI as an N-Triples term."""
    return f"<{expand(curie)}>"


def text(value: str, language: str | None = None) -> str:
    """Return a literal as an N-Triples term."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"@{language}' if language else f'"{escaped}"'


def typed(value: str, datatype: str) -> str:
    """Return a literal with a datatype as an N-Triples term."""
    return f'"{value}"^^{iri(datatype)}'


def lines(subject: str, *statements: tuple[str, str]) -> str:
    """Return N-Triples lines about one subject."""
    return "".join(f"<{subject}> {iri(name)} {value} .\n" for name, value in statements)


def record(name: str, kind: str, triples: str, line: int = 7) -> Record:
    """Return a record as ingest would make it."""
    return Record(
        iri=name,
        type=expand(kind),
        digest=hashlib.blake2b(triples.encode(), digest_size=16).digest(),
        file=f"/srv/{FOLDER}/loq.xml",
        line=line,
        triples=f"<{name}> <{RDF_TYPE}> {iri(kind)} .\n{triples}",
    )


def course(price: str) -> Record:
    """Return a course with texts in three languages and a nested node."""
    return record(
        COURSE,
        "elm:LearningOpportunity",
        lines(
            COURSE,
            ("dct:title", text("Metsäkoneet", "fi")),
            ("dct:title", text("Forest machines", "en")),
            ("dct:title", text("Skogsmaskiner", "sv")),
            ("elm:duration", typed("P1Y6M", "xsd:duration")),
            ("elm:providedBy", f"<{SCHOOL}>"),
            ("elm:location", f"<{PLACE}>"),
            ("elm:priceDetail", f"<{NODE}>"),
        )
        + lines(NODE, ("rdf:type", iri("elm:PriceDetail")), ("dct:description", text(price, "en")))
        + lines(NODE, ("skos:prefLabel", text("Fee", "en"))),
        line=12,
    )


def records() -> list[Record]:
    """Return the records of the first dataset."""
    return [
        course("ten euros"),
        record(
            SCHOOL,
            "elm:Organisation",
            lines(
                SCHOOL, ("rov:legalName", text("Metsäkoulu", "fi")), ("elm:location", f"<{PLACE}>")
            )
            + lines(SCHOOL, ("elm:homepage", f"<https://{HOST}/>")),
        ),
        record(
            PLACE,
            "dct:Location",
            lines(
                PLACE,
                ("elm:geographicName", text("Lieksa", "fi")),
                ("elm:spatialCode", f"<{COUNTRY}>"),
                ("elm:address", f"<{ADDRESS_NODE}>"),
                ("locn:geometry", f"<{GEOMETRY}>"),
            )
            + lines(COUNTRY, ("rdf:type", f"<{SKOS_CONCEPT}>"))
            + lines(
                GEOMETRY,
                ("rdf:type", iri("locn:Geometry")),
                ("clv:latitude", text("63.3")),
                ("clv:longitude", text("30.0")),
            )
            + lines(
                ADDRESS_NODE,
                ("rdf:type", iri("elm:Address")),
                ("elm:countryCode", f"<{COUNTRY}>"),
                ("elm:fullAddress", f"<{FULL_ADDRESS}>"),
            )
            + lines(
                FULL_ADDRESS,
                ("rdf:type", iri("elm:Note")),
                ("elm:noteLiteral", text("Pielisentie 1", "fi")),
            ),
        ),
        record(
            OUTCOME,
            "elm:LearningOutcome",
            lines(OUTCOME, ("dct:title", text("Drives a harvester", "en"))),
        ),
        record(
            f"{OUTCOMES}#3",
            "elm:LearningOutcome",
            lines(f"{OUTCOMES}#3", ("dct:title", text("Plans a felling", "en"))),
        ),
        record(
            HOSTILE,
            "elm:Qualification",
            lines(
                HOSTILE,
                ("dct:title", text(f"Title {SCRIPT}", "en")),
                ("dct:description", text(IMAGE, "en")),
                ("elm:EQFLevel", f"<{EQF_5}>"),
                ("dct:modified", typed("2025-01-31T00:00:00Z", "xsd:dateTime")),
                ("elm:relatedSkill", "<javascript:alert(3)>"),
                ("elm:contentUrl", typed("javascript:alert(4)", "xsd:anyURI")),
            ),
        ),
        record(UMLAUT, "dct:Location", lines(UMLAUT, ("elm:geographicName", text("Köln", "de")))),
    ]


def finding(name: str) -> dict[str, object]:
    """Return a warning about a record as reports hold it."""
    return {
        "severity": "warning",
        "rule": "reference/dangling",
        "message": "publisher points at nothing <script>alert(5)</script>",
        "file": f"/srv/{FOLDER}/loq.xml",
        "line": 12,
        "record": name,
        "path": "publisher/@idref",
        "value": "https://nobody.example/",
        "accepted": "the id of a record",
        "source": "mappings/loq.yaml publisher",
    }


def report(*findings: dict[str, object]) -> str:
    """Return a validation report as JSON."""
    groups = [
        {key: one[key] for key in ("severity", "rule", "source", "accepted", "message")}
        | {"count": 1}
        for one in findings
    ]
    return json.dumps(
        {
            "version": 1,
            "conforms": True,
            "counts": {"error": 0, "warning": len(findings), "info": 0},
            "groups": groups,
            "findings": findings,
        }
    )


FACTS = VersionFacts(
    sha256="0" * 64,
    files=(SourceFile("loq.xml", "0" * 64, 1234),),
    mapping_version="m1",
    shapes_version="s1",
    vocabulary_version="v1",
    schema_version="x1",
    software_version="0.1.0",
)


def publish(store: Store, dataset: Dataset, some: Iterable[Record], text_: str = "") -> Version:
    """Publish one delivery."""
    delivery: Delivery
    with store.delivery(dataset) as delivery:
        for one in some:
            assert delivery.add(one) is None
        report_iri = f"{BASE}id/report/{store.sequence + 1}"
        triples = lines(report_iri, ("rdf:type", iri("sh:ValidationReport")))
        return delivery.publish(facts=FACTS, report_json=text_ or report(), report_triples=triples)


def make(directory: Path) -> None:
    """Make the store: two versions of the first dataset, one of the second."""
    first = Dataset(
        iri=FIRST,
        title={"en": "First register", "fi": "Ensimmäinen"},
        description={"en": "Courses of one school."},
        family="loq",
        publisher=SCHOOL,
        publisher_name={"fi": "Metsäkoulu"},
        country="FIN",
        licence="https://creativecommons.org/publicdomain/zero/1.0/",
        contact="mailto:data@courses.example",
    )
    second = Dataset(iri=SECOND, title={"en": "Second register"}, family="loq")
    gone = record(GONE, "elm:LearningOpportunity", lines(GONE, ("dct:title", text("Gone", "en"))))
    with Store.create(directory, BASE) as store:
        publish(store, first, [*records(), gone], report(finding(COURSE)))
        publish(store, first, records(), report(finding(COURSE)))
        publish(store, second, [course("twenty euros")])
