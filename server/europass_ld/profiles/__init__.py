"""Views of records that are made for others: Europass XML, schema.org, labels, plain JSON-LD.

Each takes records, or a reader that finds them, and returns bytes or values: nothing of HTTP.
"""

from .closure import VERSIONS, closure, closure_xml, dataset_xml

__all__ = ["VERSIONS", "closure", "closure_xml", "dataset_xml"]
