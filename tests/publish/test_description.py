"""From triples to rows: the mapping's order, nested nodes, what sources do not agree on."""

from europass_ld.publish.description import (
    Link,
    Nested,
    Position,
    Row,
    Statements,
    Texts,
    Words,
    describe,
    positions,
    statements,
)
from europass_ld.publish.labels import Label
from europass_ld.publish.language import language
from europass_ld.publish.serialization import parse_lines
from europass_ld.terms import expand

from . import sample

_WORDS = Words(
    term=Label,
    link=lambda iri: Link(iri, Label(iri), f"/to/{iri}"),
    languages=("fi", "en"),
    language=language("en"),
)


def _said(lines: str) -> Statements:
    return statements(parse_lines(lines))


def _rows(iri: str, *sources: str) -> dict[str, Row]:
    described = describe(iri, [_said(one) for one in sources], sample.BASE, _WORDS)
    return {row.iri: row for row in described}


def _triples(name: str) -> str:
    return next(one.triples for one in sample.records() if one.iri == name)


def test_rows_stand_in_the_mappings_order() -> None:
    """The order is that of the elements in XML, not that of the triples; types are no rows."""
    names = [iri.rpartition("/")[2] for iri in _rows(sample.COURSE, _triples(sample.COURSE))]
    assert names == ["title", "duration", "priceDetail", "providedBy", "location"]


def test_texts_are_in_the_readers_language_first() -> None:
    """The others follow; a value without a language belongs to everybody."""
    row = _rows(sample.COURSE, _triples(sample.COURSE))[expand("dct:title")]
    (texts,) = row.sides[0].values
    assert isinstance(texts, Texts)
    assert [str(one.html) for one in texts.best] == ["Metsäkoneet"]
    assert [one.language for one in texts.others] == ["en", "sv"]


def test_nested_nodes_are_inline() -> None:
    """A node of its own stands where it is mentioned; one with a single row is that row."""
    rows = _rows(sample.PLACE, _triples(sample.PLACE))
    (address,) = rows[expand("elm:address")].sides[0].values
    assert isinstance(address, Nested)
    assert [row.iri for row in address.rows] == [
        expand("elm:fullAddress"),
        expand("elm:countryCode"),
    ]
    (note,) = address.rows[0].sides[0].values
    assert isinstance(note, Texts)
    (point,) = rows[expand("locn:geometry")].sides[0].values
    assert point == Position(63.3, 30.0)
    assert point.in_europe
    assert list(positions(tuple(rows.values()))) == [point]


def test_sources_that_agree_are_one() -> None:
    """What all say stands once; nested nodes are compared by what they say, not by their names."""
    row = _rows(sample.COURSE, sample.course("a").triples, sample.course("b").triples)
    assert [side.sources for side in row[expand("dct:title")].sides] == [()]
    assert [side.sources for side in row[expand("elm:priceDetail")].sides] == [(0,), (1,)]
    other = sample.course("a").triples.replace(sample.NODE, sample.NODE.replace(".1", ".9"))
    row = _rows(sample.COURSE, sample.course("a").triples, other)
    assert [side.sources for side in row[expand("elm:priceDetail")].sides] == [()]


def test_what_only_one_source_says_is_marked() -> None:
    """Silence is a difference too."""
    extra = sample.lines(sample.COURSE, ("elm:status", sample.text("open")))
    triples = sample.course("a").triples
    row = _rows(sample.COURSE, triples, triples + extra)[expand("elm:status")]
    assert [side.sources for side in row.sides] == [(1,)]


def test_many_values_are_counted() -> None:
    """A page shows some, and says how many more there are."""
    parts = [("elm:hasPart", f"<https://x.example/{number}>") for number in range(70)]
    (row,) = _rows("https://x.example/a", sample.lines("https://x.example/a", *parts)).values()
    assert len(row.sides[0].values) == 50
    assert row.sides[0].more == 20


def test_web_pages_and_amounts_are_short() -> None:
    """A web page is a link with its language, an amount a number with its currency."""
    page, amount = f"{sample.GENID}a.1", f"{sample.GENID}a.2"
    lines = sample.lines(
        "https://x.example/a", ("foaf:homepage", f"<{page}>"), ("elm:amount", f"<{amount}>")
    )
    lines += sample.lines(
        page,
        ("rdf:type", sample.iri("elm:WebResource")),
        ("elm:contentUrl", sample.typed("https://home.example/", "xsd:anyURI")),
        ("dct:title", sample.text("Home", "en")),
        ("dct:title", sample.text("Koti", "fi")),
        ("dct:language", "<https://lang.example/fi>"),
    )
    lines += sample.lines(
        amount, ("rdf:value", sample.typed("10.5", "xsd:decimal")), ("elm:unit", "<https://eur/>")
    )
    values = [row.sides[0].values for row in _rows("https://x.example/a", lines).values()]
    assert set(values) == {
        (
            Link(
                "https://home.example/",
                Label("Koti", "fi"),
                "/to/https://home.example/",
                note=Label("https://lang.example/fi"),
            ),
        ),
        (Link("https://eur/", Label("10.5"), None, note=Label("https://eur/")),),
    }


def test_points_elsewhere_and_nowhere() -> None:
    """A point off the map has no map, one that is no point is shown as it was stated."""
    for latitude, shown in (("-33.9", Position), ("north", Nested), ("91", Nested)):
        lines = sample.lines("https://x.example/a", ("locn:geometry", f"<{sample.GEOMETRY}>"))
        lines += sample.lines(
            sample.GEOMETRY,
            ("clv:latitude", sample.text(latitude)),
            ("clv:longitude", sample.text("18.4")),
        )
        row = _rows("https://x.example/a", lines)[expand("locn:geometry")]
        values = row.sides[0].values
        assert isinstance(values[0], shown)
        if isinstance(values[0], Position):
            assert not values[0].in_europe


def test_circles_end() -> None:
    """Nodes that hold each other cannot come from a document; they do not hang a page either."""
    one, two = f"{sample.GENID}a.1", f"{sample.GENID}a.2"
    lines = sample.lines("https://x.example/a", ("dct:relation", f"<{one}>"))
    lines += sample.lines(one, ("dct:relation", f"<{two}>"), ("dct:title", sample.text("1")))
    lines += sample.lines(two, ("dct:relation", f"<{one}>"), ("dct:title", sample.text("2")))
    assert _rows("https://x.example/a", lines)
