"""europass-ld: Europass documents in, validated and published linked data out.

A document's way through the package: `documents` reads it, `validate` checks it, `lift` turns it
into RDF, `store` keeps it, `publish` serves it; `ingest` is the one place that knows this order.

`europass_ld.dataset(directory)` opens a store for rdflib, without a server.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .store.as_dataset import dataset

__all__ = ["dataset"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import `dataset` when it is asked for: the rooms below must not import the store."""
    if name == "dataset":
        return import_module(".store.as_dataset", __name__).dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
