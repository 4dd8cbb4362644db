"""The mapping tables against the schemas and the shapes, in both directions."""

import pyoxigraph as ox
import pytest

from europass_ld import resources
from europass_ld.errors import ConfigurationError
from europass_ld.mapping import FAMILIES, MappedClass, load_mapping
from europass_ld.terms import expand
from europass_ld.validate.content_model import Content, content_model
from europass_ld.vocabularies import load_code_lists

SH = "http://www.w3.org/ns/shacl#"
CONCEPT = expand("skos:Concept")
NOT_IN_XML = {CONCEPT, expand("skos:ConceptScheme"), expand("elm:Specification")}
"""Classes whose shapes have no element of their own: codes, schemes, an abstract class."""


def schema_children(family: str, version: str) -> dict[str, list[str]]:
    """Return the children of each record and nested class by mapping name, from the schema."""
    table = load_mapping(family)
    namespace = table.namespace(version)
    model = content_model(family, version, namespace)
    found: dict[str, list[str]] = {}

    def visit(mapped: MappedClass, content: Content) -> None:
        if mapped.name in found:
            return
        found[mapped.name] = [particle.tag for particle in content.particles]
        by_tag = {particle.tag: particle.content for particle in content.particles}
        for child in mapped.children:
            tag = child.tag(namespace)
            if child.node and tag in by_tag:
                visit(table.nodes[child.node], by_tag[tag])
            if child.kind == "code" and tag in by_tag and by_tag[tag].particles:
                visit(table.nodes["Concept"], by_tag[tag])

    for name, mapped in table.records.items():
        visit(mapped, model.elements[f"{{{namespace}}}{name}"])
    return found


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("version", ["3.1", "3.3"])
def test_table_and_schema_have_the_same_elements_in_the_same_order(
    family: str, version: str
) -> None:
    """Each element of the schema has a row, each row an element, and the order is one."""
    table = load_mapping(family)
    namespace = table.namespace(version)
    mapped = {
        name: [child.tag(namespace) for child in one.children]
        for name, one in ({**table.records, **table.nodes}).items()
    }
    assert mapped == schema_children(family, version)


def shape_paths(family: str) -> set[tuple[str, str]]:
    """Return the (class, property) pairs of the shapes that state facts, not best practice."""
    store = ox.Store()
    for name in ("common", family):
        path = resources.find("shapes") / f"{name}.ttl"
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    rows = store.query(
        f"PREFIX sh: <{SH}> SELECT DISTINCT ?class ?path WHERE "
        "{ ?shape sh:targetClass ?class ; sh:property/sh:path ?path . FILTER isIRI(?path) }"
    )
    assert isinstance(rows, ox.QuerySolutions)
    return {(row["class"].value, row["path"].value) for row in rows}


@pytest.mark.parametrize("family", FAMILIES)
def test_table_and_shapes_have_the_same_properties(family: str) -> None:
    """Each property of the shapes has a row, and each row a property in the shapes of its class."""
    table = load_mapping(family)
    mapped = {
        (one.class_iri, child.property)
        for one in (*table.records.values(), *table.nodes.values())
        for child in one.children
    }
    shaped = {(one, path) for one, path in shape_paths(family) if one not in NOT_IN_XML}
    own = {(one, path) for one, path in mapped if one not in NOT_IN_XML}
    classes = {one for one, _ in own}
    assert own - shaped == set()
    assert {pair for pair in shaped if pair[0] in classes} - own == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_code_lists_of_the_table_exist(family: str) -> None:
    """Each code list that a row names is one that ships."""
    known = {one.name for one in load_code_lists().lists()}
    table = load_mapping(family)
    named = {
        name
        for one in (*table.records.values(), *table.nodes.values())
        for child in one.children
        for name in child.codes
    }
    assert named
    assert named <= known


def test_a_table_that_contradicts_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the row and what is accepted there."""
    broken = {
        "title": "x",
        "root": "X",
        "namespaces": {},
        "elements": {"a": "elm:a wrongkind"},
        "records": {},
        "nodes": {},
    }
    monkeypatch.setattr("europass_ld.mapping._load", lambda _family: broken)
    with pytest.raises(ConfigurationError, match=r"broken\.yaml, row a: unknown kind 'wrongkind'"):
        load_mapping.__wrapped__("broken")
