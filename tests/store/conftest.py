"""A store of its own for each test."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from europass_ld.store import Store

from .making import BASE


class Clock:
    """Says that a minute has gone by each time it is asked."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the next minute."""
        self._now += timedelta(minutes=1)
        return self._now


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Name the directory of the store under test."""
    return tmp_path / "store"


@pytest.fixture
def store(directory: Path) -> Iterator[Store]:
    """Make an empty store, open for writing."""
    with Store.create(directory, BASE, clock=Clock()) as made:
        yield made
