"""A server with all samples, programs from npm, and a browser."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from selenium.webdriver.chrome.webdriver import WebDriver

from europass_ld.cli.main import main
from europass_ld.resources import demonstration
from tests.shared import ROOT

from .browser import start_chromium
from .serving import NODE_MODULES, free_base, serving

HERE = Path(__file__).parent
SAMPLES = ROOT / "data" / "samples"
FINNISH = "https://data.koulutustarjonta.example/"
Npm = Callable[..., str]
"""Runs a program of an npm package with arguments; returns what it prints."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve all samples with the real server; return its base address, which ends in a slash."""
    with _serving(tmp_path_factory.mktemp("clients"), free_base(), SAMPLES) as base:
        yield base


@pytest.fixture(scope="session")
def own_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a register whose IRIs are addresses of the very server; return what they begin with."""
    folder, base = tmp_path_factory.mktemp("own"), free_base()
    source = SAMPLES / "fi-koulutustarjonta" / "v2" / "opportunities.xml"
    text = source.read_text(encoding="utf-8").replace(FINNISH, base)
    (folder / "courses.xml").write_text(text, encoding="utf-8")
    with _serving(folder, base, folder / "courses.xml", urlsplit(base).netloc):
        yield base


@contextmanager
def _serving(folder: Path, base: str, source: Path, own: str = "") -> Iterator[str]:
    store = folder / "store"
    for command in (
        ["init", "--store", store, "--base", base],
        ["load", source, "--store", store],
    ):
        done = CliRunner().invoke(main, [str(one) for one in command])
        assert done.exit_code == 0, done.output
    trust = demonstration() / "trust"
    with serving(store, base, {"authoritative_hosts": own, "trust": str(trust)}):
        yield base


@pytest.fixture(scope="session")
def npm() -> Npm:
    """Return a function that runs a program of the packages that install.sh installed."""
    programs = NODE_MODULES / ".bin"
    if not programs.is_dir():
        pytest.skip("needs tests/clients/install.sh to have run")

    def run(program: str, *arguments: str, seconds: float = 120) -> str:
        done = subprocess.run(
            [programs / program, *arguments],
            cwd=HERE,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Start headless Chromium, with a profile of its own."""
    started = start_chromium(tmp_path_factory.mktemp("profile"))
    if started is None:
        pytest.skip("needs chromium and chromedriver (Debian: chromium, chromium-driver)")
    with started:
        yield started
