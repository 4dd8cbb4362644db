"""A real server for foreign clients, at the address that its store is named after."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

NODE_MODULES = Path(__file__).parent / "node_modules"
_LONGEST_START = 60
_PAUSE = 0.1


def free_base() -> str:
    """Return the base of a store that can be served on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


@contextmanager
def serving(directory: Path, base: str, settings: Mapping[str, str]) -> Iterator[None]:
    """Serve a store at its base, with settings from the environment."""
    port = base.rstrip("/").rpartition(":")[2]
    named = {f"EUROPASS_LD_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "europass_ld", "serve", "--store", str(directory), "--port", port],
        env={**os.environ, **named},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(base, sequence=0)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(base: str, *, sequence: int) -> None:
    """Wait until the server shows an event; each of its processes moves on when it is asked."""
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}health").json()["sequence"] >= sequence:
                return
        except httpx.TransportError:
            pass
        time.sleep(_PAUSE)
    pytest.fail(f"{base} did not show event {sequence}")


def npm_client(name: str, script: Path) -> list[str]:
    """Return the command that runs a script with an npm package, or skip if that is not there."""
    if not (NODE_MODULES / name).is_dir():
        pytest.skip(f"{name} is not installed: run tests/clients/install.sh")
    return ["node", str(script)]
