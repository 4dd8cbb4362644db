"""Records of a document validated in batches: nothing lost, nothing twice, all in its place."""

import random
import tracemalloc
from collections import Counter
from collections.abc import Iterator

import pytest

from europass_ld.errors import ValidationError
from europass_ld.terms import expand
from europass_ld.validate.batches import RecordText, check_records
from europass_ld.validate.report import Finding, Severity
from europass_ld.validate.shapes import load_validator
from tests.conformance.shapes_oracle import key, lift
from tests.shared import corpus

BASE = "https://data.example.org/"
GENID = f"{BASE}.well-known/genid/"
SHAPES = "https://europass-ld.github.io/shapes/"

Pair = tuple[str, str]


def _record(name: str, curie: str, *triples: tuple[str, str, str], line: int = 1) -> RecordText:
    """Return a record; names without a colon are IRIs below the base, `_name` nested nodes."""
    lines = [f"{_node(name)} <{expand('rdf:type')}> <{expand(curie)}> .\n"]
    for subject, predicate, value in triples:
        lines.append(f"{_node(subject)} <{expand(predicate)}> {_node(value)} .\n")
    return RecordText(BASE + name, "".join(lines), "loq.xml", line)


def _node(name: str) -> str:
    if name.startswith('"'):
        return name
    if name.startswith("_"):
        return f"<{GENID}{name[1:]}>"
    return f"<{expand(name)}>" if ":" in name else f"<{BASE}{name}>"


def _agent(name: str, *triples: Pair, line: int = 1) -> RecordText:
    return _record(name, "elm:Agent", *((name, *one) for one in triples), line=line)


def _kinds(records: list[RecordText]) -> dict[str, str]:
    return {one.iri: one.triples.split("> <")[2].partition(">")[0] for one in records}


def _check(records: list[RecordText], *, size: int = 100, engine: str = "shacl") -> list[Finding]:
    validator = load_validator("loq", engine, best_practice=False)
    return list(check_records(records, _kinds(records), validator, batch_size=size))


def test_kinds_of_the_test_records() -> None:
    """Proves that the helper of these tests reads the class of a record."""
    assert _kinds([_agent("a")]) == {f"{BASE}a": expand("elm:Agent")}


CONTACT = (
    ("a", "elm:contactPoint", "_contact"),
    ("_contact", "rdf:type", "elm:ContactPoint"),
    ("_contact", "elm:address", "_address"),
    ("_address", "rdf:type", "elm:Address"),
)

MISTAKES = [
    pytest.param(
        _record("a", "elm:Agent", *CONTACT),
        Finding(
            rule="shape/MinCount",
            severity=Severity.ERROR,
            message=(
                "country is missing: An address has exactly one country, "
                "which is a code: the IRI of a concept (skos:Concept)."
            ),
            path="contactPoint/address/countryCode",
            accepted="at least 1",
            source=f"{SHAPES}common#Address-countryCode",
        ),
        id="MinCount in a nested node",
    ),
    pytest.param(
        _agent("a", ("elm:status", '"x"'), ("elm:status", '"y"')),
        Finding(
            rule="shape/MaxCount",
            severity=Severity.ERROR,
            message=(
                "status is given too often: An agent has at most one status, "
                "which is plain text without a language (xsd:string)."
            ),
            path="status",
            accepted="at most 1",
            source=f"{SHAPES}common#Agent-status",
        ),
        id="MaxCount",
    ),
    pytest.param(
        _agent("a", ("dct:modified", '"2026-01-31"')),
        Finding(
            rule="shape/Datatype",
            severity=Severity.ERROR,
            message=(
                "last changed has the wrong datatype: An agent has at most one date of last "
                "change, which is a date with a time (xsd:dateTime), such as 2026-01-31T12:00:00Z."
            ),
            path="modified",
            value='"2026-01-31"',
            accepted="xsd:dateTime",
            source=f"{SHAPES}common#Agent-modified",
        ),
        id="Datatype",
    ),
    pytest.param(
        _agent("a", ("elm:location", "nowhere")),
        Finding(
            rule="shape/Class",
            severity=Severity.ERROR,
            message=(
                "location does not refer to what it should: Each location of an agent is "
                "a location (dct:Location) that the document describes."
            ),
            path="location",
            value=f"{BASE}nowhere",
            accepted="dct:Location",
            source=f"{SHAPES}common#Agent-location",
        ),
        id="Class",
    ),
    pytest.param(
        _agent("a", ("adms:identifier", "nowhere")),
        Finding(
            rule="shape/Or",
            severity=Severity.ERROR,
            message=(
                "identifier does not refer to what it should: Each identifier of an agent is "
                "an identifier (elm:Identifier) or a legal identifier (elm:LegalIdentifier)."
            ),
            path="identifier",
            value=f"{BASE}nowhere",
            accepted="elm:Identifier or elm:LegalIdentifier",
            source=f"{SHAPES}common#Agent-identifier",
        ),
        id="Or",
    ),
    pytest.param(
        _agent("a", ("dct:publisher", "nowhere")),
        Finding(
            rule="shape/Node",
            severity=Severity.WARNING,
            message="The document names a publisher that it does not describe.",
            path="publisher",
            value=f"{BASE}nowhere",
            source=f"{SHAPES}common#publisher-described",
        ),
        id="Node",
    ),
    pytest.param(
        _record(
            "a",
            "elm:Organisation",
            ("a", "rov:legalName", '"x"@en'),
            ("a", "elm:location", "place"),
            ("place", "rdf:type", "dct:Location"),
            ("place", "elm:address", "_address"),
            ("_address", "rdf:type", "elm:Address"),
            ("_address", "elm:countryCode", "skos:code"),
            ("skos:code", "rdf:type", "skos:Concept"),
            ("a", "foaf:homepage", "_page"),
            ("_page", "rdf:type", "elm:WebResource"),
            ("_page", "elm:contentUrl", f'"www.example.org"^^<{expand("xsd:anyURI")}>'),
        ),
        Finding(
            rule="shape/Node",
            severity=Severity.ERROR,
            message=(
                "homepage does not refer to what it should: Each homepage of an organisation is "
                "a web resource (elm:WebResource) whose address is an http or https URL."
            ),
            path="homepage",
            value=f"{GENID}_page".replace("_", ""),
            source=f"{SHAPES}common#Organisation-homepage",
        ),
        id="Node of a web resource",
    ),
    pytest.param(
        _agent("a", ("skos:prefLabel", '"x"@en'), ("skos:prefLabel", '"y"@en')),
        Finding(
            rule="shape/UniqueLang",
            severity=Severity.ERROR,
            message=(
                "name is given twice in one language: Each name of an agent is text with its "
                "language (rdf:langString). No two are in the same language."
            ),
            path="prefLabel",
            source=f"{SHAPES}common#Agent-prefLabel",
        ),
        id="UniqueLang",
    ),
    pytest.param(
        _agent("a", ("skos:prefLabel", '"x"@en'), ("skos:altLabel", '"x"@en')),
        Finding(
            rule="shape/Disjoint",
            severity=Severity.ERROR,
            message=(
                "alternative name says the same as another name: Each alternative name of an "
                "agent is text with its language (rdf:langString). It differs from every name."
            ),
            path="altLabel",
            value="x",
            source=f"{SHAPES}common#Agent-altLabel",
        ),
        id="Disjoint",
    ),
    pytest.param(
        _agent("a", ("dct:creator", '"somebody \\"else\\"\\u00E9"')),
        Finding(
            rule="shape/Closed",
            severity=Severity.ERROR,
            message=(
                "creator has no place here: An agent has only the properties that this "
                "profile lists."
            ),
            path="creator",
            value='somebody "else"é',
            source=f"{SHAPES}common#Agent",
        ),
        id="Closed",
    ),
    pytest.param(
        _record(
            "a",
            "elm:Agent",
            ("a", "adms:identifier", "_id"),
            ("_id", "rdf:type", "elm:Identifier"),
            ("_id", "skos:notation", '"1"'),
            ("_id", "dct:creator", '"x"'),
        ),
        Finding(
            rule="shape/NodeKind",
            severity=Severity.ERROR,
            message=(
                "creator is of the wrong kind: An identifier has at most one creator, "
                "which is an IRI."
            ),
            path="identifier/creator",
            value='"x"',
            accepted="sh:IRI",
            source=f"{SHAPES}common#Identifier-creator",
        ),
        id="NodeKind",
    ),
]


@pytest.mark.parametrize("engine", ["shacl", "pyshacl"])
@pytest.mark.parametrize(("record", "expected"), MISTAKES)
def test_what_a_mistake_says(record: RecordText, expected: Finding, engine: str) -> None:
    """Proves that each kind of mistake says where it is, what is wrong, and what would be right."""
    (finding,) = _check([record], engine=engine)
    assert finding.result is not None
    told = [
        (one.rule, one.severity, one.message, one.path, one.value, one.accepted, one.source)
        for one in (finding, expected)
    ]
    assert told[0] == told[1]
    assert (finding.record, finding.file, finding.line) == (f"{BASE}a", "loq.xml", 1)


def test_advice_says_what_to_do() -> None:
    """Proves that a rule of ours has a rule name of its own and speaks for itself."""
    record = _agent("a", ("skos:prefLabel", '" "@en'))
    (finding,) = check_records([record], {}, load_validator("loq"))
    assert finding.rule == "practice/prefLabel-empty"
    assert finding.message == "The name is empty. Leave out the languages that have none."
    assert finding.severity is Severity.WARNING


def test_references_out_of_a_batch_are_known() -> None:
    """Proves that a record in another batch is known by its class, be it right or wrong."""
    records = [
        _agent("a", ("elm:groupMemberOf", "group")),
        _agent("b", ("elm:groupMemberOf", "a")),
        _record("group", "elm:Group", ("group", "skos:prefLabel", '"x"@en')),
    ]
    (finding,) = _check(records, size=1)
    assert (finding.record, finding.rule, finding.value) == (f"{BASE}b", "shape/Class", f"{BASE}a")


def test_what_is_wrong_outside_a_batch_is_told_once() -> None:
    """Proves that a wrong record that others refer to is reported by its own batch alone."""
    members = [_agent(f"m{number}", ("elm:groupMemberOf", "group")) for number in range(5)]
    records = [*members[:3], _record("group", "elm:Group"), *members[3:]]
    assert [(one.record, one.path) for one in _check(records, size=2)] == [
        (f"{BASE}group", "prefLabel")
    ]


def test_findings_come_in_the_order_of_records() -> None:
    """Proves that findings stand in the records' order, whatever the engine's order is."""
    records = [_agent(f"a{n}", ("elm:status", '"x"@en'), line=n) for n in range(50, 0, -1)]
    for size in (1, 7, 100):
        assert [one.line for one in _check(records, size=size)] == list(range(50, 0, -1))


CODE = "skos:code"


def _labelled(name: str, label: str) -> RecordText:
    return _record(
        name,
        "elm:Organisation",
        (name, "rov:legalName", '"x"@en'),
        (name, "elm:location", "place"),
        (name, "dct:type", CODE),
        (CODE, "skos:prefLabel", label),
        (CODE, "rdf:type", "skos:Concept"),
    )


PLACE = _record(
    "place",
    "dct:Location",
    ("place", "elm:address", "_p"),
    ("_p", "rdf:type", "elm:Address"),
    ("_p", "elm:countryCode", CODE),
    (CODE, "rdf:type", "skos:Concept"),
)


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_concepts_that_records_describe_together(size: int) -> None:
    """Proves that two records that name one concept differently are found in any batches, once."""
    records = [_labelled("a", '"x"@en'), PLACE, _labelled("b", '"y"@en'), _labelled("c", '"x"@fi')]
    (finding,) = _check(records, size=size)
    assert finding.rule == "shape/UniqueLang"
    assert (finding.record, finding.path) == (f"{BASE}a", "type/prefLabel")
    assert finding.result is not None
    assert finding.result.focus == expand(CODE)


def test_a_concept_in_an_undescribed_scheme() -> None:
    """Proves that a concept's scheme is known as one when concepts are looked at, at the end."""
    scheme = (
        (CODE, "skos:inScheme", "scheme"),
        ("scheme", "rdf:type", "skos:ConceptScheme"),
    )
    record = _record("a", "elm:Group", ("a", "skos:prefLabel", '"x"@en'), *scheme)
    assert _check([record]) == []


def test_advice_on_a_code_is_told_once() -> None:
    """Proves that a code that every batch holds is complained about once."""
    bad = "urn:x:a%20b"
    records = [
        RecordText(
            f"{BASE}{number}",
            f"<{BASE}{number}> <{expand('rdf:type')}> <{expand('elm:Organisation')}> .\n"
            f"<{BASE}{number}> <{expand('dct:type')}> <{bad}> .\n"
            f"<{bad}> <{expand('rdf:type')}> <{expand('skos:Concept')}> .\n",
            "loq.xml",
            number,
        )
        for number in range(6)
    ]
    found = check_records(records, {}, load_validator("loq"), batch_size=2)
    (finding,) = (one for one in found if one.rule == "practice/iri-space")
    assert (finding.record, finding.path, finding.line) == (f"{BASE}0", "type", 0)


def test_a_record_twice() -> None:
    """Proves that two records of one IRI are looked at together, at the place of the first."""
    records = [
        _agent("a", ("elm:status", '"x"'), line=3),
        _agent("a", ("elm:status", '"y"'), line=9),
    ]
    (finding,) = _check(records)
    assert (finding.rule, finding.line) == ("shape/MaxCount", 3)


def test_broken_triples() -> None:
    """Proves that triples that cannot be read stop the check with an error."""
    with pytest.raises(ValidationError):
        list(
            check_records([RecordText("urn:x", "nonsense", None, None)], {}, load_validator("loq"))
        )


def test_no_records() -> None:
    """Proves that an empty document has no findings."""
    assert _check([]) == []


@pytest.mark.parametrize(
    "name",
    [
        "loq/official_HEAD_v3.1.0_loq.xml",
        "loq/oph_fi_unit_test_records_ELM3.1.xml",
        "negative/derived_loq_dangling.xml",
        "negative/derived_loq_noUrl.xml",
    ],
)
def test_batches_find_what_the_whole_finds(name: str) -> None:
    """Proves on real documents that batches of any size and order find what the whole does."""
    _, lifted = lift(corpus() / name)
    records = [RecordText(iri, triples, name, line) for iri, _, triples, line in lifted]
    kinds = {iri: class_iri for iri, class_iri, _, _ in lifted}
    validator = load_validator("loq")
    whole = Counter(key(one) for one in validator.validate("".join(one[2] for one in lifted)))
    iris = {record.iri for record in records}
    for size in (1, 3, 1000):
        random.Random(size).shuffle(records)  # noqa: S311 - for tests
        findings = list(check_records(records, kinds, validator, batch_size=size))
        assert Counter(key(one.result) for one in findings if one.result) == whole
        assert {one.record for one in findings} <= iris


def test_memory_stays_flat() -> None:
    """Proves that ten times as many records do not take more memory at a time."""

    def peak(number: int) -> int:
        def records() -> Iterator[RecordText]:
            for one in range(number):
                yield _agent(f"a{one}", ("elm:status", f'"{"x" * 2000}"'))

        tracemalloc.start()
        findings = list(check_records(records(), {}, load_validator("loq"), batch_size=20))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert findings == []
        return used

    peak(40)
    assert peak(2000) < 2 * peak(200)
