"""Lift records to RDF by the mapping table, and lower RDF back to XML."""

from .lifter import Lifter
from .lower import lower
from .values import LiftedRecord, LiftProblem

__all__ = ["LiftProblem", "LiftedRecord", "Lifter", "lower"]
