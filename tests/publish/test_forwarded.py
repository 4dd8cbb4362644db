"""The header Forwarded: as RFC 7239 writes it, and only from trusted proxies."""

from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from europass_ld.publish.serving.forwarded import client_addresses, forwarded
from europass_ld.publish.site import site, site_of

from . import sample

PROXY = "10.1.0.7"


@pytest.mark.parametrize(
    ("header", "elements"),
    [
        ('for="_gazonk"', [{"for": "_gazonk"}]),
        ('For="[2001:db8:cafe::17]:4711"', [{"for": "[2001:db8:cafe::17]:4711"}]),
        (
            "for=192.0.2.60;proto=http;by=203.0.113.43",
            [{"for": "192.0.2.60", "proto": "http", "by": "203.0.113.43"}],
        ),
        ("for=192.0.2.43, for=198.51.100.17", [{"for": "192.0.2.43"}, {"for": "198.51.100.17"}]),
        (r'for=a;host="x\"y,;\\z"', [{"for": "a", "host": r'x"y,;\z'}]),
        ("", []),
        ("for=1.2.3.4,", []),
        ("for=1.2.3.4;;proto=http", []),
        ("for=a for=b", []),
        ('for="a', []),
        ("for=a;for=b", []),
        ("for", []),
    ],
)
def test_parsing(header: str, elements: list[dict[str, str]]) -> None:
    """The examples of the specification; what is not well-formed says nothing."""
    assert list(forwarded(header)) == elements


_NAMES = st.sampled_from(["for", "by", "host", "proto", "secret"])
_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
_ELEMENTS = st.lists(st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=4), max_size=4)


@given(_ELEMENTS, st.sampled_from([";", " ; "]), st.sampled_from([",", ", "]))
def test_what_is_written_is_read(
    elements: list[dict[str, str]], semicolon: str, comma: str
) -> None:
    """Any values survive in quotes."""

    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    header = comma.join(
        semicolon.join(f"{name}={quoted(value)}" for name, value in one.items()) for one in elements
    )
    assert list(forwarded(header)) == elements


@given(st.text(max_size=40))
def test_any_text_is_survived(header: str) -> None:
    """Nothing that a client sends raises."""
    assert isinstance(client_addresses(header), str)


def test_addresses_without_ports() -> None:
    """Ports and brackets are dropped, hidden names are kept as what they are."""
    header = (
        'for="[2001:db8::1]:47";proto=https, for="192.0.2.1:80", for=unknown, for=_x, proto=http'
    )
    assert client_addresses(header) == "2001:db8::1, 192.0.2.1, unknown, _x, unknown"


@pytest.mark.parametrize(
    ("peer", "headers", "root", "client"),
    [
        (
            PROXY,
            {"Forwarded": "for=198.51.100.9;host=data.example;proto=https"},
            "https://data.example",
            "198.51.100.9",
        ),
        (
            "192.0.2.200",
            {"Forwarded": "for=198.51.100.9;host=data.example;proto=https"},
            "http://localhost",
            "192.0.2.200",
        ),
        (
            PROXY,
            {"Forwarded": "for=6.6.6.6;host=evil.example, for=198.51.100.9;host=data.example"},
            "http://data.example",
            "198.51.100.9",
        ),
        (
            PROXY,
            {"Forwarded": "for=6.6.6.6;host=evil.example", "X-Forwarded-Host": "data.example"},
            "http://data.example",
            PROXY,
        ),
        (PROXY, {"Forwarded": "for=6.6.6.6;host"}, "http://localhost", PROXY),
    ],
)
def test_only_trusted_proxies_count(
    app: Flask, peer: str, headers: Mapping[str, str], root: str, client: str
) -> None:
    """The last element is the proxy's own; X-Forwarded wins, for it may be all the proxy writes."""
    with app.test_request_context("/", headers=headers, environ_base={"REMOTE_ADDR": peer}):
        assert site().root() == root
        assert site_of(app).client() == client


def test_a_publishers_own_path_behind_a_proxy(client: FlaskClient) -> None:
    """With the header, the publisher's host is recognised: the document has all its fragments."""
    path = sample.OUTCOMES.partition(sample.HOST)[2]
    response = client.get(
        path,
        headers={"Accept": "text/turtle", "Forwarded": f"host={sample.HOST};proto=https"},
        environ_base={"REMOTE_ADDR": PROXY},
    )
    assert response.status_code == 200
    assert f"<{sample.OUTCOME}>" in response.text
    assert f"<{sample.OUTCOMES}#3>" in response.text
