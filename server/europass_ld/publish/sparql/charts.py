"""A result as a chart with horizontal bars: which columns it shows, and how long each bar is.

No IO and no Flask here. The rule:

* the bars show the last column in which every value is a number;
* the words beside them are the columns that hold something else, joined; where these do not tell
  the rows apart, all other columns;
* a row without a number is left out, and so is what follows the first `MOST_BARS` rows.

Without such a column of numbers, or with no column beside it, there is no chart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

import pyoxigraph as ox

from ...terms import expand
from ..language import Message

MOST_BARS = 50
_LONGEST_WORDS = 200
_NUMBERS = frozenset(
    expand(f"xsd:{one}")
    for one in (
        *("integer", "decimal", "double", "float", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = Sequence[Term | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with words beside it; where its bar starts and how long it is, in percent."""

    words: str
    number: float
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars; the names of the columns they show; how many rows are not among them."""

    of: str
    by: tuple[str, ...]
    bars: tuple[Bar, ...]
    left_out: int


def chart(variables: Sequence[str], rows: Sequence[Row], words: Callable[[Term], str]) -> Chart:
    """Return the chart of a result by the rule above; `words` says what a term is called.

    Raises:
        NoChart: there is none, with the reason.
    """
    columns = range(len(variables))
    numeric = [one for one in columns if _is_numeric([row[one] for row in rows])]
    if not numeric:
        raise NoChart(
            Message("There is no chart: no column of these rows holds numbers, and only numbers.")
        )
    if len(variables) == 1:
        raise NoChart(Message("There is no chart: no column says what these numbers are of."))
    value = numeric[-1]
    beside = _beside([one for one in columns if one != value], numeric, rows)
    drawn = [(row, number) for row in rows if (number := _number(row[value])) is not None]
    drawn = drawn[:MOST_BARS]
    return Chart(
        variables[value],
        tuple(variables[one] for one in beside),
        _bars([(_joined([row[one] for one in beside], words), number) for row, number in drawn]),
        len(rows) - len(drawn),
    )


class NoChart(Exception):
    """A result of which no chart is drawn; `reason` is for people."""

    def __init__(self, reason: Message):
        super().__init__(str(reason))
        self.reason = reason


def _beside(others: list[int], numeric: Sequence[int], rows: Sequence[Row]) -> list[int]:
    """Return the columns whose values stand beside the bars."""
    worded = [one for one in others if one not in numeric]
    keys = {tuple(row[one] for one in worded) for row in rows}
    return worded if worded and len(keys) == len(rows) else others


def _bars(drawn: Sequence[tuple[str, float]]) -> tuple[Bar, ...]:
    numbers = [number for _, number in drawn]
    lowest, highest = min(0.0, *numbers), max(0.0, *numbers)
    span = highest / 2 - lowest / 2 or 1.0  # halves: the whole may be more than a float holds

    def percent(distance: float) -> float:
        return round(distance / span * 50, 2)

    return tuple(
        Bar(words, number, percent(min(number, 0.0) - lowest), percent(abs(number)))
        for words, number in drawn
    )


def _is_numeric(column: Iterable[Term | None]) -> bool:
    bound = [one for one in column if one is not None]
    return bool(bound) and all(_number(one) is not None for one in bound)


def _number(term: Term | None) -> float | None:
    """Return the value of a numeric literal; None for anything else, and for what has no end."""
    if not isinstance(term, ox.Literal) or term.datatype.value not in _NUMBERS:
        return None
    try:
        number = float(term.value)
    except ValueError:  # a literal may say what its datatype does not allow
        return None
    return number if isfinite(number) else None


def _joined(terms: Iterable[Term | None], words: Callable[[Term], str]) -> str:
    return " · ".join(words(one)[:_LONGEST_WORDS] for one in terms if one is not None)
