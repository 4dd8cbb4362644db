"""Pages in several languages: nothing escapes translation, and nothing lacks one."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

from europass_ld.publish.language import CATALOGUES, LANGUAGES, Message, language, language_for
from tests.tools.update_translations import catalogue, messages, updated

_TRANSLATED = ["de", "es", "fr", "it", "pl"]
_TEMPLATES = sorted(CATALOGUES.parent.glob("templates/*.html"))
_MESSAGE = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.DOTALL)
_CODE = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(pre|svg|code)\b.*?</\1>|<[^<>]*>|&\w+;", re.DOTALL
)
_SPOKEN = re.compile(r'(?:aria-label|placeholder|alt|title)="([^"{]+)"')
_NAMES = {
    "Europass",
    "europass",
    "Linked",
    "Data",
    "SPARQL",
    "CITATION",
    "cff",
    "DataCite",
    "JSON",
    "SHA",
    "OAI",
    "PMH",
}
"""What is the same in every language."""
_PLACE = re.compile(r"%\(\w+\)s|</?\w+[^>]*>")


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: path.name)
def test_no_text_escapes_translation(path: Path) -> None:
    """Every word in a template is part of a message, but for names."""
    source = _MESSAGE.sub(" ", path.read_text())
    text = " ".join([_CODE.sub(" ", source), *_SPOKEN.findall(source)])
    assert set(re.findall(r"[^\W\d_]{3,}", text)) <= _NAMES


@pytest.mark.parametrize("tag", _TRANSLATED)
def test_every_message_is_translated(tag: str) -> None:
    """Each language says all that English says, with the same places and the same markup."""
    known = catalogue(tag)
    said = [message for message in messages() if message.id]
    assert len(said) > 200
    assert [one.id for one in said if not all(_translations(known, one))] == []
    for one in said:
        for translation in _translations(known, one):
            assert sorted(_PLACE.findall(translation)) == sorted(_PLACE.findall(_texts(one.id)[-1]))


@pytest.mark.parametrize("tag", _TRANSLATED)
def test_catalogues_are_as_the_script_writes_them(tag: str) -> None:
    """In order, without places, and without what nobody says any more."""
    assert (CATALOGUES / f"{tag}.po").read_bytes() == updated(tag)


def test_the_language_of_a_page() -> None:
    """The first of the reader's languages that pages are written in; else English."""
    assert language_for(("mt", "en-gb", "en")).tag == "en"
    assert language_for(("tlh",)).tag == "en"
    assert ("en", *_TRANSLATED) == LANGUAGES
    assert [language_for((tag, "en")).tag for tag in LANGUAGES] == list(LANGUAGES)


def test_a_message_is_english_where_it_is_a_string() -> None:
    """It fills its places; a text that is in no catalogue stays English, and says so."""
    told = Message("Nothing here describes <%(iri)s>.", iri="https://x.example/%41")
    assert told == "Nothing here describes <https://x.example/%41>."
    assert language("en").told(told) == (str(told), "en")
    assert language(LANGUAGES[-1]).told("100 % of nobody's words") == (
        "100 % of nobody's words",
        "en",
    )


def test_numbers_days_and_languages_in_english() -> None:
    """As in Europe: the day before the month; an unknown language is its tag."""
    english = language("en")
    assert english.number(1_234_567) == "1,234,567"
    assert english.percent(98) == "98%"
    assert english.day("2025-01-31T23:00:00Z") == "31 January 2025"
    assert english.day("once") == english.moment("once") == "once"
    assert english.language_name("fi") == "Finnish"
    assert english.language_name("en-GB") == "English (United Kingdom)"
    for unknown in ("tlhx", "q", "de-x-private"):
        assert english.language_name(unknown)


def test_each_language_has_its_own_ways() -> None:
    """Plural forms, separators, order of a date, names of languages."""
    polish = language("pl")
    forms = [polish.ngettext("%(count)s finding", "%(count)s findings", one) for one in (1, 3, 5)]
    assert forms == ["%(count)s uwaga", "%(count)s uwagi", "%(count)s uwag"]
    assert language("de").number(1_234_567) == "1.234.567"
    assert language("fr").percent(98) == "98\N{NO-BREAK SPACE}%"
    assert language("es").day("2025-01-31") == "31 de enero de 2025"
    assert language("it").duration("P1Y6M") == "1 anno 6 mesi"
    assert language("fr").language_name("fi") == "finnois"
    assert [language(tag).own_name for tag in ("de", "pl")] == ["Deutsch", "Polski"]


def _translations(known: Catalog, message: Entry) -> tuple[str, ...]:
    found = known.get(message.id)
    return _texts(found.string) if found else ("",)


def _texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))
