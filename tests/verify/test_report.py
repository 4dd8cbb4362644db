"""Reports for programs: JSON that is stable, RDF that conforms, and nothing personal in either."""

import json
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import SH, Graph, URIRef

from europass_ld import resources
from europass_ld.terms import RDF_TYPE, expand
from europass_ld.verify import (
    Accreditation,
    Indication,
    Question,
    TrustStore,
    VerificationReport,
    verify,
)
from tests.shared import corpus

from .conftest import World
from .documents import payload
from .pki import NOW
from .sealing import JsonSeal, seal_json, to_json
from .test_answers import COVERING, Accreditations

REPORT = "https://data.example.org/report/1"
PERSONAL = ("Ada", "1999-12-31", "998877", "urn:epass:person:1")
CHECK = "http://data.europa.eu/snb/model/elm/VerificationCheck"
MEMBERS = {
    "version", "indication", "sub_indication", "message", "passed", "stale", "verified_at",
    "format", "profile", "level", "archive_time_stamps", "qualification", "signer",
    "claimed_signing_time", "best_signature_time", "time_stamps", "anchor", "lists", "checks",
    "credential", "document", "signed_document", "answers", "accreditations",
}  # fmt: skip


@pytest.fixture(scope="module")
def reports(world: World, trust: TrustStore) -> dict[str, VerificationReport]:
    """Return reports of every kind of outcome."""
    source = Accreditations(
        COVERING, Accreditation(iri="urn:2", organisation=COVERING.organisation)
    )
    documents = {
        "xml": (world.xml(), trust),
        "json": (world.json(), trust),
        "changed": (world.json().replace(b"Ada", b"Eve"), trust),
        "untrusted": (world.json(), TrustStore()),
        "torn": (world.xml()[:-9], trust),
        "unsealed": (payload().encode(), trust),
        "expired": (
            to_json(
                seal_json(
                    payload(validUntil="2030-01-01T00:00:00Z"),
                    world.signer,
                    JsonSeal(evidence=world.evidence),
                )
            ),
            trust,
        ),
    }
    return {
        title: verify(data, trust=known, now=NOW, accreditations=source)
        for title, (data, known) in documents.items()
    }


KINDS = ("xml", "json", "changed", "untrusted", "torn", "unsealed", "expired")


@pytest.mark.parametrize("kind", KINDS)
def test_json_has_its_documented_members(kind: str, reports: dict[str, VerificationReport]) -> None:
    """Every report has the same members, and `version` says which structure it is."""
    found: dict[str, Any] = json.loads(reports[kind].to_json())
    assert set(found) == MEMBERS
    assert found["version"] == 1
    assert set(found["answers"]) == {one.value for one in Question}
    assert found["indication"] in set(Indication)
    assert found["document"]["sha256"] == reports[kind].document_sha256


def test_json_says_it_all(reports: dict[str, VerificationReport]) -> None:
    """Times are ISO 8601, lists are lists, and accreditations name what they rest on."""
    found = json.loads(reports["json"].to_json())
    assert found["verified_at"] == "2035-06-01T12:00:00+00:00"
    assert found["best_signature_time"] == "2024-03-01T09:00:00+00:00"
    assert found["signed_document"]["media_type"] == "application/ld+json"
    assert found["signer"]["organisation_identifier"] == "VATXX-12345678"
    assert found["answers"]["seal"]["status"] == "yes"
    (result,) = found["accreditations"]
    assert result["coverage"] == "covered"
    assert [one["accreditation"] for one in result["assessments"]] == [COVERING.iri, "urn:2"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_personal(kind: str, reports: dict[str, VerificationReport]) -> None:
    """Neither JSON nor RDF names the person, unless JSON is asked to."""
    report = reports[kind]
    for text in (report.to_json(), report.to_ntriples(REPORT), repr(report.answers)):
        assert not any(one in text for one in PERSONAL)
    names = [one["name"] for one in json.loads(report.to_json(personal=True))["subjects"]]
    assert names == (["Ada Example"] if report.signed_document else [])


def _graph(report: VerificationReport, **options: str) -> Graph:
    return Graph().parse(data=report.to_ntriples(REPORT, **options), format="nt")


@pytest.mark.parametrize("kind", KINDS)
def test_rdf_is_well_formed(kind: str, reports: dict[str, VerificationReport]) -> None:
    """Each line is one triple without blank nodes, and none stands twice."""
    text = reports[kind].to_ntriples(REPORT)
    triples = list(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))
    assert len(triples) == len(set(triples)) == len(text.splitlines())
    assert "_:" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_rdf_conforms_to_the_official_shapes(
    kind: str, reports: dict[str, VerificationReport]
) -> None:
    """ELM's checks have exactly the type, status, subject and texts that its shapes ask for."""
    shapes = Graph().parse(corpus() / "official" / "elm-3.1" / "shapes" / "EDC-generic-no-cv.ttl")
    for shape in set(shapes.subjects(SH.targetClass)):
        if (shape, SH.targetClass, URIRef(CHECK)) not in shapes:
            shapes.remove((shape, SH.targetClass, None))
    graph = _graph(reports[kind])
    assert len(set(graph.subjects(URIRef(RDF_TYPE), URIRef(CHECK)))) == 6
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes)
    assert conforms, text
    graph.remove((None, URIRef(expand("elm:verificationStatus")), None))
    assert not pyshacl.validate(graph, shacl_graph=shapes)[0]


def _checks(report: VerificationReport) -> dict[str, str]:
    graph = _graph(report)
    found = {}
    for check in graph.subjects(URIRef(RDF_TYPE), URIRef(CHECK)):
        kind = graph.value(check, URIRef(expand("dct:type")))
        status = graph.value(check, URIRef(expand("elm:verificationStatus")))
        label = URIRef(expand("skos:prefLabel"))
        found[str(graph.value(kind, label))] = str(graph.value(status, label))
    return found


def test_three_states(reports: dict[str, VerificationReport]) -> None:
    """What is undecided is never ok: an undecided seal is an error, unknown things are skipped."""
    good = {
        "Format": "Ok",
        "Seal": "Ok",
        "Owner": "Skipped",
        "Revocation": "Skipped",
        "Accreditation": "Ok",
        "Expiry": "Ok",
    }
    bad = {**good, "Seal": "Error", "Accreditation": "Skipped", "Expiry": "Skipped"}
    assert _checks(reports["json"]) == good
    assert _checks(reports["expired"]) == {**good, "Expiry": "Error"}
    assert _checks(reports["untrusted"]) == {**good, "Seal": "Error"}
    assert _checks(reports["changed"]) == bad
    assert _checks(reports["torn"]) == {**bad, "Format": "Error"}
    assert _checks(reports["unsealed"]) == bad


def test_rdf_is_about_the_credential_it_is_told(reports: dict[str, VerificationReport]) -> None:
    """The private store's random IRI replaces the identifier that the document gives itself."""
    about = URIRef(expand("elm:subject"))
    own, given = (
        set(_graph(reports["json"], **options).objects(None, about))
        for options in ({}, {"credential_iri": "urn:random"})
    )
    assert own == {URIRef("urn:credential:66666666-7777-8888-9999-000000000000")}
    assert given == {URIRef("urn:random")}


@pytest.mark.parametrize(
    "identifier", ["no iri", "urn:a> <urn:b> <urn:c> .\n<urn:d", "relative", ""]
)
def test_hostile_identifier_writes_nothing(
    identifier: str, world: World, trust: TrustStore
) -> None:
    """An identifier that is no IRI cannot put a triple into the report."""
    how = JsonSeal(evidence=world.evidence)
    data = to_json(seal_json(payload(id=identifier), world.signer, how))
    report = verify(data, trust=trust, now=NOW)
    assert report.passed
    subjects = set(_graph(report).objects(None, URIRef(expand("elm:subject"))))
    assert [str(one).partition("///")[0] for one in subjects] == ["ni:"]


def test_every_term_of_ours_is_described(reports: dict[str, VerificationReport]) -> None:
    """Each eld: term of a report stands in the ontology, and each of those is used."""
    ours = expand("eld:")
    ontology = Graph().parse(resources.find("ontology") / "verification.ttl")
    described = {str(one) for one in ontology.subjects() if str(one).startswith(ours)}
    used = {
        str(term)
        for report in reports.values()
        for triple in _graph(report)
        for term in triple
        if str(term).startswith(ours)
    }
    listed = {f"{ours}{one}" for one in ("TrustedList", "territory", "listNumber", "stale")}
    assert used | listed | {f"{ours}Indication"} == described
