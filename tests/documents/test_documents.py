"""Reading documents: what they are told to be, in what shape they may come, what is refused."""

import gzip
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from europass_ld.config import Settings
from europass_ld.documents import (
    Document,
    RecordStream,
    find_sources,
    has_proof,
    read_document,
    refuse_too_deep,
)
from europass_ld.errors import (
    DocumentError,
    LimitExceeded,
    MalformedDocument,
)
from europass_ld.mapping import FAMILIES, load_mapping

LOQ = load_mapping("loq").namespace("3.1")
AGENT = '<agentReferences><agent id="https://e.example/a"/></agentReferences>'


def loq(content: str = AGENT, *, attributes: str = "", head: str = "") -> str:
    """Return a LOQ document."""
    return f'{head}<Courses xmlns="{LOQ}"{attributes}>{content}</Courses>'


def opened(path: Path, settings: Settings | None = None) -> Document:
    """Return the one document in `path`."""
    (source,) = find_sources([path], settings or Settings())
    return read_document(source)


def read(data: bytes, folder: Path, settings: Settings | None = None) -> list[str]:
    """Write a document, read it, and return the paths of its records."""
    path = folder / "document.xml"
    path.write_bytes(data)
    return [record.path for record in RecordStream(opened(path, settings))]


@pytest.mark.parametrize(
    ("family", "namespace", "version"),
    [
        (family, namespace, version)
        for family in FAMILIES
        for namespace, version in load_mapping(family).namespaces.items()
    ],
)
@pytest.mark.parametrize("prefix", ["", "p:"])
@pytest.mark.parametrize("declared", [None, "3.1.0"])
def test_family_and_version_are_told_from_content(
    family: str, namespace: str, version: str, prefix: str, declared: str | None, tmp_path: Path
) -> None:
    """Every namespace is known, as default or prefixed, with or without xsdVersion."""
    root = prefix + load_mapping(family).root
    attribute = f' xsdVersion="{declared}"' if declared else ""
    binding = f"xmlns{':' + prefix[:-1] if prefix else ''}"
    path = tmp_path / "any.name"
    path.write_text(f'<{root} {binding}="{namespace}"{attribute}/>')
    document = opened(path)
    assert (document.table.family, document.version) == (family, version)
    assert document.declared == declared


def test_records_come_with_path_and_line(tmp_path: Path) -> None:
    """Each record says where it stood; elements of the same name inside a record are none."""
    content = (
        '\n<learningOpportunityReferences>\n<learningOpportunity id="a">'
        '<location idref="l"/></learningOpportunity>\n<learningOpportunity id="b"/>\n'
        '</learningOpportunityReferences><locationReferences><location id="l"/>'
        "</locationReferences>"
    )
    path = tmp_path / "a.xml"
    path.write_text(loq(content))
    found = [(record.path, record.line) for record in RecordStream(opened(path))]
    assert found == [
        ("/Courses/learningOpportunityReferences/learningOpportunity[1]", 3),
        ("/Courses/learningOpportunityReferences/learningOpportunity[2]", 4),
        ("/Courses/locationReferences/location[1]", 5),
    ]


def test_what_is_no_record_stays_in_the_skeleton(tmp_path: Path) -> None:
    """Stray elements, stray text and records in a wrong place are left for the schema to judge."""
    path = tmp_path / "a.xml"
    path.write_text(
        loq(
            f"{AGENT.replace('/></', '/>stray</')}<odd/><groupReferences><agent/></groupReferences>"
        )
    )
    stream = RecordStream(opened(path))
    assert len(list(stream)) == 1
    assert stream.skeleton is not None
    assert [child.tag.rpartition("}")[2] for child in stream.skeleton] == [
        "agentReferences",
        "odd",
        "groupReferences",
    ]
    assert stream.skeleton[0].text == "stray"
    assert len(stream.skeleton[2]) == 1


def test_gzip_zip_and_folders(tmp_path: Path) -> None:
    """A gzip file, the members of a zip archive and a folder of both give their documents."""
    (tmp_path / "in").mkdir()
    with gzip.open(tmp_path / "in" / "a.xml.gz", "wb") as file:
        file.write(loq().encode())
    with zipfile.ZipFile(tmp_path / "in" / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("z.xml", loq())
        archive.writestr("notes.txt", "left out")
        archive.writestr("a/b.xml", loq())
    (tmp_path / "in" / "dataset.toml").write_text("")
    sources = list(find_sources([tmp_path / "in"], Settings()))
    names = [source.name.removeprefix(str(tmp_path)) for source in sources]
    assert names == ["/in/a.xml.gz", "/in/b.zip!a/b.xml", "/in/b.zip!z.xml"]
    for source in sources:
        assert len(list(RecordStream(read_document(source)))) == 1
        assert source.size() == len(loq())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "utf-8-sig"])
def test_declared_encodings(encoding: str, tmp_path: Path) -> None:
    """UTF-8, UTF-16 and Latin-1 with a right declaration are read as what they say."""
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    text = loq(AGENT.replace("e.example", "é.example"), head=head)
    path = tmp_path / "a.xml"
    path.write_bytes(text.encode(encoding))
    (record,) = RecordStream(opened(path))
    assert record.element.get("id") == "https://é.example/a"


@pytest.mark.parametrize(("declared", "given"), [("UTF-8", "iso-8859-1"), ("ascii", "utf-8")])
def test_a_wrong_encoding_is_told_with_its_offset(
    declared: str, given: str, tmp_path: Path
) -> None:
    """The error names the first byte that the declared encoding cannot explain."""
    head = f'<?xml version="1.0" encoding="{declared}"?>'
    data = loq("<!--" + "x" * 100_000 + "é-->" + AGENT, head=head).encode(given)
    offset = data.index("é".encode(given))
    with pytest.raises(MalformedDocument, match=f"byte {offset:,} is not {declared}") as caught:
        read(data, tmp_path)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    "subset",
    ["", " [<!ENTITY e 'x'>]", " SYSTEM 'file:///etc/passwd'", " PUBLIC 'a' 'http://127.0.0.1/'"],
)
def test_a_doctype_is_refused(subset: str, tmp_path: Path) -> None:
    """Whatever a DOCTYPE holds, it is refused with its line, before anything is expanded."""
    with pytest.raises(MalformedDocument, match=r":2: a DOCTYPE is never accepted"):
        read(f"<?xml version='1.0'?>\n<!DOCTYPE Courses{subset}>{loq()}".encode(), tmp_path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b'{"payload": ""}', "looks like JSON"),
        (b"%PDF-1.7", "looks like a PDF"),
        (b"<SkillsPassport/>", "looks like a Europass CV"),
        (b"<Courses/>", "no namespace"),
        (b'<Courses xmlns="urn:x"/>', "namespace urn:x"),
        (b"<Courses", "not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><Courses/>', "encoding"),
    ],
)
def test_what_is_not_known_is_named(data: bytes, words: str, tmp_path: Path) -> None:
    """The refusal says what the document looks like."""
    with pytest.raises(DocumentError, match=words):
        read(data, tmp_path)


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ({"max_document_bytes": 1_000}, "max_document_bytes"),
        ({"max_record_bytes": 40_000}, "max_record_bytes"),
    ],
)
def test_size_limits(limits: dict[str, int], limit: str, tmp_path: Path) -> None:
    """A document or a record that is too large is refused, and the refusal names the limit."""
    with pytest.raises(LimitExceeded, match=limit) as caught:
        read(loq("<odd/>" * 20_000).encode(), tmp_path, Settings(**limits))  # type: ignore[arg-type]
    assert caught.value.limit == limit


def test_a_compression_bomb_is_refused(tmp_path: Path) -> None:
    """What grows a thousandfold is refused long before it is large, in gzip and zip alike."""
    bomb = loq(" " * 20_000_000).encode()
    with gzip.open(tmp_path / "a.xml.gz", "wb") as file:
        file.write(bomb)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.xml", bomb)
    for source in find_sources([tmp_path], Settings()):
        with pytest.raises(LimitExceeded, match="max_compression_ratio"):
            list(RecordStream(read_document(source)))


def test_too_many_documents_are_refused(tmp_path: Path) -> None:
    """The number of documents in one place is limited."""
    for number in range(3):
        (tmp_path / f"{number}.xml").write_text(loq())
    with pytest.raises(LimitExceeded, match="max_files"):
        list(find_sources([tmp_path], Settings(max_files=2)))


def test_depth_is_limited(tmp_path: Path) -> None:
    """A record that is nested too deeply is refused, and the parser has a bound of its own."""
    path = tmp_path / "a.xml"
    path.write_text(
        loq(f'<agentReferences><agent id="a">{"<x>" * 40}{"</x>" * 40}</agent></agentReferences>')
    )
    (record,) = RecordStream(opened(path))
    with pytest.raises(LimitExceeded, match="max_depth"):
        refuse_too_deep(record, "a.xml", 32)
    refuse_too_deep(record, "a.xml", 40)
    with pytest.raises(LimitExceeded, match="parser"):
        read(loq("<x>" * 5_000).encode(), tmp_path)


@pytest.mark.parametrize("cut", [30, 120, -5])
def test_a_truncated_document_is_malformed(cut: int, tmp_path: Path) -> None:
    """A document that breaks off is told with line and column."""
    with pytest.raises(MalformedDocument, match=r":1:\d+: not well-formed"):
        read(loq().encode()[:cut], tmp_path)


def test_a_damaged_archive_is_malformed(tmp_path: Path) -> None:
    """Damaged gzip and zip files are errors of the document, not of the program."""
    packed = gzip.compress(loq(" " * 10_000).encode())
    (tmp_path / "a.xml.gz").write_bytes(packed[:-20])
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(MalformedDocument, match="damaged"):
        list(RecordStream(opened(tmp_path / "a.xml.gz")))
    with pytest.raises(MalformedDocument, match="damaged"):
        opened(tmp_path / "b.zip")


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    """A missing path and a folder without documents are told apart from a bad document."""
    with pytest.raises(DocumentError, match="cannot be read"):
        list(find_sources([tmp_path / "none.xml"], Settings()))
    with pytest.raises(DocumentError, match="no document in it"):
        list(find_sources([tmp_path], Settings()))


def test_a_proof_is_noticed(tmp_path: Path) -> None:
    """A document that names XML Signature anywhere is said to hold a proof."""
    for content, expected in (
        (AGENT, False),
        ("x" * 100_000 + "http://www.w3.org/2000/09/xmldsig#", True),
    ):
        path = tmp_path / "a.xml"
        path.write_text(loq(f"<!--{content}-->"))
        assert has_proof(opened(path)) is expected


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: loq(text).encode()))
@hypothesis_settings(max_examples=300)
def test_garbage_gives_document_errors_only(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Whatever bytes come, reading ends with records or with a documented error."""
    path = tmp_path_factory.getbasetemp() / "garbage.xml"
    path.write_bytes(data)
    with suppress(DocumentError):
        for source in find_sources([path], Settings()):
            list(RecordStream(read_document(source)))
