"""What the code lists tell about a code: its country, the codes above it, a language by its tag."""

from functools import cache, lru_cache

from ..vocabularies import SCHEMA_VERSIONS, CodeLists

_VERSION = SCHEMA_VERSIONS[-1]
_ISCED_LEVELS = {2: "eld:iscedBroad", 3: "eld:iscedNarrow", 4: "eld:iscedDetailed"}
"""By the number of digits of a code."""


class Codes:
    """The code lists, asked the questions that deriving asks; answers are remembered."""

    def __init__(self, code_lists: CodeLists):
        self._lists = code_lists
        schemes = {one.name: one.scheme for one in code_lists.lists()}
        self._nuts = f"{schemes['nuts']}/code/"
        self._countries = self._by_name("country")
        self._languages = self._by_name("language")
        self._known_countries = frozenset(self._countries.values())
        self.country = cache(self._country)
        self.framework_country = cache(self._framework_country)
        self.isced = cache(self._isced)
        self.isced_level = cache(self._isced_level)

    def country_named(self, text: str) -> str | None:
        """Return the IRI of the country that an IRI or a code (`FIN`, `FI`) names."""
        return text if text in self._known_countries else self._countries.get(text.upper())

    def language(self, tag: str) -> str | None:
        """Return the IRI of the language of a BCP 47 tag; script and region do not matter."""
        return self._languages.get(tag.partition("-")[0].upper())

    def _by_name(self, name: str) -> dict[str, str]:
        names: dict[str, str] = {}
        for concept in self._lists.concepts(name, _VERSION):
            for text in (concept.notation, *concept.identifiers):
                names.setdefault(text.upper(), concept.iri)
        return names

    def _country(self, code: str) -> str | None:
        """Return the country that a country, a region or an administrative unit is or lies in.

        Regions newer than the list are found by their longest known beginning: PT1A0 by PT1.
        """
        if code in self._known_countries:
            return code
        concept = self._lists.concept(code)
        if concept is None:
            is_region = code.startswith(self._nuts) and code != self._nuts
            return self._country(code[:-1]) if is_region else None
        found = self._known_countries.intersection(concept.matches)
        for above in concept.broader:
            found |= {one for one in (self.country(above),) if one}
        return min(found, default=None)

    def _framework_country(self, level: str) -> str | None:
        """Return the country of the national framework that a level belongs to, or that it is."""
        concept = self._lists.concept(level)
        if concept is None:
            return None
        above = (self.framework_country(one) for one in concept.broader)
        return concept.country or next(filter(None, above), None)

    def _isced(self, code: str) -> tuple[str, ...]:
        """Return an ISCED-F code and those above it, the most specific first."""
        concept = self._lists.concept(code)
        above = concept.broader if concept else ()
        return (code, *(one for broader in above for one in self.isced(broader)))

    def _isced_level(self, code: str) -> str | None:
        """Return the property for the codes of the ISCED-F level that a code stands at."""
        return _ISCED_LEVELS.get(len(self._lists.notation(code) or ""))


@lru_cache(maxsize=1)
def codes_of(code_lists: CodeLists) -> Codes:
    """Return the `Codes` of code lists; the last ones are kept, since making them reads a lot."""
    return Codes(code_lists)
