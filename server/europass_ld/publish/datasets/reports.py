"""What validation found, as pages need it: by record, and in sum."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from ...store import Reader

Finding = Mapping[str, str | int | None]
_MAPPING = re.compile(r"mappings/(\w+)\.yaml")
_WORST_FIRST = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one version, parsed.

    `document` is all of it, in the structure of the report's JSON; `by_record` holds findings by
    the record's IRI, the worst first.
    """

    document: Mapping[str, Any]
    by_record: Mapping[str, Sequence[Finding]]

    @property
    def findings(self) -> Sequence[Finding]:
        """All findings that were kept one by one."""
        return cast("Sequence[Finding]", self.document["findings"])

    def records_with(self, severity: str) -> int:
        """Return how many records have a finding of this severity."""
        return sum(
            any(one["severity"] == severity for one in some) for some in self.by_record.values()
        )


class Reports:
    """The reports of a store; the few that were asked for last stay parsed."""

    def __init__(self, reader: Reader):
        self._reader = reader
        self._parsed = lru_cache(maxsize=8)(self._parse)

    def report(self, dataset: str, number: int) -> Report | None:
        """Return the report of a version; None when there is none."""
        return self._parsed(dataset, number)

    def _parse(self, dataset: str, number: int) -> Report | None:
        text = self._reader.report(dataset, number)
        return None if text is None else parse_report(text)


def parse_report(text: str) -> Report:
    """Read the JSON form of a validation report; of files only their names are published."""
    document = json.loads(text)
    by_record: dict[str, list[Finding]] = {}
    for finding in document["findings"]:
        finding["file"] = file_name(finding["file"]) if finding["file"] else None
        if finding["record"]:
            by_record.setdefault(finding["record"], []).append(finding)
    for some in by_record.values():
        some.sort(key=lambda one: _WORST_FIRST.index(str(one["severity"])))
    return Report(document, by_record)


def rule_source(source: str | None) -> tuple[str, str] | None:
    """Return where a rule is written: `"shape"` and its IRI, or `"mapping"` and its family.

    None where a report names neither.
    """
    if source and source.startswith("https://europass-ld.github.io/shapes/"):
        return "shape", source
    found = _MAPPING.match(source or "")
    return ("mapping", found[1]) if found else None


def file_name(path: str) -> str:
    """Return the last part of a path or of a member of an archive: folders are not published."""
    return re.split(r"[/\\!]", path)[-1]
