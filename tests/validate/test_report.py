"""Findings and reports."""

import json

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.terms import RDF_TYPE, expand
from europass_ld.validate.report import (
    Cause,
    Finding,
    Severity,
    ShapeResult,
    ValidationReport,
)

REPORT = "https://data.example.org/report/1"
RESULT = ShapeResult(
    focus="https://data.example.org/.well-known/genid/a.1",
    path=expand("elm:contentUrl"),
    value='"ftp://example.org"^^<http://www.w3.org/2001/XMLSchema#anyURI>',
    component="MinCount",
    source_shape="https://example.org/shapes#one",
    severity=Severity.ERROR,
    message="There is an address.",
    name="address",
)
DANGLING = Finding(
    rule="reference/dangling",
    severity=Severity.ERROR,
    message="providedBy points at nothing",
    file="loq.xml",
    line=12,
    path="providedBy/@idref",
    record="https://data.example.org/lo/1",
    value="https://data.example.org/org/1",
    accepted="the id of an organisation",
    source="mappings/loq.yaml",
)
MISSING = Finding(
    rule="shape/MinCount",
    severity=Severity.ERROR,
    message="address is missing: There is an address.",
    file="loq.xml",
    line=12,
    path="homepage/contentUrl",
    record="https://data.example.org/lo/1",
    accepted="at least 1",
    source=RESULT.source_shape,
    result=RESULT,
)
ADVICE = Finding("practice/link-http", Severity.INFO, "The link is not encrypted.", line=3)
WARNING = Finding("code/unknown", Severity.WARNING, "not in the list", value="x", file="loq.xml")


def test_severities_are_ordered() -> None:
    """Proves that a worse severity is a greater one, so that policies can compare."""
    assert Severity.INFO < Severity.WARNING < Severity.ERROR
    assert [one.label for one in Severity] == ["info", "warning", "error"]
    assert [one.iri for one in Severity] == [
        expand("sh:Info"),
        expand("sh:Warning"),
        expand("sh:Violation"),
    ]


@pytest.mark.parametrize(
    ("findings", "fail_on", "conforms"),
    [
        ((), Severity.INFO, True),
        ((ADVICE,), Severity.INFO, False),
        ((ADVICE,), Severity.WARNING, True),
        ((ADVICE, WARNING), Severity.ERROR, True),
        ((ADVICE, WARNING), Severity.WARNING, False),
        ((DANGLING,), Severity.ERROR, False),
    ],
)
def test_conforms(findings: tuple[Finding, ...], fail_on: Severity, *, conforms: bool) -> None:
    """Proves that a report conforms when nothing is as bad as the policy's limit."""
    assert ValidationReport(findings).conforms(fail_on) is conforms


def test_omitted_findings_count() -> None:
    """Proves that a finding that was not kept still makes a report fail."""
    report = ValidationReport((ADVICE,), {DANGLING.cause: 2})
    assert not report.conforms()
    assert report.counts() == {Severity.ERROR: 2, Severity.WARNING: 0, Severity.INFO: 1}


def test_counts_name_every_severity() -> None:
    """Proves that a severity without findings is there as zero, the worst first."""
    assert list(ValidationReport().counts().items()) == [
        (Severity.ERROR, 0),
        (Severity.WARNING, 0),
        (Severity.INFO, 0),
    ]


def test_groups_put_one_cause_together() -> None:
    """Proves that rule, source, severity and what is accepted make a group, worst first."""
    many = tuple(
        Finding("code/unknown", Severity.WARNING, "not in the list", record=f"urn:x:{number}")
        for number in range(5)
    )
    other = Finding("code/unknown", Severity.WARNING, "not in the list", accepted="urn:code:7")
    groups = ValidationReport((*many, other, DANGLING)).groups()
    assert [(group.cause.rule, group.count) for group in groups] == [
        ("reference/dangling", 1),
        ("code/unknown", 5),
        ("code/unknown", 1),
    ]
    assert groups[1].examples == many[:3]


def test_collecting_keeps_a_few_of_each_cause() -> None:
    """Proves that a flood of one cause neither fills a report nor hides another cause."""
    flood = (ADVICE for _ in range(1000))
    report = ValidationReport.collect([*flood, DANGLING], limit=10)
    assert len(report.findings) == 11
    assert report.counts()[Severity.INFO] == 1000
    assert report.omitted == {Cause(Severity.INFO, "practice/link-http", None, None): 990}
    assert [group.count for group in report.groups()] == [1, 1000]


def test_text_says_everything_a_person_needs() -> None:
    """Proves that file, line, record, path, message, value, accepted and source are shown."""
    assert ValidationReport((DANGLING,)).to_text() == (
        "Does not conform: 1 error, 0 warnings, 0 infos.\n"
        "\n"
        "ERROR reference/dangling: 1 finding\n"
        "  providedBy points at nothing\n"
        "  accepted: the id of an organisation\n"
        "  source: mappings/loq.yaml\n"
        "    loq.xml:12  <https://data.example.org/lo/1>  providedBy/@idref"
        '  value: "https://data.example.org/org/1"\n'
    )


def test_text_does_not_say_the_record_twice() -> None:
    """Proves that a value that is the record itself is not repeated behind it."""
    finding = Finding("practice/iri-space", Severity.INFO, "m", record="urn:x", value="urn:x")
    assert ValidationReport((finding,)).to_text().count("urn:x") == 1


def test_text_of_a_clean_report() -> None:
    """Proves that nothing found is said in one line."""
    assert ValidationReport().to_text() == "Conforms: 0 errors, 0 warnings, 0 infos.\n"


def test_text_is_cut_where_it_is_long() -> None:
    """Proves that many examples, many groups and long values are cut, and that this is said."""
    long = Finding("text/long", Severity.INFO, "too long", value="x\n" * 500)
    report = ValidationReport((DANGLING,) * 4312 + (WARNING, long))
    text = report.to_text(limit=2)
    assert "ERROR reference/dangling: 4,312 findings" in text
    assert "… and 4,309 more\n" in text
    assert "… and 1 more kinds of findings\n" in text
    assert "(1,000 characters)" in report.to_text()
    assert "x\nx" not in report.to_text()


def test_json_has_the_documented_structure() -> None:
    """Proves that programs find version, verdict, counts, groups and findings, null if unknown."""
    document = json.loads(ValidationReport((DANGLING, ADVICE)).to_json())
    assert list(document) == ["version", "conforms", "counts", "groups", "findings"]
    assert document["version"] == 1
    assert document["conforms"] is False
    assert document["counts"] == {"error": 1, "warning": 0, "info": 1}
    assert document["groups"][0] == {
        "severity": "error",
        "rule": "reference/dangling",
        "source": "mappings/loq.yaml",
        "accepted": "the id of an organisation",
        "message": "providedBy points at nothing",
        "count": 1,
    }
    assert document["findings"][1] == {
        "severity": "info",
        "rule": "practice/link-http",
        "message": "The link is not encrypted.",
        "file": None,
        "line": 3,
        "record": None,
        "path": None,
        "value": None,
        "accepted": None,
        "source": None,
    }


def _rdf(report: ValidationReport, iri: str = REPORT) -> ox.Store:
    store = ox.Store()
    store.load(report.to_ntriples(iri).encode(), ox.RdfFormat.N_TRIPLES)
    return store


def _values(store: ox.Store, subject: str, curie: str) -> set[str]:
    found = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(expand(curie)), None)
    return {str(quad.object) for quad in found}


def test_rdf_of_a_shape_result() -> None:
    """Proves that the result of a shape is a sh:ValidationResult with all that SHACL asks for."""
    store = _rdf(ValidationReport((MISSING,)))
    result = f"{REPORT}#1"
    assert _values(store, REPORT, "rdf:type") == {f"<{expand('sh:ValidationReport')}>"}
    assert _values(store, REPORT, "sh:result") == {f"<{result}>"}
    assert _values(store, result, "rdf:type") == {f"<{expand('sh:ValidationResult')}>"}
    assert _values(store, result, "sh:focusNode") == {f"<{RESULT.focus}>"}
    assert _values(store, result, "sh:resultPath") == {f"<{RESULT.path}>"}
    assert _values(store, result, "sh:value") == {RESULT.value}
    assert _values(store, result, "sh:resultSeverity") == {f"<{expand('sh:Violation')}>"}
    assert _values(store, result, "sh:sourceShape") == {f"<{RESULT.source_shape}>"}
    assert _values(store, result, "sh:sourceConstraintComponent") == {
        f"<{expand('sh:MinCountConstraintComponent')}>"
    }
    assert _values(store, result, "sh:resultMessage") == {
        '"address is missing: There is an address."@en'
    }
    assert _values(store, result, "eld:sourceFile") == {'"loq.xml"'}
    assert _values(store, result, "eld:recordPath") == {'"homepage/contentUrl"'}


def test_rdf_of_another_check() -> None:
    """Proves that a finding without a shape has a focus node and a component all the same."""
    store = _rdf(ValidationReport((DANGLING, WARNING)))
    first, second = f"{REPORT}#1", f"{REPORT}#2"
    assert _values(store, first, "sh:focusNode") == {f"<{DANGLING.record}>"}
    assert _values(store, first, "sh:sourceConstraintComponent") == {
        f"<{expand('eld:DocumentConstraintComponent')}>"
    }
    assert _values(store, first, "sh:sourceShape") == set()
    assert _values(store, second, "sh:focusNode") == {'"loq.xml"'}


def test_rdf_says_whether_there_are_results() -> None:
    """Proves that sh:conforms follows SHACL: false with any result, be it an information."""
    true, false = (f'"{one}"^^<{expand("xsd:boolean")}>' for one in ("true", "false"))
    assert _values(_rdf(ValidationReport()), REPORT, "sh:conforms") == {true}
    assert _values(_rdf(ValidationReport((ADVICE,))), REPORT, "sh:conforms") == {false}


def test_rdf_of_compound_paths_and_blank_nodes() -> None:
    """Proves that neither a path expression nor a blank node of an engine gets into the RDF."""
    result = ShapeResult(
        "_:0_b1", "(<http://example.org/p>)+", "_:0_b2", "Class", "urn:s", Severity.INFO, "m", "n"
    )
    text = ValidationReport((Finding("shape/Class", Severity.INFO, "m", result=result),))
    store = _rdf(text)
    assert _values(store, f"{REPORT}#1", "sh:resultPath") == set()
    assert _values(store, f"{REPORT}#1", "sh:focusNode") == {'"_:0_b1"'}
    assert not any(isinstance(quad.object, ox.BlankNode) for quad in store)


def test_results_of_a_hash_iri_have_iris() -> None:
    """Proves that a report whose IRI has a fragment does not get a second one."""
    store = _rdf(ValidationReport((ADVICE,)), "https://data.example.org/dataset#report")
    assert _values(store, "https://data.example.org/dataset#report", "sh:result") == {
        "<https://data.example.org/dataset#report-1>"
    }


_TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=60)
@given(
    st.builds(
        Finding,
        rule=st.sampled_from(["structure", "code/unknown"]),
        severity=st.sampled_from(Severity),
        message=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
        file=_TEXTS,
        line=st.none() | st.integers(1, 10**6),
        path=_TEXTS,
        record=_TEXTS,
        value=_TEXTS,
        accepted=_TEXTS,
        source=_TEXTS,
    )
)
def test_any_text_survives(finding: Finding) -> None:
    """Proves that JSON and RDF of a report can be read, whatever stands in the document."""
    report = ValidationReport((finding,))
    listed = json.loads(report.to_json())["findings"][0]
    assert listed["value"] == finding.value
    store = _rdf(report)
    messages = store.quads_for_pattern(None, ox.NamedNode(expand("sh:resultMessage")), None)
    expected = ox.Literal(finding.message, language="en")
    assert [quad.object for quad in messages] == [expected]
    types = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None)
    assert len(list(types)) == 2
    assert finding.rule in report.to_text()
