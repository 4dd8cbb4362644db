"""What is known of an IRI: records, datasets, codes, terms, or that it was deleted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from ...store import Description, Reader
from ...store.provenance import version_iri
from ...terms import expand
from ...turtle import Part
from ..addresses import document_of, is_iri, parameter
from ..language import Message
from ..problems import Refusal
from ..serialization import parts_of
from ..site import Site
from .suggestions import suggestions

_MOST_FRAGMENTS = 1000
_REPLACED_BY = ox.NamedNode(expand("dct:isReplacedBy"))
_REPLACES = ox.NamedNode(expand("dct:replaces"))
_INVALIDATED = expand("prov:invalidatedAtTime")
_DATE_TIME = ox.NamedNode(expand("xsd:dateTime"))


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of an IRI: records, one of each dataset that has it, or other statements."""

    iri: str
    records: tuple[Description, ...] = ()
    others: tuple[Part, ...] = ()

    def parts(self) -> list[Part]:
        """Return the statements with the graphs that hold them."""
        return [(one.dataset, one.record.triples) for one in self.records] or list(self.others)


def find(current: Site, iri: str) -> Found | None:
    """Return what is known of an IRI; of one without a fragment, its fragments too."""
    reader = current.reader
    iris = (iri,) if "#" in iri else reader.fragments(iri)
    records = tuple(one for each in iris for one in reader.describe(each))
    if records:
        return Found(iri, records)
    if not is_iri(iri):
        return None
    quads = reader.outgoing(iri)
    dataset = next((one for one in reader.datasets() if one.iri == iri), None)
    if dataset:
        lines = "".join(one.lines for one in current.catalogue().of_dataset(dataset))
        return Found(iri, others=((iri, lines), *parts_of(quads)))
    if quads:
        return Found(iri, others=tuple(parts_of((*quads, *_fragments(current, iri, quads)))))
    ours = next(_of_ours(current, iri), None)
    return Found(iri, others=(ours,)) if ours else None


def asked_iri(text: str) -> str:
    """Return the IRI that a parameter of an address names.

    Raises:
        Refusal: it is no absolute IRI.
    """
    # a space is in no IRI, but a plus that nobody escaped arrives as one
    iri = text.strip().replace(" ", "+")
    if not is_iri(iri):
        raise Refusal(
            "malformed-request",
            Message(
                "The parameter iri is an absolute IRI, percent-encoded:"
                " ?iri=https%%3A%%2F%%2F… with %%23 where it has a #."
            ),
        )
    return iri


def replaced_by(reader: Reader, iri: str) -> list[str]:
    """Return what takes the place of an IRI, as anything in the store says so."""
    node = ox.NamedNode(iri)
    stated = reader.store.quads_for_pattern(node, _REPLACED_BY, None)
    inverse = reader.store.quads_for_pattern(None, _REPLACES, node)
    found = [*(quad.object for quad in stated), *(quad.subject for quad in inverse)]
    return list(dict.fromkeys(one.value for one in found if isinstance(one, ox.NamedNode)))


def tombstone_lines(current: Site, iri: str) -> str:
    """Return when, by which versions, why and for what a record was deleted, as N-Triples.

    Empty if it was not: nothing of what the record said is in it.
    """
    reader = current.reader
    if not is_iri(iri) or reader.tombstone(iri) is None:
        return ""
    ends = {one.dataset: one for one in reader.history(iri)}
    reason = reader.redaction(iri)
    lines = [f"<{iri}> <{_REPLACED_BY.value}> <{one}> ." for one in replaced_by(reader, iri)]
    for dataset, end in ends.items():
        version = version_iri(current.base, end.sequence)
        publisher = reader.dataset(dataset).publisher
        lines += [
            f"<{iri}> <{_INVALIDATED}> {ox.Literal(end.time, datatype=_DATE_TIME)} .",
            f"<{iri}> <{expand('eld:endedBy')}> <{version}> .",
            f"<{version}> <{expand('dct:isVersionOf')}> <{dataset}> .",
        ]
        lines += [f"<{dataset}> <{expand('dct:publisher')}> <{publisher}> ."] if publisher else []
    lines += [f"<{iri}> <{expand('rdfs:comment')}> {ox.Literal(reason)} ."] if reason else []
    return "".join(f"{line}\n" for line in lines)


def missing(current: Site, iri: str) -> Refusal:
    """Return the refusal for an IRI that nothing is known of, or no longer."""
    tombstone = current.reader.tombstone(iri)
    reason = current.reader.redaction(iri)
    if tombstone and reason is not None:
        return Refusal(
            "redacted",
            Message(
                "<%(iri)s> was removed from this server for good on %(time)s. Reason: %(reason)s",
                iri=iri,
                time=tombstone.time,
                reason=reason,
            ),
            iri=iri,
            deleted=tombstone.time,
            reason=reason,
        )
    if tombstone:
        return Refusal(
            "gone",
            Message(
                "<%(iri)s> was described here until %(time)s. No dataset describes it any more.",
                iri=iri,
                time=tombstone.time,
            ),
            iri=iri,
            deleted=tombstone.time,
            datasets=list(tombstone.datasets),
            publishers=_publishers(current, tombstone.datasets),
            kind=tombstone.type,
            replaced_by=replaced_by(current.reader, iri) or None,
            history=f"/resource/history{parameter(iri)}",
        )
    return Refusal(
        "not-found",
        Message("Nothing here describes <%(iri)s>.", iri=iri),
        iri=iri,
        suggestions=suggestions(current, iri),
        mentioned_by=[subject for subject, _ in current.reader.incoming(iri, limit=5)],
    )


def _publishers(current: Site, datasets: Iterable[str]) -> list[str] | None:
    named = (current.reader.dataset(one).publisher for one in datasets)
    return list(dict.fromkeys(filter(None, named))) or None


def _of_ours(current: Site, iri: str) -> Iterator[Part]:
    """Yield what the code lists, the ontology and the shapes say of an IRI, where they do."""
    for graph, triples in (
        (current.vocabulary_graph, current.code_lists.triples([iri])),
        (current.ontology, (f"{one} ." for one in current.terms.triples(iri))),
        (document_of(iri), (f"{one} ." for one in current.shapes.triples(iri))),
    ):
        lines = "".join(f"{line}\n" for line in triples)
        if lines:
            yield graph, lines


def _fragments(current: Site, iri: str, quads: tuple[ox.Quad, ...]) -> list[ox.Quad]:
    """Return what is said of the fragments that a resource of ours points at."""
    found: list[ox.Quad] = []
    for quad in quads[:_MOST_FRAGMENTS]:
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(f"{iri}#"):
            found += current.reader.outgoing(quad.object.value)
    return found
