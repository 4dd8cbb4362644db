"""The guard against queries that call others: nothing gets by it, and words do not trip it."""

import re
import time

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.errors import QueryRefused
from europass_ld.queries.guard import check_query

_PREFIXES = (
    "PREFIX : <http://127.0.0.1:1/> PREFIX SERVICE: <http://127.0.0.1:1/>"
    " PREFIX SERVICF: <http://127.0.0.1:1/> PREFIX p: <http://127.0.0.1:1/>"
    " PREFIX q: <http://127.0.0.1:> "
)
_CALLS = [
    "ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    "ASK { service silent ?u { ?s ?p ?o } }",
    "ASK{SERVICE?x{}}",
    "ASK{SERVICE#comment\n?x{}}",
    "ASK{?s ?p 1SERVICE?x{}}",
    "ASK{?s ?p 1.5SERVICE:x{}}",
    "ASK{?s ?p trueSERVICE?x{}}",
    "ASK{?s ?p 'a'SERVICE?x{}}",
    "ASK{?s ?p ?o.SERVICE?x{}}",
    "ASK{SERVICE:x{}}",
    "ASK{SERVICESILENT:x{}}",
    "ASK{?s ?p ?o. ?s ?p q:SERVICE?x{}}",
    "ASK{?s q:1SERVICE?x{}}",
    "ASK{?s :p 'a'^^q:SERVICE?x{}}",
    "ASK{VALUES ?x{'''a'}SERVICE?z{}#\\uD800'''\n}",
    "ASK{VALUES ?x{'''a'}SERVICE?z{}#\\x'''\n}",
    "ASK{VALUES ?x{'''a'}SERVICE?z{}#\\U00110000'''\n}",
    "ASK{VALUES ?x{'''a'}FILTER(1=1)SERVICE?z{}}",
    "ASK{FILTER(1<2#>'''\n)SERVICE?x{}#'''\n}",
    "ASK{FILTER(1<'b>')SERVICE?x{}#'\n}",
    "ASK{FILTER(1<2)SERVICE?x#>\n{}}",
    "ASK{<<?s:p?o#>'''\n>>?p ?z SERVICE?x{}#'''\n}",
    "ASK { #\rSERVICE ?x {} }",
]


def _refused(query: str) -> QueryRefused | None:
    try:
        check_query(query)
    except QueryRefused as error:
        return error
    return None


def _has_keyword(query: str) -> bool:
    """Ask the engine: a word is a keyword if the query breaks when one letter of it is changed."""
    store = ox.Store()
    for word in re.finditer("service", query, re.IGNORECASE):
        other = query[: word.end() - 1] + "F" + query[word.end() :]
        try:
            store.query(other)
        except SyntaxError:
            return True
        except (OSError, RuntimeError):
            continue
    return False


@pytest.mark.parametrize("query", _CALLS)
def test_calls_are_refused(query: str) -> None:
    """Each of these the engine takes for a call of another server."""
    assert _has_keyword(_PREFIXES + query)
    assert _refused(_PREFIXES + query)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?s ?p 'SERVICE <http://x/> {}' }",
        'ASK { ?s ?p "say \\"SERVICE\\" and LOAD" }',
        "ASK { ?s ?p '''a 'SERVICE' b''' }",
        'ASK { ?s ?p """line\nSERVICE <x> {\n""" }',
        "ASK { ?s ?p 'caf\\u00e9 SERVICE' }",
        "ASK { ?s ?p ?o } # SERVICE <http://x/> {}",
        "ASK { # LOAD\n ?s ?p ?o }",
        "ASK { ?s <http://x.example/service/SERVICE> ?o }",
        "ASK { ?s <http://x.example/a#SERVICE> ?o }",
        "ASK { ?s ?p <urn:service:1> }",
        "ASK { ?SERVICE ?p $load }",
        "ASK { _:service ?p [] }",
        "ASK { ?s ?p 'x'@service }",
        "PREFIX d: <http://www.w3.org/ns/dcat#> ASK { ?s d:service ?o . ?o a d:DataService }",
        "PREFIX service: <http://x/> ASK { ?s service:x ?o }",
        "ASK { ?s ?p ?o FILTER(?o < 3 && ?o > 1) }",
        "ASK { ?s ?p ?o FILTER(?a<?b && 'SERVICE' != ?c) }",
        "PREFIX load: <http://x/> ASK { ?s load:x ?o }",
    ],
)
def test_words_elsewhere_pass(query: str) -> None:
    """In strings, IRIs, comments, names and variables the words mean nothing."""
    ox.Store().query(query)
    check_query(query)


_padding = st.text(alphabet="ab é\t\U0001f600{}<>#?.;", max_size=8)
_quotes = st.sampled_from(["'", '"', "'''", '"""'])


@given(_quotes, _padding, _padding, st.sampled_from(["SERVICE", "service", "LOAD"]))
@settings(max_examples=200)
def test_words_in_any_string_pass(quote: str, before: str, after: str, word: str) -> None:
    """Whatever stands around a word in a string, it stays a string."""
    query = f"ASK {{ ?s ?p {quote}{before}{word}{after}{quote} }}"
    ox.Store().query(query)
    check_query(query)


@given(_padding, _padding)
@settings(max_examples=100)
def test_words_in_any_comment_pass(before: str, after: str) -> None:
    """A comment ends with its line, whatever it holds."""
    query = f"ASK {{ #{before}' \" ''' SERVICE{after}\n ?s ?p ?o }}"
    ox.Store().query(query)
    check_query(query)


@pytest.mark.parametrize("escape", ["\\u0053", "\\U00000053", "\\u0073"])
def test_escaped_keywords_are_refused(escape: str) -> None:
    """The grammar reads escapes of code points before words, so the guard does too."""
    error = _refused(f"ASK {{ {escape}ERVICE <http://x/> {{}} }}")
    assert error is not None
    assert error.forbidden == "SERVICE"


def test_load_is_refused_where_it_stands() -> None:
    """The position is that of the word, counted from one."""
    error = _refused("# first line\n  LOAD <http://127.0.0.1/>")
    assert error is not None
    assert (error.forbidden, error.line, error.column) == ("LOAD", 2, 3)


def test_the_engine_leaves_escapes_in_comments_alone() -> None:
    """The guard relies on it: an escaped end of line does not end a comment."""
    ox.Store().query("ASK { #\\u000A SERVICE <http://127.0.0.1:1/> {} \n}")


_FRAGMENTS = [
    *("SERVICE", "service", "SILENT", "LOAD", "?u", "$u", "{}", "{", "}", "(", ")", " ", "\n"),
    *("<http://127.0.0.1:1/>", "<urn:x#", "<'b>", "<#a>", "<<", "<", ">", "1<", "<?b>", "#", "\r"),
    *("'", "''", "'''", '"', '"""', "\\'", "\\uD800", "\\x", "\\u0027", "\\", "'a'", "@en", "^^"),
    *("p:", "q:", ":", "q:1", "p:a", "q:a", "\\-", "%41", "_:b", "[]", "1", "true", "a", ".", ";"),
    *("?s ?p ?o", "?s ?p ", "FILTER(", "1=1", "BIND(1 AS ?z)", "VALUES ?x{", "OPTIONAL{}", "|"),
]
_STATEMENTS = [
    *(
        "?s ?p ?o.",
        "?s ?p ?o",
        "?s ?p 1",
        "?s ?p 1.",
        "?s ?p true",
        "?s ?p 'a'",
        "?s q:1",
        "?s ?p ",
    ),
    *("?s ?p q:", "FILTER(1<2)", "FILTER(1<2#>'''\n)", "FILTER(1<'b>')", "BIND(1 AS ?z)", "{}"),
    *("VALUES ?x{1}", "VALUES ?x{'''a'}", "[] ?p ?o.", "_:b ?p ?o.", "?s <urn:x#y> ?o.", "#\n"),
]
_before = st.lists(st.sampled_from(_STATEMENTS) | st.sampled_from(_FRAGMENTS), max_size=4)
_after = st.lists(st.sampled_from(_FRAGMENTS), max_size=3)
_targets = st.sampled_from(
    ["?u", ":x", "<http://127.0.0.1:1/>", " p:x", "SILENT:x", "#\n?u", "#>\n?u"]
)


@given(_before, _targets, _after)
@settings(max_examples=800, deadline=None)
def test_nothing_that_the_engine_would_call_passes(
    before: list[str], target: str, after: list[str]
) -> None:
    """Over pieces made to confuse: what the engine reads as the keyword is refused."""
    query = f"{_PREFIXES}ASK{{{''.join(before)}SERVICE{target}{{}}{''.join(after)}}}"
    try:
        ox.Store().query(query)
    except SyntaxError:
        return
    except (OSError, RuntimeError):
        pass
    if _has_keyword(query):
        assert _refused(query), query


@pytest.mark.parametrize(
    "piece",
    ["<#>", "<'>", "'\\'", "a.", "a-", "service:", "'''", "<a", "#\n", "q:service ", "\\u0053"],
)
def test_time_is_bounded(piece: str) -> None:
    """A long query made to be read again and again is read once: 0.1 s here, not minutes."""
    started = time.process_time()
    _refused("ASK {" + piece * (60_000 // len(piece)))
    assert time.process_time() - started < 3
