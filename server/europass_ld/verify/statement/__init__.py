"""What the sealed octets say of themselves, as far as the five questions need it.

Nothing here is trusted more than the seal is; lifting the credential is another room's work.
"""

from ..policy import Policy
from ..report import SignedDocument
from ..strict_json import loads
from .credentials import read_document
from .graph import read_graph
from .presentations import read_xml
from .values import EMPTY_STATEMENT, Statement

__all__ = ["EMPTY_STATEMENT", "Statement", "read_statement"]


def read_statement(document: SignedDocument, policy: Policy) -> Statement:
    """Return what the signed octets say; what is no credential says nothing.

    Raises:
        Rejection: TOTAL_FAILED/FORMAT_FAILURE: the signed octets cannot be read.
    """
    if document.media_type == "application/xml":
        return read_xml(document.octets, policy)
    if document.media_type == "application/n-quads":
        return read_document(read_graph(document.octets))
    return read_document(loads(document.octets, policy))
