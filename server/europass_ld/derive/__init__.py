"""What follows from the records, in graphs of its own, never in the default graph.

Each function reads a store and yields N-Triples text; nothing is written here. After a version,
whoever writes the store brings its graphs up, in this order::

    for graph, parts in (
        (derived_graph(base), derive(store, code_lists, datasets=datasets)),
        (quality_graph(base), quality(store, code_lists, base=base, datasets=datasets)),
        (history_graph(base), history(former_states, base=base)),
    ):
        for removed, added in difference(store, graph, parts):
            ...  # remove and add N-Triples lines

`derive` and `quality` are made anew each time: of the 1.1 million triples of 46,953 records (100 MB
of XML) that takes 7 s and 6 s of processor time on a busy machine, with memory flat at 180 MB, and
to find that nothing changed 2 s more; of 10 MB, a tenth. Only the differences are written. To
derive again only what a changed record touches would need the links it had before as well.
"""

from .countries import DescribedDataset
from .difference import difference
from .history import FormerState, history
from .names import derived_graph, history_graph, quality_graph
from .quality import quality
from .records import derive

__all__ = [
    "DescribedDataset",
    "FormerState",
    "derive",
    "derived_graph",
    "difference",
    "history",
    "history_graph",
    "quality",
    "quality_graph",
]
