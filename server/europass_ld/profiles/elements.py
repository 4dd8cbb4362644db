"""Records as elements of Europass XML, each checked against the structure of its version."""

import json
import threading
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from lxml import etree

from ..lift import lower_record
from ..mapping import MappingTable
from ..store import Record
from ..validate.structure import StructureValidator

VERSIONS = ("3.3", "3.1")
"""Versions of the schemas that records can be written in, the default first.

3.3 allows everything that 3.1 does, and more.
"""


class _OfThread(threading.local):
    """The validators of a thread, by family and version: one serves one thread at a time."""

    def __init__(self) -> None:
        self.validators: dict[tuple[str, str], StructureValidator] = {}


_of_thread = _OfThread()


def elements(
    records: Iterable[Record], table: MappingTable, version: str
) -> Iterator[etree._Element]:
    """Yield the elements of records of one family.

    Raises:
        LiftError: the version has no place for something that a record says.
    """
    structure = _structure(table, version)
    for record in records:
        triples = list(_parsed(record.triples))
        element = lower_record(
            triples, table, record.type, version=version, lexical=_lexical(record, triples)
        )
        structure.require(element, record.iri)
        yield element


def _structure(table: MappingTable, version: str) -> StructureValidator:
    """Return this thread's validator: to compile a schema takes as long as to write ten records."""
    kept, which = _of_thread.validators, (table.family, version)
    if which not in kept:
        kept[which] = StructureValidator(*which, table.namespace(version))
    return kept[which]


def _parsed(triples: str) -> Iterator[ox.Triple]:
    for quad in ox.parse(triples, ox.RdfFormat.N_TRIPLES, lenient=True):
        yield quad.triple


def _lexical(record: Record, triples: list[ox.Triple]) -> dict[tuple[str, str, str], str]:
    found = {}
    for line, source in json.loads(record.lexical).items():
        triple = triples[int(line)]
        subject, value = triple.subject, triple.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.Literal):
            found[subject.value, triple.predicate.value, value.value] = source
    return found
