"""Views of records that are made for others: Europass XML, schema.org, labels, plain JSON-LD.

Each takes records, or a reader that finds them, and returns bytes or values: nothing of HTTP.
"""

from .closure import VERSIONS, closure, closure_xml, dataset_xml
from .framed import framed
from .labels import labels
from .schema_org import has_schema_org, schema_org

__all__ = [
    "VERSIONS",
    "closure",
    "closure_xml",
    "dataset_xml",
    "framed",
    "has_schema_org",
    "labels",
    "schema_org",
]
