"""The pipeline: the one place that knows the order of the stages."""

from .credential_keeping import (
    Accepted,
    CredentialKeeper,
    CredentialResult,
    KeepOptions,
)
from .credential_record import (
    KeptAddition,
    KeptCredential,
    KeptFile,
    KeptReport,
    credential_iri,
    kept_credential,
    kept_credentials,
)
from .credential_review import Change, Review, review_credentials
from .credential_sources import find_credentials
from .deliveries import DeliveryPlan, plan_deliveries
from .examination import Examination, Progress
from .lifting import lift_document, lower_document
from .loading import LoadOptions, LoadResult, load_delivery
from .redaction import redact
from .validation import validate_documents

__all__ = [
    "Accepted",
    "Change",
    "CredentialKeeper",
    "CredentialResult",
    "DeliveryPlan",
    "Examination",
    "KeepOptions",
    "KeptAddition",
    "KeptCredential",
    "KeptFile",
    "KeptReport",
    "LoadOptions",
    "LoadResult",
    "Progress",
    "Review",
    "credential_iri",
    "find_credentials",
    "kept_credential",
    "kept_credentials",
    "lift_document",
    "load_delivery",
    "lower_document",
    "plan_deliveries",
    "redact",
    "review_credentials",
    "validate_documents",
]
