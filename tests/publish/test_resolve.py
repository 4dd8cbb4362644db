"""Many IRIs and identifiers at once."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.finding.resolve import MOST
from europass_ld.publish.site import site_of
from europass_ld.store import Dataset, Store

from . import sample

REGISTER = "https://register.example/"
FIRST, SECOND, ENDED = (f"{REGISTER}{name}" for name in ("1", "2", "ended"))
FIELD = "http://data.europa.eu/snb/isced-f/0821"


def qualification(iri: str, code: str, *more: tuple[str, str]) -> Any:
    """Return a qualification with an identifier."""
    node = f"{sample.GENID}{iri.rpartition('/')[2]}.1"
    return sample.record(
        iri,
        "elm:Qualification",
        sample.lines(
            iri,
            ("dct:title", sample.text("Forestry", "en")),
            ("dct:title", sample.text("Metsäala", "fi")),
            ("adms:identifier", f"<{node}>"),
            *more,
        )
        + sample.lines(node, ("skos:notation", sample.text(code))),
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store in which one record was deleted."""
    directory = tmp_path_factory.mktemp("resolve") / "store"
    dataset = Dataset(iri=REGISTER, title={"en": "Register"}, family="loq")
    known = [
        qualification(
            FIRST,
            "X-1",
            ("elm:EQFLevel", f"<{sample.EQF_5}>"),
            ("elm:ISCEDFCode", f"<{FIELD}>"),
            ("dct:isReplacedBy", f"<{SECOND}>"),
        ),
        qualification(SECOND, "X-1"),
    ]
    with Store.create(directory, sample.BASE) as store:
        sample.publish(store, dataset, [*known, qualification(ENDED, "X-2")])
        sample.publish(store, dataset, known)
    return directory


@pytest.fixture(scope="module")
def client(directory: Path) -> Iterator[FlaskClient]:
    """Serve it."""
    app = create_app(directory, Settings(vocabularies=directory / "none"))
    yield app.test_client(use_cookies=False)
    site_of(app).close()


def resolve(client: FlaskClient, body: Any, **headers: str) -> Any:
    """Return the answer to a request that succeeds."""
    response = client.post("/resolve", json=body, headers=headers)
    assert response.status_code == 200, response.text
    return response.json


def test_an_iri(client: FlaskClient) -> None:
    """All a platform wants to know, in the language that it asks for."""
    (answer,) = resolve(client, {"iris": [FIRST]}, **{"Accept-Language": "fi"})["iris"]
    assert answer.pop("types")[0]["iri"].endswith("elm/Qualification")
    (level,) = answer.pop("eqf")
    assert (level["iri"], level["language"]) == (sample.EQF_5, "en")
    (field,) = answer.pop("fields")
    assert field["iri"] == FIELD
    assert answer == {
        "iri": FIRST,
        "status": "live",
        "address": f"http://localhost/resource?iri={FIRST}",
        "label": "Metsäala",
        "language": "fi",
        "replaced_by": [SECOND],
        "datasets": [REGISTER],
    }


def test_answers_come_in_order(client: FlaskClient) -> None:
    """One for each question, also for what is not known, and what is asked twice."""
    asked = [SECOND, "not an IRI", ENDED, sample.EQF_5, SECOND, f"{REGISTER}none"]
    answers = resolve(client, {"iris": asked})["iris"]
    assert [one["iri"] for one in answers] == asked
    statuses = [one["status"] for one in answers]
    assert statuses == ["live", "unknown", "withdrawn", "live", "live", "unknown"]
    assert answers[2]["datasets"] == [REGISTER]
    assert answers[2]["withdrawn"].endswith("Z")
    assert answers[3]["label"]


def test_identifiers(client: FlaskClient) -> None:
    """All records that have one are candidates; a withdrawn record's leads nowhere."""
    answer = resolve(client, {"identifiers": ["X-1", "X-2"]})
    candidates = [[one["iri"] for one in each["candidates"]] for each in answer["identifiers"]]
    assert candidates == [[FIRST, SECOND], []]
    assert answer["state"] == 2


def test_a_thousand_are_answered_at_once(client: FlaskClient) -> None:
    """As many as are allowed take well under a second of processor time, known or not."""
    identifiers = ["X-1"] * (MOST // 2)
    iris = [FIRST, ENDED, sample.EQF_5, f"{REGISTER}none"] * (MOST // 8)
    begun = time.process_time()
    answer = resolve(client, {"iris": iris, "identifiers": identifiers})
    assert time.process_time() < begun + 1
    assert len(answer["iris"]) == len(answer["identifiers"]) == MOST // 2


def test_one_by_get(client: FlaskClient) -> None:
    """The same object as in the list."""
    one = client.get("/resolve", query_string={"iri": FIRST, "lang": "fi"}).json
    assert [one] == resolve(client, {"iris": [FIRST]}, **{"Accept-Language": "fi"})["iris"]
    one = client.get("/resolve", query_string={"identifier": "X-1"}).json
    assert [one] == resolve(client, {"identifiers": ["X-1"]})["identifiers"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        ("[]", "application/json", 400),
        ("{}", "application/json", 400),
        ('{"iris": "x"}', "application/json", 400),
        ('{"iris": [1]}', "application/json", 400),
        ('{"iris": []}', "text/plain", 415),
        ('{"iris": []}', "", 415),
        ('{"iris": ["\\ud800"]}', "application/json", 400),
        (json.dumps({"iris": ["a"] * (MOST + 1)}), "application/json", 413),
    ],
)
def test_what_is_refused(client: FlaskClient, body: str | bytes, kind: str, status: int) -> None:
    """Each with a problem document."""
    response = client.post("/resolve", data=body, content_type=kind)
    assert (response.status_code, response.json["status"]) == (status, status)  # type: ignore[index]
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("query", ["", "iri=a&identifier=b", "iri=a&iri=b"])
def test_one_is_one(client: FlaskClient, query: str) -> None:
    """By GET exactly one is asked for."""
    assert client.get(f"/resolve?{query}").status_code == 400


def test_scripts_of_other_sites_may_ask(client: FlaskClient) -> None:
    """A preflight for JSON by POST is answered."""
    asked = {
        "Origin": "https://platform.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = client.options("/resolve", headers=asked)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
