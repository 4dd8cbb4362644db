"""Our schemas against the official ones: the same declarations, the same verdicts.

Codes, identifiers and references are checked elsewhere, so what the official schema says of them
is left aside here. Everything else must be equal, or stand in `EXPLAINED`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import xmlschema
from lxml import etree

from europass_ld import resources
from europass_ld.validate.content_model import content_model
from europass_ld.validate.structure import StructureProblem, StructureValidator
from tests.conformance.mutations import NAMESPACES, UNCHANGED, Mutation, mutations
from tests.shared import corpus

CORPUS = corpus()
DOCUMENTS = sorted(
    path
    for pattern in ("loq/*.xml", "ams/*.xml", "negative/derived_loq_*.xml", "negative/oph_fi_*.xml")
    for path in CORPUS.glob(pattern)
)
FAMILIES = list(NAMESPACES)


class Difference(NamedTuple):
    """A change (a pattern for its name) on which the verdicts differ, and why ours is right.

    `ours` is our verdict; `family` and `xml` are a minimal document, {} its namespace.
    """

    change: str
    ours: bool
    reason: str
    family: str
    xml: str


EXPLAINED = (
    Difference(
        r"declare version '3\.2\.0' in ",
        True,
        "an official sample declares it; we read all releases from 3.0 to 3.2 as 3.1",
        "loq",
        '<Courses xmlns="{}" xsdVersion="3.2.0"/>',
    ),
    Difference(
        r"write ' 2021-08-04T08:00:00\.250\+02:00\\n' into ",
        True,
        "libxml2 does not collapse white space around dates; XML Schema wants it collapsed",
        "ams",
        '<Accreditations xmlns="{}"><agentReferences><agent id="urn:a">'
        "<modified> 2021-08-04T08:00:00Z </modified></agent></agentReferences></Accreditations>",
    ),
    Difference(
        r"(delete|misspell) the attribute id of Accreditations/agentReferences/agent",
        False,
        "the official type makes it optional, but the official key then refuses the document",
        "ams",
        '<Accreditations xmlns="{}"><agentReferences><agent/></agentReferences></Accreditations>',
    ),
)


@cache
def official(family: str, version: str) -> etree.XMLSchema:
    """Compile the official schema."""
    return etree.XMLSchema(file=str(official_path(family, version)))


def official_path(family: str, version: str) -> Path:
    """Where the official schema stands."""
    return CORPUS / "official" / f"elm-{version}" / "xsd" / family / f"{family}.xsd"


def official_problems(family: str, version: str, root: etree._Element) -> list[str]:
    """What the official schema finds wrong with the structure of a document."""
    schema = official(family, version)
    schema.validate(root)
    return [f"{one.line}: {one.message}" for one in schema.error_log if _is_structural(one)]


def _is_structural(error: etree._LogEntry) -> bool:
    if error.type_name == "SCHEMAV_CVC_IDC":
        return False
    if "attribute 'uri'" not in error.message:
        return True
    if error.type_name == "SCHEMAV_CVC_DATATYPE_VALID_1_2_3":  # country or NUTS code, or no IRI
        value = error.message.partition("attribute 'uri': '")[2].rpartition("' is not a valid")[0]
        return not _is_iri(value)
    return bool(error.type_name != "SCHEMAV_CVC_ENUMERATION_VALID")


@cache
def _is_iri(value: str) -> bool:
    schema = etree.XML(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        '<xs:element name="iri" type="xs:anyURI"/></xs:schema>'
    )
    element = etree.Element("iri")
    element.text = value
    return bool(etree.XMLSchema(schema).validate(element))


@cache
def validator(family: str, version: str, namespace: str) -> StructureValidator:
    """Make one validator for each schema and namespace."""
    return StructureValidator(family, version, namespace)


def our_problems(
    family: str, version: str, namespace: str, root: etree._Element
) -> list[StructureProblem]:
    """Check a document record by record, and then what is left of it, as ingest does."""
    checker = validator(family, version, namespace)
    elements = content_model(family, version, namespace).elements
    problems = []
    for container in root.iterchildren(
        *(one.tag for one in next(iter(elements.values())).particles)
    ):
        for record in list(container.iterchildren(*elements[container.tag].places)):
            problems += checker.record(record)
            container.text = (container.text or "") + (record.tail or "")
            container.remove(record)
    return problems + checker.skeleton(root)


def which(root: etree._Element) -> tuple[str, str, str]:
    """Family, version and namespace of a document of the corpus."""
    namespace = etree.QName(root).namespace or ""
    family = "loq" if "loq" in namespace else "ams"
    return family, "3.3" if "application-profile" in namespace else "3.1", namespace


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_documents_of_the_corpus(path: Path) -> None:
    """Every document gets the official verdict; the one that declares 3.2.0 is accepted."""
    root = etree.parse(path).getroot()
    family, version, namespace = which(root)
    expected = official_problems(family, version, root)
    declared = [one for one in expected if "attribute 'xsdVersion'" in one and "'3.2.0'" in one]
    found = our_problems(family, version, namespace, root)
    assert bool(found) == (len(expected) > len(declared)), (expected, found)


def test_the_corpus_was_found() -> None:
    """No document went missing without notice."""
    assert len(DOCUMENTS) == 19


def compare(chosen: Iterator[Mutation]) -> tuple[Counter[bool], list[str]]:
    """Return how often each official verdict occurred, and the unexplained differences."""
    verdicts: Counter[bool] = Counter()
    differences = []
    for mutation in chosen:
        family, version = mutation.family, mutation.version
        root = etree.fromstring(mutation.xml)
        expected = official_problems(family, version, root)
        found = our_problems(family, version, NAMESPACES[family, version], root)
        verdicts[not expected] += 1
        explained = any(explains(one, mutation.name, found) for one in EXPLAINED)
        if bool(found) != bool(expected) and not explained:
            differences.append(f"{mutation.name}: official {expected}, ours {found}")
    return verdicts, differences


def explains(difference: Difference, name: str, found: list[StructureProblem]) -> bool:
    """Whether a difference is the expected one."""
    return difference.ours == (not found) and bool(re.search(difference.change, name))


@pytest.mark.parametrize("version", ["3.1", "3.3"])
@pytest.mark.parametrize("difference", EXPLAINED, ids=lambda one: one.reason[:40])
def test_explained_differences(difference: Difference, version: str) -> None:
    """Each explanation still holds: the verdicts do differ on its minimal document."""
    namespace = NAMESPACES[difference.family, version]
    root = etree.fromstring(difference.xml.format(namespace))
    expected = official_problems(difference.family, version, root)
    found = our_problems(difference.family, version, namespace, root)
    assert (not expected, not found) == (not difference.ours, difference.ours)


def test_some_mutations() -> None:
    """Several hundred changes get the official verdict, among them many of either kind."""
    verdicts, differences = compare(mutations(CORPUS, every=80))
    assert differences == []
    assert verdicts.total() >= 300
    assert min(verdicts[True], verdicts[False]) >= 100


@pytest.mark.slow
def test_many_mutations() -> None:
    """Thousands of changes get the official verdict."""
    verdicts, differences = compare(mutations(CORPUS, every=5))
    assert differences == []
    assert verdicts.total() >= 5000


def test_one_mistake_is_one_problem() -> None:
    """One change that breaks a document is reported once, in our own words, at the right record."""
    for mutation in mutations(CORPUS, every=80):
        root = etree.fromstring(mutation.xml)
        namespace = NAMESPACES[mutation.family, mutation.version]
        found = our_problems(mutation.family, mutation.version, namespace, root)
        if "the children of" not in mutation.name:
            assert len(found) <= 1, (mutation.name, found)
        for problem in found:
            assert problem.source.startswith("schemas/"), (mutation.name, problem)
            assert problem.line is not None


def test_mutations_are_distinct_and_stable() -> None:
    """The same mutations come every time, none twice, from documents that are valid themselves."""
    first = list(mutations(CORPUS, every=80))
    assert first == list(mutations(CORPUS, every=80))
    assert len({one.name for one in first}) == len(first)
    unchanged = [one for one in first if one.name.endswith(UNCHANGED)]
    assert len(unchanged) == 8
    for one in unchanged:
        schema = official(one.family, one.version)
        assert schema.validate(etree.fromstring(one.xml)), schema.error_log


@pytest.mark.parametrize(("family", "version"), FAMILIES)
def test_another_processor_reads_our_schemas(family: str, version: str) -> None:
    """The schemas do not depend on libxml2: xmlschema compiles them and gives the same verdicts.

    Except on IRIs: xmlschema takes almost any text for one, as XML Schema allows.
    """
    schema = xmlschema.XMLSchema(str(resources.find("schemas") / f"{family}-{version}.xsd"))
    chosen = [
        one
        for one in mutations(CORPUS, every=400)
        if (one.family, one.version) == (family, version)
    ]
    assert len(chosen) >= 10
    elements_only = etree.XMLParser(remove_comments=True, remove_pis=True)
    for one in chosen:
        root = etree.fromstring(one.xml, elements_only)
        valid = schema.is_valid(root)
        found = our_problems(family, version, NAMESPACES[family, version], root)
        not_about_iris = [two for two in found if not two.message.endswith("not an IRI")]
        assert valid == (not not_about_iris), (one.name, found)


@pytest.mark.parametrize(("family", "version"), FAMILIES)
def test_declarations_are_equal(family: str, version: str) -> None:
    """Element for element, order, number, datatypes and attributes are the official ones."""
    name = {"loq": "Courses", "ams": "Accreditations"}[family]
    theirs = xmlschema.XMLSchema(str(official_path(family, version))).elements[name]
    ours = xmlschema.XMLSchema(str(resources.find("schemas") / f"{family}-{version}.xsd")).elements[
        name
    ]
    queue = [(name, theirs, ours)]
    compared, differences = set(), []
    while queue:
        path, their, our = queue.pop()
        if declared(their) != declared(our):
            differences.append(path)
        if (their.type, our.type) not in compared:
            compared.add((their.type, our.type))
            pairs = zip(children(their), children(our), strict=True)
            queue += [(f"{path}/{one.local_name}", one, two) for one, two in pairs]
    # the official key wants the identifier that the official declaration makes optional
    assert differences == {"loq": [], "ams": ["Accreditations/agentReferences/agent"]}[family]
    assert len(compared) > 25


def declared(element: xmlschema.XsdElement) -> tuple[object, ...]:
    """What a schema says of an element, codes left aside."""
    attributes = {name: (one.use, datatype(one.type)) for name, one in element.attributes.items()}
    inside = children(element)
    if not inside:
        return datatype(element.type), attributes
    kind: Any = element.type
    repeated_choice = kind.content.model == "choice"
    particles = [(one.name, (0, None) if repeated_choice else one.occurs) for one in inside]
    return repeated_choice and len(inside) > 1, particles, attributes


def datatype(kind: Any) -> str:
    """The built-in datatype of a value; empty for an element that may hold nothing."""
    if kind.is_complex() and not kind.has_simple_content():
        return ""
    simple = kind.content if kind.is_complex() else kind
    first = simple.member_types[0] if simple.is_union() else simple
    return str(first.root_type.local_name)


def children(element: xmlschema.XsdElement) -> list[Any]:
    """The child elements that an element may have, in their order."""
    kind: Any = element.type
    return list(kind.content.iter_elements()) if kind.has_complex_content() else []
