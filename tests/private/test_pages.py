"""Credentials over HTTP: for their owner everything, for others nothing, erased for good."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from flask.testing import FlaskClient
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from werkzeug.test import TestResponse

from europass_ld.config import Settings
from europass_ld.errors import ConfigurationError
from europass_ld.publish.credentials.owners import COOKIE
from europass_ld.terms import expand
from europass_ld.vault import open_or_make_vault
from tests.cli.test_documents import run
from tests.publish.described import check

from .making import ADA, BASE, CANARIES, CONVERTED, Kept, canary, load, serving, token

OTHER = "00000000-0000-4000-8000-000000000000"
HTML = {"Accept": "text/html"}


def path(iri: str) -> str:
    """Return the address of a credential on the server under test."""
    return f"/{iri.removeprefix(BASE)}"


def bearer(text: str, **headers: str) -> dict[str, str]:
    """Return the headers of a program with a token."""
    return {"Authorization": f"Bearer {text}", **headers}


@pytest.fixture(scope="module")
def app(kept: Kept) -> Iterator[Flask]:
    """Serve the store."""
    with serving(kept.store) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client that keeps cookies, as a browser does."""
    return app.test_client()


Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient, kept: Kept) -> Ask:
    """Return a function that asks as Ada's program."""

    def ask(address: str, accept: str = "*/*", who: str = kept.ada) -> TestResponse:
        return client.get(address, headers=bearer(who, Accept=accept))

    return ask


def test_the_list_is_ones_own(ask: Ask, kept: Kept) -> None:
    """Each owner sees their own credentials, with titles and verdicts."""
    listed = ask("/credentials").get_json()["credentials"]
    assert {one["credential"] for one in listed} == {kept.canary, kept.converted}
    assert {one["sub_indication"] for one in listed} == {"NO_SIGNATURE"}
    hers = ask("/credentials", who=kept.grace).get_json()["credentials"]
    assert [one["credential"] for one in hers] == [kept.hers]
    page = ask("/credentials", "text/html")
    assert page.text.count("There is no seal") == 2


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/n-quads", "nq"),
        ("application/trig", "trig"),
    ],
)
def test_what_it_says_as_rdf(ask: Ask, kept: Kept, accept: str, suffix: str) -> None:
    """By header and by suffix the same; it parses, and the verdict goes with it."""
    for address in (path(kept.canary), path(kept.converted)):
        answer = ask(address, accept)
        assert answer.content_type.partition(";")[0] == accept
        assert answer.data == ask(f"{address}.{suffix}").data
        assert answer.headers["Europass-Verdict"] == "INDETERMINATE/NO_SIGNATURE"
        assert f"<{address}/verification>" in answer.headers["Link"]
        format_ = ox.RdfFormat.from_media_type(accept)
        assert list(ox.parse(answer.data, format=format_))


def test_statement_and_conversion_stand_apart(ask: Ask, kept: Kept) -> None:
    """Turtle holds the statement alone; N-Quads both, in graphs that can be asked for alone."""
    address, ours = path(kept.converted), expand("prov:wasDerivedFrom")
    assert ours not in ask(f"{address}.nt").text
    graphs: dict[str, int] = {}
    for quad in ox.parse(ask(f"{address}.nq").data, format=ox.RdfFormat.N_QUADS):
        graphs[str(quad.graph_name)] = graphs.get(str(quad.graph_name), 0) + 1
    assert set(graphs) == {f"<{kept.converted}/statement>", f"<{kept.converted}/added>"}
    for name in ("statement", "added"):
        text = ask(f"{address}/{name}", "application/n-triples").text
        assert len(text.splitlines()) == graphs[f"<{kept.converted}/{name}>"]
        assert (ours in text) is (name == "added")


def test_the_page_keeps_them_apart(ask: Ask, kept: Kept) -> None:
    """Verdict, five answers, the statement, and what we added in a section that says it is ours."""
    page = ask(path(kept.converted), "text/html").text
    before, _, ours = page.partition('<section class="ours"')
    assert "There is no seal" in before
    assert len(re.findall('<dl class="answers">.*?</dl>', page, re.DOTALL)[0].split("<dt>")) == 6
    assert "Ship electrician" in before
    assert "not sealed" in ours
    assert "was converted from EDC v2" in ours
    assert "was converted from EDC v2" not in before
    assert "<script" not in page


def test_the_original_and_the_files(ask: Ask, kept: Kept) -> None:
    """Octets come back as they were; files are typed by their bytes, and nothing in them runs."""
    address = path(kept.converted)
    assert ask(f"{address}/original").data == CONVERTED.read_bytes()
    (one,) = (
        one
        for one in ask("/credentials").get_json()["credentials"]
        if one["credential"] == kept.converted
    )
    assert {"image/png", "application/pdf"} <= {each["media_type"] for each in one["files"]}
    for each in one["files"]:
        answer = ask(path(each["file"]))
        assert (answer.mimetype, len(answer.data)) == (each["media_type"], each["bytes"])
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        shown = answer.headers["Content-Disposition"].startswith("inline")
        assert shown is (each["media_type"] == "image/png")
    node = ask(f"{address}/{'0' * 32}")
    assert (node.status_code, node.headers["Location"]) == (303, address)


def test_the_verification_report(ask: Ask, kept: Kept) -> None:
    """As a page, as JSON and as RDF; its RDF is named by us."""
    address = f"{path(kept.canary)}/verification"
    told = ask(address).get_json()
    assert (told["number"], told["reports"]) == (1, [1])
    assert told["report"]["sub_indication"] == "NO_SIGNATURE"
    assert ask(f"{address}/1").data == ask(address).data
    assert f"<{kept.canary}/verification/1>" in ask(f"{address}.nt").text
    assert "the document carries no seal" in ask(address, "text/html").text
    assert ask(f"{address}/2").status_code == 404


def test_json_is_as_openapi_describes_it(client: FlaskClient, ask: Ask, kept: Kept) -> None:
    """The list and the report that was kept meet their schemas."""
    check(client, "Credentials", ask("/credentials").get_json())
    check(client, "KeptReport", ask(f"{path(kept.canary)}/verification").get_json())


def test_without_a_token_there_is_only_the_form(client: FlaskClient, kept: Kept) -> None:
    """Whether a credential is there or not: the same 401, for programs and for people."""
    for address in ("/credentials", path(kept.canary), f"/credentials/{OTHER}"):
        for headers in ({}, bearer("eld_wrong"), bearer(""), {"Authorization": "Basic YTpi"}):
            answer = client.get(address, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.get_json()["type"].endswith("#not-signed-in")
        form = client.get(address, headers=HTML)
        assert (form.status_code, 'type="password"' in form.text) == (401, True)


def test_not_yours_is_not_there(client: FlaskClient, kept: Kept) -> None:
    """Status, headers and body are the same, byte for byte, in every way of asking."""
    ways: list[tuple[str, str, dict[str, str]]] = [
        (method, ending, {"Accept": accept})
        for method in ("GET", "HEAD", "DELETE")
        for accept in ("*/*", "text/html", "text/turtle", "image/png")
        for ending in ("", ".ttl", "/original", "/added", "/verification", "/verification/1")
        if method != "DELETE" or not ending
    ]
    for method, ending, headers in ways:
        answers = []
        for id_ in (path(kept.canary).rpartition("/")[2], OTHER):
            answer = client.open(
                f"/credentials/{id_}{ending}",
                method=method,
                headers=bearer(kept.grace, **headers) | {"X-Request-Id": "the-same-for-all"},
            )
            body = answer.data.replace(id_.encode(), b"ID")
            answers.append((answer.status_code, sorted(answer.headers), body))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404


def test_every_private_answer_is_for_nobody_else(client: FlaskClient, ask: Ask, kept: Kept) -> None:
    """No cache keeps it, no other site may read it, nothing says otherwise."""
    address = path(kept.canary)
    answers = [
        *(ask(one) for one in ("/credentials", address, f"{address}/original", "/credentials/x")),
        ask(f"/credentials/{OTHER}"),
        ask(address, "text/html"),
        client.get(address),
        client.get("/credentials/sign-in"),
        client.options(address, headers={"Origin": "https://evil.example"}),
        client.post("/credentials"),
    ]
    for one in answers:
        assert one.headers["Cache-Control"] == "no-store, private"
        assert not [name for name in dict(one.headers) if name.startswith("Access-Control")]
        assert one.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "ETag" not in one.headers


def sign_in(
    client: FlaskClient, text: str, to: str = "/credentials", **headers: str
) -> TestResponse:
    """Send the form that takes a token."""
    return client.post("/credentials/sign-in", data={"token": text, "to": to}, headers=headers)


def test_people_sign_in_and_out(client: FlaskClient, kept: Kept) -> None:
    """The cookie is for this alone, holds no token, opens pages, and ends with signing out."""
    refused = sign_in(client, "eld_wrong")
    assert (refused.status_code, "opens nothing" in refused.text) == (401, True)
    answer = sign_in(client, f" {kept.ada}\n", path(kept.canary))
    assert (answer.status_code, answer.headers["Location"]) == (303, path(kept.canary))
    cookie = answer.headers["Set-Cookie"]
    for words in ("HttpOnly", "SameSite=Strict", "Path=/credentials", "Max-Age=900"):
        assert words in cookie
    assert kept.ada not in cookie
    page = client.get(path(kept.canary), headers=HTML)
    assert (page.status_code, "Canarina" in page.text) == (200, True)
    client.post("/credentials/sign-out")
    assert client.get(path(kept.canary), headers=HTML).status_code == 401


def test_behind_tls_the_cookie_is_secure(client: FlaskClient, kept: Kept) -> None:
    """Where the browser came by https, the cookie never goes over http."""
    answer = client.post(
        "/credentials/sign-in", data={"token": kept.ada}, base_url="https://ld.example.org"
    )
    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/datasets", "", "/credentials/x"]
)
def test_signing_in_leads_nowhere_else(client: FlaskClient, kept: Kept, to: str) -> None:
    """Whatever the form says, the way goes on to credentials of this server."""
    assert sign_in(client, kept.ada, to).headers["Location"] == "/credentials"


def test_forged_and_stale_cookies_open_nothing(
    client: FlaskClient, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a changed one nor one past its end, nor garbage."""
    sign_in(client, kept.ada)
    held = client.get_cookie(COOKIE, path="/credentials")
    assert held is not None
    token_id, ends, seal = held.value.split(".")
    for value in (
        f"{token_id}.{int(ends) + 1}.{seal}",
        f"{token_id}.{ends}.{seal[:-1]}0",
        f"{token_id}.{ends}.",
        "..",
        "x",
        "\u00e4",
    ):
        client.set_cookie(COOKIE, value, path="/credentials")
        assert client.get("/credentials").status_code == 401, value
    client.set_cookie(COOKIE, held.value, path="/credentials")
    assert client.get("/credentials").status_code == 200
    monkeypatch.setattr("europass_ld.publish.credentials.owners.time.time", lambda: float(ends))
    assert client.get("/credentials").status_code == 401


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Kept:
    """Return a copy of the store, to change."""
    store = Path(shutil.copytree(kept.store, tmp_path / "store", symlinks=True))
    return replace(kept, store=store)


def proof_on(page: str) -> str:
    """Return the proof that the forms on a page carry."""
    found = re.search(r'name="proof" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_form_of_another_site_erases_nothing(copy: Kept) -> None:
    """Without the page's proof, from another origin, or with a cookie alone: 403, all is there."""
    address = path(copy.canary)
    with serving(copy.store) as app:
        client = app.test_client()
        sign_in(client, copy.ada)
        proof = proof_on(client.get(address, headers=HTML).text)
        good = {"proof": proof, "sure": "yes"}
        for data, headers in (
            ({"sure": "yes"}, {}),
            ({"proof": "0" * 64, "sure": "yes"}, {}),
            (good, {"Origin": "https://evil.example"}),
            (good, {"Origin": "null"}),
            (good, {"Sec-Fetch-Site": "cross-site"}),
            (good, {"Sec-Fetch-Site": "same-site"}),
        ):
            answer = client.post(f"{address}/erasure", data=data, headers=headers)
            assert answer.status_code == 403, (data, headers)
        assert client.delete(address).status_code == 403
        assert client.post(f"{address}/erasure", data={"proof": proof}).status_code == 400
        assert sign_in(client, copy.ada, Origin="https://evil.example").status_code == 403
        assert client.get(address, headers=HTML).status_code == 200
        done = client.post(f"{address}/erasure", data=good, headers={"Origin": "http://localhost"})
        assert (done.status_code, "It is erased" in done.text) == (200, True)
        assert json.loads(unescape(re.findall("<pre>(.*?)</pre>", done.text, re.DOTALL)[0]))
        assert client.get(address, headers=HTML).status_code == 404


def test_a_revoked_token_ends_its_cookies(copy: Kept) -> None:
    """Who signed in with it is out with the next request."""
    with serving(copy.store) as app:
        client = app.test_client()
        sign_in(client, copy.ada)
        assert client.get("/credentials").status_code == 200
        for line in run("token", "list", "--store", copy.store, "--json").stdout.splitlines():
            run("token", "revoke", json.loads(line)["id"], "--store", copy.store)
        assert client.get("/credentials").status_code == 401


def test_erasing_leaves_a_receipt_and_nothing_else(copy: Kept, tmp_path: Path) -> None:
    """The receipt is signed over its octets; then no file anywhere below the store has a canary."""
    key = ed25519.Ed25519PrivateKey.generate()
    pem = tmp_path / "key.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with serving(copy.store, signing_key=pem) as app:
        client = app.test_client()
        address = path(copy.canary)
        assert client.get(address, headers=bearer(copy.ada)).status_code == 200
        answer = client.delete(address, headers=bearer(copy.ada))
        assert answer.status_code == 200
        receipt = answer.get_json()
        assert receipt["credential"] == copy.canary
        check(client, "Receipt", receipt)
        token = JWS()
        token.deserialize(answer.headers["Europass-Signature"])
        public = JWK.from_pyca(key.public_key())
        token.verify(public, detached_payload=answer.data)
        for method in ("GET", "DELETE"):
            again = client.open(address, method=method, headers=bearer(copy.ada))
            assert again.status_code == 404
        left = client.get("/credentials", headers=bearer(copy.ada)).get_json()["credentials"]
        assert [one["credential"] for one in left] == [copy.converted]
        id_ = copy.canary.rpartition("/")[2]
        for file in (one for one in tmp_path.rglob("*") if one.is_file()):
            held = file.read_bytes() + str(file.relative_to(tmp_path)).encode()
            assert not [one for one in (*CANARIES, id_) if one.encode() in held], file


def test_what_is_kept_while_the_server_runs_is_there_at_once(copy: Kept, tmp_path: Path) -> None:
    """A server that began before the first credential finds the private store when it appears."""
    shutil.rmtree(copy.store / "private")
    (tmp_path / "c.json").write_bytes(canary())
    with serving(copy.store) as app:
        client = app.test_client()
        assert client.get("/credentials", headers=bearer(copy.ada)).status_code == 401
        iri, text = load(copy.store, tmp_path / "c.json", ADA), token(copy.store, ADA)
        assert client.get(path(iri), headers=bearer(text)).status_code == 200


def test_a_wrong_secret_stops_the_server_at_its_start(copy: Kept) -> None:
    """It cannot read what it is to show, so it says so before anybody asks."""
    shutil.rmtree(copy.store / "private")
    settings = Settings(private_secret="the right secret of the operator")  # noqa: S106 - invented
    open_or_make_vault(copy.store, settings)
    with pytest.raises(ConfigurationError, match="private_secret"), serving(copy.store):
        pass
