"""What holds for all tests: how they share two processes, and where their files lie.

A skip for want of ../shared fails where ../shared is to be there.
"""

import os
import shutil
from pathlib import Path

import pytest

from .shared import SHARED

_MEMORY = Path("/dev/shm")  # noqa: S108 - each run has a folder of its own
_ENOUGH_BYTES = 8 * 2**30


def pytest_configure() -> None:
    """Keep temporary files in memory where there is room: a store waits for the disk often."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Measure in this process, with nothing beside it."""
    if config.option.markexpr == "benchmark":
        config.option.numprocesses = 0


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Turn a skip whose reason is a missing ../shared into a failure where that folder exists."""
    del item, call
    outcome = yield
    report = outcome.get_result()
    if report.skipped and SHARED.is_dir() and "../shared" in str(report.longrepr):
        report.outcome = "failed"
