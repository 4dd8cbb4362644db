"""Content negotiation: against a small oracle, and with the headers of real clients."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.publish.negotiation import (
    ERROR,
    HTML,
    RDF,
    RESOURCE,
    RESULTS,
    Representation,
    best_language,
    choose,
    languages,
)

_RANGES = sorted({name for one in RESOURCE for name in one.media_types} | {"image/png"})
_RANGES += ["*/*", "text/*", "application/*", "image/*"]
_elements = st.tuples(st.sampled_from(_RANGES), st.integers(0, 10))
_headers = st.lists(_elements, min_size=1, max_size=6, unique_by=lambda element: element[0])


def _oracle(
    wanted: Sequence[tuple[str, int]], offered: Sequence[Representation]
) -> Representation | None:
    """Choose as RFC 9110 says, straight from ranges and qualities in tenths."""
    quality = dict(wanted)

    def of(one: Representation) -> int:
        name, *aliases = one.media_types
        if name in quality:
            return quality[name]
        named = [quality[alias] for alias in aliases if alias in quality]
        if named:
            return max(named)
        if name.split("/")[0] + "/*" in quality:
            return quality[name.split("/")[0] + "/*"]
        return 0 if one is HTML else quality.get("*/*", 0)

    best = max(offered, key=of)
    return best if of(best) else None


@given(_headers, st.sampled_from([RESOURCE, RDF, RESULTS, ERROR]), st.booleans())
@settings(max_examples=300)
def test_chooses_as_the_oracle_does(
    wanted: list[tuple[str, int]], offered: tuple[Representation, ...], spaced: bool
) -> None:
    """The header's text, whatever its spacing, leads to what its structure asks for."""
    separator = " ;  q=" if spaced else ";q="
    header = ", ".join(f"{name}{separator}{tenths / 10:g}" for name, tenths in wanted)
    assert choose(header, offered) is _oracle(wanted, offered)


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_any_header_is_survived(header: str) -> None:
    """A header that makes no sense never raises."""
    choose(header, RESOURCE)
    languages(header, header)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, "ttl"),
        ("", "ttl"),
        ("*/*", "ttl"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/turtle;charset=utf-8", "ttl"),
        ('application/ld+json;profile="a,b;q=0"', "jsonld"),
        ("application/json", "jsonld"),
        ("text/turtle, text/html", "ttl"),
        ("TEXT/HTML", "html"),
        ("text/*", "ttl"),
        ("text/turtle;q=0, */*;q=0.1", "jsonld"),
        ("text/turtle;q=broken, application/n-triples;q=0.2", "nt"),
        ("image/png", None),
        ("*/*;q=0", None),
        (
            "application/rdf+xml;q=0.9, text/turtle;q=0.8, application/n-triples, */*;q=0.1",
            "nt",
        ),
    ],
)
def test_headers_of_real_clients(header: str | None, name: str | None) -> None:
    """Browsers get pages, libraries their format, curl gets Turtle, the rest a refusal."""
    chosen = choose(header, RESOURCE)
    assert (chosen.name if chosen else None) == name


def test_a_page_is_only_for_those_who_name_it() -> None:
    """What takes anything gets data, even where a page is offered first."""
    assert choose("*/*", (HTML, *RDF)) is RDF[0]
    assert choose("*/*", (HTML,)) is None


@pytest.mark.parametrize(
    ("header", "asked", "wanted"),
    [
        (None, None, ("en",)),
        ("fi, sv;q=0.5, en;q=0.8", None, ("fi", "en", "sv")),
        ("de-AT, fr", None, ("de-at", "de", "fr", "en")),
        ("zh-Hant-x-foo", None, ("zh-hant-x-foo", "zh-hant", "zh", "en")),
        ("fi;q=0, *", None, ("en",)),
        ("fi", "sv", ("sv", "fi", "en")),
        ("fi", "<script>", ("fi", "en")),
    ],
)
def test_languages(header: str | None, asked: str | None, wanted: tuple[str, ...]) -> None:
    """The best come first, longer tags before what they are a case of, English at the end."""
    assert languages(header, asked) == wanted


def test_best_language() -> None:
    """A tag suits when it is the wanted one or begins with it; else the choice is stable."""
    assert best_language(["en-GB", "fi"], ("en",)) == "en-GB"
    assert best_language(["FI", "sv"], ("de", "fi")) == "FI"
    assert best_language(["sv", "fi"], ("de",)) == "fi"
    assert best_language([], ("de",)) is None
