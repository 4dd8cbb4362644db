"""References, identifiers and notations of a document."""

import pytest

from europass_ld.mapping import Child, Use, load_mapping
from europass_ld.validate.references import ReferenceValidator
from europass_ld.validate.report import Finding, Severity

TABLE = load_mapping("loq")


def child(kind: str, name: str) -> Child:
    """Return a row of the table."""
    return next(one for one in TABLE.records[kind].children if one.name == name)


def findings(*records: tuple[str, str, list[Use]]) -> list[Finding]:
    """Return the findings on records given as IRI, kind and references."""
    validator = ReferenceValidator(TABLE, "a.xml")
    for number, (iri, kind, references) in enumerate(records):
        validator.add(iri, kind, 10 * (number + 1), references)
    return list(validator.findings())


def test_references_may_point_forward_and_back() -> None:
    """A reference is right when the record of its kind is anywhere in the document."""
    provided = Use(child("learningOpportunity", "providedBy"), "org", 11)
    located = Use(child("organisation", "location"), "place", 21)
    assert not findings(
        ("lo", "learningOpportunity", [provided]),
        ("org", "organisation", [located]),
        ("place", "location", []),
    )


@pytest.mark.parametrize(
    ("name", "target", "rule", "severity"),
    [
        ("providedBy", "nowhere", "reference/dangling", Severity.ERROR),
        ("providedBy", "other", "reference/wrong-kind", Severity.ERROR),
        ("publisher", "nowhere", "reference/dangling", Severity.WARNING),
        ("publisher", "other", "reference/wrong-kind", Severity.ERROR),
        ("isPartOf", "nowhere", "reference/dangling", Severity.WARNING),
    ],
)
def test_severity_of_a_wrong_reference(
    name: str, target: str, rule: str, severity: Severity
) -> None:
    """What the official schema keys is an error; what it does not is a warning if it dangles."""
    use = Use(child("learningOpportunity", name), target, 12)
    (found,) = findings(("lo", "learningOpportunity", [use]), ("other", "location", []))
    assert (found.rule, found.severity) == (rule, severity)
    assert (found.line, found.record, found.value) == (12, "lo", target)
    assert found.path == f"{name}/@idref"


def test_an_identifier_names_one_record() -> None:
    """The second record with an id is told, with the line of the first, whatever its kind."""
    (found,) = findings(("same", "organisation", []), ("same", "location", []))
    assert (found.rule, found.line) == ("identifier/duplicate", 20)
    assert "line 10" in found.message


def test_a_notation_occurs_once() -> None:
    """The same notation of an identifier in two records is told once, with both lines."""
    row = next(one for one in TABLE.nodes["Identifier"].children if one.kind == "notation")
    validator = ReferenceValidator(TABLE, "a.xml")
    validator.add("a", "agent", 1, (), [Use(row, "7", 2), Use(row, "8", 3)])
    validator.add("b", "agent", 4, (), [Use(row, "7", 5)])
    (found,) = validator.findings()
    assert (found.rule, found.line, found.record) == ("notation/duplicate", 5, "b")
    assert "line 2" in found.message
