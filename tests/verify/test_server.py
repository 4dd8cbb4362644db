"""`/verify` and `/accreditation`: what people and programs are told, and what is kept: nothing."""

import hashlib
import io
import json
import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from flask.testing import FlaskClient
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS
from lxml import html
from lxml.html import HtmlElement
from werkzeug.test import TestResponse

from europass_ld.accreditations import StoreAccreditations
from europass_ld.config import Settings
from europass_ld.formats import RDF_FORMATS, Format
from europass_ld.publish import create_app
from europass_ld.publish.credentials import verifier
from europass_ld.publish.site import site_of
from europass_ld.store import Reader
from europass_ld.verify import TrustStore, verify
from europass_ld.vocabularies import load_code_lists
from tests.accreditations.making import CHEESE, GULF, REGISTER, REVIEW, WELDING, make
from tests.publish.described import check
from tests.shared import corpus

from .conftest import World
from .documents import payload
from .lists import QTST, Service, Union
from .sealing import JsonSeal, seal_json, to_json

DIPLOMA = "edc-xml/official_hist_2022-08-31_ac765b9_EDC_DiplomaSupplement_AA.xml"
MOST = 1_000_000
TODAY = datetime.now(UTC)
QUESTION = f"/accreditation?organisation={GULF}&on=2025-01-31&field=0612&jurisdiction=FIN&eqf=7"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory, world: World) -> Callable[[timedelta], Path]:
    """Return a function that makes a trust folder whose country's list is due after some time."""

    def made(due: timedelta) -> Path:
        union, folder = Union.create(), tmp_path_factory.mktemp("trust")
        services = (Service(world.ca), Service(world.tsa_root, QTST))
        issued = TODAY - timedelta(days=200)
        far = TODAY + timedelta(days=99)
        for name in ("lists", "list-signers"):
            (folder / name).mkdir()
        (folder / "list-signers" / "top.pem").write_bytes(union.top.pem)
        top = union.list_of_lists(issued=issued, next_update=far)
        country = union.list(*services, issued=issued, next_update=TODAY + due)
        (folder / "lists" / "eu.xml").write_bytes(top)
        (folder / "lists" / "xx.xml").write_bytes(country)
        return folder

    return made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the store with accreditations."""
    directory = tmp_path_factory.mktemp("verify") / "store"
    make(directory, load_code_lists())
    return directory


@pytest.fixture(scope="module")
def app(store: Path, trusted: Callable[[timedelta], Path]) -> Iterator[Flask]:
    """Make the application of an operator who trusts the lists."""
    settings = Settings(trust=trusted(timedelta(days=9)), max_credential_bytes=MOST)
    app = create_app(store, settings)
    yield app
    site_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client."""
    return app.test_client(use_cookies=False)


@pytest.fixture(scope="module")
def credential(world: World) -> bytes:
    """Return a sealed credential, of no type in particular, that an accreditation covers."""
    return to_json(
        seal_json(payload(credentialProfiles=None), world.signer, JsonSeal(evidence=world.evidence))
    )


def send(client: FlaskClient, octets: bytes, accept: str = "application/json") -> TestResponse:
    """Send a document as the body of a request."""
    return client.post("/verify", data=octets, headers={"Accept": accept})


def submit(client: FlaskClient, octets: bytes, name: str = "a.jsonld") -> TestResponse:
    """Send the form as a browser does."""
    head = f'--sep\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\n\r\n'
    return client.post(
        "/verify",
        data=head.encode() + octets + b"\r\n--sep--\r\n",
        content_type="multipart/form-data; boundary=sep",
        headers={"Accept": "text/html"},
    )


def sections(response: TestResponse) -> dict[str, HtmlElement]:
    """Return the answers on a page by question."""
    page = html.fromstring(response.get_data(as_text=True))
    return {one.find("h2").get("id"): one for one in page.findall(".//section")}


def badges(response: TestResponse) -> dict[str, str]:
    """Return the colour of each answer on a page."""
    return {
        name: one.find("h2/span").get("class").removeprefix("badge ")
        for name, one in sections(response).items()
    }


def test_programs_get_the_report(
    client: FlaskClient, app: Flask, store: Path, credential: bytes
) -> None:
    """JSON is what `VerificationReport.to_json` says, with the published accreditations."""
    response = send(client, credential)
    assert (response.status_code, response.content_type) == (200, "application/json")
    answer = json.loads(response.data)
    trust = TrustStore.load(site_of(app).settings.trust or Path())
    with Reader(store) as reader:
        source = StoreAccreditations(reader, load_code_lists())
        now = datetime.fromisoformat(answer["verified_at"])
        report = verify(credential, trust=trust, now=now, accreditations=source)
    assert answer == json.loads(report.to_json())
    check(client, "VerificationReport", answer)
    assert answer["indication"] == "TOTAL_PASSED"
    assert {one: said["status"] for one, said in answer["answers"].items()} == {
        "sealed-by": "yes",
        "seal": "yes",
        "accreditation": "yes",
        "validity": "yes",
        "subject": "uncertain",
    }
    assert answer["accreditations"][0]["assessments"][0]["accreditation"] == WELDING
    assert "subjects" not in answer


def test_people_get_five_answers(client: FlaskClient, credential: bytes) -> None:
    """The page answers each question apart, says why, and whom it names; only a yes is green."""
    response = submit(client, credential)
    assert response.status_code == 200
    assert badges(response) == {
        "sealed-by": "good",
        "seal": "good",
        "accreditation": "good",
        "validity": "good",
        "subject": "warning",
    }
    said = {name: one.text_content() for name, one in sections(response).items()}
    assert "Ada Example" in said["subject"]
    assert "compare with an identity document" in said["subject"]
    assert "VATXX-12345678" in said["sealed-by"]
    page = html.fromstring(response.data)
    assert page.find(".//section/ul//a[@href]") is not None
    assert page.find(".//script") is None


def test_a_stale_list_is_never_plain_green(
    store: Path, trusted: Callable[[timedelta], Path], credential: bytes
) -> None:
    """What rests on a list that is out of date is told first, and is yellow."""
    app = create_app(store, Settings(trust=trusted(timedelta(days=-1))))
    try:
        client = app.test_client()
        assert json.loads(send(client, credential).data)["stale"] is True
        response = submit(client, credential)
    finally:
        site_of(app).close()
    found = badges(response)
    assert (found["sealed-by"], found["seal"]) == ("warning", "warning")
    page = html.fromstring(response.data)
    (notice,) = page.find_class("stale")
    assert "out of date" in notice.text_content()
    assert "list 7 (XX)" in notice.text_content()


def test_a_genuine_diploma(client: FlaskClient) -> None:
    """A sample of the EU's, without anybody who is trusted for it, is not certain, and not red."""
    response = submit(client, (corpus() / DIPLOMA).read_bytes(), "diploma.xml")
    assert badges(response)["seal"] == "warning"
    assert "Andromeda" in sections(response)["subject"].text_content()
    assert "JAMK" in sections(response)["accreditation"].text_content()


def test_what_was_changed_is_red(client: FlaskClient, credential: bytes) -> None:
    """A document that was changed after it was sealed is told so, and nothing in it is shown."""
    response = submit(client, credential.replace(b"Ada Example", b"Eve Example"))
    assert badges(response)["seal"] == "error"
    assert "Eve Example" not in response.get_data(as_text=True)


@pytest.mark.parametrize("one", RDF_FORMATS, ids=lambda one: one.name)
def test_rdf_by_accept(one: Format, client: FlaskClient, credential: bytes) -> None:
    """Every RDF format is to be had, says the indication, and names no person."""
    response = send(client, credential, one.media_type)
    assert response.content_type.startswith(one.media_type)
    assert isinstance(one.oxigraph, ox.RdfFormat)
    assert len(list(ox.parse(response.data, format=one.oxigraph))) > 20
    assert b"TOTAL_PASSED" in response.data
    assert b"Ada" not in response.data


def test_signed_for_the_employers_file(
    store: Path, tmp_path: Path, credential: bytes, client: FlaskClient
) -> None:
    """A JWS with the report, checked by another library with the key that is published."""
    private = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pem").write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    app = create_app(store, Settings(signing_key=tmp_path / "key.pem"))
    try:
        signing = app.test_client()
        by_accept = send(signing, credential, "application/jose")
        by_address = signing.post("/verify?format=jws", data=credential)
        known = JWKSet.from_json(signing.get("/.well-known/jwks.json").get_data(as_text=True))
        assert b"format=jws" in signing.get("/verify").data
    finally:
        site_of(app).close()
    assert by_address.headers["Content-Disposition"].startswith('attachment; filename="verif')
    for response in (by_accept, by_address):
        assert response.mimetype == "application/jose"
        token = JWS()
        token.deserialize(response.get_data(as_text=True))
        token.verify(known)
        report = json.loads(token.payload)
        assert report["document"]["sha256"] == hashlib.sha256(credential).hexdigest()
    assert client.post("/verify?format=jws", data=credential).status_code == 406
    assert client.get("/.well-known/jwks.json").json == {"keys": []}
    assert b"format=jws" not in client.get("/verify").data


@pytest.mark.parametrize(
    ("octets", "accept", "status"),
    [
        (b"", "application/json", 400),
        (b"{}", "text/csv", 406),
        (b" " * 1_100_000, "application/json", 413),
        (b" " * 1_100_000, "text/html", 413),
        (b"{}", "application/json", 200),
        (b"\0\xff", "application/json", 200),
        (b"<html/>", "text/html", 200),
    ],
)
def test_whatever_is_sent_is_answered(
    octets: bytes, accept: str, status: int, client: FlaskClient
) -> None:
    """Nothing, too much, and what is no credential: a problem, or a report that does not pass."""
    response = send(client, octets, accept)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    if status == 200 and accept == "application/json":
        assert json.loads(response.data)["passed"] is False


@pytest.mark.parametrize(
    "form", [{}, {"document": "a text"}, {"other": (io.BytesIO(b"{}"), "a.json")}]
)
def test_a_form_without_a_file(form: dict[str, Any], client: FlaskClient) -> None:
    """A form that brings no file is told which field to use."""
    response = client.post("/verify", data=form, content_type="multipart/form-data")
    assert response.status_code == 400
    assert "document" in json.loads(response.data)["detail"]


def test_a_large_form_is_refused(client: FlaskClient) -> None:
    """The limit holds for a form as well, and a name of a file is only shown."""
    assert submit(client, b" " * 1_100_000).status_code == 413
    response = submit(client, b"{}", "<script>alert(1)</script>.json")
    assert b"<script>" not in response.data


def test_nothing_is_kept(
    client: FlaskClient,
    store: Path,
    credential: bytes,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No file is written, not even for a moment, and no log line has anything of the document."""

    def fail(*given: object, **named: object) -> None:
        raise AssertionError(f"a temporary file: {given}, {named}")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, fail)
    before = {one: one.stat().st_mtime_ns for one in store.rglob("*")}
    caplog.set_level(logging.DEBUG)
    assert submit(client, credential).status_code == 200
    assert send(client, credential).status_code == 200
    assert {one: one.stat().st_mtime_ns for one in store.rglob("*")} == before
    assert "Ada" not in caplog.text
    assert "VATXX" not in caplog.text


def test_an_error_tells_nothing_of_the_document(
    client: FlaskClient,
    credential: bytes,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What breaks on a document is logged by its kind, without its words."""

    def fail(source: object, organisation: object) -> None:
        raise ValueError(f"{source} cannot read {organisation}")

    monkeypatch.setattr(StoreAccreditations, "accreditations", fail)
    assert send(client, credential).status_code == 500
    assert "ValueError" in caplog.text
    assert "Example School" not in caplog.text
    assert "12345678" not in caplog.text


def test_too_many_at_once_are_sent_away(
    client: FlaskClient, app: Flask, credential: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While others are verified there is a place for two; who waits too long may come again."""
    monkeypatch.setattr(verifier, "_PATIENCE_SECONDS", 0.01)
    places = site_of(app).verifier._places
    for _ in range(verifier.AT_ONCE):
        assert places.acquire(blocking=False)
    response = send(client, credential)
    places.release(verifier.AT_ONCE)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert send(client, credential).status_code == 200


def test_newer_trust_needs_no_restart(
    store: Path, tmp_path: Path, world: World, credential: bytes
) -> None:
    """What the operator puts into the trust folder counts from the next request on."""
    app = create_app(store, Settings(trust=tmp_path))
    try:
        client = app.test_client()
        assert json.loads(send(client, credential).data)["passed"] is False
        for kind, one in (("seals", world.ca), ("time-stamps", world.tsa_root)):
            (tmp_path / "roots" / kind).mkdir(parents=True)
            (tmp_path / "roots" / kind / "root.pem").write_bytes(one.pem)
        assert json.loads(send(client, credential).data)["passed"] is True
    finally:
        site_of(app).close()


def test_accreditation_for_programs(client: FlaskClient) -> None:
    """The coverage, the award as it was understood, and what it rests on."""
    response = client.get(f"{QUESTION}&credential_type=6cf8e68c43")
    answer = json.loads(response.data)
    check(client, "Coverage", answer)
    assert answer["coverage"] == "covered"
    found = {
        (one["accreditation"], one["source"]): one["coverage"] for one in answer["assessments"]
    }
    assert found[REVIEW, REGISTER] == "covered"


def test_accreditation_for_people(client: FlaskClient) -> None:
    """Without scripts: a form, and below it the answer with links to what it rests on."""
    page = {"Accept": "text/html"}
    form = html.fromstring(client.get("/accreditation", headers=page).data).forms[1]
    assert form.method == "GET"
    names = {"organisation", "on", "eqf", "field", "jurisdiction", "credential_type"}
    assert names < set(form.fields.keys())
    answered = client.get(f"{QUESTION}&credential_type=6cf8e68c43", headers=page)
    (section,) = sections(answered).values()
    assert section.get("class") == "answered good"
    assert section.find(".//li//a[@href]") is not None
    kept = html.fromstring(answered.data).forms[1].fields
    assert (kept["organisation"], kept["field"], kept["eqf"]) == (GULF, "0612", "7")
    nothing = client.get("/accreditation?organisation=VATFR-99&on=2025-01-31", headers=page)
    assert b"No accreditation of this organisation is published here" in nothing.data


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?organisation=",
        f"?organisation={CHEESE}",
        f"?organisation={CHEESE}&on=yesterday",
        "?organisation=nobody&on=2025-01-31",
        f"?organisation={CHEESE}&on=2025-01-31&eqf=<script>",
        f"?organisation={CHEESE}&on=2025-01-31&field={'0' * 3_000}",
        f"?organisation={CHEESE}&on=2025-01-31{'&field=0612' * 40}",
    ],
)
def test_questions_that_cannot_be_read(query: str, client: FlaskClient) -> None:
    """Programs get a problem, people the form again with the reason, both 400."""
    told = client.get(f"/accreditation{query}")
    assert (told.status_code, told.mimetype) == (400, "application/problem+json")
    if query not in ("", "?organisation="):
        shown = client.get(f"/accreditation{query}", headers={"Accept": "text/html"})
        assert shown.status_code == 400
        assert b'role="alert"' in shown.data
        assert b"<script>" not in shown.data
