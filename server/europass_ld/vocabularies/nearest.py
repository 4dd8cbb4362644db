"""Find the code that was probably meant by a wrong one.

Rules from the surest to the vaguest; the first that finds something decides. Each looks at a
bounded number of keys or names, whatever the size of the list.
"""

import difflib
import re
import string
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from urllib.parse import unquote

from .model import Concept, namespace_of

_LONGEST_IRI = 300
_LONGEST_CODE = 24
_SHORTEST_NAME = 4
_MOST_NAMES = 500
_ALPHABET = string.digits + string.ascii_lowercase + "-_"
_SIMILAR = 0.8


class Index:
    """The codes of one list by everything that a wrong code may have in common with them."""

    def __init__(self, concepts: Iterable[Concept]):
        self.namespaces: set[str] = set()
        self.iris: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.unpadded: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.alike: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        self.well_known: set[str] = set()
        self.hierarchical = False
        for concept in concepts:
            self._add(concept)
        self.sorted_names = sorted(self.names)

    def _add(self, concept: Concept) -> None:
        notation = concept.notation.casefold()
        self.namespaces.add(namespace_of(concept.iri))
        self.iris[_normal_iri(concept.iri)] = concept.iri
        self.codes[notation] = concept.iri
        self.unpadded.setdefault(notation.lstrip("0"), concept.iri)
        self.hierarchical |= bool(concept.broader)
        for identifier in concept.identifiers:
            self.codes.setdefault(identifier.casefold(), concept.iri)
            self.well_known.add(concept.iri)
        for name in map(_normal_name, concept.labels.values()):
            if name not in self.names:
                self.names[name] = concept.iri
                self.alike[name[:1], len(name)].append(name)


def nearest(iri: str, indexes: Iterable[Index], allowed: Sequence[Collection[str]]) -> str | None:
    """Return the code in one of the sets `allowed` that `iri` probably means, or None."""
    if len(iri) > _LONGEST_IRI:
        return None
    by_namespace = sorted(indexes, key=lambda index: namespace_of(iri) not in index.namespaces)
    for rule in _RULES:
        for index in by_namespace:
            for found in rule(iri, index):
                if found != iri and any(found in codes for codes in allowed):
                    return found
    return None


def _same_iri(iri: str, index: Index) -> Iterator[str]:
    """Case, http or https, www., a slash or spaces at the end."""
    yield from _found(index.iris, _normal_iri(iri))


def _same_code(iri: str, index: Index) -> Iterator[str]:
    """The code in another namespace or in another standard (de, ger, DE), or a lost zero."""
    code = _code(iri)
    yield from _found(index.codes, code)
    if code.isdecimal():
        yield from _found(index.unpadded, code.lstrip("0"))


def _same_name(iri: str, index: Index) -> Iterator[str]:
    """A name in the place of the code."""
    yield from _found(index.names, _normal_name(_code(iri)))


def _number(iri: str, index: Index) -> Iterator[str]:
    """A number beyond the ends of a list of single digits."""
    code = _code(iri)
    if code.isdecimal() and all(one.isdecimal() and len(one) == 1 for one in index.codes):
        yield index.codes[min(index.codes, key=lambda one: abs(int(one) - int(code)))]


def _one_slip(iri: str, index: Index) -> Iterator[str]:
    """One character wrong, missing or too many, or two exchanged.

    Codes that also have a short standard code go first: in a list of every language, a slip always
    hits some language.
    """
    code = _code(iri)
    if len(code) <= _LONGEST_CODE:
        found = [index.codes[one] for one in _slips(code) if one in index.codes]
        yield from sorted(dict.fromkeys(found), key=lambda one: one not in index.well_known)


def _shorter(iri: str, index: Index) -> Iterator[str]:
    """The longest code above: of a unit that the list lacks, of a language tag with a region."""
    code = _code(iri)[:_LONGEST_CODE]
    for length in range(len(code) - 1, 1, -1):
        if index.hierarchical or code[length] in "-_":
            yield from _found(index.codes, code[:length])


def _cut_name(iri: str, index: Index) -> Iterator[str]:
    """The first words of the names of just one code."""
    beginning = _normal_name(_code(iri)) + " "
    first = bisect_left(index.sorted_names, beginning)
    following = index.sorted_names[first : first + _MOST_NAMES]
    found = {index.names[one] for one in following if one.startswith(beginning)}
    if len(beginning) > _SHORTEST_NAME and len(found) == 1:
        yield from found


def _similar_name(iri: str, index: Index) -> Iterator[str]:
    """A misspelt name: the same first letter, and about as long."""
    name = _normal_name(_code(iri))
    if len(name) < _SHORTEST_NAME:
        return
    difference = len(name) // _SHORTEST_NAME
    lengths = (len(name) + more for more in sorted(range(-difference, difference + 1), key=abs))
    candidates = (one for length in lengths for one in index.alike.get((name[0], length), ()))
    bounded = list(islice(candidates, _MOST_NAMES))
    for match in difflib.get_close_matches(name, bounded, n=1, cutoff=_SIMILAR):
        yield index.names[match]


_RULES: tuple[Callable[[str, Index], Iterator[str]], ...] = (
    _same_iri,
    _same_code,
    _same_name,
    _number,
    _one_slip,
    _shorter,
    _cut_name,
    _similar_name,
)


def _slips(code: str) -> Iterator[str]:
    for at in range(len(code) - 1):
        yield code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    for at in range(len(code) - 1, -1, -1):
        for other in _by_distance(code[at]):
            yield code[:at] + other + code[at + 1 :]
    for at in range(len(code) - 1, -1, -1):
        yield code[:at] + code[at + 1 :]
    for at in range(len(code), -1, -1):
        for other in _ALPHABET:
            yield code[:at] + other + code[at:]


def _by_distance(character: str) -> list[str]:
    return sorted(_ALPHABET, key=lambda one: abs(ord(one) - ord(character)))


def _found(table: dict[str, str], key: str) -> Iterator[str]:
    if key in table:
        yield table[key]


def _normal_iri(iri: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", iri.strip().casefold()).rstrip("/#")


def _code(iri: str) -> str:
    return unquote(re.split(r"[/#:]", iri.strip().rstrip("/#"))[-1]).casefold()


def _normal_name(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
