"""What holds for all tests: a skip for want of ../shared fails where ../shared is to be there."""

import pytest

from .shared import SHARED


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Turn a skip whose reason is a missing ../shared into a failure where that folder exists."""
    del item, call
    outcome = yield
    report = outcome.get_result()
    if report.skipped and SHARED.is_dir() and "../shared" in str(report.longrepr):
        report.outcome = "failed"
