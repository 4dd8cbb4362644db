"""Look-ups: queries that are over before a process could take them.

Nobody can end a query but with its process, so queries run in processes of their own. What a query
about one node costs, though, is known beforehand: no more than reading what the store says of it,
which a resource page does as well. It is answered where it came in, for half the processor time,
as long as the answer is short; everything else is left to the pool.
"""

import re

from ..errors import StoreUnavailable
from ..formats import by_name
from ..store import Reader
from .answer import Answer, WholeAnswer
from .values import Query, outcome_of
from .wire import PART_SIZE

_S = r"(?:[ \t\r\n]|\#[^\r\n]*+(?:[\r\n]|\Z))*+"
_IRI = r"<[^\x00-\x20<>\"{}|^`\\]*+>"
_NODE = rf"(?:{_IRI}|[A-Za-z][\w-]*+:[A-Za-z0-9_-]++)"
_LOOKUP = re.compile(
    rf"""
    {_S} (?: (?: BASE | PREFIX {_S} (?:[A-Za-z][\w-]*+)?: ) {_S} {_IRI} {_S} )*+
    (?: DESCRIBE {_S} {_NODE}
      | SELECT {_S} (?: \* | (?: [?]\w++ {_S} )++ ) {_S} (?: WHERE {_S} )?
        \{{ {_S} {_NODE} {_S} (?: (?P<predicate> [?]\w++ ) | {_NODE} | a (?=[ \t\r\n]) )
            {_S} (?: (?! (?P=predicate) (?!\w) ) [?]\w++ | {_NODE} ) {_S} (?: \. {_S} )? \}}
    ) {_S} \Z
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""All that is said of a node, or by one property, or to another node. Every statement that is read
for it is in the answer, so the answer's length bounds the work."""


def is_lookup(query: Query) -> bool:
    """Tell whether a query asks what the current state says of one node."""
    special = (query.default_graph, query.named_graphs, query.generation, query.most_lines)
    return all(one is None for one in special) and bool(_LOOKUP.match(query.text))


def look_up(reader: Reader, query: Query) -> Answer | None:
    """Return the answer to a look-up; None if it is not short, or something is wrong with it."""
    sink = _Short()
    try:
        reader.refresh()
        sequence, store = reader.sequence, reader.store
        results = store.query(query.text, base_iri=query.base)
        outcome = outcome_of(results)
        format_ = by_name((query.graph if outcome == "graph" else query.results) or "")
        if format_ is None:
            return None
        results.serialize(sink, format_.oxigraph)  # type: ignore[arg-type] # of its kind
    except (SyntaxError, ValueError, OSError, StoreUnavailable):
        return None  # a worker says what is wrong
    if sequence != reader.sequence:  # a newer state came meanwhile
        return None
    return WholeAnswer(outcome, format_, sequence, bytes(sink.written))


class _Short:
    """A binary file object that takes no more than the first part of an answer."""

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, data: bytes) -> int:
        """Take some bytes.

        Raises:
            BrokenPipeError: there are too many.
        """
        self.written += data
        if len(self.written) >= PART_SIZE:
            raise BrokenPipeError
        return len(data)

    def flush(self) -> None:
        """Do nothing: all is in memory."""
