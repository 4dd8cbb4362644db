"""How to send a query from the tools that people use: text to copy, for any query.

The one list of them: `/about/sparql` and the page of an answer show it, and tests run what it says.
"""

import json
import shlex
from dataclasses import dataclass
from urllib.parse import quote

from ..language import Message
from .protocol import Outcome

DEMONSTRATION = """\
PREFIX elm: <http://data.europa.eu/snb/model/elm/>

SELECT ?level (COUNT(DISTINCT ?qualification) AS ?qualifications)
WHERE {
  ?qualification a elm:Qualification .
  OPTIONAL { ?qualification elm:EQFLevel ?level }
}
GROUP BY ?level
ORDER BY ?level
"""
"""The query of the documentation: small, and right on an empty store too."""


COMUNICA = "@comunica/query-sparql@4"
"""The npm package; version 5 does not start on Node.js 20."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text to copy; `note` is what to know before, `needs` what has to be installed."""

    id: str
    title: str
    text: str
    needs: str = ""
    note: str = ""


def to_copy(endpoint: str, query: str, outcome: Outcome) -> tuple[Snippet, ...]:
    """Return how to get the answer to a query with curl, Python and R.

    `endpoint` is the address that answers: that of a state, if the answer is to stay the same.
    """
    if outcome == "graph":
        return (
            Snippet("curl", "curl", _curl(endpoint, query, "text/turtle")),
            Snippet("python", "Python", _rdflib_parse(endpoint, query), "rdflib"),
            Snippet("r", "R", f"answer <- readLines({_address(endpoint, query, 'ttl')})\n"),
        )
    return (
        Snippet("curl", "curl", _curl(endpoint, query, "text/csv")),
        Snippet("python", "Python", _pandas(endpoint, query), "pandas"),
        Snippet("r", "R", _r(endpoint, query)),
    )


def for_documentation(endpoint: str) -> tuple[Snippet, ...]:
    """Return the snippets of `/about/sparql`: each prints the answer to `DEMONSTRATION`."""
    query = DEMONSTRATION
    return (
        Snippet("curl", "curl", _curl(endpoint, query, "text/csv")),
        Snippet(
            "sparqlwrapper", "Python: SPARQLWrapper", _wrapper(endpoint, query), "sparqlwrapper"
        ),
        Snippet("rdflib", "Python: rdflib", _rdflib(endpoint, query), "rdflib"),
        Snippet(
            "pandas",
            "Python: pandas",
            f"{_pandas(endpoint, query)}print(answer)\n",
            "pandas",
            Message("The answer as CSV is at an address, and read_csv reads addresses."),
        ),
        Snippet(
            "r",
            "R",
            f"{_r(endpoint, query)}print(answer)\n",
            note=Message("Nothing to install: read.csv reads addresses too."),
        ),
        Snippet(
            "comunica",
            "JavaScript: Comunica",
            f"npx --package {COMUNICA} comunica-sparql \\\n"
            f"  {shlex.quote(f'sparql@{endpoint}')} \\\n  {shlex.quote(query)}\n",
            "Node.js 20 or later",
            Message("Comunica takes a query apart and may join this endpoint with other sources."),
        ),
    )


def _curl(endpoint: str, query: str, media_type: str) -> str:
    return (
        f"curl --get {shlex.quote(endpoint)} \\\n"
        f"  --header {shlex.quote(f'Accept: {media_type}')} \\\n"
        f"  --data-urlencode {shlex.quote(f'query={query}')}\n"
    )


def _pandas(endpoint: str, query: str) -> str:
    return f"import pandas\n\nanswer = pandas.read_csv({_address(endpoint, query, 'csv')})\n"


def _r(endpoint: str, query: str) -> str:
    return f"answer <- read.csv({_address(endpoint, query, 'csv')})\n"


def _wrapper(endpoint: str, query: str) -> str:
    return (
        "from SPARQLWrapper import JSON, SPARQLWrapper\n\n"
        f"endpoint = SPARQLWrapper({_quoted(endpoint)})\n"
        f"endpoint.setQuery({_block(query)})\n"
        "endpoint.setReturnFormat(JSON)\n"
        'for row in endpoint.queryAndConvert()["results"]["bindings"]:\n'
        '    print(*(value["value"] for value in row.values()))\n'
    )


def _rdflib(endpoint: str, query: str) -> str:
    return (
        "from rdflib import Graph\n"
        "from rdflib.plugins.stores.sparqlstore import SPARQLStore\n\n"
        f"graph = Graph(SPARQLStore({_quoted(endpoint)}))\n"
        f"for row in graph.query({_block(query)}):\n"
        "    print(*row)\n"
    )


def _rdflib_parse(endpoint: str, query: str) -> str:
    address = _address(endpoint, query, "ttl")
    return f'from rdflib import Graph\n\nanswer = Graph().parse({address}, format="turtle")\n'


def _address(endpoint: str, query: str, format_: str) -> str:
    mark = "&" if "?" in endpoint else "?"
    return _quoted(f"{endpoint}{mark}format={format_}&query={quote(query, safe='')}")


def _quoted(text: str) -> str:
    """Write a string as Python, R and JavaScript all read it."""
    return json.dumps(text)


def _block(query: str) -> str:
    """Write a query as a Python string over several lines."""
    escaped = query.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""\n{escaped}"""'
