"""Was this organisation allowed to award this: accreditations and what they cover.

Useful alone: values in, a value out, and no seal needed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from .organisations import Organisation, is_local, same_organisation

_GENERIC = "http://data.europa.eu/snb/credential/e34929035b"
_PLACES = (
    "http://publications.europa.eu/resource/authority/country/",
    "http://publications.europa.eu/resource/authority/atu/",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accreditation:
    """One accreditation of an organisation, or of a programme of it.

    An empty set limits nothing. `fields` are ISCED-F codes, each with all narrower ones;
    `qualifications` the IRIs of the qualifications that a programme accreditation is for,
    `programmes` codes of the programmes; `jurisdictions` countries or regions. `favourable` is
    whether the decision was, None where its words are not known.
    The period holds from `issued` to `expires`, both days included, and None leaves it open.
    `source` is the dataset it comes from. All codes are IRIs.
    """

    iri: str
    organisation: Organisation
    issued: date | None = None
    expires: date | None = None
    favourable: bool | None = True
    type: str | None = None
    title: str | None = None
    accrediting_agent: str | None = None
    fields: frozenset[str] = frozenset()
    eqf_levels: frozenset[str] = frozenset()
    credential_types: frozenset[str] = frozenset()
    jurisdictions: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()
    programmes: frozenset[str] = frozenset()
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
    assessments = tuple(
        _assess(award, one, broader)
        for one in accreditations
        if same_organisation(award.organisation, one.organisation)
    )
    found = {one.coverage for one in assessments}
    if Coverage.COVERED in found:
        coverage = Coverage.COVERED
    elif not found or Coverage.NO_DATA in found:
        coverage = Coverage.NO_DATA
    else:
        coverage = Coverage.NOT_COVERED
    return AccreditationResult(award, coverage, assessments)


def _assess(
    award: Award, accreditation: Accreditation, broader: Callable[[str], Iterable[str]]
) -> Assessment:
    """Judge one accreditation: one limit that is missed is enough, whatever is not known."""
    outside = tuple(_outside(award, accreditation, broader))
    if outside:
        return Assessment(accreditation, Coverage.NOT_COVERED, outside)
    unknown = tuple(_unknown(award, accreditation))
    return Assessment(accreditation, Coverage.NO_DATA if unknown else Coverage.COVERED, unknown)


def _outside(
    award: Award, accreditation: Accreditation, broader: Callable[[str], Iterable[str]]
) -> Iterator[str]:
    if accreditation.favourable is False:
        yield "its decision was not favourable"
    if accreditation.issued is not None and award.on < accreditation.issued:
        yield f"it began only on {accreditation.issued}"
    if accreditation.expires is not None and award.on > accreditation.expires:
        yield f"it ended on {accreditation.expires}"
    limit = accreditation.fields
    if limit and not all(_within(one, limit, broader) for one in _narrowest(award.fields, broader)):
        yield "it is for other fields of education"
    if _misses(award.eqf_level, accreditation.eqf_levels):
        yield "it is for other EQF levels"
    if _misses(_credential_type(award), accreditation.credential_types):
        yield "it is for other types of credentials"
    if _misses(_qualification(award), accreditation.qualifications):
        yield "it is for other qualifications"
    where = accreditation.jurisdictions
    if where and award.jurisdiction and not _inside(award.jurisdiction, where, broader):
        yield "it is for other jurisdictions"


def _narrowest(codes: frozenset[str], broader: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Leave out codes that another one implies: 03 and 031 beside 0310 say nothing more."""
    return codes - {above for one in codes for above in _above(one, broader) if above != one}


def _misses(value: str | None, accepted: frozenset[str]) -> bool:
    return bool(accepted) and value is not None and value not in accepted


def _qualification(award: Award) -> str | None:
    """Return what was awarded if others can know it by that name too."""
    stated = award.qualification
    return None if stated is None or is_local(stated) else stated


def _credential_type(award: Award) -> str | None:
    """Return the type of credential; the generic one is none in particular."""
    return None if award.credential_type == _GENERIC else award.credential_type


def _unknown(award: Award, accreditation: Accreditation) -> Iterator[str]:
    if accreditation.favourable is None:
        yield "its decision is stated in words that are not known here"
    if accreditation.programmes and award.qualification not in accreditation.programmes:
        yield "it is for a programme, and whether the award belongs to that is not known"
    stated = (
        (accreditation.fields, award.fields, "field of education"),
        (accreditation.eqf_levels, award.eqf_level, "EQF level"),
        (accreditation.credential_types, _credential_type(award), "type of credential"),
        (accreditation.qualifications, _qualification(award), "qualification"),
        (accreditation.jurisdictions, award.jurisdiction, "jurisdiction"),
    )
    for limit, value, name in stated:
        if limit and not value:
            yield f"it is limited by {name}, which the award does not state"


def _within(code: str, accepted: frozenset[str], broader: Callable[[str], Iterable[str]]) -> bool:
    """Tell whether a code, or any code above it, is among the accepted ones."""
    return code in accepted or any(one in accepted for one in _above(code, broader))


def _above(code: str, broader: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield the codes above a code, each once."""
    waiting, seen = [code], {code}
    while waiting:
        for one in broader(waiting.pop()):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
                yield one


def _inside(place: str, accepted: frozenset[str], broader: Callable[[str], Iterable[str]]) -> bool:
    """As `_within`, for places: a country is the same in the lists of countries and of regions."""
    countries = {one for one in accepted if one.startswith(_PLACES)}
    same = {base + one.rpartition("/")[2] for one in countries for base in _PLACES}
    return _within(place, accepted | same, broader)
