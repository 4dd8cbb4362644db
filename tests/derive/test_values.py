"""Durations, numbers and days as values that can be compared."""

from decimal import Decimal

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.derive.values import day, days, days_of, decimal, number
from europass_ld.terms import expand


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("P1Y", "365.2425"),
        ("P3Y", "1095.7275"),
        ("P1Y6M", "547.86375"),
        ("P1M", "30.436875"),
        ("P5D", "5"),
        ("PT12H", "0.5"),
        ("P1DT3H", "1.125"),
        ("PT90M", "0.0625"),
        ("P1DT0.864S", "1.00001"),
    ],
)
def test_days_of_a_duration(duration: str, expected: str) -> None:
    """A year is 365.2425 days and a month a twelfth of it; all other parts are what they are."""
    found = days(duration)
    assert found is not None
    assert decimal(found) == expected


@pytest.mark.parametrize("duration", ["PT0S", "P0Y0M", "-P1Y", "", "P", "1 year", "P1,5Y"])
def test_no_days(duration: str) -> None:
    """A duration of nothing says that none was entered; what is no duration says nothing either."""
    assert days(duration) is None


@given(st.decimals(min_value=0, max_value=10**9, places=9))
@settings(max_examples=200)
def test_decimals_are_written_as_the_store_does(value: Decimal) -> None:
    """What is derived comes out of the store as it went in, so that differences are real ones."""
    text = decimal(value)
    assert abs(Decimal(text) - value) <= Decimal("0.0000005")
    store = ox.Store()
    literal = ox.Literal(text, datatype=ox.NamedNode(expand("xsd:decimal")))
    node = ox.NamedNode("https://data.example.org/1")
    store.add(ox.Quad(node, node, literal))
    (quad,) = store
    assert quad.object == literal


@pytest.mark.parametrize(
    ("text", "expected"),
    [("180", 180), (" 7,5 ", Decimal("7.5")), ("0", 0), ("240.0", 240)],
)
def test_numbers(text: str, expected: Decimal) -> None:
    """Decimal points and commas are read alike."""
    assert number(text) == expected


@pytest.mark.parametrize("text", ["", "15-20", "180 op", "1.000,5", "-3", "NaN", "1e3", "٣"])
def test_what_is_no_number(text: str) -> None:
    """A text that would have to be interpreted is left alone."""
    assert number(text) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-12-31T23:30:00-05:00", "2026-12-31"),
        ("2026-01-01T00:30:00+02:00", "2026-01-01"),
        ("2026-01-01T00:30:00", "2026-01-01"),
        ("2026-02-30T00:00:00Z", None),
        ("12026-01-01T00:00:00Z", None),
        ("yesterday", None),
    ],
)
def test_the_day_is_that_of_the_publisher(moment: str, expected: str | None) -> None:
    """The day is read off as it was written, with or without a zone; impossible ones are none."""
    assert day(moment) == expected


def test_days_are_in_order() -> None:
    """The first and the last can be taken from the ends."""
    moments = ["2027-01-01T00:00:00Z", "no day", "2026-06-01T00:00:00"]
    assert days_of(moments) == ["2026-06-01", "2027-01-01"]
