"""The mapping of EDC v2, read from `mappings/edc-v2.yaml`; what it says, its head explains.

Another form of table than that of LOQ and AMS: there an element has one meaning wherever it
stands, here `hasPart` or `type` has another one in each class, and elements only group others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from ... import resources
from ...documents.credentials import SNB_PRESENTATION, W3C_DRAFT
from ...errors import ConfigurationError
from ...terms import expand

FAMILY = "edc-v2"

LITERALS = frozenset(
    {
        *("string", "anyURI", "boolean", "date", "dateTime", "decimal", "duration", "integer"),
        "positiveInteger",
    }
)
KINDS = LITERALS | {
    *("code", "concept", "content", "country", "credit-system", "group", "ignored", "label"),
    *("language", "left", "mailbox", "node", "record", "reference", "scheme", "scheme-id", "seal"),
    *("share", "text", "texts", "untagged"),
}
_NEEDS_NO_PROPERTY = frozenset({"group", "ignored", "left", "record", "scheme-id", "seal"})
_NAMESPACES = {"cred": W3C_DRAFT, "vp": SNB_PRESENTATION}


@dataclass(frozen=True, slots=True)
class Row:
    """What an element, an attribute (`@name`) or the text (`.`) of a class becomes.

    `via` is the property to a node between, which `property` then speaks of; None for most.
    `arguments` are code lists, or the name of a class or group.
    """

    where: str
    kind: str
    property: str = ""
    via: str | None = None
    arguments: tuple[str, ...] = ()

    def tag(self, namespace: str) -> str:
        """Return the name of the element as lxml writes it; `namespace` is the credential's."""
        prefix, colon, local = self.where.rpartition(":")
        return f"{{{_NAMESPACES[prefix] if colon else namespace}}}{local}"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a class or group by where they apply; `attributes` by name, `text` for `.`."""

    name: str
    rows: tuple[Row, ...]
    classes: tuple[str, ...] = ()
    iri: str = "@id"

    @property
    def elements(self) -> tuple[Row, ...]:
        """The rows for child elements."""
        return tuple(row for row in self.rows if row.where[0] not in "@.")

    @property
    def attributes(self) -> tuple[Row, ...]:
        """The rows for attributes."""
        return tuple(row for row in self.rows if row.where.startswith("@"))

    @property
    def text(self) -> Row | None:
        """The row for the element's own text, if it has one."""
        return next((row for row in self.rows if row.where == "."), None)


@dataclass(frozen=True, slots=True)
class CredentialTable:
    """The whole table: classes and groups by name, the class of each node between by property."""

    classes: Mapping[str, Rows]
    groups: Mapping[str, Rows]
    between: Mapping[str, str]

    def code_lists(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Return the code lists that a property takes its values from, by class and property."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for rows in self.classes.values():
            for row in self._own(rows):
                if row.kind in {"code", "concept"} and row.arguments:
                    found[rows.classes[0], row.property] = row.arguments
        return found

    def _own(self, rows: Rows) -> Iterator[Row]:
        for row in rows.rows:
            if row.kind == "group":
                yield from self._own(self.groups[row.arguments[0]])
            elif row.via is None:
                yield row


@cache
def load_table() -> CredentialTable:
    """Return the table.

    Raises:
        ConfigurationError: it contradicts itself; the message names the row.
    """
    path = resources.find("mappings") / f"{FAMILY}.yaml"
    return read_table(yaml.safe_load(path.read_text(encoding="utf-8")))


def read_table(raw: Mapping[str, Any]) -> CredentialTable:
    """Return the table that `raw`, the content of the YAML file, describes."""
    table = CredentialTable(
        {name: _class(name, body, raw["common"]) for name, body in raw["classes"].items()},
        {name: Rows(name, _rows(name, body)) for name, body in raw["groups"].items()},
        {_iri(name, name): _iri(one, name) for name, one in raw["between"].items()},
    )
    for rows in (*table.classes.values(), *table.groups.values()):
        for row in rows.rows:
            _check(row, f"{rows.name}/{row.where}", table)
    return table


def _class(name: str, body: Mapping[str, Any], common: Mapping[str, Any]) -> Rows:
    rows = common[body["with"]] | body.get("rows", {}) if "with" in body else body["rows"]
    classes = tuple(_iri(one, name) for one in body["class"].split())
    return Rows(name, _rows(name, rows), classes, body.get("iri", "@id"))


def _rows(name: str, body: Mapping[str, str]) -> tuple[Row, ...]:
    return tuple(_row(where, words.split(), f"{name}/{where}") for where, words in body.items())


def _row(where: str, words: list[str], place: str) -> Row:
    if words[0] in _NEEDS_NO_PROPERTY:
        return Row(where, words[0], arguments=tuple(words[1:]))
    path, kind, *arguments = words
    first, slash, second = path.partition("/")
    via = _iri(first, place) if slash else None
    return Row(where, kind, _iri(second or first, place), via, tuple(arguments))


def _iri(curie: str, place: str) -> str:
    try:
        return expand(curie)
    except KeyError as error:
        raise _wrong(place, f"unknown prefix in {curie!r}") from error


def _check(row: Row, place: str, table: CredentialTable) -> None:
    if row.kind not in KINDS:
        raise _wrong(place, f"unknown kind {row.kind!r} (accepted: {', '.join(sorted(KINDS))})")
    if row.via is not None and row.via not in table.between:
        raise _wrong(place, f"no class in `between` for {row.via}")
    known = {"node": table.classes, "record": table.classes, "group": table.groups}.get(row.kind)
    if known is not None and (len(row.arguments) != 1 or row.arguments[0] not in known):
        raise _wrong(place, f"a {row.kind} needs the name of one of: {', '.join(known)}")


def _wrong(place: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"mappings/{FAMILY}.yaml, row {place}: {what}", setting="mappings")
