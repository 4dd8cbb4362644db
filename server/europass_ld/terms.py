"""The namespaces and the few IRIs that code must name.

Everything else about terms (labels, definitions, ranges) stands in `ontology/`.
"""

from functools import lru_cache
from types import MappingProxyType

PREFIXES = MappingProxyType(
    {
        "elm": "http://data.europa.eu/snb/model/elm/",
        "dct": "http://purl.org/dc/terms/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "adms": "http://www.w3.org/ns/adms#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "rov": "http://www.w3.org/ns/regorg#",
        "org": "http://www.w3.org/ns/org#",
        "locn": "http://www.w3.org/ns/locn#",
        "clv": "http://data.europa.eu/m8g/",
        "cred": "https://www.w3.org/2018/credentials#",
        "person": "http://www.w3.org/ns/person#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "sh": "http://www.w3.org/ns/shacl#",
        "prov": "http://www.w3.org/ns/prov#",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcatap": "http://data.europa.eu/r5r/",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "spdx": "http://spdx.org/rdf/terms#",
        "dqv": "http://www.w3.org/ns/dqv#",
        "void": "http://rdfs.org/ns/void#",
        "sd": "http://www.w3.org/ns/sparql-service-description#",
        "schema": "https://schema.org/",
        "as": "https://www.w3.org/ns/activitystreams#",
        "ldes": "https://w3id.org/ldes#",
        "tree": "https://w3id.org/tree#",
        "eld": "https://europass-ld.github.io/terms#",
    }
)


@lru_cache(maxsize=4_096)
def expand(curie: str) -> str:
    """Return the IRI of a `prefix:name`, e.g. `elm:Qualification`.

    Raises:
        KeyError: the prefix is not in `PREFIXES`.
    """
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name


@lru_cache(maxsize=4_096)
def compact(iri: str) -> str:
    """Return `prefix:name` where a prefix fits, else the IRI unchanged."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


RDF_TYPE = expand("rdf:type")
SKOS_CONCEPT = expand("skos:Concept")
XSD_STRING = expand("xsd:string")

GENID_PATH = ".well-known/genid/"
"""Where nested nodes get their IRIs below the base: RDF 1.1 Concepts, section 3.5
<https://www.w3.org/TR/rdf11-concepts/#section-skolemization>."""
