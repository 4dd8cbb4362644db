"""One dataset's word on one accreditation."""

import re
from collections.abc import Iterable
from datetime import date

from ..verify import Accreditation, Organisation
from .graphs import Graph

_PROGRAMMES = frozenset(
    f"http://data.europa.eu/snb/accreditation/{one}"
    for one in ("820101cba6", "c_64666c29", "e57dddfcf3")
)
"""Types of accreditations that are for programmes, not for institutions."""
_YES = frozenset({"positive", "favourable", "accredited", "approved", "granted"})
_ENDED = frozenset({"withdrawn", "revoked"})
_NO = _ENDED | {"negative", "unfavourable", "refused", "rejected", "denied", "not"}
_YEAR, _DAY = len("2026"), len("2026-01-31")
_year = re.compile(r"(-?)(\d{4,})-").match
_words = re.compile(r"[a-z]+").findall


def read_accreditation(iri: str, graph: Graph, organisation: Organisation) -> Accreditation:
    """Return what a dataset says of an accreditation, as one that `organisation` has."""

    def values(property_: str) -> frozenset[str]:
        return frozenset(graph.values(iri, property_))

    kind = min(values("dct:type"), default=None)
    return Accreditation(
        iri=iri,
        organisation=organisation,
        issued=min(_days(values("dct:valid") or values("dct:issued"), date.max), default=None),
        expires=max(_days(values("elm:expiryDate"), date.min), default=None),
        favourable=_favourable(iri, graph),
        type=kind,
        title=next(iter(graph.texts(iri, "dct:title")), None),
        accrediting_agent=min(values("elm:accreditingAgent"), default=None),
        fields=values("elm:limitField"),
        eqf_levels=values("elm:limitEQFLevel"),
        credential_types=values("elm:limitCredentialType"),
        jurisdictions=values("elm:limitJurisdiction"),
        qualifications=values("elm:limitQualification") | _qualifications(iri, kind, graph),
        programmes=values("elm:limitAbstractProgramme"),
        source=graph.name,
    )


def _qualifications(iri: str, kind: str | None, graph: Graph) -> frozenset[str]:
    """Return the qualifications that name an accreditation of programmes as theirs."""
    if kind not in _PROGRAMMES:
        return frozenset()
    naming = graph.subjects("elm:accreditation", iri)
    return frozenset(one for one in naming if _is_qualification(one, graph))


def _is_qualification(iri: str, graph: Graph) -> bool:
    return any(one.endswith("/Qualification") for one in graph.values(iri, "rdf:type"))


def _days(moments: Iterable[str], unreadable: date) -> list[date]:
    """Return the days where the moments were written; XSD has years that a calendar has not."""
    return [_day(one, unreadable) for one in moments]


def _day(moment: str, unreadable: date) -> date:
    year = _year(moment)
    if year is None:
        return unreadable
    if year[1]:
        return date.min
    try:
        return date.fromisoformat(moment[:_DAY]) if len(year[2]) == _YEAR else date.max
    except ValueError:
        return unreadable


def _favourable(iri: str, graph: Graph) -> bool | None:
    """Tell how it was decided.

    Where no decision is stated the accreditation itself says it; one in words that are not known
    tells nothing.
    """
    statuses = graph.values(iri, "elm:status")
    decisions = [
        _told(one.rpartition("/")[2], *graph.values(one, "skos:prefLabel"))
        for one in graph.values(iri, "elm:decision")
    ]
    if _told(*statuses) & _ENDED or any(one & _NO for one in decisions):
        return False
    return True if all(one & _YES for one in decisions) else None


def _told(*texts: str) -> set[str]:
    return {word for one in texts for word in _words(one.lower())}
