"""The one table of the formats that are read, written and negotiated.

The command line, content negotiation, the documentation and the tests all read it.
"""

from dataclasses import dataclass

import pyoxigraph as ox


@dataclass(frozen=True, slots=True)
class Format:
    """One serialisation.

    `name` is what a user types (`--format ttl`, `?format=ttl`), `media_type` what HTTP says,
    `extension` the suffix of documents and files, `aliases` further media types that ask for it.
    `oxigraph` is the engine's own object for it.
    """

    name: str
    title: str
    media_type: str
    extension: str
    oxigraph: ox.RdfFormat | ox.QueryResultsFormat
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The value of a Content-Type header."""
        return (
            f"{self.media_type}; charset=utf-8"
            if self.media_type.startswith("text/")
            else (self.media_type)
        )


RDF_FORMATS = (
    Format("ttl", "Turtle", "text/turtle", "ttl", ox.RdfFormat.TURTLE, ("application/x-turtle",)),
    Format(
        "jsonld",
        "JSON-LD",
        "application/ld+json",
        "jsonld",
        ox.RdfFormat.JSON_LD,
        ("application/json",),
    ),
    Format(
        "nt", "N-Triples", "application/n-triples", "nt", ox.RdfFormat.N_TRIPLES, ("text/plain",)
    ),
    Format(
        "rdfxml",
        "RDF/XML",
        "application/rdf+xml",
        "rdf",
        ox.RdfFormat.RDF_XML,
        ("application/xml", "text/xml"),
    ),
    Format("trig", "TriG", "application/trig", "trig", ox.RdfFormat.TRIG, ("application/x-trig",)),
    Format("nq", "N-Quads", "application/n-quads", "nq", ox.RdfFormat.N_QUADS, ("text/x-nquads",)),
)
"""RDF serialisations in the order of preference when a client accepts several equally."""

RESULT_FORMATS = (
    Format(
        "json",
        "SPARQL results JSON",
        "application/sparql-results+json",
        "srj",
        ox.QueryResultsFormat.JSON,
        ("application/json",),
    ),
    Format(
        "xml",
        "SPARQL results XML",
        "application/sparql-results+xml",
        "srx",
        ox.QueryResultsFormat.XML,
        ("application/xml", "text/xml"),
    ),
    Format("csv", "SPARQL results CSV", "text/csv", "csv", ox.QueryResultsFormat.CSV),
    Format(
        "tsv", "SPARQL results TSV", "text/tab-separated-values", "tsv", ox.QueryResultsFormat.TSV
    ),
)
"""Formats of SELECT and ASK results, in the order of preference."""


def by_name(name: str) -> Format | None:
    """Return the format a user calls `name`, or None."""
    return next((one for one in (*RDF_FORMATS, *RESULT_FORMATS) if one.name == name), None)


def by_extension(extension: str) -> Format | None:
    """Return the RDF format of a file extension without the dot, or None."""
    return next((one for one in RDF_FORMATS if one.extension == extension.lower()), None)
