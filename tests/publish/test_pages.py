"""Pages for people: valid, accessible, harmless, small, in the reader's language."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement

from europass_ld import __version__
from europass_ld.examples import load_queries
from europass_ld.publish import app
from europass_ld.publish.addresses import parameter
from europass_ld.terms import expand

from . import sample

Get = Callable[..., str]

_FIRST = quote(sample.FIRST, safe="")
_PAGES = [
    "/",
    *(
        f"/resource{parameter(one)}"
        for one in (
            sample.COURSE,
            sample.HOSTILE,
            sample.PLACE,
            sample.OUTCOMES,
            sample.FIRST,
            sample.SECOND,
            sample.EQF_5,
            expand("elm:EQFLevel"),
        )
    ),
    "/doc/version/2",
    "/doc/report/2",
    "/sparql",
    f"/sparql?query={quote('SELECT * { ?s a ?class }')}",
    f"/sparql?query={quote('DESCRIBE ?s { ?s a ?class }')}",
    "/datasets",
    f"/datasets/records?dataset={_FIRST}",
    f"/datasets/records?dataset={_FIRST}&type={quote(expand('elm:LearningOutcome'))}",
    f"/datasets/coverage?dataset={_FIRST}",
    f"/datasets/versions?dataset={_FIRST}",
    f"/datasets/version?dataset={_FIRST}&number=1",
    f"/datasets/report?dataset={_FIRST}&number=2",
    "/sparql/at/1",
    f"/sparql/at/1?query={quote('ASK {}')}",
    f"/cite?dataset={_FIRST}&version=1",
    f"/cite?query={quote('ASK {}')}",
    "/search",
    "/search?q=forest",
    f"/search?q={quote('<script>')}",
    "/verify",
    "/accreditation",
    f"/accreditation?organisation={quote(sample.SCHOOL)}&on=2025-01-31",
    f"/accreditation?organisation=VATFI-{quote('<script>')}&on=2025-01-31",
    "/about/sparql",
    f"/about/sparql/{load_queries()[0].id}",
    "/about/mapping",
    "/about/mapping/loq/qualification",
    "/about/mapping/ams/Concept",
    "/about/shapes",
    "/ontology",
    "/ontology?kind=properties",
    "/ontology?kind=further",
    "/catalogue",
    "/verify",
    "/accreditation",
]
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_STATIC = Path(app.__file__).with_name("static")
_LARGEST = 60_000 - sum((_STATIC / one).stat().st_size for one in ("style.css", "icon.svg"))
"""Bytes of a page, so that there are no more than 60,000 with its style sheet and its icon."""


def _tree(text: str) -> HtmlElement:
    return html.document_fromstring(text)


@pytest.mark.parametrize("address", _PAGES)
def test_every_page(client: FlaskClient, address: str) -> None:
    """All pages: headers, language, landmarks, names of fields, nothing that runs."""
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert len(response.data) < _LARGEST
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert sample.FOLDER not in response.text
    tree = _tree(response.text)
    assert f"europass-ld {__version__}," in tree.xpath("//footer")[0].text_content()
    _check_harmless(tree)
    _check_structure(tree)
    _check_forms_and_tables(tree)


def _check_harmless(tree: HtmlElement) -> None:
    assert not tree.xpath("//style | //iframe | //object | //embed | //img | //base")
    assert set(tree.xpath("//script/@type")) <= {"application/ld+json"}
    assert len(tree.xpath("//script")) == len(tree.xpath("//script/@type"))
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not str(name).startswith("on")
            assert name != "style"
            if name in {"href", "src", "action"}:
                assert re.match(r"(https?:|mailto:|tel:|geo:|[/?#])", str(value)), value
    for link in tree.xpath("//link[@rel!='alternate']/@href | //form/@action"):
        assert link.startswith("/")


def _check_structure(tree: HtmlElement) -> None:
    assert tree.xpath("/html/@lang") == ["en"]
    for language in tree.xpath("//@lang"):
        assert _LANGUAGE.fullmatch(language), language
    identifiers = tree.xpath("//@id")
    assert len(identifiers) == len(set(identifiers))
    assert tree.xpath("//body/*[1]/@href") == ["#main"]
    assert tree.xpath("//title/text()")[0].strip()
    for landmark in ("header", "main", "footer"):
        assert len(tree.xpath(f"//body/{landmark}")) == 1
    assert len(tree.xpath("//h1")) == 1
    levels = [int(element.tag[1]) for element in tree.xpath("//h1 | //h2 | //h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for name in tree.xpath("//@aria-labelledby"):
        assert name in identifiers
    for element in tree.xpath("//nav"):
        assert element.get("aria-label")
    for link in tree.xpath("//a"):
        assert link.text_content().strip()


def _check_forms_and_tables(tree: HtmlElement) -> None:
    for field in tree.xpath("//input[@type!='hidden'] | //select | //textarea"):
        assert tree.xpath(f"//label[@for='{field.get('id')}']")
    for cell in tree.xpath("//thead//th"):
        assert cell.get("scope") == "col"
    for cell in tree.xpath("//tbody//th"):
        assert cell.get("scope") == "row"
    for svg in tree.xpath("//*[local-name()='svg']"):
        assert svg.get("role") == "img"
        assert svg.get("aria-label")


def test_a_page_in_the_readers_language(get: Get) -> None:
    """The title is in the language of the header, or of the address, and marked as such."""
    address = f"/resource{parameter(sample.COURSE)}"
    for page, language, title in (
        (get(address, **{"Accept-Language": "fi"}), "fi", "Metsäkoneet"),
        (get(f"{address}&lang=sv", **{"Accept-Language": "fi"}), "sv", "Skogsmaskiner"),
        (get(address, **{"Accept-Language": "mt, hu;q=0.5"}), None, "Forest machines"),
    ):
        heading = _tree(page).xpath("//h1")[0]
        assert heading.text_content() == title
        assert heading.xpath("span/@lang") == ([language] if language else [])
    finnish = _tree(get(f"/resource{parameter(sample.PLACE)}", **{"Accept-Language": "sv"}))
    assert "Finland" in finnish.xpath("//main")[0].text_content()


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("de", "Datensätze"),
        ("es", "Conjuntos"),
        ("fr", "données"),
        ("it", "Paese"),
        ("pl", "Zbiory"),
    ],
)
def test_a_page_in_each_language(client: FlaskClient, language: str, word: str) -> None:
    """The address comes before the header; English texts on the page are marked as such."""
    response = client.get(
        f"/?lang={language}", headers={"Accept": "text/html", "Accept-Language": "it"}
    )
    assert response.headers["Content-Language"] == language
    tree = _tree(response.text)
    assert tree.xpath("/html/@lang") == [language]
    assert word in tree.xpath("//main")[0].text_content()
    assert tree.xpath("//nav//a[@aria-current]/@hreflang") == [language]
    report = f"/datasets/report?dataset={_FIRST}&number=2&lang={language}"
    shown = _tree(client.get(report, headers={"Accept": "text/html"}).text)
    assert shown.xpath("//td/span[@lang='en']")


def test_a_language_is_chosen_and_kept(client: FlaskClient, get: Get) -> None:
    """Links between pages and forms keep `?lang=`; data and foreign addresses have none."""
    tree = _tree(get(f"/resource{parameter(sample.COURSE)}&lang=sv"))
    ours = [one for one in tree.xpath("//main//a/@href") if one.startswith("/")]
    assert len(ours) > 5
    for address in ours:
        is_data = re.match(r"/resource\.\w+\?", address)
        assert bool(is_data) == ("lang=sv" not in address)
    assert tree.xpath("//form//input[@name='lang']/@value") == ["sv"]
    (english,) = tree.xpath("//nav//a[@hreflang='en']/@href")
    assert english == f"/resource?iri={quote(sample.COURSE, safe='')}&lang=en"
    assert client.get("/id/dataset/first?lang=sv").headers["Location"].endswith("?lang=sv")
    assert "lang=x" not in get(f"/datasets?lang={'x' * 99}").partition("<main")[2]
    response = client.get("/datasets?lang=sv", headers={"Accept": "text/html"})
    assert response.headers["Content-Language"] == "en"
    assert "Accept-Language" in response.headers["Vary"]


def test_hostile_texts(get: Get) -> None:
    """Markup in a literal is sanitised, an IRI is escaped, an address that runs is no link."""
    page = get(f"/resource{parameter(sample.HOSTILE)}")
    assert "<b>bold</b>" in page
    assert "alert(1)" not in page
    assert "alert(2)" not in page
    tree = _tree(page)
    assert tree.xpath("//h1")[0].text_content() == "Title Safe bold l"
    assert not [link for link in tree.xpath("//@href") if link.startswith("javascript")]
    assert sample.HOSTILE in tree.xpath("//main")[0].text_content()


def test_a_record_has_its_origin_and_its_findings(get: Get) -> None:
    """Source, line, version, rules, verdict and findings of each dataset stand beside it."""
    text = _tree(get(f"/resource{parameter(sample.COURSE)}")).xpath("//aside")[0].text_content()
    assert "loq.xml, line 12" in text
    assert "version 1" in text
    assert "Conforms, with warnings" in text
    assert "publisher points at nothing" in text
    for version in ("m1", "s1", "v1"):
        assert version in text


def test_datasets_that_differ_stand_side_by_side(get: Get) -> None:
    """What both say stands once, what they do not agree on stands under each one's name."""
    tree = _tree(get(f"/resource{parameter(sample.COURSE)}"))
    sides = tree.xpath("//div[@class='side']")
    assert [side.xpath("p[@class='who']")[0].text_content() for side in sides] == [
        "First register",
        "Second register",
    ]
    assert "ten euros" in sides[0].text_content()
    assert "twenty euros" in sides[1].text_content()


def test_links_come_both_ways(get: Get) -> None:
    """A page links to what a record mentions, and lists what mentions it, nested nodes' owners."""
    course = _tree(get(f"/resource{parameter(sample.COURSE)}"))
    assert f"/resource{parameter(sample.SCHOOL)}" in course.xpath("//dd//@href")
    school = _tree(get(f"/resource{parameter(sample.SCHOOL)}"))
    mentions = school.xpath("//section[@aria-labelledby='mentions']")[0]
    assert f"/resource{parameter(sample.COURSE)}" in mentions.xpath(".//@href")
    country = _tree(get(f"/resource{parameter(sample.COUNTRY)}"))
    mentions = country.xpath("//section[@aria-labelledby='mentions']")[0]
    assert mentions.xpath(".//li/a/@href") == [f"/resource{parameter(sample.PLACE)}"] * 2


def test_a_place_is_on_the_map(get: Get) -> None:
    """The point is where it belongs, and a link names it for other programs."""
    tree = _tree(get(f"/resource{parameter(sample.PLACE)}"))
    (point,) = tree.xpath("//*[local-name()='circle']")
    assert (point.get("cx"), point.get("cy")) == ("180.0", "-633.0")
    assert "geo:63.3,30.0" in tree.xpath("//dd//@href")


def test_paging(get: Get) -> None:
    """Lists come in pages, with what is before and after."""
    address = f"/datasets/records?dataset={_FIRST}"
    first = _tree(get(address))
    assert len(first.xpath("//ul[@class='entries']/li")) == 3
    (following,) = first.xpath("//a[@rel='next']/@href")
    second = _tree(get(f"/datasets/records{following}"))
    assert second.xpath("//a[@rel='prev']")
    listed = [tree.xpath("//ul[@class='entries']/li/a/@href") for tree in (first, second)]
    assert not set(listed[0]) & set(listed[1])
    assert not _tree(get(f"{address}&page=99")).xpath("//a[@rel='next']")
    assert get(f"{address}&page=-1")


def test_search(client: FlaskClient, get: Get) -> None:
    """All words must stand in a title, in any language; an IRI leads to its page."""
    found = _tree(get("/search?q=FOREST+machines"))
    assert found.xpath("//ul[@class='entries']/li/a/@href") == [
        f"/resource{parameter(sample.COURSE)}"
    ]
    assert "No title" in get("/search?q=forest+absent")
    assert "No title" in get("/search?q=" + quote('"} SERVICE \\'))
    response = client.get("/search", query_string={"q": sample.COURSE})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/resource{parameter(sample.COURSE)}"


def test_figures_on_the_home_page(get: Get) -> None:
    """They are those of the store."""
    tree = _tree(get("/"))
    figures = dict(
        zip(
            [one.text_content() for one in tree.xpath("//dl[@class='figures']//dt")],
            [one.text_content() for one in tree.xpath("//dl[@class='figures']//dd")],
            strict=True,
        )
    )
    assert figures["Records"] == str(len(sample.records()) + 1)
    assert figures["Datasets"] == "2"
    assert figures["Country"] == "1"
    assert "Finland" in tree.xpath("//table")[0].text_content()


def test_a_dataset_page(get: Get) -> None:
    """What the publisher says of it, its records by class, its versions, its conformity."""
    text = _tree(get("/doc/dataset/first")).xpath("//main")[0].text_content()
    for shown in ("Courses of one school.", "Metsäkoulu", "Finland", "Learning outcome", "100%"):
        assert shown in text


def test_what_a_version_brought(client: FlaskClient, get: Get) -> None:
    """Records still as it brought them, with what it did; a version that is none is 404."""
    address = f"/datasets/version?dataset={_FIRST}"
    tree = _tree(get(f"{address}&number=1"))
    entries = tree.xpath("//ul[@class='entries']/li")
    assert len(entries) == 3
    assert all("added" in one.text_content() for one in entries)
    assert tree.xpath("//a[@rel='next']")
    assert "None." in get(f"{address}&number=2")
    assert client.get(f"{address}&number=9").status_code == 404


def test_from_a_line_to_the_rule(client: FlaskClient, get: Get) -> None:
    """A record leads to its findings, a finding to the rule, and the rule is described here."""
    page = _tree(get(f"/resource{parameter(sample.COURSE)}"))
    assert page.xpath("//ul[@class='findings']//a[starts-with(@href, '/about/mapping#loq')]")
    assert "/about/mapping/loq/learningOpportunity" in page.xpath("//aside//a/@href")
    shape = "https://europass-ld.github.io/shapes/best-practice#location-missing"
    assert "There is no location." in get(f"/resource{parameter(shape)}")
    assert "sh:path" in client.get(f"/resource{parameter(shape)}").text


def test_what_is_filled_in_and_what_is_missing(get: Get) -> None:
    """The measurements of the graph of quality, of the largest class first, or of the one asked."""
    address = f"/datasets/coverage?dataset={_FIRST}"
    assert "Learning outcome" in _tree(get(address)).xpath("//option[@selected]")[0].text
    places = _tree(get(f"{address}&type={quote(expand('dct:Location'))}"))
    assert places.xpath("//option[@selected]/@value") == [expand("dct:Location")]
    assert not get(f"{address}&type=x").count("<option selected")


def test_report(client: FlaskClient, get: Get) -> None:
    """A page for people, JSON as it was kept for programs; a version without one is not found."""
    address = f"/datasets/report?dataset={_FIRST}&number=2"
    assert "reference/dangling" in get(address)
    for headers, more in (({}, ""), ({"Accept": "text/html"}, "&format=json")):
        response = client.get(address + more, headers=headers)
        assert response.content_type == "application/json"
        assert response.json
        assert response.json["counts"]["warning"] == 1
        assert response.json["findings"][0]["file"] == "loq.xml"
        assert sample.FOLDER not in response.text
    for wrong, status in (
        (f"dataset={_FIRST}&number=9", 404),
        (f"dataset={_FIRST}&number=x", 400),
        ("dataset=https://x.example/&number=1", 404),
        ("number=1", 400),
        (f"dataset={_FIRST}&number=2&format=docx", 406),
    ):
        assert client.get(f"/datasets/report?{wrong}").status_code == status


def test_documentation_of_what_is_not_there(client: FlaskClient) -> None:
    """Names that are none are 404, also when they try to leave the folder."""
    for address in (
        "/about/mapping/xyz/qualification",
        "/about/mapping/loq/nothing",
        "/about/shapes/nothing.ttl",
        "/about/shapes/..%2F..%2Fpyproject.toml",
        "/static/..%2Fapp.py",
    ):
        response = client.get(address)
        assert response.status_code == 404
        assert response.content_type == "application/problem+json"


def test_shapes_and_ontology_as_data(client: FlaskClient) -> None:
    """What rules the data is served as data."""
    page = client.get("/about/shapes", headers={"Accept": "text/html"}).text
    for address in _tree(page).xpath("//main//li/a/@href"):
        if address.endswith(".ttl"):
            with client.get(address) as response:
                assert response.content_type == "text/turtle; charset=utf-8"
                assert response.data
    for address in ("/ontology", "/ontology.ttl"):
        response = client.get(address)
        assert response.content_type == "text/turtle; charset=utf-8"
        assert "elm:Qualification" in response.text
    assert client.get("/ontology", headers={"Accept": "image/png"}).status_code == 406


def test_health_and_robots(client: FlaskClient) -> None:
    """Health is JSON with the state; robots stay away from what costs much."""
    health = client.get("/health")
    assert health.json
    assert health.json["status"] == "ok"
    assert health.json["sequence"] == 3
    assert "Disallow: /sparql" in client.get("/robots.txt").text


def test_errors_are_pages_for_people(client: FlaskClient, get: Get) -> None:
    """404 and 405 as HTML for browsers, as documents for everybody else."""
    assert "no page at this address" in get("/nowhere", 404)
    assert client.get("/nowhere").content_type == "application/problem+json"
    response = client.post("/datasets", headers={"Accept": "text/html"})
    assert response.status_code == 405
    assert response.content_type == "text/html; charset=utf-8"
    assert "<h1>Method Not Allowed</h1>" in response.text
