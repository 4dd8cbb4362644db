"""How literals are shown: rewritten for people, and harmless."""

import pyoxigraph as ox
import pytest

from europass_ld.plain import plain_text
from europass_ld.publish.language import language
from europass_ld.publish.literals import passage, safe_address, sanitised
from europass_ld.terms import expand

from .sample import IMAGE, SCRIPT

_ENGLISH = language("en")


def _typed(value: str, datatype: str) -> str:
    return str(passage(ox.Literal(value, datatype=ox.NamedNode(expand(datatype))), _ENGLISH).html)


@pytest.mark.parametrize(
    ("value", "datatype", "shown"),
    [
        ("P1Y6M", "xsd:duration", "1 year 6 months"),
        ("-P3D", "xsd:duration", "minus 3 days"),
        ("PT0S", "xsd:duration", "none"),
        ("PT1H30M", "xsd:duration", "1 hour 30 minutes"),
        ("P", "xsd:duration", "none"),
        ("about a year", "xsd:duration", "about a year"),
        ("2025-01-31T00:00:00Z", "xsd:dateTime", "31 January 2025"),
        ("2025-01-31T13:45:00+02:00", "xsd:dateTime", "31 January 2025, 13:45 UTC+02:00"),
        ("-0044-03-15", "xsd:date", "-0044-03-15"),
        ("true", "xsd:boolean", "Yes"),
        ("1.5", "xsd:decimal", "1.5"),
        ("a < b & c", "xsd:string", "a &lt; b &amp; c"),
    ],
)
def test_shown_for_people(value: str, datatype: str, shown: str) -> None:
    """Dates, durations and truth values are words; what cannot be read stays."""
    assert _typed(value, datatype) == shown


@pytest.mark.parametrize(
    "hostile", [SCRIPT, IMAGE, "<svg/onload=alert(1)>", "<p style='x:y'>a</p>"]
)
def test_hostile_markup_is_harmless(hostile: str) -> None:
    """No script, no handler, no foreign image, no address that runs."""
    shown = str(passage(ox.Literal(hostile, language="en"), _ENGLISH).html).lower()
    for evil in (
        "<script",
        "alert(",
        "onclick",
        "onload",
        "onerror",
        "javascript:",
        "<img",
        "style=",
    ):
        assert evil not in shown


def test_harmless_markup_stays() -> None:
    """Paragraphs, emphasis and links are shown; a link tells nobody where it came from."""
    shown = sanitised("<p>Safe <b>bold</b> <a href='https://ok.example/'>ok</a></p>")
    link = '<a href="https://ok.example/" rel="nofollow noopener noreferrer">ok</a>'
    assert shown == f"<p>Safe <b>bold</b> {link}</p>"


def test_titles_are_plain() -> None:
    """Markup in a title is left out, characters that merely look like it stay."""
    assert plain_text("a <b>bold</b> &amp; &lt;i&gt;") == "a bold & <i>"
    assert plain_text("1 < 2 & 3 > 2") == "1 < 2 & 3 > 2"


def test_long_texts_are_cut() -> None:
    """A page stays small; the data formats have all of it."""
    assert len(str(passage(ox.Literal("x" * 100_000), _ENGLISH).html)) < 5_000


def test_addresses() -> None:
    """Only schemes that cannot run anything become links."""
    assert safe_address("https://x.example/") == "https://x.example/"
    assert safe_address("mailto:a@x.example")
    assert safe_address("javascript:alert(1)") is None
    assert safe_address("JavaScript:alert(1)") is None
    assert safe_address("urn:x") is None
