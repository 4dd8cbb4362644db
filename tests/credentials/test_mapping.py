"""The table of EDC v2 against our schemas and shapes, in both directions."""

from functools import cache
from typing import Any

import pyoxigraph as ox
import pytest
import xmlschema

from europass_ld import resources
from europass_ld.documents.credentials import SNB, SNB_PRESENTATION
from europass_ld.errors import ConfigurationError
from europass_ld.lift.edc.table import Rows, load_table, read_table
from europass_ld.terms import compact, expand
from europass_ld.vocabularies import load_code_lists

NOT_IN_THE_SCHEMA = {f"{{{SNB}}}language"}
"""Accepted in a credential although no schema has it: many documents write it."""

NOT_IN_THE_SHAPES = {
    ("cred:VerifiablePresentation", "*"): "the class that W3C gives a presentation",
    ("cred:VerifiableCredential", "*"): "the class that W3C gives a credential",
    ("elm:EuropeanDigitalPresentation", "dct:type"): "mandated or shared; v3 has no word for it",
    ("elm:EuropeanDigitalPresentation", "cred:issuer"): "who made the presentation",
    ("elm:EuropeanDigitalPresentation", "cred:expirationDate"): "W3C's own term",
    ("elm:Person", "dct:type"): "v3 has no types of people",
    ("elm:Person", "elm:additionalNote"): "the ontology has it on agents",
    ("elm:Person", "skos:prefLabel"): "the ontology has it on agents",
    ("elm:Person", "skos:altLabel"): "the ontology has it on agents",
    ("elm:Identifier", "dct:spatial"): "v3 has it on legal identifiers only",
    ("elm:LearningOpportunity", "skos:altLabel"): "a further name",
    ("elm:WebResource", "dct:subject"): "what a page is about",
    ("skos:ConceptScheme", "*"): "a list that the document describes itself",
}
"""What v2 says and the shapes of v3 do not mention; their classes are open."""


@cache
def _schemas() -> tuple[xmlschema.XMLSchema, ...]:
    folder = resources.find("schemas") / "edc-v2"
    names = ("credential-1.0", "credential-1.1", "credential-1.2", "shared-1.0", "presentation-1.2")
    return tuple(xmlschema.XMLSchema(str(folder / f"{name}.xsd")) for name in names)


def _of_the_schemas() -> dict[str, tuple[set[str], set[str]]]:
    """Return the child elements and attributes of each class and group, over all versions."""
    table = load_table()
    found: dict[str, tuple[set[str], set[str]]] = {}
    seen: set[tuple[str, Any]] = set()

    def visit(name: str, rows: Rows, element: Any) -> None:
        if (name, element.type) in seen or "idref" in element.attributes:
            return
        seen.add((name, element.type))
        children, attributes = found.setdefault(name, (set(), set()))
        attributes.update(str(one) for one in element.attributes if one is not None)
        kind = element.type
        if not kind.has_complex_content():
            return
        inside = [
            one for one in kind.content.iter_elements() if isinstance(one, xmlschema.XsdElement)
        ]
        children.update(one.name for one in inside)
        by_tag = {row.tag(SNB): row for row in rows.elements}
        for one in inside:
            row = by_tag.get(one.name)
            if row is None:
                continue
            if row.kind in {"node", "record"}:
                visit(row.arguments[0], table.classes[row.arguments[0]], one)
            elif row.kind == "group":
                visit(row.arguments[0], table.groups[row.arguments[0]], one)
            elif row.kind == "code":
                visit("Concept", table.classes["Concept"], one)

    roots = {SNB: ("Credential", "europassCredential")}
    roots[SNB_PRESENTATION] = ("Presentation", "verifiablePresentation")
    for schema in _schemas():
        name, local = roots[schema.target_namespace]
        visit(name, table.classes[name], schema.elements[local])
    return found


def test_table_and_schemas_have_the_same_elements() -> None:
    """Each child element of each class has a row, and each row an element."""
    table = load_table()
    everything = {**table.classes, **table.groups}
    of_schemas = _of_the_schemas()
    # any XML may stand in a child credential; only a credential is looked for there
    of_schemas["ChildCredential"][0].add(f"{{{SNB}}}europassCredential")
    assert set(everything) == set(of_schemas)
    for name, rows in everything.items():
        mapped = {row.tag(SNB) for row in rows.elements}
        if not rows.iri.startswith("@"):
            mapped.add(f"{{{SNB}}}{rows.iri}")
        extra = NOT_IN_THE_SCHEMA if name == "Credential" else set()
        assert mapped - extra == of_schemas[name][0], name


def test_table_and_schemas_have_the_same_attributes() -> None:
    """Each attribute of each class has a row, or names the thing itself."""
    table = load_table()
    for name, (_, attributes) in _of_the_schemas().items():
        rows = table.classes.get(name) or table.groups[name]
        mapped = {row.where[1:] for row in rows.attributes}
        named = {one.rpartition("}")[2] for one in attributes} - {"id", "uri"}
        assert named <= mapped | {"xsdVersion", "key"}, name
        assert {one for one in mapped if one not in {"xsdVersion", "id", "uri"}} <= named, name


def _shaped() -> set[tuple[str, str]]:
    store = ox.Store()
    for path in resources.find("shapes").glob("edc*.ttl"):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    rows = store.query(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT DISTINCT ?class ?path WHERE "
        "{ ?shape sh:targetClass ?class ; sh:property/sh:path ?path }"
    )
    assert isinstance(rows, ox.QuerySolutions)
    return {(compact(row["class"].value), compact(row["path"].value)) for row in rows}


def _mapped() -> set[tuple[str, str]]:
    """Return class and property of every row, nodes between and groups included."""
    table = load_table()
    found: set[tuple[str, str]] = set()

    def collect(classes: tuple[str, ...], rows: Rows) -> None:
        for row in rows.rows:
            if row.kind == "group":
                collect(classes, table.groups[row.arguments[0]])
            elif row.via is not None:
                found.update((one, row.via) for one in classes)
                found.add((table.between[row.via], row.property))
            elif row.property:
                found.update((one, row.property) for one in classes)

    for rows in table.classes.values():
        collect(rows.classes, rows)
    return {(compact(one), compact(path)) for one, path in found}


def test_every_row_has_a_property_of_the_shapes() -> None:
    """Each property that a row leads to is one that v3 has for that class, or is explained."""
    unexplained = {
        (one, path)
        for one, path in _mapped() - _shaped()
        if (one, path) not in NOT_IN_THE_SHAPES and (one, "*") not in NOT_IN_THE_SHAPES
    }
    assert unexplained == set()


def test_every_explanation_is_needed() -> None:
    """No explanation outlives what it explains."""
    beyond = _mapped() - _shaped()
    for one, path in NOT_IN_THE_SHAPES:
        assert any(found == (one, path) or (path == "*" and found[0] == one) for found in beyond)


def test_code_lists_exist() -> None:
    """Each code list that a row names is one that ships."""
    known = {one.name for one in load_code_lists().lists()}
    lists = load_table().code_lists()
    assert lists[expand("elm:Qualification"), expand("elm:EQFLevel")] == ("eqf",)
    assert {name for names in lists.values() for name in names} <= known


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"a": "elm:a wrong"}, r"row A/a: unknown kind 'wrong'"),
        ({"a": "nope:a string"}, r"row A/a: unknown prefix in 'nope:a'"),
        ({"a": "elm:a node B"}, r"row A/a: a node needs the name of one of: A"),
        ({"a": "elm:b/elm:a string"}, r"row A/a: no class in `between` for .*elm/b"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(rows: dict[str, str], message: str) -> None:
    """The error names the row and what is accepted there."""
    raw = {
        "classes": {"A": {"class": "elm:A", "rows": rows}},
        "groups": {},
        "common": {},
        "between": {},
    }
    with pytest.raises(ConfigurationError, match=message):
        read_table(raw)
