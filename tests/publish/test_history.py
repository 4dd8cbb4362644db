"""What a record was: its history, each past state, and what is left when it is deleted."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.config import Settings
from europass_ld.harvest.names import dataset_name
from europass_ld.ingest import redact
from europass_ld.publish import create_app
from europass_ld.publish.addresses import parameter
from europass_ld.publish.records.histories import state_at, steps
from europass_ld.publish.site import site_of
from europass_ld.store import Change, Dataset, Record, Store
from europass_ld.terms import expand
from tests.store.making import BASE, OTHER, iri, load, record

OURS = Dataset(
    iri="https://data.example.edu/catalogue",
    title={"en": "Catalogue"},
    family="loq",
    publisher="https://data.example.edu/office",
)
A = iri("a")
TURTLE = {"Accept": "text/turtle"}
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Publish a record that was added, changed, described twice, and deleted by both."""
    directory = tmp_path_factory.mktemp("history") / "store"
    replacing = (f"<{iri('b')}> <{expand('dct:replaces')}> <{A}> .",)
    with Store.create(directory, BASE) as store:
        load(store, OURS, record("a", "First"), record("c"))
        load(store, OURS, record("a", "Second"), record("c"))
        load(store, OTHER, record("a", "Elsewhere"))
        load(store, OURS, record("b", more=replacing), record("c"))
        load(store, OTHER, record("d"))
    app = create_app(directory, Settings(vocabularies=directory / "none"))
    yield app
    site_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client without cookies."""
    return app.test_client(use_cookies=False)


def history(client: FlaskClient, name: str = A) -> list[dict[str, Any]]:
    """Return the changes that the JSON of a history tells."""
    document = client.get(f"/resource/history{parameter(name)}").json
    assert document is not None
    return list(document["changes"])


def relations(link: str) -> dict[str, str]:
    """Return the targets of a Link header by relation."""
    return {relation: target for target, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', link)}


def test_a_history_tells_every_change(client: FlaskClient) -> None:
    """Oldest first: what happened, in which version of which dataset."""
    told = [(one["kind"], one["dataset"], one["version"]) for one in history(client)]
    assert told == [
        ("added", OURS.iri, 1),
        ("changed", OURS.iri, 2),
        ("added", OTHER.iri, 1),
        ("deleted", OURS.iri, 3),
        ("deleted", OTHER.iri, 2),
    ]


def test_every_state_can_be_seen(client: FlaskClient) -> None:
    """Each state says what the record said then, and leads to those around it."""
    states = [one["state"].removeprefix("http://localhost") for one in history(client)[:3]]
    texts = [client.get(one, headers=TURTLE).text for one in states]
    assert [
        [title for title in ("First", "Second", "Elsewhere") if f'"{title}"' in text]
        for text in texts
    ] == [["First"], ["Second"], ["Second", "Elsewhere"]]
    middle = client.get(states[1])
    links = relations(middle.headers["Link"])
    assert links["predecessor-version"] == states[0]
    assert links["successor-version"] == states[2]
    assert links["original"] == A
    assert middle.headers["Memento-Datetime"].endswith("GMT")
    page = client.get(states[0], headers=HTML)
    assert "First" in page.text
    assert "in the past" in page.text
    for address in re.findall(r'href="(/resource/state[^"]*)"', page.text):
        assert client.get(address.replace("&amp;", "&"), headers=HTML).status_code == 200
    tag = middle.headers["ETag"]
    assert client.get(states[1], headers={"If-None-Match": tag}).status_code == 304


def test_history_as_rdf(client: FlaskClient) -> None:
    """PROV says which state came from which, when it began and when it ended."""
    text = client.get(f"/resource/history{parameter(A)}", headers=TURTLE).data
    quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    count = {
        name: sum(quad.predicate.value == expand(f"prov:{name}") for quad in quads)
        for name in ("specializationOf", "wasRevisionOf", "generatedAtTime", "invalidatedAtTime")
    }
    assert count == {
        "specializationOf": 3,
        "wasRevisionOf": 1,
        "generatedAtTime": 3,
        "invalidatedAtTime": 3,
    }


def test_history_as_a_page(client: FlaskClient) -> None:
    """The newest change stands first; each state is a link, a deletion is not."""
    page = client.get(f"/resource/history{parameter(A)}", headers=HTML).text
    assert page.count("/resource/state?") == 3
    assert page.index("Deleted") < page.index("Added</a>") < page.index("Changed")
    assert "Elsewhere" in page


def test_a_page_leads_to_its_history(client: FlaskClient) -> None:
    """By a link for people and one for machines."""
    response = client.get(f"/resource{parameter(iri('b'))}", headers=HTML)
    target = relations(response.headers["Link"])["version-history"]
    assert f'href="{target}"' in response.text
    assert client.get(target).status_code == 200


def test_what_is_left_of_a_deleted_record(client: FlaskClient) -> None:
    """410 with when, by whom and what replaces it: as a problem, as RDF and as a page."""
    address = f"/resource{parameter(A)}"
    problem = client.get(address)
    assert problem.status_code == 410
    assert problem.json is not None
    assert problem.json["replaced_by"] == [iri("b")]
    assert problem.json["publishers"] == [OURS.publisher]
    assert problem.json["datasets"] == sorted([OURS.iri, OTHER.iri])
    assert client.get(problem.json["history"]).status_code == 200
    for response in (
        client.get(address, headers=TURTLE),
        client.get(f"/resource.ttl{parameter(A)}"),
    ):
        assert response.status_code == 410
        triples = [
            (quad.predicate.value, str(quad.object))
            for quad in ox.parse(response.data, format=ox.RdfFormat.TURTLE)
        ]
        assert (expand("dct:isReplacedBy"), f"<{iri('b')}>") in triples
        ends = {value for name, value in triples if name == expand("prov:invalidatedAtTime")}
        assert len(ends) in {1, 2}  # one where both datasets deleted it within one second
        assert "Second" not in response.text
    for page in (client.get(address, headers=HTML), client.get(f"/resource.html{parameter(A)}")):
        assert (page.status_code, page.mimetype) == (410, "text/html")
        assert iri("b") in page.text
        assert "/resource/history" in page.text


def test_states_that_are_not_there(client: FlaskClient) -> None:
    """Before it was there: 404. After it was deleted: 410. No number: 400."""
    for at, status in (("0", 404), ("99", 410), ("", 400), ("-1", 400), ("9" * 99, 400)):
        response = client.get(f"/resource/state{parameter(A)}&at={at}")
        assert response.status_code == status
    assert client.get(f"/resource/history{parameter(iri('nothing'))}").status_code == 404
    assert client.get("/resource/history?iri=nothing").status_code == 400


def test_no_format_to_tell_it_in(client: FlaskClient) -> None:
    """What is not offered is refused."""
    address = f"/resource/history{parameter(A)}"
    assert client.get(address, headers={"Accept": "image/png"}).status_code == 406


_CHANGES = st.lists(st.tuples(st.sampled_from("xy"), st.booleans()), max_size=12)


@given(_CHANGES, st.integers(0, 13))
def test_state_at_is_the_last_of_each_dataset(
    events: list[tuple[str, bool]], sequence: int
) -> None:
    """Whatever happened, a state is what each dataset said last, unless that was a deletion."""
    kept: Record = record("a")
    changes = [
        Change("deleted" if gone else "added", of, number, number, "t", None if gone else kept)
        for number, (of, gone) in enumerate(events, 1)
    ]
    last = dict(events[:sequence])
    found = state_at(changes, sequence)
    assert [one.dataset for one in found] == sorted(of for of, gone in last.items() if not gone)
    for step in steps(changes):
        if step.previous:
            assert step.previous.dataset == step.change.dataset
            assert step.previous.sequence < step.change.sequence


@pytest.mark.slow
def test_many_mentions_cost_as_much_as_few(tmp_path: Path) -> None:
    """A page of 10,000 mentions takes about as long as one of 50, and so do look-ups."""
    part = expand("elm:isPartOf")
    with Store.create(tmp_path, BASE) as store:
        load(
            store,
            OURS,
            record("many"),
            record("few"),
            *(
                record(f"r{n}", more=[f"<{iri(f'r{n}')}> <{part}> <{iri(to)}> ."])
                for n in range(10_050)
                for to in ("few" if n < 50 else "many",)
            ),
        )
    app = create_app(tmp_path, Settings(vocabularies=tmp_path / "none"))
    try:
        client = app.test_client()
        seconds = {name: _seconds(client, name) for name in ("few", "many", "few", "many")}
    finally:
        site_of(app).close()
    assert seconds["many"] < 2 * seconds["few"]


def _seconds(client: FlaskClient, name: str) -> float:
    """Return the least processor time of some requests."""
    taken = []
    for _ in range(15):
        before = time.process_time()
        assert client.get(f"/resource{parameter(iri(name))}", headers=HTML).status_code == 200
        taken.append(time.process_time() - before)
    return min(taken)


@pytest.fixture
def redacted(tmp_path: Path) -> Iterator[FlaskClient]:
    """Return a client of a store from which a record, and of another a text, was removed."""
    with Store.create(tmp_path / "store", BASE) as store:
        load(store, OURS, record("a", "Canary"), record("b", "Nothing to hide"))
        load(store, OURS, record("b", "Canary"))
        load(store, OURS, record("b", "Nothing to hide"))
        store.redact(iri=A, reason="its subject asked")
        store.redact(text="Canary", reason="no consent")
    app = create_app(tmp_path / "store", Settings(vocabularies=tmp_path / "none"))
    yield app.test_client(use_cookies=False)
    site_of(app).close()


def test_no_state_is_left_of_a_redacted_record(redacted: FlaskClient) -> None:
    """Its states are gone with the reason, also when it had been deleted before; never empty."""
    document = redacted.get(f"/resource/history{parameter(A)}").json
    assert document is not None
    assert document["redacted"] == "its subject asked"
    assert not [one for one in document["changes"] if "state" in one]
    page = redacted.get(f"/resource/history{parameter(A)}", headers=HTML).text
    assert "its subject asked" in page
    assert "/resource/state" not in page
    state = redacted.get(f"/resource/state{parameter(A)}&at=1")
    assert (state.status_code, state.json and state.json["reason"]) == (410, "its subject asked")
    tombstone = redacted.get(f"/resource{parameter(A)}", headers=TURTLE)
    assert (tombstone.status_code, '"its subject asked"' in tombstone.text) == (410, True)


def test_a_state_tells_that_something_was_removed(redacted: FlaskClient) -> None:
    """What a past state says is not all that it said; the present one says all."""
    past = redacted.get(f"/resource/state{parameter(iri('b'))}&at=2", headers=TURTLE)
    assert "Canary" not in past.text
    assert (past.headers["Europass-State"], past.headers["Europass-Redacted"]) == ("2", "5")
    now = redacted.get(f"/resource/state{parameter(iri('b'))}&at=99", headers=TURTLE)
    assert now.headers["Europass-State"] == "5"
    assert "Europass-Redacted" not in now.headers


def test_times_tell_of_a_redaction(tmp_path: Path) -> None:
    """Who asks by time only is sent again what never changes but for a redaction."""
    past = datetime(2026, 1, 2, tzinfo=UTC)
    with Store.create(tmp_path / "store", BASE, clock=lambda: past) as store:
        load(store, OURS, record("a", "Canary"))
        load(store, OURS, record("a", "Canary"), record("b"))
    app = create_app(tmp_path / "store", Settings(vocabularies=tmp_path / "none", feed_page_size=1))
    client = app.test_client(use_cookies=False)
    addresses = ("/feeds/records/pages/1", f"/dumps/{dataset_name(OURS.iri)}/1.nq.gz")
    since = [client.get(one, buffered=True).headers["Last-Modified"] for one in addresses]
    with Store.open(tmp_path / "store") as store:
        redact(store, text="Canary", reason="no consent")
    for address, before in zip(addresses, since, strict=True):
        again = client.get(address, headers={"If-Modified-Since": before}, buffered=True)
        assert again.status_code == 200
    site_of(app).close()
