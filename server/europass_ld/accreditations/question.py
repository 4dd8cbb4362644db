"""The question as people and programs put it, in texts, to an award that can be looked up."""

from collections.abc import Callable, Iterable
from datetime import date

from ..verify import Award, Identifier, Organisation
from ..verify.organisations import identifiers, read_identifier
from ..vocabularies import SCHEMA_VERSIONS, CodeLists

_BASES = {
    "eqf": "http://data.europa.eu/snb/eqf/",
    "isced-f": "http://data.europa.eu/snb/isced-f/",
    "credential": "http://data.europa.eu/snb/credential/",
    "atu": "http://publications.europa.eu/resource/authority/atu/",
}
_GROWING = ("credential", "atu")
_WEB = ("http://", "https://", "urn:")


def read_award(  # noqa: PLR0913 - a question has many parts
    code_lists: CodeLists,
    describe: Callable[[str], Organisation],
    *,
    organisation: Iterable[str],
    on: str,
    eqf: str | None = None,
    field: Iterable[str] = (),
    credential_type: str | None = None,
    jurisdiction: str | None = None,
    qualification: str | None = None,
) -> Award:
    """Return the award that is asked about.

    `organisation` are IRIs, and identifiers as certificates have them (VATFR-…, NTRFR-…,
    LEIXG-…), all of one organisation; `describe` tells by which identifiers an IRI is known. `on`
    is a date such as 2026-01-31. Codes are IRIs, or what stands at their end: 7, 0613, FIN.

    Raises:
        ValueError: a value that cannot be read, with what is accepted.
    """

    def code(name: str, text: str | None) -> str | None:
        return _code(code_lists, name, text) if text else None

    return Award(
        organisation=_organisation([one.strip() for one in organisation if one.strip()], describe),
        on=_day(on.strip()),
        qualification=qualification or None,
        fields=frozenset(_code(code_lists, "isced-f", one) for one in field if one),
        eqf_level=code("eqf", eqf),
        credential_type=code("credential", credential_type),
        jurisdiction=code("atu", jurisdiction),
    )


def _organisation(texts: list[str], describe: Callable[[str], Organisation]) -> Organisation:
    described = [describe(one) for one in texts if one.startswith(_WEB)]
    stated = [_identifier(one) for one in texts if not one.startswith(_WEB)]
    if len(described) + len(stated) == 0:
        raise ValueError("organisation is missing (an IRI, or an identifier such as VATFR-123)")
    if len(described) > 1:
        raise ValueError("organisation: one IRI is accepted, and any number of identifiers")
    known = described[0] if described else Organisation()
    return Organisation(known.iri, known.identifiers | identifiers(stated), known.names)


def _identifier(text: str) -> Identifier:
    found = read_identifier(text)
    if not found.scheme:
        raise ValueError(
            f"organisation {text!r} is neither an IRI nor an identifier such as VATFR-123, "
            "NTRFR-123 or LEIXG-123"
        )
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"on {text!r} is no date such as 2026-01-31") from error


def _code(code_lists: CodeLists, name: str, text: str) -> str:
    """Return the IRI of a code; only in the lists that grow may it be one that is not known."""
    is_iri = text.startswith(_WEB)
    iri = text if is_iri else _BASES[name] + text
    known = iri.startswith(_BASES[name]) and code_lists.concept(iri) is not None
    if not known and not (is_iri and name in _GROWING):
        near = code_lists.nearest((name,), iri, SCHEMA_VERSIONS[-1])
        hint = f"; did you mean {near}?" if near else ""
        raise ValueError(f"{text!r} is no code of the list {name}{hint}")
    return iri
