"""Structure: what is wrong with a record, where, and in which words."""

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from europass_ld import resources
from europass_ld.errors import ValidationError
from europass_ld.validate.content_model import content_model
from europass_ld.validate.structure import StructureProblem, StructureValidator

LOQ = "http://data.europa.eu/snb/model/ap/loq-constraints/"
LOQ_33 = "http://data.europa.eu/snb/model/application-profile/loq-constraints/"
AMS = "http://data.europa.eu/snb/model/ap/ams-constraints/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DRAFT = "http://data.europa.eu/snb/model/loq-constraints/"
PREFIXES = (
    'xmlns:skos="http://www.w3.org/2004/02/skos/core#" xmlns:dc="http://purl.org/dc/terms/" '
    'xmlns:locn="http://www.w3.org/ns/locn#" xmlns:clv="http://data.europa.eu/m8g/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
)
FIRST_LINE = '<r xmlns="{}" {}>\n'

OPPORTUNITY = """<learningOpportunity id="urn:x:1">
<title language="fi">Tilastotiede</title>
<homepage><contentUrl>https://example.org/1</contentUrl></homepage>
<temporal>
<startDate>2026-09-01T08:00:00+02:00</startDate>
</temporal>
<duration>P1Y</duration>
<providedBy idref="urn:x:2"/>
<learningAchievementSpecification idref="urn:x:3"/>
<defaultLanguage uri="urn:x:fi"/>
<status>released</status>
</learningOpportunity>"""
ADDRESS = '<address><countryCode uri="urn:x:FIN"/></address>'


def record(xml: str, namespace: str = LOQ) -> etree._Element:
    """Read one record that starts in line 2."""
    return etree.fromstring(f"{FIRST_LINE.format(namespace, PREFIXES)}{xml}</r>")[0]


def problems(xml: str, family: str = "loq", version: str = "3.1") -> list[StructureProblem]:
    """Return what is wrong with a record in the version's own namespace."""
    namespace = {"loq": LOQ, "ams": AMS}[family]
    return StructureValidator(family, version, namespace).record(record(xml, namespace))


def only(xml: str, family: str = "loq", version: str = "3.1") -> StructureProblem:
    """Return the one thing that is wrong with a record."""
    [problem] = problems(xml, family, version)
    return problem


def location(inside: str) -> str:
    """Return a location that is complete, with `inside` before its address."""
    return f'<location id="urn:x:4">{inside}{ADDRESS}</location>'


def test_a_complete_record_has_no_problem() -> None:
    """The record that the other tests damage is valid."""
    assert problems(OPPORTUNITY) == []


def test_missing_element() -> None:
    """What is missing is named, with the line and path of the element that lacks it."""
    damaged = re.sub("<homepage>.*</homepage>", "", OPPORTUNITY)
    assert only(damaged) == StructureProblem(
        line=2,
        path="",
        message="learningOpportunity has no homepage",
        value=None,
        accepted="homepage, once or more",
        source="schemas/parts/loq.xsd, LearningOpportunityType",
    )


def test_unknown_element() -> None:
    """An element that nothing resembles is refused, and all that may stand there is listed."""
    problem = only(location("<colour>red</colour>"))
    assert problem.message == "colour cannot stand in location"
    assert problem.path == "colour"
    assert problem.accepted == (
        "identifier, geographicName, spatialCode, description, address, locn:geometry"
    )


def test_misspelt_element_is_one_problem() -> None:
    """A misspelt mandatory element is not reported as missing a second time."""
    damaged = OPPORTUNITY.replace("homepage>", "homePage>")
    assert only(damaged).message == (
        "homePage cannot stand in learningOpportunity; perhaps homepage is meant"
    )


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (
            '<description xmlns="" language="fi">x</description>',
            f"description is in no namespace, but belongs in {LOQ}",
        ),
        (
            "<identifier><notation>1</notation></identifier>",
            f"notation is in the namespace {LOQ}, but belongs in {SKOS}",
        ),
    ],
)
def test_wrong_namespace(inside: str, message: str) -> None:
    """An element of the right name in the wrong namespace is told so."""
    assert only(location(inside)).message == message


def test_element_in_the_wrong_place() -> None:
    """One element that was moved is the only one that is blamed."""
    moved = OPPORTUNITY.replace("<status>released</status>", "").replace(
        "<title", "<status>released</status><title"
    )
    problem = only(moved)
    assert problem.message == (
        "status is in the wrong place: in learningOpportunity it must come after defaultLanguage"
    )
    assert (problem.path, problem.line) == ("status", 3)


def test_element_that_stands_too_late() -> None:
    """An element that should stand earlier is told before which one."""
    moved = OPPORTUNITY.replace("<duration>P1Y</duration>\n", "").replace(
        "</status>", "</status><duration>P1Y</duration>"
    )
    assert only(moved).message == (
        "duration is in the wrong place: in learningOpportunity it must come before providedBy"
    )


def test_element_that_stands_too_often() -> None:
    """A second element where one may stand is numbered in the path, and the misplaced one goes."""
    again = OPPORTUNITY.replace("</status>", "</status><duration>P2Y</duration>")
    problem = only(again)
    assert problem.message == "duration stands more than once in learningOpportunity"
    assert problem.path == "duration[2]"
    assert problem.accepted == "duration, 1 at most"


@pytest.mark.parametrize(
    ("right", "wrong", "name", "accepted"),
    [
        (
            "2026-09-01T08:00:00+02:00",
            "2026-09-01",
            "temporal/startDate",
            "a date with time, such as 2026-09-01T08:00:00+02:00",
        ),
        (
            "P1Y",
            "1 year",
            "duration",
            "a duration, such as P1Y6M (a year and six months) or PT40H (forty hours)",
        ),
        (
            "https://example.org/1",
            "http://[1",
            "homepage/contentUrl",
            "an IRI, such as https://example.org/course/1",
        ),
    ],
)
def test_value_of_the_wrong_form(right: str, wrong: str, name: str, accepted: str) -> None:
    """A value that is not of its datatype is one problem, with an example of the right form."""
    problem = only(OPPORTUNITY.replace(right, wrong))
    assert (problem.value, problem.path, problem.accepted) == (wrong, name, accepted)
    kind = accepted.partition(",")[0]
    assert problem.message == f"{name.rpartition('/')[2]} is '{wrong}', which is not {kind}"


def test_empty_value() -> None:
    """An empty date is said to be empty."""
    problem = only(OPPORTUNITY.replace("P1Y", "\n"))
    assert problem.message == "duration is empty, which is not a duration"


@pytest.mark.parametrize("value", ["P0Y0M", "-P1D", "P1Y<!-- one year -->"])
def test_other_forms_of_a_value(value: str) -> None:
    """White space and comments around a value, and unusual but right forms, are accepted."""
    assert problems(OPPORTUNITY.replace("P1Y", value)) == []


@pytest.mark.parametrize("right", ["2026-09-01T08:00:00+02:00", "P1Y", "https://example.org/1"])
def test_white_space_around_a_value(right: str) -> None:
    """It is no part of the value, though libxml2 thinks so of dates and durations."""
    assert problems(OPPORTUNITY.replace(right, f"\n {right}\t")) == []
    spaced = OPPORTUNITY.replace(right, f"\n {right}\t").replace("<status>", "<status/><status>")
    assert only(spaced).path == "status[2]"


def test_invisible_characters_are_shown() -> None:
    """A no-break space, which nobody sees, is spelt out in the message."""
    problem = only(OPPORTUNITY.replace("P1Y", "P1Y\u00a0"))
    assert problem.value == "P1Y\\u00a0"


def test_long_values_are_cut() -> None:
    """A report does not carry a whole text where a date should stand."""
    problem = only(OPPORTUNITY.replace("P1Y", "long " * 1000))
    assert problem.value is not None
    assert len(problem.value) == 121
    assert problem.value.endswith("…")


def test_missing_attribute() -> None:
    """A missing attribute is named with its datatype."""
    problem = only(OPPORTUNITY.replace(' uri="urn:x:fi"', ""))
    assert problem.message == "defaultLanguage lacks the attribute uri"
    assert (problem.path, problem.accepted) == ("defaultLanguage", "uri: an IRI")


def test_unknown_attribute() -> None:
    """An attribute that may not stand there is shown with its value and those that may."""
    problem = only(OPPORTUNITY.replace('"urn:x:2"', '"urn:x:2" role="host"'))
    assert problem.message == "providedBy has the unknown attribute role"
    assert (problem.path, problem.value) == ("providedBy/@role", "host")
    assert problem.accepted == "idref"


@pytest.mark.parametrize("name", ["lang", "xml:lang", "Language"])
def test_misspelt_attribute_is_one_problem(name: str) -> None:
    """A mandatory attribute under nearly its name is not reported as missing as well."""
    problem = only(OPPORTUNITY.replace("language=", f"{name}="))
    assert problem.message == f"title has the unknown attribute {name}; perhaps language is meant"


def test_bad_attribute_value() -> None:
    """A bad IRI in an attribute has the attribute in its path."""
    problem = only(OPPORTUNITY.replace("urn:x:2", "http://[2"))
    assert problem.path == "providedBy/@idref"
    assert (
        problem.message == "the attribute idref of providedBy is 'http://[2', which is not an IRI"
    )


def test_text_between_elements() -> None:
    """Text where only elements may stand is quoted; a no-break space is text too."""
    problem = only(OPPORTUNITY.replace("<temporal>", "<temporal>from autumn"))
    assert problem.message == "text stands between the elements of temporal"
    assert (problem.path, problem.value) == ("temporal", "from autumn")
    assert only(OPPORTUNITY.replace("<temporal>", "<temporal>\u00a0")).value == "\\u00a0"


def test_markup_in_text() -> None:
    """Unescaped markup is told how it is written."""
    problem = only(OPPORTUNITY.replace("Tilastotiede", "<b>Tilasto</b><i>tiede</i>"))
    assert problem.message == (
        "title holds the element b, but only text may stand in it"
        " (markup in a text is written with &lt; and &gt;)"
    )


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (
            '<skos:prefLabel language="fi">Suomi</skos:prefLabel>',
            "countryCode must be empty, but holds the element skos:prefLabel",
        ),
        ("\n", "countryCode must be empty: no text, space or line break may stand in it"),
    ],
)
def test_content_of_a_code(inside: str, message: str) -> None:
    """A code of a controlled list has nothing inside, not even white space."""
    xml = location("").replace('"urn:x:FIN"/>', f'"urn:x:FIN">{inside}</countryCode>')
    assert only(xml).message == message


def test_all_problems_of_a_record_are_found() -> None:
    """libxml2 stops at the first wrong child of an element; we do not."""
    damaged = (
        OPPORTUNITY.replace("<title", "<nonsense/><title")
        .replace("<homepage>", "<homepage><contentUri/>")
        .replace("2026-09-01T", "2026-09-31T")
        .replace("P1Y", "P")
        .replace('uri="urn:x:fi"', "")
        .replace('<learningAchievementSpecification idref="urn:x:3"/>', "")
        .replace("</status>", "</status><status>old</status>")
    )
    assert [(one.line, one.path) for one in problems(damaged)] == [
        (2, ""),
        (3, "nonsense"),
        (4, "homepage/contentUri"),
        (6, "temporal/startDate"),
        (8, "duration"),
        (11, "defaultLanguage"),
        (12, "status[2]"),
    ]


def test_extended_type() -> None:
    """An identifier may say that it is a legal identifier, and is then checked as one."""
    start = '<identifier xsi:type="LegalIdentifierType"><skos:notation>1</skos:notation>'
    assert problems(location(f'{start}<spatial uri="urn:x:FIN"/></identifier>')) == []
    problem = only(location(f"{start}</identifier>"))
    assert problem.message == "identifier has no spatial"
    assert problem.source == "schemas/parts/common.xsd, LegalIdentifierType"


def test_wrong_type() -> None:
    """A type that may not stand in for the declared one is refused by name."""
    problem = only(location('<description language="fi" xsi:type="NoteType">x</description>'))
    assert problem.message == "description may not be of the type NoteType"
    assert problem.path == "description/@xsi:type"


def test_nil() -> None:
    """There is no nil here."""
    problem = only(location('<description language="fi" xsi:nil="true"/>'))
    assert problem.message == "description has xsi:nil; leave the element out instead"


def test_what_the_diagnosis_does_not_know_is_passed_on() -> None:
    """A built-in type in xsi:type is libxml2's matter, whose words are not lost."""
    problem = only(location('<description language="fi" xsi:type="xs:date">x</description>'))
    assert problem.message.startswith("Element '{" + LOQ + "}description'")
    assert problem.line == 2


def test_no_record() -> None:
    """An element that is no record is said to be none."""
    problem = only("<course/>")
    assert problem.message == "course is not a record"
    assert "learningOpportunity, " in problem.accepted


def test_families_differ() -> None:
    """A web resource needs its address in AMS, not in LOQ; each has limits of its own."""
    organisation = (
        '<organisation id="urn:x:2"><legalName language="en">ENQA</legalName>'
        '<homepage/><location idref="urn:x:4"/></organisation>'
    )
    assert problems(organisation) == []
    assert only(organisation, "ams").message == "homepage has no contentUrl"
    loq, ams = (
        [
            one.tag.partition("}")[2]
            for one in model.elements[f"{{{namespace}}}accreditation"].particles
        ]
        for model, namespace in (
            (content_model("loq", "3.1", LOQ), LOQ),
            (content_model("ams", "3.1", AMS), AMS),
        )
    )
    assert set(loq) - set(ams) == {"limitQualification"}
    assert set(ams) - set(loq) == {"limitCredentialType", "limitAbstractProgramme"}


def test_versions_differ() -> None:
    """From 3.3 on a note may have several texts, and a specification no learning outcome."""
    note = (
        '<note><noteLiteral language="fi">a</noteLiteral><noteLiteral language="sv">b</noteLiteral>'
    )
    notes = OPPORTUNITY.replace(
        "<homepage>", note.replace("note>", "additionalNote>") + "</additionalNote><homepage>"
    )
    specification = (
        '<learningAchievementSpecification id="urn:x:3"><title language="fi">a</title>'
        '<ISCEDFCode uri="urn:x:03"/><language uri="urn:x:fi"/></learningAchievementSpecification>'
    )
    assert only(notes).path == "additionalNote/noteLiteral[2]"
    assert only(specification).message == (
        "learningAchievementSpecification has no learningOutcome"
    )
    assert problems(notes, version="3.3") == problems(specification, version="3.3") == []


@pytest.mark.parametrize("namespace", [LOQ, LOQ_33, DRAFT])
@pytest.mark.parametrize("version", ["3.1", "3.3"])
def test_any_namespace(namespace: str, version: str) -> None:
    """The same schemas serve all three namespaces of a family, and refuse the other two."""
    validator = StructureValidator("loq", version, namespace)
    assert validator.record(record(OPPORTUNITY, namespace)) == []
    assert validator.record(record(OPPORTUNITY, "urn:another"))[0].message == (
        "learningOpportunity is not a record"
    )


def test_unknown_version() -> None:
    """A version without a schema is an error that names those there are, at first use."""
    validator = StructureValidator("loq", "4.0", LOQ)
    with pytest.raises(ValidationError, match=r"loq 4\.0 \(there are: ams-3\.1, .*loq-3\.3\)"):
        validator.record(record(OPPORTUNITY))


def skeleton(inside: str, attributes: str = "", namespace: str = LOQ) -> list[StructureProblem]:
    """Return what is wrong with a LOQ document that has no records."""
    root = etree.fromstring(f'<Courses xmlns="{namespace}" {attributes}>{inside}</Courses>')
    return StructureValidator("loq", "3.1", namespace).skeleton(root)


def test_sound_skeletons() -> None:
    """An empty document and one with emptied containers in their order are complete."""
    assert skeleton("") == []
    assert skeleton("<agentReferences> </agentReferences>\n<locationReferences/>") == []


@pytest.mark.parametrize(
    ("inside", "path", "message"),
    [
        (
            "<groupReferences/><agentReferences/>",
            "groupReferences",
            "groupReferences is in the wrong place: in Courses it must come after agentReferences",
        ),
        (
            "<groupReferences/><groupReferences/>",
            "groupReferences[2]",
            "groupReferences stands more than once in Courses",
        ),
        (
            '<groupReferences><organisation id="urn:x"/></groupReferences>',
            "groupReferences/organisation",
            "organisation cannot stand in groupReferences",
        ),
        (
            "<agentReferences>and others</agentReferences>",
            "agentReferences",
            "text stands between the elements of agentReferences",
        ),
        (
            '<agentReferences><agent xmlns=""/></agentReferences>',
            "agentReferences/agent",
            f"agent is in no namespace, but belongs in {LOQ}",
        ),
    ],
)
def test_damaged_skeletons(inside: str, path: str, message: str) -> None:
    """Containers are checked for order and number, and for what stands in them beside records."""
    [problem] = skeleton(inside)
    assert (problem.path, problem.message) == (path, message)


@pytest.mark.parametrize("version", ["3.0.0", "3.1.0", " 3.1.12 ", "3.2.0"])
def test_declared_versions(version: str) -> None:
    """Any release that is read as 3.1 may be declared."""
    assert skeleton("", f'xsdVersion="{version}"') == []


@pytest.mark.parametrize("version", ["3.3.1", "3.1", "4.0.0", ""])
def test_wrongly_declared_versions(version: str) -> None:
    """A document that declares another version is refused."""
    [problem] = skeleton("", f'xsdVersion="{version}"')
    assert problem.path == "@xsdVersion"
    assert problem.accepted == "a version of this schema, such as 3.1.0"


def test_order_of_records() -> None:
    """In AMS agents come before organisations; which came before is remembered per container."""
    agent = '<agent id="urn:x:1"/>'
    organisation = (
        '<organisation id="urn:x:2"><legalName language="en">a</legalName>'
        '<location idref="urn:x:4"/></organisation>'
    )
    validator = StructureValidator("ams", "3.1", AMS)

    def check(*records: str) -> list[str]:
        xml = f'<Accreditations xmlns="{AMS}"><agentReferences>{"".join(records)}'
        root = etree.fromstring(f"{xml}</agentReferences></Accreditations>")
        return [one.message for element in root[0] for one in validator.record(element)]

    assert check(agent, agent, organisation, organisation) == []
    assert check(agent, organisation) == []
    assert check(organisation, agent) == ["agent must come before organisation in agentReferences"]


def test_record_by_record_while_reading() -> None:
    """Records are checked while their document is still being read, with the right lines."""
    many = "\n".join([OPPORTUNITY] * 3).replace("P1Y", "P", 1)
    xml = (
        f'<Courses xmlns="{LOQ}">\n<learningOpportunityReferences>\n{many}\n'
        "</learningOpportunityReferences></Courses>"
    )
    validator = StructureValidator("loq", "3.1", LOQ)
    found = []
    events = etree.iterparse(io.BytesIO(xml.encode()), tag=f"{{{LOQ}}}learningOpportunity")
    for _, element in events:
        found += validator.record(element)
        element.getparent().remove(element)
    assert [(one.line, one.path) for one in found] == [(9, "duration")]
    assert validator.skeleton(events.root) == []


@pytest.mark.parametrize(
    "schema", sorted(resources.find("schemas").glob("*.xsd")), ids=lambda path: path.stem
)
def test_schema_files_compile_as_they_stand(schema: Path) -> None:
    """An authority can use the files with a validator of its own, on a whole document."""
    family = schema.stem[:3]
    namespace = etree.parse(schema).getroot().get("targetNamespace")
    root = {"loq": "Courses", "ams": "Accreditations"}[family]
    whole = etree.XMLSchema(file=str(schema))
    location_xml = f"<locationReferences>{location('')}</locationReferences>"
    valid = etree.fromstring(f'<{root} xmlns="{namespace}">{location_xml}</{root}>')
    assert whole.validate(valid)
    valid[0][0].clear()
    assert not whole.validate(valid)


NAMES = st.sampled_from(
    ["identifier", "description", "address", "geographicName", "spatialCode", "title", "x"]
)
CHILDREN = {
    "identifier": "<identifier><skos:notation>1</skos:notation></identifier>",
    "description": '<description language="fi">a</description>',
    "address": ADDRESS,
    "geographicName": '<geographicName language="fi">a</geographicName>',
    "spatialCode": '<spatialCode uri="urn:x:FIN"/>',
    "title": '<title language="fi">a</title>',
    "x": "<x/>",
}


@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, max_size=12))
def test_diagnosis_agrees_with_libxml2(names: list[str]) -> None:
    """Whatever stands in a record in whatever order, a problem is named if and only if invalid.

    And what is blamed is to blame: without the blamed children, and with an address, all is well.
    """
    validator = StructureValidator("loq", "3.1", LOQ)
    element = record(f'<location id="urn:x:4">{"".join(CHILDREN[one] for one in names)}</location>')
    valid = etree.XMLSchema(file=str(resources.find("schemas") / "loq-3.1.xsd")).validate(element)
    found = validator.record(element)
    assert valid == (not found)
    blamed = {one.path for one in found}
    seen: dict[str, int] = {}
    kept = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        if not blamed & {name, f"{name}[{seen[name]}]"}:
            kept.append(name)
    if "address" not in kept:
        kept.append("address")
    repaired = record(f'<location id="urn:x:4">{"".join(CHILDREN[one] for one in kept)}</location>')
    assert validator.record(repaired) == []
