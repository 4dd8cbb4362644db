"""The editor of the endpoint in Chromium: it offers what the data hold, and asks nobody else."""

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from europass_ld.publish.sparql.guide import has_editor
from europass_ld.terms import expand

pytestmark = pytest.mark.clients

_SECONDS = 20
_HINTS = ".CodeMirror-hints li"
_TEXT = "return document.querySelector('.CodeMirror').CodeMirror.getValue()"


@pytest.fixture
def field(server: str, browser: WebDriver) -> WebElement:
    """Open the endpoint and return the editor's input, emptied."""
    if not has_editor():
        pytest.skip("needs the editor: python -m tests.tools.build_editor")
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # what earlier tests left
    browser.get(f"{server}sparql")
    field = browser.find_element(By.CSS_SELECTOR, ".editor textarea")
    field.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE)
    return field


def test_a_query_is_written_with_what_is_offered(browser: WebDriver, field: WebElement) -> None:
    """Classes after `a`, properties by their labels, prefixes by themselves; Ctrl-Enter asks."""
    field.send_keys("SELECT * { ?one a elm:Qua")
    assert "elm:Qualification  Qualification" in _offered(browser)
    field.send_keys(Keys.ENTER, " ; titl")
    field.send_keys(Keys.CONTROL, " ", Keys.NULL)
    assert _offered(browser) == ["dct:title  Title"]
    field.send_keys(Keys.ENTER, " ?title } LIMIT 3")
    text = str(browser.execute_script(_TEXT))
    assert f"PREFIX elm: <{expand('elm:')}>" in text
    assert "SELECT * { ?one a elm:Qualification ; dct:title ?title } LIMIT 3" in text
    field.send_keys(Keys.CONTROL, Keys.ENTER, Keys.NULL)
    rows = WebDriverWait(browser, _SECONDS).until(
        lambda seen: seen.find_elements(By.CSS_SELECTOR, ".answer tr")
    )
    assert [one.text for one in rows[0].find_elements(By.TAG_NAME, "th")] == ["one", "title"]
    assert len(rows) == 1 + 3
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_names_follow_the_prefixes_of_the_query(browser: WebDriver, field: WebElement) -> None:
    """A prefix that the query declares is the one that names come with; IRIs come as IRIs."""
    field.send_keys(f"PREFIX m: <{expand('elm:')}>", Keys.ENTER, "ASK { ?one a m:Qual")
    assert "m:Qualification  Qualification" in _offered(browser)
    field.send_keys(Keys.ENTER, f" . ?two a <{expand('elm:Learn')}")
    assert any(one.startswith(f"<{expand('elm:LearningO')}") for one in _offered(browser))
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def _offered(browser: WebDriver) -> list[str]:
    hints = WebDriverWait(browser, _SECONDS).until(
        lambda seen: seen.find_elements(By.CSS_SELECTOR, _HINTS)
    )
    return [str(one.get_attribute("textContent")) for one in hints]
