"""Whether elements, attributes and datatypes of a document are as its XML Schema wants them.

Record by record, so that a file of any size is checked in one pass and in flat memory; what is
left when all records are taken out, the skeleton, is checked last. Code lists, references,
repeated identifiers and repeated notations are not looked at here.
"""

from collections.abc import Iterator
from functools import cached_property

from lxml import etree

from ..errors import LiftError
from .content_model import Content, ContentModel, content_model, schema_document
from .diagnosis import StructureProblem, children_of, diagnose, shown, source_of

__all__ = ["StructureProblem", "StructureValidator"]

_Error = etree.ErrorTypes
_DIAGNOSED = frozenset(
    {
        _Error.SCHEMAV_ELEMENT_CONTENT,
        _Error.SCHEMAV_CVC_COMPLEX_TYPE_2_1,
        _Error.SCHEMAV_CVC_COMPLEX_TYPE_2_2,
        _Error.SCHEMAV_CVC_COMPLEX_TYPE_2_3,
        _Error.SCHEMAV_CVC_COMPLEX_TYPE_3_2_1,
        _Error.SCHEMAV_CVC_COMPLEX_TYPE_4,
        _Error.SCHEMAV_CVC_DATATYPE_VALID_1_2_1,
        _Error.SCHEMAV_CVC_ELT_1,
        _Error.SCHEMAV_CVC_ELT_3_1,
        _Error.SCHEMAV_CVC_ELT_4_1,
        _Error.SCHEMAV_CVC_ELT_4_2,
        _Error.SCHEMAV_CVC_ELT_4_3,
        _Error.SCHEMAV_CVC_PATTERN_VALID,
        _Error.SCHEMAV_CVC_TYPE_3_1_1,
        _Error.SCHEMAV_CVC_TYPE_3_1_2,
    }
)
"""What libxml2 reports and the diagnosis finds too; anything else is passed on in its words."""

_WHITE_SPACE_TOO = frozenset({_Error.SCHEMAV_CVC_DATATYPE_VALID_1_2_1})
"""What libxml2 reports of white space around a date, too; the diagnosis knows better."""


class StructureValidator:
    """Checks documents of one family, version and XML namespace, one after the other.

    Nothing is compiled before the first use. One validator serves one thread at a time.

    Raises:
        ValidationError: on first use, if there is no schema of that family and version.
    """

    def __init__(self, family: str, version: str, namespace: str):
        self._which = (family, version, namespace)
        self._before: tuple[etree._Element, str] | None = None

    @cached_property
    def _schema(self) -> etree.XMLSchema:
        return etree.XMLSchema(schema_document(*self._which))

    @cached_property
    def _model(self) -> ContentModel:
        return content_model(*self._which)

    @cached_property
    def _ordered(self) -> dict[str, Content]:
        """The containers that want their records in an order of kinds (AMS: agentReferences)."""
        root = self._model.elements[self._model.root]
        return {
            one.tag: one.content
            for one in root.particles
            if one.content.kind == "sequence" and len(one.content.particles) > 1
        }

    def record(self, element: etree._Element) -> list[StructureProblem]:
        """Return what is wrong with a record, and with its place after the one checked before."""
        problems = [*self._out_of_order(element)]
        if not self._schema.validate(element):
            problems += self._explain(element)
        return problems

    def require(self, element: etree._Element, iri: str | None) -> None:
        """Accept a written record only if there is nothing wrong with it.

        Raises:
            LiftError: the version has no place for something that the record says.
        """
        for problem in self.record(element):
            raise LiftError(
                f"<{iri}>: {problem.message} in version {self._which[1]}, at {problem.path}",
                path=problem.path,
                line=None,
                value=problem.value,
            )

    def skeleton(self, root: etree._Element) -> list[StructureProblem]:
        """Return what is wrong with the root element and its containers.

        The records must have been taken out; what else stood beside them, text too, must be there.
        """
        return [] if self._schema.validate(root) else self._explain(root)

    def _explain(self, element: etree._Element) -> list[StructureProblem]:
        raw = [*self._schema.error_log]
        problems = diagnose(self._model, element)
        known = _DIAGNOSED if problems else _WHITE_SPACE_TOO
        unexplained = [one for one in raw if one.type not in known]
        source = f"schemas/{self._which[0]}-{self._which[1]}.xsd"
        return problems + [
            StructureProblem(one.line, "", one.message, None, "what the schema says", source)
            for one in unexplained
        ]

    def _out_of_order(self, element: etree._Element) -> Iterator[StructureProblem]:
        container = element.getparent()
        if container is None or (content := self._ordered.get(container.tag)) is None:
            return
        before, self._before = self._before, (container, element.tag)
        if before is None or before[0] is not container:
            return
        if content.places.get(before[1], 0) > content.places.get(element.tag, 0):
            message = f"{shown(element.tag)} must come before {shown(before[1])} in "
            message += shown(container.tag)
            accepted, source = children_of(content), source_of(content)
            yield StructureProblem(element.sourceline, "", message, None, accepted, source)
