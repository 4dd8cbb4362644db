"""Verifying again what is kept: what changed, and why, in words that quote nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_documents import run
from tests.verify.conftest import World
from tests.verify.pki import NOW

from .making import CANARIES, canary, copied, load, sealed_json

LATER = NOW + timedelta(days=200)


@pytest.fixture(scope="module")
def made(world: World, published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that keeps one sealed and one unsealed credential of Ada's."""
    folder = tmp_path_factory.mktemp("review")
    store = copied(published, folder)
    (folder / "sealed.json").write_bytes(sealed_json(world))
    (folder / "unsealed.json").write_bytes(canary())
    load(store, folder / "sealed.json", "Ada", "--accept", "indeterminate")
    load(store, folder / "unsealed.json", "Ada")
    return store


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it, to change."""
    return copied(made, tmp_path)


def review(store: Path, *options: object, code: int = 1) -> list[dict[str, Any]]:
    """Verify what is stored; return what is said of each, the sealed one first."""
    result = run("verify", "--stored", "--store", store, "--json", *options)
    assert result.exit_code == code, result.output
    assert not [one for one in (*CANARIES, "Ada") if one in result.output]
    said = [json.loads(line) for line in result.stdout.splitlines()]
    return sorted(said, key=lambda one: one["sub_indication"] == "NO_SIGNATURE")


def test_a_new_anchor_changes_the_verdict(store: Path, trust_folder: Path) -> None:
    """With the anchor the seal passes: verdict, answers and reasons are named, beside the old."""
    sealed, unsealed = review(store, "--trust", trust_folder)
    assert (sealed["indication"], sealed["report"]) == ("TOTAL_PASSED", 2)
    changes = {one["what"]: one for one in sealed["changes"]}
    assert changes["verdict"]["before"].startswith("INDETERMINATE/")
    assert changes["verdict"]["after"] == "TOTAL_PASSED"
    assert "whole" in changes["verdict"]["why"]
    assert changes["seal"]["after"] == "yes"
    assert changes["anchor"]["before"] is None
    assert (unsealed["sub_indication"], unsealed["changes"]) == ("NO_SIGNATURE", [])


def test_nothing_new_is_dated_again(store: Path, trust_folder: Path) -> None:
    """The same result takes the place of the last: one report, since when it holds, no change."""
    first, _ = review(store, "--trust", trust_folder)
    again, other = review(store, "--trust", trust_folder, "--at", LATER.isoformat())
    assert (again["report"], again["since"], again["changes"]) == (2, first["since"], [])
    assert (other["report"], other["changes"]) == (1, [])


def test_that_time_goes_by_is_no_change(store: Path) -> None:
    """A verdict that names the day it was made on is the same a week later: no new report."""
    first, _ = review(store, "--at", LATER.isoformat())
    assert first["indication"] == "INDETERMINATE"
    for days in (7, 8):
        moment = (LATER + timedelta(days=days)).isoformat()
        again, _ = review(store, "--at", moment)
        assert (again["report"], again["changes"]) == (first["report"], [])


def test_people_are_told_in_words(store: Path, trust_folder: Path) -> None:
    """Without --json: a line for each credential, its changes below, how many there are."""
    result = run("verify", "--stored", "--store", store, "--trust", trust_folder)
    assert "TOTAL_PASSED, changed" in result.stdout
    assert "  verdict: INDETERMINATE/" in result.stdout
    assert "2 credentials: 1 INDETERMINATE/NO_SIGNATURE, 1 TOTAL_PASSED" in result.stdout
    assert not [one for one in CANARIES if one in result.output]


def test_usage(store: Path, published: Path, tmp_path: Path) -> None:
    """Either files or what is stored; without a private store there is nothing to verify again."""
    assert run("verify", "--stored", tmp_path / "a.json", "--store", store).exit_code == 2
    assert run("verify").exit_code == 2
    assert run("verify", "--stored").exit_code == 2
    result = run("verify", "--stored", "--store", published)
    assert result.exit_code == 2
    assert "no credential is kept here" in result.stderr
