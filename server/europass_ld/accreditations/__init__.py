"""Whether an organisation was allowed to award something, by what the datasets of a store publish.

Read are accreditation registers (AMS), and the accreditations that stand beside qualifications
(LOQ). `verify.accreditation` judges them; this package finds them, and reads the question.
"""

from .question import read_award
from .source import StoreAccreditations

__all__ = ["StoreAccreditations", "read_award"]
