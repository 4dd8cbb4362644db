"""What the rows of a table are made of: functions from a record to a value of JSON-LD."""

from collections.abc import Callable, Mapping, Sequence

from ..derive.values import days
from ..plain import plain_text
from ..store import Reader
from ..terms import expand
from ..vocabularies import CodeLists
from .things import Thing, statements

Json = dict[str, object]
Value = object
"""Texts and objects, several in a list; None, `[]` or `{}` where nothing is stated."""
Maker = Callable[[Thing, "Around"], Value]

_MOST_RECORDS = 100
_MOST_OPPORTUNITIES = 20


class Around:
    """What is beside a record: other records of its dataset, the code lists, its language."""

    def __init__(self, reader: Reader, code_lists: CodeLists, dataset: str, language: str):
        self._reader = reader
        self._code_lists = code_lists
        self._dataset = dataset
        self.language = language

    def things(self, iris: Sequence[str]) -> list[Thing]:
        """Return those of the records that the dataset describes."""
        found = [find_thing(self._reader, iri, self._dataset) for iri in iris]
        return [one[0] for one in found if one]

    def opportunities(self, iri: str) -> list[Thing]:
        """Return opportunities that lead to a specification."""
        property_ = expand("elm:learningAchievementSpecification")
        return self.things(
            self._reader.subjects(property_, iri, self._dataset, limit=_MOST_OPPORTUNITIES)
        )

    def label(self, iri: str) -> tuple[str, str] | None:
        """Return what a code is called, and in which language."""
        return self._code_lists.label(iri, [self.language, "en"])

    def tag(self, iri: str) -> str | None:
        """Return the shortest ISO code of a language or country, given by its IRI."""
        concept = self._code_lists.concept(iri)
        tags = [one for one in concept.identifiers if one.isalpha()] if concept else []
        return min(tags, key=len, default=None)

    def texts(self, by_language: Mapping[str, Sequence[str]]) -> Value:
        """Return texts without markup, as JSON-LD wants them; one alone stands without a list."""
        said: list[object] = [*map(plain_text, by_language.get(self.language, ()))]
        said += [
            {"@language": tag, "@value": text} if tag else {"@value": text}
            for tag, texts in by_language.items()
            if tag != self.language
            for text in map(plain_text, texts)
        ]
        return said[0] if len(said) == 1 else said


def find_thing(reader: Reader, iri: str, dataset: str | None) -> tuple[Thing, str] | None:
    """Return a record and whose it is: the dataset's, or that of the first one that has it."""
    for one in reader.describe(iri):
        if dataset in {None, one.dataset}:
            return Thing(iri, statements(one.record.triples)), one.dataset
    return None


def texts(*path: str) -> Maker:
    """Take texts in all languages."""
    return lambda thing, around: around.texts(thing.texts(*path))


def title(thing: Thing, around: Around) -> Value:
    """Take what a record is called."""
    return around.texts(thing.title())


def literals(*path: str) -> Maker:
    """Take all literals, whatever their language."""
    return lambda thing, _: alone(thing.literals(*path))


def first(*path: str) -> Maker:
    """Take the first literal."""
    return lambda thing, _: next(iter(thing.literals(*path)), None)


def date(*path: str) -> Maker:
    """Take the day of the first moment."""
    return lambda thing, _: next((one[:10] for one in thing.literals(*path)), None)


def duration(*path: str) -> Maker:
    """Take a duration that says something: `P0Y0M` means that none was entered."""
    return lambda thing, _: next(filter(days, thing.literals(*path)), None)


def terms(*paths: tuple[str, ...]) -> Maker:
    """Take codes as defined terms."""

    def make(thing: Thing, around: Around) -> Value:
        return alone([_term(code, around) for path in paths for code in thing.things(*path)])

    return make


def _term(code: Thing, around: Around) -> Json:
    term: Json = {"@type": "DefinedTerm", "@id": code.iri}
    label = around.label(code.iri)
    if label:
        text, tag = label
        term["name"] = around.texts({"" if tag == "und" else tag: [text]})
    elif code.title():
        term["name"] = around.texts(code.title())
    return term


def made_of(kind: str, thing: Thing, around: Around, rows: Mapping[str, Maker]) -> Json:
    """Return an object with those properties that have a value."""
    made: Json = {"@type": kind, "@id": thing.iri}
    for name, make in rows.items():
        value = make(thing, around)
        if value not in (None, [], {}):
            made[name] = value
    return made


def alone(values: Sequence[object]) -> Value:
    """Take a value that is alone out of its list."""
    return values[0] if len(values) == 1 else list(values)


def nodes(*path: str, make: Callable[[Thing, Around], Value]) -> Maker:
    """Take nested nodes, each made by a function; those it makes nothing of are left out."""

    def all_(thing: Thing, around: Around) -> Value:
        made = [make(node, around) for node in thing.things(*path)]
        return alone([one for one in made if one is not None])

    return all_


def records(*path: str, make: Callable[[Thing, Around], Value]) -> Maker:
    """Take records that this one refers to, each made by a function."""

    def all_(thing: Thing, around: Around) -> Value:
        records = around.things(thing.iris(*path)[:_MOST_RECORDS])
        return alone([one for record in records if (one := make(record, around)) is not None])

    return all_


def named(kind: str) -> Callable[[Thing, Around], Json]:
    """Return what makes a reference to a record: class, IRI, name."""
    return lambda thing, around: made_of(kind, thing, around, {"name": title})


def without_iri(made: Json) -> Json:
    """Take away the IRI of a nested node, which means nothing outside."""
    return {name: value for name, value in made.items() if name != "@id"}


def listed(value: Value) -> list[object]:
    """Undo `alone`."""
    return value if isinstance(value, list) else [value]


def different(values: Sequence[object]) -> list[object]:
    """Return each value once."""
    return [one for number_, one in enumerate(values) if one not in values[:number_]]


def first_of(make: Maker, things: Sequence[Thing], around: Around) -> Value:
    """Return what a maker makes of the first thing that it makes anything of."""
    made = (make(one, around) for one in things)
    return next((value for value in made if value not in (None, [])), None)
