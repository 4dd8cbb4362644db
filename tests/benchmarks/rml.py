"""An RML mapping of what lies flat in LOQ records, for engines that map by RML.

What is nested is left out, for RML has no way to name nodes without a key, and so are language
tags. What remains is about a third of the triples.
"""

from pathlib import Path

from europass_ld.mapping import DATATYPES, Child, MappedClass, load_mapping

_PREFIXES = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
"""


def rml_mapping(document: Path) -> str:
    """Return the mapping, in Turtle, for one document."""
    table = load_mapping("loq")
    maps = (_triples_map(document, table.root, record) for record in table.records.values())
    return _PREFIXES + "\n".join(maps)


def _triples_map(document: Path, root: str, record: MappedClass) -> str:
    flat = [_object_map(child) for child in record.children if ":" not in child.name]
    return f"""
<urn:map:{record.name}> a rr:TriplesMap ;
    rml:logicalSource [ rml:source "{document}" ; rml:referenceFormulation ql:XPath ;
        rml:iterator "/{root}/{record.container}/{record.name}" ] ;
    rr:subjectMap [ rml:reference "@id" ; rr:class <{record.class_iri}> ]
{"".join(flat)}.
"""


def _object_map(child: Child) -> str:
    if child.kind == "text" or child.kind in DATATYPES:
        value = f'rml:reference "{child.name}"'
    elif child.kind == "code":
        value = f'rml:reference "{child.name}/@uri" ; rr:termType rr:IRI'
    elif child.kind in {"reference", "mention"}:
        value = f'rml:reference "{child.name}/@idref" ; rr:termType rr:IRI'
    else:
        return ""
    property_ = f"rr:predicate <{child.property}>"
    return f"    ; rr:predicateObjectMap [ {property_} ; rr:objectMap [ {value} ] ]\n"
