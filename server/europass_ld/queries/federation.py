"""Answer the SERVICE calls of a query before it runs: each is replaced by the rows it stands for.

A SERVICE pattern is evaluated by itself and its solutions are joined with the rest (SPARQL 1.1
Federated Query, section 4 <https://www.w3.org/TR/sparql11-federated-query/#algebra>), so a table of
those solutions (VALUES) in its place means the same, and the engine need not call anybody. No
network here: who asks is a function.

Only what is plain is replaced: an endpoint of the operator's list as an IRI in angle brackets, and
a group. All else is left for the guard, which reads the outcome as it reads every query.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import pyoxigraph as ox

from ..errors import EndpointFailed, QueryRefused
from .guard import TOKEN, refused

Ask = Callable[[str, str], bytes]
"""From the IRI of an endpoint and a SELECT query to its answer: SPARQL 1.1 Query Results JSON."""

_FORMS = frozenset({"select", "ask", "construct", "describe"})
_LINE_END = re.compile(r"[\r\n]|\Z")
_NO_ROWS_WANTED = "{ }"
"""What a SILENT call that failed stands for: one solution that binds nothing (section 2.4)."""


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """One SERVICE pattern of a query: where it stands (offsets), and what it asks whom."""

    start: int
    end: int
    endpoint: str
    silent: bool
    pattern: str


def answer_services(text: str, endpoints: Collection[str], ask: Ask, *, most: int) -> str:
    """Return a query with its calls of `endpoints` replaced by what `ask` answers, lines kept.

    Raises:
        QueryRefused: more than `most` calls, one inside another, or an endpoint of another list.
        EndpointFailed: as `ask` raises it, or the answer cannot be joined; not for SILENT calls.
    """
    prologue, calls = find_services(text)
    if len(calls) > most:
        raise QueryRefused(
            f"the query calls other endpoints {len(calls)} times; {most} times is allowed",
            forbidden="SERVICE",
        )
    for call in calls:
        if call.endpoint not in endpoints:
            raise _not_listed(text, call, endpoints)
    parts, position = [], 0
    for call in calls:
        lines = "\n" * text.count("\n", call.start, call.end)
        parts += [text[position : call.start], _rows_of(call, prologue, ask), lines]
        position = call.end
    return "".join([*parts, text[position:]])


def find_services(text: str) -> tuple[str, list[ServiceCall]]:
    """Return the prologue of a query (PREFIX, BASE), and its plain SERVICE patterns in order."""
    prologue: str | None = None
    calls: list[ServiceCall] = []
    tokens = _tokens(text)
    for number, token in enumerate(tokens):
        word = token[0].casefold() if token.lastgroup == "word" else ""
        if prologue is None and word in _FORMS:
            prologue = text[: token.start()]
        if word == "service" and token.start() >= (calls[-1].end if calls else 0):
            call = _call_at(text, tokens[number:])
            if call is not None:
                calls.append(call)
    return prologue or "", calls


def _tokens(text: str) -> list[re.Match[str]]:
    """Return the tokens that mean something: no space, no comments."""
    found, position = [], 0
    while position < len(text):
        token = TOKEN.match(text, position)
        if token is None:
            break
        position = token.end()
        if token.lastgroup == "comment":
            end = _LINE_END.search(text, position)
            position = end.end() if end else len(text)
        elif token.lastgroup != "space":
            found.append(token)
    return found


def _call_at(text: str, tokens: list[re.Match[str]]) -> ServiceCall | None:
    words = [token[0].casefold() for token in tokens[1:2]]
    silent = words == ["silent"]
    head = tokens[1 + silent : 3 + silent]
    if [token.lastgroup for token in head] != ["iri", "other"] or head[1][0] != "{":
        return None
    depth = 0
    for token in tokens[2 + silent :]:
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if token.lastgroup == "word" and token[0].casefold() == "service":
            raise refused(
                "a SERVICE inside another is not run here", text, token.start(), "SERVICE"
            )
        if depth == 0:
            pattern = text[head[1].end() : token.start()]
            start = tokens[0].start()
            return ServiceCall(start, token.end(), head[0][0][1:-1], silent, pattern)
    return None


def _rows_of(call: ServiceCall, prologue: str, ask: Ask) -> str:
    # the pattern may end in a comment, which a line end closes
    query = f"{prologue}SELECT * WHERE {{{call.pattern}\n}}"
    try:
        return _table(call.endpoint, ask(call.endpoint, query))
    except EndpointFailed:
        if call.silent:
            return _NO_ROWS_WANTED
        raise


def _table(endpoint: str, answer: bytes) -> str:
    """Return the solutions of an answer as a group that binds them."""
    try:
        solutions = _solutions(answer)
    except (SyntaxError, ValueError) as error:
        message = f"what <{endpoint}> answered is not SPARQL results in JSON"
        raise EndpointFailed(message, endpoint=endpoint) from error
    if solutions is None:
        raise EndpointFailed(f"<{endpoint}> did not answer with rows", endpoint=endpoint)
    names, rows = solutions
    variables = " ".join(f"?{name}" for name in names)
    written = (" ".join(_term(endpoint, term) for term in row) for row in rows)
    return f"{{ VALUES ({variables}) {{ {' '.join(f'({row})' for row in written)} }} }}"


def _solutions(answer: bytes) -> tuple[list[str], list[tuple[object, ...]]] | None:
    """Return the variables and the rows of an answer, None when it is no table."""
    results = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    try:
        if not isinstance(results, ox.QuerySolutions):
            return None
        return [one.value for one in results.variables], [tuple(row) for row in results]
    finally:
        # an error keeps its frames, and another thread must not be the one to let go of this
        del results


def _term(endpoint: str, term: object) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, ox.NamedNode | ox.Literal):
        # line ends are escaped by the engine, so that the lines of the query stay what they are
        return str(term)
    raise EndpointFailed(
        f"the answer of <{endpoint}> has blank nodes, which mean nothing outside it (select what"
        " has a name, or filter with isBlank)",
        endpoint=endpoint,
    )


def _not_listed(text: str, call: ServiceCall, endpoints: Collection[str]) -> QueryRefused:
    listed = ", ".join(f"<{one}>" for one in sorted(endpoints))
    message = f"<{call.endpoint}> is not called from here (only {listed} may be)"
    return refused(message, text, call.start, "SERVICE")
