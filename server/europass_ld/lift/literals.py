"""The canonical form of typed literals: the form in which the RDF store gives them back.

Oxigraph rewrites typed literals when it stores them. Lifting writes that form itself, so that the
record log, the store, dumps and feeds agree to the byte. The rule, by datatype
(https://www.w3.org/TR/xmlschema11-2/):

- boolean: `true` or `false`.
- integer, decimal: no plus sign, no leading zeros, no zeros or point at the end, no `-0`.
- dateTime: hour 24 is hour 0 of the next day, no zeros at the end of a fraction, `Z` for a zero
  offset; any other offset stays as it is, and so does a missing one.
- duration: months as years and months, seconds as days to seconds, `PT0S` for nothing.

A value that does not fit its datatype is left alone: it is for validation to complain.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

_MONTHS_A_YEAR = 12
_SECONDS = {"days": 86_400, "hours": 3_600, "minutes": 60}

_DATE_TIME = re.compile(
    r"(?P<date>-?\d{4,}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_DURATION = re.compile(
    r"(?P<sign>-?)P(?=[\dT])(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_INTEGER = re.compile(r"(?P<sign>[+-]?)0*(?P<digits>\d+)", re.ASCII)
_DECIMAL = re.compile(r"(?P<sign>[+-]?)0*(?P<whole>\d*)(?:\.(?P<fraction>\d*))?", re.ASCII)


def _boolean(text: str) -> str:
    return {"1": "true", "0": "false"}.get(text, text)


def _integer(text: str) -> str:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return text
    digits = match["digits"]
    return f"-{digits}" if match["sign"] == "-" and digits != "0" else digits


def _decimal(text: str) -> str:
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match["whole"] or match["fraction"] or "0" in text):
        return text
    fraction = (match["fraction"] or "").rstrip("0")
    value = (match["whole"] or "0") + (f".{fraction}" if fraction else "")
    return f"-{value}" if match["sign"] == "-" and value != "0" else value


def _date_time(text: str) -> str:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return text
    date, time, zone = match["date"], match["time"], match["zone"] or ""
    fraction = (match["fraction"] or "").rstrip("0")
    if time == "24:00:00" and not fraction:
        try:
            next_day = datetime.fromisoformat(date) + timedelta(days=1)
        except (ValueError, OverflowError):
            return text
        date, time = next_day.date().isoformat(), "00:00:00"
    if zone in {"+00:00", "-00:00"}:
        zone = "Z"
    return f"{date}T{time}{f'.{fraction}' if fraction else ''}{zone}"


def _duration(text: str) -> str:
    match = _DURATION.fullmatch(text)
    if match is None:
        return text
    years, months = divmod(
        int(match["years"] or 0) * _MONTHS_A_YEAR + int(match["months"] or 0), _MONTHS_A_YEAR
    )
    whole, _, fraction = (match["seconds"] or "0").partition(".")
    rest = int(whole) + sum(int(match[unit] or 0) * size for unit, size in _SECONDS.items())
    days, rest = divmod(rest, _SECONDS["days"])
    hours, rest = divmod(rest, _SECONDS["hours"])
    minutes, seconds = divmod(rest, _SECONDS["minutes"])
    fraction = fraction.rstrip("0")
    exact = f"{seconds}.{fraction}" if fraction else str(seconds)
    date = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    time += f"{exact}S" if Decimal(exact) else ""
    if not date and not time:
        return "PT0S"
    return f"{match['sign']}P{date}{f'T{time}' if time else ''}"


_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "boolean": _boolean,
        "integer": _integer,
        "decimal": _decimal,
        "dateTime": _date_time,
        "duration": _duration,
    }
)


@lru_cache(maxsize=4_096)
def canonical(text: str, datatype: str) -> str:
    """Return the canonical form of `text`, a literal of the XSD `datatype` named without prefix.

    White space around the value is not part of it. Datatypes that have no other form than their
    own (string, anyURI) come back unchanged.
    """
    form = _FORMS.get(datatype)
    return form(text.strip()) if form else text
