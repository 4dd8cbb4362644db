"""Where the real documents and the conformance suites stand: beside the project, never in it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs ../shared/{name}, absent here", allow_module_level=True)
    return folder


def corpus() -> Path:
    """Return the folder of real documents and official artefacts; skip the test without it."""
    return _folder("corpus")


def suites() -> Path:
    """Return the folder of conformance suites; skip the test without it."""
    return _folder("suites")
