"""Lift records to RDF by the mapping table, and lower RDF back to XML."""

from .lifter import Lifter
from .lower import Frame, LexicalForms, lower, lower_record, lowered_document
from .values import LiftedRecord, LiftProblem

__all__ = [
    "Frame",
    "LexicalForms",
    "LiftProblem",
    "LiftedRecord",
    "Lifter",
    "lower",
    "lower_record",
    "lowered_document",
]
