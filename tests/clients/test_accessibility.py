"""axe-core in headless Chromium: no page breaks a rule of WCAG 2.2 AA, on no screen."""

from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from europass_ld.examples import load_queries
from europass_ld.publish.language import LANGUAGES
from europass_ld.publish.sparql.snippets import DEMONSTRATION

from .browser import SIZES, show_as, show_as_it_is
from .conftest import FINNISH
from .serving import NODE_MODULES

pytestmark = pytest.mark.clients

_AXE = NODE_MODULES / "axe-core" / "axe.min.js"
_RUN = """
const done = arguments[arguments.length - 1];
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
axe.run(document, {runOnly: rules})
  .then((found) => done([found.passes.length, found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html} (${node.failureSummary})`))]));
"""
_RULES_THAT_APPLY = 15
"""At least so many rules find something to look at on each page; fewer, and axe saw no page."""

_DATASET = quote(f"{FINNISH}dataset/learning-opportunities", safe="")
_SHAPE = quote("https://europass-ld.github.io/shapes/best-practice#location-missing", safe="")
_PAGES = {
    "home": "",
    "qualification": f"resource?iri={quote(f'{FINNISH}koulutus/1001', safe='')}",
    "all forms": f"resource?iri={quote(f'{FINNISH}koulutus/1001', safe='')}&_profile=alt",
    "history": f"resource/history?iri={quote(f'{FINNISH}toteutus/2001', safe='')}",
    "deleted": f"resource?iri={quote(f'{FINNISH}toteutus/2022', safe='')}",
    "code": f"resource?iri={quote('http://data.europa.eu/snb/eqf/4', safe='')}",
    "shape": f"resource?iri={_SHAPE}",
    "dataset": f"resource?iri={_DATASET}",
    "datasets": "datasets",
    "records": f"datasets/records?dataset={_DATASET}",
    "coverage": f"datasets/coverage?dataset={_DATASET}",
    "versions": f"datasets/versions?dataset={_DATASET}",
    "version": f"datasets/version?dataset={_DATASET}&number=1",
    "report": f"datasets/report?dataset={_DATASET}&number=2",
    "search": "search?q=forest",
    "sparql": "sparql",
    "answer": f"sparql?query={quote('SELECT * { ?s a ?class } LIMIT 5')}",
    "raw answer": f"sparql?view=raw&query={quote('SELECT * { ?s a ?class } LIMIT 5')}",
    "chart": f"sparql?view=chart&query={quote(DEMONSTRATION)}",
    "wrong query": f"sparql?query={quote('SELECT')}",
    "citation": f"cite?dataset={_DATASET}&format=html",
    "how to query": "about/sparql",
    "mapping": "about/mapping",
    "mapped class": "about/mapping/loq/qualification",
    "shapes": "about/shapes",
    "terms": "ontology",
    "catalogue": "catalogue",
    "verification": "verify",
    "accreditation": "accreditation",
    "sign in": "credentials/sign-in",
    "code lists": "vocabularies",
    "example query": f"about/sparql/{load_queries()[0].id}",
    "nothing there": "nowhere",
}
_PROGRAM = "script:not([type='application/ld+json'])"


@pytest.fixture(scope="module")
def check(browser: WebDriver) -> Callable[[str], list[str]]:
    """Return a function that opens an address and returns what axe finds wrong with it."""
    if not _AXE.is_file():
        pytest.skip("needs tests/clients/install.sh to have run")
    axe = _AXE.read_text(encoding="utf-8")

    def check(address: str) -> list[str]:
        browser.get(address)
        browser.execute_script(axe)
        applied, violations = browser.execute_async_script(_RUN)
        assert applied >= _RULES_THAT_APPLY
        return list(violations)

    return check


@pytest.fixture
def seen(browser: WebDriver) -> Iterator[Callable[[str, str], None]]:
    """Return a function that sets colour scheme and size of the screen; undone at the end."""
    yield partial(show_as, browser)
    show_as_it_is(browser)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule(
    server: str,
    check: Callable[[str], list[str]],
    seen: Callable[[str, str], None],
    browser: WebDriver,
    scheme: str,
    size: str,
) -> None:
    """Every kind of page has no violation, and on a phone nothing is wider than the screen."""
    seen(scheme, size)
    wrong = {}
    for name, path in _PAGES.items():
        wrong[name] = check(server + path)
        width = browser.execute_script("return document.documentElement.scrollWidth")
        if width > SIZES[size][0]:
            wrong[name].append(f"{width} pixels wide")
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_breaks_a_rule(
    server: str,
    check: Callable[[str], list[str]],
    seen: Callable[[str, str], None],
    browser: WebDriver,
    language: str,
) -> None:
    """The home page and a record, in every language, fit on a phone."""
    seen("light", "phone")
    for path in (f"?lang={language}", f"{_PAGES['qualification']}&lang={language}"):
        assert check(server + path) == []
        assert browser.execute_script("return document.documentElement.lang") == language
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_the_keyboard_goes_everywhere(server: str, browser: WebDriver) -> None:
    """The first stop is the link past the navigation; each next one is visible and has a ring."""
    browser.get(server)
    _press(browser, Keys.TAB)
    first = browser.switch_to.active_element
    assert first.get_attribute("href") == f"{server}#main"
    assert first.is_displayed()
    first.send_keys(Keys.ENTER)
    assert browser.execute_script("return document.activeElement.id") == "main"
    _press(browser, Keys.TAB)
    stop = browser.switch_to.active_element
    assert browser.execute_script("return arguments[0].closest('main') !== null", stop)
    outline = "return getComputedStyle(arguments[0]).outlineWidth"
    assert browser.execute_script(outline, stop) == "3px"


def test_pages_ask_nobody_else_and_run_nothing(server: str, browser: WebDriver) -> None:
    """Every request goes to this server; the policy blocks nothing, at a second visit neither."""
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # what earlier tests left
    paths = ("", _PAGES["qualification"], _PAGES["how to query"])
    for path in (*paths, *paths):
        browser.get(server + path)
        asked = browser.execute_script(
            "return performance.getEntriesByType('resource').map((one) => one.name)"
        )
        assert asked
        assert all(str(one).startswith(server) for one in asked)
        assert browser.find_elements(By.CSS_SELECTOR, _PROGRAM) == []
        styled = "return getComputedStyle(document.querySelector('.skip')).position"
        assert browser.execute_script(styled) == "absolute"
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def _press(browser: WebDriver, key: str) -> None:
    browser.find_element(By.TAG_NAME, "body").send_keys(key)
