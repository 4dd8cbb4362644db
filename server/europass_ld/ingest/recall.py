"""What is remembered of a record's checks, so that the same source need not be checked again.

A digest of the record's XML, and of everything else that decides what the checks find in it,
stands for its source. What they found comes back with the file and line of the new document. What
only a whole document can tell (references, identifiers, notations) is found anew each time; for
that the record's own are remembered.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from hashlib import blake2b
from typing import NamedTuple

from lxml import etree

from .. import __version__, resources
from ..config import Settings
from ..documents import Document, RecordElement
from ..lift import LiftedRecord
from ..mapping import Use
from ..store import EarlierChecks, Examined
from ..terms import GENID_PATH
from ..validate.report import Finding, Severity, ShapeResult
from ..vocabularies import CodeLists

_DIGEST_BYTES = 16
_SHAPES = ("shape/", "practice/")


class Remembered(NamedTuple):
    """A record without its triples, how many they are, and what was found in it, shapes aside.

    `examined` is what was noted of it.
    """

    lifted: LiftedRecord
    triples: int
    findings: list[Finding]
    examined: Examined


class Recall:
    """Recognises the records of one document that were checked before: see `EarlierChecks`."""

    def __init__(
        self,
        document: Document,
        settings: Settings,
        code_lists: CodeLists,
        earlier: EarlierChecks,
        *,
        base: str,
        strict: bool,
    ):
        rules = (
            __version__,
            *map(resources.version, ("schemas", "mappings", "shapes")),
            code_lists.version,
            settings.shapes_engine,
            settings.max_depth,
            settings.max_text_length,
            document.namespace,
            base,
            strict,
        )
        self._rules = blake2b(repr(rules).encode(), digest_size=_DIGEST_BYTES)
        self._file = document.name
        self._earlier = earlier
        self._table = document.table
        classes = (*self._table.records.values(), *self._table.nodes.values())
        self._children = tuple(child for one in classes for child in one.children)
        self._numbers = {id(child): number for number, child in enumerate(self._children)}

    def source(self, element: etree._Element) -> bytes:
        """Return the digest of what decides how the checks of a record end."""
        last = element
        while len(last):
            last = last[-1]
        lines = (last.sourceline or 0) - (element.sourceline or 0)  # findings name them
        digest = self._rules.copy()
        digest.update(b"%d" % lines)
        digest.update(etree.tostring(element, encoding="UTF-8", with_tail=False))
        return digest.digest()

    def recall(self, record: RecordElement, source: bytes) -> Remembered | None:
        """Return what is known of a record that was the same before; None of any other."""
        iri = record.element.get("id", "").strip()
        known = self._earlier.find(iri, source)
        if known is None:
            return None
        triples, references, notations = json.loads(known.stated)
        kind = etree.QName(record.element).localname
        lifted = LiftedRecord(iri, kind, self._table.records[kind].class_iri, record.line)
        lifted.references = self._uses(references, record.line)
        lifted.notations = self._uses(notations, record.line)
        found = (read_note(text, iri, self._file, record.line) for text in known.findings)
        return Remembered(lifted, triples, [one for one in found if not is_of_shapes(one)], known)

    def note(self, lifted: LiftedRecord, triples: int, source: bytes) -> Examined:
        """Return what to remember of a record of so many triples, beside what is found in it."""
        uses = (self._written(some, lifted.line) for some in (lifted.references, lifted.notations))
        return Examined(source, json.dumps([triples, *uses], separators=(",", ":")))

    def _written(self, uses: Iterable[Use], line: int) -> list[tuple[int, str, int]]:
        return [(self._numbers[id(one.child)], one.value, one.line - line) for one in uses]

    def _uses(self, written: Iterable[tuple[int, str, int]], line: int) -> list[Use]:
        return [Use(self._children[number], value, line + by) for number, value, by in written]


def is_of_shapes(finding: Finding) -> bool:
    """Tell whether the shapes spoke."""
    return finding.rule.startswith(_SHAPES)


def write_note(finding: Finding, line: int, base: str) -> str | None:
    """Return a finding as it is remembered, its lines counted from the record's.

    None where it is about something that the record shares with others.
    """
    result = finding.result
    nested = f"{base}{GENID_PATH}"
    if result and result.focus != finding.record and not result.focus.startswith(nested):
        return None
    members = asdict(replace(finding, record=None, file=None, line=(finding.line or line) - line))
    return json.dumps(members, ensure_ascii=False)


def read_note(text: str, record: str, file: str | None, line: int) -> Finding:
    """Undo `write_note` for a record in its new place."""
    members = json.loads(text)
    result = members["result"]
    if result is not None:
        result = ShapeResult(**{**result, "severity": Severity(result["severity"])})
    place = {"record": record, "file": file, "line": members["line"] + line}
    return Finding(
        **{**members, **place, "severity": Severity(members["severity"]), "result": result}
    )
