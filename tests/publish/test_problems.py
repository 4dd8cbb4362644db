"""The one table from exception to problem document."""

from http import HTTPStatus

import pyoxigraph as ox
import pytest

from europass_ld import errors
from europass_ld.publish.problems import KINDS, Refusal, problem_for, syntax_error


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (errors.QueryRefused("error at 1:2: expected X"), 400, "malformed-query"),
        (errors.QueryRefused("no", line=1, column=2, forbidden="SERVICE"), 403, "call-refused"),
        (errors.QueryRefused("no", line=1, column=2, forbidden="LOAD"), 403, "call-refused"),
        (errors.QueryRefused("no", forbidden="update"), 403, "update-refused"),
        (errors.QueryTimeout("slow", deadline=1.0), 503, "query-timeout"),
        (errors.QueryTooLarge("long", limit="max_query_bytes"), 413, "query-too-large"),
        (errors.UnknownDataset("http://x"), 404, "not-found"),
        (errors.StoreUnavailable("/srv/secret is locked"), 503, "store-unavailable"),
        (Refusal("gone", "It went."), 410, "gone"),
    ],
)
def test_statuses(error: Exception, status: int, name: str) -> None:
    """Every error of the store that a request can meet has its status and its type."""
    problem = problem_for(error)
    assert problem.status == status
    assert problem.type.endswith(f"#{name}")
    assert problem.members()["status"] == status
    assert problem.title == KINDS[name].title


def test_nothing_gets_out_of_an_unforeseen_error() -> None:
    """Neither the text of an exception nor a path of this machine."""
    for error in (RuntimeError("/srv/secret"), errors.StoreUnavailable("/srv/secret")):
        assert "secret" not in str(problem_for(error).members())
    assert problem_for(RuntimeError("x")).status == HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    ("query", "line", "column", "reason"),
    [
        ("SELECT * WHERE {\n ?s ?p ?o \n x y }", 3, 7, "expected GRAPH or MINUS"),
        ("ASK { ?s foo:bar 1}", 1, 17, "Prefix not found"),
        ("SELECT ?a { ?s ?p ?o } GROUP BY ?s", 1, 35, "a variable that is unbound"),
        ("SELEC", 1, 6, "not expected here"),
    ],
)
def test_the_engines_syntax_errors(query: str, line: int, column: int, reason: str) -> None:
    """The position is read, character classes go, and a sentence is preferred to tokens."""
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query)
    detail, *position = syntax_error(str(caught.value))
    assert position == [line, column]
    assert reason in detail
    assert "[" not in detail
    assert len(detail) < 200


def test_other_messages_stay() -> None:
    """What is not the engine's is not touched."""
    assert syntax_error("something else") == ("something else", None, None)
