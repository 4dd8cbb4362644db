"""The services that serve all datasets: what the catalogue says of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """One service: `name` is its fragment, `path` its endpoint below the base.

    `description_query` is what to add to the endpoint to have it describe itself.
    """

    name: str
    title: str
    description: str
    path: str
    standards: tuple[str, ...]
    description_query: str = ""


SERVICES = (
    Service(
        "sparql",
        "SPARQL endpoint",
        "Queries over all datasets, each a named graph; the default graph is all of them merged.",
        "sparql",
        ("https://www.w3.org/TR/sparql11-protocol/",),
    ),
    Service(
        "records",
        "Event stream of records",
        "What happened to each record, oldest first: whoever follows it has what is published.",
        "feeds/records",
        ("https://w3id.org/ldes/specification", "https://w3id.org/tree/specification"),
    ),
    Service(
        "feed",
        "Event stream of the catalogue",
        "What changed in the catalogue itself: datasets, distributions, services, agents.",
        "feeds/catalogue",
        ("https://semiceu.github.io/LDES-DCAT-AP-feeds/", "https://w3id.org/ldes/specification"),
    ),
    Service(
        "oai",
        "OAI-PMH repository",
        "Records by date, dataset, country and class, as Dublin Core, Europass XML and RDF.",
        "oai",
        ("https://www.openarchives.org/OAI/openarchivesprotocol.html",),
        "?verb=Identify",
    ),
)
"""All of them, in the order in which the catalogue lists them."""
