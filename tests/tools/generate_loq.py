"""Write valid LOQ documents of any size: for benchmarks, and to compare two ways of lifting.

What stands where and how often comes from `mappings/loq.yaml` and `schemas/`, codes from
`data/vocabularies`; only how often optional elements are used, and with what, is said here.

    python -m tests.tools.generate_loq courses.xml --megabytes 10
"""

# ruff: noqa: RUF001, S311 - words in several scripts; nothing here is secret

import argparse
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from europass_ld.mapping import DATATYPES, Child, MappingTable, load_mapping
from europass_ld.terms import PREFIXES
from europass_ld.validate.content_model import Content, content_model
from europass_ld.vocabularies import CodeLists, load_code_lists

BASE = "https://data.example.org/"
UNIT_BYTES = 10_840
"""What one learning opportunity takes, with its share of everything it refers to."""

_SMALLEST = 20
_RELEASES = {"3.1": "3.1.0", "3.3": "3.3.1"}
_SELDOM = 0.03
_SHARES = {
    "learningOpportunity": 1.0,
    "learningAchievementSpecification": 0.33,
    "qualification": 0.66,
    "qualificationReference": 0.02,
    "learningOutcome": 2.7,
    "learningActivitySpecification": 0.1,
    "learningAssessmentSpecification": 0.06,
    "learningEntitlementSpecification": 0.03,
    "agent": 0.02,
    "organisation": 0.05,
    "group": 0.01,
    "accreditation": 0.05,
    "gradingScheme": 0.01,
    "location": 0.05,
}
_TIMES = {
    "identifier": (0, 1),
    "learningOpportunity/identifier": (1, 2),
    "learningOutcome/identifier": (0, 0),
    "additionalNote": (0, 0),
    "learningOpportunity/additionalNote": (0, 2),
    "address": (1, 1),
    "amount": (1, 1),
    "applicationDeadline": (0, 2),
    "accreditation": (0, 1),
    "admissionProcedure": (0, 1),
    "awardingOpportunity": (0, 1),
    "clv:latitude": (1, 1),
    "clv:longitude": (1, 1),
    "contactForm": (0, 1),
    "contactPoint": (0, 1),
    "contentUrl": (1, 1),
    "countryDialing": (0, 1),
    "creditPoint": (0, 1),
    "duration": (0, 1),
    "emailAddress": (1, 1),
    "endDate": (1, 1),
    "entryRequirement": (0, 1),
    "expiryDate": (0, 1),
    "fullAddress": (1, 1),
    "homepage": (1, 1),
    "learningOpportunity/homepage": (1, 2),
    "isPartialQualification": (0, 1),
    "ISCEDFCode": (1, 2),
    "issued": (0, 1),
    "language": (0, 1),
    "qualification/language": (1, 2),
    "learningOutcome": (2, 3),
    "learningOutcomeSummary": (1, 1),
    "learningSchedule": (0, 1),
    "learningSetting": (0, 1),
    "limitEQFLevel": (0, 2),
    "location": (1, 1),
    "locn:geometry": (1, 1),
    "maximumDuration": (0, 1),
    "member": (1, 3),
    "mode": (0, 2),
    "modified": (1, 1),
    "NQFLevel": (1, 2),
    "phone": (0, 2),
    "phoneNumber": (1, 1),
    "priceDetail": (0, 2),
    "publisher": (1, 1),
    "registration": (1, 1),
    "relatedESCOSkill": (0, 2),
    "reusabilityLevel": (0, 1),
    "schemeAgency": (0, 1),
    "schemeName": (0, 1),
    "skos:inScheme": (1, 1),
    "spatialCode": (1, 1),
    "startDate": (1, 1),
    "status": (0, 1),
    "subOrganizationOf": (1, 1),
    "targetGroup": (0, 2),
    "temporal": (0, 1),
    "volumeOfLearning": (0, 1),
    "Concept/skos:notation": (0, 1),
    "PriceDetail/skos:prefLabel": (1, 1),
    "WebResource/title": (1, 1),
}
"""How often optional elements stand, at least and at most; all others stand seldom."""

_EVERY_LANGUAGE = frozenset({"title", "description", "legalName", "skos:prefLabel"})
_WORDS_OF = {
    "title": (3, 9),
    "description": (20, 57),
    "noteLiteral": (10, 30),
    "legalName": (3, 6),
    "skos:prefLabel": (3, 4),
    "skos:altLabel": (1, 2),  # never as long as a name, so never equal to one
}
_VOCABULARY = {
    "en": "bread course for beginners in evening workshop practical knowledge of machines nursing "
    "music forestry and accounting with certificate at our school learners apply what they know",
    "fr": "atelier pour débutants en soirée connaissance pratique des métiers forêt musique santé "
    "avec certificat à l'école où chacun apprend selon ses besoins élève août cœur",
    "de": "Abendkurs für Anfänger praktische Übungen Maschinenbau Pflege Musik Forstwirtschaft und "
    "Buchführung mit Zeugnis an unserer Schule wo Lernende größere Aufgaben lösen",
    "fi": "iltakurssi aloittelijoille käytännön taitoja hoitotyö musiikki metsätalous ja "
    "kirjanpito todistus koulussa jossa oppija soveltaa osaamistaan yhdessä työelämän kanssa",
    "el": "μάθημα για αρχάριους πρακτική γνώση μηχανών νοσηλευτική μουσική δασοκομία και λογιστική "
    "με πιστοποιητικό στο σχολείο μας όπου όλοι μαθαίνουν",
    "bg": "вечерен курс за начинаещи практически умения здравни грижи музика горско стопанство и "
    "счетоводство със свидетелство в нашето училище",
    "pt-br": "oficina noturna para iniciantes prática de máquinas enfermagem música silvicultura e "
    "contabilidade com certificado na nossa escola onde cada um avança à sua maneira",
}
_WORDS = {language: words.split() for language, words in _VOCABULARY.items()}
_AWKWARD = (' "R&D" <5 ECTS>', " C:\\kurs", "\nzweite Zeile", " 100 % – 𝔖")
_YEARS = {"startDate": (2010, 2018), "issued": (2010, 2018), "expiryDate": (2027, 2032)}
_ESCO = "http://data.europa.eu/esco"
_SCHEMES = {
    "relatedESCOSkill": (f"{_ESCO}/skill/", f"{_ESCO}/concept-scheme/skills"),
    "limitOccupation": (f"{_ESCO}/occupation/", f"{_ESCO}/concept-scheme/occupations"),
    "concept": (f"{BASE}concept/", f"{BASE}concept"),
}
_CONCEPTS = 13_000
_COMPLETE = 2
_RECORD_DEPTH = 3
_CONCEPT_DEPTH = 1
_OWN_DEPTHS = frozenset({_RECORD_DEPTH, _CONCEPT_DEPTH})
_UPWARDS = frozenset({"isPartOf", "specialisationOf", "subOrganizationOf"})
_DOWNWARDS = frozenset({"hasPart", "generalisationOf", "hasSubOrganization"})
_DURATIONS = ("P1Y", "P3Y", "P6M", "P18M", "P40D", "PT120H", "P1Y6M", "P0Y0M", "PT90M")
_LITERALS: dict[str, Callable[[Random], str]] = {
    "boolean": lambda random: random.choice(("true", "false", "1", "0")),
    "decimal": lambda random: f"{random.randint(0, 9000)}.{random.choice(('50', '00', '05'))}",
    "duration": lambda random: random.choice(_DURATIONS),
    "integer": lambda random: str(random.randint(1, 10**6)),
    "status": lambda random: random.choice(("released", "draft")),
    "point": lambda random: str(random.randint(1, 240)),
    "contactHour": lambda random: str(random.randint(1, 40)),
    "phoneNumber": lambda random: f"+358 {random.randint(10**6, 10**7)}",
    "countryDialing": lambda _: "358",
    "areaDialing": lambda random: str(random.randint(2, 99)),
    "dialNumber": lambda random: str(random.randint(10**6, 10**7)),
    "schemeVersion": lambda random: f"{random.randint(1, 9)}.0",
    "clv:latitude": lambda random: f"{random.uniform(35, 70):.5f}",
    "clv:longitude": lambda random: f"{random.uniform(-10, 30):.5f}",
    "content": lambda random: b64encode(random.randbytes(96)).decode(),
}
"""By element name or datatype; other strings are words."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: records, how many of them are changed ones, and bytes."""

    records: int
    changed: int
    size: int


@dataclass(frozen=True, slots=True)
class _Row:
    """An element in its place: how often it may stand there, and what it holds."""

    child: Child
    least: int
    most: int | None
    times: tuple[int, int] | None
    rows: tuple["_Row", ...]


@dataclass(slots=True)
class _Plan:
    """What all records of a document have in common."""

    table: MappingTable
    code_lists: CodeLists
    version: str
    counts: dict[str, int]
    rows: dict[str, tuple[_Row, ...]] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(default_factory=dict)
    concepts: dict[str, str] = field(default_factory=dict)

    def code(self, name: str) -> list[str]:
        """Return the codes of a list in a fixed order."""
        if name not in self.codes:
            self.codes[name] = sorted(self.code_lists.codes(name, self.version, "loq"))
        return self.codes[name]


def generate(
    out: Path, size_bytes: int, *, version: str = "3.1", seed: int = 1, changed_share: float = 0.0
) -> Written:
    """Write a document of about `size_bytes` (at least some 350 kB) to `out`.

    The same arguments give the same bytes. `changed_share`: this share of the records (0.01: one
    in a hundred), evenly spread, says something else than it does with 0; all others are equal.
    The first two records of each kind have, together, every element that they may have.
    """
    units = max(_SMALLEST, round(size_bytes / UNIT_BYTES))
    counts = {kind: max(2, round(share * units)) for kind, share in _SHARES.items()}
    plan = _plan(version, counts)
    every = round(1 / changed_share) if changed_share else 0
    records = changed = 0
    with out.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(_start(plan))
        for container in plan.table.containers:
            stream.write(f" <{container}>\n")
            for kind, mapped in plan.table.records.items():
                for number in range(counts[kind] if mapped.container == container else 0):
                    records += 1
                    again = bool(every) and records % every == 0
                    changed += again
                    random = Random(f"{seed} {kind} {number} {again}")
                    stream.writelines(_Record(plan, kind, number, random).lines())
            stream.write(f" </{container}>\n")
        stream.write(f"</{plan.table.root}>\n")
    return Written(records, changed, out.stat().st_size)


def _plan(version: str, counts: dict[str, int]) -> _Plan:
    table = load_mapping("loq")
    namespace = table.namespace(version)
    elements = content_model("loq", version, namespace).elements
    plan = _Plan(table, load_code_lists(), version, counts)
    for kind in table.records:
        plan.rows[kind] = _rows(plan, kind, elements[f"{{{namespace}}}{kind}"], namespace)
    return plan


def _rows(plan: _Plan, owner: str, content: Content, namespace: str) -> tuple[_Row, ...]:
    table = plan.table
    mapped = table.records.get(owner) or table.nodes[owner]
    children = {child.tag(namespace): child for child in mapped.children}
    rows = []
    for particle in content.particles:
        child = children[particle.tag]
        described = "Concept" if child.kind == "code" and not child.codes else None
        nested = child.node or described
        rows.append(
            _Row(
                child,
                particle.least,
                particle.most,
                _TIMES.get(f"{owner}/{child.name}", _TIMES.get(child.name)),
                _rows(plan, nested, particle.content, namespace) if nested else (),
            )
        )
    return tuple(rows)


def _start(plan: _Plan) -> str:
    prefixes = "".join(
        f' xmlns:{prefix}="{PREFIXES[prefix]}"' for prefix in ("skos", "dct", "locn", "clv")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{plan.table.root} xmlns="{plan.table.namespace(plan.version)}"{prefixes}'
        f' xsdVersion="{_RELEASES[plan.version]}">\n'
    )


@cache
def _iri(kind: str, number: int) -> str:
    """Return the IRI of a record; some are hash IRIs, some are not ASCII, as in the wild."""
    tail = {"learningOutcome": "#2", "organisation": "-koulutusyhtymä"}.get(kind, "")
    return f"{BASE}{kind}/{number}{tail}"


class _Record:
    """Draws one record, or one concept."""

    def __init__(self, plan: _Plan, kind: str, number: int, random: Random):
        self._plan = plan
        self._kind = kind
        self._number = number
        self._random = random
        self._languages = random.sample([*_WORDS], random.randint(2, 4))
        self._complete = number < _COMPLETE
        self._serial = 0
        self._firsts: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        """Yield the record's element in pieces."""
        yield f'  <{self._kind} id="{_iri(self._kind, self._number)}">\n'
        yield from self.children(self._plan.rows[self._kind], _RECORD_DEPTH)
        yield f"  </{self._kind}>\n"

    def children(self, rows: tuple[_Row, ...], depth: int) -> Iterator[str]:
        """Yield the elements of `rows`, indented by `depth` spaces."""
        for row in rows:
            for ordinal in range(self._times(row, depth)):
                value = self._value(row, ordinal, depth)
                if value is not None:
                    name, (attributes, content) = row.child.name, value
                    end = f">{content}</{name}>" if content else "/>"
                    yield f"{' ' * depth}<{name}{attributes}{end}\n"

    def _times(self, row: _Row, depth: int) -> int:
        if row.child.name in _EVERY_LANGUAGE and depth in _OWN_DEPTHS:
            return len(self._languages)
        if row.times is not None:
            times = self._random.randint(*row.times)
        else:
            times = int(self._random.random() < _SELDOM)
        least = max(row.least, int(self._complete))
        return max(least, times if row.most is None else min(times, row.most))

    def _value(self, row: _Row, ordinal: int, depth: int) -> tuple[str, str] | None:
        """Return the attributes and the content of an element; None where there is no target."""
        child, content = row.child, ""
        if child.kind == "code":
            return self._code(row, ordinal, depth)
        if child.kind in {"reference", "mention"}:
            target = self._target(child, ordinal)
            return None if target is None else (f' idref="{target}"', "")
        if child.kind == "text":
            language = self._languages[ordinal]
            return f' language="{language}"', escape(self._text(child.name, language))
        if child.kind == "node":
            content = f"\n{''.join(self.children(row.rows, depth + 1))}{' ' * depth}"
        elif child.kind == "notation":
            return self._notation()
        else:
            content = self._literal(child) if child.kind in DATATYPES else self._name(child)
        return "", content

    def _notation(self) -> tuple[str, str]:
        self._serial += 1
        number = self._random.randint(0, 9)
        datatype = f' type="{BASE}scheme/{number}"' if number else ""
        return datatype, f"{self._kind}-{self._number}-{self._serial}"

    def _text(self, name: str, language: str) -> str:
        random = self._random
        words = random.choices(_WORDS[language], k=random.randint(*_WORDS_OF.get(name, (2, 4))))
        awkward = random.choice(_AWKWARD) if random.random() < _SELDOM else ""
        return f"{' '.join(words)}{awkward}"

    def _code(self, row: _Row, ordinal: int, depth: int) -> tuple[str, str]:
        child = row.child
        if child.codes:
            codes = self._plan.code(self._random.choice(child.codes))
            return f' uri="{codes[self._nth(child.name, len(codes), ordinal)]}"', ""
        kind = child.name if child.name in _SCHEMES else "concept"
        number = self._nth(child.name, _CONCEPTS, ordinal)
        iri = f"{_SCHEMES[kind][0]}{number:05d}"
        known = self._plan.concepts
        if iri not in known:  # drawn from its IRI alone, so always the same
            concept = _Record(self._plan, kind, number, Random(iri))
            known[iri] = "".join(concept.children(row.rows, _CONCEPT_DEPTH))
        return f' uri="{iri}"', f"\n{known[iri]}{' ' * depth}"

    def _target(self, child: Child, ordinal: int) -> str | None:
        counts = self._plan.counts
        if child.name in _UPWARDS:
            return _iri(self._kind, (self._number - 1) // 2) if self._number else None
        if child.name in _DOWNWARDS:
            part = 2 * self._number + 1
            return _iri(self._kind, part) if part < counts[self._kind] else None
        if self._kind in child.targets:  # the specification that an awarding opportunity awards
            return _iri(self._kind, self._number)
        targets = child.targets[:1] if child.name == "limitQualification" else child.targets
        number = self._nth(child.name, sum(counts[kind] for kind in targets), ordinal)
        for kind in targets:
            if number < counts[kind]:
                return _iri(kind, number)
            number -= counts[kind]
        return None

    def _nth(self, name: str, size: int, ordinal: int) -> int:
        """Draw once for each name, and go on from there: repeated elements differ."""
        first = self._firsts.setdefault(name, self._random.randrange(size))
        return (first + ordinal) % size

    def _literal(self, child: Child) -> str:
        if child.kind == "anyURI":
            query = f"id={self._random.getrandbits(20)}&amp;lang={self._languages[0]}"
            return f"https://www.example.org/{self._kind}/{self._number}?{query}"
        if child.kind == "dateTime":
            return _date_time(self._random, *_YEARS.get(child.name, (2019, 2026)))
        draw = _LITERALS.get(child.name) or _LITERALS.get(child.kind)
        return draw(self._random) if draw else escape(self._text(child.name, self._languages[0]))

    def _name(self, child: Child) -> str:
        """Return an IRI that stands as text."""
        if child.kind == "mailbox":
            return f"mailto:info@{self._kind.lower()}{self._number}.example.org"
        if child.kind == "scheme":
            return _SCHEMES[self._kind][1]
        return _iri("organisation", self._random.randrange(self._plan.counts["organisation"]))


def _date_time(random: Random, first_year: int, last_year: int) -> str:
    year, month = random.randint(first_year, last_year), random.randint(1, 12)
    hour = random.randint(0, 24)
    zone = random.choice(("", "Z", "+01:00", "+00:00"))
    return f"{year}-{month:02d}-{random.randint(1, 28):02d}T{hour:02d}:00:00{zone}"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--version", choices=[*_RELEASES], default="3.1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changed-share", type=float, default=0.0)
    given = parser.parse_args()
    print(
        generate(
            given.out,
            round(given.megabytes * 1e6),
            version=given.version,
            seed=given.seed,
            changed_share=given.changed_share,
        )
    )


if __name__ == "__main__":
    main()
