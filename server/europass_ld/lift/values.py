"""What lifting gives back."""

from dataclasses import dataclass, field

from ..mapping import Use


@dataclass(frozen=True, slots=True)
class LiftProblem:
    """A part of a record that has no place in RDF (`fatal`), or that had to be mended to get one.

    `path` starts at the record, `line` is of the file, `accepted` says what would have fitted.
    """

    message: str
    path: str
    line: int
    value: str | None
    accepted: str | None
    fatal: bool = True


@dataclass(slots=True)
class LiftedRecord:
    """One record as RDF, and what it states that others must check.

    `triples` is N-Triples text in document order: the record, what is nested in it, and at the
    end the types of the concepts and mailboxes that it names. `lexical` gives, for the number of
    a line in it (from 0), the source's form of a literal that was canonicalised. The triples of a
    record with a fatal problem are not to be used.
    """

    iri: str
    kind: str
    class_iri: str
    line: int
    triples: str = ""
    references: list[Use] = field(default_factory=list)
    codes: list[Use] = field(default_factory=list)
    notations: list[Use] = field(default_factory=list)
    lexical: dict[int, str] = field(default_factory=dict)
    problems: list[LiftProblem] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether no part of the record failed to become RDF."""
        return not any(problem.fatal for problem in self.problems)
