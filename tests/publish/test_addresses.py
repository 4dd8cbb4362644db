"""From a request to an IRI, also behind proxies, and from an IRI to an address."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.errors import ConfigurationError
from europass_ld.publish.addresses import (
    Origin,
    candidates,
    effective_origin,
    is_private,
    networks,
    parameter,
)

_TRUSTED = networks(["10.1.0.0/16", "::1"], setting="trusted_proxies")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
@settings(max_examples=200)
def test_an_iri_survives_as_a_parameter(text: str) -> None:
    """Fragments, ampersands, plus signs, percent signs: all of it comes back."""
    iri = f"https://x.example/{text}"
    assert parse_qsl(parameter(iri).removeprefix("?")) == [("iri", iri)]


@pytest.mark.parametrize(
    ("peer", "scheme", "host", "expected"),
    [
        ("10.1.2.3", "https", "data.example", Origin("https", "data.example")),
        ("10.1.2.3", "gopher", "", Origin("http", "inner:8000")),
        ("10.1.2.3", "http, https", "evil.example, data.example", Origin("https", "data.example")),
        ("::1", "https", "Data.Example:443", Origin("https", "data.example")),
        ("10.2.0.1", "https", "evil.example", Origin("http", "inner:8000")),
        (None, "https", "evil.example", Origin("http", "inner:8000")),
        ("not an address", "https", "evil.example", Origin("http", "inner:8000")),
    ],
)
def test_forwarded_headers(peer: str | None, scheme: str, host: str, expected: Origin) -> None:
    """They count from trusted proxies only, and of a list what the nearest of them added."""
    found = effective_origin(
        "http",
        "inner:8000",
        peer=peer,
        trusted=_TRUSTED,
        forwarded_scheme=scheme,
        forwarded_host=host,
    )
    assert found == expected


def test_host_names() -> None:
    """A port is no part of the name, also of an IPv6 address."""
    assert Origin("http", "x.example:8000").name == "x.example"
    assert Origin("http", "x.example").name == "x.example"
    assert Origin("http", "[::1]").name == "[::1]"
    assert Origin("http", "[::1]:80").name == "[::1]"


def test_wrong_proxies_are_a_matter_of_configuration() -> None:
    """A host name is not accepted where an address is needed."""
    with pytest.raises(ConfigurationError, match="trusted_proxies"):
        networks(["proxy.example"], setting="trusted_proxies")


def test_candidates() -> None:
    """The scheme asked for comes first, what was sent before what it may stand for."""
    origin = Origin("https", "x.example:8000")
    assert list(candidates(origin, ["X.example"], "/K%C3%B6ln%20a", "")) == [
        "https://x.example/K%C3%B6ln%20a",
        "https://x.example/Köln%20a",
        "http://x.example/K%C3%B6ln%20a",
        "http://x.example/Köln%20a",
    ]
    assert list(candidates(origin, ["x.example"], "/a%FF", "lang=fi"))[::2] == [
        "https://x.example/a%FF?lang=fi",
        "https://x.example/a%FF",
    ]
    assert not list(candidates(origin, ["y.example"], "/a", ""))


@pytest.mark.parametrize(
    ("path", "private"),
    [
        ("/credentials", True),
        ("/credentials/", True),
        ("/credentials/x.ttl", True),
        ("//credentials", True),
        ("///credentials/x", True),
        ("/credentialsx", False),
        ("/credentials.ttl", False),
        ("/resource/credentials", False),
        ("", False),
        ("/", False),
    ],
)
def test_what_is_private(path: str, private: bool) -> None:
    """Whatever leads to the routes of credentials is, and nothing that only looks like it."""
    assert is_private(path) is private
