"""EDC v2 XML becomes ELM v3: what is said, what is added, what is left, and nothing else."""

import itertools
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from europass_ld.documents.limits import CredentialLimits
from europass_ld.errors import DocumentError, LiftError, UnsupportedDocument
from europass_ld.lift.credentials import LiftedCredential, ProblemKind, lift_credential
from europass_ld.lift.edc.table import load_table
from europass_ld.terms import RDF_TYPE, expand
from tests.credentials.golden import DOCUMENTS, GOLDEN, lifted, texts
from tests.credentials.schema_oracle import CORPUS, DATA, read
from tests.credentials.shapes_oracle import code_lists, lift
from tests.credentials.xml_mutations import mutations

EVERY = DATA / "every-element.xml"
ELM = expand("elm:")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_golden_files(path: Path) -> None:
    """Our own credentials become exactly what is kept (`python -m tests.credentials.golden`)."""
    for name, text in texts(path).items():
        assert text == (GOLDEN / name).read_text(encoding="utf-8"), name


def triples(text: str) -> set[ox.Triple]:
    """Read N-Triples."""
    return {quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)}


def objects(found: LiftedCredential, subject: str, curie: str, *, added: bool = False) -> set[str]:
    """Return the values of a property of a subject, as text, from one of the two graphs."""
    graph = triples(found.added if added else found.sealed)
    return {
        one.object.value
        for one in graph
        if str(one.subject) == f"<{subject}>"
        and one.predicate.value == expand(curie)
        and isinstance(one.object, ox.NamedNode | ox.Literal)
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_statements_are_stored_as_written(path: Path) -> None:
    """Every literal is in the form in which the store gives it back, and no node is blank.

    But for one thing: the store makes an xsd:integer of an xsd:positiveInteger.
    """
    found = lifted(path)
    for text in (found.sealed, found.added):
        store = ox.Store()
        store.load(text, format=ox.RdfFormat.N_TRIPLES)
        expected = triples(text.replace("#positiveInteger>", "#integer>"))
        assert {quad.triple for quad in store} == expected
        assert "_:" not in text
        assert len(text.splitlines()) == len(triples(text))


def test_every_class_of_the_table_occurs() -> None:
    """The document with every element meets every class of the table."""
    found = lift(EVERY.read_bytes())
    types = {
        one.object.value
        for one in triples(found.sealed)
        if one.predicate.value == RDF_TYPE and isinstance(one.object, ox.NamedNode)
    }
    table = load_table()
    wanted = {one for rows in table.classes.values() for one in rows.classes}
    presentation = {
        *("elm:EuropeanDigitalPresentation", "cred:VerifiablePresentation"),
        "elm:VerificationCheck",
    }
    assert wanted - types == {expand(one) for one in presentation}


def test_genuine_documents_lose_nothing() -> None:
    """Every part of a genuine document becomes RDF, and every text of it is there."""
    for name in (
        "2020-12-07_474387b_Ana_Andromeda_Graduate_University_Study_of_Civil_Engineering",
        "2022-03-02_80406a3_EDC_SampleACT_AA",
        "2022-03-02_80406a3_EDC_SampleDegree_AA",
        "2022-08-31_ac765b9_EDC_DiplomaSupplement_AA",
    ):
        path = CORPUS / f"edc-xml/official_hist_{name}.xml"
        found = lift(path.read_bytes())
        assert found.usable
        literals = {
            one.object.value for one in triples(found.sealed) if isinstance(one.object, ox.Literal)
        }
        for element in read(path).iter("{http://data.europa.eu/snb}text"):
            inside = {etree.QName(one).localname for one in element.iterancestors()}
            if "displayParameters" not in inside:
                assert (element.text or "") in literals


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("1999-10-02", "1999-10-02T00:00:00"),
        ("1999-10-02+14:00", "1999-10-02T00:00:00+14:00"),
        ("1999-10-02-11:00", "1999-10-02T00:00:00-11:00"),
        ("1999-10-02Z", "1999-10-02T00:00:00Z"),
    ],
)
def test_a_date_is_never_shifted(date: str, expected: str) -> None:
    """A date of birth stays the day it is, in whatever time zone it was written."""
    data = EVERY.read_bytes().replace(b"2001-10-02", date.encode())
    found = lift(data)
    assert objects(found, "urn:epass:person:1", "elm:dateOfBirth") == {expected}


def test_what_was_added_is_apart_and_says_why() -> None:
    """No added statement is among the sealed ones; each new node names its source."""
    for path in DOCUMENTS:
        found = lifted(path)
        sealed, added = triples(found.sealed), triples(found.added)
        types = expand("rdf:type")
        both = {one.predicate.value for one in sealed & added}
        assert both <= {types, expand("skos:inScheme")}  # of codes that both graphs name
        for addition in found.additions:
            assert addition.reason
            assert f"<{addition.subject}> <{addition.property}> {addition.value} ." in found.added
        known = {str(one.subject) for one in sealed}
        new = {str(one.subject) for one in added if one.predicate.value == types} - known
        derived = {str(s.subject) for s in added if s.predicate.value.endswith("#wasDerivedFrom")}
        described = {
            str(one.subject)
            for one in added
            if one.object
            in {
                ox.NamedNode(expand(name))
                for name in (
                    *("skos:Concept", "skos:ConceptScheme", "prov:Activity", "elm:MediaObject"),
                    "elm:ShaclValidator2017",
                )
            }
        }
        assert new - derived <= described, path.name


def test_every_claim_has_an_award_in_the_end() -> None:
    """What v3 asks of each claim is there, sealed where it was sealed, else added."""
    claims = {
        expand(f"elm:Learning{kind}")
        for kind in ("Achievement", "Activity", "Assessment", "Entitlement")
    }
    for path in (EVERY, *sorted(CORPUS.glob("edc-xml/official*.xml"))):
        found = lift(path.read_bytes())
        sealed, added = triples(found.sealed), triples(found.added)
        awarded = expand("elm:awardedBy")
        mine = {one.subject for one in added if one.predicate.value == awarded}
        theirs = {one.subject for one in sealed if one.predicate.value == awarded}
        every = {
            one.subject
            for one in sealed
            if one.predicate.value == RDF_TYPE and str(one.object)[1:-1] in claims
        }
        assert mine | theirs == every, path.name
        assert not mine & theirs


def test_the_original_is_kept_as_evidence() -> None:
    """The octets as they were received are a blob that the credential's evidence leads to."""
    original = b"<!-- as received -->" + EVERY.read_bytes()
    found = lift_credential(
        EVERY.read_bytes(),
        media_type="application/xml",
        name_node=(f"urn:x:{number}" for number in itertools.count()).__next__,
        code_lists=code_lists(),
        original=original,
    )
    (blob,) = (one for one in found.blobs if one.data == original)
    (evidence,) = objects(found, found.iri, "cred:evidence", added=True)
    media = objects(found, evidence, "elm:embeddedEvidence", added=True)
    assert media == {blob.media_object}
    assert objects(found, blob.media_object, "schema:contentUrl", added=True) == {blob.iri}
    assert objects(found, found.iri, "elm:credentialProfiles", added=True) == {
        "http://data.europa.eu/snb/credential/c_7e400154"
    }


def test_images_are_no_literals() -> None:
    """Bytes come out as blobs, typed by what they are; no literal holds them."""
    found = lift(EVERY.read_bytes())
    types = sorted(blob.media_type for blob in found.blobs)
    assert types == ["application/pdf", "application/xml", "image/png", "image/png"]
    assert max(len(line) for line in found.sealed.splitlines()) < 400
    assert ELM + "content>" not in found.sealed + found.added
    for blob in found.blobs:
        assert blob.size == len(blob.data)
        assert len(blob.digest) == 64


def test_equal_files_in_two_places_are_two() -> None:
    """Two media objects with the same bytes have a blob each; erasing one keeps the other."""
    found = lift(EVERY.read_bytes())
    images = [one for one in found.blobs if one.media_type == "image/png"]
    assert len({one.digest for one in images}) == 1
    assert len({one.iri for one in images}) == 2


def test_a_repeated_description_is_not_said_twice() -> None:
    """What two descriptions of one identifier share is said once; what differs is put together."""
    found = lift((DATA / "mandated-presentation.xml").read_bytes())
    assert objects(found, "urn:epass:activity:2", "dct:title") == {"Parte"}
    assert objects(found, "urn:epass:activity:2", "elm:workload") == {"PT2H"}
    school = lift(EVERY.read_bytes())
    assert len(objects(school, "urn:epass:org:1", "rov:registration")) == 1


def test_equal_siblings_stay_two() -> None:
    """Two equal notes in one description are two notes."""
    data = EVERY.read_text(encoding="utf-8")
    start = data.index("<additionalNote>")
    note = data[start : data.index("</additionalNote>") + len("</additionalNote>")]
    found = lift(data.replace(note, note * 2, 1).encode())
    assert len(objects(found, "urn:epass:person:1", "elm:additionalNote")) == 2


def test_identifiers_that_are_no_iris_get_new_names() -> None:
    """A reference still leads to what it names, and the name gives nothing away."""
    found = lift((DATA / "mandated-presentation.xml").read_bytes())
    (accreditation,) = objects(found, "urn:epass:org:1", "elm:accreditation")
    assert accreditation.startswith("https://names.example/")
    assert objects(found, accreditation, "elm:accreditingAgent") == {"urn:epass:org:2"}
    assert [one.value for one in found.problems if one.kind is ProblemKind.MENDED] == ["local-1"]


def test_who_issued_what_to_whom() -> None:
    """The facts that others ask for are given as values."""
    found = lift((DATA / "mandated-presentation.xml").read_bytes())
    (credential,) = found.credentials
    assert found.iri == "urn:verifiable:00000000-0000-4000-8000-000000000005"
    assert credential.iri == "urn:credential:00000000-0000-4000-8000-000000000006"
    assert credential.issuer == "urn:epass:org:1"
    assert credential.subjects == ("urn:epass:person:1",)
    assert credential.profiles == ("http://data.europa.eu/snb/credential/e34929035b",)
    assert found.converted
    assert found.version == "1.2"


def test_a_child_credential_is_a_credential_of_the_person() -> None:
    """A credential inside a credential is lifted too, and belongs to the person."""
    found = lift(EVERY.read_bytes())
    child = "urn:credential:00000000-0000-4000-8000-000000000002"
    assert objects(found, "urn:epass:person:1", "elm:hasCredential") == {child}
    assert [one.iri for one in found.credentials][1:] == [child]


def test_places_lead_back_to_the_source() -> None:
    """Line and path of a subject and of each of its properties are those of the document."""
    found = lift(EVERY.read_bytes())
    place = found.places["urn:epass:person:1", expand("elm:dateOfBirth")]
    lines = EVERY.read_text(encoding="utf-8").splitlines()
    assert place.line is not None
    assert "dateOfBirth" in lines[place.line - 1]
    assert place.path == "europassCredential/credentialSubject/dateOfBirth"
    sealed = {(str(one.subject)[1:-1], one.predicate.value) for one in triples(found.sealed)}
    placed = {key for key in found.places if key[1] is not None}
    assert {key for key in sealed if key[1] != RDF_TYPE} <= placed


def test_nothing_shows_when_printed() -> None:
    """Neither a lifted credential nor its parts show content in a log or a traceback."""
    found = lift(EVERY.read_bytes())
    parts = (found, *found.blobs, *found.credentials, *found.additions, *found.problems)
    assert not any("urn:" in repr(one) or "Aino" in repr(one) for one in parts)


def test_names_are_asked_for_and_never_derived() -> None:
    """Each node without an identifier gets a name of its own from the caller, and no other."""
    given: list[str] = []

    def name_node() -> str:
        given.append(f"https://names.example/{len(given)}")
        return given[-1]

    found = lift_credential(
        EVERY.read_bytes(),
        media_type="application/xml",
        name_node=name_node,
        code_lists=code_lists(),
    )
    own = {
        str(one.subject)[1:-1]
        for text in (found.sealed, found.added)
        for one in triples(text)
        if "genid" in str(one.subject) or "names.example" in str(one.subject)
    }
    assert own <= set(given)
    assert "genid" not in found.sealed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("<dateOfBirth>", "<unknown/><dateOfBirth>"), "the element unknown has no place here"),
        (('lang="fi"', 'lang="f i"'), "not a language tag"),
        (
            ("<primaryLanguage>fi", "<primaryLanguage>xyz"),
            "not the code of a language",
        ),
        (("PointSystem/ecvet", "PointSystem/other"), "unknown credit system"),
        (("<dateOfBirth>", "<dateOfBirth><b/>"), "only text may stand here"),
    ],
)
def test_what_cannot_be_said_is_a_problem(change: tuple[str, str], message: str) -> None:
    """A part that has no place in RDF is reported, and the credential is not usable."""
    found = lift(EVERY.read_text(encoding="utf-8").replace(*change).encode())
    assert not found.usable
    assert message in "".join(
        one.message for one in found.problems if one.kind is ProblemKind.UNMAPPABLE
    )


def test_content_that_is_no_base64_is_kept() -> None:
    """Text where bytes should be is kept as it is, and reported."""
    data = EVERY.read_text(encoding="utf-8")
    start = data.index("<content>") + len("<content>")
    changed = data[:start] + "%%%" + data[data.index("</content>") :]
    found = lift(changed.encode())
    assert b"%%%" in {one.data for one in found.blobs}
    assert [one.message for one in found.problems if one.kind is ProblemKind.UNMAPPABLE] == [
        "the content is not base64"
    ]


def test_drafts() -> None:
    """Drafts in a namespace are read as far as they go; older ones without any are refused."""
    data = EVERY.read_bytes().replace(
        b'xmlns="http://data.europa.eu/snb"',
        b'xmlns="http://data.europa.eu/europass/model/credentials#"',
    )
    found = lift(data)
    assert found.version == "draft"
    assert objects(found, "urn:epass:person:1", "foaf:familyName") == {"Virtanen"}
    old = (CORPUS / "proofs/xades/edci__Credential_EPAS_476.xml").read_bytes()
    with pytest.raises(UnsupportedDocument, match="before 2020"):
        lift(old)


def test_only_what_was_signed_goes_in() -> None:
    """A media type that is no form of a credential is refused before anything is read."""
    with pytest.raises(LiftError, match="media type text/html"):
        lift(b"<html/>", "text/html")


def test_limits_hold() -> None:
    """A document beyond the limits is not lifted."""
    with pytest.raises(DocumentError):
        lift_credential(
            EVERY.read_bytes(),
            media_type="application/xml",
            name_node=lambda: "urn:x",
            code_lists=code_lists(),
            limits=CredentialLimits(max_bytes=1_000),
        )


def test_changed_documents_never_break_lifting() -> None:
    """Hundreds of broken documents are lifted as far as they go: valid N-Triples, no exception."""
    for path in (EVERY, DATA / "mandated-presentation.xml", DATA / "version-1.0.xml"):
        for mutation in mutations(read(path), 45):
            found = lift(etree.tostring(mutation.root))
            triples(found.sealed)
            triples(found.added)


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), st.text(max_size=8))
def test_any_text(text: str, tag: str) -> None:
    """Whatever text stands in a title comes out the same, or its language tag is complained of."""
    root = read(DATA / "version-1.0.xml")
    element = root.find(".//{*}givenNames/{*}text")
    assert element is not None
    try:
        element.text = text
        element.set("lang", tag)
    except ValueError:  # characters that XML cannot hold
        return
    found = lift(etree.tostring(root, encoding="utf-8"))
    values = {
        one.object.value
        for one in triples(found.sealed)
        if one.predicate.value == expand("foaf:givenName") and isinstance(one.object, ox.Literal)
    }
    expected = etree.fromstring(etree.tostring(element, encoding="utf-8")).text or ""
    assert values == {expected} or not found.usable


@pytest.mark.parametrize("path", sorted(CORPUS.glob("edc-xml/official*.xml")), ids=lambda p: p.name)
def test_signed_octets_say_the_same(path: Path) -> None:
    """The canonical octets that a seal covers lift to the same statements as the document."""
    root = read(path)
    for signature in list(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    octets = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    assert lift(octets).sealed == lift(path.read_bytes()).sealed


def test_deep_documents_stay_within_the_stack() -> None:
    """A document as deep as the limit allows is lifted; a deeper one is refused before."""
    text = (DATA / "mandated-presentation.xml").read_text(encoding="utf-8")
    start = text.index('<activity id="urn:epass:activity:1">')
    end = text.index("</activities>")

    def nested(depth: int) -> bytes:
        opening = "".join(f'<hasPart id="urn:part:{number}">' for number in range(depth))
        inner = f'<activity id="urn:top">{opening}{"</hasPart>" * depth}</activity>'
        return (text[:start] + inner + text[end:]).encode()

    limit = CredentialLimits().max_depth
    assert objects(lift(nested(limit - 5)), f"urn:part:{limit - 7}", "elm:hasPart")
    with pytest.raises(DocumentError, match="max_depth"):
        lift(nested(limit - 4))
