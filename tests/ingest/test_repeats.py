"""A delivery that repeats records finds what it would find if it checked all of them."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from europass_ld.config import Settings
from europass_ld.ingest import LoadOptions, LoadResult, load_delivery, plan_deliveries
from europass_ld.store import Delivery, EarlierChecks, Reader, Store, content_hash
from europass_ld.validate.report import Finding
from europass_ld.vocabularies import load_code_lists
from tests.shared import ROOT

SETTINGS = Settings(base="https://ld.example.org/", max_findings=10_000)
SAMPLES = ROOT / "data" / "samples"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
DATASET = "https://e.example/d"
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - waits for no disk
D = "https://data.example.org"
SKILL = "http://data.europa.eu/esco/skill"

NOTATIONS = ("", *(f"<identifier><skos:notation>{n}</skos:notation></identifier>" for n in "AB"))
TITLES = (
    '<title language="en">Bread</title>',
    '<title language="en"></title>',
    '<title language="en">Bread</title>\n<title language="en">Cake</title>',
)
SPECIFICATIONS = ("q1", "q2", "o1")
LABELS = (
    '<skos:prefLabel language="en">bake</skos:prefLabel>',
    '<skos:prefLabel language="en">baking</skos:prefLabel>',
    '<skos:prefLabel language="fi">leipoa</skos:prefLabel>',
    "",
)
SCHEMES = (
    "",
    "<skos:inScheme>http://data.europa.eu/esco/concept-scheme/skills</skos:inScheme>",
)
MAILBOXES = ("mailto:info@bread.example", "mailto:anna.virtanen@bread.example", "office@b.example")
LEVELS = ("5", "99")
STATUSES = ("released", "draft")


def opportunity(name: str, choose: st.DrawFn) -> str:
    """Draw a learning opportunity."""
    specification = choose(st.sampled_from(SPECIFICATIONS))
    return f"""<learningOpportunity id="{D}/{name}">{choose(st.sampled_from(NOTATIONS))}
{choose(st.sampled_from(TITLES))}
<providedBy idref="{D}/a1"/>
<learningAchievementSpecification idref="{D}/{specification}"/>
<defaultLanguage uri="http://publications.europa.eu/resource/authority/language/ENG"/>
<status>{choose(st.sampled_from(STATUSES))}</status>
<publisher idref="{D}/{choose(st.sampled_from(("a1", "a2")))}"/></learningOpportunity>"""


def qualification(name: str, choose: st.DrawFn) -> str:
    """Draw a qualification."""
    level = choose(st.sampled_from(LEVELS))
    return f"""<qualification id="{D}/{name}">{choose(st.sampled_from(TITLES))}
<learningOutcome idref="{D}/t1"/>
<EQFLevel uri="http://data.europa.eu/snb/eqf/{level}"/></qualification>"""


def outcome(name: str, choose: st.DrawFn) -> str:
    """Draw a learning outcome that says something of a skill."""
    label, scheme = choose(st.sampled_from(LABELS)), choose(st.sampled_from(SCHEMES))
    return f"""<learningOutcome id="{D}/{name}"><title language="en">Bakes</title>
<relatedESCOSkill uri="{SKILL}/{choose(st.sampled_from("12"))}">{label}{scheme}</relatedESCOSkill>
</learningOutcome>"""


def organisation(name: str, choose: st.DrawFn) -> str:
    """Draw an organisation with a mailbox, which others may have too."""
    return f"""<organisation id="{D}/{name}"><legalName language="en">School {name}</legalName>
<location idref="{D}/l1"/><contactPoint>
<emailAddress>{choose(st.sampled_from(MAILBOXES))}</emailAddress></contactPoint></organisation>"""


def location(name: str, _choose: st.DrawFn) -> str:
    """Return a place."""
    return (
        f'<location id="{D}/{name}"><geographicName language="fi">Oulu</geographicName></location>'
    )


CONTAINERS = {
    "learningOpportunityReferences": (opportunity, ("o1", "o2", "o3")),
    "learningAchievementSpecificationReferences": (qualification, ("q1", "q2")),
    "learningOutcomeReferences": (outcome, ("t1", "t2", "t3")),
    "agentReferences": (organisation, ("a1", "a2", "a3")),
    "locationReferences": (location, ("l1",)),
}
MOSTLY = (True,) * 7 + (False,)


@st.composite
def versions(draw: st.DrawFn) -> list[str]:
    """Draw documents of which each differs from the one before in a few records."""
    records = {name: make(name, draw) for make, names in CONTAINERS.values() for name in names}
    documents = [document(draw, records)]
    makers = {name: make for make, names in CONTAINERS.values() for name in names}
    for _ in range(draw(st.integers(1, 3))):
        for name in draw(st.lists(st.sampled_from(sorted(records)), max_size=3)):
            records[name] = makers[name](name, draw)
        documents.append(document(draw, records))
    return documents


def document(draw: st.DrawFn, records: dict[str, str]) -> str:
    """Write a document, mostly with all records, and with lines in places of their own."""
    parts = []
    for container, (_, names) in CONTAINERS.items():
        present = [records[one] for one in names if draw(st.sampled_from(MOSTLY))]
        space = "\n" * draw(st.integers(0, 2))
        parts.append(f"{space}<{container}>{space.join(present)}</{container}>" if present else "")
    return f"""<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/"
xmlns:skos="http://www.w3.org/2004/02/skos/core#" xsdVersion="3.1.0">{"".join(parts)}</Courses>"""


def load(store: Store, path: Path) -> LoadResult:
    """Load a document; records with errors are left out."""
    (plan,) = plan_deliveries([path], SETTINGS, base=store.base, dataset=DATASET)
    options = LoadOptions(keep_going=True, confirm=True)
    return load_delivery(store, plan, SETTINGS, load_code_lists(), options)


def found(findings: Iterable[Finding]) -> Counter[Finding]:
    """Count findings; of those on what records share it does not matter where they were met."""
    return Counter(
        one
        if one.result is None or one.result.focus == one.record or "genid" in one.result.focus
        else replace(one, record=None, line=None, path=None)
        for one in findings
    )


def blamed(result: LoadResult) -> set[str | None]:
    """Return the records in which something was found."""
    return {one.record for one in result.report.findings}


def served(store: Store) -> str:
    """Return a hash of all that is served but the reports, which number their findings."""
    with Reader(store.directory) as reader:
        return content_hash(one for one in reader.store if "/report/" not in str(one.graph_name))


@pytest.mark.slow
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(documents=versions())
def test_repeating_finds_what_checking_all_finds(documents: list[str]) -> None:
    """Findings, difference, verdicts and what is served are as if nothing were repeated.

    But when records only together say something wrong, one that is checked has to answer for it,
    not the first: from there on the two stores hold other records.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        path = Path(name) / "a.xml"
        short, long = (
            Store.create(Path(name) / one, SETTINGS.base, clock=lambda: NOON)
            for one in ("short", "long")
        )
        with short, long:
            for text in documents:
                path.write_text(text, encoding="utf-8")
                result = load(short, path)
                with patch.object(EarlierChecks, "find", return_value=None):
                    whole = load(long, path)
                assert found(result.report.findings) == found(whole.report.findings)
                if blamed(result) != blamed(whole):
                    break
                assert result.difference == whole.difference
                assert (result.records, result.triples) == (whole.records, whole.triples)
                assert served(short) == served(long)


def repeated(store: Store, path: Path) -> list[str]:
    """Load a document; return the IRIs of the records that were repeated."""
    known = []
    repeat = Delivery.repeat

    def noting(self: Delivery, iri: str, *rest: object) -> object:
        known.append(iri)
        return repeat(self, iri, *rest)  # type: ignore[arg-type]

    with patch.object(Delivery, "repeat", noting):
        load(store, path)
    return known


@pytest.mark.parametrize("family", ["fi-koulutustarjonta", "it-catalogo-formazione"])
def test_what_is_repeated(family: str, tmp_path: Path) -> None:
    """Of a sample with one record changed all others are repeated, at other lines too."""
    (source, *_) = sorted((SAMPLES / family).rglob("*.xml"))
    text = source.read_text("utf-8")
    path = tmp_path / "a.xml"
    with Store.create(tmp_path / "store", SETTINGS.base) as store:
        path.write_text(text, "utf-8")
        assert repeated(store, path) == []
        path.write_text(text.replace("?>", "?>\n\n", 1), "utf-8")
        everything = repeated(store, path)
        assert everything
        first_title = text.replace("</title>", " (2)</title>", 1)
        assert first_title != text
        path.write_text(first_title, "utf-8")
        assert len(repeated(store, path)) == len(everything) - 1


def test_a_redaction_has_all_checked_again(tmp_path: Path) -> None:
    """What was found in records may name what is removed: nothing of it is kept."""
    (source,) = (SAMPLES / "it-catalogo-formazione").glob("*.xml")
    text = source.read_text("utf-8")
    (iri, *_) = re.findall('<learningOpportunity id="([^"]+)"', text)
    with Store.create(tmp_path / "store", SETTINGS.base) as store:
        load(store, source)
        store.redact(iri=iri, reason="a test")
        records = re.findall(r'(?m)^ *<\w+ id="', text)
        again = tmp_path / source.name
        for known in (0, len(records) - 2):
            text = text.replace("</legalName>", ".</legalName>", 1)
            again.write_text(text, "utf-8")
            assert len(repeated(store, again)) == known


def test_who_is_new_has_to_answer(tmp_path: Path) -> None:
    """A new record that contradicts what others say of a concept is left out, and they stay."""
    path = tmp_path / "a.xml"

    def says(name: str, label: str) -> str:
        return f"""<learningOutcome id="{D}/{name}"><title language="en">Bakes</title>
<relatedESCOSkill uri="{SKILL}/1"><skos:prefLabel language="en">{label}</skos:prefLabel>
</relatedESCOSkill></learningOutcome>"""

    def write(*outcomes: str) -> None:
        path.write_text(
            f"""<Courses xmlns="http://data.europa.eu/snb/model/ap/loq-constraints/"
xmlns:skos="http://www.w3.org/2004/02/skos/core#" xsdVersion="3.1.0">
<learningOutcomeReferences>{"".join(outcomes)}</learningOutcomeReferences></Courses>""",
            "utf-8",
        )

    with Store.create(tmp_path / "store", SETTINGS.base) as store:
        write(says("t1", "bake"))
        assert load(store, path).difference.added == 1
        write(says("t1", "bake"), says("t2", "baking"))
        result = load(store, path)
        assert blamed(result) == {f"{D}/t2"}
        assert (result.difference.unchanged, result.difference.refused) == (1, 1)
