"""The answer to a query as a page shows it: its first rows as a table, as CSV or as a chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from markupsafe import escape

from ...errors import QueryTooLarge
from ...formats import RDF_FORMATS
from ...queries import Answer
from ...terms import compact
from ..description import Link
from ..labels import Label, last_part
from ..language import Message
from ..literals import Passage
from ..serialization import serialize
from ..site import reader_languages, site
from .charts import Chart, NoChart, Row, Term, chart

VIEWS = {"table": Message("Table"), "raw": Message("Raw"), "chart": Message("Chart")}
"""The ways to look at rows, the first where none is asked for, with what they are called."""
TRIPLES_SHOWN = 400
MOST_LINES = TRIPLES_SHOWN + 1
"""Lines of an answer that are asked for, of rows or of triples: one says that there are more."""
_ROWS_SHOWN = 200
_LONGEST_ON_A_PAGE = 4 * 2**20

Cell = Link | Passage | None


@dataclass(frozen=True, slots=True)
class Result:
    """An answer as a page shows it: `truth`, `turtle`, or rows with what `view` needs of them.

    `more` when there is something beyond what is shown. `no_chart` says why there is none.
    """

    truth: bool | None = None
    turtle: str = ""
    more: bool = False
    count: int = 0
    view: str = ""
    variables: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    csv: str = ""
    chart: Chart | None = None
    no_chart: Message | None = None


def result(answer: Answer, view: str) -> Result:
    """Return what a page shows of an answer, whose rows come as TSV and whose triples as lines.

    Raises:
        QueryTooLarge: the first rows are too long for a page.
        StoreError: as the answer does.
    """
    text = b"".join(_short(answer))
    if answer.outcome == "boolean":
        return Result(truth=text.strip() == b"true")
    lines = text.split(b"\n")[:-1]
    if answer.outcome == "graph":
        shown = b"\n".join([*lines[:TRIPLES_SHOWN], b""]).decode()
        turtle = serialize([("", shown)], RDF_FORMATS[0]).decode()
        return Result(turtle=turtle, more=len(lines) > TRIPLES_SHOWN)
    more = len(lines) > _ROWS_SHOWN + 1
    return _rows(b"\n".join([*lines[: _ROWS_SHOWN + 1], b""]), view, more=more)


def _rows(tsv: bytes, view: str, *, more: bool) -> Result:
    solutions = ox.parse_query_results(tsv, format=ox.QueryResultsFormat.TSV)
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 - for the type checker
    count, variables = tsv.count(b"\n") - 1, tuple(one.value for one in solutions.variables)
    if view == "raw":
        csv = solutions.serialize(format=ox.QueryResultsFormat.CSV) or b""
        return Result(view=view, more=more, count=count, csv=csv.decode())
    rows = [tuple(row) for row in solutions]
    if view == "chart":
        drawn, reason = _chart(variables, rows)
        return Result(view=view, more=more, count=count, chart=drawn, no_chart=reason)
    cells = tuple(tuple(_cell(term) for term in row) for row in rows)
    return Result(view=view, more=more, count=count, variables=variables, rows=cells)


def _chart(variables: Sequence[str], rows: Sequence[Row]) -> tuple[Chart | None, Message | None]:
    try:
        return chart(variables, rows, _words), None
    except NoChart as none:
        return None, none.reason


def _words(term: Term) -> str:
    """Return what a term is called, in the reader's language where its thing has a name."""
    if isinstance(term, ox.NamedNode):
        name = site().names.name(term.value, reader_languages())
        return name.text if name else last_part(term.value)
    return term.value if isinstance(term, ox.Literal) else str(term)


def _short(answer: Answer) -> Iterator[bytes]:
    size = 0
    for part in answer:
        size += len(part)
        if size > _LONGEST_ON_A_PAGE:
            raise QueryTooLarge("the first rows are too long for a page", limit="page")
        yield part


def _cell(term: object) -> Cell:
    if isinstance(term, ox.NamedNode):
        return Link(term.value, Label(compact(term.value)), site().address(term.value))
    if isinstance(term, ox.Literal):
        return Passage(escape(term.value), term.language or "")
    return None if term is None else Passage(escape(str(term)))
