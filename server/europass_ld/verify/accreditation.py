"""Was this organisation allowed to award this: accreditations and what they cover.

Useful alone: values in, a value out, and no seal needed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """An identifier of an organisation.

    `scheme` says whose it is where that is known: "VAT", "NTR", "LEI", or a scheme's name or IRI.
    `country` is an ISO 3166-1 alpha-2 code or "". `value` is without its prefix.
    """

    value: str
    scheme: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation by everything that it can be known by."""

    iri: str | None = None
    identifiers: frozenset[Identifier] = frozenset()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accreditation:
    """One accreditation of an organisation, or of a programme of it.

    An empty set limits nothing. `fields` are ISCED-F codes, each with all narrower ones;
    `qualifications` the IRIs of the qualifications that a programme accreditation is for;
    `jurisdictions` countries or regions. `decision` is whether the decision was favourable.
    The period holds from `issued` to `expires`, both days included, and None leaves it open.
    `source` is the dataset it comes from. All codes are IRIs.
    """

    iri: str
    organisation: Organisation
    issued: date | None = None
    expires: date | None = None
    favourable: bool = True
    type: str | None = None
    title: str | None = None
    accrediting_agent: str | None = None
    fields: frozenset[str] = frozenset()
    eqf_levels: frozenset[str] = frozenset()
    credential_types: frozenset[str] = frozenset()
    jurisdictions: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What was awarded, by whom, when and where; codes are IRIs, None or empty is not stated."""

    organisation: Organisation
    on: date
    qualification: str | None = None
    fields: frozenset[str] = frozenset()
    eqf_level: str | None = None
    credential_type: str | None = None
    jurisdiction: str | None = None


class Coverage(StrEnum):
    """Whether accreditations cover an award.

    `NO_DATA`: none is known for the organisation, or the award does not state what would decide.
    """

    COVERED = "covered"
    NOT_COVERED = "not-covered"
    NO_DATA = "no-data"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one accreditation says to one award: the coverage, and why it is not `COVERED`."""

    accreditation: Accreditation
    coverage: Coverage
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccreditationResult:
    """The answer for one award, and every accreditation of the organisation that was looked at."""

    award: Award
    coverage: Coverage
    assessments: tuple[Assessment, ...] = field(default=())


class AccreditationSource(Protocol):
    """Where accreditations come from; given by the caller of `verify`."""

    def accreditations(self, organisation: Organisation) -> Sequence[Accreditation]:
        """Return all accreditations that may be about `organisation`; more do no harm."""
        ...

    def broader(self, code: str) -> Sequence[str]:
        """Return the codes directly broader than an ISCED-F field or a region; none for a top."""
        ...


def assess(
    award: Award,
    accreditations: Iterable[Accreditation],
    broader: Callable[[str], Iterable[str]],
) -> AccreditationResult:
    """Tell whether any of `accreditations` covers `award` on the day it was made.

    Organisations are matched by identifier as well as by IRI; an accreditation of another
    organisation is left out of the result. `broader` gives the codes directly above a code.
    """
    raise NotImplementedError
