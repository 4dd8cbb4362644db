"""From EDC v2 XML to statements, by the table in `mappings/edc-v2.yaml`.

Credentials are small, so this walks over the tree by the rows, without compiling them.

One rule is not in the table. A document may describe the same identifier in several places, such
as an assessment as a part of another one and again as what proves an achievement. The descriptions
are put together; an element that a later one only repeats is not said again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from ...documents.credentials import SNB, SNB_DRAFT, SNB_PRESENTATION
from ...errors import UnsupportedDocument
from ...terms import expand
from ...vocabularies import CodeLists
from ..names import is_iri, language_tag, percent_encoded
from .statements import Statements, literal
from .table import LITERALS, Row, Rows, load_table
from .values import Place, ProblemKind
from .xml_values import (
    CREDIT_SYSTEMS,
    HTML,
    by_code,
    fingerprint,
    identifier,
    identifiers,
    share,
    typed,
)

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NAMING = frozenset({"id", "idref", "uri"})
_UNDETERMINED = "und"
"""The tag of a text whose language the document does not say (BCP 47, section 4.1)."""


def lift_xml(root: etree._Element, out: Statements, code_lists: CodeLists) -> str:
    """State in `out` what the credential or presentation `root` says; return its IRI.

    What cannot be stated is listed in `out.problems`; so is what has no place in ELM v3.

    Raises:
        UnsupportedDocument: a draft of before 2020, whose elements are not those of EDC v2.
    """
    tag = etree.QName(root)
    if tag.namespace not in {SNB, SNB_DRAFT, SNB_PRESENTATION}:
        raise UnsupportedDocument(
            f"<{tag.localname}> in no known namespace: a draft of EDC v2 from before 2020"
        )
    walk = _Walk(root, SNB_DRAFT if tag.namespace == SNB_DRAFT else SNB, out, code_lists)
    kind = "Presentation" if tag.namespace == SNB_PRESENTATION else "Credential"
    return walk.node(root, kind, Place(root.sourceline, tag.localname))


@dataclass(frozen=True, slots=True)
class _Step:
    """A row at work: the element it is for (or whose attribute), of whom it speaks, and where."""

    element: etree._Element
    row: Row
    subject: str
    place: Place

    @property
    def argument(self) -> str:
        return self.row.arguments[0]


_Handler = Callable[[_Step], None]


class _Walk:
    def __init__(
        self, root: etree._Element, namespace: str, out: Statements, code_lists: CodeLists
    ):
        self._table = load_table()
        self._namespace = namespace
        self._out = out
        self._code_lists = code_lists
        self._tags: dict[str, dict[str, Row]] = {}
        self._local: dict[str, str] = {}
        self._between: dict[tuple[str, str], str] = {}
        self._labelled: set[str] = set()
        self._primary = ""
        self._repeated = {iri for iri, number in Counter(identifiers(root)).items() if number > 1}
        self._said: dict[str, set[object]] = {}
        self._kinds: dict[str, _Handler] = {
            **dict.fromkeys(LITERALS, self._literal),
            **dict.fromkeys(("seal", "ignored"), lambda _: None),
            "code": self._code,
            "concept": self._concept,
            "content": self._content,
            "country": self._country,
            "credit-system": self._credit_system,
            "group": self._group,
            "label": self._label,
            "language": self._language,
            "left": self._left_out,
            "mailbox": self._mailbox,
            "node": self._node,
            "record": self._record,
            "reference": self._reference,
            "scheme": self._scheme,
            "scheme-id": self._scheme_id,
            "share": self._share,
            "text": self._text,
            "texts": self._texts,
            "untagged": self._untagged,
        }

    def node(self, element: etree._Element, kind: str, place: Place) -> str:
        """State what an element with statements of its own says; return its IRI."""
        rows = self._table.classes[kind]
        given = identifier(element, rows.iri, self._namespace)
        subject = self._out.name_node() if given is None else self._iri(given, place)
        self._out.type(subject, *rows.classes)
        self._out.places.setdefault((subject, None), place)
        self._attributes(element, rows, subject, place)
        if rows.text is not None:
            self._take(_Step(element, rows.text, subject, place))
        self._children(element, rows, subject, place)
        return subject

    def _attributes(self, element: etree._Element, rows: Rows, subject: str, place: Place) -> None:
        known = {row.where[1:] for row in rows.attributes}
        for row in rows.attributes:
            if row.where[1:] in element.attrib or row.arguments:
                self._take(_Step(element, row, subject, _below(place, row.where)))
        for name in element.attrib:
            local = etree.QName(name).localname
            if local not in known | _NAMING and not str(name).startswith(_XSI):
                self._left(f"the attribute {local}", _below(place, f"@{local}"))

    def _children(self, element: etree._Element, rows: Rows, subject: str, place: Place) -> None:
        by_tag = self._by_tag(rows)
        said_before = self._said_before(subject, element)
        names: Counter[str] = Counter()
        for child, said in zip(element, said_before, strict=True):
            name = etree.QName(child).localname
            names[name] += 1
            where = _below(place, name, names[name], child.sourceline)
            if child.tag not in by_tag:
                self._out.problem(f"the element {name} has no place here", where)
            elif not said:
                self._take(_Step(child, by_tag[child.tag], subject, where))

    def _by_tag(self, rows: Rows) -> dict[str, Row]:
        if rows.name not in self._tags:
            tags = {row.tag(self._namespace): row for row in rows.elements}
            tags[f"{{{self._namespace}}}{rows.iri}"] = Row(rows.iri, "ignored")
            self._tags[rows.name] = tags
        return self._tags[rows.name]

    def _said_before(self, subject: str, element: etree._Element) -> list[bool]:
        """Tell of each child whether an earlier description of `subject` has the same one."""
        if subject not in self._repeated:
            return [False] * len(element)
        said = self._said.setdefault(subject, set())
        prints = [fingerprint(child) for child in element]
        before = [one in said for one in prints]
        said.update(prints)
        return before

    def _take(self, step: _Step) -> None:
        via = step.row.via
        if via is not None:
            key = (step.subject, via)
            if key not in self._between:
                node = self._between[key] = self._out.name_node()
                self._out.link(step.subject, via, node, step.place)
                self._out.type(node, self._table.between[via])
            step = _Step(step.element, step.row, self._between[key], step.place)
        self._kinds[step.row.kind](step)

    def _iri(self, text: str, place: Place) -> str:
        """Return the IRI that `text` is; one that holds in the document only gets a new name."""
        text = text.strip()
        if is_iri(text):
            return text
        encoded = percent_encoded(text)
        if encoded != text and is_iri(encoded):
            message = "an IRI holds characters that none may hold; they were percent-encoded"
            self._out.problem(message, place, ProblemKind.MENDED, value=text, accepted=encoded)
            return encoded
        if text not in self._local:
            self._local[text] = self._out.name_node()
            self._out.problem(
                "an identifier that is no IRI; it has a new name here",
                place,
                ProblemKind.MENDED,
                value=text,
                accepted="an absolute IRI",
            )
        return self._local[text]

    def _left(self, what: str, place: Place) -> None:
        message = f"{what} has no place in ELM v3; the original has it"
        self._out.problem(message, place, ProblemKind.LEFT_OUT)

    def _own_text(self, step: _Step) -> str:
        """The value of an attribute, or an element's text; complain about what else it holds."""
        element, where = step.element, step.row.where
        if where.startswith("@"):
            return str(element.get(where[1:]) or "")
        if where != ".":
            if len(element):
                self._out.problem("only text may stand here", step.place)
            if step.row.kind not in {"text", "mailbox"}:
                for name in element.attrib:
                    self._left(f"the attribute {etree.QName(name).localname}", step.place)
        return element.text or ""

    def _say(self, step: _Step, value: str) -> None:
        self._out.add(step.subject, step.row.property, value, step.place)

    # Kinds of values

    def _literal(self, step: _Step) -> None:
        self._say(step, typed(self._own_text(step), step.row.kind))

    def _share(self, step: _Step) -> None:
        self._say(step, share(self._own_text(step)))

    def _untagged(self, step: _Step) -> None:
        self._say(step, literal(self._own_text(step), language=_UNDETERMINED))

    def _text(self, step: _Step) -> None:
        given = step.element.get("lang")
        tag = language_tag(given or "")
        if tag is None:
            message = "the attribute lang is not a language tag"
            self._out.problem(message, step.place, value=given, accepted="a tag such as en")
            return
        self._say(step, literal(self._own_text(step), language=tag))
        if step.element.get("content-type") != "text/html":
            return
        if step.row.property == expand("elm:noteLiteral"):
            self._out.concept(step.subject, expand("elm:noteFormat"), HTML, step.place)
        else:
            self._left("that the text is HTML", step.place)

    def _texts(self, step: _Step) -> None:
        names: Counter[str] = Counter()
        for child in step.element:
            name = etree.QName(child).localname
            names[name] += 1
            where = _below(step.place, name, names[name], child.sourceline)
            if name == "text":
                row = Row("text", "text", step.row.property)
                self._text(_Step(child, row, step.subject, where))
            elif name == "subject":
                self._left("what a description is about", where)
            else:
                self._out.problem(f"the element {name} has no place here", where)

    def _label(self, step: _Step) -> None:
        """Say the one text, without language, that v3 takes: in the primary language if there."""
        texts = sorted(step.element, key=lambda one: one.get("lang") != self._primary)
        if step.subject in self._labelled or not texts:
            self._left("a further label", step.place)
            return
        self._labelled.add(step.subject)
        self._say(step, literal(texts[0].text or ""))
        if len(texts) > 1:
            self._left("the label in further languages", step.place)

    def _concept(self, step: _Step) -> None:
        iri = self._iri(self._own_text(step), step.place)
        self._out.concept(step.subject, step.row.property, iri, step.place)

    def _code(self, step: _Step) -> None:
        self._say(step, f"<{self.node(step.element, 'Concept', step.place)}>")

    def _language(self, step: _Step) -> None:
        code = self._own_text(step).strip()
        if step.row.property == expand("elm:primaryLanguage"):
            self._primary = code
        iri = by_code("language", self._code_lists).get(code.lower())
        if iri is None:
            message = "not the code of a language"
            self._out.problem(message, step.place, value=code, accepted="a code such as en")
        else:
            self._out.concept(step.subject, step.row.property, iri, step.place)

    def _country(self, step: _Step) -> None:
        text = self._own_text(step).strip()
        iri = by_code("country", self._code_lists).get(text.lower())
        if iri is None and is_iri(text):
            iri = text
        if iri is None:
            iri = self._out.name_node()
            self._out.add(iri, expand("skos:notation"), literal(text), step.place)
        self._out.concept(step.subject, step.row.property, iri, step.place)

    def _credit_system(self, step: _Step) -> None:
        given = self._own_text(step).strip() or "".join(step.row.arguments)
        iri = CREDIT_SYSTEMS.get(given)
        if iri is None:
            accepted = ", ".join(CREDIT_SYSTEMS)
            self._out.problem("unknown credit system", step.place, value=given, accepted=accepted)
        else:
            self._out.concept(step.subject, step.row.property, iri, step.place)

    def _scheme_id(self, step: _Step) -> None:
        """In v2 an IRI or just a name; v3 has a property for each."""
        text = self._own_text(step).strip()
        if is_iri(text) or "schemeName" in step.element.attrib:
            value, name = typed(text, "anyURI"), "elm:schemeId"
        else:
            value, name = literal(text), "elm:schemeName"
        self._out.add(step.subject, expand(name), value, step.place)

    def _scheme(self, step: _Step) -> None:
        iri = self._iri(self._own_text(step), step.place)
        self._say(step, f"<{iri}>")
        self._out.type(iri, expand("skos:ConceptScheme"))
        self._between[step.subject, step.row.property] = iri

    def _mailbox(self, step: _Step) -> None:
        iri = self._iri(step.element.get("uri") or "", step.place)
        self._say(step, f"<{iri}>")
        self._out.type(iri, expand("elm:Mailbox"))

    def _content(self, step: _Step) -> None:
        self._out.content(step.subject, self._own_text(step), step.place)

    def _reference(self, step: _Step) -> None:
        self._say(step, f"<{self._iri(step.element.get('idref') or '', step.place)}>")

    def _record(self, step: _Step) -> None:
        self.node(step.element, step.argument, step.place)

    def _node(self, step: _Step) -> None:
        if "idref" in step.element.attrib:  # inline from 1.2 on, by reference before
            self._reference(step)
            return
        iri = self.node(step.element, step.argument, step.place)
        self._say(step, f"<{iri}>")
        if step.row.property in self._table.between:
            self._between.setdefault((step.subject, step.row.property), iri)

    def _group(self, step: _Step) -> None:
        rows = self._table.groups[step.argument]
        self._attributes(step.element, rows, step.subject, step.place)
        self._children(step.element, rows, step.subject, step.place)

    def _left_out(self, step: _Step) -> None:
        if step.row.where.startswith("@"):
            self._left(f"the attribute {step.row.where[1:]}", step.place)
        elif len(step.element) or (step.element.text or "").strip():
            self._left(step.row.where.rpartition(":")[2], step.place)


def _below(place: Place, name: str, number: int = 1, line: int | None = None) -> Place:
    """Return the place of the `number`th child called `name`."""
    step = f"{name}[{number}]" if number > 1 else name
    return Place(line or place.line, f"{place.path}/{step}")
