"""The W3C SHACL test suite, by its manifests, through both of our engines.

See <https://w3c.github.io/data-shapes/data-shapes-test-suite/>. What an engine gets wrong stands
here by the IRI of the test, with the reason; a test that starts to pass must be taken off the list.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest

from europass_ld.errors import ValidationError
from europass_ld.terms import expand
from europass_ld.validate.shapes import PyshaclValidator, RustValidator, Validator
from europass_ld.validate.shapes_graph import ShapesGraph
from tests.shared import SHARED, suites

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
ENGINES: dict[str, Callable[[ShapesGraph], Validator]] = {
    "shacl": RustValidator,
    "pyshacl": PyshaclValidator,
}
COLLECTED = 121

UNLISTED = ("sparql/component/nodeValidator-001.ttl",)
"""Tests that stand in the suite's folders, but in none of its manifests."""

KNOWN_FAILURES: dict[str, dict[str, str]] = {
    "shacl": {
        "sparql/pre-binding/unsupported-sparql-004": (
            "runs a nested SELECT that does not pass on $this, instead of refusing the shape; "
            "our shapes are SHACL Core"
        ),
    },
    "pyshacl": {
        "core/property/uniqueLang-002": (
            'is handed "1" for true, which rdflib reads as true; our shapes write true'
        ),
        "sparql/node/prefixes-001": (
            "wants the prefixes of a query from the Turtle file; we hand over N-Triples, "
            "and our shapes are SHACL Core"
        ),
        "sparql/pre-binding/shapesGraph-001": (
            "does not know $shapesGraph in a query; our shapes are SHACL Core"
        ),
    },
}

Verdict = tuple[str, str | None, str]
"""Focus node, path and component of a result; blank nodes and compound paths by a sign only."""


@dataclass(frozen=True)
class Case:
    """A test of the suite: what is validated with what, and the verdicts that must come out."""

    iri: str
    data: Path
    shapes: Path
    fails: bool
    verdicts: tuple[Verdict, ...]


class _Facts:
    """The triples of a file, by subject and property; all terms in N-Triples syntax.

    Parsed and not loaded: a store, and rdflib, would rewrite literals such as "1" for true.
    """

    def __init__(self, path: Path):
        parsed = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
        self.triples = [quad.triple for quad in parsed]
        self._values: dict[tuple[str, str], list[str]] = {}
        for subject, predicate, value in self.triples:
            self._values.setdefault((str(subject), predicate.value), []).append(str(value))

    def values(self, subject: str, name: str) -> list[str]:
        return self._values.get((subject, name), [])

    def value(self, subject: str, name: str) -> str:
        return next(iter(self.values(subject, name)), "")

    def listed(self, head: str) -> list[str]:
        first = self.values(head, expand("rdf:first"))
        return first + self.listed(self.value(head, expand("rdf:rest"))) if first else []


_facts = cache(_Facts)


def _path(iri: str) -> Path:
    return Path(unquote(urlsplit(iri.strip("<>")).path))


def _cases(manifest: Path) -> list[Case]:
    facts = _facts(manifest)
    root = f"<{manifest.as_uri()}>"
    found = [
        case
        for included in sorted(facts.values(root, f"{MF}include"))
        for case in _cases(_path(included))
    ]
    for head in facts.values(root, f"{MF}entries"):
        found += [_case(facts, entry) for entry in facts.listed(head)]
    return found


def _case(facts: _Facts, entry: str) -> Case:
    action = facts.value(entry, f"{MF}action")
    result = facts.value(entry, f"{MF}result")
    return Case(
        iri=entry.strip("<>").rpartition("/suites/shacl/")[2],
        data=_path(facts.value(action, f"{SHT}dataGraph")),
        shapes=_path(facts.value(action, f"{SHT}shapesGraph")),
        fails=result == f"<{SHT}Failure>",
        verdicts=tuple(
            _verdict(
                facts.value(one, expand("sh:focusNode")),
                facts.value(one, expand("sh:resultPath")) or None,
                facts.value(one, expand("sh:sourceConstraintComponent")),
            )
            for one in facts.values(result, expand("sh:result"))
        ),
    )


def _verdict(focus: str, path: str | None, component: str) -> Verdict:
    focus = "_:" if focus.startswith("_:") else focus.strip("<>")
    if path is not None and path.count("<") <= 1:
        path = path.strip("<>")
    if path is not None and (":" not in path or path.startswith("_:") or set(path) & set("()^|<")):
        path = "compound"
    name = component.strip("<>").removeprefix(expand("sh:")).removesuffix("ConstraintComponent")
    return focus, path, name.rpartition("#")[2]


def _collect() -> list[Case]:
    folder = SHARED / "suites/shacl"
    if not folder.is_dir():
        return []
    return [case for name in ("manifest.ttl", *UNLISTED) for case in _cases(folder / name)]


CASES = _collect()


def test_the_whole_suite_is_collected() -> None:
    """Proves that no test was lost: a manifest that is not followed would go unnoticed."""
    suites()
    assert len(CASES) == COLLECTED
    assert len({case.iri for case in CASES}) == COLLECTED


def test_known_failures_name_tests_of_the_suite() -> None:
    """Proves that the list of exceptions has no entry for a test that is not there."""
    suites()
    iris = {case.iri for case in CASES}
    for engine, failures in KNOWN_FAILURES.items():
        assert set(failures) <= iris, engine


def _ntriples(path: Path) -> str:
    return (ox.serialize(_facts(path).triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()


def _passes(engine: str, case: Case) -> bool:
    try:
        validator = ENGINES[engine](ShapesGraph(_ntriples(case.shapes), {}))
        results = validator.validate(_ntriples(case.data))
    except (ValidationError, ValueError):
        return case.fails
    found = (_verdict(one.focus, one.path, one.component) for one in results)
    return not case.fails and Counter(found) == Counter(case.verdicts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.iri)
@pytest.mark.parametrize("engine", ENGINES)
def test_suite(engine: str, case: Case) -> None:
    """Proves that an engine finds exactly the results that the suite expects."""
    assert _passes(engine, case) == (case.iri not in KNOWN_FAILURES[engine])
