"""The form of the files: what is written is read back, and a change is one line."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from europass_ld.vocabularies.model import Concept, Scheme
from europass_ld.vocabularies.turtle import read_list, write_list

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
LANGUAGES = st.sampled_from(["en", "de", "und", "pt-br"])
IRIS = st.from_regex(r"https://example\.org/(list/|other#)[A-Za-z0-9_.()-]{1,12}", fullmatch=True)
SOME_IRIS = st.lists(IRIS, max_size=2, unique=True).map(tuple)
SCHEME_IRI = st.sampled_from(["https://example.org/list/", "https://example.org/scheme"])


@st.composite
def lists(draw: st.DrawFn) -> tuple[Scheme, list[Concept]]:
    """Draw a scheme and its concepts, sorted by IRI."""
    scheme = Scheme(draw(SCHEME_IRI), draw(TEXT), draw(TEXT), draw(st.booleans()))
    concepts = [
        Concept(
            iri,
            scheme.iri,
            notation=draw(TEXT),
            labels=draw(st.dictionaries(LANGUAGES, TEXT)),
            broader=draw(SOME_IRIS),
            identifiers=draw(st.lists(TEXT, max_size=2, unique=True).map(tuple)),
            matches=draw(SOME_IRIS),
            country=draw(st.none() | IRIS),
            allowed_in=draw(st.sampled_from([(), ("ams-3.3",)])),
        )
        for iri in sorted(draw(st.sets(IRIS, min_size=1, max_size=4)))
    ]
    return scheme, concepts


@settings(max_examples=60, deadline=None)
@given(lists())
def test_round_trip(drawn: tuple[Scheme, list[Concept]]) -> None:
    """Whatever a list says comes back from its file, whatever characters it is written in."""
    scheme, concepts = drawn
    with TemporaryDirectory() as directory:
        file = Path(directory) / "list.ttl"
        file.write_bytes("".join(write_list(scheme, concepts)).encode())
        assert read_list(file) == (scheme, concepts)


def test_one_label_per_line(tmp_path: Path) -> None:
    """Each label has a line of its own, in the order of languages, so that a diff names it."""
    labels = {"fr": "un", "de": "eins"}
    concept = Concept("https://example.org/1", "https://example.org/", "1", labels)
    text = "".join(write_list(Scheme("https://example.org/", "Numbers", "1"), [concept]))
    assert text.splitlines()[-3:] == [
        ':1 a skos:Concept ; skos:inScheme scheme: ; skos:notation "1" ;',
        '    skos:prefLabel "eins"@de ,',
        '        "un"@fr .',
    ]
    file = tmp_path / "numbers.ttl"
    file.write_text(text, encoding="utf-8")
    assert read_list(file)[1] == [concept]
