"""What a check found, in one type for all checks, and the report that holds it.

Structure, references, codes and shapes all speak in `Finding`. A rule is a short stable name that
says which check spoke: `structure`, `reference/dangling`, `code/unknown`, `shape/MinCount`,
`practice/title-empty`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

import pyoxigraph as ox

from ..terms import RDF_TYPE, expand

JSON_VERSION = 1
"""The version of the structure that `ValidationReport.to_json` writes."""

_EXAMPLES = 3
_LONGEST_VALUE = 120
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_LISTED = ("rule", "message", "file", "line", "record", "path", "value", "accepted", "source")


class Severity(IntEnum):
    """How bad a finding is; a greater one is worse."""

    INFO = 0
    WARNING = 1
    ERROR = 2

    @property
    def label(self) -> str:
        """The word for people and for JSON: error, warning or info."""
        return self.name.lower()

    @property
    def iri(self) -> str:
        """The IRI of the severity in SHACL, where an error is called a violation.

        See <https://www.w3.org/TR/shacl/#severity>.
        """
        return expand("sh:Violation" if self is Severity.ERROR else f"sh:{self.name.title()}")


@dataclass(frozen=True, slots=True)
class ShapeResult:
    """One validation result of a SHACL engine.

    `focus`, `path` and `source_shape` are IRIs; a blank node as focus is `_:` and a label, a path
    that is more than one property is an expression, and a constraint on the node itself has none.
    `value` is a term in N-Triples syntax, or None. `component` is the constraint component's local
    name without its ending: `MinCount` for sh:MinCountConstraintComponent. `message` and `name`
    are what the shape says in English. See <https://www.w3.org/TR/shacl/#results-validation-result>.
    """

    focus: str
    path: str | None
    value: str | None
    component: str
    source_shape: str
    severity: Severity
    message: str
    name: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    `file` and `line` (from 1) say where in the source, `record` (an IRI) and `path` (names of
    elements or properties from the record, divided by `/`) where in the data. `value` is what
    stands there, `accepted` what may stand there, `source` what says so: a schema's type, a code
    list, a shape. `result` is the engine's result behind a finding of the shapes.
    """

    rule: str
    severity: Severity
    message: str
    file: str | None = None
    line: int | None = None
    path: str | None = None
    record: str | None = None
    value: str | None = None
    accepted: str | None = None
    source: str | None = None
    result: ShapeResult | None = None

    @property
    def cause(self) -> "Cause":
        """What findings with one cause have in common."""
        return Cause(self.severity, self.rule, self.source, self.accepted)

    @property
    def place(self) -> str:
        """File and line as editors read them: `loq.xml:120`."""
        return ":".join(str(part) for part in (self.file, self.line) if part is not None)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something was found: the key by which findings are put together."""

    severity: Severity
    rule: str
    source: str | None
    accepted: str | None


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings with one cause: how many there are, and the first few."""

    cause: Cause
    count: int
    examples: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All findings of a validation, in the order they were found.

    `omitted` counts, by cause, findings that were not kept one by one.
    """

    findings: tuple[Finding, ...] = ()
    omitted: Mapping[Cause, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def collect(cls, findings: Iterable[Finding], limit: int) -> "ValidationReport":
        """Keep the first `limit` findings, and the first few of each cause; count the rest.

        So a document that is wrong in every record fills neither memory nor the report, and no
        cause is lost behind a more frequent one.
        """
        kept: list[Finding] = []
        seen: Counter[Cause] = Counter()
        omitted: Counter[Cause] = Counter()
        for finding in findings:
            cause = finding.cause
            if len(kept) < limit or seen[cause] < _EXAMPLES:
                kept.append(finding)
                seen[cause] += 1
            else:
                omitted[cause] += 1
        return cls(tuple(kept), MappingProxyType(dict(omitted)))

    def conforms(self, fail_on: Severity = Severity.ERROR) -> bool:
        """Tell whether nothing of severity `fail_on` or worse was found."""
        return all(severity < fail_on or not count for severity, count in self.counts().items())

    def counts(self) -> dict[Severity, int]:
        """Return how many findings there are of each severity, worst first, none as 0."""
        counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
        for finding in self.findings:
            counts[finding.severity] += 1
        for cause, count in self.omitted.items():
            counts[cause.severity] += count
        return counts

    def groups(self) -> tuple[FindingGroup, ...]:
        """Return the findings by cause, worst first, then in the order they were found."""
        found: dict[Cause, list[Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.cause, []).append(finding)
        groups = [
            FindingGroup(cause, len(some) + self.omitted.get(cause, 0), tuple(some[:_EXAMPLES]))
            for cause, some in found.items()
        ]
        return tuple(sorted(groups, key=lambda group: -group.cause.severity))

    def to_text(self, limit: int = 50) -> str:
        """Return the report for people: a verdict, then at most `limit` groups with examples."""
        groups = self.groups()
        parts = [self._verdict(), *(_group_text(group) for group in groups[:limit])]
        if len(groups) > limit:
            parts.append(f"… and {len(groups) - limit:,} more kinds of findings")
        return "\n\n".join(parts) + "\n"

    def to_json(self) -> str:
        """Return the report for programs, as JSON text.

        The structure is stable; another one gets another `version`::

            {"version": 1, "conforms": false,
             "counts": {"error": 1, "warning": 0, "info": 0},
             "groups": [{"severity": "error", "rule": …, "source": …, "accepted": …,
                         "message": …, "count": 1}],
             "findings": [{"severity": "error", "rule": …, "message": …, "file": …, "line": …,
                           "record": …, "path": …, "value": …, "accepted": …, "source": …}]}

        `conforms` is true when there is no error. What is not known is null. `findings` may hold
        fewer than `counts` says, `groups` counts all.
        """
        document = {
            "version": JSON_VERSION,
            "conforms": self.conforms(),
            "counts": {severity.label: count for severity, count in self.counts().items()},
            "groups": [_group_members(group) for group in self.groups()],
            "findings": [_members(finding) for finding in self.findings],
        }
        return json.dumps(document, ensure_ascii=False, indent=1)

    def to_ntriples(self, report_iri: str) -> str:
        """Return the report as RDF: a sh:ValidationReport, in N-Triples, without blank nodes.

        The results are called `report_iri` and `#1`, `#2` and so on. As SHACL has it, sh:conforms
        is false when there is any result, be it an information. Findings of other checks than
        shapes have eld:DocumentConstraintComponent for their component. See
        <https://www.w3.org/TR/shacl/#validation-report>.
        """
        return "".join(self._triples(report_iri))

    def _triples(self, report: str) -> Iterator[str]:
        conforms = "false" if self.findings else "true"
        yield _triple(report, RDF_TYPE, _iri(expand("sh:ValidationReport")))
        yield _triple(report, expand("sh:conforms"), f'"{conforms}"^^{_iri(expand("xsd:boolean"))}')
        for number, finding in enumerate(self.findings, 1):
            result = f"{report}{'-' if '#' in report else '#'}{number}"
            yield _triple(report, expand("sh:result"), _iri(result))
            for predicate, term in _result_members(finding):
                yield _triple(result, expand(predicate), term)

    def _verdict(self) -> str:
        verdict = "Conforms" if self.conforms() else "Does not conform"
        counts = self.counts().items()
        parts = (f"{count:,} {severity.label}{'s' * (count != 1)}" for severity, count in counts)
        return f"{verdict}: {', '.join(parts)}."


def _group_text(group: FindingGroup) -> str:
    cause = group.cause
    found = f"{group.count:,} finding{'s' * (group.count != 1)}"
    lines = [
        f"{cause.severity.name} {cause.rule}: {found}",
        f"  {group.examples[0].message}",
    ]
    lines += [f"  accepted: {cause.accepted}"] if cause.accepted else []
    lines += [f"  source: {cause.source}"] if cause.source else []
    lines += [f"    {_example_text(finding)}" for finding in group.examples]
    if group.count > len(group.examples):
        lines.append(f"    … and {group.count - len(group.examples):,} more")
    return "\n".join(lines)


def _example_text(finding: Finding) -> str:
    record = f"<{finding.record}>" if finding.record else ""
    where = "  ".join(part for part in (finding.place, record, finding.path) if part)
    if finding.value is None or finding.value == finding.record:
        return where
    return f"{where}  value: {_shown(finding.value)}"


def _shown(value: str) -> str:
    text = json.dumps(value[:_LONGEST_VALUE], ensure_ascii=False)
    return text if len(value) <= _LONGEST_VALUE else f"{text} … ({len(value):,} characters)"


def _members(finding: Finding) -> dict[str, object]:
    return {
        "severity": finding.severity.label,
        **{name: getattr(finding, name) for name in _LISTED},
    }


def _group_members(group: FindingGroup) -> dict[str, object]:
    return {
        "severity": group.cause.severity.label,
        "rule": group.cause.rule,
        "source": group.cause.source,
        "accepted": group.cause.accepted,
        "message": group.examples[0].message,
        "count": group.count,
    }


def _result_members(finding: Finding) -> Iterator[tuple[str, str]]:
    yield "rdf:type", _iri(expand("sh:ValidationResult"))
    yield "sh:resultSeverity", _iri(finding.severity.iri)
    yield "sh:resultMessage", f"{_literal(finding.message)}@en"
    result = finding.result
    yield from _document_members(finding) if result is None else _shape_members(result)
    yield "eld:rule", _literal(finding.rule)
    for term, text in (
        ("eld:sourceFile", finding.file),
        ("eld:recordPath", finding.path),
        ("eld:accepted", finding.accepted),
    ):
        if text is not None:
            yield term, _literal(text)
    if finding.line is not None:
        yield "eld:sourceLine", f'"{finding.line}"^^{_iri(expand("xsd:integer"))}'


def _shape_members(result: ShapeResult) -> Iterator[tuple[str, str]]:
    yield "sh:focusNode", _node(result.focus)
    yield "sh:sourceConstraintComponent", _iri(expand(f"sh:{result.component}ConstraintComponent"))
    yield "sh:sourceShape", _iri(result.source_shape)
    if result.path is not None and _is_iri(result.path):
        yield "sh:resultPath", _iri(result.path)
    if result.value is not None:
        yield "sh:value", _literal(result.value) if result.value.startswith("_:") else result.value


def _document_members(finding: Finding) -> Iterator[tuple[str, str]]:
    yield "sh:focusNode", _node(finding.record or finding.file or "")
    yield "sh:sourceConstraintComponent", _iri(expand("eld:DocumentConstraintComponent"))
    if finding.value is not None:
        yield "sh:value", _literal(finding.value)


def _triple(subject: str, predicate: str, term: str) -> str:
    return f"<{subject}> <{predicate}> {term} .\n"


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _node(text: str) -> str:
    return _iri(text) if _is_iri(text) else _literal(text)


def _iri(iri: str) -> str:
    return f"<{iri}>"


def _literal(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
