"""Remove a record or a text for good: from the record log, its views, and the dumps."""

from ..harvest import drop_dumps
from ..store import Redaction, Store


def redact(
    store: Store, *, iri: str | None = None, text: str | None = None, reason: str
) -> Redaction:
    """Remove a record (by its IRI), or every statement that holds a text, and return what went.

    Dumps go before and after: a server may make one while the log is being rewritten.

    Raises:
        StoreError: there is nothing to remove.
        StoreUnavailable: the disk is full.
    """
    found = store.find_redaction(iri=iri, text=text)
    for dataset in found.datasets:
        drop_dumps(store.directory, dataset)
    done = store.redact(iri=iri, text=text, reason=reason)
    for dataset in done.datasets:
        drop_dumps(store.directory, dataset)
    return done
