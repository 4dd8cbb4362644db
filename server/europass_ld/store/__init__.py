"""The record log, which is the truth, and the RDF store, which is a view of it.

`Store` is the one writer, `Reader` what any number of processes read with, `LogReader` for whom the
log is enough; `values` is what they exchange.
"""

from .activities import Moment, Timeline
from .canonical import content_hash
from .delivery import Delivery
from .log_reader import LogReader, n_quads
from .past import StateGone, UnknownState, check_state, find_state, generation_at
from .reader import Reader
from .repeats import EarlierChecks
from .statements import lines_of
from .values import (
    Activity,
    Change,
    Changes,
    Conflict,
    Counts,
    Dataset,
    Description,
    Difference,
    Entry,
    Event,
    Examined,
    Record,
    Redaction,
    SourceFile,
    Tombstone,
    Version,
    VersionFacts,
    record_digest,
)
from .writer import Committed, Store

__all__ = [
    "Activity",
    "Change",
    "Changes",
    "Committed",
    "Conflict",
    "Counts",
    "Dataset",
    "Delivery",
    "Description",
    "Difference",
    "EarlierChecks",
    "Entry",
    "Event",
    "Examined",
    "LogReader",
    "Moment",
    "Reader",
    "Record",
    "Redaction",
    "SourceFile",
    "StateGone",
    "Store",
    "Timeline",
    "Tombstone",
    "UnknownState",
    "Version",
    "VersionFacts",
    "check_state",
    "content_hash",
    "find_state",
    "generation_at",
    "lines_of",
    "n_quads",
    "record_digest",
]
