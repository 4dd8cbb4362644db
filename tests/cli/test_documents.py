"""The commands that need no store, run as a user runs them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from europass_ld.cli import main
from tests.shared import ROOT

SAMPLES = ROOT / "data" / "samples"
BROKEN = SAMPLES / "broken"
GOLDEN = ROOT / "tests" / "lift" / "golden"


def run(*arguments: object) -> Result:
    """Run europass-ld; an exception that is no exit fails the test."""
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_detect_tells_what_it_is() -> None:
    """Family, version, namespace, size and proof, for a person and for a program."""
    path = SAMPLES / "fr-formations" / "formations.xml"
    assert "(loq) 3.1" in run("detect", path).output
    facts = json.loads(run("detect", "--json", path).output)
    assert facts["family"] == "loq"
    assert facts["bytes"] == path.stat().st_size
    assert facts["proof"] is False


def test_detect_goes_on_after_what_it_does_not_know(tmp_path: Path) -> None:
    """An unknown document is named on standard error, the next one is told, the code is 1."""
    (tmp_path / "other.xml").write_text("<SkillsPassport/>")
    result = run("detect", tmp_path / "other.xml", GOLDEN / "loq.xml")
    assert result.exit_code == 1
    assert "looks like a Europass CV" in result.stderr
    assert "(loq) 3.1" in result.stdout


def test_validate_a_good_file() -> None:
    """A document that conforms gives 0 and says so."""
    result = run("validate", BROKEN / "correct.xml")
    assert result.exit_code == 0
    assert result.output.startswith("Conforms")


def test_help_says_what_the_exit_codes_mean() -> None:
    """Each code stands there, in lines as they were written."""
    text = run("--help").output
    assert (
        "\n  Exit codes: 0 done; 1 a document does not conform, or was refused or held;\n" in text
    )


def test_a_limit_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too long is said with the setting, and where it stands."""
    monkeypatch.setenv("EUROPASS_LD_MAX_TEXT_LENGTH", "5")
    result = run("validate", BROKEN / "correct.xml")
    assert result.exit_code == 1
    assert "the limit max_text_length is 5" in result.output
    assert f"    {BROKEN / 'correct.xml'}:5" in result.output


def test_validate_a_bad_file_says_all_that_helps() -> None:
    """File, line, record, path, value, what is accepted and who says so stand in the text."""
    result = run("validate", BROKEN / "wrong-code.xml")
    assert result.exit_code == 1
    for words in (
        "wrong-code.xml:36",
        "<https://data.skolverk-exempel.example/examen/svets>",
        "ISCEDFCode/@uri",
        "isced-f/715",
        "did you mean http://data.europa.eu/snb/isced-f/0715",
        "data/vocabularies/isced-f.ttl",
    ):
        assert words in result.output


def test_validate_json_has_the_documented_members() -> None:
    """The JSON has exactly the members that the README lists."""
    report = json.loads(run("validate", "--json", BROKEN / "wrong-code.xml").output)
    assert set(report) == {"version", "conforms", "counts", "groups", "findings"}
    assert report["version"] == 1
    assert report["conforms"] is False
    (finding,) = [one for one in report["findings"] if one["severity"] == "error"]
    assert set(finding) <= {
        "rule",
        "severity",
        "message",
        "file",
        "line",
        "record",
        "path",
        "value",
        "accepted",
        "source",
    }
    assert (finding["rule"], finding["line"]) == ("code/unknown", 36)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["html.xml"], 0),
        (["--fail-on", "warning", "html.xml"], 1),
        (["new-region.xml"], 0),
        (["--strict", "new-region.xml"], 1),
        (["truncated.xml"], 1),
        (["doctype.xml"], 1),
        (["correct.xml", "bad-date.xml"], 1),
    ],
)
def test_validate_exit_codes(arguments: list[str], code: int) -> None:
    """Severity decides, policy acts: --fail-on and --strict move the line."""
    words = [one if one.startswith("-") or one == "warning" else BROKEN / one for one in arguments]
    assert run("validate", *words).exit_code == code


def test_a_missing_file_is_a_usage_error() -> None:
    """What is not there is told with code 2, without a traceback."""
    result = run("validate", "nowhere.xml")
    assert result.exit_code == 2
    assert "nowhere.xml: cannot be read" in result.stderr


@pytest.mark.parametrize("name", ["nq", "nt", "ttl", "trig", "jsonld", "rdfxml"])
def test_lift_and_lower_in_every_format(name: str, tmp_path: Path) -> None:
    """Each RDF format carries the document there and back; the XML lifts to the same triples."""
    ending = {"rdfxml": "rdf"}.get(name, name)
    rdf = tmp_path / f"out.{ending}"
    assert run("lift", GOLDEN / "loq.xml", "-o", rdf).exit_code == 0
    assert run("lower", rdf, "-o", tmp_path / "back.xml").exit_code == 0
    there = run("lift", GOLDEN / "loq.xml", "--format", name).stdout
    assert there == rdf.read_text(encoding="utf-8")
    one, two = (run("lift", path).stdout for path in (GOLDEN / "loq.xml", tmp_path / "back.xml"))
    assert sorted(set(one.splitlines())) == sorted(set(two.splitlines()))


def test_lower_writes_the_version_that_is_asked_for(tmp_path: Path) -> None:
    """The namespace is that of the version, and what a version does not allow is refused."""
    rdf = tmp_path / "out.nt"
    run("lift", GOLDEN / "loq.xml", "-o", rdf)
    root = etree.fromstring(run("lower", rdf, "--version", "3.3").stdout.encode())
    assert root.tag == (
        "{http://data.europa.eu/snb/model/application-profile/loq-constraints/}Courses"
    )
    assert root.get("xsdVersion") == "3.3.1"
    notes = SAMPLES / "fi-koulutustarjonta" / "v2" / "opportunities.xml"
    run("lift", notes, "-o", rdf)
    refused = run("lower", rdf, "--version", "3.1")
    assert refused.exit_code == 1
    assert "noteLiteral stands more than once" in refused.stderr
    assert refused.stdout == ""


def test_lift_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A document that cannot be lifted gives code 1, a reason with its place, and no output."""
    output = tmp_path / "out.nt"
    output.write_text("what was there before")
    result = run("lift", BROKEN / "unknown-element.xml", "-o", output)
    assert result.exit_code == 1
    assert "hours" in result.stderr
    assert output.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("name", "text", "code", "words"),
    [
        ("x.pdf", "", 2, "cannot tell the RDF format"),
        ("x.ttl", "<a> <b> .", 1, "not Turtle"),
        ("x.nt", "", 1, "no LOQ or AMS record"),
    ],
)
def test_lower_refuses_what_it_cannot_read(
    name: str, text: str, code: int, words: str, tmp_path: Path
) -> None:
    """Each kind of wrong input has its own message and code."""
    (tmp_path / name).write_text(text)
    result = run("lower", tmp_path / name)
    assert result.exit_code == code
    assert words in result.stderr


def test_settings_say_where_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is listed with value and source; a bad one stops every command with 2."""
    monkeypatch.setenv("EUROPASS_LD_MAX_DEPTH", "7")
    listed = json.loads(run("settings", "--json").output)
    assert listed["max_depth"] == {"value": 7, "source": "the environment"}
    assert listed["page_size"]["source"] == "the default"
    assert "max_depth = 7  (the environment)" in run("settings").output
    monkeypatch.setenv("EUROPASS_LD_MAX_DEPTH", "deep")
    result = run("settings")
    assert result.exit_code == 2
    assert "'deep' is not accepted" in result.stderr


def test_vocabularies_list_and_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An imported list is listed with its source, and its codes are accepted from then on."""
    monkeypatch.setenv("EUROPASS_LD_VOCABULARIES", str(tmp_path / "imported"))
    names = {
        json.loads(line)["name"]
        for line in run("vocabularies", "list", "--json").stdout.splitlines()
    }
    assert {"eqf", "isced-f", "nuts", "language"} <= names
    skos = tmp_path / "nuts.ttl"
    skos.write_text(
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
        "<http://data.europa.eu/nuts> a skos:ConceptScheme .\n"
        "<http://data.europa.eu/nuts/code/SE999> a skos:Concept ; skos:notation 'SE999' ;\n"
        "  skos:inScheme <http://data.europa.eu/nuts> ; skos:prefLabel 'New region'@en ."
    )
    assert run("vocabularies", "import", skos).exit_code == 0
    lists = [json.loads(line) for line in run("vocabularies", "list", "--json").stdout.splitlines()]
    assert next(one for one in lists if one["name"] == "nuts")["source"] == "extended"
