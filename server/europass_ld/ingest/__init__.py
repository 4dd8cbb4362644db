"""The pipeline: the one place that knows the order of the stages."""

from .deliveries import DeliveryPlan, plan_deliveries
from .examination import Examination, Progress
from .lifting import lift_document, lower_document
from .loading import LoadOptions, LoadResult, load_delivery
from .validation import validate_documents

__all__ = [
    "DeliveryPlan",
    "Examination",
    "LoadOptions",
    "LoadResult",
    "Progress",
    "lift_document",
    "load_delivery",
    "lower_document",
    "plan_deliveries",
    "validate_documents",
]
