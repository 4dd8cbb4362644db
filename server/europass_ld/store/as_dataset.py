"""A store for rdflib, without a server."""

from pathlib import Path
from typing import TYPE_CHECKING

from .reader import Reader

if TYPE_CHECKING:
    import rdflib


def dataset(directory: Path | str) -> "rdflib.Dataset":
    """Return what a store directory publishes now as an rdflib Dataset, read-only.

    Its default graph is the merge of all datasets; each named graph is a dataset, or one of the
    server's own graphs. It stays what it is when a newer version is loaded.

    Raises:
        StoreUnavailable: there is no store in the directory, or one of another format.
    """
    from oxrdflib import OxigraphStore  # noqa: PLC0415 - rdflib takes a while to import
    from rdflib import Dataset  # noqa: PLC0415

    return Dataset(store=OxigraphStore(store=Reader(Path(directory)).store))
