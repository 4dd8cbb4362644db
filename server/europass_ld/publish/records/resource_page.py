"""The page of a resource as a value: what its template shows, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from ...store import Description, Version
from ...terms import RDF_TYPE
from ...turtle import Part
from ..addresses import document_of
from ..datasets.reports import Finding
from ..description import Link, Position, Row, Statements, describe, positions, statements
from ..labels import Label, best, last_part, texts
from ..serialization import parse_lines
from ..site import Site

_DEEPEST = 10_000
"""Mentions that can be paged through; SPARQL has all of them."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one description comes from: the dataset, the delivery, the place in its file."""

    dataset: Link
    record: Description
    version: Version | None
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that is described: a page of a document has one for each of its fragments."""

    iri: str
    title: Label
    kinds: tuple[Label, ...]
    kind_iris: tuple[str, ...]
    rows: tuple[Row, ...]
    sources: tuple[Source, ...]
    graphs: tuple[Link, ...]
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A statement of another resource about this one."""

    subject: Link
    property: Label


def sections(site: Site, records: Sequence[Description], wanted: Sequence[str]) -> list[Section]:
    """Return a section for each IRI that records describe."""
    grouped: dict[str, list[Description]] = {}
    for one in records:
        grouped.setdefault(one.record.iri, []).append(one)
    return [_record_section(site, iri, some, wanted) for iri, some in grouped.items()]


def plain_sections(
    site: Site, iri: str, parts: Sequence[Part], wanted: Sequence[str]
) -> list[Section]:
    """Return a section for what is no record, and one for each fragment of it.

    Nobody in particular is responsible for it: what all graphs say stands together.
    """
    said = statements(triple for _, lines in parts for triple in parse_lines(lines))
    subjects = [one for one in said if one == iri or one.startswith(f"{iri}#")]
    links = tuple(_graph(site, graph, wanted) for graph, _ in parts)
    return [_section(site, one, [said], (), links, wanted) for one in subjects]


def mentions(
    site: Site, iri: str, wanted: Sequence[str], *, page: int
) -> tuple[list[Mention], bool]:
    """Return one page of what points at a resource, and whether there is more.

    Pages end at `_DEEPEST`: to reach a row, all rows before it are passed.
    """
    size = site.settings.page_size
    offset = (page - 1) * size
    limit = max(0, min(size + 1, _DEEPEST - offset))
    found = site.reader.incoming(iri, limit=limit, offset=offset) if limit else []
    shown = dict.fromkeys((site.owner(subject), term) for subject, term in found[:size])
    listed = [
        Mention(site.link(subject, wanted), site.terms.label(term, wanted))
        for subject, term in shown
        if document_of(subject) != iri
    ]
    return listed, len(found) > size


def _graph(site: Site, iri: str, wanted: Sequence[str]) -> Link:
    """Return a link to a dataset, or the name of a graph of this server."""
    if any(one.iri == iri for one in site.reader.datasets()):
        return site.dataset_link(iri, wanted)
    if iri.startswith(f"{site.base}id/graph/"):
        return Link(iri, Label(last_part(iri)), None)
    return site.link(iri, wanted)


def _record_section(
    site: Site, iri: str, records: Sequence[Description], wanted: Sequence[str]
) -> Section:
    graphs = [statements(parse_lines(one.record.triples)) for one in records]
    sources = tuple(_source(site, one, wanted) for one in records)
    return _section(site, iri, graphs, sources, (), wanted)


def _section(
    site: Site,
    iri: str,
    graphs: Sequence[Statements],
    sources: tuple[Source, ...],
    named: tuple[Link, ...],
    wanted: Sequence[str],
) -> Section:
    said = [statement for graph in graphs for statement in graph.get(iri, ())]
    types = tuple(
        dict.fromkeys(
            value.value
            for predicate, value in said
            if predicate == RDF_TYPE and isinstance(value, ox.NamedNode)
        )
    )
    rows = describe(iri, graphs, site.base, site.words(wanted))
    return Section(
        iri,
        best(texts(said), wanted) or site.names.name(iri, wanted) or Label(last_part(iri)),
        tuple(site.terms.label(one, wanted) for one in types),
        types,
        rows,
        sources,
        named,
        tuple(positions(rows)),
    )


def _source(site: Site, one: Description, wanted: Sequence[str]) -> Source:
    versions = {version.number: version for version in site.reader.versions(one.dataset)}
    report = site.reports.report(one.dataset, one.version)
    findings = report.by_record.get(one.record.iri, ()) if report else ()
    return Source(site.dataset_link(one.dataset, wanted), one, versions.get(one.version), findings)
