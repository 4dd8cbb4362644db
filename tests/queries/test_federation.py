"""SERVICE calls that are answered before the query runs: what they mean, and whom they reach."""

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_network

import pyoxigraph as ox
import pytest

from europass_ld.errors import EndpointFailed, QueryBusy, QueryRefused
from europass_ld.queries import gateway as gateway_module
from europass_ld.queries.federation import answer_services, find_services
from europass_ld.queries.gateway import Gateway
from europass_ld.queries.guard import check_query

from .endpoint import answering, dripping, endpoint, sending

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_REMOTE = """
@prefix : <http://x.example/> .
:a :label "eins"@de , "one"@en ; :size 1 .
:b :label "zwei\\nLinien"@de ; :size 2 .
:c :label "\\"drei\\" SERVICE <http://127.0.0.1/> { }"@de .
:d :size 4 .
"""
_LOCAL = """
@prefix : <http://x.example/> .
:p :of :a . :q :of :b . :r :of :d . :s :of :nowhere .
"""
_QUERIES = {
    "join": "PREFIX : <http://x.example/> SELECT * { ?x :of ?y . SERVICE <E> { ?y :label ?l } }",
    "optional": "PREFIX : <http://x.example/>"
    " SELECT * { ?x :of ?y OPTIONAL { SERVICE <E> { ?y :size ?n } } }",
    "optional within": "PREFIX : <http://x.example/>"
    " SELECT * { ?x :of ?y . SERVICE <E> { ?y :size ?n OPTIONAL { ?y :label ?l } } }",
    "union and filter": "PREFIX : <http://x.example/> SELECT * { { ?x :of ?y } UNION"
    " { SERVICE <E> { ?y :size ?n FILTER(?n<2||?n>3) } } }",
    "twice": "PREFIX : <http://x.example/> SELECT * { ?x :of ?y ."
    " SERVICE <E> { ?y :size ?n } service <E> { ?y :label ?l # } a comment\n } }",
    "minus": "PREFIX : <http://x.example/>"
    " SELECT * { ?x :of ?y MINUS { SERVICE <E> { ?y :size 1 } } }",
    "no variables": "PREFIX : <http://x.example/>"
    " SELECT * { ?x :of ?y SERVICE <E> { :a :size 1 } }",
    "nothing found": "SELECT * { ?x ?p ?y SERVICE <E> { ?x <http://none.example/> ?z } }",
    "subquery": "PREFIX : <http://x.example/> SELECT ?x ?most { ?x :of ?y ."
    " SERVICE <E> { { SELECT (MAX(?n) AS ?most) { ?y :size ?n } } } }",
    "strings with braces": "PREFIX : <http://x.example/> SELECT * { ?x :of ?y SERVICE <E>"
    " { ?y :label ?l FILTER(?l != '}' && ?l != '''SERVICE { ''') } }",
}


@pytest.fixture(scope="module")
def remote() -> Iterator[tuple[str, list[str]]]:
    """Serve the triples that others have."""
    with endpoint(answering(_REMOTE)) as one:
        yield one


def _gateway(iri: str, **limits: float) -> Gateway:
    return Gateway(frozenset({iri}), _LOOPBACK, **limits)  # type: ignore[arg-type]


def _rows(query: str) -> list[list[str]]:
    store = ox.Store()
    store.load(_LOCAL.encode(), ox.RdfFormat.TURTLE)
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    names = sorted(one.value for one in solutions.variables)
    return sorted([str(row[name]) for name in names] for row in solutions)


@pytest.mark.parametrize("name", _QUERIES)
def test_means_what_the_engine_means_by_it(name: str, remote: tuple[str, list[str]]) -> None:
    """The rows are those that the engine gives when it may call the endpoint itself."""
    iri, _ = remote
    query = _QUERIES[name].replace("<E>", f"<{iri}>")
    rewritten = answer_services(query, {iri}, _gateway(iri).ask, most=4)
    check_query(rewritten)
    assert _rows(rewritten) == _rows(query)
    assert rewritten.count("\n") == query.count("\n")


def test_only_listed_endpoints_are_asked(remote: tuple[str, list[str]]) -> None:
    """Another endpoint is refused with its place and what is listed, and nobody is called."""
    iri, came = remote
    before = len(came)
    query = f"SELECT * {{ SERVICE <{iri}> {{ ?a ?b ?c }}\n SERVICE <{iri}2> {{ ?a ?b ?c }} }}"
    with pytest.raises(QueryRefused, match=r"line 2, column 2.*not called.*only") as refused:
        answer_services(query, {iri}, _gateway(iri).ask, most=4)
    assert refused.value.forbidden == "SERVICE"
    assert len(came) == before


@pytest.mark.parametrize(
    "pattern",
    ["SERVICE ?e { ?a ?b ?c }", "SERVICE x:e { ?a ?b ?c }", "SERVICE <E> ?a"],
)
def test_what_is_not_plain_is_left_to_the_guard(pattern: str) -> None:
    """A variable, a prefixed name or half a call is not replaced, and then refused."""
    query = f"PREFIX x: <http://x.example/> SELECT * {{ {pattern} }}".replace("<E>", "<http://e/>")
    rewritten = answer_services(query, {"http://e/"}, _never, most=4)
    assert rewritten == query
    with pytest.raises(QueryRefused):
        check_query(rewritten)


def test_calls_are_counted_and_not_nested() -> None:
    """Too many calls, and a call inside a call, are refused before anybody is asked."""
    one = "SERVICE <http://e/> { ?a ?b ?c }"
    with pytest.raises(QueryRefused, match="3 times; 2 times"):
        answer_services(f"ASK {{ {one * 3} }}", {"http://e/"}, _never, most=2)
    with pytest.raises(QueryRefused, match="inside another"):
        find_services(f"ASK {{ SERVICE <http://e/> {{ {one} }} }}")


def test_words_do_not_trip_it() -> None:
    """The word in literals, comments, IRIs and names calls nobody."""
    query = (
        "PREFIX service: <http://service.example/>\n# SERVICE <http://e/> { }\nSELECT ?service {"
        " ?service service:x 'SERVICE <http://e/> {}' , <http://SERVICE.example/> }"
    )
    assert find_services(query)[1] == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (sending(500, b""), "status 500"),
        (sending(302, b"", Location="http://127.0.0.1/"), "status 302"),
        (sending(200, b"<html>"), "not SPARQL results"),
        (sending(200, b'{"head":{},"boolean":true}'), "with rows"),
        (sending(200, b"x" * 3000), "longer than 2000 bytes"),
        (answering("[] <http://x/y> [] ."), "blank nodes"),
        (dripping, "in time"),
    ],
)
def test_answers_that_cannot_be_used(answer: object, message: str) -> None:
    """Each is an error that names the endpoint; for a SILENT call it is one solution of nothing."""
    with endpoint(answer) as (iri, _):  # type: ignore[arg-type]
        gateway = _gateway(iri, max_bytes=2000, seconds=0.5)
        query = f"SELECT * {{ ?x ?p ?y SERVICE SILENT <{iri}> {{ ?y ?q ?z }} }}"
        with pytest.raises(EndpointFailed, match=message) as failed:
            answer_services(query.replace("SILENT", ""), {iri}, gateway.ask, most=1)
        assert failed.value.endpoint == iri
        assert len(_rows(answer_services(query, {iri}, gateway.ask, most=1))) == 4


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "169.254.169.254", "10.1.2.3", "::ffff:127.0.0.1", "0.0.0.0", "fd00::1"],  # noqa: S104 - an address to refuse
)
def test_private_addresses_are_not_reached(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed name that means a machine inside is refused, and no connection is made."""
    iri = "http://rebinding.example/sparql"
    _resolve(monkeypatch, ["93.184.215.14", address])
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(EndpointFailed, match="network that is not to be reached"):
        Gateway(frozenset({iri})).ask(iri, "SELECT * {}")


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at is what is connected to: a name cannot change its mind in between."""
    asked = _resolve(monkeypatch, ["93.184.215.14"])
    connected: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        del timeout
        connected.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    iri = "https://rebinding.example/sparql"
    with pytest.raises(EndpointFailed):
        Gateway(frozenset({iri})).ask(iri, "SELECT * {}")
    assert (asked, connected) == (["rebinding.example"], ["93.184.215.14"])


def test_so_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that wait for others are counted; one more is sent away with when to come again."""
    monkeypatch.setattr(gateway_module, "_places", threading.BoundedSemaphore(1))
    with endpoint(dripping) as (iri, _):
        gateway = _gateway(iri, seconds=1.0)
        first = threading.Thread(target=_suppressed, args=(gateway, iri))
        first.start()
        while gateway_module._places._value:
            pass
        with pytest.raises(QueryBusy) as busy:
            gateway.ask(iri, "SELECT * {}")
        first.join()
    assert busy.value.limit == "services"


def test_what_is_sent(remote: tuple[str, list[str]]) -> None:
    """The prologue and the pattern are sent, and nothing else of the query."""
    iri, came = remote
    query = (
        f"BASE <http://x.example/> PREFIX s: <size>\nSELECT ('secret' AS ?s) {{ ?x ?p 'hidden' ."
        f" SERVICE <{iri}> {{ ?y s: ?n }} }}"
    )
    answer_services(query, {iri}, _gateway(iri).ask, most=1)
    assert came[-1] == ("BASE <http://x.example/> PREFIX s: <size>\nSELECT * WHERE { ?y s: ?n \n}")


def _never(*args: object, **named: object) -> bytes:
    raise AssertionError((args, named))


def _suppressed(gateway: Gateway, iri: str) -> None:
    with pytest.raises(EndpointFailed):
        gateway.ask(iri, "SELECT * {}")


def _resolve(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> list[str]:
    asked: list[str] = []

    def resolve(name: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(name)
        return [(None, None, None, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked
