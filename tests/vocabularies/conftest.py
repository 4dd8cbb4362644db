"""The shipped code lists, compiled once for all tests of this folder."""

import pytest

from europass_ld.vocabularies import CodeLists, load_code_lists


@pytest.fixture(scope="session")
def code_lists(tmp_path_factory: pytest.TempPathFactory) -> CodeLists:
    """Return the shipped lists from a cache directory of the test run."""
    return load_code_lists(cache=tmp_path_factory.mktemp("cache"))
