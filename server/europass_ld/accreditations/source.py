"""The accreditations of a store, as verification asks for them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..store import Reader
from ..verify import Accreditation, AccreditationResult, Award, Organisation, assess
from ..verify.organisations import COUNTRIES
from ..vocabularies import CodeLists
from .description import read_accreditation
from .graphs import Graph
from .organisations import Held, accredited, describe

_ATU = "http://publications.europa.eu/resource/authority/atu/"
_COUNTRY = "http://publications.europa.eu/resource/authority/country/"
_REMEMBERED_CODES = 4096
_EUROPE = f"{_ATU}EUR"


class StoreAccreditations:
    """The accreditations of a store, an `AccreditationSource`; threads may share it.

    What is said of an accreditation counts dataset by dataset, and `Accreditation.source` names the
    dataset, so that none adds to what another decided. What identifies an organisation is gathered
    from all datasets, for registers often know it by its IRI alone; it is read once for each state.
    """

    def __init__(self, reader: Reader, code_lists: CodeLists):
        self._reader = reader
        self._code_lists = code_lists
        self._known: tuple[int, Held] = (-1, {})
        self._above = lru_cache(_REMEMBERED_CODES)(self._broader)

    def accreditations(self, organisation: Organisation) -> Sequence[Accreditation]:
        """Return the accreditations of an organisation, known by IRI or by any identifier."""
        keys = (one.comparable for one in organisation.identifiers)
        held = self._held()
        iris = {organisation.iri} if organisation.iri else set()
        iris.update(*(held.get(key, ()) for key in keys if key is not None))
        return tuple(found for iri in sorted(iris) for found in self._accreditations(iri))

    def broader(self, code: str) -> Sequence[str]:
        """Return the codes directly above an ISCED-F field, a region or a country.

        A region of administration is in the one whose code it goes on from (AUT_1: AUT), and a
        country of Europe is in Europe.
        """
        return self._above(code)

    def describe(self, iri: str) -> Organisation:
        """Return an organisation with the identifiers and names that the datasets state."""
        return describe(iri, Graph(self._reader.store))

    def assess(self, award: Award) -> AccreditationResult:
        """Tell whether an accreditation of the store covers an award."""
        return assess(award, self.accreditations(award.organisation), self.broader)

    def _broader(self, code: str) -> Sequence[str]:
        concept = self._code_lists.concept(code)
        above = (*concept.broader, *concept.matches) if concept else ()
        if not code.startswith((_ATU, _COUNTRY)):
            return above
        head, mark, _ = code.rpartition("_")
        in_europe = code.rpartition("/")[2] in COUNTRIES
        return (*above, *([head] if mark else []), *([_EUROPE] if in_europe else []))

    def _held(self) -> Held:
        sequence, known = self._reader.sequence, self._known
        if known[0] != sequence:
            known = self._known = (sequence, accredited(self._reader))
        return known[1]

    def _accreditations(self, organisation: str) -> Iterator[Accreditation]:
        described = self.describe(organisation)
        for one in self._reader.datasets():
            graph = Graph(self._reader.store, one.iri)
            for accreditation in sorted(_of(organisation, graph)):
                yield read_accreditation(accreditation, graph, described)


def _of(organisation: str, graph: Graph) -> set[str]:
    """Return the accreditations that a dataset gives to an organisation.

    Where only the organisation names one, it must not be said to be another's.
    """
    named = graph.values(organisation, "elm:accreditation")
    return {
        *graph.subjects("elm:organisation", organisation),
        *(one for one in named if not graph.values(one, "elm:organisation")),
    }
