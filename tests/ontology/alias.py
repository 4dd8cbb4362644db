"""Write `ontology/alias-3.3.ttl` from `ontology/elm.ttl`.

Run from the project's root after a term was added: `python -m tests.ontology.alias`.
"""

from rdflib import OWL

from .graphs import ELM, ONTOLOGY, described, kind, load

HEAD = """\
# The namespace of the ELM 3.3 shapes, term by term the same as the one in which data are published.
# Generated from elm.ttl: run `python -m tests.ontology.alias`, do not edit.

@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix elm33: <http://data.europa.eu/snb/model/ontology/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .

<https://europass-ld.github.io/ontology/alias-3.3> a owl:Ontology ;
    dct:title "Alias of the European Learning Model 3.3 namespace"@en ;
    dct:description "Each term of the European Learning Model under its second IRI."@en ;
    dct:license <https://spdx.org/licenses/MIT> ;
    owl:versionInfo "1.0.0" .

"""


def render() -> str:
    """Return the text of the alias file: one line for each term of elm.ttl, sorted by name."""
    names = sorted(term.removeprefix(ELM) for term in described("elm.ttl"))
    return HEAD + "".join(_line(name) for name in names)


def _line(name: str) -> str:
    is_class = kind(load("elm.ttl"), ELM[name]) == OWL.Class
    return f"elm33:{name} owl:equivalent{'Class' if is_class else 'Property'} elm:{name} .\n"


if __name__ == "__main__":
    (ONTOLOGY / "alias-3.3.ttl").write_text(render(), encoding="utf-8")
