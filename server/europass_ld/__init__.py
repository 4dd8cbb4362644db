"""europass-ld: Europass documents in, validated and published linked data out.

A document's way through the package: `documents` reads it, `validate` checks it, `lift` turns it
into RDF, `store` keeps it, `publish` serves it; `ingest` is the one place that knows this order.

`dataset` opens a store for rdflib, without a server.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rdflib

__version__ = "0.1.0"


def dataset(store_directory: Path | str) -> "rdflib.Dataset":
    """Return what a store directory publishes now as an rdflib Dataset, read-only.

    Its default graph is the merge of all datasets; each named graph is a dataset, or one of the
    server's own graphs. It stays what it is when a newer version is loaded; close it when done.

    Raises:
        StoreUnavailable: there is no store in the directory, or one of another format.
    """
    from oxrdflib import OxigraphStore  # noqa: PLC0415 - rdflib takes a while to import
    from rdflib import Dataset  # noqa: PLC0415

    from .store import Reader  # noqa: PLC0415

    return Dataset(store=OxigraphStore(store=Reader(Path(store_directory)).store))
