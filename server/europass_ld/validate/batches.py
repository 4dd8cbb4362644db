"""Validate the records of a document of any size against its shapes, in flat memory.

A batch of records is validated as a data graph of its own. What shapes ask of records outside the
batch is their class only, so each batch is given the class of every record it refers to; what the
engine then says about those is dropped.

One thing is not a record's own: a concept may be described by several records, and shapes look at
all that is said of it. What is said of concepts is therefore kept aside and validated at the end.

Records that were found right before need not come again: of them only what they say of concepts,
of which something else is said now, is asked for.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from typing import NamedTuple, Protocol

from ..terms import GENID_PATH, RDF_TYPE, SKOS_CONCEPT, compact, expand
from .report import Finding, Severity, ShapeResult
from .shapes import Validator
from .shapes_graph import BEST_PRACTICE

BATCH_SIZE = 100
"""Records in a batch; measured, see `shapes/README.md`."""

_WORKERS = 2
_MOST_STEPS = 100
_CONCEPT_SCHEME = expand("skos:ConceptScheme")
_OBJECTS = re.compile(r" <([^>]+)> \.$", re.MULTILINE)
_LINKS = re.compile(r"^<([^>]+)> <([^>]+)> <([^>]+)> \.$", re.MULTILINE)
_IN_SCHEME = re.compile(rf"<{re.escape(expand('skos:inScheme'))}> <([^>]+)> \.\n")
_SAID_OF_CONCEPTS = re.compile(
    rf"> <{re.escape(expand('skos:'))}(?:prefLabel|altLabel|notation|inScheme)> "
)
"""Where such a line goes on after its subject: found several times faster than from its start."""
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_FAULTS = {
    "MinCount": "is missing",
    "MaxCount": "is given too often",
    "Datatype": "has the wrong datatype",
    "NodeKind": "is of the wrong kind",
    "Class": "does not refer to what it should",
    "Or": "does not refer to what it should",
    "Node": "does not refer to what it should",
    "UniqueLang": "is given twice in one language",
    "Disjoint": "says the same as another name",
    "Closed": "has no place here",
}


class RecordText(NamedTuple):
    """A lifted record: its IRI, its triples as N-Triples text, and where it stands."""

    iri: str
    triples: str
    file: str | None
    line: int | None


class Unchecked(Protocol):
    """Records that stand beside those to be checked, and were checked before."""

    def ended(self) -> Iterable[str]:
        """Return lines (without line ends) that were said of shared nodes and no longer are."""
        ...

    def said_of(self, nodes: Iterable[str]) -> Iterable[str]:
        """Return the lines that all records, of both kinds, say of shared nodes (IRIs)."""
        ...

    def records(self) -> Iterator[RecordText]:
        """Yield the records."""
        ...


class _Place(NamedTuple):
    """Where a node stands: its record, the record's number in the batch, the properties between."""

    record: RecordText
    number: int
    steps: tuple[str, ...]


def check_records(
    records: Iterable[RecordText],
    kinds: Mapping[str, str],
    validator: Validator,
    unchecked: Unchecked | None = None,
    *,
    batch_size: int = BATCH_SIZE,
) -> Iterator[Finding]:
    """Validate the records of one document and yield what was found, in the records' order.

    `kinds` gives the class IRI of every record of the document by its IRI. Only a few batches are
    in memory at any time; while the engine is at work in threads, the next ones are prepared.
    What is said of concepts comes last. `unchecked` are the document's other records.

    Raises:
        ValidationError: the triples are no N-Triples, or the engine failed.
    """
    concepts = _Concepts(unchecked)
    running: deque[tuple[_Batch, Future[list[ShapeResult]]]] = deque()
    with ThreadPoolExecutor(_WORKERS, "shapes") as pool:
        for batch in _batches(records, batch_size):
            concepts.note(batch)
            running.append((batch, pool.submit(validator.validate, batch.data_graph(kinds))))
            if len(running) > _WORKERS:
                yield from _outcome(*running.popleft(), kinds, concepts, validator)
        while running:
            yield from _outcome(*running.popleft(), kinds, concepts, validator)
    yield from concepts.findings(validator)


def _batches(records: Iterable[RecordText], size: int) -> Iterator["_Batch"]:
    remaining = iter(records)
    while some := tuple(islice(remaining, size)):
        yield _Batch(some)


def _outcome(
    batch: "_Batch",
    running: Future[list[ShapeResult]],
    kinds: Mapping[str, str],
    concepts: "_Concepts",
    validator: Validator,
) -> Iterator[Finding]:
    """Yield the findings of a batch, record by record."""
    found: list[tuple[int, Finding]] = []
    for result in running.result():
        own = result.focus in batch.records
        if not own and (result.focus in kinds or concepts.cover(result)):
            continue
        place = batch.place(result.focus)
        number = place.number if place else len(batch.records)
        found.append((number, _finding(result, place, validator)))
    found.sort(key=lambda pair: pair[0])
    yield from (finding for _, finding in found)


class _Batch:
    """Records that are validated together."""

    def __init__(self, records: tuple[RecordText, ...]):
        self.text = "".join(record.triples for record in records)
        self.records: dict[str, RecordText] = {}
        for record in records:
            self.records.setdefault(record.iri, record)

    def data_graph(self, kinds: Mapping[str, str]) -> str:
        """The records' triples, and the class of each record outside that they refer to."""
        named = set(_OBJECTS.findall(self.text)).difference(self.records)
        return self.text + "".join(_type(iri, kinds[iri]) for iri in named if iri in kinds)

    def place(self, focus: str) -> _Place | None:
        """Where `focus` stands, or None if no record leads there."""
        steps: list[str] = []
        while focus not in self.records:
            if focus not in self._parents or len(steps) > len(self._parents):
                return None
            focus, predicate = self._parents[focus]
            steps.insert(0, predicate)
        return _Place(self.records[focus], self._numbers[focus], tuple(steps))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {iri: number for number, iri in enumerate(self.records)}

    @cached_property
    def _parents(self) -> dict[str, tuple[str, str]]:
        parents: dict[str, tuple[str, str]] = {}
        for subject, predicate, value in _LINKS.findall(self.text):
            parents.setdefault(value, (subject, predicate))
        return parents


class _Concepts:
    """What the records of a document say of the concepts they name, over all batches."""

    def __init__(self, unchecked: Unchecked | None) -> None:
        self._unchecked = unchecked
        self._said: dict[str, dict[str, None]] = {}
        self._places: dict[str, _Place | None] = {}
        self._met: set[ShapeResult] = set()

    def note(self, batch: _Batch) -> None:
        """Remember what the records of a batch say of concepts."""
        for record in batch.records.values():
            for concept, line in _said_of_concepts(record):
                if concept not in self._said:
                    self._said[concept] = {}
                    self._places[concept] = _place_alone(record, concept)
                self._said[concept][line] = None

    def cover(self, result: ShapeResult) -> bool:
        """Whether `result` is about a concept that is validated at the end, or was met before.

        The latter happens to codes and mailboxes that several batches hold.
        """
        focus = result.focus
        if focus in self._said or result in self._met:
            return True
        if not focus.startswith("_:") and GENID_PATH not in focus:
            self._met.add(result)
        return False

    def findings(self, validator: Validator) -> Iterator[Finding]:
        """Validate all that is said of concepts."""
        if self._unchecked is not None:
            self._complete(self._unchecked)
        if not self._said:
            return
        text = "".join(line for lines in self._said.values() for line in lines)
        types = [_type(concept, SKOS_CONCEPT) for concept in self._said]
        types += [_type(scheme, _CONCEPT_SCHEME) for scheme in set(_IN_SCHEME.findall(text))]
        for result in validator.validate(text + "".join(types)):
            if result.focus in self._said:
                yield _finding(result, self._place(result.focus), validator)

    def _complete(self, unchecked: Unchecked) -> None:
        """Add what the other records say of these concepts, and of those of records that ended."""
        concepts = set(self._said)
        concepts.update(_concept_of(line) or "" for line in unchecked.ended())
        self._said = defaultdict(dict)
        for line in unchecked.said_of(sorted(concepts)):
            concept = _concept_of(line)
            if concept is not None:
                self._said[concept][f"{line}\n"] = None

    def _place(self, concept: str) -> _Place | None:
        """Where a concept is named: in a record that is checked, else in the first other one."""
        if concept not in self._places and self._unchecked is not None:
            for record in self._unchecked.records():
                if any(concept == named for named, _ in _said_of_concepts(record)):
                    self._places[concept] = _place_alone(record, concept)
                    break
        return self._places.get(concept)


def _said_of_concepts(record: RecordText) -> Iterator[tuple[str, str]]:
    """Yield the concepts that a record says something of, with the lines that do."""
    text = record.triples
    for match in _SAID_OF_CONCEPTS.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        concept = text[start + 1 : match.start()]
        in_a_literal = " " in concept
        if not in_a_literal and concept != record.iri and GENID_PATH not in concept:
            yield concept, text[start : text.index("\n", match.end()) + 1]


def _concept_of(line: str) -> str | None:
    """Return the concept that a line says something of, None if it is of something else."""
    match = _SAID_OF_CONCEPTS.search(line)
    concept = line[1 : match.start()] if match else ""
    return None if " " in concept or GENID_PATH in concept else concept or None


def _place_alone(record: RecordText, concept: str) -> _Place | None:
    """Where a record names a concept, without holding on to the record's triples.

    Nearly every concept is named by its record itself, so the links of all nodes are not needed.
    """
    text = record.triples
    steps: list[str] = []
    node = concept
    while node != record.iri:
        end = text.find(f" <{node}> .\n")
        if end < 0 or len(steps) > _MOST_STEPS:
            return None
        subject, predicate = text[text.rfind("\n", 0, end) + 1 : end].split(" ")
        steps.insert(0, predicate[1:-1])
        node = subject[1:-1]
    return _Place(record._replace(triples=""), 0, tuple(steps))


def _finding(result: ShapeResult, place: _Place | None, validator: Validator) -> Finding:
    """Say of a result what a person needs: where it is, what is wrong, what would be right."""
    advice = result.severity is not Severity.ERROR  # its message says what is wrong itself
    fault = _FAULTS.get(result.component, "is not as it should be")
    name = _local(result.path) if result.component == "Closed" and result.path else result.name
    text = validator.shapes.texts.get(result.source_shape)
    steps = (*(place.steps if place else ()), *((result.path,) if result.path else ()))
    return Finding(
        rule=_rule(result),
        severity=result.severity,
        message=result.message if advice else f"{name} {fault}: {result.message}",
        file=place.record.file if place else None,
        line=place.record.line if place else None,
        path="/".join(_local(step) for step in steps) or None,
        record=place.record.iri if place else None,
        value=_shown(result),
        accepted=text.accepted.get(result.component) if text else None,
        source=result.source_shape,
        result=result,
    )


def _rule(result: ShapeResult) -> str:
    name = result.source_shape.removeprefix(BEST_PRACTICE)
    return f"shape/{result.component}" if name == result.source_shape else f"practice/{name}"


def _local(iri: str) -> str:
    """The name of a property without its namespace."""
    return compact(iri).rpartition(":")[2] if compact(iri) != iri else iri


def _shown(result: ShapeResult) -> str | None:
    """The value for people: an IRI or text alone, but a literal in full where its type is wrong."""
    value = result.value
    if value is None or result.component in {"Datatype", "NodeKind"}:
        return value
    if value.startswith("<"):
        return value[1:-1]
    if not value.startswith('"'):
        return value
    return _ESCAPED.sub(_unescaped, value[1 : value.rindex('"')])


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _CONTROLS.get(match[3], match[3])


def _type(iri: str, class_iri: str) -> str:
    return f"<{iri}> <{RDF_TYPE}> <{class_iri}> .\n"
