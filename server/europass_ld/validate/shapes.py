"""The two SHACL engines behind one protocol.

`shacl` (Rust) is the default: about a hundred times as fast, and it lets other threads run.
`pyshacl` is for where that package has no wheel, and in the tests it is the oracle. Neither module
is imported before it is needed.
"""

import logging
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ConfigurationError, ValidationError
from ..terms import PREFIXES, XSD_STRING, expand
from .report import Severity, ShapeResult
from .shapes_graph import ShapesGraph, ShapeText, load_shapes_graph

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

_SH = PREFIXES["sh"]
_ENDING = "ConstraintComponent"
_NO_TEXT = ShapeText("", "", {})
_SEVERITIES = {
    "Violation": Severity.ERROR,
    "Warning": Severity.WARNING,
    "Info": Severity.INFO,
}
_ZONELESS = re.compile(rf'(T[0-9:.]+)("\^\^<{re.escape(expand("xsd:dateTime"))}>)')
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


class Validator(Protocol):
    """Checks data graphs against the shapes graph it was made for; any thread may use it."""

    shapes: ShapesGraph

    def validate(self, ntriples: str) -> list[ShapeResult]:
        """Return the results of validating a data graph, given as N-Triples text.

        Raises:
            ValidationError: the text is no N-Triples, or the engine failed.
        """


class RustValidator:
    """The `shacl` package: shapes are compiled once and shared by all threads.

    Raises:
        ConfigurationError: the package is not installed.
    """

    def __init__(self, shapes: ShapesGraph):
        self.shapes = shapes
        self._compiled = _engine("shacl").Shapes.from_text(shapes.ntriples, "ntriples")

    def validate(self, ntriples: str) -> list[ShapeResult]:
        """See `Validator.validate`."""
        try:
            report = self._compiled.validate_text(ntriples, "ntriples")
        except ValueError as error:
            raise ValidationError(f"the data graph is no N-Triples: {error}") from error
        return [
            _result(
                self.shapes,
                focus=one.focus_node,
                path=one.path,
                value=one.value,
                component=one.component,
                source_shape=one.root_shape,
                severity=one.severity,
            )
            for one in report.results
        ]


class PyshaclValidator:
    """The `pyshacl` package: pure Python, one validation at a time.

    pySHACL compares dates as rdflib does, which gets two cases wrong. A dateTime without a time
    zone is therefore handed over as one of UTC, so that it can be compared with others; and where
    one cannot be read (rdflib raises TypeError), the order of dates is not checked.

    Raises:
        ConfigurationError: the package is not installed.
    """

    def __init__(self, shapes: ShapesGraph):
        from rdflib import Graph, URIRef  # noqa: PLC0415 - slow to import, seldom needed

        self.shapes = shapes
        self._validate = _engine("pyshacl").validate
        # A literal that does not fit its datatype is a result, no cause for a traceback in the log.
        logging.getLogger("rdflib.term").setLevel(logging.ERROR)
        self._lock = Lock()
        self._graph = Graph().parse(data=shapes.ntriples, format="nt")
        self._orderless = Graph() + self._graph
        self._orderless.remove((None, URIRef(f"{_SH}lessThanOrEquals"), None))

    def validate(self, ntriples: str) -> list[ShapeResult]:
        """See `Validator.validate`."""
        with self._lock:
            try:
                report = self._run(ntriples, self._graph)
            except TypeError:
                report = self._run(ntriples, self._orderless)
        return list(self._results(report))

    def _run(self, ntriples: str, shapes: "Graph") -> "Graph":
        from rdflib import Graph  # noqa: PLC0415
        from rdflib.exceptions import ParserError  # noqa: PLC0415

        try:
            data = Graph().parse(data=_ZONELESS.sub(r"\1Z\2", ntriples), format="nt")
        except ParserError as error:
            raise ValidationError(f"the data graph is no N-Triples: {error}") from error
        try:
            _, report, text = self._validate(data, shacl_graph=shapes, inplace=True)
        except TypeError:
            raise
        except Exception as error:  # pySHACL and what it calls raise whatever they like
            raise ValidationError(f"pySHACL failed: {error}") from error
        if not isinstance(report, Graph):
            raise ValidationError(f"pySHACL failed: {text}")
        return report

    def _results(self, report: "Graph") -> Iterator[ShapeResult]:
        from rdflib import Namespace  # noqa: PLC0415

        sh = Namespace(_SH)
        for result in report.objects(None, sh.result):
            yield _result(
                self.shapes,
                focus=_term(report.value(result, sh.focusNode)) or "",
                path=_term(report.value(result, sh.resultPath)),
                value=_term(report.value(result, sh.value)),
                component=str(report.value(result, sh.sourceConstraintComponent)),
                source_shape=_term(report.value(result, sh.sourceShape)) or "",
                severity=str(report.value(result, sh.resultSeverity)),
            )


_ENGINES: dict[str, Callable[[ShapesGraph], Validator]] = {
    "shacl": RustValidator,
    "pyshacl": PyshaclValidator,
}


@cache
def load_validator(family: str, engine: str = "shacl", *, best_practice: bool = True) -> Validator:
    """Return the validator of `family` ("loq" or "ams") with `engine` ("shacl" or "pyshacl").

    It is compiled once per process. With `best_practice`, our own Warnings and Infos are added to
    what the official application profile asks for.

    Raises:
        ConfigurationError: no such family or engine, or its package is not installed.
    """
    if engine not in _ENGINES:
        known = ", ".join(_ENGINES)
        raise ConfigurationError(f"no SHACL engine {engine!r} (there are: {known})")
    return _ENGINES[engine](load_shapes_graph(family, best_practice=best_practice))


def _engine(name: str) -> Any:
    """Import an engine's package; its types are not published, or not complete."""
    try:
        return import_module(name)
    except ImportError as error:
        other = next(one for one in _ENGINES if one != name)
        raise ConfigurationError(
            f"the SHACL engine {name!r} cannot be imported ({error}); "
            f"install it, or set shapes_engine to {other!r}",
            setting="shapes_engine",
        ) from error


def _result(
    shapes: ShapesGraph,
    *,
    focus: str,
    path: str | None,
    value: str | None,
    component: str,
    source_shape: str,
    severity: str,
) -> ShapeResult:
    """Bring an engine's result, whose terms are in N-Triples syntax, into our form."""
    source = _bare(source_shape)
    text = shapes.texts.get(source, _NO_TEXT)
    return ShapeResult(
        focus=_bare(focus),
        path=None if path is None else _bare(path),
        value=value,
        component=component.removeprefix(_SH).removesuffix(_ENDING),
        source_shape=source,
        severity=_SEVERITIES.get(severity.removeprefix(_SH), Severity.ERROR),
        message=text.message,
        name=text.name,
    )


def _bare(term: str) -> str:
    """Take the brackets off an IRI; a blank node, a literal or a path expression stays."""
    return term[1:-1] if term.startswith("<") and term.endswith(">") else term


def _term(node: "Node | None") -> str | None:
    """Return an rdflib term in N-Triples syntax."""
    from rdflib import Literal, URIRef  # noqa: PLC0415

    if node is None:
        return None
    if isinstance(node, URIRef):
        return f"<{node}>"
    if not isinstance(node, Literal):
        return f"_:{node}"
    text = f'"{node.translate(_ESCAPES)}"'
    if node.language:
        return f"{text}@{node.language}"
    return (
        text
        if node.datatype is None or str(node.datatype) == XSD_STRING
        else (f"{text}^^<{node.datatype}>")
    )
