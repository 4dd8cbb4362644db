"""OAI-PMH on real documents: Europass XML, lists that are cut, lists that change meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from europass_ld.harvest.oai import Repository, answers
from europass_ld.profiles import closure_xml
from europass_ld.store import Reader, Store
from tests.profiles import stores
from tests.shared import ROOT
from tests.store import making

OAI = "{http://www.openarchives.org/OAI/2.0/}"
NOW = "2999-01-01T00:00:00Z"
SAMPLES = ROOT / "data" / "samples"


def _repository(reader: Reader, page_size: int = 50) -> Repository:
    return Repository(
        reader,
        page_size=page_size,
        admin_email="data@example.org",
        most_bytes=stores.MOST_BYTES,
    )


def _ask(repository: Repository, **arguments: str) -> etree._Element:
    return etree.fromstring(repository.answer([*arguments.items()], NOW).encode())


def _texts(root: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in root.iter(OAI + name)]


def _records(repository: Repository, prefix: str) -> Iterator[etree._Element]:
    page = _ask(repository, verb="ListRecords", metadataPrefix=prefix)
    while True:
        yield from page.iter(f"{OAI}record")
        tokens = _texts(page, "resumptionToken")
        if not any(tokens):
            return
        page = _ask(repository, verb="ListRecords", resumptionToken=tokens[0])


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read a store of two samples, one of each family."""
    directory = tmp_path_factory.mktemp("oai") / "store"
    stores.load(directory, SAMPLES / "fr-formations", SAMPLES / "be-quality-register")
    with Reader(directory) as reader:
        yield reader


@pytest.mark.parametrize("family", ["loq", "ams"])
def test_europass_xml_is_the_closure_of_each_record(reader: Reader, family: str) -> None:
    """All records of a family, and no others, come as the documents that profiles makes of them."""
    (dataset,) = (one.iri for one in reader.datasets() if one.family == family)
    found = list(_records(_repository(reader), f"elm_{family}"))
    assert len(found) == sum(reader.count_by_type(dataset).values()) > 30
    for record in found[::10]:
        iri = _texts(record, "identifier")[0].split(":", 3)[3]
        document = closure_xml(reader, iri, dataset=dataset, most_bytes=stores.MOST_BYTES)
        (metadata,) = record.iter(f"{OAI}metadata")
        assert _canonical(metadata[0]) == _canonical(etree.fromstring(document))


def _canonical(element: etree._Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True))


def test_a_record_that_is_too_large_for_a_form(reader: Reader) -> None:
    """In a list it is one that this form no longer has; asked for, it cannot be had."""
    repository = Repository(reader, 500, "data@example.org", most_bytes=10)
    found = list(_records(repository, "elm_loq"))
    assert {one[0].get("status") for one in found} == {"deleted"}
    (identifier, *_) = _texts(found[0], "identifier")
    error = _ask(repository, verb="GetRecord", identifier=identifier, metadataPrefix="elm_loq")
    assert [one.get("code") for one in error.iter(f"{OAI}error")] == ["cannotDisseminateFormat"]


def test_long_lists_are_cut(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page ends when it is long, and the next one begins with the record after it."""
    whole = [_texts(one, "identifier") for one in _records(_repository(reader, 500), "rdf")]
    monkeypatch.setattr(answers, "_LONGEST_LIST", 20_000)
    repository = _repository(reader, 500)
    first = _ask(repository, verb="ListRecords", metadataPrefix="rdf")
    assert 0 < len(list(first.iter(f"{OAI}record"))) < len(whole) / 4
    assert [_texts(one, "identifier") for one in _records(repository, "rdf")] == whole


def test_a_list_goes_on_over_new_versions(tmp_path: Path) -> None:
    """A token outlives server and state: each record that is there in the end comes at least once.

    What changes while a list is read comes again, at its end.
    """
    directory = tmp_path / "store"
    with Store.create(directory, making.BASE) as store:
        making.load(store, making.CATALOGUE, *map(making.record, "abcdef"))
        with Reader(directory) as reader:
            page = _ask(_repository(reader, 2), verb="ListRecords", metadataPrefix="rdf")
            seen = _seen(page)
        kept = [making.record(name, "New" if name == "a" else "A title") for name in "abcef"]
        making.load(store, making.CATALOGUE, *kept, making.record("g"))
    with Reader(directory) as reader:
        while any(tokens := _texts(page, "resumptionToken")):
            page = _ask(_repository(reader, 2), verb="ListRecords", resumptionToken=tokens[0])
            seen += _seen(page)
    assert seen == [
        *(("a", ""), ("b", "")),
        *(("c", ""), ("e", ""), ("f", "")),
        *(("d", "deleted"), ("a", ""), ("g", "")),
    ]


def _seen(page: etree._Element) -> list[tuple[str, str]]:
    headers = page.iter(f"{OAI}header")
    return [
        (_texts(one, "identifier")[0].rpartition("/")[2], one.get("status", "")) for one in headers
    ]


def test_a_list_whose_rest_has_gone_must_begin_anew(tmp_path: Path) -> None:
    """When all that was to come is later than `until` now, the token is not good any more."""
    directory = tmp_path / "store"
    with Store.create(directory, making.BASE) as store:
        making.load(store, making.CATALOGUE, *map(making.record, "abc"))
        with Reader(directory) as reader:
            until = reader.versions(making.CATALOGUE.iri)[0].time
            page = _ask(
                _repository(reader, 2), verb="ListRecords", metadataPrefix="rdf", until=until
            )
        (token,) = _texts(page, "resumptionToken")
        store._log.execute("UPDATE event SET time = '2000-01-01T00:00:00Z'")
        store._log.execute("UPDATE store SET created = '2000-01-01T00:00:00Z'")
        making.load(store, making.CATALOGUE, *(making.record(name, "New") for name in "abc"))
        store._log.execute("UPDATE event SET time = '2998-01-01T00:00:00Z' WHERE sequence = 2")
    with Reader(directory) as reader:
        page = _ask(_repository(reader, 2), verb="ListRecords", resumptionToken=token)
    assert [one.get("code") for one in page.iter(f"{OAI}error")] == ["badResumptionToken"]


def test_what_is_committed_and_not_yet_served_is_not_missed(tmp_path: Path) -> None:
    """Until a load is served, responses are dated no later than it; so `from` will find it."""
    directory = tmp_path / "store"
    with Store.create(directory, making.BASE) as store:
        making.load(store, making.CATALOGUE, making.record("a"))
        with Reader(directory) as reader:
            assert _texts(_ask(_repository(reader), verb="Identify"), "responseDate") == [NOW]
            version = making.load(store, making.CATALOGUE, making.record("b"))
            dated = _texts(_ask(_repository(reader), verb="Identify"), "responseDate")
            assert dated == [version.time]
            reader.refresh()
            asked = [("verb", "ListIdentifiers"), ("metadataPrefix", "rdf"), ("from", dated[0])]
            answer = _repository(reader).answer(asked, NOW)
    assert "/b</identifier>" in answer
