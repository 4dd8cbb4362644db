"""Which columns of a result a chart shows, and how long its bars are."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.publish.sparql.charts import MOST_BARS, Chart, NoChart, Row, Term, chart
from europass_ld.terms import expand


def _words(term: Term) -> str:
    return str(getattr(term, "value", term))


def _number(value: object, kind: str = "decimal") -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(expand(f"xsd:{kind}")))


def _drawn(variables: str, *rows: Row) -> Chart:
    return chart(variables.split(), rows, _words)


A, B = ox.Literal("a", language="en"), ox.NamedNode("urn:b")


def test_the_last_column_of_numbers_by_the_words() -> None:
    """Other numbers do not stand beside the bars when words tell the rows apart."""
    found = _drawn(
        "place records share", (A, _number(4), _number(0.5)), (B, _number(8), _number(1))
    )
    assert (found.of, found.by) == ("share", ("place",))
    assert [(one.words, one.number, one.start, one.length) for one in found.bars] == [
        ("a", 0.5, 0, 50),
        ("urn:b", 1, 0, 100),
    ]


def test_words_that_do_not_tell_the_rows_apart() -> None:
    """All other columns stand beside the bars, numbers too."""
    found = _drawn("place year n", *((A, _number(year), _number(2)) for year in (2024, 2025)))
    assert found.by == ("place", "year")
    assert [one.words for one in found.bars] == ["a · 2024", "a · 2025"]


def test_numbers_only() -> None:
    """Of several columns of numbers the last is drawn, by those before it."""
    found = _drawn("year n", (_number(2024), _number(2)), (_number(2025), _number(3)))
    assert (found.of, found.by) == ("n", ("year",))


def test_bars_on_both_sides_of_nought() -> None:
    """Bars of negative numbers end where those of the others start."""
    found = _drawn("what change", (A, _number(-1)), (B, _number(3)))
    assert [(one.start, one.length) for one in found.bars] == [(0, 25), (25, 75)]


def test_what_is_not_drawn_is_counted() -> None:
    """Rows without a number, and those after the fiftieth."""
    rows = [(ox.Literal(str(one)), _number(one)) for one in range(MOST_BARS + 2)]
    found = _drawn("what n", (A, None), *rows)
    assert (len(found.bars), found.left_out) == (MOST_BARS, 3)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no column of these rows"),
        ([(A, None)], "no column of these rows"),
        ([(A, _number(1)), (B, ox.Literal("2"))], "no column of these rows"),
        ([(A, _number("NaN", "double"))], "no column of these rows"),
        ([(A, _number("many", "integer"))], "no column of these rows"),
    ],
)
def test_no_numbers(rows: list[Row], reason: str) -> None:
    """Text that looks like a number is none, nor is what has no place on a scale."""
    with pytest.raises(NoChart, match=reason):
        _drawn("what n", *rows)


def test_nothing_beside_the_numbers() -> None:
    """A single column is no chart."""
    with pytest.raises(NoChart, match="no column says"):
        _drawn("n", (_number(1),))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_bar_is_within_the_chart(numbers: list[float]) -> None:
    """Whatever the numbers are: none begins before the left edge or ends behind the right one."""
    rows = [(ox.Literal(str(n)), _number(one, "double")) for n, one in enumerate(numbers)]
    for one in _drawn("what n", *rows).bars:
        assert 0 <= one.start <= 100
        assert one.length >= 0
        assert one.start + one.length <= 100.02
