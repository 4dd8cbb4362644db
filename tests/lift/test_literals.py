"""Canonical literals: by hand, and against the store whose form they must have."""

from datetime import datetime

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.lift.literals import canonical
from europass_ld.terms import expand


def stored(text: str, datatype: str) -> str:
    """Return the literal as an Oxigraph store gives it back."""
    store = ox.Store()
    store.load(
        input=f'<a:s> <a:p> "{text}"^^<{expand("xsd:" + datatype)}> .'.encode(),
        format=ox.RdfFormat.N_TRIPLES,
    )
    literal = next(iter(store)).object
    assert isinstance(literal, ox.Literal)
    return literal.value


@pytest.mark.parametrize(
    ("text", "datatype", "expected"),
    [
        ("P12M", "duration", "P1Y"),
        ("P0Y0M", "duration", "PT0S"),
        ("PT120H", "duration", "P5D"),
        ("-P1DT24H", "duration", "-P2D"),
        ("P1M30D", "duration", "P1M30D"),
        ("PT1.50S", "duration", "PT1.5S"),
        ("1.50", "decimal", "1.5"),
        ("-0.0", "decimal", "0"),
        (".5", "decimal", "0.5"),
        ("007", "integer", "7"),
        ("1", "boolean", "true"),
        ("2026-12-31T24:00:00", "dateTime", "2027-01-01T00:00:00"),
        ("2026-01-01T08:00:00.500+00:00", "dateTime", "2026-01-01T08:00:00.5Z"),
        ("2026-01-01T08:00:00+02:00", "dateTime", "2026-01-01T08:00:00+02:00"),
        (" 7 ", "integer", "7"),
        ("soon", "dateTime", "soon"),
        (" kept as it is ", "string", " kept as it is "),
    ],
)
def test_canonical_form_by_hand(text: str, datatype: str, expected: str) -> None:
    """The documented rule gives these forms, worked out by hand."""
    assert canonical(text, datatype) == expected


DURATIONS = st.builds(
    lambda sign, parts, seconds: (
        sign
        + "P"
        + "".join(f"{n}{unit}" for n, unit in zip(parts[:3], "YMD", strict=True) if n is not None)
        + "T"
        + "".join(f"{n}{unit}" for n, unit in zip(parts[3:], "HM", strict=True) if n is not None)
        + f"{seconds}S"
    ),
    st.sampled_from(["", "-"]),
    st.tuples(*[st.none() | st.integers(0, 4000)] * 5),
    st.decimals(0, 4000, places=3),
)
DATE_TIMES = st.builds(
    lambda moment, fraction, zone, midnight: (
        moment.strftime("%Y-%m-%dT")
        + ("24:00:00" if midnight else moment.strftime("%H:%M:%S"))
        + ("" if midnight else fraction)
        + zone
    ),
    st.datetimes(min_value=datetime(1000, 1, 1)),  # noqa: DTZ001 - naive is the point
    st.sampled_from(["", ".0", ".50", ".123"]),
    st.sampled_from(["", "Z", "+00:00", "-00:00", "+02:00", "-11:30"]),
    st.booleans(),
)
VALUES = st.one_of(
    st.tuples(DURATIONS, st.just("duration")),
    st.tuples(DATE_TIMES, st.just("dateTime")),
    st.tuples(
        st.from_regex(r"[+-]?[0-9]{1,12}(\.[0-9]{0,6})?", fullmatch=True), st.just("decimal")
    ),
    st.tuples(st.from_regex(r"[+-]?[0-9]{1,17}", fullmatch=True), st.just("integer")),
    st.tuples(st.sampled_from(["0", "1", "true", "false"]), st.just("boolean")),
)


@given(VALUES)
@settings(max_examples=400)
def test_the_store_has_the_same_form(value: tuple[str, str]) -> None:
    """Whatever valid value comes, the store gives back exactly what lifting wrote."""
    text, datatype = value
    assert stored(text, datatype) == canonical(text, datatype)


@given(st.text(max_size=30), st.sampled_from(["duration", "dateTime", "decimal", "integer"]))
def test_canonical_form_is_a_fixed_point(text: str, datatype: str) -> None:
    """No text makes it fail, and a canonical form is its own canonical form."""
    once = canonical(text, datatype)
    assert canonical(once, datatype) == once
