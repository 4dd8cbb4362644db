"""Our XML Schemas for EDC v2 against the official ones: equal declarations, equal verdicts."""

import re
from collections import Counter
from typing import Any

import pytest
import xmlschema
from lxml import etree

from tests.credentials.schema_oracle import (
    DOCUMENTS,
    OFFICIAL,
    PAIRS,
    fits,
    official,
    our_path,
    ours,
    read,
)
from tests.credentials.xml_mutations import CHANGES, mutations


@pytest.mark.parametrize("name", PAIRS)
def test_documents_get_the_official_verdict(name: str) -> None:
    """Every document of the corpus, and every one of ours, gets the same verdict from both."""
    for path in DOCUMENTS:
        root = read(path)
        for theirs in PAIRS[name]:
            assert ours(name).validate(root) == official(theirs).validate(root), path.name


def test_the_documents_were_found() -> None:
    """No document went missing without notice, and each kind of schema accepts some."""
    assert len(DOCUMENTS) == 12
    for name in ("credential-1.0", "credential-1.2", "presentation-1.2"):
        assert any(ours(name).validate(read(path)) for path in DOCUMENTS), name


def _compare(number: int) -> tuple[Counter[bool], list[str]]:
    verdicts: Counter[bool] = Counter()
    differences = []
    for name, (theirs, *_) in PAIRS.items():
        for path in DOCUMENTS:
            root = read(path)
            if not fits(name, root):
                continue
            for mutation in mutations(root, number):
                document = etree.fromstring(etree.tostring(mutation.root))
                expected = official(theirs).validate(document)
                verdicts[expected] += 1
                if ours(name).validate(document) != expected:
                    differences.append(f"{name}, {path.name}, {mutation.name}")
    return verdicts, differences


def test_mutations_get_the_official_verdict() -> None:
    """Hundreds of changed documents get the same verdict, among them many that stay valid."""
    verdicts, differences = _compare(len(CHANGES))
    assert differences == []
    assert verdicts.total() >= 300
    assert verdicts[True] >= 50


@pytest.mark.slow
def test_many_mutations_get_the_official_verdict() -> None:
    """Thousands of changed documents get the same verdict."""
    verdicts, differences = _compare(150)
    assert differences == []
    assert verdicts.total() >= 4_000


def test_what_is_in_a_signature_is_left_to_verification() -> None:
    """The one deliberate difference: ours says nothing about the inside of ds:Signature."""
    path = next(one for one in DOCUMENTS if "DiplomaSupplement_AA" in one.name)
    root = read(path)
    signature = next(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature"))
    signature.remove(signature[0])
    assert ours("presentation-1.2").validate(root)
    assert not official("mandatedschema_dp_1.2").validate(root)


# The official files import a schema of XAdES 1.4.1 that was never published beside them.
@pytest.mark.filterwarnings("ignore::xmlschema.exceptions.XMLSchemaWarning")
@pytest.mark.parametrize("name", PAIRS)
def test_declarations_are_equal(name: str) -> None:
    """Element for element: order, number, datatypes and attributes are the official ones."""
    element = "europassCredential" if name.startswith("credential") else "verifiablePresentation"
    theirs = xmlschema.XMLSchema(str(OFFICIAL / f"{PAIRS[name][0]}.xsd"))
    queue = [
        (
            element,
            theirs.elements[element],
            xmlschema.XMLSchema(str(our_path(name))).elements[element],
        )
    ]
    compared: set[tuple[Any, Any]] = set()
    while queue:
        path, their, our = queue.pop()
        assert _declared(their) == _declared(our), path
        if (their.type, our.type) not in compared:
            compared.add((their.type, our.type))
            pairs = zip(_children(their), _children(our), strict=True)
            queue += [(f"{path}/{one.local_name}", one, two) for one, two in pairs]
    assert len(compared) > 60


@pytest.mark.parametrize("name", PAIRS)
def test_one_schema_may_stand_for_several(name: str) -> None:
    """Official schemas that one of ours stands for differ in nothing but names of other files."""
    texts = {
        re.sub(r'schemaLocation="[^"]*"', "", (OFFICIAL / f"{one}.xsd").read_text(encoding="utf-8"))
        for one in PAIRS[name]
    }
    assert len(texts) == 1


def _declared(element: xmlschema.XsdElement) -> tuple[object, ...]:
    kind: Any = element.type
    if element.local_name == "Signature":
        return ("left to verification",)
    attributes = {
        name: (one.use, _datatype(one.type))
        for name, one in element.attributes.items()
        if name is not None
    }
    content = _model(kind.content) if kind.has_complex_content() else _datatype(kind)
    return content, attributes


def _model(group: Any) -> object:
    """The content model with groups inside each other put together where that changes nothing."""
    items: list[object] = []
    for item in group:
        if not isinstance(item, xmlschema.validators.XsdGroup):
            name = getattr(item, "name", None) or "any"
            items.append((name, item.occurs))
        elif (
            item.model == "sequence" and group.model == "sequence" and tuple(item.occurs) == (1, 1)
        ):
            items.extend(_model(item)[2])  # type: ignore[index]
        else:
            items.append(_model(item))
    return group.model, tuple(group.occurs), items


def _datatype(kind: Any) -> str:
    if kind.is_complex() and not kind.has_simple_content():
        return ""
    simple = kind.content if kind.is_complex() else kind
    first = simple.member_types[0] if simple.is_union() else simple
    return str(first.root_type.local_name)


def _children(element: xmlschema.XsdElement) -> list[Any]:
    kind: Any = element.type
    if element.local_name == "Signature" or not kind.has_complex_content():
        return []
    return [one for one in kind.content.iter_elements() if isinstance(one, xmlschema.XsdElement)]
