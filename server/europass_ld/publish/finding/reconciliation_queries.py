"""Reconciliation Service API 0.2: from JSON to queries, with what is wrong with them.

No IO and no Flask here. <https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/>
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...terms import PREFIXES, expand
from ..problems import Refusal

MOST_QUERIES = 50
"""Queries in one batch."""

MOST_ROWS = 1_000
"""Records whose values are asked for at once."""

_MOST_PROPERTIES = 50
_MOST_CANDIDATES = 50
_USUAL_CANDIDATES = 10
_LONGEST = 1_000
_STRICT = ("any", "all", "should")

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class PropertyQuery:
    """What a property should be: plain values, and IRIs of records or codes."""

    iri: str
    values: tuple[str, ...]
    iris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """One query of a batch; `every_type` when a candidate must be of all `types`, not of one."""

    text: str
    types: tuple[str, ...] = ()
    every_type: bool = False
    limit: int = _USUAL_CANDIDATES
    properties: tuple[PropertyQuery, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtensionQuery:
    """Which properties are wanted of which records; as they were named, with their IRIs."""

    iris: tuple[str, ...]
    properties: Mapping[str, str]


def read_queries(value: Any) -> dict[str, ReconciliationQuery]:
    """Return the queries of a batch by their keys.

    Raises:
        Refusal: it is no batch, or one of too many queries.
    """
    if not isinstance(value, dict):
        raise _malformed("queries", "an object of queries by key")
    if len(value) > MOST_QUERIES:
        raise Refusal(
            "too-many-entries",
            f"There are {len(value)} queries; {MOST_QUERIES} are answered at once.",
            limit=MOST_QUERIES,
        )
    return {key: _query(key, one) for key, one in value.items()}


def read_extension(value: Any) -> ExtensionQuery:
    """Return which values are asked for.

    Raises:
        Refusal: it is no query for values, or one for too many.
    """
    if not isinstance(value, dict):
        raise _malformed("extend", "an object with ids and properties")
    ids, properties = value.get("ids"), value.get("properties")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise _malformed("extend.ids", "an array of IRIs")
    if not isinstance(properties, list):
        raise _malformed("extend.properties", "an array of objects with an id")
    names = [one.get("id") if isinstance(one, dict) else None for one in properties]
    if not all(isinstance(one, str) for one in names):
        raise _malformed("extend.properties", "an array of objects with an id")
    for listed, most in ((ids, MOST_ROWS), (names, _MOST_PROPERTIES)):
        if len(listed) > most:
            raise Refusal(
                "too-many-entries",
                f"There are {len(listed)} entries; {most} are answered at once.",
                limit=most,
            )
    return ExtensionQuery(tuple(ids), {str(one): named(str(one)) for one in names})


def named(identifier: str) -> str:
    """Return the IRI of a class or property, which may be given as `prefix:name`."""
    return expand(identifier) if identifier.partition(":")[0] in PREFIXES else identifier


def _query(key: str, value: Any) -> ReconciliationQuery:
    if not isinstance(value, dict):
        raise _malformed(key, "an object")
    text = value.get("query", "")
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise _malformed(f"{key}.query", f"a text of at most {_LONGEST} characters")
    properties = value.get("properties", [])
    if not isinstance(properties, list) or len(properties) > _MOST_PROPERTIES:
        raise _malformed(f"{key}.properties", f"an array of at most {_MOST_PROPERTIES}")
    if not {"query", "properties"} & set(value):
        raise _malformed(key, "an object with query, properties or both")
    strict = value.get("type_strict", "should")
    if strict not in _STRICT:
        raise _malformed(f"{key}.type_strict", " or ".join(_STRICT))
    return ReconciliationQuery(
        text.strip(),
        _types(key, value.get("type", [])),
        strict == "all",
        _limit(key, value.get("limit", _USUAL_CANDIDATES)),
        tuple(_property(f"{key}.properties", one) for one in properties),
    )


def _types(key: str, value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    names = [one.get("id") if isinstance(one, dict) else one for one in given]
    if not all(isinstance(one, str) for one in names):
        raise _malformed(f"{key}.type", "the IRI of a class, or an array of them")
    return tuple(named(one) for one in names if one)


def _limit(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 1:
        raise _malformed(f"{key}.limit", "a number from 1")
    return int(min(value, _MOST_CANDIDATES))


def _property(key: str, value: Any) -> PropertyQuery:
    if not isinstance(value, dict) or not isinstance(value.get("pid"), str) or "v" not in value:
        raise _malformed(key, "objects with pid and v")
    given = value["v"] if isinstance(value["v"], list) else [value["v"]]
    plain = [str(one) for one in given if isinstance(one, str | int | float)]
    iris = [one.get("id") for one in given if isinstance(one, dict)]
    if len(plain) + len(iris) != len(given) or not all(isinstance(one, str) for one in iris):
        raise _malformed(f"{key}.v", "texts, numbers, booleans or objects with an id")
    return PropertyQuery(named(value["pid"]), tuple(plain), tuple(map(str, iris)))


def _malformed(where: str, expected: str) -> Refusal:
    return Refusal("malformed-request", f"At {where[:_LONGEST]}: expected is {expected}.")
