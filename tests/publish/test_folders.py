"""Temporary folders end with the process that made them, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from europass_ld.publish.serving.folders import temporary_folder

_KILLED = """
import os, signal
from europass_ld.publish.serving.folders import temporary_folder
with temporary_folder("test") as folder:
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_gone_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder is there for as long as it is used; another of a living process stays."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary_folder("test") as first:
        (first / "file").touch()
        with temporary_folder("test") as second:
            assert first.is_dir()
        assert not second.exists()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The next one of its kind removes it, and nothing of another kind or name."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    left = Path(killed.stdout.strip())
    other = tmp_path / left.name.replace("-test-", "-other-")
    other.mkdir()
    assert left.is_dir()
    with temporary_folder("test"):
        assert not left.exists()
    assert list(tmp_path.iterdir()) == [other]
