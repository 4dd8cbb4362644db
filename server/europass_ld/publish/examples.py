"""Example queries that the endpoint's form offers; each runs in a test."""

from collections.abc import Mapping
from types import MappingProxyType

_PREFIXES = """\
PREFIX elm: <http://data.europa.eu/snb/model/elm/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX rov: <http://www.w3.org/ns/regorg#>
"""

EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "Records by class": """\
SELECT ?class (COUNT(?record) AS ?records)
WHERE { ?record a ?class }
GROUP BY ?class
ORDER BY DESC(?records)
""",
        "Qualifications by EQF level": f"""\
{_PREFIXES}
SELECT ?level (COUNT(DISTINCT ?qualification) AS ?qualifications)
WHERE {{
  ?qualification a elm:Qualification ;
                 elm:EQFLevel ?level .
}}
GROUP BY ?level
ORDER BY ?level
""",
        "Learning opportunities and who provides them": f"""\
{_PREFIXES}
SELECT ?opportunity ?title ?provider
WHERE {{
  ?opportunity a elm:LearningOpportunity ;
               dct:title ?title ;
               elm:providedBy/rov:legalName ?provider .
}}
LIMIT 50
""",
        "How many statements each dataset makes": """\
SELECT ?graph (COUNT(*) AS ?statements)
WHERE { GRAPH ?graph { ?s ?p ?o } }
GROUP BY ?graph
ORDER BY DESC(?statements)
""",
    }
)
"""Queries by title, simplest first."""
