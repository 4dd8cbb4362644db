"""europass-ld: Europass documents in, validated and published linked data out.

A document's way through the package: `documents` reads it, `validate` checks it, `lift` turns it
into RDF, `store` keeps it, `publish` serves it; `ingest` is the one place that knows this order.
"""

__version__ = "0.1.0"
