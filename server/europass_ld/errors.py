"""Every exception that europass-ld raises on purpose.

::

    EuropassError                     superclass, never raised itself
    ├ ConfigurationError              names the setting and where its value came from
    ├ DocumentError
    │ ├ UnsupportedDocument           what it looks like, and what is known
    │ ├ MalformedDocument             line, column or byte offset
    │ └ LimitExceeded                 the limit's name, its value, what was met
    ├ LiftError
    │ ├ UnmappedElement               path, line
    │ └ UnmappableValue               path, line, value
    ├ ValidationError                 validation could not run (non-conformance is a value)
    ├ TrustUpdateFailed               a trusted list cannot be had, or does not verify
    └ StoreError
      ├ UnknownDataset                the IRI, and the datasets there are
      ├ UnknownCredential             nothing: who asks is not to learn whether it is there
      ├ UnknownRecord                 the IRI, and the dataset that was to describe it
      ├ StoreUnavailable              locked, full, damaged or of another format
      ├ VersionHeld                   a version that waits for its confirmation
      ├ QueryRefused                  a query that this endpoint does not run, with the position
      ├ QueryTimeout                  the deadline, and the time that went by
      ├ QueryTooLarge                 the limit that was met
      ├ QueryBusy                     the limit that was met, and when to come again
      ├ QueryStopped                  an administrator ended it
      ├ QueryFailed                   the engine broke on it
      └ EndpointFailed                another endpoint, which the query calls, did not answer

A message says what happened, where, the value, and what is accepted; the same facts stand in
attributes, so that no caller has to parse a message.
"""

from collections.abc import Sequence


class EuropassError(Exception):
    """Superclass of all errors of this package; never raised itself."""


class ConfigurationError(EuropassError):
    """A setting or an argument has a value that cannot be used.

    Attributes: `setting` (its name), `source` (where the value came from).
    """

    def __init__(self, message: str, *, setting: str | None = None, source: str | None = None):
        super().__init__(message)
        self.setting = setting
        self.source = source


class DocumentError(EuropassError):
    """A received document cannot be read.

    Attributes: `file` (its name), `line` and `column` (from 1, or None), `offset` (bytes from 0).
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        offset: int | None = None,
    ):
        super().__init__(message)
        self.file = file
        self.line = line
        self.column = column
        self.offset = offset


class UnsupportedDocument(DocumentError):
    """The document is of a family or version that is not known here."""


class MalformedDocument(DocumentError):
    """The document is not well-formed, or holds what is never accepted (a DOCTYPE)."""


class LimitExceeded(DocumentError):
    """The document is larger, deeper or longer than a limit allows.

    Attributes: `limit` (the setting's name), `allowed` (its value).
    """

    def __init__(
        self,
        message: str,
        *,
        limit: str,
        allowed: int,
        file: str | None = None,
        line: int | None = None,
    ):
        super().__init__(message, file=file, line=line)
        self.limit = limit
        self.allowed = allowed


class LiftError(EuropassError):
    """A part of a document has no place in RDF, or a part of RDF none in XML.

    Attributes: `path` (from the record), `line` (in the file, or None), `value` (or None).
    """

    def __init__(self, message: str, *, path: str, line: int | None, value: str | None = None):
        super().__init__(message)
        self.path = path
        self.line = line
        self.value = value


class UnmappedElement(LiftError):
    """The mapping has no row for an element (or, when lowering, for a property)."""


class UnmappableValue(LiftError):
    """A value cannot be written as the literal or IRI that the mapping asks for."""


class ValidationError(EuropassError):
    """Validation could not run; a document that does not conform is a report, not an error."""


class TrustUpdateFailed(EuropassError):
    """A trusted list cannot be fetched, or is not one that can take the place of what is there.

    Attributes: `address` (or None), `reason` (the message without the address).
    """

    def __init__(self, message: str, *, address: str | None = None):
        super().__init__(message)
        self.address = address
        self.reason = message.removeprefix(f"{address}: ")


class StoreError(EuropassError):
    """The store cannot do what was asked."""


class UnknownDataset(StoreError):
    """No dataset of that IRI is in the store.

    Attributes: `iri`, `known` (the IRIs of the datasets that are there).
    """

    def __init__(self, iri: str, known: Sequence[str] = ()):
        listed = ", ".join(f"<{one}>" for one in known) or "none yet"
        super().__init__(f"no dataset <{iri}> in this store (there are: {listed})")
        self.iri = iri
        self.known = tuple(known)


class UnknownCredential(StoreError):
    """The owner has no such credential, whether somebody else has or not."""

    def __init__(self) -> None:
        super().__init__("there is no such credential of this owner")


class UnknownRecord(StoreError):
    """No dataset, or not the one that was asked for, has a live record of that IRI.

    Attributes: `iri`, `dataset` (or None).
    """

    def __init__(self, iri: str, dataset: str | None = None):
        where = f"the dataset <{dataset}>" if dataset else "no dataset"
        super().__init__(f"{where} {'does not describe' if dataset else 'describes'} <{iri}>")
        self.iri = iri
        self.dataset = dataset


class StoreUnavailable(StoreError):
    """The store is locked by another writer, damaged, full, or of another format."""


class VersionHeld(StoreError):
    """A version was not published because it would delete too much or is empty or unknown.

    Attributes: `dataset`, `reason`.
    """

    def __init__(self, message: str, *, dataset: str, reason: str):
        super().__init__(message)
        self.dataset = dataset
        self.reason = reason


class QueryRefused(StoreError):
    """The query is not well-formed or asks for what this endpoint never does.

    Attributes: `line`, `column` (from 1, or None), `forbidden` (SERVICE, LOAD, an update; or None).
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        forbidden: str | None = None,
    ):
        super().__init__(message)
        self.line = line
        self.column = column
        self.forbidden = forbidden


class QueryTimeout(StoreError):
    """The query ran past its deadline (seconds in `deadline`)."""

    def __init__(self, message: str, *, deadline: float):
        super().__init__(message)
        self.deadline = deadline


class QueryTooLarge(StoreError):
    """The query, or its result, is larger than the limit (named in `limit`)."""

    def __init__(self, message: str, *, limit: str):
        super().__init__(message)
        self.limit = limit


class QueryBusy(StoreError):
    """The query was not run, or not to its end, because too many others are.

    Attributes: `limit` (the name of the limit that was met; `per_client` is the client's own),
    `retry_after` (whole seconds after which a new attempt makes sense).
    """

    def __init__(self, message: str, *, limit: str, retry_after: int):
        super().__init__(message)
        self.limit = limit
        self.retry_after = retry_after


class QueryStopped(StoreError):
    """The administrator stopped the query."""


class QueryFailed(StoreError):
    """The engine broke on the query; another attempt would end in the same way."""


class EndpointFailed(StoreError):
    """An endpoint that a query calls (SERVICE) did not answer as it should.

    Attributes: `endpoint` (its IRI).
    """

    def __init__(self, message: str, *, endpoint: str):
        super().__init__(message)
        self.endpoint = endpoint
