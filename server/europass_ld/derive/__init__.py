"""What follows from the records, in graphs of its own, never in the default graph.

Nothing is written here: each function takes statements and gives N-Triples text. `Derivation` says
what follows from one record, whatever the statements come from: from a store (`Stored`), for few
records, or from all records read once (`Gathering`). `Counts` add up what `quality` then writes,
and can be changed by a few records too. Whoever writes the store brings its graphs up
(`store.consequences`), in this order: derived, quality, history.
"""

from .codes import Codes, codes_of
from .countries import Countries, DescribedDataset
from .counts import Counts, expected_properties
from .difference import difference
from .gathering import Gathering, describe, describe_in
from .history import FormerState, history
from .names import derived_graph, history_graph, quality_graph
from .quality import METRIC, quality, read_counts
from .records import OF_LEVELS, Derivation, Statement, lines_about, lines_about_levels
from .statements import KINDS, LEADS_TO, LINKS, Stored, iri_of

__all__ = [
    "KINDS",
    "LEADS_TO",
    "LINKS",
    "METRIC",
    "OF_LEVELS",
    "Codes",
    "Countries",
    "Counts",
    "Derivation",
    "DescribedDataset",
    "FormerState",
    "Gathering",
    "Statement",
    "Stored",
    "codes_of",
    "derived_graph",
    "describe",
    "describe_in",
    "difference",
    "expected_properties",
    "history",
    "history_graph",
    "iri_of",
    "lines_about",
    "lines_about_levels",
    "quality",
    "quality_graph",
    "read_counts",
]
