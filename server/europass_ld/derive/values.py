"""From the values that documents state to values that can be compared and added.

Every function is pure, and returns None for what says nothing that can be used.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

DAYS_A_YEAR = Decimal("365.2425")
"""The mean year of the Gregorian calendar; a month is a twelfth of it."""

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_DAYS = (DAYS_A_YEAR, DAYS_A_YEAR / 12, Decimal(1), *(1 / Decimal(n) for n in (24, 1440, 86_400)))
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=T|$)", re.ASCII)
_PLACES = Decimal("0.000001")


def decimal(value: Decimal) -> str:
    """Write a number as the store does: at most six places, no zeros at the end, no exponent."""
    text = f"{value.quantize(_PLACES):f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def days(duration: str) -> Decimal | None:
    """Return how many days an xsd:duration lasts, by the mean calendar year.

    A duration of nothing (`P0Y0M` in some exports) says that none was entered: None.
    """
    match = _DURATION.fullmatch(duration)
    if match is None:
        return None
    parts = zip(match.groups(), _DAYS, strict=True)
    return sum((Decimal(number) * size for number, size in parts if number), Decimal(0)) or None


def number(text: str) -> Decimal | None:
    """Return a number that is written alone, with a decimal point or comma; `15-20` is none."""
    text = text.strip()
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def day(moment: str) -> str | None:
    """Return the day (`2026-09-01`) on which an xsd:dateTime falls where it was written.

    The time zone is left out: days with and without one could not be compared.
    """
    match = _DATE.match(moment)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[0]).isoformat()
    except ValueError:
        return None


def days_of(moments: Iterable[str]) -> list[str]:
    """Return the days of those moments that have one, in order."""
    return sorted(filter(None, map(day, moments)))
