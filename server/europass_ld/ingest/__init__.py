"""The pipeline: the one place that knows the order of the stages."""

from .credential_documents import describe_credential, lift_statement
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
from .credential_sources import find_credentials, is_credential
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
    "describe_credential",
    "find_credentials",
    "is_credential",
    "kept_credential",
    "kept_credentials",
    "lift_document",
    "lift_statement",
    "load_delivery",
    "lower_document",
    "plan_deliveries",
    "redact",
    "review_credentials",
    "validate_documents",
]
