"""The store of the tests, and its accreditations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from europass_ld.accreditations import StoreAccreditations
from europass_ld.store import Reader
from europass_ld.vocabularies import CodeLists, load_code_lists

from .making import make


@pytest.fixture(scope="session")
def code_lists() -> CodeLists:
    """Return the code lists."""
    return load_code_lists()


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory, code_lists: CodeLists) -> Path:
    """Make the store."""
    directory = tmp_path_factory.mktemp("accreditations") / "store"
    make(directory, code_lists)
    return directory


@pytest.fixture(scope="session")
def source(directory: Path, code_lists: CodeLists) -> Iterator[StoreAccreditations]:
    """Return the accreditations of the store."""
    with Reader(directory) as reader:
        yield StoreAccreditations(reader, code_lists)
