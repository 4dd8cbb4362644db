"""Whether a credential is as it should be: structure, codes, shapes, what its files are.

The report is about a person: it quotes values, and belongs to whoever the credential belongs to.

What EDC v2 documents must be is what their own schema says. Brought into ELM v3 they are also held
against its shapes, but what those ask for, v2 often cannot say: so for a converted credential that
is a Warning, and never makes the original wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ..documents.credentials import describe_xml
from ..documents.limits import DEFAULT_LIMITS
from ..documents.safe_xml import read_xml
from ..lift.credentials import LiftedCredential, Place, ProblemKind
from ..lift.edc.media_types import contradicts
from ..lift.edc.statements import CONTENT
from ..lift.edc.table import load_table
from ..terms import RDF_TYPE, SKOS_CONCEPT, compact, expand
from ..validate.credential_structure import check_structure
from ..validate.report import Finding, Severity, ShapeResult, ValidationReport
from ..validate.shapes import load_validator
from ..vocabularies import SCHEMA_VERSIONS, CodeLists

PROFILES: Mapping[str, str] = {
    "http://data.europa.eu/snb/model/ap/edc-generic-no-cv": "edc",
    "http://data.europa.eu/snb/model/ap/edc-generic-full": "edc-full",
    "http://data.europa.eu/snb/model/ap/edc-accredited": "edc-accredited",
    "http://data.europa.eu/snb/model/ap/edc-diploma-supplement": "edc-diploma-supplement",
    "http://data.europa.eu/snb/model/ap/edc-issued-by-mandate": "edc-issued-by-mandate",
    "http://data.europa.eu/snb/model/ap/edc-converted": "edc-converted",
}
"""The application profiles that a credential may name as its schema, and our shapes for them."""

_DEFAULT_PROFILE = "edc-full"
_FURTHER_TYPES = frozenset(
    f"http://data.europa.eu/snb/credential/{code}"
    for code in ("c_7e400154", "c_9a31f32a", "c_ae121a00")
)
"""Types of credential that credentials have and the lists of LOQ and AMS have not: converted,
issued by mandate, accredited."""

_SEVERITIES = {
    ProblemKind.UNMAPPABLE: Severity.ERROR,
    ProblemKind.MENDED: Severity.WARNING,
    ProblemKind.NOTED: Severity.INFO,
    ProblemKind.LEFT_OUT: Severity.INFO,
}
_MAX_FINDINGS = 10_000
_GUESSES = 100
"""For how many unknown codes the meant one is looked for, which takes a while."""

_NOWHERE = Place(None, "")


def validate_credential(
    lifted: LiftedCredential,
    code_lists: CodeLists,
    *,
    name: str = "credential",
    engine: str = "shacl",
    strict: bool = False,
) -> ValidationReport:
    """Return what is wrong with a credential, each finding with its line or JSON pointer.

    `name` stands for the file in the findings. `strict` makes errors of unknown codes. Lines are
    those of the octets that were lifted.

    Raises:
        ConfigurationError, ValidationError: the shapes engine is not there, or failed.
    """
    check = _Check(lifted, code_lists, name, engine, strict)
    return ValidationReport.collect(check.findings(), _MAX_FINDINGS)


@dataclass(frozen=True, slots=True)
class _Check:
    lifted: LiftedCredential
    code_lists: CodeLists
    name: str
    engine: str
    strict: bool

    def findings(self) -> Iterator[Finding]:
        graph = _Graph.of(self.lifted)
        yield from self._structure()
        yield from self._problems()
        yield from self._codes(graph)
        yield from self._files(graph)
        yield from self._shapes(graph)

    def _finding(self, rule: str, severity: Severity, message: str, place: Place) -> Finding:
        return Finding(
            rule=rule,
            severity=severity,
            message=message,
            file=self.name,
            line=place.line,
            path=place.path or None,
            record=self.lifted.iri,
        )

    def _structure(self) -> Iterator[Finding]:
        if self.lifted.family != "edc-xml":
            return
        root = read_xml(self.lifted.source, self.name, DEFAULT_LIMITS)
        schema = describe_xml(root, self.name).schema
        if schema is None:
            message = "a draft of EDC v2: no schema says how it must be, and none was checked"
            yield self._finding("document/version", Severity.WARNING, message, _NOWHERE)
            return
        for one in check_structure(root, schema):
            yield Finding(
                rule="structure",
                severity=Severity.ERROR,
                message=one.message,
                file=self.name,
                line=one.line,
                path=one.path or None,
                record=self.lifted.iri,
                accepted=one.accepted,
                source=one.source,
            )

    def _problems(self) -> Iterator[Finding]:
        source = "mappings/edc-v2.yaml" if self.lifted.converted else "ontology/context"
        for one in self.lifted.problems:
            yield Finding(
                rule=f"value/{one.kind.value}",
                severity=_SEVERITIES[one.kind],
                message=one.message,
                file=self.name,
                line=one.place.line,
                path=one.place.path or None,
                record=self.lifted.iri,
                value=one.value,
                accepted=one.accepted,
                source=source,
            )

    def _codes(self, graph: "_Graph") -> Iterator[Finding]:
        lists = load_table().code_lists()
        known = cache(self._known_codes)
        met: set[str] = set()
        for subject, predicate, value in graph.sealed:
            code = value[1:-1]
            for one in graph.classes[subject]:
                names = lists.get((one, predicate))
                if names and code not in known(names) and code not in _FURTHER_TYPES:
                    met.add(code)
                    yield self._unknown_code(
                        subject, predicate, code, names, guess=len(met) <= _GUESSES
                    )

    def _known_codes(self, names: tuple[str, ...]) -> frozenset[str]:
        lists = (self.code_lists.codes(one, SCHEMA_VERSIONS[-1]) for one in names)
        return frozenset[str]().union(*lists)

    def _unknown_code(
        self, subject: str, predicate: str, code: str, names: tuple[str, ...], *, guess: bool
    ) -> Finding:
        nearest = self.code_lists.nearest(names, code, SCHEMA_VERSIONS[-1]) if guess else None
        hint = f"; did you mean {nearest}?" if nearest else ""
        place = self._place(subject, predicate)
        return Finding(
            rule="code/unknown",
            severity=Severity.ERROR if self.strict else Severity.WARNING,
            message=f"not a code that is known for {compact(predicate)}{hint}",
            file=self.name,
            line=place.line,
            path=place.path or None,
            record=self.lifted.iri,
            value=code,
            accepted=f"a code of the list {' or '.join(names)}",
            source=" ".join(f"data/vocabularies/{name}.ttl" for name in names),
        )

    def _files(self, graph: "_Graph") -> Iterator[Finding]:
        for blob in self.lifted.blobs:
            place = self._place(blob.media_object, CONTENT)
            for code in graph.values(blob.media_object, "elm:contentType"):
                if contradicts(code[1:-1], blob.media_type):
                    message = f"the file is said to be {code[1:-1]}, but it is {blob.media_type}"
                    yield self._finding("blob/type", Severity.WARNING, message, place)
            for size in graph.values(blob.media_object, "elm:contentSize"):
                if size.split('"')[1] != str(blob.size):
                    message = (
                        f"the file is not of the size that is stated: it has {blob.size} bytes"
                    )
                    yield self._finding("blob/size", Severity.WARNING, message, place)

    def _shapes(self, graph: "_Graph") -> Iterator[Finding]:
        if not graph.of_class("elm:EuropeanDigitalCredential"):
            message = "no European Digital Credential: no application profile says how it must be"
            yield self._finding("document/profile", Severity.INFO, message, _NOWHERE)
            return
        text = graph.text() + "".join(self._supplied(graph))
        seen: set[tuple[object, ...]] = set()
        for profile in self._profiles(graph):
            for result in load_validator(profile, self.engine, best_practice=False).validate(text):
                key = (result.focus, result.path, result.component, result.value)
                if result.focus in graph.classes and key not in seen:
                    seen.add(key)
                    yield self._shape_finding(result)

    def _profiles(self, graph: "_Graph") -> list[str]:
        if self.lifted.converted:
            return ["edc-converted"]
        named = {
            PROFILES.get(value[1:-1], _DEFAULT_PROFILE)
            for credential in graph.of_class("elm:EuropeanDigitalCredential")
            for value in graph.values(credential, "cred:credentialSchema")
        }
        return sorted(named) or [_DEFAULT_PROFILE]

    def _supplied(self, graph: "_Graph") -> Iterator[str]:
        """What is known of codes and files and need not be said again in every credential."""
        in_scheme, scheme_class = expand("skos:inScheme"), expand("skos:ConceptScheme")
        for iri in {value[1:-1] for _, _, value in graph.statements if value.startswith("<")}:
            concept = self.code_lists.concept(iri)
            if concept is None:
                continue
            yield f"<{iri}> <{RDF_TYPE}> <{SKOS_CONCEPT}> .\n"
            if not graph.values(iri, "skos:inScheme"):
                yield f"<{iri}> <{in_scheme}> <{concept.scheme}> .\n"
                yield f"<{concept.scheme}> <{RDF_TYPE}> <{scheme_class}> .\n"
        for one in {blob.media_object for blob in self.lifted.blobs}:
            yield f'<{one}> <{CONTENT}> "kept apart" .\n'

    def _shape_finding(self, result: ShapeResult) -> Finding:
        place = self._place(result.focus, result.path)
        severity = result.severity
        if self.lifted.converted and severity is Severity.ERROR:
            severity = Severity.WARNING
        return Finding(
            rule=f"shape/{result.component}",
            severity=severity,
            message=f"{result.name}: {result.message}",
            file=self.name,
            line=place.line,
            path=place.path or None,
            record=self.lifted.iri,
            value=result.value,
            source=result.source_shape,
            result=result,
        )

    def _place(self, subject: str, predicate: str | None) -> Place:
        places = self.lifted.places
        return places.get((subject, predicate)) or places.get((subject, None)) or _NOWHERE


_Statement = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Graph:
    """All that is said: what is sealed, everything, and by subject its classes and values."""

    sealed: tuple[_Statement, ...]
    statements: tuple[_Statement, ...]
    classes: Mapping[str, tuple[str, ...]]
    facts: Mapping[tuple[str, str], list[str]]

    @classmethod
    def of(cls, lifted: LiftedCredential) -> "_Graph":
        sealed = tuple(_parsed(lifted.sealed))
        statements = (*sealed, *_parsed(lifted.added))
        classes: dict[str, tuple[str, ...]] = {}
        facts: dict[tuple[str, str], list[str]] = {}
        for subject, predicate, value in statements:
            known = classes.setdefault(subject, ())
            facts.setdefault((subject, predicate), []).append(value)
            if predicate == RDF_TYPE:
                classes[subject] = (*known, value[1:-1])
        return cls(sealed, statements, classes, facts)

    def text(self) -> str:
        return "".join(f"<{s}> <{p}> {value} .\n" for s, p, value in self.statements)

    def values(self, subject: str, curie: str) -> list[str]:
        return self.facts.get((subject, expand(curie)), [])

    def of_class(self, curie: str) -> list[str]:
        wanted = expand(curie)
        return [iri for iri, classes in self.classes.items() if wanted in classes]


def _parsed(ntriples: str) -> Iterator[_Statement]:
    """Yield the statements of N-Triples text as lifting writes it: one a line, no blank nodes."""
    for line in ntriples.split("\n"):
        if line:
            subject, predicate, value = line.removesuffix(" .").split(" ", 2)
            yield subject[1:-1], predicate[1:-1], value
