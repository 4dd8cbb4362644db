"""The documents of the benchmarks, and their table at the end of the run."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.tools.generate_loq import generate

from .measure import Figure, table

FIGURES = pytest.StashKey[list[Figure]]()
Documents = Callable[..., Path]
Report = Callable[[Figure], None]


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """Return a function that gives the path of a document of so many megabytes."""
    folder = tmp_path_factory.mktemp("documents")

    @cache
    def document(megabytes: float, *, changed_share: float = 0.0) -> Path:
        path = folder / f"{megabytes:g}-{changed_share:g}.xml"
        generate(path, round(megabytes * 1e6), changed_share=changed_share)
        return path

    return document


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    """Return a function that adds a line to the table."""
    return pytestconfig.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    figures = terminalreporter.config.stash.get(FIGURES, [])
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write_line(table(figures))
