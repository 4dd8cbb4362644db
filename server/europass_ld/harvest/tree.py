"""What the event streams have in common: TREE, with relations by the time of members.

<https://w3id.org/tree/specification>
"""

from collections.abc import Iterator, Sequence

from .graphs import lines, link, term, value

NOT_BEFORE = "tree:GreaterThanOrEqualToRelation"
NOT_AFTER = "tree:LessThanOrEqualToRelation"

_STREAM = (
    ("rdf:type", "ldes:EventStream"),
    ("ldes:timestampPath", "as:published"),
    ("ldes:versionOfPath", "as:object"),
    ("ldes:versionCreateObject", "as:Create"),
    ("ldes:versionUpdateObject", "as:Update"),
    ("ldes:versionDeleteObject", "as:Delete"),
)


def stream_iri(root: str) -> str:
    """Return the IRI of the stream whose root is at an address."""
    return f"{root}#stream"


def retention_iri(root: str) -> str:
    """Return the IRI of the retention policy that a root states."""
    return f"{root}#retention"


def root_lines(root: str, shape: str) -> str:
    """Return what a root says of its stream and itself; the policy is for the caller to state."""
    stream = stream_iri(root)
    return lines(
        (term(stream, *one) for one in _STREAM),
        (
            link(stream, "tree:shape", shape),
            link(stream, "tree:view", root),
            term(root, "rdf:type", "tree:Node"),
            link(root, "ldes:retentionPolicy", retention_iri(root)),
            term(retention_iri(root), "rdf:type", "ldes:RetentionPolicy"),
        ),
    )


def page_lines(root: str, page: str, members: Sequence[str]) -> str:
    """Return what a page says of itself and of which members it has."""
    stream = stream_iri(root)
    return lines(
        (link(stream, "tree:view", root), term(page, "rdf:type", "tree:Node")),
        (link(stream, "tree:member", one) for one in members),
    )


def relation(source: str, name: str, target: str, kind: str, time: str) -> Iterator[str]:
    """Yield the relation `{source}#{name}` to a node whose members are not before, or after."""
    iri = f"{source}#{name}"
    yield link(source, "tree:relation", iri)
    yield term(iri, "rdf:type", kind)
    yield link(iri, "tree:node", target)
    yield term(iri, "tree:path", "as:published")
    yield value(iri, "tree:value", time, "xsd:dateTime")


def activity_lines(iri: str, kind: str, about: str, time: str) -> Iterator[str]:
    """Yield what every activity says: its kind (`as:Create`), what it is about, and when it was."""
    yield term(iri, "rdf:type", kind)
    yield link(iri, "as:object", about)
    yield value(iri, "as:published", time, "xsd:dateTime")
