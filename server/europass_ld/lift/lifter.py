"""From record elements to N-Triples: the mapping table compiled to closures.

Every row becomes one small function that appends finished N-Triples lines; lifting a record is a
walk over its elements with one dictionary look-up each.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import NoReturn

from lxml import etree

from ..documents import element_path
from ..errors import LimitExceeded
from ..mapping import DATATYPES, Child, MappedClass, MappingTable, Use
from ..terms import GENID_PATH, RDF_TYPE, SKOS_CONCEPT, expand
from .literals import canonical
from .names import is_iri, language_tag, percent_encoded
from .values import LiftedRecord, LiftProblem

_ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\r"): "\\r"}
_WHITE_SPACE = " \t\r\n"
_XSD = expand("xsd:")
_MAILBOX = expand("elm:Mailbox")
_CONCEPT_SCHEME = expand("skos:ConceptScheme")
_NODE_DIGEST_BYTES = 12


class _Draft:
    """A record while it is being lifted: its element, its lines so far, its value."""

    __slots__ = ("element", "lines", "record", "types")

    def __init__(self, element: etree._Element, record: LiftedRecord):
        self.element = element
        self.record = record
        self.lines: list[str] = []
        self.types: dict[str, None] = {}

    def problem(
        self,
        element: etree._Element,
        message: str,
        *,
        value: str | None = None,
        accepted: str | None = None,
        fatal: bool = True,
    ) -> None:
        path = element_path(element, self.element)
        line = element.sourceline or self.record.line
        self.record.problems.append(LiftProblem(message, path, line, value, accepted, fatal))


Handler = Callable[["etree._Element", str, _Draft], None]  # noqa: SLF001 - lxml has no public name
"""Writes what an element says of a subject (in N-Triples form) into a draft."""


class Lifter:
    """Lifts the records of one family and namespace.

    `base` is the IRI below which nested nodes are named; `max_text_length` the longest text of an
    element in characters. One lifter serves one thread.
    """

    def __init__(
        self, table: MappingTable, namespace: str, base: str, *, max_text_length: int = 5_000_000
    ):
        self._namespace = namespace
        self._genid = f"<{base}{GENID_PATH}"
        self._base = base
        self._max_text_length = max_text_length
        self._nodes: dict[str, dict[str, Handler]] = {name: {} for name in table.nodes}
        self._node_types = {name: node.class_iri for name, node in table.nodes.items()}
        for name, node in table.nodes.items():
            self._nodes[name].update(self._handlers(node))
        self._records = {
            f"{{{namespace}}}{name}": (record, self._handlers(record))
            for name, record in table.records.items()
        }

    def record(self, element: etree._Element) -> LiftedRecord:
        """Lift one record element; problems are listed in the value, never raised.

        Raises:
            LimitExceeded: a text is longer than the limit.
        """
        mapped, handlers = self._records[element.tag]
        line = element.sourceline or 0
        record = LiftedRecord("", mapped.name, mapped.class_iri, line)
        draft = _Draft(element, record)
        subject = self._iri(element.get("id") or "", element, draft, "id")
        record.iri = subject[1:-1]
        draft.lines.append(f"{subject} <{RDF_TYPE}> <{mapped.class_iri}> .\n")
        self._walk(element, subject, draft, handlers)
        draft.lines.extend(draft.types)
        record.triples = "".join(draft.lines)
        return record

    def _walk(
        self, element: etree._Element, subject: str, draft: _Draft, handlers: dict[str, Handler]
    ) -> None:
        for child in element:
            handler = handlers.get(child.tag)
            if handler is not None:
                handler(child, subject, draft)
            elif isinstance(child.tag, str):
                draft.problem(
                    child,
                    f"the element {etree.QName(child).localname} has no place here",
                    accepted=", ".join(etree.QName(tag).localname for tag in handlers),
                )

    def _handlers(self, mapped: MappedClass) -> dict[str, Handler]:
        return {child.tag(self._namespace): self._handler(child) for child in mapped.children}

    def _handler(self, child: Child) -> Handler:
        if child.kind in DATATYPES:
            return self._string(child) if child.kind == "string" else self._typed(child)
        makers = {
            "text": self._text,
            "notation": self._notation,
            "code": self._code,
            "reference": self._reference,
            "mention": self._reference,
            "node": self._node,
            "iri": self._iri_value,
            "scheme": self._iri_value,
            "mailbox": self._iri_value,
        }
        return makers[child.kind](child)

    def _refuse_long(self, element: etree._Element, draft: _Draft, length: int) -> NoReturn:
        raise LimitExceeded(
            f"line {element.sourceline}: the text of {element_path(element, draft.element)} has "
            f"{length:,} characters; the limit max_text_length is {self._max_text_length:,}",
            limit="max_text_length",
            allowed=self._max_text_length,
            line=element.sourceline,
        )

    def _content(self, element: etree._Element, draft: _Draft, *, collapse: bool = False) -> str:
        text = element.text or ""
        if collapse:
            text = text.strip(_WHITE_SPACE)
        if len(text) > self._max_text_length:
            self._refuse_long(element, draft, len(text))
        if '"' in text or "\\" in text or "\n" in text or "\r" in text:
            return text.translate(_ESCAPES)
        return text

    def _text(self, child: Child) -> Handler:
        start = f' <{child.property}> "'
        ends: dict[str | None, str] = {}
        longest = self._max_text_length

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            given = element.get("language")
            end = ends.get(given)
            if end is None:
                tag = language_tag(given or "")
                if tag is None:
                    draft.problem(
                        element,
                        "the attribute language is not a language tag",
                        value=given,
                        accepted="a BCP 47 tag such as en, fi or pt-br",
                    )
                    return
                end = ends[given] = f'"@{tag} .\n'
            text = element.text or ""
            if len(text) > longest:
                self._refuse_long(element, draft, len(text))
            # four look-ups cost a seventh of one regular expression
            if '"' in text or "\\" in text or "\n" in text or "\r" in text:
                text = text.translate(_ESCAPES)
            draft.lines.append(f"{subject}{start}{text}{end}")

        return handle

    def _string(self, child: Child) -> Handler:
        start = f' <{child.property}> "'
        content = self._content

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            draft.lines.append(f'{subject}{start}{content(element, draft)}" .\n')

        return handle

    def _typed(self, child: Child) -> Handler:
        start = f' <{child.property}> "'
        datatype = child.kind
        end = f'"^^<{_XSD}{datatype}> .\n'
        content = self._content

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            source = content(element, draft, collapse=True)
            value = canonical(source, datatype)
            if value != source:
                draft.record.lexical[len(draft.lines)] = source
            draft.lines.append(f"{subject}{start}{value}{end}")

        return handle

    def _notation(self, child: Child) -> Handler:
        start = f' <{child.property}> "'
        content = self._content
        identifier = f"{{{self._namespace}}}identifier"

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            value = content(element, draft)
            datatype = element.get("type")
            end = ""
            if datatype:
                iri = self._iri(datatype, element, draft, "type")
                end = f"^^{iri}"
                if iri.startswith(f"<{_XSD}"):
                    source, value = value, canonical(value, iri[len(_XSD) + 1 : -1])
                    if value != source:
                        draft.record.lexical[len(draft.lines)] = source
            if element.getparent().tag == identifier:  # a concept's or a registration's may recur
                use = Use(child, element.text or "", element.sourceline or 0)
                draft.record.notations.append(use)
            draft.lines.append(f'{subject}{start}{value}"{end} .\n')

        return handle

    def _code(self, child: Child) -> Handler:
        start = f" <{child.property}> "
        described = self._nodes["Concept"]

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            iri = self._iri(element.get("uri") or "", element, draft, "uri")
            if child.codes:
                draft.record.codes.append(Use(child, iri[1:-1], element.sourceline or 0))
            draft.types[f"{iri} <{RDF_TYPE}> <{SKOS_CONCEPT}> .\n"] = None
            draft.lines.append(f"{subject}{start}{iri} .\n")
            if len(element):
                self._walk(element, iri, draft, described)

        return handle

    def _reference(self, child: Child) -> Handler:
        start = f" <{child.property}> "

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            iri = self._iri(element.get("idref") or "", element, draft, "idref")
            draft.record.references.append(Use(child, iri[1:-1], element.sourceline or 0))
            draft.lines.append(f"{subject}{start}{iri} .\n")

        return handle

    def _node(self, child: Child) -> Handler:
        name = str(child.node)
        start = f" <{child.property}> "
        end = f" <{RDF_TYPE}> <{self._node_types[name]}> .\n"
        handlers = self._nodes[name]
        genid = self._genid
        element_name = child.name

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            ordinal = 1
            before = element.getprevious()
            while before is not None and before.tag == element.tag:
                ordinal += 1
                before = before.getprevious()
            path = f"{subject} {element_name}".encode()
            digest = blake2b(path, digest_size=_NODE_DIGEST_BYTES).hexdigest()
            node = f"{genid}{digest}.{ordinal}>"
            draft.lines.append(f"{subject}{start}{node} .\n")
            draft.lines.append(f"{node}{end}")
            self._walk(element, node, draft, handlers)

        return handle

    def _iri_value(self, child: Child) -> Handler:
        start = f" <{child.property}> "
        type_iri = {"scheme": _CONCEPT_SCHEME, "mailbox": _MAILBOX}.get(child.kind)

        def handle(element: etree._Element, subject: str, draft: _Draft) -> None:
            text = (element.text or "").strip()
            if child.kind == "mailbox" and "@" in text and ":" not in text:
                draft.problem(
                    element,
                    f"read as mailto:{text}",
                    value=text,
                    accepted="a mailbox IRI such as mailto:info@example.org",
                    fatal=False,
                )
                text = f"mailto:{text}"
            iri = self._iri(text, element, draft, "text")
            draft.lines.append(f"{subject}{start}{iri} .\n")
            if type_iri:
                draft.types[f"{iri} <{RDF_TYPE}> <{type_iri}> .\n"] = None

        return handle

    def _iri(self, text: str, element: etree._Element, draft: _Draft, where: str) -> str:
        text = text.strip()
        if is_iri(text):
            return f"<{text}>"
        encoded = percent_encoded(text)
        if encoded != text and is_iri(encoded):
            draft.problem(
                element,
                f"the IRI in {where} holds characters that no IRI may hold; "
                "they were percent-encoded",
                value=text,
                accepted=encoded,
                fatal=False,
            )
            return f"<{encoded}>"
        draft.problem(
            element,
            f"the value of {where} is not an absolute IRI",
            value=text,
            accepted="an absolute IRI such as https://data.example.org/qualification/42",
        )
        return f"<{self._base}.well-known/invalid>"
