"""The Reconciliation Service API 0.2: what its specification requires, and useful answers.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.finding.matching import similarity
from europass_ld.publish.finding.reconciliation_queries import MOST_QUERIES
from europass_ld.publish.site import site_of
from europass_ld.store import Dataset, Record, Store
from europass_ld.terms import expand

from . import sample
from .described import check

REGISTER = "https://register.example/"
QUALIFICATION, OPPORTUNITY = expand("elm:Qualification"), expand("elm:LearningOpportunity")
FORESTRY, NURSING, COURSE, OTHER, AGAIN = (
    f"{REGISTER}{one}" for one in ("forestry", "nursing", "course", "other", "again")
)
SCHOOL = f"{REGISTER}school"


def _record(iri: str, kind: str, *statements: tuple[str, str], code: str = "") -> Record:
    node = f"{sample.GENID}{iri.rpartition('/')[2]}"
    more = sample.lines(node, ("skos:notation", sample.text(code))) if code else ""
    link = (("adms:identifier", f"<{node}>"),) if code else ()
    return sample.record(iri, kind, sample.lines(iri, *statements, *link) + more)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Serve a few records."""
    directory = tmp_path_factory.mktemp("reconcile") / "store"
    level = ("elm:EQFLevel", f"<{sample.EQF_5}>")
    provided = ("elm:providedBy", f"<{SCHOOL}>")
    nurses = sample.text("Nursing", "en")
    records = [
        _record(
            FORESTRY,
            "elm:Qualification",
            ("dct:title", sample.text("Forestry worker", "en")),
            ("dct:title", sample.text("Metsuri <b>", "fi")),
            ("elm:duration", sample.typed("3", "xsd:integer")),
            ("dct:modified", sample.typed("2025-01-31T00:00:00Z", "xsd:dateTime")),
            level,
            code="FW-1",
        ),
        _record(NURSING, "elm:Qualification", ("dct:title", nurses)),
        _record(COURSE, "elm:LearningOpportunity", ("dct:title", nurses), provided),
        _record(OTHER, "elm:Qualification", ("dct:title", sample.text("Twin", "en"))),
        _record(AGAIN, "elm:Qualification", ("dct:title", sample.text("Twin", "en")), level),
        _record(SCHOOL, "elm:Organisation", ("rov:legalName", sample.text("School", "en"))),
    ]
    with Store.create(directory, sample.BASE) as store:
        dataset = Dataset(iri=REGISTER, title={"en": "Register"}, family="loq")
        sample.publish(store, dataset, records)
    app = create_app(directory, Settings(vocabularies=directory / "none"))
    yield app.test_client(use_cookies=False)
    site_of(app).close()


def ask(client: FlaskClient, **query: Any) -> list[Any]:
    """Return the candidates for one query."""
    response = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    assert response.status_code == 200, response.text
    check(client, "Results", response.json)
    assert response.json is not None
    return list(response.json["q0"]["result"])


def ids(candidates: list[Any]) -> list[str]:
    """Return the identifiers of candidates."""
    return [one["id"] for one in candidates]


def test_the_manifest(client: FlaskClient) -> None:
    """Without parameters the manifest is sent, and everything it names is there."""
    response = client.get("/reconcile", headers={"Origin": "https://refine.example"})
    manifest = response.json
    check(client, "Manifest", manifest)
    assert manifest is not None
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert {one["id"] for one in manifest["defaultTypes"]} >= {QUALIFICATION, OPPORTUNITY}
    addresses = [
        manifest["view"]["url"].replace("{{id}}", quote(FORESTRY, safe="")),
        manifest["preview"]["url"].replace("{{id}}", quote(FORESTRY, safe="")),
        manifest["logo"],
        manifest["documentation"],
    ]
    for kind, id_ in (
        ("entity", FORESTRY),
        ("type", QUALIFICATION),
        ("property", expand("dct:title")),
    ):
        named = manifest["suggest"][kind]
        flyout = named["flyout_service_path"].replace("${id}", quote(id_, safe=""))
        addresses += [
            f"{named['service_url']}{named['service_path']}?prefix=a",
            named["service_url"] + flyout,
        ]
    proposing = manifest["extend"]["propose_properties"]
    addresses.append(f"{proposing['service_url']}{proposing['service_path']}?type={QUALIFICATION}")
    for address in addresses:
        parts = urlsplit(address)
        with client.get(f"{parts.path}?{parts.query}") as answer:
            assert answer.status_code == 200, address


def test_the_name_of_a_record_finds_it(client: FlaskClient) -> None:
    """In any language, whatever the case: the best there is, and a match."""
    for name in ("Forestry worker", "forestry WORKER", "metsuri <b>"):
        first, *others = ask(client, query=name)
        assert (first["id"], first["score"], first["match"]) == (FORESTRY, 100, True)
        assert all(one["score"] < 100 and not one["match"] for one in others)


def test_nearly_its_name(client: FlaskClient) -> None:
    """A name with a slip finds it too, with a lower score and no match."""
    first = ask(client, query="Forestry workr")[0]
    assert first["id"] == FORESTRY
    assert 60 < first["score"] < 100
    assert first["match"] is False
    assert first["features"][0]["id"] == "name"


@pytest.mark.parametrize("text", [FORESTRY, "FW-1"])
def test_an_identifier_in_place_of_a_name(client: FlaskClient, text: str) -> None:
    """It finds its record, with a high score."""
    first = ask(client, query=text)[0]
    assert (first["id"], first["score"], first["match"]) == (FORESTRY, 100, True)


def test_namesakes_are_no_match(client: FlaskClient) -> None:
    """Who is alone in having all of it matches; of two equals neither does."""
    twins = ask(client, query="Twin")
    assert ids(twins) == [AGAIN, OTHER]
    assert [one["match"] for one in twins] == [False, False]
    level = {"pid": "elm:EQFLevel", "v": {"id": sample.EQF_5}}
    first, second = ask(client, query="Twin", properties=[level])
    assert (first["id"], first["match"], first["score"]) == (AGAIN, True, 100)
    assert second["score"] < 100


def test_types_are_a_condition(client: FlaskClient) -> None:
    """One of them, or all of them; as one IRI, as several, with a prefix."""
    assert sorted(ids(ask(client, query="Nursing"))) == [COURSE, NURSING]
    assert ids(ask(client, query="Nursing", type=OPPORTUNITY)) == [COURSE]
    assert ids(ask(client, query="Nursing", type=["elm:Qualification"])) == [NURSING]
    both = [QUALIFICATION, OPPORTUNITY]
    assert len(ask(client, query="Nursing", type=both, type_strict="any")) == 2
    assert ask(client, query="Nursing", type=both, type_strict="all") == []


@pytest.mark.parametrize(
    ("pid", "value"),
    [
        (expand("adms:identifier"), "FW-1"),
        (expand("elm:EQFLevel"), {"id": sample.EQF_5}),
        ("elm:EQFLevel", [sample.EQF_5]),
    ],
)
def test_properties_alone(client: FlaskClient, pid: str, value: Any) -> None:
    """An identifier, or what a property points at, finds records without a name."""
    assert FORESTRY in ids(ask(client, properties=[{"pid": pid, "v": value}]))


def test_a_property_may_be_named_by_its_text(client: FlaskClient) -> None:
    """What a code or a linked record is called counts, as does a number."""
    for pid, value in (("elm:EQFLevel", "level 5"), ("elm:duration", 3)):
        (first, *_) = ask(client, query="Forestry worker", properties=[{"pid": pid, "v": value}])
        assert first["score"] == 100
    school = {"pid": "elm:providedBy", "v": "School"}
    assert ids(ask(client, query="Nursing", properties=[school]))[0] == COURSE


def test_as_many_as_are_wanted(client: FlaskClient) -> None:
    """A limit is kept, results fall in score, keys come back, and nothing finds nothing."""
    assert len(ask(client, query="Twin", limit=1)) == 1
    assert ask(client, query="zzzzzz") == ask(client, query=" ") == []
    batch = {"a": {"query": "Nursing"}, "": {"query": "Twin"}}
    response = client.get("/reconcile", query_string={"queries": json.dumps(batch)})
    assert response.json is not None
    assert set(response.json) == {"a", ""}
    for one in response.json.values():
        scores = [candidate["score"] for candidate in one["result"]]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("queries", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('{"q": 1}', 400),
        ('{"q": {}}', 400),
        ('{"q": {"query": 1}}', 400),
        ('{"q": {"query": "a", "limit": 0}}', 400),
        ('{"q": {"query": "a", "limit": "5"}}', 400),
        ('{"q": {"query": "a", "limit": NaN}}', 400),
        ('{"q": {"query": "a", "type": 5}}', 400),
        ('{"q": {"query": "a", "type_strict": "maybe"}}', 400),
        ('{"q": {"query": "a", "properties": [{"pid": "x"}]}}', 400),
        ('{"q": {"query": "a", "properties": [{"pid": "x", "v": null}]}}', 400),
        ('{"q": {"query": "a", "properties": [{"pid": "x", "v": {"name": "a"}}]}}', 400),
        ('{"q": {"query": "\\ud800"}}', 400),
        (json.dumps({str(n): {"query": "a"} for n in range(MOST_QUERIES + 1)}), 413),
    ],
)
def test_what_is_no_batch(client: FlaskClient, queries: str, status: int) -> None:
    """It is refused with a problem document that says where it is wrong."""
    response = client.post("/reconcile", data={"queries": queries})
    assert response.status_code == status
    check(client, "Problem", response.json)


def test_one_thing_at_a_time(client: FlaskClient) -> None:
    """Neither nothing nor both, and only as a form."""
    assert client.post("/reconcile", data={"other": "x"}).status_code == 400
    both = {"queries": "{}", "extend": "{}"}
    assert client.post("/reconcile", data=both).status_code == 400
    assert client.post("/reconcile", json={"queries": {}}).status_code == 415


def test_suggestions(client: FlaskClient) -> None:
    """Prefixes of names, names, and identifiers complete; more are fetched with a cursor."""

    def suggested(kind: str, prefix: str, **more: Any) -> list[Any]:
        query = {"prefix": prefix, **more}
        answer = client.get(f"/reconcile/suggest/{kind}", query_string=query).json
        check(client, "Suggestions", answer)
        assert answer is not None
        return list(answer["result"])

    assert ids(suggested("entity", "fores"))[0] == FORESTRY
    assert suggested("entity", "fores")[0]["notable"] == [QUALIFICATION]
    assert ids(suggested("entity", FORESTRY)) == ids(suggested("entity", "FW-1")) == [FORESTRY]
    assert len(suggested("entity", "twin")) == 2
    assert len(suggested("entity", "twin", cursor=1)) == 1
    assert suggested("entity", "") == []
    assert ids(suggested("type", "qual"))[0] == QUALIFICATION
    assert expand("dct:title") in ids(suggested("property", "tit"))
    assert ids(suggested("property", expand("dct:title"))) == [expand("dct:title")]
    assert client.get("/reconcile/suggest/other?prefix=a").status_code == 404


def test_flyouts(client: FlaskClient) -> None:
    """The identifier as it was given, and HTML in which nothing of the data is markup."""
    query = {"id": FORESTRY, "lang": "fi"}
    answer = client.get("/reconcile/flyout/entity", query_string=query).json
    check(client, "Flyout", answer)
    assert answer is not None
    assert answer["id"] == FORESTRY
    assert "<b>" not in answer["html"]
    assert client.get("/reconcile/flyout/entity?id=x").status_code == 404
    assert client.get("/reconcile/flyout/property?id=x").status_code == 404


def test_a_preview_stands_in_a_frame(client: FlaskClient) -> None:
    """A page with name and class that any site may frame, and nothing else may run in it."""
    response = client.get("/reconcile/preview", query_string={"id": FORESTRY})
    assert response.mimetype == "text/html"
    assert "Forestry worker" in response.text
    assert "X-Frame-Options" not in response.headers
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert client.get("/reconcile/preview?id=x").status_code == 404


def test_values_of_properties(client: FlaskClient) -> None:
    """Each record and property that was asked for has its values, as what they are."""
    names = ["dct:title", "elm:EQFLevel", "elm:duration", "dct:modified", "adms:identifier"]
    asked = {"ids": [FORESTRY, "x"], "properties": [{"id": one} for one in names]}
    answer = client.post("/reconcile", data={"extend": json.dumps(asked)}).json
    check(client, "Extension", answer)
    assert answer is not None
    assert [one["id"] for one in answer["meta"]] == names
    row = answer["rows"][FORESTRY]
    assert row["dct:title"] == [{"str": "Forestry worker"}]
    assert row["elm:EQFLevel"] == [{"id": sample.EQF_5, "name": "Level 5"}]
    assert row["elm:duration"] == [{"int": 3}]
    assert row["dct:modified"] == [{"date": "2025-01-31T00:00:00Z"}]
    assert row["adms:identifier"] == [{"str": "FW-1"}]
    assert answer["rows"]["x"] == {name: [] for name in names}


@pytest.mark.parametrize(
    "extend", ["[]", "{}", '{"ids": "x", "properties": []}', '{"ids": [], "properties": ["x"]}']
)
def test_what_is_no_extension(client: FlaskClient, extend: str) -> None:
    """It is refused."""
    assert client.post("/reconcile", data={"extend": extend}).status_code == 400


def test_properties_that_are_proposed(client: FlaskClient) -> None:
    """Those of the class, no more than wanted; the class as it was named."""
    answer = client.get(f"/reconcile/properties?type={QUALIFICATION}&limit=3").json
    check(client, "Proposal", answer)
    assert answer is not None
    assert (answer["type"], len(answer["properties"])) == (QUALIFICATION, 3)


@given(st.text(), st.text())
def test_similarity(one: str, other: str) -> None:
    """It is the same both ways, from 0 to 1, and 1 for equals only."""
    value = similarity(one, other)
    assert value == similarity(other, one)
    assert 0 <= value <= 1
    assert (value == 1) is (one == other)
