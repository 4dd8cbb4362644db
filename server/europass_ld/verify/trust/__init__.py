"""What is trusted: the operator's anchors, EU trusted lists, issuers' keys, snapshots."""

from .fetching import Fetcher
from .resolution import LIST_OF_LISTS
from .store import TrustStore, list_signers, version_of
from .update import Update, update_lists
from .watching import TrustFolder

__all__ = [
    "LIST_OF_LISTS",
    "Fetcher",
    "TrustFolder",
    "TrustStore",
    "Update",
    "list_signers",
    "update_lists",
    "version_of",
]
