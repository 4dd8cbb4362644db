"""A record as Europass XML with everything that the schema's keys require.

The schema wants every `idref` that a key covers to stand in the same document. What these point
at, and what that points at in turn, is the closure of a record. Mentions (`publisher`, `isPartOf`,
`generalisationOf`) have no key and are not followed. Each record is written from what its own
dataset says of it, so reading the document again gives the same records.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache

from ..errors import LiftError, LimitExceeded, UnknownRecord
from ..lift import lowered_document
from ..mapping import FAMILIES, load_mapping
from ..store import Description, Reader, Record
from ..terms import expand
from .elements import VERSIONS, elements


def closure(
    reader: Reader, iri: str, *, dataset: str | None = None, most_bytes: int
) -> tuple[Description, ...]:
    """Return a record and the records that its document must hold, in the order they are met.

    `dataset` says whose description of the record is wanted; by default the first one's that has
    it; what a record refers to is taken from the same dataset. Cycles end where they began.
    `most_bytes` limits what all of them state, in bytes of N-Triples.

    Raises:
        UnknownRecord: no dataset describes the IRI, or the one that is asked for does not.
        LimitExceeded: the records state more than `most_bytes`.
        LiftError: the dataset does not describe a record that another one refers to.
    """
    first = _described(reader, iri, dataset)
    found = {iri: first}
    size = 0
    waiting = deque([first])
    while waiting:
        one = waiting.popleft()
        size += len(one.record.triples)
        if size > most_bytes:
            raise LimitExceeded(
                f"<{iri}> with what it refers to is larger than max_closure_bytes"
                f" ({most_bytes:,}): {len(found):,} records and more",
                limit="max_closure_bytes",
                allowed=most_bytes,
            )
        for target in _references(one.record):
            if target not in found:
                found[target] = _referred(reader, target, one)
                waiting.append(found[target])
    return tuple(found.values())


def closure_xml(
    reader: Reader,
    iri: str,
    *,
    dataset: str | None = None,
    version: str = VERSIONS[0],
    most_bytes: int,
) -> bytes:
    """Return the document of a record's closure, in the family of its dataset.

    It is valid against the official schema of that family and version.

    Raises:
        UnknownRecord, LimitExceeded: as `closure` does.
        LiftError: as `closure` does; or the version has no place for something, or two of the
            records have an identifier in common, which the schema forbids.
    """
    descriptions = closure(reader, iri, dataset=dataset, most_bytes=most_bytes)
    table = load_mapping(reader.dataset(descriptions[0].dataset).family)
    records = [one.record for one in descriptions]
    _refuse_repeated_notations(records)
    return b"".join(
        lowered_document(
            table,
            version,
            lambda mapped: elements(
                (one for one in records if one.type == mapped.class_iri), table, version
            ),
        )
    )


def _described(reader: Reader, iri: str, dataset: str | None) -> Description:
    for one in reader.describe(iri):
        if dataset in {None, one.dataset}:
            return one
    raise UnknownRecord(iri, dataset)


def _referred(reader: Reader, iri: str, by: Description) -> Description:
    try:
        return _described(reader, iri, by.dataset)
    except UnknownRecord as error:
        raise LiftError(
            f"<{by.record.iri}> refers to <{iri}>, which its dataset does not describe; a document"
            " of it would not be valid",
            path=by.record.iri,
            line=None,
            value=iri,
        ) from error


def _references(record: Record) -> Iterator[str]:
    """Yield the IRIs that a record refers to where the schema has a key."""
    starts = _keyed_properties()
    for line in record.triples.split("\n"):
        _, _, rest = line.partition(" ")
        predicate, _, value = rest.partition(" ")
        if predicate in starts:
            yield value[1:-3]


@cache
def _keyed_properties() -> frozenset[str]:
    tables = [load_mapping(family) for family in FAMILIES]
    return frozenset(
        f"<{child.property}>"
        for table in tables
        for mapped in (*table.records.values(), *table.nodes.values())
        for child in mapped.children
        if child.kind == "reference"
    )


def _refuse_repeated_notations(records: Iterable[Record]) -> None:
    """Raise if two identifiers have one notation: records of two files of a delivery may."""
    marks = tuple(f" <{expand(curie)}> " for curie in ("adms:identifier", "skos:notation"))
    seen: dict[str, str] = {}
    for record in records:
        lines = record.triples.split("\n")
        nodes = {line.partition(marks[0])[2][:-2] for line in lines if marks[0] in line}
        for line in lines:
            subject, mark, notation = line.partition(marks[1])
            if mark and subject in nodes and seen.setdefault(notation, subject) != subject:
                raise LiftError(
                    f"<{record.iri}> has the identifier {notation[:-2]}, as another record of its"
                    " document would; the schema wants each only once",
                    path="identifier/notation",
                    line=None,
                    value=notation[:-2],
                )
