"""JSON-LD credentials: our contexts mean what the official ones mean, and nothing is dropped."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld
from pyld.context_resolver import ContextResolver

from europass_ld.documents.credentials import CREDENTIALS_V1, EDC_AP
from europass_ld.documents.limits import CredentialLimits
from europass_ld.documents.strict_json import read_json
from europass_ld.errors import (
    DocumentError,
    EuropassError,
    LiftError,
    MalformedDocument,
    UnmappableValue,
    UnmappedElement,
)
from europass_ld.lift.credentials import LiftedCredential, ProblemKind
from europass_ld.lift.jsonld import load_context
from europass_ld.terms import RDF_TYPE, expand
from tests.credentials.schema_oracle import CORPUS, DATA
from tests.credentials.shapes_oracle import lift

JSONLD = "application/ld+json"
TEST_CONTEXT = "http://dev.everisdx.io/datamodel/test/edc-ap-context.jsonld"
"""What two samples of the corpus call the official context."""

OLD_SUITES = {
    *("EcdsaSecp256k1Signature2019", "EcdsaSecp256r1Signature2019"),
    *("Ed25519Signature2018", "RsaSignature2018"),
}
"""Proof suites that the official context explains and no European credential uses."""


@cache
def official_context(iri: str) -> dict[str, Any]:
    """Return an official context document."""
    paths = {
        CREDENTIALS_V1: "proofs/contexts/credentials_v1.json",
        EDC_AP: "official/elm-3.1/shapes/edc-ap-context.jsonld",
        TEST_CONTEXT: "official/elm-3.1/shapes/edc-ap-context.jsonld",
    }
    return dict(json.loads((CORPUS / paths[iri]).read_text(encoding="utf-8")))


def expanded(document: dict[str, Any], *, official: bool) -> tuple[Any, list[str | None]]:
    """Return a document's expansion with one set of contexts, and what was dropped."""

    def load(iri: str, _options: object) -> dict[str, Any]:
        ours = load_context(EDC_AP if iri == TEST_CONTEXT else iri)
        context = official_context(iri) if official else ours
        return {
            "contextUrl": None,
            "documentUrl": iri,
            "contentType": JSONLD,
            "document": context,
        }

    dropped: list[str | None] = []
    options = {"documentLoader": load, "contextResolver": ContextResolver({}, load)}
    return jsonld.expand(document, options, on_property_dropped=dropped.append), dropped


def payload(path: Path) -> dict[str, Any]:
    """Return the credential in a document of the corpus."""
    value = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(value.get("payload"), str):
        value = json.loads(value["payload"])
    return dict(value.get("credential", value))


SAMPLES = (
    *sorted(CORPUS.glob("edc-jsonld/*edci_data-model_credential*")),
    *sorted(CORPUS.glob("edc-jsonld/*eseal*")),
    *sorted(CORPUS.glob("edc-jsonld/official*.json*")),
    *sorted(CORPUS.glob("proofs/jades/*")),
    *sorted(CORPUS.glob("negative/*.jsonld")),
    *sorted(DATA.glob("*.jsonld")),
)


def test_the_samples_were_found() -> None:
    """No sample went missing without notice."""
    assert len(SAMPLES) == 13


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_mean_the_same_with_the_official_contexts(path: Path) -> None:
    """Every sample has the same expansion, and the same is dropped from it, with either."""
    document = payload(path)
    ours = expanded(document, official=False)
    assert ours == expanded(document, official=True)
    assert ours[0]


@pytest.mark.parametrize("iri", [CREDENTIALS_V1, EDC_AP])
def test_definitions_are_the_official_ones(iri: str) -> None:
    """Term for term the contexts are equal, but for four old proof suites."""
    ours = dict((load_context(iri) or {})["@context"])
    theirs = dict(official_context(iri)["@context"])
    assert set(theirs) - set(ours) == (OLD_SUITES if iri == CREDENTIALS_V1 else set())
    assert ours == {term: theirs[term] for term in ours}


def test_every_term_means_the_same() -> None:
    """A document that uses every term of both contexts has the same expansion with either."""
    terms = official_context(EDC_AP)["@context"]
    values = {
        term: [{"id": "urn:x"}, "urn:y", {"en": "text"}, "text", 1.5, True, {"@value": "v"}]
        if definition.get("@container") != "@language"
        else {"en": ["text"], "fi": "teksti"}
        for term, definition in terms.items()
        if isinstance(definition, dict)
    }
    scoped = official_context(CREDENTIALS_V1)["@context"]["VerifiableCredential"]["@context"]
    values |= {term: ["urn:x", "2020-01-01"] for term in scoped if term[0].islower()}
    for unwanted in ("id", "type", "cred", "sec", "xsd"):
        values.pop(unwanted)
    document = {
        "@context": [CREDENTIALS_V1, EDC_AP],
        "id": "urn:credential",
        "type": ["VerifiableCredential", *(one for one in terms if one[0].isupper())],
        **values,
    }
    ours, dropped = expanded(document, official=False)
    theirs, _ = expanded(document, official=True)
    assert ours == theirs
    assert set(dropped) == {"en"}  # a language map where none may stand
    assert len(ours[0]) > 180


def triples(found: LiftedCredential) -> set[ox.Triple]:
    """Read the statements of a lifted credential."""
    return {quad.triple for quad in ox.parse(found.sealed, ox.RdfFormat.N_TRIPLES)}


def lift_json(document: object) -> LiftedCredential:
    """Lift a JSON-LD document."""
    return lift(json.dumps(document).encode(), JSONLD)


def credential(**members: object) -> dict[str, Any]:
    """Return a small credential with some more members."""
    return {
        "@context": [CREDENTIALS_V1, EDC_AP],
        "id": "urn:credential:1",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuer": {"id": "urn:issuer", "type": "Organisation"},
        "credentialSubject": {"id": "urn:person", "type": "Person"},
        **members,
    }


@pytest.mark.parametrize("name", ["credential", "presentation"])
def test_pyld_has_the_same_triples(name: str) -> None:
    """PyLD's own way to RDF leads to the same statements, names and mended terms apart."""
    document = json.loads((DATA / f"{name}.jsonld").read_text(encoding="utf-8"))
    expansion, _ = expanded(document, official=True)
    nquads = jsonld.to_rdf(expansion, {"format": "application/n-quads"})
    theirs = [quad.triple for quad in ox.parse(nquads, ox.RdfFormat.N_QUADS)]
    ours = triples(lift_json(document))
    assert len(ours) == len(set(theirs)) + len(_DROPPED)
    literals = {str(one.object) for one in theirs if isinstance(one.object, ox.Literal)}
    mine = {str(one.object) for one in ours if isinstance(one.object, ox.Literal)}
    assert mine - literals == _CANONICAL | _DROPPED
    assert _types(theirs) == _types(ours)


def _types(statements: Iterable[ox.Triple]) -> list[str]:
    return sorted(str(one.object) for one in set(statements) if one.predicate.value == RDF_TYPE)


_CANONICAL = {
    '"2044-06-21T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>',
    '"P2Y"^^<http://www.w3.org/2001/XMLSchema#duration>',
    '"P133DT8H"^^<http://www.w3.org/2001/XMLSchema#duration>',
    '"P13DT8H"^^<http://www.w3.org/2001/XMLSchema#duration>',
}
"""Literals that lifting writes as the store will have them."""

_DROPPED = {'"2024-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'}
"""What PyLD drops without a word: a date that the official context takes for an IRI."""


@pytest.mark.parametrize(
    ("members", "where", "what"),
    [
        ({"colour": "blue"}, "/colour", "no context explains"),
        ({"issuer": {"issuer": "urn:x"}}, "/issuer", "no context explains"),
        ({"elmm:title": "x"}, "/elmm:title", "whose prefix no context explains"),
        ({"evidence": {"dcTypo": "x"}}, "/evidence/dcTypo", "no context explains"),
        ({"elm:title": {"en": "x"}}, "/elm:title/en", "no context explains"),
        ({"title": [{"en": "x"}]}, "/title/0/en", "no context explains"),
        ({"@graph": []}, "/@graph", "keyword"),
        ({"@reverse": {}}, "/@reverse", "keyword"),
        ({"evidence": {"@list": []}}, "/evidence/@list", "keyword"),
        ({"evidence": {"@value": "x", "@index": "y"}}, "/evidence", "more than a type"),
        ({"@id": "urn:other"}, "/id", "two identifiers"),
        ({"id": 7}, "/id", "no string"),
        ({"type": ["VerifiableCredential", 7]}, "", "cannot be expanded"),
        ({"holder": {"@context": {"x": "urn:x"}}}, "/holder/@context", "inside the document"),
        ({"holder": {"@context": None}}, "/holder/@context", "inside the document"),
        ({"@context": [CREDENTIALS_V1, {"issuer": "urn:x"}]}, "/@context", "inside the document"),
        ({"@context": [CREDENTIALS_V1, "https://evil.example/"]}, "/@context", "unknown context"),
        ({"@context": [EDC_AP]}, "/@context", "is missing"),
    ],
)
def test_what_would_be_dropped_is_an_error(
    members: dict[str, object], where: str, what: str
) -> None:
    """Each member, keyword or context that a JSON-LD reader would pass over is named instead."""
    with pytest.raises(UnmappedElement, match=what) as caught:
        lift_json(credential(**members))
    assert caught.value.path == where


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"type": ["VerifiableCredential", "Diploma"]}, "/type"),
        ({"issuer": "not an IRI"}, "/issuer"),
        ({"issuer": {"id": "../issuer"}}, "/issuer"),
        ({"id": "1"}, ""),
        ({"displayParameter": {"title": {"e n": "x"}}}, "/displayParameter/title"),
        ({"displayParameter": {"title": "no language map"}}, None),
        ({"evidence": {"evidenceStatement": {"@value": "x", "@type": "relative"}}}, None),
        ({"evidence": {"@value": {}, "@type": "@json"}}, "/evidence"),
    ],
)
def test_what_is_no_iri_and_no_text_is_an_error(
    members: dict[str, object], where: str | None
) -> None:
    """Relative IRIs, which RDF readers drop silently, are errors; plain text stays plain text."""
    if where is None:
        found = lift_json(credential(**members)) if "displayParameter" in members else None
        assert found is None or '"no language map" .' in found.sealed
        return
    with pytest.raises(UnmappableValue) as caught:
        lift_json(credential(**members))
    assert caught.value.path == where


def test_messages_hold_no_values() -> None:
    """An error says where and what kind of thing is wrong, without what stands there."""
    for members in ({"issuer": "Aino Virtanen"}, {"type": ["VerifiableCredential", "Aino"]}):
        with pytest.raises(LiftError) as caught:
            lift_json(credential(**members))
        assert "Aino" not in str(caught.value)


def test_official_sample_with_meaningless_types() -> None:
    """One official sample has classes that its contexts do not explain: no reader keeps them."""
    path = CORPUS / "edc-jsonld/official_hist_2023-07-07_0b22f42_credential-sample.jsonld"
    with pytest.raises(UnmappableValue, match="the class at /credentialStatus/type"):
        lift(path.read_bytes(), JSONLD)


def test_genuine_credential() -> None:
    """The payload of a genuine JAdES seal is lifted whole, its images as blobs."""
    path = CORPUS / "proofs/jades/elm__Sample-CertOfPart-signed.jsonld"
    octets = json.loads(path.read_text(encoding="utf-8"))["payload"].encode()
    found = lift(octets, JSONLD)
    assert found.usable
    assert found.iri == "urn:credential:43662fb0-c31c-4afb-b501-e85aea91c0a8"
    assert {blob.media_type for blob in found.blobs} == {"image/png", "image/jpeg"}
    assert max(len(line) for line in found.sealed.splitlines()) < 1_000
    assert len(triples(found)) == found.sealed.count("\n")


def test_terms_that_the_official_context_misspells_are_set_right() -> None:
    """What the context calls nationalID is what model and shapes call nationalId; it is told."""
    found = lift((DATA / "credential.jsonld").read_bytes(), JSONLD)
    properties = {one.predicate.value for one in triples(found)}
    for name in ("nationalId", "areaDialing", "resultDistribution"):
        assert expand(f"elm:{name}") in properties
    for name in ("nationalID", "areaDialingCode", "resultDestribution"):
        assert expand(f"elm:{name}") not in properties
    assert {one.kind for one in found.problems} == {ProblemKind.NOTED}


def test_dates_and_html_announced_as_iris_are_literals() -> None:
    """The context announces IRIs for dateModified and descriptionHtml; they are no IRIs."""
    found = lift_json(
        credential(
            issuer={"id": "urn:i", "dateModified": "2024-01-01T00:00:00Z"},
            evidence={"id": "urn:e", "descriptionHtml": "<p>x</p>"},
        )
    )
    values = {str(one.object) for one in triples(found) if isinstance(one.object, ox.Literal)}
    assert values == {
        f'"2024-01-01T00:00:00Z"^^<{expand("xsd:dateTime")}>',
        f'"<p>x</p>"^^<{expand("rdf:HTML")}>',
    }


def test_numbers() -> None:
    """A number with a fraction is a decimal where one is announced, and else a double."""
    found = lift_json(
        credential(
            evidence={
                "id": "urn:e",
                "value": 150.5,
                "elm:score": 1e-7,
                "count": 7,
                "isPartialQualification": True,
            }
        )
    )
    values = {str(one.object) for one in triples(found) if isinstance(one.object, ox.Literal)}
    assert values == {
        f'"150.5"^^<{expand("xsd:decimal")}>',
        f'"1.0E-7"^^<{expand("xsd:double")}>',
        f'"7"^^<{expand("xsd:positiveInteger")}>',
        f'"true"^^<{expand("xsd:boolean")}>',
    }


def test_blank_nodes_get_names() -> None:
    """A node that the document names for itself only is one node, with a name from the caller."""
    found = lift_json(credential(evidence={"id": "_:e", "evidenceStatement": "x"}, holder="_:e"))
    named = {
        one.object.value
        for one in triples(found)
        if one.predicate.value in {expand("cred:evidence"), expand("cred:holder")}
        and isinstance(one.object, ox.NamedNode)
    }
    (name,) = named
    assert name.startswith("https://names.example/")


def test_proofs_are_not_statements() -> None:
    """What a proof says of itself is not lifted, whatever it is."""
    plain = lift_json(credential())
    assert lift_json(credential(proof={"type": "AnyProof", "colour": "blue"})).sealed == (
        plain.sealed
    )


def test_a_presentation_holds_its_credentials() -> None:
    """The credentials in a presentation are stated with it, not in graphs nobody asks for."""
    found = lift((DATA / "presentation.jsonld").read_bytes(), JSONLD)
    assert found.iri == "urn:presentation:00000000-0000-4000-8000-000000000004"
    (inner,) = found.credentials
    assert inner.subjects == ("did:key:z6MkFictional",)
    assert f"<{expand('cred:verifiableCredential')}> <{inner.iri}>" in found.sealed


def test_pointers_lead_back_to_the_source() -> None:
    """The JSON pointer of each subject and property leads to what was said of it."""
    document = json.loads((DATA / "presentation.jsonld").read_text(encoding="utf-8"))
    found = lift_json(document)
    place = found.places["did:key:z6MkFictional", expand("foaf:familyName")]
    assert place.path == "/verifiableCredential/0/credentialSubject/familyName"
    for place in found.places.values():
        value: Any = document
        for step in place.path.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
        assert value is not None


def test_canonical_n_quads() -> None:
    """The dataset that an RDF proof signs is lifted as it is; its blank nodes get names."""
    document = json.loads((DATA / "credential.jsonld").read_text(encoding="utf-8"))
    expansion, _ = expanded(document, official=True)
    nquads = jsonld.normalize(
        expansion, {"algorithm": "URDNA2015", "format": "application/n-quads"}
    )
    found = lift(str(nquads).encode(), "application/n-quads")
    direct = lift_json(document)
    assert found.iri == direct.iri
    assert [one.issuer for one in found.credentials] == [one.issuer for one in direct.credentials]
    assert len(found.blobs) == len(direct.blobs)
    assert len(triples(found)) == len(triples(direct)) - len(_DROPPED)


@pytest.mark.parametrize("data", [b"<urn:a> <urn:b> <urn:c> .", b"", b"no quads", b"\xff"])
def test_n_quads_without_a_credential(data: bytes) -> None:
    """What is no dataset, or one without a credential, is refused."""
    with pytest.raises((LiftError, MalformedDocument)):
        lift(data, "application/n-quads")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_change_to_a_credential(data: st.DataObject) -> None:
    """Whatever takes the place of a member, the outcome is statements or a documented error."""
    document = json.loads((DATA / "credential.jsonld").read_text(encoding="utf-8"))
    place: Any = document
    for _ in range(data.draw(st.integers(1, 6))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list):
            break
        parent, place = place, place[key]
    else:
        key = data.draw(st.sampled_from(list(parent))) if isinstance(parent, dict) else 0
        place = parent
    new = data.draw(_ANYTHING)
    if isinstance(place, dict):
        name = data.draw(
            st.sampled_from([str(key), "id", "type", "@type", "@context", "title", "x"])
        )
        place[name] = new
    else:
        place.append(new)
    text = json.dumps(document)
    try:
        found = lift(text.encode(), JSONLD)
    except EuropassError as error:
        assert str(error)  # noqa: PT017 - either outcome is fine
    else:
        triples(found)


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "urn:x", "_:b", "en", "@id", "@json", "relative", "Person", EDC_AP])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "type",
                    "@id",
                    "@type",
                    "@value",
                    "@language",
                    "@list",
                    "@set",
                    "title",
                    "en",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def test_deep_documents_stay_within_the_stack() -> None:
    """A document as deep as the limit allows is lifted; one level more is refused before."""
    limits = CredentialLimits()

    def nested(depth: int) -> dict[str, Any]:
        inner: dict[str, Any] = {"id": "urn:end"}
        for number in range(depth):
            inner = {"id": f"urn:{number}", "hasPart": inner}
        return credential(credentialSubject=inner)

    assert lift_json(nested(limits.max_depth - 2)).usable
    with pytest.raises(DocumentError, match="max_depth"):
        lift_json(nested(limits.max_depth - 1))


def test_many_nodes_take_little_time() -> None:
    """A large credential is lifted in time that grows with its size, not with its square."""
    subjects = [{"id": f"urn:person:{n}", "fullName": {"en": f"P {n}"}} for n in range(4_000)]
    found = lift_json(credential(credentialSubject=subjects))
    assert len(found.credentials[0].subjects) == 4_000
    assert read_json(found.source, "x", CredentialLimits())
