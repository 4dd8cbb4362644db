"""A harvester made of curl, rdflib and our own command line takes everything that is offered."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
import rdflib
from click.testing import CliRunner

from europass_ld.cli.main import main

pytestmark = pytest.mark.clients

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
_DESCRIPTIONS = (
    "catalogue",
    ".well-known/void",
    "ontology",
    "vocabularies",
    "vocabularies/isced-f",
    "about/shapes/loq",
)


def curl(*arguments: str | Path) -> None:
    """Run curl, which fails where the server refuses."""
    subprocess.run(["curl", "--silent", "--show-error", "--fail", *arguments], check=True)


@pytest.mark.parametrize("path", _DESCRIPTIONS)
def test_rdflib_reads_what_it_is_sent(server: str, path: str) -> None:
    """With the header that rdflib sends by itself it gets RDF that it can read."""
    assert len(rdflib.Graph().parse(f"{server}{path}")) > 30


def test_downloads_go_on_where_they_broke_off(server: str, tmp_path: Path) -> None:
    """Every file of the catalogue is had in two parts, and has the checksum that was promised."""
    catalogue = rdflib.Graph().parse(f"{server}catalogue")
    datasets = list(catalogue.objects(None, DCAT.dataset))
    assert len(datasets) == 9
    files = [
        file
        for dataset in datasets
        for file in catalogue.objects(dataset, DCAT.distribution)
        if (file, DCAT.downloadURL, None) in catalogue
    ]
    assert len(files) == 9 * 6
    for number, file in enumerate(files):
        address, path = str(catalogue.value(file, DCAT.downloadURL)), tmp_path / str(number)
        curl("--range", "0-99", "--output", path, address)
        assert path.stat().st_size == 100
        curl("--continue-at", "-", "--output", path, address)
        checksum = catalogue.value(catalogue.value(file, SPDX.checksum), SPDX.checksumValue)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == str(checksum).lower()


def test_the_xml_of_a_dump_makes_the_same_dataset(server: str, tmp_path: Path) -> None:
    """Loaded into an empty store it dumps as N-Quads with the canonical hash of the manifest."""
    catalogue = rdflib.Graph().parse(f"{server}catalogue")
    dataset = next(one for one in catalogue.objects(None, DCAT.dataset) if "formations" in str(one))
    (file,) = (
        file
        for file in catalogue.objects(dataset, DCAT.distribution)
        if str(file).endswith("xml-gz")
    )
    address = str(catalogue.value(file, DCAT.downloadURL))
    document, manifest, out = (tmp_path / one for one in ("d.xml.gz", "d.json", "d.nq"))
    curl("--output", document, address)
    curl("--output", manifest, address.replace("xml.gz", "json"))
    store, iri = str(tmp_path / "store"), str(dataset)
    # nested nodes are named below the base, so the copy needs the same
    for command in (
        ["init", "--store", store, "--base", server],
        ["load", str(document), "--store", store, "--dataset", iri],
        ["dump", "--store", store, "--dataset", iri, "--output", str(out)],
    ):
        done = CliRunner().invoke(main, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    expected = json.loads(manifest.read_text())["canonicalHash"]
    assert hashlib.sha256(out.read_bytes()).hexdigest() == expected
