"""The pages in Chromium, as people use them: each says what is so, and none logs an error."""

import csv
import gzip
import io
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import httpx
import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from europass_ld.publish.sparql.snippets import DEMONSTRATION
from europass_ld.resources import demonstration
from tests.publish import sample

from .conftest import FINNISH
from .serving import free_base, serving

pytestmark = pytest.mark.clients

_SECONDS = 20
_DATASET = f"{FINNISH}dataset/learning-opportunities"
_QUALIFICATION = f"{FINNISH}koulutus/1001"
_RECORDS = """
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX eld: <https://europass-ld.github.io/terms#>
SELECT (COUNT(*) AS ?records)
WHERE { GRAPH ?provenance { ?record prov:wasDerivedFrom ?version . ?version a eld:DatasetVersion } }
"""
"""Each record of each dataset is derived from the version that brought it."""
_MANY = "SELECT * {" + "".join(f"VALUES ?v{n} {{0 1 2 3 4 5 6 7 8 9}}" for n in range(5)) + "}"
_FETCH = """
const [address, query, done] = arguments;
(async () => {
  const body = new URLSearchParams({query});
  const response = await fetch(address, {method: "POST", body, headers: {Accept: "text/csv"}});
  try {
    done([response.status, (await response.text()).length]);
  } catch (error) {
    done([response.status, error.name]);
  }
})().catch((error) => done([0, error.message]));
"""


@pytest.fixture
def seen(browser: WebDriver) -> Iterator[WebDriver]:
    """Return the browser; at the end it has logged nothing."""
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # what earlier tests left
    yield browser
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def _rows(server: str, query: str) -> list[dict[str, str]]:
    answer = httpx.get(f"{server}sparql", params={"query": query, "format": "csv"})
    return list(csv.DictReader(io.StringIO(answer.raise_for_status().text)))


def _one(where: WebDriver | WebElement, selector: str) -> WebElement:
    return where.find_element(By.CSS_SELECTOR, selector)


def _texts(browser: WebDriver, selector: str) -> list[str]:
    return [one.text for one in browser.find_elements(By.CSS_SELECTOR, selector)]


def _click(link: WebElement) -> None:
    """Click where it is; pages scroll smoothly, and a click on the way would miss."""
    link.parent.execute_script(
        "arguments[0].scrollIntoView({behavior: 'instant', block: 'center'})", link
    )
    link.click()


def _follow(browser: WebDriver, link: WebElement) -> None:
    """Click, and wait until another page is there."""
    old = _one(browser, "html")
    _click(link)
    WebDriverWait(browser, _SECONDS).until(staleness_of(old))


def test_the_home_page_counts_what_the_endpoint_counts(server: str, seen: WebDriver) -> None:
    """The number of records is the one that SPARQL gives, and so is the first class's."""
    seen.get(server)
    figures = dict(zip(_texts(seen, ".figures dt"), _texts(seen, ".figures dd"), strict=True))
    (counted,) = _rows(server, _RECORDS)
    assert figures["Records"] == counted["records"] != "0"
    assert int(figures["Datasets"]) == len(_texts(seen, "#datasets + * tbody tr"))


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_record_speaks_the_readers_language(server: str, seen: WebDriver, language: str) -> None:
    """Its heading is the title in that language, which the data have."""
    query = f"""
        PREFIX dct: <http://purl.org/dc/terms/>
        SELECT ?title WHERE {{
          <{_QUALIFICATION}> dct:title ?title FILTER (LANG(?title) = "{language}")
        }}"""
    (row,) = _rows(server, query)
    seen.get(f"{server}resource?iri={quote(_QUALIFICATION, safe='')}&lang={language}")
    assert _one(seen, "h1").text == row["title"]
    spoken = "return (document.querySelector('h1 [lang]') || document.documentElement).lang"
    assert seen.execute_script(spoken) == language


def test_three_clicks_from_the_source_to_the_verdict(server: str, seen: WebDriver) -> None:
    """The record names file and line; one click shows the finding, one its rule, one the report."""
    report = f"{server}datasets/report?dataset={quote(_DATASET, safe='')}&number=2"
    found = httpx.get(f"{report}&format=json").json()
    (finding,) = [one for one in found["findings"] if one["rule"] == "practice/description-markup"]
    record = f"{server}resource?iri={quote(finding['record'], safe='')}"
    seen.get(record)
    card = _one(seen, "aside .card")
    assert f"opportunities.xml, line {finding['line']}" in card.text
    _click(_one(card, "summary"))
    assert finding["message"] in card.text
    _follow(seen, seen.find_element(By.LINK_TEXT, finding["rule"]))
    assert "description-markup" in seen.current_url
    assert finding["message"] in _one(seen, "main").text
    seen.get(record)
    _follow(seen, seen.find_element(By.LINK_TEXT, "report"))
    assert seen.current_url.startswith(report.partition("?")[0])
    assert _one(seen, ".lead .badge").text == "Conforms"
    assert finding["rule"] in _texts(seen, "tbody th")


def test_a_dataset_can_be_taken_whole(server: str, seen: WebDriver) -> None:
    """Every file that the page links is there; the N-Quads hold a record of it."""
    seen.get(f"{server}resource?iri={quote(_DATASET, safe='')}")
    links = seen.find_elements(By.CSS_SELECTOR, "a[href*='/dumps/']")
    addresses = [str(one.get_attribute("href")) for one in links]
    endings = {one.partition("latest.")[2] for one in addresses}
    assert {"nq.gz", "nq.zst", "ttl.gz", "ttl.zst", "xml.gz", "xml.zst", "json"} <= endings
    files = {one: httpx.get(one).raise_for_status().content for one in addresses}
    (nquads,) = [octets for one, octets in files.items() if one.endswith(".nq.gz")]
    assert f"<{_QUALIFICATION}> ".encode() in gzip.decompress(nquads)


def test_an_answer_in_three_views(server: str, seen: WebDriver) -> None:
    """One click from the table to the text and to the chart, which has the same rows."""
    rows = _rows(server, DEMONSTRATION)
    assert len(rows) > 5
    seen.get(f"{server}sparql?query={quote(DEMONSTRATION)}")
    assert len(_texts(seen, ".answer tbody tr")) == len(rows)
    _follow(seen, seen.find_element(By.LINK_TEXT, "Raw"))
    raw = _one(seen, "#result ~ pre").text
    assert list(csv.DictReader(io.StringIO(raw))) == rows
    _follow(seen, seen.find_element(By.LINK_TEXT, "Chart"))
    assert _texts(seen, ".chart .value") == [one["qualifications"] for one in rows]
    bars = seen.find_elements(By.CSS_SELECTOR, ".chart rect")
    widths = [one.rect["width"] for one in bars]
    longest = max(range(len(rows)), key=lambda n: int(rows[n]["qualifications"]))
    assert widths[longest] == max(widths) > 100
    assert _one(seen, "#query").get_attribute("value") == DEMONSTRATION.replace("\r", "")


def test_a_credential_is_verified(server: str, seen: WebDriver, tmp_path: Path) -> None:
    """Choose the sealed sample and read five answers; a changed one is told apart."""
    genuine = demonstration() / "diploma.jsonld"
    changed = tmp_path / "changed.jsonld"
    text = genuine.read_text(encoding="utf-8")
    changed.write_text(text.replace("Ada Example", "Eve Example"), encoding="utf-8")
    good = ["Yes", "Yes", "Yes", "Yes", "Not certain"]
    for file, indication in ((genuine, "TOTAL_PASSED"), (changed, "TOTAL_FAILED")):
        seen.get(f"{server}verify")
        _one(seen, "#document").send_keys(str(file))
        _follow(seen, _one(seen, "form.drop button"))
        answers = _texts(seen, ".answered h2 .badge")
        assert len(answers) == 5
        assert (answers == good) == (file is genuine)
        assert file.name in _one(seen, "header.title").text
        assert "worth nothing" in _one(seen, ".notice").text
        _click(_one(seen, "details.copy summary"))
        assert indication in _one(seen, "details.copy").text
    assert answers[1] == "No"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Serve an empty page of another site, whose scripts may ask anybody; ours let none."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<!doctype html><title>Elsewhere</title>")
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path / "site")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        Thread(target=site.serve_forever).start()
        yield f"http://127.0.0.1:{site.server_port}/index.html"
        site.shutdown()


def test_a_broken_answer_is_an_error_in_the_browser(
    browser: WebDriver, elsewhere: str, tmp_path: Path
) -> None:
    """The status has been sent as 200; what follows ends as an error, never as a short answer."""
    sample.make(tmp_path / "store")
    base = free_base()
    with serving(tmp_path / "store", base, {"query_result_bytes": "500000"}):
        browser.get(elsewhere)
        whole = browser.execute_async_script(_FETCH, f"{base}sparql", f"{_MANY} LIMIT 10000")
        assert whole[0] == 200
        assert whole[1] > 100_000
        broken = browser.execute_async_script(_FETCH, f"{base}sparql", _MANY)
        assert broken == [200, "TypeError"]
