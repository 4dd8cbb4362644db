"""What is trusted: the operator's anchors, EU trusted lists, issuers' keys, snapshots."""

from .store import TrustStore

__all__ = ["TrustStore"]
