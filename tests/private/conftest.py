"""Fixtures: credentials of invented people, sealed and not, and a store that keeps some."""

from pathlib import Path

import pytest

from tests.cli.test_documents import run
from tests.verify.conftest import trust_folder, world

from .making import CANARY_FILE, SAMPLE, Kept, canary, keep_all

__all__ = ["trust_folder", "world"]


@pytest.fixture
def canary_file(tmp_path: Path) -> Path:
    """Return an unsealed credential that is full of canaries."""
    file = tmp_path / CANARY_FILE
    file.write_bytes(canary())
    return file


@pytest.fixture(scope="package")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with a dataset and nothing private, to be copied."""
    store = tmp_path_factory.mktemp("published") / "store"
    assert run("load", SAMPLE, "--store", store).exit_code == 0
    return store


@pytest.fixture(scope="package")
def kept(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return a store with a dataset, credentials of two owners, and a token of each."""
    return keep_all(published, tmp_path_factory.mktemp("kept"))
