"""Stores that the tests of profiles share."""

from collections.abc import Iterator

import pytest

from europass_ld.store import Reader
from tests.shared import ROOT, corpus

from . import stores

SAMPLES = ROOT / "data" / "samples"


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read a store of the two samples that use every class and element of both families."""
    directory = tmp_path_factory.mktemp("profiles") / "store"
    stores.load(directory, SAMPLES / "fr-formations", SAMPLES / "be-quality-register")
    with Reader(directory) as reader:
        yield reader


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read a store of all samples and of the real documents that are not meant to be refused."""
    directory = tmp_path_factory.mktemp("everything") / "store"
    real = [*corpus().glob("loq/*.xml"), *corpus().glob("ams/*HEAD*.xml")]
    stores.load(directory, SAMPLES, *sorted(real))
    with Reader(directory) as reader:
        yield reader
