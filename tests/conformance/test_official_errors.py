"""The official artefacts' own errors: a minimal file for each, and the proof that it happens.

`official_errors/README.md` lists them with what we do. When a new edition mends one, its test
fails here, and the difference that we keep because of it can go.
"""

import json
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from lxml import etree
from pyld import jsonld

from europass_ld.terms import expand
from europass_ld.validate.report import Severity
from europass_ld.validate.shapes import RustValidator, load_validator
from europass_ld.validate.shapes_graph import ShapesGraph, lint
from tests.conformance.shapes_oracle import FAMILIES, lift, official_shapes
from tests.shared import corpus

FILES = Path(__file__).parent / "official_errors"
OUTCOMES = ("equal", "stricter", "official artefact is wrong")


def _text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


def _ntriples(turtle: str) -> str:
    quads = ox.parse(turtle, ox.RdfFormat.TURTLE)
    triples = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    return (triples or b"").decode()


def _official(name: str) -> str:
    return (corpus() / f"official/elm-3.1/shapes/{name}.ttl").read_text(encoding="utf-8")


def _faults(shapes: ShapesGraph, file: str, curie: str) -> set[str]:
    """Return the components that find something about a property in a file."""
    results = RustValidator(shapes).validate(_ntriples(_text(file)))
    return {one.component for one in results if one.path == expand(curie)}


def _raw(name: str) -> ShapesGraph:
    return ShapesGraph(_ntriples(_official(name)), {})


def test_each_file_is_listed_with_its_outcome() -> None:
    """Proves that the README names every file once, with one of the three outcomes."""
    rows = re.findall(r"^\| `([^`]+)` \|.*\| ([^|]+?) \|$", _text("README.md"), re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(
        one.name for one in FILES.iterdir() if one.name != "README.md"
    )
    assert all(outcome.startswith(OUTCOMES) for _, outcome in rows)


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@pytest.mark.parametrize("family", FAMILIES)
def test_java_regular_expressions(family: str) -> None:
    """Proves that pySHACL cannot run the official shapes on an e-mail address, but runs ours."""
    data = rdflib.Graph().parse(data=_text("java-regular-expressions.ttl"), format="turtle")
    shapes = rdflib.Graph().parse(data=_official(f"{family.upper()}-constraints"), format="turtle")
    with pytest.raises(re.error):
        pyshacl.validate(data, shacl_graph=shapes)
    ntriples = _ntriples(_text("java-regular-expressions.ttl"))
    assert not load_validator(family, "pyshacl").validate(ntriples)


@pytest.mark.parametrize("family", FAMILIES)
def test_anything_is_an_address(family: str) -> None:
    """Proves that the official patterns for URIs refuse nothing."""
    shapes = official_shapes(family)
    assert not _faults(shapes, "anything-is-an-address.ttl", "elm:contactForm")
    patterns = {json.loads(one) for one in re.findall(r'shacl#pattern> (".*") \.', shapes.ntriples)}
    free = [one for one in patterns if "http" not in one and "[hH]" not in one]
    assert len(free) == 2
    assert all(re.search(one, text) for one in free for text in ("", " ", "[", "<>", "%"))


def test_misspelt_node_kind() -> None:
    """Proves that sh:nodekind is no constraint, and that our lint would have said so."""
    assert not _faults(
        _raw("EDC-generic-no-cv"), "misspelt-node-kind.ttl", "elm:citizenshipCountry"
    )
    slip = "sh:nodekind is no term of SHACL Core"
    assert any(slip in one for one in lint(_official("EDC-generic-no-cv")))


def test_misspelt_property_shape() -> None:
    """Proves that one property shape is none by its class, which an engine does not mention."""
    ntriples = _ntriples(_text("misspelt-property-shape.ttl"))
    results = RustValidator(_raw("EDC-generic-no-cv")).validate(ntriples)
    assert ("https://www.w3.org/2018/credentials#proof", "Datatype") in {
        (one.path, one.component) for one in results
    }
    slip = "sh:propertyShape is no class of shapes"
    assert any(slip in one for one in lint(_official("EDC-generic-no-cv")))


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("esco-skill-scheme.ttl", "elm:relatedESCOSkill"),
        ("esco-occupation-scheme.ttl", "elm:limitOccupation"),
    ],
)
def test_schemes_of_esco(file: str, path: str) -> None:
    """Proves that the -mdr shapes refuse the IRIs that ESCO gives its concept schemes."""
    assert _faults(_raw("LOQ-constraints-mdr"), file, path) == {"Node"}
    assert _faults_of_ours("loq", file, path) == set()


def _faults_of_ours(family: str, file: str, path: str) -> set[str]:
    return _faults(load_validator(family, best_practice=False).shapes, file, path)


@pytest.mark.parametrize("family", FAMILIES)
def test_status_satisfies_one_or_the_other(family: str) -> None:
    """Proves that no status of an accreditation suits both official shapes graphs of a family."""
    main = official_shapes(family)
    mdr = _raw(f"{family.upper()}-constraints-mdr")
    assert not _faults(main, "status-as-text.ttl", "elm:status")
    assert _faults(mdr, "status-as-text.ttl", "elm:status") == {"Node"}
    assert _faults(main, "status-as-concept.ttl", "elm:status") == {"Datatype"}
    assert not _faults(mdr, "status-as-concept.ttl", "elm:status")
    assert _faults_of_ours(family, "status-as-text.ttl", "elm:status") == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_status_scheme_with_https(family: str) -> None:
    """Proves that the -mdr shapes ask for another scheme than the one the code list names."""
    mdr = _raw(f"{family.upper()}-constraints-mdr")
    assert _faults(mdr, "status-scheme-with-https.ttl", "elm:status") == {"Node"}


def test_context_without_slash() -> None:
    """Proves that credentials written with the official context miss the property of the shapes."""
    folder = corpus() / "official/elm-3.1/shapes"
    context = json.loads((folder / "edc-ap-context.jsonld").read_text(encoding="utf-8"))

    def load(_url: str, _options: Any) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": None, "document": context}

    document = json.loads(_text("context-without-slash.jsonld"))
    node = jsonld.expand(document, {"documentLoader": load})[0]
    assert any(name.endswith("latitude") for name in node)
    assert expand("clv:latitude") not in node
    assert expand("clv:latitude") in official_shapes("loq").ntriples


@pytest.mark.parametrize("family", FAMILIES)
def test_undescribed_publisher(family: str) -> None:
    """Proves that the official shapes refuse what all official samples do, and ours warn of it."""
    assert _faults(official_shapes(family), "undescribed-publisher.ttl", "dct:publisher") == {"Or"}
    ntriples = _ntriples(_text("undescribed-publisher.ttl"))
    results = load_validator(family, best_practice=False).validate(ntriples)
    assert [one.severity for one in results] == [Severity.WARNING]


def test_language_twice() -> None:
    """Proves that the official shape of a common class is off, and that our advice fills in."""
    assert not RustValidator(official_shapes("loq")).validate(
        _ntriples(_text("language-twice.ttl"))
    )
    results = load_validator("loq").validate(_ntriples(_text("language-twice.ttl")))
    assert [(one.component, one.severity) for one in results] == [("UniqueLang", Severity.WARNING)]


def test_two_publishers() -> None:
    """Proves that AMS shapes allow several publishers, which LOQ shapes and both schemas do not."""
    assert not _faults(official_shapes("ams"), "two-publishers.ttl", "dct:publisher")
    assert _faults(official_shapes("loq"), "two-publishers.ttl", "dct:publisher") == {"MaxCount"}
    assert _faults_of_ours("ams", "two-publishers.ttl", "dct:publisher") == set()


def test_web_resource_without_address() -> None:
    """Proves that the official schema takes a document that the official shapes refuse."""
    path = FILES / "web-resource-without-address.xml"
    schema = etree.XMLSchema(file=str(corpus() / "official/elm-3.1/xsd/loq/loq.xsd"))
    assert schema.validate(etree.parse(str(path)))
    _, records = lift(path)
    ntriples = "".join(triples for _, _, triples, _ in records)
    for shapes in (official_shapes("loq"), load_validator("loq", best_practice=False).shapes):
        results = RustValidator(shapes).validate(ntriples)
        assert [(one.path, one.component) for one in results] == [
            (expand("elm:contentUrl"), "MinCount")
        ]
