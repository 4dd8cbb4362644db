"""The documentation is tested: what it lists is there, what is there is listed, commands run."""

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from europass_ld.cli import main
from europass_ld.config import Settings
from tests.shared import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FOLDERS = ("server", "ontology", "shapes", "mappings", "schemas", "data", "tests")


def commands() -> dict[str, click.Command]:
    """Return all commands by name, subcommands with the name of their group before theirs."""
    found: dict[str, click.Command] = {}
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": one for sub, one in command.commands.items()}
        else:
            found[name] = command
    return found


def documented_commands() -> dict[str, str]:
    """Return the row of each command in the README's table by the command's name."""
    section = README.partition("## The command line")[2].partition("\n## ")[0]
    rows = {}
    for line in section.splitlines():
        if line.startswith("| `"):
            for code in re.findall(r"`([^`]+)`", line.split(" | ")[0]):
                name = re.match(r"[a-z]+( list| import| update| create| revoke)?", code)
                assert name, code
                rows[name[0]] = code
    return rows


def test_every_command_is_documented() -> None:
    """The README's table has exactly the commands that there are."""
    assert set(documented_commands()) == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_is_documented(name: str) -> None:
    """Each option of a command stands in its row, and no other does."""
    row = documented_commands()[name]
    options = {
        option
        for parameter in commands()[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts[-1:]
        if option.startswith("--")
    }
    short = {"--output"}  # the row says -o
    understood = {"--store"} if name in {"rebuild", "revert", "withdraw"} else set()
    named = set(re.findall(r"--[a-z-]+", row))
    assert named <= options
    assert options - named - short <= understood


def test_every_setting_is_documented() -> None:
    """The README's table has exactly the settings that there are, with their meaning."""
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| [^|]* \| (.+) \|$", README, re.MULTILINE))
    assert rows == {one.name: one.metadata["help"] for one in fields(Settings)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_says_what_it_holds(folder: str) -> None:
    """Each top-level folder has a README that names each folder and each file of data in it."""
    text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    held = {
        one.name
        for one in (ROOT / folder).iterdir()
        if one.name[0] not in "._" and one.suffix not in {".py", ".md", ".egg-info"}
    }
    assert {name for name in held if name not in text} == set()


def test_the_picture_of_the_package_has_every_part() -> None:
    """Every package and module is in the README's picture of the layers."""
    text = (ROOT / "server/README.md").read_text(encoding="utf-8")
    picture = set(re.findall(r"\w+", text.split("```")[1]))
    parts = {
        one.stem
        for one in (ROOT / "server/europass_ld").iterdir()
        if one.name[0] != "_" and (one.suffix == ".py" or (one / "__init__.py").is_file())
    }
    assert parts <= picture


def readmes() -> list[Path]:
    """Return all Markdown files of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


@pytest.mark.parametrize("path", readmes(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link in a Markdown file is a file or folder of the project."""
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", readmes(), ids=lambda path: str(path.relative_to(ROOT)))
def test_tables_are_whole(path: Path) -> None:
    """Each table has its line of dashes second: an empty line in it would end it there."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert re.match(r"\|.*\n\|[-| :]+\|\n", table), table.splitlines()[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """Run the demo; return its address and the addresses that it prints."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("demo") / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "europass_ld", "demo", "--port", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/", log)
        yield address, re.findall(r"^  (http\S+)$", log.read_text(), re.MULTILINE)
        process.terminate()
        assert process.wait(30) == 0
        assert "was sent SIG" not in log.read_text(), "a process of the server broke when it ended"


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text())


def test_every_address_that_the_demo_prints_works(demo: tuple[str, list[str]]) -> None:
    """Each answers with content."""
    _, addresses = demo
    assert len(addresses) >= 5
    for address in addresses:
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert len(answer.read()) > 100


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("researcher", "http://data.europa.eu/snb/model/elm/LearningOpportunity,"),
        ("aggregator", "<https://data.koulutustarjonta.example/koulutus/1001> <"),
        ("platform", "Vocational Qualification in Forestry"),
    ],
)
def test_the_first_curl_of_each_group(demo: tuple[str, list[str]], group: str, words: str) -> None:
    """The commands on the README's first screen run as they stand and answer as they say."""
    address, _ = demo
    block = README.partition(f"# {group}:")[2].partition("\n")[2]
    command = re.split(r"\n(?:#|```)", block)[0].replace("http://127.0.0.1:8000", address)
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60
    )
    assert words in done.stdout
