"""The answers of the six verbs, as XML: sections 3 and 4 of the protocol.

<https://www.openarchives.org/OAI/openarchivesprotocol.html#ProtocolMessages>
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ...store import Activity, Dataset, Reader
from .arguments import (
    Position,
    ProtocolError,
    Selection,
    read_arguments,
    read_token,
    selection,
    write_token,
)
from .formats import MetadataFormat, Source, metadata_formats
from .items import Items

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/'
    ' http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n'
)
_LONGEST_LIST = 8 * 2**20
"""Characters after which a list of records is cut, whatever their number."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A store as a repository of OAI-PMH.

    `page_size` items are in one answer; `admin_email` is whom to write to; `most_bytes` limits
    what the Europass document of one record may hold.
    """

    reader: Reader
    page_size: int
    admin_email: str
    most_bytes: int

    def answer(self, pairs: Sequence[tuple[str, str]], now: str) -> str:
        """Return the response to the arguments of a request, given in their order.

        `now` is the time, in UTC to the second. An error of the protocol is a response like others.
        """
        session = _Session(self)
        try:
            arguments = read_arguments(pairs)
        except ProtocolError as error:
            return self._response(now, {}, _error(error))
        try:
            verb = arguments["verb"]
            content = f"<{verb}>\n{''.join(_VERBS[verb](session, arguments))}</{verb}>\n"
        except ProtocolError as error:
            echoed = {} if error.code == "badArgument" else arguments
            return self._response(now, echoed, _error(error))
        return self._response(now, arguments, content)

    def _response(self, now: str, arguments: Mapping[str, str], content: str) -> str:
        # a load that is committed and not yet served would be missed by who asks from `now` on
        time = min(now, self.reader.unserved_since() or now)
        echoed = "".join(
            f" {name}={quoteattr(value)}"
            for name, value in arguments.items()
            if value.isprintable()
        )
        return (
            f"{_HEAD}<responseDate>{time}</responseDate>\n"
            f"<request{echoed}>{escape(base_url(self.reader))}</request>\n{content}</OAI-PMH>\n"
        )


def base_url(reader: Reader) -> str:
    """Return the address of the repository."""
    return f"{reader.base}oai"


class _Session:
    """What the verbs share while one request is answered."""

    def __init__(self, repository: Repository):
        self.repository = repository
        self.reader = repository.reader
        self.items = Items(self.reader.base, self.reader.datasets())
        self.formats = metadata_formats(self.reader.base)

    def identify(self, arguments: Mapping[str, str]) -> Iterator[str]:
        del arguments
        for name, text in (
            ("repositoryName", f"Europass linked data at {self.reader.base}"),
            ("baseURL", base_url(self.reader)),
            ("protocolVersion", "2.0"),
            ("adminEmail", self.repository.admin_email),
            ("earliestDatestamp", self.reader.created),
            ("deletedRecord", "persistent"),
            ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
            ("compression", "gzip"),
        ):
            yield _element(name, text)

    def list_formats(self, arguments: Mapping[str, str]) -> Iterator[str]:
        formats: Iterable[MetadataFormat] = self.formats.values()
        if "identifier" in arguments:
            dataset = self.items.dataset(self._item(arguments["identifier"]))
            formats = [one for one in formats if dataset.family in one.families]
        for one in formats:
            yield (
                f"<metadataFormat>{_element('metadataPrefix', one.prefix)}"
                f"{_element('schema', one.schema)}{_element('metadataNamespace', one.namespace)}"
                "</metadataFormat>\n"
            )

    def list_sets(self, arguments: Mapping[str, str]) -> Iterator[str]:
        if "resumptionToken" in arguments:
            raise ProtocolError("badResumptionToken", "the list of sets comes whole")
        for spec, name in self.items.sets():
            yield f"<set>{_element('setSpec', spec)}{_element('setName', name)}</set>\n"

    def get_record(self, arguments: Mapping[str, str]) -> Iterator[str]:
        item = self._item(arguments["identifier"])
        form = self._format(arguments["metadataPrefix"])
        (source,) = self._sources((item,))
        metadata = self._metadata(form, source)
        if metadata is None and item.kind != "deleted":
            raise ProtocolError("cannotDisseminateFormat", "the record has no such form")
        yield self._record(item, metadata)

    def list_identifiers(self, arguments: Mapping[str, str]) -> Iterator[str]:
        what, position = self._asked(arguments)
        found, more = self._page(what, position)
        yield from (self._header(one) for one in found)
        yield self._resumption(what, position, found, more=more)

    def list_records(self, arguments: Mapping[str, str]) -> Iterator[str]:
        what, position = self._asked(arguments)
        form = self._format(what.prefix)
        found, more = self._page(what, position)
        size = 0
        for number, source in enumerate(self._sources(found), 1):
            record = self._record(source.item, self._metadata(form, source))
            yield record
            size += len(record)
            if size > _LONGEST_LIST and number < len(found):
                found, more = found[:number], True
                break
        yield self._resumption(what, position, found, more=more)

    def _item(self, identifier: str) -> Activity:
        named = self.items.find(identifier)
        item = self.reader.last_activity(*named) if named else None
        if item is None:
            raise ProtocolError("idDoesNotExist", "nothing here was ever called so")
        return item

    def _format(self, prefix: str) -> MetadataFormat:
        if prefix not in self.formats:
            known = ", ".join(self.formats)
            raise ProtocolError("cannotDisseminateFormat", f"the formats are {known}")
        return self.formats[prefix]

    def _fits(self, form: MetadataFormat, dataset: Dataset) -> bool:
        return dataset.family in form.families

    def _metadata(self, form: MetadataFormat, source: Source) -> str | None:
        written = source.item.kind != "deleted" and self._fits(form, source.dataset)
        return form.write(source) if written else None

    def _asked(self, arguments: Mapping[str, str]) -> tuple[Selection, Position]:
        if "resumptionToken" in arguments:
            return read_token(arguments["resumptionToken"], self.reader.base)
        return selection(arguments), Position()

    def _page(self, what: Selection, position: Position) -> tuple[tuple[Activity, ...], bool]:
        """Return a page of a list, and whether there is more after it."""
        form, wanted = self._format(what.prefix), self.items.wanted(what.set_spec)
        datasets = [one.iri for one in wanted.datasets if self._fits(form, one)] if wanted else []
        size = self.repository.page_size
        found = self.reader.latest(
            datasets,
            wanted.type if wanted else None,
            span=self.reader.span(what.since, _end_of_day(what.until)),
            after=(position.sequence, position.state),
            limit=size + 1,
        )
        if not found and position.cursor:  # all that was to come has changed, and comes later
            raise ProtocolError("badResumptionToken", "the list has changed; begin it anew")
        if not found:
            raise ProtocolError("noRecordsMatch", "there is nothing that meets all of this")
        return found[:size], len(found) > size

    def _sources(self, items: Sequence[Activity]) -> Iterator[Source]:
        for item in items:
            (triples,) = self.reader.triples((item,))
            dataset = self.items.dataset(item)
            yield Source(self.reader, item, dataset, triples, self.repository.most_bytes)

    def _record(self, item: Activity, metadata: str | None) -> str:
        """Return a record; without metadata, it is one that was deleted, in this form at least."""
        if metadata is None:
            return f"<record>{self._header(item, deleted=True)}</record>\n"
        return f"<record>{self._header(item)}<metadata>{metadata}</metadata></record>\n"

    def _header(self, item: Activity, *, deleted: bool = False) -> str:
        status = ' status="deleted"' if deleted or item.kind == "deleted" else ""
        return (
            f"<header{status}>{_element('identifier', self.items.identifier(item))}"
            f"{_element('datestamp', item.time)}"
            f"{''.join(_element('setSpec', spec) for spec in self.items.sets_of(item))}</header>\n"
        )

    def _resumption(
        self, what: Selection, position: Position, found: Sequence[Activity], *, more: bool
    ) -> str:
        if not more and not position.cursor:
            return ""
        token = ""
        if more:
            last, cursor = found[-1], position.cursor + len(found)
            after = Position(last.sequence, last.state, cursor)
            token = write_token(what, after, self.reader.base)
        return f'<resumptionToken cursor="{position.cursor}">{token}</resumptionToken>\n'


_VERBS: Mapping[str, Callable[[_Session, Mapping[str, str]], Iterator[str]]] = {
    "Identify": _Session.identify,
    "ListMetadataFormats": _Session.list_formats,
    "ListSets": _Session.list_sets,
    "GetRecord": _Session.get_record,
    "ListIdentifiers": _Session.list_identifiers,
    "ListRecords": _Session.list_records,
}


def _end_of_day(text: str) -> str:
    """Return the last second that a date means, itself included."""
    return f"{text}T23:59:59Z" if text and "T" not in text else text


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _error(error: ProtocolError) -> str:
    return f'<error code="{error.code}">{escape(str(error))}</error>\n'
