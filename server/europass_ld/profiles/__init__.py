"""Views of records that are made for others: Europass XML, schema.org, labels, plain JSON-LD.

Each takes records, or a reader that finds them, and returns bytes or values: nothing of HTTP.
"""

from .closure import closure, closure_xml
from .dataset_xml import DatasetXml
from .elements import VERSIONS
from .framed import framed
from .labels import labels
from .schema_org import has_schema_org, schema_org

__all__ = [
    "VERSIONS",
    "DatasetXml",
    "closure",
    "closure_xml",
    "framed",
    "has_schema_org",
    "labels",
    "schema_org",
]
