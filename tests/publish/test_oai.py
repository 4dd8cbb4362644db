"""OAI-PMH as a harvester meets it: every verb, every error, every page of a list."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from europass_ld.harvest.names import dataset_name
from europass_ld.publish.site import site_of
from europass_ld.terms import expand
from tests.shared import ROOT

from . import sample

OAI = "{http://www.openarchives.org/OAI/2.0/}"
GRAMMAR = etree.RelaxNG(etree.parse(ROOT / "tests" / "harvest" / "oai-pmh.rng"))
FIRST = f"oai:ld.example.org:{dataset_name(sample.FIRST)}:"
SECOND = f"oai:ld.example.org:{dataset_name(sample.SECOND)}:"
LISTS = ("ListRecords", "ListIdentifiers")


def _ask(client: FlaskClient, verb: str, **arguments: str) -> etree._Element:
    """Ask, and check that the answer is one of the protocol; `from_` stands for `from`."""
    query = {"verb": verb, **{name.rstrip("_"): value for name, value in arguments.items()}}
    return _checked(client.get("/oai", query_string=query).data)


def _checked(document: bytes) -> etree._Element:
    root = etree.fromstring(document)
    assert GRAMMAR.validate(root), GRAMMAR.error_log
    return root


def _error(root: etree._Element) -> str | None:
    found = root.find(f"{OAI}error")
    return None if found is None else found.get("code")


def _texts(root: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in root.iter(OAI + name)]


def _pages(client: FlaskClient, verb: str, **arguments: str) -> Iterator[etree._Element]:
    page = _ask(client, verb, **arguments)
    while True:
        yield page
        tokens = _texts(page, "resumptionToken")
        if not any(tokens):
            return
        page = _ask(client, verb, resumptionToken=tokens[0])


def _listed(client: FlaskClient, **arguments: str) -> list[str]:
    found = [
        [*_texts(page, "identifier")]
        for page in _pages(client, "ListIdentifiers", metadataPrefix="oai_dc", **arguments)
    ]
    return [one for page in found for one in page]


def test_identify(client: FlaskClient) -> None:
    """The repository says where it is, since when it has records, and that it keeps deletions."""
    root = _ask(client, "Identify")
    assert _texts(root, "baseURL") == _texts(root, "request") == [f"{sample.BASE}oai"]
    assert _texts(root, "deletedRecord") == ["persistent"]
    assert _texts(root, "adminEmail") == ["unknown@example.invalid"]
    first = min(
        one
        for page in _pages(client, "ListIdentifiers", metadataPrefix="rdf")
        for one in _texts(page, "datestamp")
    )
    assert _texts(root, "earliestDatestamp")[0] <= first


def test_metadata_formats(client: FlaskClient) -> None:
    """An LOQ record has no AMS form; the schemas of our own forms are served."""
    root = _ask(client, "ListMetadataFormats")
    assert _texts(root, "metadataPrefix") == ["oai_dc", "rdf", "elm_ams", "elm_loq"]
    of_one = _ask(client, "ListMetadataFormats", identifier=FIRST + sample.COURSE)
    assert _texts(of_one, "metadataPrefix") == ["oai_dc", "rdf", "elm_loq"]
    for address in _texts(root, "schema")[2:]:
        with client.get(address.replace(sample.BASE, "/")) as response:
            assert etree.fromstring(response.data).tag.endswith("}schema")
            assert response.mimetype == "application/xml"


def test_every_record_comes_once_and_deleted_ones_last_as_such(
    client: FlaskClient, app: Flask
) -> None:
    """All items of both datasets come, page by page, in the order in which they changed."""
    reader = site_of(app).reader
    pages = list(_pages(client, "ListRecords", metadataPrefix="rdf"))
    assert [len(list(page.iter(f"{OAI}record"))) for page in pages] == [3, 3, 3]
    assert [one.get("cursor") for page in pages for one in page.iter(f"{OAI}resumptionToken")] == [
        "0",
        "3",
        "6",
    ]
    records = [one for page in pages for one in page.iter(f"{OAI}record")]
    graphs: dict[str, rdflib.Graph] = {}
    for record in records:
        (identifier,) = _texts(record, "identifier")
        assert identifier not in graphs
        metadata = record.find(f"{OAI}metadata")
        assert (metadata is None) == (identifier == FIRST + sample.GONE)
        graphs[identifier] = rdflib.Graph()
        if metadata is not None:
            graphs[identifier].parse(data=etree.tostring(metadata[0]), format="xml")
    stamps = [one for page in pages for one in _texts(page, "datestamp")]
    assert stamps == sorted(stamps)
    for dataset, prefix in ((sample.FIRST, FIRST), (sample.SECOND, SECOND)):
        dumped = rdflib.Dataset().parse(data=b"".join(reader.dump(dataset)), format="nquads")
        found = {triple for name in graphs if name.startswith(prefix) for triple in graphs[name]}
        assert found == {quad[:3] for quad in dumped.quads()}


def test_identifiers_of_any_iri(client: FlaskClient) -> None:
    """An identifier holds the record's IRI, escaped where URIs need it, and is found again."""
    identifiers = _listed(client)
    assert FIRST + quote(sample.OUTCOME, safe=":/") in identifiers
    assert f"{FIRST}https://courses.example/course/hostile?a=1&b='x'" in identifiers
    assert FIRST + "https://courses.example/ort/K%C3%B6ln" in identifiers
    for identifier in identifiers:
        root = _ask(client, "GetRecord", identifier=identifier, metadataPrefix="oai_dc")
        assert _texts(root, "identifier") == [identifier]


def test_dublin_core(client: FlaskClient) -> None:
    """Dublin Core has the texts in their languages, unchanged, and where the record comes from."""
    root = _ask(client, "GetRecord", identifier=FIRST + sample.HOSTILE, metadataPrefix="oai_dc")
    dc = "{http://purl.org/dc/elements/1.1/}"
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    said = {(one.tag, one.text, one.get(language)) for one in root.iter(f"{dc}*")}
    assert (f"{dc}title", f"Title {sample.SCRIPT}", "en") in said
    assert (f"{dc}identifier", sample.HOSTILE, None) in said
    assert (f"{dc}type", expand("elm:Qualification"), None) in said
    assert (f"{dc}source", sample.FIRST, None) in said


def test_a_record_of_two_datasets_is_two_items(client: FlaskClient) -> None:
    """Each dataset's description of one record is an item of its own."""
    texts = [
        etree.tostring(_ask(client, "GetRecord", identifier=one, metadataPrefix="rdf")).decode()
        for one in (FIRST + sample.COURSE, SECOND + sample.COURSE)
    ]
    assert ["ten euros" in one for one in texts] == [True, False]
    assert ["twenty euros" in one for one in texts] == [False, True]


def test_forms_that_there_are_not(client: FlaskClient) -> None:
    """A form that a family does not have is refused; of a deleted record nothing is left."""
    for prefix in ("elm_ams", "marc21"):
        root = _ask(client, "GetRecord", identifier=FIRST + sample.COURSE, metadataPrefix=prefix)
        assert _error(root) == "cannotDisseminateFormat"
    for prefix in ("oai_dc", "rdf", "elm_loq"):
        root = _ask(client, "GetRecord", identifier=FIRST + sample.GONE, metadataPrefix=prefix)
        assert [one.get("status") for one in root.iter(f"{OAI}header")] == ["deleted"]


def test_sets(client: FlaskClient) -> None:
    """Sets are listed with what holds them, select what they say, and stand in headers."""
    specs = _texts(_ask(client, "ListSets"), "setSpec")
    for spec in specs:
        assert ":" not in spec or spec.partition(":")[0] in specs
    assert {"country:FIN", f"dataset:{dataset_name(sample.SECOND)}", "type:Location"} <= set(specs)
    everything = _listed(client)
    assert _listed(client, set="type") == _listed(client, set="dataset") == everything
    assert _listed(client, set="country") == _listed(client, set="country:FIN")
    assert _listed(client, set="country:FIN") == [one for one in everything if FIRST in one]
    assert _listed(client, set=f"dataset:{dataset_name(sample.SECOND)}") == [SECOND + sample.COURSE]
    places = [FIRST + sample.PLACE, FIRST + quote(sample.UMLAUT, safe=":/")]
    assert sorted(_listed(client, set="type:Location")) == sorted(places)
    (header,) = _ask(
        client, "GetRecord", identifier=FIRST + sample.GONE, metadataPrefix="rdf"
    ).iter(f"{OAI}header")
    assert _texts(header, "setSpec") == [
        f"dataset:{dataset_name(sample.FIRST)}",
        "country:FIN",
        "type:LearningOpportunity",
    ]
    for unknown in ("country:XXX", "type:Nothing", "nothing", "nothing:at:all", "dataset:x"):
        root = _ask(client, "ListRecords", metadataPrefix="rdf", set=unknown)
        assert _error(root) == "noRecordsMatch"


def test_dates(client: FlaskClient) -> None:
    """Both dates are included, days as well as seconds; nothing in between is noRecordsMatch."""
    everything = _listed(client)
    stamps = [
        one
        for page in _pages(client, "ListIdentifiers", metadataPrefix="rdf")
        for one in _texts(page, "datestamp")
    ]
    first, last = stamps[0], stamps[-1]
    assert _listed(client, from_=first, until=last) == everything
    assert _listed(client, from_=first[:10], until=last[:10]) == everything
    assert _listed(client, until=first) == everything[: stamps.count(first)]
    assert _listed(client, from_=last) == everything[-stamps.count(last) :]
    for dates in ({"from_": "2999-01-01"}, {"until": "1999-01-01T00:00:00Z"}):
        root = _ask(client, "ListRecords", metadataPrefix="rdf", **dates)
        assert _error(root) == "noRecordsMatch"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=listrecords", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("metadataPrefix=rdf", "badVerb"),
        ("verb=Identify&metadataPrefix=rdf", "badArgument"),
        ("verb=GetRecord&metadataPrefix=rdf", "badArgument"),
        ("verb=GetRecord&identifier=oai:x:y:z", "badArgument"),
        ("verb=GetRecord&identifier=oai:x:y:z&metadataPrefix=rdf", "idDoesNotExist"),
        ("verb=GetRecord&identifier=%00&metadataPrefix=rdf", "badArgument"),
        ("verb=GetRecord&identifier=K%C3%B6ln&metadataPrefix=rdf", "badArgument"),
        (f"verb=GetRecord&identifier={FIRST}urn:x&metadataPrefix=rdf", "idDoesNotExist"),
        (f"verb=GetRecord&identifier={FIRST}a%2541b&metadataPrefix=rdf", "idDoesNotExist"),
        (f"verb=GetRecord&identifier={FIRST}a%25&metadataPrefix=rdf", "badArgument"),
        ("verb=ListMetadataFormats&identifier=nothing", "idDoesNotExist"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        *(
            (f"verb={verb}&{rest}", code)
            for verb in LISTS
            for rest, code in (
                ("", "badArgument"),
                ("metadataPrefix=rdf&metadataPrefix=rdf", "badArgument"),
                ("metadataPrefix=rdf&color=red", "badArgument"),
                ("metadataPrefix=r%20f", "badArgument"),
                ("metadataPrefix=marc21", "cannotDisseminateFormat"),
                ("metadataPrefix=elm_ams", "noRecordsMatch"),
                ("metadataPrefix=rdf&set=a%20b", "badArgument"),
                ("metadataPrefix=rdf&set=:a", "badArgument"),
                ("metadataPrefix=rdf&from=2026", "badArgument"),
                ("metadataPrefix=rdf&from=2026-02-30", "badArgument"),
                ("metadataPrefix=rdf&from=2026-1-1", "badArgument"),
                ("metadataPrefix=rdf&from=2026-01-01T00:00:00", "badArgument"),
                ("metadataPrefix=rdf&from=2026-01-01T00:00:00.5Z", "badArgument"),
                ("metadataPrefix=rdf&from=2026-01-01&until=2026-01-01T00:00:00Z", "badArgument"),
                ("metadataPrefix=rdf&from=2026-01-02&until=2026-01-01", "badArgument"),
                ("resumptionToken=x", "badResumptionToken"),
                ("resumptionToken=", "badResumptionToken"),
                ("resumptionToken=%C3%B6", "badResumptionToken"),
                ("resumptionToken=x&metadataPrefix=rdf", "badArgument"),
            )
        ),
    ],
)
def test_errors(client: FlaskClient, query: str, code: str) -> None:
    """Each error has its code; requests that are wrong in themselves are not repeated."""
    response = client.get(f"/oai?{query}")
    assert response.status_code == 200
    root = _checked(response.data)
    assert _error(root) == code
    (request,) = root.iter(f"{OAI}request")
    if code in {"badVerb", "badArgument"}:
        assert not request.attrib
    else:
        assert request.get("verb") in query


def test_a_token_is_whole_or_nothing(client: FlaskClient) -> None:
    """A token can be used again, with the same answer; changed anywhere, it is none."""
    page = _ask(client, "ListIdentifiers", metadataPrefix="oai_dc", set="dataset")
    (token,) = _texts(page, "resumptionToken")
    once, again = (_ask(client, "ListIdentifiers", resumptionToken=token) for _ in range(2))
    assert _texts(once, "identifier") == _texts(again, "identifier") != []
    for place in range(0, len(token), 5):
        changed = token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]
        assert _error(_ask(client, "ListIdentifiers", resumptionToken=changed)) == (
            "badResumptionToken"
        )


def test_post(client: FlaskClient) -> None:
    """The arguments in a form are answered in the same way; those of the address do not count."""
    form = {"verb": "ListIdentifiers", "metadataPrefix": "rdf", "set": "type:Location"}
    by_post = _checked(client.post("/oai?verb=Identify", data=form).data)
    by_get = _checked(client.get("/oai", query_string=form).data)
    assert _texts(by_post, "identifier") == _texts(by_get, "identifier") != []


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
def test_nothing_is_sent_twice(client: FlaskClient, coding: str) -> None:
    """A client that has an answer of this state is told so; another question has another tag."""
    asked, headers = "/oai?verb=ListRecords&metadataPrefix=rdf", {"Accept-Encoding": coding}
    first = client.get(asked, headers=headers)
    assert first.content_type == "text/xml; charset=utf-8"
    assert first.headers.get("Content-Encoding", "identity") == coding
    assert first.headers["Vary"] == "Accept-Encoding"
    tag = first.headers["ETag"]
    again = client.get(asked, headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(asked, headers=since).status_code == 304
    assert client.head(asked, headers=headers).headers["ETag"] == tag
    other = client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc", headers=headers)
    assert other.headers["ETag"] != tag


@given(st.lists(st.tuples(st.sampled_from(["verb", "set", "from", "identifier"]), st.text())))
@hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_asked(client: FlaskClient, pairs: list[tuple[str, str]]) -> None:
    """Any arguments at all get an answer of the protocol."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    response = client.get(f"/oai?{query}")
    assert response.status_code == 200
    _checked(response.data)
