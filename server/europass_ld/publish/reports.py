"""What validation found, as pages need it: by record, and in sum."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..store import Reader

Member = str | int | None
_WORST_FIRST = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one version, parsed.

    `groups` and `findings` have the members that the report's JSON gives them, `counts` is by
    severity ("error", "warning", "info"). `by_record` holds findings by the record's IRI.
    """

    conforms: bool
    counts: Mapping[str, int]
    groups: Sequence[Mapping[str, Member]]
    findings: Sequence[Mapping[str, Member]]
    by_record: Mapping[str, Sequence[Mapping[str, Member]]] = field(default_factory=dict)

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
    """Read the JSON form of a validation report."""
    document = json.loads(text)
    by_record: dict[str, list[Mapping[str, Member]]] = {}
    for finding in document["findings"]:
        if finding["record"]:
            by_record.setdefault(finding["record"], []).append(finding)
    for some in by_record.values():
        some.sort(key=lambda one: _WORST_FIRST.index(str(one["severity"])))
    return Report(
        document["conforms"],
        document["counts"],
        document["groups"],
        document["findings"],
        by_record,
    )
